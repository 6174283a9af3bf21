/* auth/keyset: good documents of both forms, and each way in which a key, or the document, can be none. */
#include "auth/key.h"
#include "auth/keyset.h"
#include "protocol/json.h"
#include "tests/support/signing.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define MESSAGE "what is signed"

/* Members of good JWKs, without a name: of an RSA key, one on P-256, and an Ed25519 one. */
static struct {
	EVP_PKEY *rsa, *ec, *ed;
	struct text rsa_jwk, ec_jwk, ed_jwk;
} world;

/* --- a JWK by hand --- */

static BIGNUM *get_number(const EVP_PKEY *pkey, const char *param)
{
	BIGNUM *number = NULL;
	assert_int_equal(EVP_PKEY_get_bn_param(pkey, param, &number), 1);
	return number;
}

static void append_number(struct text *out, const EVP_PKEY *pkey, const char *param, const char *member)
{
	BIGNUM *number = get_number(pkey, param);
	unsigned char bytes[1024];
	int len = EVP_PKEY_is_a(pkey, "EC") ? BN_bn2binpad(number, bytes, 32) : BN_bn2bin(number, bytes);
	BN_free(number);
	text_append_format(out, ",\"%s\":\"", member);
	signing_append_base64(out, bytes, (size_t)len);
	text_append_string(out, "\"");
}

static struct text rsa_members(const EVP_PKEY *pkey)
{
	struct text jwk = {0};
	text_append_string(&jwk, "\"kty\":\"RSA\"");
	append_number(&jwk, pkey, OSSL_PKEY_PARAM_RSA_N, "n");
	append_number(&jwk, pkey, OSSL_PKEY_PARAM_RSA_E, "e");
	return jwk;
}

static struct text ec_members(const EVP_PKEY *pkey)
{
	struct text jwk = {0};
	text_append_string(&jwk, "\"kty\":\"EC\",\"crv\":\"P-256\"");
	append_number(&jwk, pkey, OSSL_PKEY_PARAM_EC_PUB_X, "x");
	append_number(&jwk, pkey, OSSL_PKEY_PARAM_EC_PUB_Y, "y");
	return jwk;
}

static struct text ed_members(const EVP_PKEY *pkey)
{
	struct text jwk = {0};
	unsigned char bytes[32];
	size_t len = sizeof(bytes);
	assert_int_equal(EVP_PKEY_get_raw_public_key(pkey, bytes, &len), 1);
	text_append_string(&jwk, "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"");
	signing_append_base64(&jwk, bytes, len);
	text_append_string(&jwk, "\"");
	return jwk;
}

static int set_up(void **state)
{
	(void)state;
	world.rsa = EVP_RSA_gen(2048);
	world.ec = EVP_EC_gen("P-256");
	world.ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	world.rsa_jwk = rsa_members(world.rsa);
	world.ec_jwk = ec_members(world.ec);
	world.ed_jwk = ed_members(world.ed);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	text_finish(&world.rsa_jwk);
	text_finish(&world.ec_jwk);
	text_finish(&world.ed_jwk);
	EVP_PKEY_free(world.rsa);
	EVP_PKEY_free(world.ec);
	EVP_PKEY_free(world.ed);
	return 0;
}

/* --- what becomes of a document --- */

struct keyset {
	struct key **keys;
	size_t count;
};

static void finish(struct keyset *set)
{
	for (size_t i = 0; i < set->count; i++)
		key_destroy(set->keys[i]);
	free(set->keys);
}
#define KEYSET_AUTO __attribute__((cleanup(finish))) struct keyset

static enum err try_read(const char *text, size_t len, struct keyset *ret)
{
	/* An exact copy, so that the sanitizer sees a read beyond it. */
	char *copy = malloc(len ? len : 1);
	if (len)
		memcpy(copy, text, len);
	struct refusal why = {0};
	struct key *untouched;
	*ret = (struct keyset){.keys = &untouched, .count = 99};
	enum err err = keyset_read(copy, len, &ret->keys, &ret->count, &why);
	free(copy);
	/* An error left in the queue would be taken for a TLS connection's. */
	assert_int_equal(ERR_peek_error(), 0);
	assert_int_equal(why.code, err);
	if (err) {
		assert_int_equal(err, ERR_BAD_REQUEST);
		assert_true(strlen(why.message) > 0);
		assert_ptr_equal(ret->keys, &untouched);
		assert_int_equal(ret->count, 99);
		*ret = (struct keyset){0};
	}
	return err;
}

static struct keyset read_set(const char *document, size_t count)
{
	struct keyset set;
	if (try_read(document, strlen(document), &set) || set.count != count)
		fail_msg("%zu keys instead of %zu: %.300s", set.count, count, document);
	return set;
}

static void expect_none(const char *document)
{
	struct keyset set;
	if (!try_read(document, strlen(document), &set))
		fail_msg("taken: %.300s", document);
}

/* A set of the JWKs that are given with all their members. */
static struct text set_of(const char *first, const char *second)
{
	struct text document = {0};
	text_append_format(&document, "{\"keys\":[{%s}%s%s%s]}", first, second ? ",{" : "",
		second ? second : "", second ? "}" : "");
	return document;
}

static void expect_left_out(const char *jwk)
{
	TEXT_AUTO good = {0};
	text_append_format(&good, "%s,\"kid\":\"good\"", world.ec_jwk.data);
	TEXT_AUTO alone = set_of(jwk, NULL);
	TEXT_AUTO before = set_of(jwk, good.data);
	TEXT_AUTO behind = set_of(good.data, jwk);
	expect_none(alone.data);
	KEYSET_AUTO one = read_set(before.data, 1);
	assert_string_equal(key_id(one.keys[0]), "good");
	KEYSET_AUTO other = read_set(behind.data, 1);
	assert_string_equal(key_id(other.keys[0]), "good");
}

/* The names of the algorithms that a key, as it was read, takes signatures of the pair by. */
static const char *algorithm_of(const struct key *key, EVP_PKEY *pair)
{
	static const struct {
		const char *alg;
		int salt;
	} rows[] = {{"RS256", SIGNING_PKCS1}, {"PS256", SIGNING_PSS_SHA256}, {"ES256", SIGNING_PKCS1},
		{"EdDSA", SIGNING_PKCS1}};
	const char *found = "none";
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned char signature[SIGNING_BYTES_MAX];
		size_t len = signing_sign(pair, rows[i].salt, MESSAGE, strlen(MESSAGE), signature);
		if (!key_verify(key, rows[i].alg, MESSAGE, strlen(MESSAGE), (char *)signature, len))
			continue;
		assert_string_equal(found, "none");
		found = rows[i].alg;
	}
	return found;
}

