/* auth/key: each algorithm by its RFC's own example, and the signatures and keys that none of them takes. */
#include "auth/base64.h"
#include "auth/key.h"
#include "tests/support/signing.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define MESSAGE "what is signed"

static struct {
	EVP_PKEY *ec, *rsa, *ed;
} world;

static int set_up(void **state)
{
	(void)state;
	world.ec = EVP_EC_gen("P-256");
	world.rsa = EVP_RSA_gen(2048);
	world.ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	return world.ec && world.rsa && world.ed ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	EVP_PKEY_free(world.ec);
	EVP_PKEY_free(world.rsa);
	EVP_PKEY_free(world.ed);
	return 0;
}

static struct key *make_key(const char *alg, EVP_PKEY *pkey)
{
	struct key *key = NULL;
	struct refusal why;
	assert_int_equal(key_create("k", alg, pkey, &key, &why), OK);
	assert_string_equal(key_id(key), "k");
	return key;
}

/* A copy of exactly that length, so that the sanitizer sees a read beyond it. */
static bool holds(const struct key *key, const char *alg, const unsigned char *signature, size_t len)
{
	char *copy = malloc(len ? len : 1);
	if (len)
		memcpy(copy, signature, len);
	bool ok = key_verify(key, alg, MESSAGE, strlen(MESSAGE), copy, len);
	free(copy);
	/* An error left in the queue would be taken for a TLS connection's. */
	assert_int_equal(ERR_peek_error(), 0);
	return ok;
}

static bool signed_by(const struct key *key, const char *alg, EVP_PKEY *pkey, int salt)
{
	unsigned char signature[SIGNING_BYTES_MAX];
	size_t len = signing_sign(pkey, salt, MESSAGE, strlen(MESSAGE), signature);
	return holds(key, alg, signature, len);
}

/* --- the examples of the RFCs --- */

static EVP_PKEY *make_pkey(const char *type, OSSL_PARAM *params)
{
	EVP_PKEY *pkey = NULL;
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
	assert_int_equal(EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, params), 1);
	EVP_PKEY_CTX_free(context);
	return pkey;
}

static EVP_PKEY *make_rsa(const BIGNUM *modulus, const BIGNUM *exponent)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY *pkey = make_pkey("RSA", params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	return pkey;
}

static struct text decode(const char *digits)
{
	struct text bytes = {0};
	assert_true(base64_decode(digits, strlen(digits), &bytes));
	return bytes;
}

/* Verifies header.payload.signature, and that each bit of the signature counts. */
static void check_example(const char *alg, EVP_PKEY *pkey, const char *token)
{
	const char *dot = strrchr(token, '.');
	size_t signed_len = (size_t)(dot - token);
	TEXT_AUTO signature = decode(dot + 1);
	struct key *key = make_key(alg, pkey);
	assert_true(key_verify(key, alg, token, signed_len, signature.data, signature.len));
	assert_false(key_verify(key, alg, token, signed_len - 1, signature.data, signature.len));
	for (size_t bit = 0; bit < signature.len * 8; bit++) {
		signature.data[bit / 8] ^= (char)(1u << bit % 8);
		assert_false(key_verify(key, alg, token, signed_len, signature.data, signature.len));
		signature.data[bit / 8] ^= (char)(1u << bit % 8);
	}
	key_destroy(key);
	EVP_PKEY_free(pkey);
}

/* RFC 7515, appendix A.2. */
static void test_rfc_7515_rs256(void **state)
{
	(void)state;
	TEXT_AUTO bytes = decode(
		"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt"
		"0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSX"
		"ndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5"
		"IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ");
	BIGNUM *modulus = BN_bin2bn((unsigned char *)bytes.data, (int)bytes.len, NULL);
	BIGNUM *exponent = BN_bin2bn((const unsigned char *)"\1\0\1", 3, NULL);
	check_example("RS256", make_rsa(modulus, exponent),
		"eyJhbGciOiJSUzI1NiJ9."
		"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
		"fQ."
		"cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5"
		"jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb"
		"1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QO"
		"YEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw");
	BN_free(modulus);
	BN_free(exponent);
}

/* RFC 7515, appendix A.3. */
static void test_rfc_7515_es256(void **state)
{
	(void)state;
	TEXT_AUTO x = decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
	TEXT_AUTO y = decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
	unsigned char point[65] = {4};
	assert_true(x.len == 32 && y.len == 32);
	memcpy(point + 1, x.data, 32);
	memcpy(point + 33, y.data, 32);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char[]){"P-256"}, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
		OSSL_PARAM_construct_end(),
	};
	check_example("ES256", make_pkey("EC", params),
		"eyJhbGciOiJFUzI1NiJ9."
		"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
		"fQ."
		"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
}

