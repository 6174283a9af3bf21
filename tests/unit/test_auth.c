/* auth/: one good token, and every way to spoil it. */
#include "auth/auth.h"
#include "auth/key.h"
#include "auth/local.h"
#include "auth/token.h"
#include "protocol/text.h"
#include "tests/support/signing.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define NOW_S  1700000000LL
#define NOW_MS (NOW_S * 1000)
#define ISSUER "https://issuer.example"

/* Claims of a good token, to which tests add the one that matters. */
#define IAT    "\"iat\":1699999990"
#define EXP    "\"exp\":1700000100"
#define ISS    "\"iss\":\"" ISSUER "\""
#define AUD    "\"aud\":\"app\""
#define SUB    "\"sub\":\"alice\""
#define GOOD   "{" ISS "," AUD "," SUB "," IAT "," EXP "}"
#define HEADER "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\"}"

/* One issuer with an EC key k1, an RSA key r1 and a second EC key k2. */
static struct {
	struct auth *auth;
	EVP_PKEY *ec, *other, *rsa, *stranger;
} world;

static struct key *make_key(const char *kid, const char *alg, EVP_PKEY *pkey)
{
	struct key *key = NULL;
	struct refusal why;
	assert_int_equal(key_create(kid, alg, pkey, &key, &why), OK);
	return key;
}

static int set_up(void **state)
{
	(void)state;
	world.ec = EVP_EC_gen("P-256");
	world.other = EVP_EC_gen("P-256");
	world.stranger = EVP_EC_gen("P-256");
	world.rsa = EVP_RSA_gen(2048);
	world.auth = auth_create();
	struct key *keys[] = {make_key("k1", "ES256", world.ec), make_key("r1", "RS256", world.rsa),
		make_key("k2", "ES256", world.other)};
	struct refusal why;
	return auth_add_issuer(world.auth, ISSUER, "app", keys, COUNT(keys), &why) == OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	auth_destroy(world.auth);
	EVP_PKEY_free(world.ec);
	EVP_PKEY_free(world.other);
	EVP_PKEY_free(world.stranger);
	EVP_PKEY_free(world.rsa);
	return 0;
}

static struct text sign(const char *header, const char *payload, EVP_PKEY *pkey)
{
	return signing_token(header, payload, pkey, SIGNING_PKCS1);
}

/* --- what becomes of it --- */

static enum err verify_in(const struct auth *auth, const char *token, size_t len, struct auth_claims *ret,
	struct refusal *ret_why)
{
	/* An exact copy, so that the sanitizer sees a read beyond it. */
	char *copy = malloc(len ? len : 1);
	if (len)
		memcpy(copy, token, len);
	struct auth_claims before;
	memset(ret, 0x5a, sizeof(*ret));
	before = *ret;
	*ret_why = (struct refusal){0};
	enum err err = auth_verify(auth, copy, len, NOW_MS, ret, ret_why);
	free(copy);
	assert_int_equal(ret_why->code, err);
	if (err) {
		assert_memory_equal(ret, &before, sizeof(before));
		assert_true(strlen(ret_why->message) > 0);
		assert_string_equal(ret_why->field, "");
	}
	return err;
}

static enum err verify(const char *token, size_t len)
{
	struct auth_claims claims;
	struct refusal why;
	return verify_in(world.auth, token, len, &claims, &why);
}

static void expect(const char *header, const char *payload, enum err expected)
{
	TEXT_AUTO token = sign(header, payload, world.ec);
	enum err err = verify(token.data, token.len);
	if (err != expected)
		fail_msg("%s %s: %s instead of %s", header, payload, err ? error_row(err)->code : "ok",
			expected ? error_row(expected)->code : "ok");
}

static void expect_payloads(const char *const *payloads, size_t count, enum err expected)
{
	for (size_t i = 0; i < count; i++)
		expect(HEADER, payloads[i], expected);
}

static void read_claims(const char *payload, struct auth_claims *ret)
{
	TEXT_AUTO token = sign(HEADER, payload, world.ec);
	struct refusal why;
	assert_int_equal(verify_in(world.auth, token.data, token.len, ret, &why), OK);
}

static void test_good_token(void **state)
{
	(void)state;
	struct auth_claims claims;
	read_claims("{" ISS "," AUD "," SUB "," IAT "," EXP
		    ",\"name\":\"Al\xc3\xadz\",\"email\":\"alice@example.org\",\"other\":[{}]}",
		&claims);
	assert_string_equal(claims.issuer, ISSUER);
	assert_string_equal(claims.subject, "alice");
	assert_string_equal(claims.name, "Al\xc3\xadz");
	assert_string_equal(claims.email, "alice@example.org");
	assert_int_equal(claims.expires_at_ms, 1700000100000LL);
	read_claims(GOOD, &claims);
	assert_string_equal(claims.name, "");
	assert_string_equal(claims.email, "");
}