static void expect_taken(const char *jwk, EVP_PKEY *pair, const char *alg)
{
	TEXT_AUTO document = set_of(jwk, NULL);
	KEYSET_AUTO set = read_set(document.data, 1);
	assert_string_equal(algorithm_of(set.keys[0], pair), alg);
}

/* --- good keys --- */

static void test_each_kind(void **state)
{
	(void)state;
	const struct {
		const char *members, *more, *alg;
		EVP_PKEY *pair;
	} rows[] = {
		{world.rsa_jwk.data, "", "RS256", world.rsa},
		{world.rsa_jwk.data, ",\"alg\":\"RS256\"", "RS256", world.rsa},
		{world.rsa_jwk.data, ",\"alg\":\"PS256\"", "PS256", world.rsa},
		{world.ec_jwk.data, "", "ES256", world.ec},
		{world.ec_jwk.data, ",\"alg\":\"ES256\"", "ES256", world.ec},
		{world.ed_jwk.data, "", "EdDSA", world.ed},
		{world.ed_jwk.data, ",\"alg\":\"EdDSA\"", "EdDSA", world.ed},
		{world.ec_jwk.data, ",\"use\":\"sig\"", "ES256", world.ec},
		{world.ec_jwk.data, ",\"key_ops\":[\"verify\"]", "ES256", world.ec},
		{world.ec_jwk.data, ",\"key_ops\":[\"encrypt\",\"verify\"],\"use\":\"sig\"", "ES256",
			world.ec},
		{world.rsa_jwk.data, ",\"crv\":1,\"x\":null,\"x5c\":[\"AA\"],\"x5t\":\"\",\"more\":{\"d\":1}",
			"RS256", world.rsa},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		TEXT_AUTO jwk = {0};
		text_append_format(&jwk, "%s,\"kid\":\"k\"%s", rows[i].members, rows[i].more);
		expect_taken(jwk.data, rows[i].pair, rows[i].alg);
	}
}

/* One RSA key under two names is two keys: each takes its own algorithm only. */
static void test_one_pair_two_names(void **state)
{
	(void)state;
	TEXT_AUTO rs = {0};
	TEXT_AUTO ps = {0};
	text_append_format(&rs, "\"kid\":\"rs\",\"alg\":\"RS256\",%s", world.rsa_jwk.data);
	text_append_format(&ps, "\"kid\":\"ps\",\"alg\":\"PS256\",%s", world.rsa_jwk.data);
	TEXT_AUTO document = set_of(rs.data, ps.data);
	KEYSET_AUTO set = read_set(document.data, 2);
	assert_string_equal(key_id(set.keys[0]), "rs");
	assert_string_equal(key_id(set.keys[1]), "ps");
	assert_string_equal(algorithm_of(set.keys[0], world.rsa), "RS256");
	assert_string_equal(algorithm_of(set.keys[1], world.rsa), "PS256");
}

