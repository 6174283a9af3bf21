/* Any bytes as a document of keys: nothing crashes, what comes out keeps its promises, and no key takes a
 * signature that nobody made. */
#include "auth/key.h"
#include "auth/keyset.h"

#include <openssl/err.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* Bytes that are no signature, in the lengths that signatures have. Not zeros: of the few Ed25519 keys of
 * small order, which say nothing false of themselves, some take them. */
static void try_signatures(const struct key *key)
{
	static const char *const algorithms[] = {"RS256", "PS256", "ES256", "EdDSA", "none", ""};
	static const size_t lengths[] = {0, 32, 64, 256, 512, 1024};
	char signature[1024];
	for (int fill = 0; fill < 2; fill++) {
		memset(signature, fill ? 0xff : 0x5a, sizeof(signature));
		for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
			for (size_t j = 0; j < sizeof(lengths) / sizeof(lengths[0]); j++)
				check(!key_verify(key, algorithms[i], "a.b", 3, signature, lengths[j]));
		}
	}
}

static void look_at(struct key *const *keys, size_t count)
{
	check(keys && count >= 1 && count <= KEYSET_KEYS_MAX);
	for (size_t i = 0; i < count; i++) {
		check(keys[i] && key_id(keys[i]));
		for (size_t j = 0; j < i; j++)
			check(strcmp(key_id(keys[i]), key_id(keys[j])) != 0);
	}
	/* The others are of the same making, and RSA takes its time. */
	try_signatures(keys[0]);
	try_signatures(keys[count - 1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct key **keys = NULL;
	size_t count = 0;
	struct refusal why = {0};
	enum err err = keyset_read((const char *)data, size, &keys, &count, &why);
	check(why.code == err && ERR_peek_error() == 0);
	if (err) {
		check(err == ERR_BAD_REQUEST && why.message[0] && !keys && !count);
		return 0;
	}
	look_at(keys, count);
	for (size_t i = 0; i < count; i++)
		key_destroy(keys[i]);
	free(keys);
	return 0;
}