static void test_each_key_of_the_issuer(void **state)
{
	(void)state;
	TEXT_AUTO other = sign("{\"alg\":\"ES256\",\"kid\":\"k2\"}", GOOD, world.other);
	assert_int_equal(verify(other.data, other.len), OK);
	TEXT_AUTO rsa = sign("{\"alg\":\"RS256\",\"kid\":\"r1\"}", GOOD, world.rsa);
	assert_int_equal(verify(rsa.data, rsa.len), OK);
	rsa.data[rsa.len - 20] ^= 1;
	assert_int_equal(verify(rsa.data, rsa.len), ERR_TOKEN_INVALID);
}

static void test_every_bit_counts(void **state)
{
	(void)state;
	TEXT_AUTO token = sign(HEADER, GOOD, world.ec);
	assert_int_equal(verify(token.data, token.len), OK);
	for (size_t bit = 0; bit < token.len * 8; bit++) {
		char mask = (char)(1u << bit % 8);
		token.data[bit / 8] ^= mask;
		enum err err = verify(token.data, token.len);
		/* A bit of the kid makes the name of a key that isn't there. */
		assert_true(err == ERR_TOKEN_INVALID || err == ERR_NOT_FOUND);
		token.data[bit / 8] ^= mask;
	}
}

static void test_every_cut(void **state)
{
	(void)state;
	TEXT_AUTO token = sign(HEADER, GOOD, world.ec);
	for (size_t len = 0; len < token.len; len++)
		assert_int_equal(verify(token.data, len), ERR_TOKEN_INVALID);
}

static void test_headers(void **state)
{
	(void)state;
	static const char *const bad[] = {"{\"alg\":\"none\",\"kid\":\"k1\"}",
		"{\"alg\":\"None\",\"kid\":\"k1\"}", "{\"alg\":\"es256\",\"kid\":\"k1\"}",
		"{\"alg\":\"RS256\",\"kid\":\"k1\"}", "{\"alg\":\"HS256\",\"kid\":\"k1\"}",
		"{\"alg\":\"ES256\",\"kid\":\"r1\"}", "{\"alg\":\"RS256\",\"kid\":\"r1\"}",
		"{\"alg\":\"ES256\",\"kid\":\"k2\"}", "{\"alg\":\"ES256\"}", "{\"alg\":\"ES256\",\"kid\":1}",
		"{\"alg\":\"ES256\",\"kid\":null}", "{\"kid\":\"k1\"}",
		"{\"alg\":[\"ES256\"],\"kid\":\"k1\"}", "{\"Alg\":\"ES256\",\"kid\":\"k1\"}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"crit\":[\"exp\"]}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"crit\":null}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWE\"}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"jwt\"}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":null}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":1}",
		"{\"alg\":\"ES256\",\"alg\":\"ES256\",\"kid\":\"k1\"}",
		"{\"alg\":\"ES256\",\"kid\":\"k1\"} {}", "{\"alg\":\"ES256\",\"kid\":\"k1\\u0000x\"}",
		"[\"ES256\",\"k1\"]", "\"ES256\"", "null", "{}", "", "{"};
	expect("{\"alg\":\"ES256\",\"kid\":\"k1\"}", GOOD, OK);
	expect("{\"alg\":\"ES256\",\"kid\":\"k1\",\"jku\":\"https://evil.example\"}", GOOD, OK);
	for (size_t i = 0; i < COUNT(bad); i++)
		expect(bad[i], GOOD, ERR_TOKEN_INVALID);
	expect("{\"alg\":\"ES256\",\"kid\":\"K1\"}", GOOD, ERR_NOT_FOUND);
	expect("{\"alg\":\"ES256\",\"kid\":\"\"}", GOOD, ERR_NOT_FOUND);
}

/* What a check by algorithm alone would take: the public key as a shared secret. */
static void test_public_key_as_secret(void **state)
{
	(void)state;
	BIO *bio = BIO_new(BIO_s_mem());
	PEM_write_bio_PUBKEY(bio, world.rsa);
	char *pem;
	long pem_len = BIO_get_mem_data(bio, &pem);
	static const char *const headers[] = {
		"{\"alg\":\"HS256\",\"kid\":\"r1\"}", "{\"alg\":\"RS256\",\"kid\":\"r1\"}"};
	for (size_t i = 0; i < COUNT(headers); i++) {
		TEXT_AUTO token = {0};
		signing_append_parts(&token, headers[i], GOOD);
		unsigned char mac[32];
		HMAC(EVP_sha256(), pem, (int)pem_len, (unsigned char *)token.data, token.len, mac, NULL);
		text_append_string(&token, ".");
		signing_append_base64(&token, mac, sizeof(mac));
		assert_int_equal(verify(token.data, token.len), ERR_TOKEN_INVALID);
	}
	BIO_free(bio);
}

static void test_unsigned(void **state)
{
	(void)state;
	static const char *const headers[] = {
		"{\"alg\":\"none\",\"kid\":\"k1\"}", "{\"alg\":\"none\"}", HEADER};
	for (size_t i = 0; i < COUNT(headers); i++) {
		TEXT_AUTO token = {0};
		signing_append_parts(&token, headers[i], GOOD);
		assert_int_equal(verify(token.data, token.len), ERR_TOKEN_INVALID);
		text_append_string(&token, ".");
		assert_int_equal(verify(token.data, token.len), ERR_TOKEN_INVALID);
	}
}

