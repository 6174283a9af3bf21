#include "auth/key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

/* r and s each. */
#define ES256_HALF 32

/* An RSA key from the size that is still safe up to where a check takes as long as a hundred. */
#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 8192
/* Of an RSA key's exponent; a long one is no safer, and each bit costs. */
#define RSA_EXPONENT_BITS 32

/* What an algorithm asks of its key, and how it signs. */
struct algorithm {
	const char *name;
	const char *type;  /* OpenSSL's name of the kind of key */
	const char *group; /* of an EC key */
	bool rsa, pss;
	const EVP_MD *(*digest)(void); /* NULL when the kind of key has its own */
};
static const struct algorithm algorithms[] = {
	{.name = "ES256", .type = "EC", .group = "prime256v1", .digest = EVP_sha256},
	{.name = "RS256", .type = "RSA", .rsa = true, .digest = EVP_sha256},
	{.name = "PS256", .type = "RSA", .rsa = true, .pss = true, .digest = EVP_sha256},
	{.name = "EdDSA", .type = "ED25519"},
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

static bool group_fits(const EVP_PKEY *pkey, const char *wanted)
{
	char group[32];
	size_t len;
	return EVP_PKEY_get_group_name(pkey, group, sizeof(group), &len) && strcmp(group, wanted) == 0;
}

/* OpenSSL takes any two numbers for an RSA key, be it one whose signatures anybody can make. */
static bool rsa_fits(const EVP_PKEY *pkey)
{
	BIGNUM *modulus = NULL, *exponent = NULL;
	if (!EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &modulus) ||
		!EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &exponent))
		abort();
	int bits = BN_num_bits(modulus);
	bool ok = bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX && BN_is_odd(modulus) && BN_is_odd(exponent) &&
		  !BN_is_one(exponent) && BN_num_bits(exponent) <= RSA_EXPONENT_BITS;
	BN_free(modulus);
	BN_free(exponent);
	return ok;
}

static bool algorithm_fits(const struct algorithm *algorithm, const EVP_PKEY *pkey)
{
	return EVP_PKEY_is_a(pkey, algorithm->type) &&
	       (!algorithm->group || group_fits(pkey, algorithm->group)) &&
	       (!algorithm->rsa || rsa_fits(pkey));
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

/* The salt is as long as the digest, as RFC 7518 asks; OpenSSL would take any length. MGF1 is over the same
 * digest unless it is told another. */
static bool use_pss(EVP_PKEY_CTX *settings)
{
	return EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static bool digest_verify(const struct key *key, const char *bytes, size_t len,
	const unsigned char *signature, size_t signature_len)
{
	const struct algorithm *algorithm = key->algorithm;
	const EVP_MD *digest = algorithm->digest ? algorithm->digest() : NULL;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *settings; /* the context's */
	if (!context)
		abort();
	bool ok = EVP_DigestVerifyInit(context, &settings, digest, NULL, key->pkey) == 1 &&
		  (!algorithm->pss || use_pss(settings)) &&
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
	/* OpenSSL reads a shorter PSS signature as one that begins with zeros: a second spelling of it. */
	if (!key->algorithm->group)
		return signature_len == (size_t)EVP_PKEY_get_size(key->pkey) &&
		       digest_verify(key, bytes, len, raw, signature_len);
	unsigned char *der = NULL;
	size_t der_len = ecdsa_to_der(raw, signature_len, &der);
	bool ok = der_len && digest_verify(key, bytes, len, der, der_len);
	OPENSSL_free(der);
	return ok;
}