/* RFC 8037, appendix A.4. */
static void test_rfc_8037_eddsa(void **state)
{
	(void)state;
	TEXT_AUTO x = decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, x.data, x.len),
		OSSL_PARAM_construct_end(),
	};
	check_example("EdDSA", make_pkey("ED25519", params),
		"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
		"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
}

/* --- signatures --- */

static void test_each_algorithm(void **state)
{
	(void)state;
	const struct {
		const char *alg;
		EVP_PKEY *pkey;
		int salt;
	} rows[] = {{"ES256", world.ec, SIGNING_PKCS1}, {"RS256", world.rsa, SIGNING_PKCS1},
		{"PS256", world.rsa, SIGNING_PSS_SHA256}, {"EdDSA", world.ed, SIGNING_PKCS1}};
	for (size_t made = 0; made < COUNT(rows); made++) {
		struct key *key = make_key(rows[made].alg, rows[made].pkey);
		for (size_t given = 0; given < COUNT(rows); given++) {
			/* Whoever signed, and whatever the token calls it, both have to be the key's. */
			for (size_t named = 0; named < COUNT(rows); named++)
				assert_int_equal(
					signed_by(key, rows[named].alg, rows[given].pkey, rows[given].salt),
					made == given && made == named);
		}
		key_destroy(key);
	}
}

static void test_names_are_exact(void **state)
{
	(void)state;
	struct key *key = make_key("PS256", world.rsa);
	static const char *const names[] = {
		"", "ps256", "PS256 ", "PS25", "PS2567", "PS384", "none", "HS256"};
	for (size_t i = 0; i < COUNT(names); i++)
		assert_false(signed_by(key, names[i], world.rsa, SIGNING_PSS_SHA256));
	key_destroy(key);
}

static void test_pss_salt(void **state)
{
	(void)state;
	struct key *key = make_key("PS256", world.rsa);
	/* 222 is the longest that 2048 bits have room for, and what OpenSSL takes when not told. */
	static const int salts[] = {0, 1, 20, 31, 33, 48, 64, 222};
	assert_true(signed_by(key, "PS256", world.rsa, 32));
	for (size_t i = 0; i < COUNT(salts); i++)
		assert_false(signed_by(key, "PS256", world.rsa, salts[i]));
	key_destroy(key);
}

static size_t sign_pss(const EVP_MD *digest, const EVP_MD *mask, unsigned char ret[SIGNING_BYTES_MAX])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *settings;
	size_t len = SIGNING_BYTES_MAX;
	assert_int_equal(EVP_DigestSignInit(context, &settings, digest, NULL, world.rsa), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, SIGNING_PSS_SHA256), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(settings, mask), 1);
	assert_int_equal(
		EVP_DigestSign(context, ret, &len, (const unsigned char *)MESSAGE, strlen(MESSAGE)), 1);
	EVP_MD_CTX_free(context);
	return len;
}

static void test_pss_digests(void **state)
{
	(void)state;
	struct key *key = make_key("PS256", world.rsa);
	const EVP_MD *digests[] = {EVP_sha256(), EVP_sha1(), EVP_sha384(), EVP_sha512()};
	for (size_t digest = 0; digest < COUNT(digests); digest++) {
		for (size_t mask = 0; mask < COUNT(digests); mask++) {
			unsigned char signature[SIGNING_BYTES_MAX];
			size_t len = sign_pss(digests[digest], digests[mask], signature);
			assert_int_equal(holds(key, "PS256", signature, len), digest == 0 && mask == 0);
		}
	}
	key_destroy(key);
}

/* Every length but its own, cut or grown. */
static void test_signature_lengths(void **state)
{
	(void)state;
	const struct {
		const char *alg;
		EVP_PKEY *pkey;
		int salt;
		size_t len;
	} rows[] = {{"ES256", world.ec, SIGNING_PKCS1, 64}, {"RS256", world.rsa, SIGNING_PKCS1, 256},
		{"PS256", world.rsa, SIGNING_PSS_SHA256, 256}, {"EdDSA", world.ed, SIGNING_PKCS1, 64}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned char signature[SIGNING_BYTES_MAX] = {0};
		struct key *key = make_key(rows[i].alg, rows[i].pkey);
		size_t len = signing_sign(rows[i].pkey, rows[i].salt, MESSAGE, strlen(MESSAGE), signature);
		assert_int_equal(len, rows[i].len);
		for (size_t given = 0; given < 2 * len; given++)
			assert_int_equal(holds(key, rows[i].alg, signature, given), given == len);
		key_destroy(key);
	}
}