static void test_stranger(void **state)
{
	(void)state;
	TEXT_AUTO token = sign(HEADER, GOOD, world.stranger);
	assert_int_equal(verify(token.data, token.len), ERR_TOKEN_INVALID);
}

static void append_raw_signature(struct text *out, const unsigned char *raw, size_t len)
{
	signing_append_parts(out, HEADER, GOOD);
	text_append_string(out, ".");
	signing_append_base64(out, raw, len);
}

static size_t raw_to_der(const unsigned char raw[64], unsigned char **ret)
{
	ECDSA_SIG *pair = ECDSA_SIG_new();
	ECDSA_SIG_set0(pair, BN_bin2bn(raw, 32, NULL), BN_bin2bn(raw + 32, 32, NULL));
	int len = i2d_ECDSA_SIG(pair, ret);
	ECDSA_SIG_free(pair);
	return (size_t)len;
}

static void test_signature_forms(void **state)
{
	(void)state;
	TEXT_AUTO signed_text = {0};
	signing_append_parts(&signed_text, HEADER, GOOD);
	unsigned char *der = NULL, raw[SIGNING_BYTES_MAX] = {0};
	signing_sign(world.ec, SIGNING_PKCS1, signed_text.data, signed_text.len, raw);
	size_t der_len = raw_to_der(raw, &der);
	static const unsigned char zero[64];
	const struct {
		const unsigned char *bytes;
		size_t len;
		enum err err;
	} rows[] = {{raw, 64, OK}, {raw, 63, ERR_TOKEN_INVALID}, {raw, 65, ERR_TOKEN_INVALID},
		{raw, 66, ERR_TOKEN_INVALID}, {der, der_len, ERR_TOKEN_INVALID},
		{zero, 64, ERR_TOKEN_INVALID}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		TEXT_AUTO token = {0};
		append_raw_signature(&token, rows[i].bytes, rows[i].len);
		assert_int_equal(verify(token.data, token.len), rows[i].err);
	}
	OPENSSL_free(der);
}

static void test_parts(void **state)
{
	(void)state;
	static const char *const bad[] = {"", ".", "..", "...", "a", "a.b", "a.b.c", "a.b.c.d",
		"Bearer x.y.z", "e30.e30.", "e30.e30.AA", ".e30.AA", "e30..AA", " e30.e30.AA"};
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(verify(bad[i], strlen(bad[i])), ERR_TOKEN_INVALID);
	static const char *const tails[] = {".", ".AA", "=", " ", "\n", "A", "\xc3\xa9"};
	for (size_t i = 0; i < COUNT(tails); i++) {
		TEXT_AUTO token = sign(HEADER, GOOD, world.ec);
		text_append_string(&token, tails[i]);
		assert_int_equal(verify(token.data, token.len), ERR_TOKEN_INVALID);
	}
	TEXT_AUTO token = sign(HEADER, GOOD, world.ec);
	assert_int_equal(verify(token.data, token.len + 1), ERR_TOKEN_INVALID); /* with its NUL */
}

/* Signed over its own odd spelling, so that only the spelling can be at fault. */
static enum err verify_spelled(const char *header, const char *payload)
{
	TEXT_AUTO token = {0};
	text_append_format(&token, "%s.%s", header, payload);
	signing_append(&token, world.ec, SIGNING_PKCS1);
	return verify(token.data, token.len);
}

static void test_base64(void **state)
{
	(void)state;
	TEXT_AUTO header = {0};
	static const char plain[] = "{\"alg\":\"ES256\",\"kid\":\"k1\"}  ";
	signing_append_base64(&header, plain, strlen(plain));
	TEXT_AUTO payload = {0};
	signing_append_base64(&payload, GOOD, strlen(GOOD));
	assert_int_equal(verify_spelled(header.data, payload.data), OK);

	/* 28 = 27 + 1: the last digit carries two bits, four are spare and must be zero. */
	char *last = &header.data[header.len - 1];
	char canonical = *last;
	for (int spare = 1; spare < 16; spare++) {
		*last = (char)(canonical + spare); /* A and what follows it */
		assert_int_equal(verify_spelled(header.data, payload.data), ERR_TOKEN_INVALID);
	}
	*last = canonical;
	text_append_string(&header, "==");
	assert_int_equal(verify_spelled(header.data, payload.data), ERR_TOKEN_INVALID);
}

/* A last digit alone holds no byte; were it skipped, the text could grow by it. */
static void test_lone_digit(void **state)
{
	(void)state;
	static const char plain[] = "{\"alg\":\"ES256\",\"kid\":\"k1\"} "; /* 27 bytes, 36 digits */
	TEXT_AUTO header = {0};
	signing_append_base64(&header, plain, strlen(plain));
	TEXT_AUTO payload = {0};
	signing_append_base64(&payload, GOOD, strlen(GOOD));
	assert_int_equal(header.len % 4, 0);
	assert_int_equal(verify_spelled(header.data, payload.data), OK);
	text_append_string(&header, "A");
	assert_int_equal(verify_spelled(header.data, payload.data), ERR_TOKEN_INVALID);
}

