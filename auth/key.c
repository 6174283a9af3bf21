#include "auth/key.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* r and s each. */
#define ES256_HALF 32

/* What an algorithm asks of its key. All are over SHA-256. */
struct algorithm {
	const char *name;
	const char *type;  /* OpenSSL's name of the kind of key */
	const char *group; /* of an EC key */
	int min_bits;
};
static const struct algorithm algorithms[] = {
	{.name = "ES256", .type = "EC", .group = "prime256v1", .min_bits = 256},
	{.name = "RS256", .type = "RSA", .min_bits = 2048},
};

struct key {
	char *kid;
	const struct algorithm *algorithm;
	EVP_PKEY *pkey; /* parsed once: reading a key costs ten times a check */
};

static const struct algorithm *find_algorithm(const char *name)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		if (strcmp(algorithms[i].name, name) == 0)
			return &algorithms[i];
	}
	return NULL;
}

static bool algorithm_fits(const struct algorithm *algorithm, const EVP_PKEY *pkey)
{
	if (!EVP_PKEY_is_a(pkey, algorithm->type) || EVP_PKEY_get_bits(pkey) < algorithm->min_bits)
		return false;
	char group[32];
	size_t len;
	return !algorithm->group || (EVP_PKEY_get_group_name(pkey, group, sizeof(group), &len) &&
					    strcmp(group, algorithm->group) == 0);
}

enum err key_create(
	const char *kid, const char *alg, EVP_PKEY *pkey, struct key **ret, struct refusal *ret_why)
{
	const struct algorithm *algorithm = find_algorithm(alg);
	if (!algorithm)
		return refuse(ret_why, ERR_BAD_REQUEST, "alg", "no such algorithm");
	if (!algorithm_fits(algorithm, pkey))
		return refuse(ret_why, ERR_BAD_REQUEST, "alg", "the key does not fit %s", algorithm->name);
	struct key *key = calloc(1, sizeof(*key));
	if (!key || !(key->kid = strdup(kid)) || !EVP_PKEY_up_ref(pkey))
		abort();
	key->algorithm = algorithm;
	key->pkey = pkey;
	*ret = key;
	return OK;
}

void key_destroy(struct key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey);
	free(key->kid);
	free(key);
}

const char *key_id(const struct key *key)
{
	return key->kid;
}

/* JWS writes r and s side by side, OpenSSL reads them as DER. 0 when it has another length. */
static size_t ecdsa_to_der(const unsigned char *raw, size_t len, unsigned char **ret)
{
	if (len != 2 * ES256_HALF)
		return 0;
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(raw, ES256_HALF, NULL);
	BIGNUM *s = BN_bin2bn(raw + ES256_HALF, ES256_HALF, NULL);
	if (!pair || !r || !s || !ECDSA_SIG_set0(pair, r, s))
		abort();
	int der_len = i2d_ECDSA_SIG(pair, ret);
	ECDSA_SIG_free(pair);
	return der_len > 0 ? (size_t)der_len : 0;
}

static bool digest_verify(
	EVP_PKEY *pkey, const char *bytes, size_t len, const unsigned char *signature, size_t signature_len)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	if (!context)
		abort();
	bool ok = EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, pkey) == 1 &&
		  EVP_DigestVerify(context, signature, signature_len, (const unsigned char *)bytes, len) == 1;
	EVP_MD_CTX_free(context);
	/* What a bad signature leaves in the thread's queue would be taken for a TLS connection's error. */
	ERR_clear_error();
	return ok;
}

bool key_verify(const struct key *key, const char *alg, const char *bytes, size_t len, const char *signature,
	size_t signature_len)
{
	if (strcmp(alg, key->algorithm->name) != 0)
		return false;
	const unsigned char *raw = (const unsigned char *)signature;
	if (!key->algorithm->group)
		return digest_verify(key->pkey, bytes, len, raw, signature_len);
	unsigned char *der = NULL;
	size_t der_len = ecdsa_to_der(raw, signature_len, &der);
	bool ok = der_len && digest_verify(key->pkey, bytes, len, der, der_len);
	OPENSSL_free(der);
	return ok;
}