/* RFC 8017: a signature has as many bytes as the modulus, be the first of them zero. One in 256 begins so. */
static void test_leading_zero(void **state)
{
	(void)state;
	struct key *key = make_key("PS256", world.rsa);
	unsigned char signature[SIGNING_BYTES_MAX + 1] = {0};
	do
		signing_sign(world.rsa, SIGNING_PSS_SHA256, MESSAGE, strlen(MESSAGE), signature + 1);
	while (signature[1] != 0);
	assert_true(holds(key, "PS256", signature + 1, 256));
	assert_false(holds(key, "PS256", signature + 2, 255));
	assert_false(holds(key, "PS256", signature, 257));
	key_destroy(key);
}

/* --- keys --- */

static void expect_no_key(const char *alg, EVP_PKEY *pkey)
{
	struct key *key = NULL;
	struct refusal why;
	assert_int_equal(key_create("k", alg, pkey, &key, &why), ERR_BAD_REQUEST);
	assert_string_equal(why.field, "alg");
	assert_null(key);
}

static void test_keys_fit_their_algorithm(void **state)
{
	(void)state;
	EVP_PKEY *const strangers[] = {EVP_EC_gen("secp256k1"), EVP_EC_gen("P-384"), EVP_RSA_gen(1024),
		EVP_PKEY_Q_keygen(NULL, NULL, "ED448"), EVP_PKEY_Q_keygen(NULL, NULL, "X25519")};
	const struct {
		const char *alg;
		EVP_PKEY *pkey;
	} rows[] = {{"ES256", world.ec}, {"RS256", world.rsa}, {"PS256", world.rsa}, {"EdDSA", world.ed}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t other = 0; other < COUNT(strangers); other++)
			expect_no_key(rows[i].alg, strangers[other]);
		for (size_t other = 0; other < COUNT(rows); other++) {
			if (rows[other].pkey != rows[i].pkey)
				expect_no_key(rows[i].alg, rows[other].pkey);
		}
	}
	static const char *const names[] = {
		"", "none", "HS256", "RS512", "ES384", "ES256K", "PS512", "Ed25519", "eddsa", "rs256"};
	for (size_t i = 0; i < COUNT(names) * COUNT(rows); i++)
		expect_no_key(names[i / COUNT(rows)], rows[i % COUNT(rows)].pkey);
	for (size_t i = 0; i < COUNT(strangers); i++)
		EVP_PKEY_free(strangers[i]);
	key_destroy(NULL);
}

/* An RSA key of 2^bits + low for a modulus: no product of two primes, but nothing looks for them. */
static EVP_PKEY *make_odd_rsa(int bits, unsigned long low, const char *exponent_hex)
{
	BIGNUM *modulus = BN_new(), *exponent = NULL;
	BN_set_bit(modulus, bits - 1);
	BN_add_word(modulus, low);
	BN_hex2bn(&exponent, exponent_hex);
	EVP_PKEY *pkey = make_rsa(modulus, exponent);
	BN_free(modulus);
	BN_free(exponent);
	return pkey;
}

static void test_rsa_bounds(void **state)
{
	(void)state;
	static const struct {
		int bits;
		unsigned long low;
		const char *exponent;
		bool fits;
	} rows[] = {{2048, 1, "10001", true}, {2047, 1, "10001", false}, {8192, 1, "10001", true},
		{8193, 1, "10001", false}, {16384, 1, "10001", false}, {4096, 1, "3", true},
		{2048, 1, "ffffffff", true}, {2048, 1, "100000001", false}, {2048, 1, "100000000", false},
		{2048, 1, "1", false}, {2048, 1, "2", false}, {2048, 1, "10000", false},
		{2048, 0, "10001", false}, {2048, 2, "10001", false},
		{2048, 1, "ffffffffffffffffffffffffffffffffffffffffffffffff", false}};
	for (size_t i = 0; i < COUNT(rows) * 2; i++) {
		const char *alg = i % 2 ? "PS256" : "RS256";
		EVP_PKEY *pkey = make_odd_rsa(rows[i / 2].bits, rows[i / 2].low, rows[i / 2].exponent);
		if (rows[i / 2].fits)
			key_destroy(make_key(alg, pkey));
		else
			expect_no_key(alg, pkey);
		EVP_PKEY_free(pkey);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc_7515_rs256),
		cmocka_unit_test(test_rfc_7515_es256),
		cmocka_unit_test(test_rfc_8037_eddsa),
		cmocka_unit_test(test_each_algorithm),
		cmocka_unit_test(test_names_are_exact),
		cmocka_unit_test(test_pss_salt),
		cmocka_unit_test(test_pss_digests),
		cmocka_unit_test(test_signature_lengths),
		cmocka_unit_test(test_leading_zero),
		cmocka_unit_test(test_keys_fit_their_algorithm),
		cmocka_unit_test(test_rsa_bounds),
	};
	return cmocka_run_group_tests_name("key", tests, set_up, tear_down);
}