static void test_standard_alphabet(void **state)
{
	(void)state;
	static const char wide[] =
		"{" ISS "," AUD "," SUB "," IAT "," EXP ",\"x\":\">>>~~~\xc3\xbf\xc3\xbf\"}";
	TEXT_AUTO header = {0};
	signing_append_base64(&header, HEADER, strlen(HEADER));
	TEXT_AUTO payload = {0};
	signing_append_base64(&payload, wide, strlen(wide));
	assert_int_equal(verify_spelled(header.data, payload.data), OK);
	char *odd = strpbrk(payload.data, "-_");
	assert_non_null(odd);
	*odd = *odd == '-' ? '+' : '/';
	assert_int_equal(verify_spelled(header.data, payload.data), ERR_TOKEN_INVALID);
}

static struct text make_sized(size_t filler)
{
	TEXT_AUTO payload = {0};
	text_append_string(&payload, "{" ISS "," AUD "," SUB "," IAT "," EXP ",\"x\":\"");
	for (size_t i = 0; i < filler; i++)
		text_append_string(&payload, "x");
	text_append_string(&payload, "\"}");
	return sign(HEADER, payload.data, world.ec);
}

static void test_size(void **state)
{
	(void)state;
	/* Three bytes of payload are four of token. */
	TEXT_AUTO empty = make_sized(0);
	size_t filler = (LIMIT_TOKEN_BYTES - empty.len) / 4 * 3;
	TEXT_AUTO largest = make_sized(filler);
	assert_true(largest.len <= LIMIT_TOKEN_BYTES && largest.len + 8 > LIMIT_TOKEN_BYTES);
	assert_int_equal(verify(largest.data, largest.len), OK);
	TEXT_AUTO larger = make_sized(filler + 8);
	assert_true(larger.len > LIMIT_TOKEN_BYTES);
	assert_int_equal(verify(larger.data, larger.len), ERR_TOKEN_INVALID);
	TEXT_AUTO nine = make_sized(6800);
	assert_true(nine.len > 9 * 1024);
	assert_int_equal(verify(nine.data, nine.len), ERR_TOKEN_INVALID);
}

static void test_payloads(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "[]", "null", "{}", "\"x\"", GOOD "x",
		"{" ISS "," AUD "," SUB "," IAT, "{" ISS "," AUD "," SUB "," SUB "," IAT "," EXP "}",
		"{" ISS "," AUD "," SUB "," IAT "," EXP ",\"\\u0065xp\":1700009999}",
		"{" ISS "," AUD "," SUB "," IAT "," EXP ",\"x\":\"\xff\"}",
		"{" ISS "," AUD "," SUB "," IAT "," EXP ",\"x\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}"};
	expect_payloads(bad, COUNT(bad), ERR_TOKEN_INVALID);
}

static void test_exp(void **state)
{
	(void)state;
#define WITH_EXP(exp) "{" ISS "," AUD "," SUB "," IAT ",\"exp\":" exp "}"
	static const char *const good[] = {WITH_EXP("1700000001"), WITH_EXP("253402300799")};
	static const char *const late[] = {WITH_EXP("1700000000"), WITH_EXP("1699999999"), WITH_EXP("0")};
	static const char *const bad[] = {"{" ISS "," AUD "," SUB "," IAT "}", WITH_EXP("\"1700000100\""),
		WITH_EXP("1700000100.5"), WITH_EXP("-1"), WITH_EXP("253402300800"),
		WITH_EXP("9007199254740991"), WITH_EXP("9223372036854775807"), WITH_EXP("1e300"),
		WITH_EXP("1e999"), WITH_EXP("null"), WITH_EXP("true"), WITH_EXP("[1700000100]")};
	expect_payloads(good, COUNT(good), OK);
	expect_payloads(late, COUNT(late), ERR_TOKEN_EXPIRED);
	expect_payloads(bad, COUNT(bad), ERR_TOKEN_INVALID);
}

/* To the millisecond, on both sides. */
static void test_exp_edge(void **state)
{
	(void)state;
	TEXT_AUTO token = sign(HEADER, GOOD, world.ec);
	struct auth_claims claims;
	struct refusal why;
	assert_int_equal(auth_verify(world.auth, token.data, token.len, 1700000099999, &claims, &why), OK);
	assert_int_equal(auth_verify(world.auth, token.data, token.len, 1700000100000, &claims, &why),
		ERR_TOKEN_EXPIRED);
}

/* A token that is wrong anyhow is not called expired. */
static void test_expired_and_wrong(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"{" ISS ",\"aud\":\"x\"," SUB "," IAT ",\"exp\":1}", "{" ISS "," AUD "," IAT ",\"exp\":1}"};
	expect_payloads(bad, COUNT(bad), ERR_TOKEN_INVALID);
	TEXT_AUTO token = sign(HEADER, "{" ISS "," AUD "," SUB "," IAT ",\"exp\":1}", world.stranger);
	assert_int_equal(verify(token.data, token.len), ERR_TOKEN_INVALID);
}

