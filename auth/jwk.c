#include "auth/jwk.h"

#include "auth/base64.h"
#include "auth/key.h"
#include "protocol/json.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>

/* A number of 8192 bits, and the zero byte that some write before it against the letter of RFC 7518. */
#define NUMBER_BYTES_MAX 1025
/* A coordinate on P-256, and an Ed25519 key. */
#define FIELD_BYTES 32

/* Appends what a member's base64url carries. */
static bool read_bytes(const cJSON *jwk, const char *name, struct text *out)
{
	const char *digits = cJSON_GetStringValue(json_get(jwk, name));
	return digits && base64_decode(digits, strlen(digits), out);
}

/* The caller's to free; NULL when there is none. */
static BIGNUM *read_number(const cJSON *jwk, const char *name)
{
	TEXT_AUTO bytes = {0};
	if (!read_bytes(jwk, name, &bytes) || bytes.len > NUMBER_BYTES_MAX)
		return NULL;
	return BN_bin2bn((unsigned char *)bytes.data, (int)bytes.len, NULL);
}

static EVP_PKEY *make_pkey(const char *type, OSSL_PARAM *params)
{
	EVP_PKEY *pkey = NULL;
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	if (!context || EVP_PKEY_fromdata_init(context) != 1)
		abort();
	if (EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(context);
	return pkey;
}

static EVP_PKEY *make_rsa(const BIGNUM *modulus, const BIGNUM *exponent)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	if (!build || !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) ||
		!OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent))
		abort();
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	if (!params)
		abort();
	EVP_PKEY *pkey = make_pkey("RSA", params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	return pkey;
}

static EVP_PKEY *read_rsa(const cJSON *jwk)
{
	BIGNUM *modulus = read_number(jwk, "n");
	BIGNUM *exponent = read_number(jwk, "e");
	EVP_PKEY *pkey = modulus && exponent ? make_rsa(modulus, exponent) : NULL;
	BN_free(modulus);
	BN_free(exponent);
	return pkey;
}

/* OpenSSL refuses a point that isn't on the curve. */
static EVP_PKEY *read_p256(const cJSON *jwk)
{
	TEXT_AUTO point = {0};
	text_append(&point, "\4", 1); /* not compressed: x and y follow */
	if (!read_bytes(jwk, "x", &point) || point.len != 1 + FIELD_BYTES)
		return NULL;
	if (!read_bytes(jwk, "y", &point) || point.len != 1 + 2 * FIELD_BYTES)
		return NULL;
	char group[] = "prime256v1";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data, point.len),
		OSSL_PARAM_construct_end(),
	};
	return make_pkey("EC", params);
}

static EVP_PKEY *read_ed25519(const cJSON *jwk)
{
	TEXT_AUTO bytes = {0};
	if (!read_bytes(jwk, "x", &bytes) || bytes.len != FIELD_BYTES)
		return NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, bytes.data, bytes.len),
		OSSL_PARAM_construct_end(),
	};
	return make_pkey("ED25519", params);
}

static const struct kind {
	const char *kty;
	const char *crv; /* NULL: has none */
	const char *alg; /* what such a key is for when nothing says so */
	EVP_PKEY *(*read)(const cJSON *jwk);
} kinds[] = {
	{"RSA", NULL, "RS256", read_rsa},
	{"EC", "P-256", "ES256", read_p256},
	{"OKP", "Ed25519", "EdDSA", read_ed25519},
};

static bool says(const cJSON *jwk, const char *name, const char *value)
{
	const char *string = cJSON_GetStringValue(json_get(jwk, name));
	return string && strcmp(string, value) == 0;
}

static const struct kind *find_kind(const cJSON *jwk)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (says(jwk, "kty", kinds[i].kty) && (!kinds[i].crv || says(jwk, "crv", kinds[i].crv)))
			return &kinds[i];
	}
	return NULL;
}

/* Whoever publishes his private key, or a secret, has lost it. */
static bool is_public(const cJSON *jwk)
{
	static const char *const private[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
	for (size_t i = 0; i < sizeof(private) / sizeof(private[0]); i++) {
		if (json_get(jwk, private[i]))
			return false;
	}
	return true;
}

static bool is_for_signatures(const cJSON *jwk)
{
	if (json_get(jwk, "use") && !says(jwk, "use", "sig"))
		return false;
	const cJSON *operations = json_get(jwk, "key_ops");
	if (!operations)
		return true;
	bool verify = false;
	const cJSON *operation;
	cJSON_ArrayForEach (operation, operations) {
		const char *name = cJSON_GetStringValue(operation);
		verify = verify || (name && strcmp(name, "verify") == 0);
	}
	return verify && cJSON_IsArray(operations);
}

struct key *jwk_read(const cJSON *jwk)
{
	const char *kid = cJSON_GetStringValue(json_get(jwk, "kid"));
	const struct kind *kind = find_kind(jwk);
	if (!kid || !kind || !is_public(jwk) || !is_for_signatures(jwk))
		return NULL;
	const cJSON *own = json_get(jwk, "alg");
	const char *alg = own ? cJSON_GetStringValue(own) : kind->alg;
	EVP_PKEY *pkey = alg ? kind->read(jwk) : NULL;
	struct key *key = NULL;
	struct refusal why;
	if (pkey && key_create(kid, alg, pkey, &key, &why))
		key = NULL;
	EVP_PKEY_free(pkey);
	return key;
}
