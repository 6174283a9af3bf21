#include "auth/keyset.h"

#include "auth/jwk.h"
#include "auth/key.h"
#include "protocol/json.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

struct set {
	struct key *keys[KEYSET_KEYS_MAX];
	size_t count;
};

/* --- a certificate --- */

/* The first one in the text. The reader for certificates would ask the terminal for a password. */
static X509 *read_pem(const char *pem)
{
	char *name = NULL, *header = NULL;
	unsigned char *bytes = NULL;
	long len = 0;
	X509 *certificate = NULL;
	BIO *bio = BIO_new_mem_buf(pem, -1);
	if (!bio)
		abort();
	if (PEM_read_bio(bio, &name, &header, &bytes, &len) && strcmp(name, "CERTIFICATE") == 0 && !*header) {
		const unsigned char *end = bytes;
		certificate = d2i_X509(NULL, &end, len);
		if (certificate && end != bytes + len) {
			X509_free(certificate);
			certificate = NULL;
		}
	}
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(bytes);
	BIO_free(bio);
	return certificate;
}

/* A certificate whose key usage says nothing of signatures is for something else; without one it is for all.
 * Who issued it, and until when it counts, is no matter: the document vouches for it. */
static EVP_PKEY *read_certificate_key(const char *pem)
{
	X509 *certificate = read_pem(pem);
	EVP_PKEY *pkey = certificate && (X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE)
				 ? X509_get_pubkey(certificate)
				 : NULL;
	X509_free(certificate);
	return pkey;
}

static struct key *read_certificate(const cJSON *entry)
{
	/* What a certificate's key is for by its kind. */
	static const char *const algorithms[] = {"RS256", "ES256", "EdDSA"};
	const char *pem = cJSON_GetStringValue(entry);
	EVP_PKEY *pkey = pem ? read_certificate_key(pem) : NULL;
	struct key *key = NULL;
	struct refusal why;
	for (size_t i = 0; pkey && i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		if (!key_create(entry->string, algorithms[i], pkey, &key, &why))
			break;
	}
	EVP_PKEY_free(pkey);
	return key;
}

/* --- the document --- */

/* Takes the key over. */
static enum err add(struct set *set, struct key *key, struct refusal *ret_why)
{
	enum err err = OK;
	for (size_t i = 0; i < set->count && !err; i++) {
		if (strcmp(key_id(set->keys[i]), key_id(key)) == 0)
			err = refuse(ret_why, ERR_BAD_REQUEST, NULL, "two keys of one name");
	}
	assert(set->count < KEYSET_KEYS_MAX);
	if (err)
		key_destroy(key);
	else
		set->keys[set->count++] = key;
	return err;
}

/* The count is looked at first, because reading a key may take 50 us, be it none in the end. */
static enum err read_entries(const cJSON *entries, struct key *(*read)(const cJSON *entry), struct set *set,
	struct refusal *ret_why)
{
	if (cJSON_GetArraySize(entries) > KEYSET_KEYS_MAX)
		return refuse(ret_why, ERR_BAD_REQUEST, NULL, "more than %d keys", KEYSET_KEYS_MAX);
	enum err err = OK;
	for (const cJSON *entry = entries->child; entry && !err; entry = entry->next) {
		struct key *key = read(entry);
		if (key)
			err = add(set, key, ret_why);
	}
	if (!err && set->count == 0)
		err = refuse(ret_why, ERR_BAD_REQUEST, NULL, "no key that can be used");
	return err;
}

static enum err read_document(const cJSON *document, struct set *set, struct refusal *ret_why)
{
	if (!cJSON_IsObject(document))
		return refuse(ret_why, ERR_BAD_REQUEST, NULL, "neither a JWK set nor a map of certificates");
	const cJSON *keys = json_get(document, "keys");
	return cJSON_IsArray(keys) ? read_entries(keys, jwk_read, set, ret_why)
				   : read_entries(document, read_certificate, set, ret_why);
}

static enum err parse(const char *text, size_t len, cJSON **ret, struct refusal *ret_why)
{
	struct refusal why;
	if (len > KEYSET_BYTES_MAX)
		return refuse(ret_why, ERR_BAD_REQUEST, NULL, "more than %d bytes", KEYSET_BYTES_MAX);
	if (json_parse(text, len, ret, &why))
		return refuse(ret_why, ERR_BAD_REQUEST, NULL, "not JSON: %s", why.message);
	return OK;
}

static struct key **copy_keys(const struct set *set)
{
	struct key **keys = calloc(set->count, sizeof(struct key *));
	if (!keys)
		abort();
	for (size_t i = 0; i < set->count; i++)
		keys[i] = set->keys[i];
	return keys;
}

enum err keyset_read(
	const char *text, size_t len, struct key ***ret_keys, size_t *ret_count, struct refusal *ret_why)
{
	JSON_AUTO *document = NULL;
	struct set set = {.count = 0};
	enum err err = parse(text, len, &document, ret_why);
	if (!err)
		err = read_document(document, &set, ret_why);
	/* What a broken key leaves in the thread's queue would be taken for a TLS connection's error. */
	ERR_clear_error();
	if (err) {
		for (size_t i = 0; i < set.count; i++)
			key_destroy(set.keys[i]);
		return err;
	}
	*ret_keys = copy_keys(&set);
	*ret_count = set.count;
	return OK;
}