static void test_past_dates(void **state)
{
	(void)state;
#define WITH(claims) "{" ISS "," AUD "," SUB "," EXP "," claims "}"
	static const char *const good[] = {WITH("\"iat\":1700000059"), WITH("\"iat\":1700000060"),
		WITH("\"iat\":0"), WITH(IAT ",\"nbf\":1700000060"), WITH(IAT ",\"auth_time\":1700000060"),
		WITH(IAT ",\"nbf\":1,\"auth_time\":1")};
	static const char *const bad[] = {"{" ISS "," AUD "," SUB "," EXP "}", WITH("\"iat\":1700000061"),
		WITH("\"iat\":\"1699999990\""), WITH("\"iat\":1699999990.5"), WITH("\"iat\":null"),
		WITH("\"iat\":-1"), WITH("\"iat\":1e18"), WITH(IAT ",\"nbf\":1700000061"),
		WITH(IAT ",\"nbf\":\"1\""), WITH(IAT ",\"nbf\":null"), WITH(IAT ",\"auth_time\":1700000061"),
		WITH(IAT ",\"auth_time\":{}")};
	expect_payloads(good, COUNT(good), OK);
	expect_payloads(bad, COUNT(bad), ERR_TOKEN_INVALID);
}

static void test_audience(void **state)
{
	(void)state;
#define WITH_AUD(aud) "{" ISS "," SUB "," IAT "," EXP ",\"aud\":" aud "}"
	static const char *const good[] = {
		WITH_AUD("[\"app\"]"), WITH_AUD("[\"x\",\"app\"]"), WITH_AUD("[\"app\",\"x\"]")};
	static const char *const bad[] = {"{" ISS "," SUB "," IAT "," EXP "}", WITH_AUD("\"App\""),
		WITH_AUD("\"\""), WITH_AUD("\"app2\""), WITH_AUD("[]"), WITH_AUD("[\"x\"]"),
		WITH_AUD("[\"app\",1]"), WITH_AUD("[[\"app\"]]"), WITH_AUD("{\"app\":\"app\"}"),
		WITH_AUD("null"), WITH_AUD("1"), WITH_AUD("\"app\\u0000\"")};
	expect_payloads(good, COUNT(good), OK);
	expect_payloads(bad, COUNT(bad), ERR_TOKEN_INVALID);
}

static void test_issuer(void **state)
{
	(void)state;
#define WITH_ISS(iss) "{" AUD "," SUB "," IAT "," EXP ",\"iss\":" iss "}"
	static const char *const bad[] = {"{" AUD "," SUB "," IAT "," EXP "}",
		WITH_ISS("\"https://issuer.example/\""), WITH_ISS("\"\""), WITH_ISS("[\"" ISSUER "\"]"),
		WITH_ISS("null"), WITH_ISS("\"" ISSUER "\\u0000\"")};
	expect_payloads(bad, COUNT(bad), ERR_TOKEN_INVALID);
}

static void test_subject(void **state)
{
	(void)state;
#define WITH_SUB(sub) "{" ISS "," AUD "," IAT "," EXP ",\"sub\":" sub "}"
#define TEN           "aaaaaaaaaa"
#define LONGEST       TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "aaaaaa\xc3\xa9"
	static const char *const good[] = {WITH_SUB("\"a\""), WITH_SUB("\"" LONGEST "\""),
		WITH_SUB("\"a b|c/d\""), WITH_SUB("\"\xc2\xa0\xe2\x82\xac\"")};
	static const char *const bad[] = {"{" ISS "," AUD "," IAT "," EXP "}", WITH_SUB("\"\""),
		WITH_SUB("\"" LONGEST "a\""), WITH_SUB("\"a\\n\""), WITH_SUB("\"\\u0001\""),
		WITH_SUB("\"\x7f\""), WITH_SUB("\"a\\u0085b\""), WITH_SUB("\"\xc2\x9f\""),
		WITH_SUB("\"alice\\u0000x\""), WITH_SUB("\"\\u0000\""), WITH_SUB("1"), WITH_SUB("null"),
		WITH_SUB("[\"a\"]")};
	expect_payloads(good, COUNT(good), OK);
	expect_payloads(bad, COUNT(bad), ERR_TOKEN_INVALID);
}

static void append_repeated(struct text *out, const char *string, int times)
{
	for (int i = 0; i < times; i++)
		text_append_string(out, string);
}

static void read_name_and_email(const char *letter, int name, int email, struct auth_claims *ret)
{
	TEXT_AUTO payload = {0};
	text_append_string(&payload, "{" ISS "," AUD "," SUB "," IAT "," EXP ",\"name\":\"");
	append_repeated(&payload, letter, name);
	text_append_string(&payload, "\",\"email\":\"");
	append_repeated(&payload, letter, email);
	text_append_string(&payload, "\"}");
	read_claims(payload.data, ret);
}

