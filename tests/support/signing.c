#include "tests/support/signing.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void must(bool ok)
{
	if (!ok)
		abort();
}

void signing_append_base64(struct text *out, const void *bytes, size_t len)
{
	unsigned char *encoded = malloc(len * 4 / 3 + 8);
	must(encoded);
	EVP_EncodeBlock(encoded, bytes, (int)len);
	for (unsigned char *at = encoded; *at && *at != '='; at++)
		text_append(out, *at == '+' ? "-" : *at == '/' ? "_" : (char *)at, 1);
	free(encoded);
}

void signing_append_parts(struct text *out, const char *header, const char *payload)
{
	signing_append_base64(out, header, strlen(header));
	text_append_string(out, ".");
	signing_append_base64(out, payload, strlen(payload));
}

/* OpenSSL writes r and s as DER. */
static size_t der_to_raw(unsigned char *bytes, size_t len)
{
	const unsigned char *der = bytes;
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)len);
	must(pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair), bytes, 32) == 32 &&
		BN_bn2binpad(ECDSA_SIG_get0_s(pair), bytes + 32, 32) == 32);
	ECDSA_SIG_free(pair);
	return 64;
}

size_t signing_sign(
	EVP_PKEY *pkey, int salt, const void *bytes, size_t len, unsigned char ret[SIGNING_BYTES_MAX])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *settings;
	size_t signature_len = SIGNING_BYTES_MAX;
	const EVP_MD *digest = EVP_PKEY_is_a(pkey, "ED25519") ? NULL : EVP_sha256();
	must(context && EVP_DigestSignInit(context, &settings, digest, NULL, pkey) == 1);
	if (EVP_PKEY_is_a(pkey, "RSA") && salt >= 0)
		must(EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1 &&
			EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, salt) == 1);
	must(EVP_DigestSign(context, ret, &signature_len, bytes, len) == 1);
	EVP_MD_CTX_free(context);
	return EVP_PKEY_is_a(pkey, "EC") ? der_to_raw(ret, signature_len) : signature_len;
}

void signing_append(struct text *out, EVP_PKEY *pkey, int salt)
{
	unsigned char signature[SIGNING_BYTES_MAX];
	size_t len = signing_sign(pkey, salt, out->data, out->len, signature);
	text_append_string(out, ".");
	signing_append_base64(out, signature, len);
}

struct text signing_token(const char *header, const char *payload, EVP_PKEY *pkey, int salt)
{
	struct text token = {0};
	signing_append_parts(&token, header, payload);
	signing_append(&token, pkey, salt);
	return token;
}
