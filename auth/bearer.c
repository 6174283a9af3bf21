#include "auth/bearer.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static const char prefix[] = "lockstep_";
#define PREFIX_BYTES (sizeof(prefix) - 1)
#define BASE64_BYTES 43

_Static_assert(PREFIX_BYTES + BASE64_BYTES + 1 == BEARER_DEVICE_BYTES, "a device token and its NUL");

struct fingerprint bearer_fingerprint(const char *token, size_t len)
{
	struct fingerprint made;
	if (!EVP_Digest(token, len, made.bytes, NULL, EVP_sha256(), NULL))
		abort();
	return made;
}

bool bearer_is_device(const char *token, size_t len)
{
	return len == BEARER_DEVICE_BYTES - 1 && memcmp(token, prefix, PREFIX_BYTES) == 0;
}

void bearer_make_device(const unsigned char random[BEARER_RANDOM_BYTES], char ret[BEARER_DEVICE_BYTES])
{
	unsigned char padded[BASE64_BYTES + 2]; /* one "=" and a NUL */
	EVP_EncodeBlock(padded, random, BEARER_RANDOM_BYTES);
	for (int i = 0; i < BASE64_BYTES; i++)
		padded[i] = padded[i] == '+' ? '-' : padded[i] == '/' ? '_' : padded[i];
	memcpy(ret, prefix, PREFIX_BYTES);
	memcpy(ret + PREFIX_BYTES, padded, BASE64_BYTES);
	ret[BEARER_DEVICE_BYTES - 1] = '\0';
}