/* RFC 7517, appendix A.1: of its two keys one is for encryption. */
static void test_rfc_7517(void **state)
{
	(void)state;
	KEYSET_AUTO set = read_set(
		"{\"keys\":\n[\n{\"kty\":\"EC\",\n\"crv\":\"P-256\",\n"
		"\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\",\n"
		"\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\",\n\"use\":\"enc\",\n\"kid\":\"1\"},\n"
		"{\"kty\":\"RSA\",\n\"n\": "
		"\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
		"BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_F"
		"DW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4v"
		"MQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw\",\n"
		"\"e\":\"AQAB\",\n\"alg\":\"RS256\",\n\"kid\":\"2011-04-29\"}\n]\n}\n",
		1);
	assert_string_equal(key_id(set.keys[0]), "2011-04-29");
}

/* RFC 8037: the key of appendix A.2 with the signature of A.4. */
static void test_rfc_8037(void **state)
{
	(void)state;
	KEYSET_AUTO set = read_set("{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"k\","
				   "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}",
		1);
	static const unsigned char signature[] = {0x86, 0x0c, 0x98, 0xd2, 0x29, 0x7f, 0x30, 0x60, 0xa3, 0x3f,
		0x42, 0x73, 0x96, 0x72, 0xd6, 0x1b, 0x53, 0xcf, 0x3a, 0xde, 0xfe, 0xd3, 0xd3, 0xc6, 0x72,
		0xf3, 0x20, 0xdc, 0x02, 0x1b, 0x41, 0x1e, 0x9d, 0x59, 0xb8, 0x62, 0x8d, 0xc3, 0x51, 0xe2,
		0x48, 0xb8, 0x8b, 0x29, 0x46, 0x8e, 0x0e, 0x41, 0x85, 0x5b, 0x0f, 0xb7, 0xd8, 0x3b, 0xb1,
		0x5b, 0xe9, 0x02, 0xbf, 0xcc, 0xb8, 0xcd, 0x0a, 0x02};
	static const char bytes[] = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
	assert_true(key_verify(
		set.keys[0], "EdDSA", bytes, strlen(bytes), (const char *)signature, sizeof(signature)));
}

/* --- keys that are left out --- */

/* The members with one of them replaced by a value (JSON), or taken away (NULL). */
static void expect_spoiled(const char *members, const char *name, const char *value)
{
	TEXT_AUTO whole = {0};
	text_append_format(&whole, "{\"kid\":\"spoiled\",%s}", members);
	JSON_AUTO *jwk = cJSON_Parse(whole.data);
	assert_non_null(jwk);
	cJSON_DeleteItemFromObjectCaseSensitive(jwk, name);
	if (value)
		cJSON_AddRawToObject(jwk, name, value);
	char *text = cJSON_PrintUnformatted(jwk);
	text[strlen(text) - 1] = '\0'; /* without its braces */
	expect_left_out(text + 1);
	free(text);
}

static void expect_each_spoiled(
	const char *members, const char *name, const char *const *values, size_t count)
{
	expect_spoiled(members, name, "null");
	expect_spoiled(members, name, "1");
	expect_spoiled(members, name, "true");
	expect_spoiled(members, name, "[]");
	expect_spoiled(members, name, "{}");
	expect_spoiled(members, name, "\"\"");
	for (size_t i = 0; i < count; i++)
		expect_spoiled(members, name, values[i]);
}