static void test_name_and_email_bounds(void **state)
{
	(void)state;
	struct auth_claims claims;
	read_name_and_email("\xf0\x9f\x98\x80", 200, 80, &claims);
	assert_int_equal(strlen(claims.name), 800);
	assert_int_equal(strlen(claims.email), 320);
	read_name_and_email("\xf0\x9f\x98\x80", 201, 81, &claims);
	assert_string_equal(claims.name, "");
	assert_string_equal(claims.email, "");
	read_claims("{" ISS "," AUD "," SUB "," IAT "," EXP ",\"name\":7,\"email\":[\"a@b\"]}", &claims);
	assert_string_equal(claims.name, "");
	assert_string_equal(claims.email, "");
}

/* No part of the token may reach a log through the message. */
static void test_messages_quote_nothing(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{HEADER, "{" ISS ",\"SECRET\":1,\"SECRET\":2}"},
		{"{\"alg\":\"SECRET\",\"kid\":\"k1\"}", GOOD},
		{"{\"alg\":\"ES256\",\"kid\":\"SECRET\"}", GOOD},
		{"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"SECRET\"}", GOOD},
		{HEADER, "{\"iss\":\"SECRET\"}"},
		{HEADER, "{" ISS ",\"aud\":\"SECRET\"}"},
		{HEADER, "{" ISS "," AUD ",\"sub\":\"SECRET\\n\"}"},
		{HEADER, "{" ISS "," AUD "," SUB ",\"iat\":\"SECRET\"}"},
		{HEADER, "{" ISS "," AUD "," SUB "," IAT ",\"exp\":\"SECRET\"}"},
		{HEADER, "{" ISS "," AUD "," SUB "," IAT ",\"exp\":1,\"name\":\"SECRET\"}"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		TEXT_AUTO token = sign(rows[i][0], rows[i][1], world.ec);
		struct auth_claims claims;
		struct refusal why;
		assert_true(verify_in(world.auth, token.data, token.len, &claims, &why) != OK);
		assert_null(strstr(why.message, "SECRET"));
		assert_null(strstr(why.message, "eyJ"));
	}
}

/* --- issuers and keys --- */

static void test_issuers_are_apart(void **state)
{
	(void)state;
	struct auth *auth = auth_create();
	struct refusal why;
	struct auth_claims claims;
	struct key *first[] = {make_key("k1", "ES256", world.ec)};
	struct key *second[] = {make_key("k1", "ES256", world.other)};
	assert_int_equal(auth_add_issuer(auth, ISSUER, "app", first, 1, &why), OK);
	assert_int_equal(auth_add_issuer(auth, "two", "app", second, 1, &why), OK);
	TEXT_AUTO good = sign(HEADER, "{\"iss\":\"two\"," AUD "," SUB "," IAT "," EXP "}", world.other);
	assert_int_equal(verify_in(auth, good.data, good.len, &claims, &why), OK);
	assert_string_equal(claims.issuer, "two");
	/* The one issuer signs in the other's name. */
	TEXT_AUTO crossed = sign(HEADER, GOOD, world.other);
	assert_int_equal(verify_in(auth, crossed.data, crossed.len, &claims, &why), ERR_TOKEN_INVALID);
	auth_destroy(auth);
	auth_destroy(NULL);
}

static void test_no_issuer(void **state)
{
	(void)state;
	struct auth *auth = auth_create();
	struct refusal why;
	struct auth_claims claims;
	TEXT_AUTO token = sign(HEADER, GOOD, world.ec);
	assert_int_equal(verify_in(auth, token.data, token.len, &claims, &why), ERR_TOKEN_INVALID);
	assert_int_equal(auth_add_issuer(auth, ISSUER, "app", NULL, 0, &why), OK);
	assert_int_equal(verify_in(auth, token.data, token.len, &claims, &why), ERR_NOT_FOUND);
	assert_string_equal(auth_issuer_of(auth, token.data, token.len), ISSUER);
	assert_null(auth_issuer_of(auth, token.data, 20));
	struct key *keys[] = {make_key("k1", "ES256", world.ec)};
	auth_set_keys(auth, ISSUER, keys, 1);
	assert_int_equal(verify_in(auth, token.data, token.len, &claims, &why), OK);
	auth_set_keys(auth, ISSUER, NULL, 0);
	assert_int_equal(verify_in(auth, token.data, token.len, &claims, &why), ERR_NOT_FOUND);
	auth_destroy(auth);
}

static void test_refused_issuers(void **state)
{
	(void)state;
	char name[LIMIT_ISSUER_BYTES + 2];
	memset(name, 'i', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	const char *const bad[] = {ISSUER, "", name};
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct key *keys[] = {make_key("k", "ES256", world.ec)};
		struct refusal why;
		assert_int_equal(auth_add_issuer(world.auth, bad[i], "app", keys, 1, &why), ERR_BAD_REQUEST);
	}
}

/* --- the local issuer --- */

struct place {
	char dir[64];
	char db[96];
	char key[112];
};

static int make_place(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	snprintf(place->dir, sizeof(place->dir), "/tmp/lockstep-auth-XXXXXX");
	if (!mkdtemp(place->dir))
		return -1;
	snprintf(place->db, sizeof(place->db), "%s/t.db", place->dir);
	snprintf(place->key, sizeof(place->key), "%s.key", place->db);
	*state = place;
	return 0;
}

static int remove_place(void **state)
{
	struct place *place = *state;
	unlink(place->key);
	/* Fails, as it should, when a draft of a key was left behind. */
	int failed = rmdir(place->dir);
	free(place);
	return failed;
}

static struct local *open_local(const struct place *place)
{
	struct local *local = NULL;
	struct refusal why = {0};
	if (local_open(place->db, &local, &why))
		fail_msg("%s", why.message);
	return local;
}

static char *mint(const struct local *local, const char *user)
{
	char *token = NULL;
	struct refusal why;
	assert_int_equal(
		local_mint(local, user, "Alice \xe2\x82\xac\"", "a@b.example", NOW_MS, 60, &token, &why), OK);
	return token;
}

/* What an auth that knows `local` says of the token. */
static enum err verify_by(const struct local *local, const char *token, struct auth_claims *ret)
{
	struct auth *auth = auth_create();
	struct refusal why;
	assert_int_equal(local_register(local, auth, &why), OK);
	enum err err = verify_in(auth, token, strlen(token), ret, &why);
	auth_destroy(auth);
	return err;
}

static void test_local_token(void **state)
{
	struct local *local = open_local(*state);
	char *token = mint(local, "alice");
	struct auth_claims claims;
	assert_int_equal(verify_by(local, token, &claims), OK);
	assert_string_equal(claims.issuer, "lockstep");
	assert_string_equal(claims.subject, "alice");
	assert_string_equal(claims.name, "Alice \xe2\x82\xac\"");
	assert_string_equal(claims.email, "a@b.example");
	assert_int_equal(claims.expires_at_ms, NOW_MS + 3600 * 1000);
	free(token);
	local_destroy(local);
	local_destroy(NULL);
}

/* r and s are now and then shorter than 32 bytes. */
static void test_many_local_tokens(void **state)
{
	struct local *local = open_local(*state);
	for (int i = 0; i < 400; i++) {
		char user[16];
		snprintf(user, sizeof(user), "user%d", i);
		char *token = mint(local, user);
		struct auth_claims claims;
		assert_int_equal(verify_by(local, token, &claims), OK);
		assert_string_equal(claims.subject, user);
		free(token);
	}
	local_destroy(local);
}

static void test_local_key_stays(void **state)
{
	const struct place *place = *state;
	struct local *first = open_local(place);
	struct stat status;
	assert_int_equal(stat(place->key, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	char *token = mint(first, "alice");
	local_destroy(first);
	struct local *second = open_local(place);
	struct auth_claims claims;
	assert_int_equal(verify_by(second, token, &claims), OK);
	unlink(place->key);
	struct local *third = open_local(place);
	assert_int_equal(verify_by(third, token, &claims), ERR_NOT_FOUND);
	free(token);
	local_destroy(second);
	local_destroy(third);
}

static void *open_in_thread(void *place)
{
	struct local *local = NULL;
	struct refusal why;
	return local_open(((struct place *)place)->db, &local, &why) ? NULL : local;
}

static void test_local_started_at_once(void **state)
{
	enum { THREADS = 8 };
	pthread_t threads[THREADS];
	struct local *locals[THREADS];
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, open_in_thread, *state), 0);
	for (int i = 0; i < THREADS; i++) {
		void *local;
		pthread_join(threads[i], &local);
		assert_non_null(local);
		locals[i] = local;
	}
	char *token = mint(locals[0], "alice");
	for (int i = 0; i < THREADS; i++) {
		struct auth_claims claims;
		assert_int_equal(verify_by(locals[i], token, &claims), OK);
		local_destroy(locals[i]);
	}
	free(token);
}

static void expect_closed(const struct place *place, const char *part)
{
	struct local *local = NULL;
	struct refusal why = {0};
	assert_int_equal(local_open(place->db, &local, &why), ERR_INTERNAL);
	assert_null(local);
	assert_non_null(strstr(why.message, part));
	assert_non_null(strstr(why.message, place->key));
}

static void test_local_key_modes(void **state)
{
	const struct place *place = *state;
	local_destroy(open_local(place));
	static const mode_t open_modes[] = {0640, 0604, 0644, 0660, 0601, 0610};
	for (size_t i = 0; i < COUNT(open_modes); i++) {
		chmod(place->key, open_modes[i]);
		expect_closed(place, "chmod 600");
	}
	chmod(place->key, 0400);
	local_destroy(open_local(place));
}

static void write_file(const struct place *place, const void *bytes, size_t len)
{
	FILE *file = fopen(place->key, "w");
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	fclose(file);
	chmod(place->key, 0600);
}

static void write_pem(const struct place *place, EVP_PKEY *pkey, const EVP_CIPHER *cipher)
{
	FILE *file = fopen(place->key, "w");
	chmod(place->key, 0600);
	assert_int_equal(PEM_write_PrivateKey(file, pkey, cipher, NULL, 0, NULL, "password"), 1);
	fclose(file);
}