static void test_common_members(void **state)
{
	(void)state;
	static const char *const kinds[] = {
		"\"oct\"", "\"rsa\"", "\"ec\"", "\"RSA \"", "\"okp\"", "[\"RSA\"]", "\"AKP\""};
	static const char *const algorithms[] = {"\"none\"", "\"HS256\"", "\"RS384\"", "\"RS512\"",
		"\"ES384\"", "\"rs256\"", "\"RSA-OAEP\"", "\"ECDH-ES\"", "[\"RS256\"]"};
	static const char *const uses[] = {"\"enc\"", "\"SIG\"", "\"sig \"", "[\"sig\"]"};
	static const char *const operations[] = {"[\"sign\"]", "\"verify\"", "{\"a\":\"verify\"}",
		"[\"VERIFY\"]", "[[\"verify\"]]", "[\"encrypt\",\"wrapKey\"]", "[1,null]"};
	static const char *const private[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
	const char *const members[] = {world.rsa_jwk.data, world.ec_jwk.data, world.ed_jwk.data};
	for (size_t i = 0; i < COUNT(members); i++) {
		static const char *const names[] = {"null", "1", "true", "[]", "{}", "[\"kid\"]"};
		for (size_t name = 0; name < COUNT(names); name++)
			expect_spoiled(members[i], "kid", names[name]);
		expect_spoiled(members[i], "kid", NULL);
		expect_spoiled(members[i], "kty", NULL);
		expect_each_spoiled(members[i], "kty", kinds, COUNT(kinds));
		expect_each_spoiled(members[i], "alg", algorithms, COUNT(algorithms));
		expect_each_spoiled(members[i], "use", uses, COUNT(uses));
		expect_each_spoiled(members[i], "key_ops", operations, COUNT(operations));
		for (size_t name = 0; name < COUNT(private); name++)
			expect_each_spoiled(
				members[i], private [name], (const char *[]) { "\"AQAB\"" }, 1);
	}
	/* The kind or the algorithm of another one. */
	expect_spoiled(world.rsa_jwk.data, "kty", "\"EC\"");
	expect_spoiled(world.rsa_jwk.data, "alg", "\"ES256\"");
	expect_spoiled(world.ec_jwk.data, "kty", "\"OKP\"");
	expect_spoiled(world.ec_jwk.data, "kty", "\"RSA\"");
	expect_spoiled(world.ec_jwk.data, "alg", "\"RS256\"");
	expect_spoiled(world.ed_jwk.data, "kty", "\"EC\"");
	expect_spoiled(world.ed_jwk.data, "alg", "\"ES256\"");
}

/* One value of base64url, spelled in ways that are none, and much too long. */
static void expect_strict(const char *members, const char *name)
{
	TEXT_AUTO whole = {0};
	text_append_format(&whole, "{%s}", members);
	JSON_AUTO *jwk = cJSON_Parse(whole.data);
	const char *value = cJSON_GetStringValue(json_get(jwk, name));
	assert_non_null(value);
	static const char *const formats[] = {"\"%s=\"", "\"%s==\"", "\"%s\\n\"", "\" %s\"", "\"%s.\"",
		"\"+%s\"", "\"%s/\"", "\"%s\xc3\xa9\"", "[\"%s\"]", "\"0x%s\"", "\"%sAAAAAAAAAAAA\""};
	for (size_t i = 0; i < COUNT(formats); i++) {
		TEXT_AUTO spelled = {0};
		const char *at = strstr(formats[i], "%s");
		text_append(&spelled, formats[i], (size_t)(at - formats[i]));
		text_append_string(&spelled, value);
		text_append_string(&spelled, at + 2);
		/* Twelve zeros behind a modulus make it even, and behind an exponent too long. */
		expect_spoiled(members, name, spelled.data);
	}
	TEXT_AUTO huge = {0};
	text_append_string(&huge, "\"");
	while (huge.len < 200000)
		text_append_string(&huge, value);
	text_append_string(&huge, "\"");
	expect_spoiled(members, name, huge.data);
	expect_spoiled(members, name, NULL);
	expect_each_spoiled(members, name, (const char *[]){"\"A\"", "\"AA\"", "\"AQ\""}, 3);
}

static void test_numbers(void **state)
{
	(void)state;
	expect_strict(world.rsa_jwk.data, "n");
	expect_strict(world.rsa_jwk.data, "e");
	expect_strict(world.ec_jwk.data, "x");
	expect_strict(world.ec_jwk.data, "y");
	expect_strict(world.ed_jwk.data, "x");
}

static void test_exponents(void **state)
{
	(void)state;
	static const char *const bad[] = {"\"Ag\"", "\"BA\"", "\"AQAA\"", "\"AQAAAAE\"", "\"AQAAAAA\""};
	for (size_t i = 0; i < COUNT(bad); i++)
		expect_spoiled(world.rsa_jwk.data, "e", bad[i]);
}

static void test_moduli(void **state)
{
	(void)state;
	EVP_PKEY *small = EVP_RSA_gen(1024);
	TEXT_AUTO members = rsa_members(small);
	EVP_PKEY_free(small);
	text_append_string(&members, ",\"kid\":\"small\"");
	expect_left_out(members.data);
}

/* Some put a zero before a number whose first bit is set; it is the same number. More than there can be of
 * that is not looked at. */
static void test_leading_zeros(void **state)
{
	(void)state;
	BIGNUM *modulus = get_number(world.rsa, OSSL_PKEY_PARAM_RSA_N);
	static const size_t zeros[] = {1, 769, 770, 2000};
	for (size_t i = 0; i < COUNT(zeros); i++) {
		unsigned char bytes[2256];
		int len = (int)zeros[i] + 256;
		assert_int_equal(BN_bn2binpad(modulus, bytes, len), len);
		TEXT_AUTO jwk = {0};
		text_append_string(&jwk, "\"kid\":\"k\",\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"");
		signing_append_base64(&jwk, bytes, (size_t)len);
		text_append_string(&jwk, "\"");
		if (len <= 1025)
			expect_taken(jwk.data, world.rsa, "RS256");
		else
			expect_left_out(jwk.data);
	}
	BN_free(modulus);
}

static void test_curves(void **state)
{
	(void)state;
	static const char *const curves[] = {"\"P-384\"", "\"P-521\"", "\"secp256k1\"", "\"p-256\"",
		"\"X25519\"", "\"Ed448\"", "\"prime256v1\"", "[\"P-256\"]"};
	expect_each_spoiled(world.ec_jwk.data, "crv", curves, COUNT(curves));
	expect_each_spoiled(world.ed_jwk.data, "crv", curves, COUNT(curves));
	expect_spoiled(world.ec_jwk.data, "crv", NULL);
	expect_spoiled(world.ec_jwk.data, "crv", "\"Ed25519\"");
	expect_spoiled(world.ed_jwk.data, "crv", NULL);
	expect_spoiled(world.ed_jwk.data, "crv", "\"P-256\"");
}

static void test_points(void **state)
{
	(void)state;
	static const char zero[] = "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"";
	static const char ones[] = "\"__________________________________________8\"";
	/* Right in form, and on no curve. */
	static const char *const axes[] = {"x", "y"};
	for (size_t i = 0; i < COUNT(axes); i++) {
		expect_spoiled(world.ec_jwk.data, axes[i], zero);
		expect_spoiled(world.ec_jwk.data, axes[i], ones);
		expect_spoiled(
			world.ec_jwk.data, axes[i], "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"");
	}
}

/* Side by side they are the point, but one is short of a byte that the other has too many. */
static void test_coordinates_are_whole(void **state)
{
	(void)state;
	unsigned char point[64];
	BIGNUM *x = get_number(world.ec, OSSL_PKEY_PARAM_EC_PUB_X);
	BIGNUM *y = get_number(world.ec, OSSL_PKEY_PARAM_EC_PUB_Y);
	assert_int_equal(BN_bn2binpad(x, point, 32), 32);
	assert_int_equal(BN_bn2binpad(y, point + 32, 32), 32);
	BN_free(x);
	BN_free(y);
	for (size_t cut = 0; cut <= sizeof(point); cut++) {
		TEXT_AUTO jwk = {0};
		text_append_string(&jwk, "\"kid\":\"k\",\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"");
		signing_append_base64(&jwk, point, cut);
		text_append_string(&jwk, "\",\"y\":\"");
		signing_append_base64(&jwk, point + cut, sizeof(point) - cut);
		text_append_string(&jwk, "\"");
		if (cut == 32)
			expect_taken(jwk.data, world.ec, "ES256");
		else
			expect_left_out(jwk.data);
	}
}

/* --- documents --- */

static void test_no_documents(void **state)
{
	(void)state;
	static const char *const bad[] = {"", " ", "null", "1", "\"keys\"", "[]", "{}", "{\"keys\":[]}",
		"{\"keys\":{}}", "{\"keys\":null}", "{\"keys\":\"\"}", "{\"keys\":[1,\"a\",null,true,[],{}]}",
		"{\"error\":\"not found\"}", "<!doctype html><title>404</title>", "{\"keys\":[",
		"{\"keys\":[]} {}", "{\"keys\":[],\"keys\":[]}", "\xef\xbb\xbf{\"keys\":[]}",
		"{\"keys\":[\"\\u0000\"]}", "{\"keys\":[\"\xff\"]}",
		"{\"keys\":[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]}"};
	for (size_t i = 0; i < COUNT(bad); i++)
		expect_none(bad[i]);
	TEXT_AUTO jwk = {0};
	text_append_format(&jwk, "{\"kid\":\"k\",%s}", world.ec_jwk.data);
	expect_none(jwk.data); /* a key, but no set */
	static const char *const around[] = {
		"[%s]", "{\"Keys\":[%s]}", "{\"keys\":%s}", "{\"keys\":[[%s]]}", "{\"keys\":{\"a\":%s}}"};
	for (size_t i = 0; i < COUNT(around); i++) {
		TEXT_AUTO document = {0};
		const char *at = strstr(around[i], "%s");
		text_append(&document, around[i], (size_t)(at - around[i]));
		text_append(&document, jwk.data, jwk.len);
		text_append_string(&document, at + 2);
		expect_none(document.data);
	}
}

static void test_every_cut(void **state)
{
	(void)state;
	TEXT_AUTO jwk = {0};
	text_append_format(&jwk, "\"kid\":\"k\",%s", world.ec_jwk.data);
	TEXT_AUTO document = set_of(jwk.data, NULL);
	struct keyset set;
	for (size_t len = 0; len < document.len; len++)
		assert_int_equal(try_read(document.data, len, &set), ERR_BAD_REQUEST);
	assert_int_equal(try_read(document.data, document.len + 1, &set), ERR_BAD_REQUEST); /* its NUL */
	KEYSET_AUTO whole = read_set(document.data, 1);
}

static void test_names_twice(void **state)
{
	(void)state;
	TEXT_AUTO one = {0};
	TEXT_AUTO other = {0};
	TEXT_AUTO broken = {0};
	text_append_format(&one, "\"kid\":\"k\",%s", world.ec_jwk.data);
	text_append_format(&other, "\"kid\":\"k\",%s", world.ed_jwk.data);
	text_append_format(&broken, "\"kid\":\"k\",\"use\":\"enc\",%s", world.ed_jwk.data);
	TEXT_AUTO same = set_of(one.data, one.data);
	TEXT_AUTO two = set_of(one.data, other.data);
	expect_none(same.data);
	expect_none(two.data);
	/* Nobody asks for a key that isn't used. */
	TEXT_AUTO apart = set_of(broken.data, one.data);
	KEYSET_AUTO set = read_set(apart.data, 1);
	assert_string_equal(algorithm_of(set.keys[0], world.ec), "ES256");
}

static struct text many(size_t good, size_t bad)
{
	struct text document = {0};
	text_append_string(&document, "{\"more\":1,\"keys\":[");
	for (size_t i = 0; i < good + bad; i++)
		text_append_format(&document, "%s{\"kid\":\"k%zu\",\"alg\":\"%s\",%s}", i > 0 ? "," : "", i,
			i < good ? "ES256" : "ES384", world.ec_jwk.data);
	text_append_string(&document, "]}");
	return document;
}

static void test_counts(void **state)
{
	(void)state;
	TEXT_AUTO full = many(KEYSET_KEYS_MAX, 0);
	KEYSET_AUTO set = read_set(full.data, KEYSET_KEYS_MAX);
	assert_string_equal(key_id(set.keys[0]), "k0");
	assert_string_equal(key_id(set.keys[KEYSET_KEYS_MAX - 1]), "k63");
	TEXT_AUTO mixed = many(KEYSET_KEYS_MAX - 24, 24);
	KEYSET_AUTO some = read_set(mixed.data, KEYSET_KEYS_MAX - 24);
	assert_string_equal(key_id(some.keys[KEYSET_KEYS_MAX - 25]), "k39");
	static const size_t bad[][2] = {
		{KEYSET_KEYS_MAX + 1, 0}, {KEYSET_KEYS_MAX, 1}, {1, KEYSET_KEYS_MAX}, {0, 3}, {0, 500}};
	for (size_t i = 0; i < COUNT(bad); i++) {
		TEXT_AUTO document = many(bad[i][0], bad[i][1]);
		expect_none(document.data);
	}
}

static void test_size(void **state)
{
	(void)state;
	TEXT_AUTO document = many(2, 0);
	while (document.len < KEYSET_BYTES_MAX)
		text_append_string(&document, "\n");
	KEYSET_AUTO set = read_set(document.data, 2);
	text_append_string(&document, "\n");
	expect_none(document.data);
	/* As many small things as fit. */
	TEXT_AUTO crowd = {0};
	text_append_string(&crowd, "{\"keys\":[{}");
	while (crowd.len < KEYSET_BYTES_MAX - 10)
		text_append_string(&crowd, ",{}");
	text_append_string(&crowd, "]}");
	expect_none(crowd.data);
}

static void test_depth(void **state)
{
	(void)state;
	for (int depth = 12; depth <= 14; depth++) {
		TEXT_AUTO jwk = {0};
		text_append_format(&jwk, "\"kid\":\"k\",%s,\"deep\":", world.ec_jwk.data);
		for (int i = 0; i < depth; i++)
			text_append_string(&jwk, "[");
		for (int i = 0; i < depth; i++)
			text_append_string(&jwk, "]");
		TEXT_AUTO document = set_of(jwk.data, NULL);
		/* The document, its array and the key are three of sixteen. */
		struct keyset set;
		assert_int_equal(try_read(document.data, document.len, &set) == OK, depth <= 13);
		finish(&set);
	}
}

/* --- certificates --- */

static X509 *make_certificate(EVP_PKEY *pair, const char *usage)
{
	X509 *made = X509_new();
	X509_set_version(made, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
	/* Long over: the document says which keys count. */
	ASN1_TIME_set(X509_getm_notBefore(made), 1000000000);
	ASN1_TIME_set(X509_getm_notAfter(made), 1000086400);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
		(const unsigned char *)"issuer.example", -1, -1, 0);
	X509_set_issuer_name(made, X509_get_subject_name(made));
	X509_set_pubkey(made, pair);
	if (usage) {
		X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_key_usage, usage);
		assert_non_null(extension);
		X509_add_ext(made, extension, -1);
		X509_EXTENSION_free(extension);
	}
	bool own = EVP_PKEY_is_a(pair, "ED25519") || EVP_PKEY_is_a(pair, "ED448");
	assert_true(X509_sign(made, pair, own ? NULL : EVP_sha256()) > 0);
	return made;
}

static struct text take(BIO *bio)
{
	struct text pem = {0};
	char *bytes;
	long len = BIO_get_mem_data(bio, &bytes);
	text_append(&pem, bytes, (size_t)len);
	BIO_free(bio);
	return pem;
}

static struct text make_pem(EVP_PKEY *pair, const char *usage)
{
	BIO *bio = BIO_new(BIO_s_mem());
	X509 *certificate = make_certificate(pair, usage);
	assert_int_equal(PEM_write_bio_X509(bio, certificate), 1);
	X509_free(certificate);
	return take(bio);
}

/* One entry of a map: the name and the text, quoted. */
static void append_entry(struct text *out, const char *name, const char *pem)
{
	text_append_string(out, out->len > 1 ? "," : "");
	text_append_format(out, "\"%s\":", name);
	text_append_json(out, pem);
}

static void expect_certificate(const char *pem, EVP_PKEY *pair, const char *alg)
{
	TEXT_AUTO document = {0};
	text_append_string(&document, "{");
	append_entry(&document, "k", pem);
	text_append_string(&document, "}");
	KEYSET_AUTO set = read_set(document.data, 1);
	assert_string_equal(key_id(set.keys[0]), "k");
	assert_string_equal(algorithm_of(set.keys[0], pair), alg);
}

static void expect_certificate_left_out(const char *pem)
{
	TEXT_AUTO good = make_pem(world.ec, NULL);
	TEXT_AUTO document = {0};
	text_append_string(&document, "{");
	append_entry(&document, "bad", pem);
	TEXT_AUTO alone = {0};
	text_append_format(&alone, "%s}", document.data);
	expect_none(alone.data);
	append_entry(&document, "good", good.data);
	text_append_string(&document, "}");
	KEYSET_AUTO set = read_set(document.data, 1);
	assert_string_equal(key_id(set.keys[0]), "good");
}

static void test_certificates(void **state)
{
	(void)state;
	const struct {
		EVP_PKEY *pair;
		const char *alg;
	} rows[] = {{world.rsa, "RS256"}, {world.ec, "ES256"}, {world.ed, "EdDSA"}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		TEXT_AUTO plain = make_pem(rows[i].pair, NULL);
		expect_certificate(plain.data, rows[i].pair, rows[i].alg);
		TEXT_AUTO signing = make_pem(rows[i].pair, "critical,digitalSignature,keyCertSign");
		expect_certificate(signing.data, rows[i].pair, rows[i].alg);
		TEXT_AUTO other = make_pem(rows[i].pair, "critical,keyEncipherment,keyCertSign");
		expect_certificate_left_out(other.data);
	}
}

/* Two keys at a time, as Google publishes them, and an entry may have any name. */
static void test_map(void **state)
{
	(void)state;
	TEXT_AUTO rsa = make_pem(world.rsa, "critical,digitalSignature");
	TEXT_AUTO ec = make_pem(world.ec, NULL);
	TEXT_AUTO document = {0};
	text_append_string(&document, "{");
	append_entry(&document, "3f6e1a0bd2c94c55a8e1f7d0c4b29e6a7d18f0c3", rsa.data);
	append_entry(&document, "keys", ec.data);
	text_append_string(&document, ",\"a\":1,\"b\":null,\"c\":[],\"d\":{\"keys\":[]},\"e\":\"\"}");
	KEYSET_AUTO set = read_set(document.data, 2);
	assert_string_equal(key_id(set.keys[0]), "3f6e1a0bd2c94c55a8e1f7d0c4b29e6a7d18f0c3");
	assert_string_equal(algorithm_of(set.keys[0], world.rsa), "RS256");
	assert_string_equal(key_id(set.keys[1]), "keys");
	assert_string_equal(algorithm_of(set.keys[1], world.ec), "ES256");
}

static void test_map_names(void **state)
{
	(void)state;
	TEXT_AUTO pem = make_pem(world.ec, NULL);
	TEXT_AUTO twice = {0};
	text_append_string(&twice, "{");
	append_entry(&twice, "k", pem.data);
	append_entry(&twice, "\\u006b", pem.data);
	text_append_string(&twice, "}");
	expect_none(twice.data);
	TEXT_AUTO nameless = {0};
	text_append_string(&nameless, "[");
	text_append_json(&nameless, pem.data);
	text_append_string(&nameless, "]");
	expect_none(nameless.data);
	for (size_t count = KEYSET_KEYS_MAX; count <= KEYSET_KEYS_MAX + 1; count++) {
		TEXT_AUTO document = {0};
		text_append_string(&document, "{");
		for (size_t i = 0; i < count; i++) {
			char name[32];
			snprintf(name, sizeof(name), "k%zu", i);
			append_entry(&document, name, pem.data);
		}
		text_append_string(&document, "}");
		struct keyset set;
		assert_int_equal(try_read(document.data, document.len, &set) == OK, count == KEYSET_KEYS_MAX);
		finish(&set);
	}
}

/* An RSA key that says of itself that it is for PSS. */
static EVP_PKEY *make_pss_only(void)
{
	EVP_PKEY *pkey = NULL;
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
	assert_int_equal(EVP_PKEY_keygen_init(context), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048), 1);
	assert_int_equal(EVP_PKEY_generate(context, &pkey), 1);
	EVP_PKEY_CTX_free(context);
	return pkey;
}

static void test_other_keys_in_certificates(void **state)
{
	(void)state;
	EVP_PKEY *const pairs[] = {EVP_RSA_gen(1024), EVP_EC_gen("P-384"), EVP_EC_gen("secp256k1"),
		EVP_PKEY_Q_keygen(NULL, NULL, "ED448"), make_pss_only()};
	for (size_t i = 0; i < COUNT(pairs); i++) {
		assert_non_null(pairs[i]);
		TEXT_AUTO pem = make_pem(pairs[i], NULL);
		expect_certificate_left_out(pem.data);
		EVP_PKEY_free(pairs[i]);
	}
}

static void test_pem_forms(void **state)
{
	(void)state;
	TEXT_AUTO pem = make_pem(world.ec, NULL);
	TEXT_AUTO other = make_pem(world.rsa, NULL);
	TEXT_AUTO lines = {0};
	for (const char *at = pem.data; *at; at++)
		text_append_string(&lines, *at == '\n' ? "\r\n" : (char[]){*at, '\0'});
	expect_certificate(lines.data, world.ec, "ES256");
	/* The first of a chain is the key's own. */
	TEXT_AUTO chain = {0};
	text_append_format(&chain, "issuer.example\n%s%s", pem.data, other.data);
	expect_certificate(chain.data, world.ec, "ES256");
	for (size_t len = 0; len + 2 < pem.len; len += 7) {
		TEXT_AUTO cut = {0};
		text_append(&cut, pem.data, len);
		text_append(&cut, "", 0);
		expect_certificate_left_out(cut.data ? cut.data : "");
	}
}

static struct text wrap(const char *name, const char *header, const unsigned char *der, int len)
{
	BIO *bio = BIO_new(BIO_s_mem());
	assert_true(PEM_write_bio(bio, name, header, der, len) > 0);
	return take(bio);
}

static void test_pem_of_others(void **state)
{
	(void)state;
	X509 *certificate = make_certificate(world.ec, NULL);
	unsigned char *der = NULL;
	int len = i2d_X509(certificate, &der);
	X509_free(certificate);
	unsigned char longer[4096] = {0};
	assert_true(len > 0 && len < 4000);
	memcpy(longer, der, (size_t)len);
	OPENSSL_free(der);
	TEXT_AUTO good = wrap("CERTIFICATE", "", longer, len);
	expect_certificate(good.data, world.ec, "ES256");
	TEXT_AUTO more = wrap("CERTIFICATE", "", longer, len + 1);
	TEXT_AUTO less = wrap("CERTIFICATE", "", longer, len - 1);
	TEXT_AUTO trusted = wrap("TRUSTED CERTIFICATE", "", longer, len);
	/* A reader for certificates would ask the terminal for the password, and wait. */
	TEXT_AUTO secret = wrap("CERTIFICATE",
		"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00000000000000000000000000000000\n", longer,
		len);
	BIO *bio = BIO_new(BIO_s_mem());
	PEM_write_bio_PUBKEY(bio, world.ec);
	TEXT_AUTO public = take(bio);
	bio = BIO_new(BIO_s_mem());
	PEM_write_bio_PrivateKey(bio, world.ec, NULL, NULL, 0, NULL, NULL);
	TEXT_AUTO private = take(bio);
	const struct text *const bad[] = {&more, &less, &trusted, &secret, &public, &private};
	for (size_t i = 0; i < COUNT(bad); i++)
		expect_certificate_left_out(bad[i]->data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_kind),
		cmocka_unit_test(test_one_pair_two_names),
		cmocka_unit_test(test_rfc_7517),
		cmocka_unit_test(test_rfc_8037),
		cmocka_unit_test(test_common_members),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_exponents),
		cmocka_unit_test(test_moduli),
		cmocka_unit_test(test_leading_zeros),
		cmocka_unit_test(test_curves),
		cmocka_unit_test(test_points),
		cmocka_unit_test(test_coordinates_are_whole),
		cmocka_unit_test(test_no_documents),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_names_twice),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_map_names),
		cmocka_unit_test(test_other_keys_in_certificates),
		cmocka_unit_test(test_pem_forms),
		cmocka_unit_test(test_pem_of_others),
	};
	return cmocka_run_group_tests_name("keyset", tests, set_up, tear_down);
}