static void test_local_bad_files(void **state)
{
	const struct place *place = *state;
	static const char large[5000];
	write_file(place, "", 0);
	expect_closed(place, "EC P-256");
	write_file(place, "nonsense\n", 9);
	expect_closed(place, "EC P-256");
	write_file(place, large, sizeof(large));
	expect_closed(place, "too large");
	write_pem(place, world.rsa, NULL);
	expect_closed(place, "EC P-256");
	write_pem(place, world.ec, EVP_aes_128_cbc());
	expect_closed(place, "EC P-256");
	write_pem(place, world.ec, NULL);
	local_destroy(open_local(place));
	unlink(place->key);
	assert_int_equal(mkfifo(place->key, 0600), 0);
	expect_closed(place, "no file");
	struct place nowhere = *place;
	snprintf(nowhere.db, sizeof(nowhere.db), "/tmp/lockstep-no-such-dir/t.db");
	snprintf(nowhere.key, sizeof(nowhere.key), "%s.key", nowhere.db);
	expect_closed(&nowhere, "No such file");
}

static void expect_no_mint(const struct local *local, const char *user, const char *name, const char *email,
	int64_t minutes, const char *field)
{
	char *token = NULL;
	struct refusal why;
	assert_int_equal(
		local_mint(local, user, name, email, NOW_MS, minutes, &token, &why), ERR_BAD_REQUEST);
	assert_null(token);
	assert_string_equal(why.field, field);
}

static void test_local_mint_refuses(void **state)
{
	struct local *local = open_local(*state);
	char text[400];
	memset(text, 'a', sizeof(text));
	text[399] = '\0';
	expect_no_mint(local, "", NULL, NULL, 60, "user");
	expect_no_mint(local, text, NULL, NULL, 60, "user");
	expect_no_mint(local, "a\n", NULL, NULL, 60, "user");
	expect_no_mint(local, "a\xff", NULL, NULL, 60, "user");
	expect_no_mint(local, "a", text, NULL, 60, "name");
	expect_no_mint(local, "a", "\xff", NULL, 60, "name");
	expect_no_mint(local, "a", NULL, text, 60, "email");
	expect_no_mint(local, "a", NULL, "\xc3", 60, "email");
	expect_no_mint(local, "a", NULL, NULL, 0, "minutes");
	expect_no_mint(local, "a", NULL, NULL, -5, "minutes");
	expect_no_mint(local, "a", NULL, NULL, (int64_t)LOCAL_MINUTES_MAX + 1, "minutes");
	local_destroy(local);
}

/* The longest of everything still makes a token that is taken. */
static void test_local_mint_largest(void **state)
{
	struct local *local = open_local(*state);
	TEXT_AUTO name = {0};
	TEXT_AUTO email = {0};
	TEXT_AUTO user = {0};
	append_repeated(&name, "\xf0\x9f\x98\x80", LIMIT_NAME_CHARS);
	append_repeated(&email, "e", LIMIT_EMAIL_BYTES);
	append_repeated(&user, "\"", LIMIT_SUBJECT_BYTES);
	char *token = NULL;
	struct refusal why;
	struct auth_claims claims;
	assert_int_equal(local_mint(local, user.data, name.data, email.data, NOW_MS + 999, LOCAL_MINUTES_MAX,
				 &token, &why),
		OK);
	assert_int_equal(verify_by(local, token, &claims), OK);
	assert_string_equal(claims.subject, user.data);
	assert_string_equal(claims.name, name.data);
	assert_string_equal(claims.email, email.data);
	free(token);
	local_destroy(local);
}

#define LOCAL_TEST(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_token),
		cmocka_unit_test(test_each_key_of_the_issuer),
		cmocka_unit_test(test_every_bit_counts),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_public_key_as_secret),
		cmocka_unit_test(test_unsigned),
		cmocka_unit_test(test_stranger),
		cmocka_unit_test(test_signature_forms),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_lone_digit),
		cmocka_unit_test(test_standard_alphabet),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_payloads),
		cmocka_unit_test(test_exp),
		cmocka_unit_test(test_exp_edge),
		cmocka_unit_test(test_expired_and_wrong),
		cmocka_unit_test(test_past_dates),
		cmocka_unit_test(test_audience),
		cmocka_unit_test(test_issuer),
		cmocka_unit_test(test_subject),
		cmocka_unit_test(test_name_and_email_bounds),
		cmocka_unit_test(test_messages_quote_nothing),
		cmocka_unit_test(test_issuers_are_apart),
		cmocka_unit_test(test_no_issuer),
		cmocka_unit_test(test_refused_issuers),
		LOCAL_TEST(test_local_token),
		LOCAL_TEST(test_many_local_tokens),
		LOCAL_TEST(test_local_key_stays),
		LOCAL_TEST(test_local_started_at_once),
		LOCAL_TEST(test_local_key_modes),
		LOCAL_TEST(test_local_bad_files),
		LOCAL_TEST(test_local_mint_refuses),
		LOCAL_TEST(test_local_mint_largest),
	};
	return cmocka_run_group_tests_name("auth", tests, set_up, tear_down);
}
