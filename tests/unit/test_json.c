/* protocol/json: what must not reach a command, and what must. */
#include "protocol/json.h"

#include "protocol/limits.h"
#include "protocol/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define BYTES(literal) (literal), sizeof(literal) - 1

static cJSON *accept_bytes(const char *bytes, size_t len)
{
	/* An exact copy on the heap: a read beyond it is the sanitizer's to find. */
	char *copy = malloc(len ? len : 1);
	memcpy(copy, bytes, len);
	cJSON *tree = NULL;
	struct refusal why = {0};
	enum err err = json_parse(copy, len, &tree, &why);
	free(copy);
	if (err)
		fail_msg("refused %.*s: %s", (int)len, bytes, why.message);
	assert_non_null(tree);
	assert_int_equal(why.code, OK);
	return tree;
}

static struct refusal refuse_bytes(const char *bytes, size_t len)
{
	char *copy = malloc(len ? len : 1);
	memcpy(copy, bytes, len);
	cJSON mark;
	cJSON *tree = &mark;
	struct refusal why = {0};
	enum err err = json_parse(copy, len, &tree, &why);
	free(copy);
	if (!err)
		fail_msg("accepted %.*s", (int)len, bytes);
	assert_int_equal(err, ERR_BAD_JSON);
	assert_int_equal(why.code, ERR_BAD_JSON);
	assert_ptr_equal(tree, &mark);
	assert_true(strlen(why.message) > 0);
	assert_null(strchr(why.message, '\n'));
	return why;
}

static void expect_good(const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		JSON_AUTO *tree = accept_bytes(texts[i], strlen(texts[i]));
		assert_non_null(tree);
	}
}

static void expect_bad(const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		refuse_bytes(texts[i], strlen(texts[i]));
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_values(void **state)
{
	(void)state;
	static const char *const good[] = {"{}", "[]", "null", "true", "false", "0", "-0", "\"\"",
		" \t\r\n{ \"a\" : [ 1 , 2 ] , \"b\" : { } } \n", "[[],{},[{}]]", "{\"\":1}", "\"a\"",
		"{\"a\":{\"a\":1},\"b\":{\"a\":2}}"};
	static const char *const bad[] = {"", " ", "{", "[", "]", "}", "[1", "[1,]", "[,1]", "[1 2]", "{,}",
		"{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{1:1}", "{\"a\":1 \"b\":2}",
		"nul", "nulL", "True", "truefalse", "{} {}", "{}x", "1,", "'a'", "[1]]", "/* */1", "NaN",
		"Infinity", "-Infinity", "\v1", "1\f", "\x01[]", "[\x1f]", "\xef\xbb\xbf{}", "{\"a\":1}}"};
	expect_good(good, COUNT(good));
	expect_bad(bad, COUNT(bad));
}

static void test_numbers(void **state)
{
	(void)state;
	static const char *const good[] = {"1", "-1", "10", "0.5", "-0.0", "1e5", "1E+5", "1.5e-3", "0e0",
		"1.7976931348623157e308", "1e-999", "123456789012345678901234567890"};
	static const char *const bad[] = {"-", "+1", "01", "-01", "00", "1.", ".5", "1.e5", "1e", "1e+",
		"--1", "0x10", "1_0", "1e309", "-1e309", "[1e999]", "{\"a\":[0,1e400]}", "1.5.5", "1e5.5",
		"1e0000000000000000000000000000000000000000000000000000000000001e"};
	expect_good(good, COUNT(good));
	expect_bad(bad, COUNT(bad));
}

static void test_long_number(void **state)
{
	(void)state;
	char digits[64];
	memset(digits, '1', sizeof(digits));
	JSON_AUTO *tree = accept_bytes(digits, 63);
	assert_true(cJSON_IsNumber(tree));
	refuse_bytes(digits, 64);
}

static void test_infinite_number_is_named(void **state)
{
	(void)state;
	assert_string_equal(refuse_bytes(BYTES("{\"size\":1e309}")).field, "size");
}

static void test_strings(void **state)
{
	(void)state;
	static const char *const good[] = {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u0001\\u00e9\\uFFFF\"",
		"\"\\ud83d\\uDE00\"", "\"\x7f\"", "\"\xc2\x80\"", "\"\xdf\xbf\"", "\"\xe0\xa0\x80\"",
		"\"\xed\x9f\xbf\"", "\"\xee\x80\x80\"", "\"\xf0\x90\x80\x80\"", "\"\xf4\x8f\xbf\xbf\"",
		"\"\xef\xbb\xbf\"", "\"\\\\u0000\""};
	static const char *const bad[] = {"\"", "\"a", "\"\\\"", "\"\\", "\"\\x\"", "\"\\U0041\"", "\"\\u\"",
		"\"\\u12\"", "\"\\u123g\"", "\"\\u00", "\"\n\"", "\"\t\"", "\"\x1f\"", "\"\\u0000\"",
		"{\"a\\u0000b\":1}", "\"\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\n\"", "\"\\ud800\\u0041\"",
		"\"\\ud800\\ud800\"", "\"\\udc00\"", "\"\\udc00\\ud800\"", "\"\\ud800\\u\""};
	expect_good(good, COUNT(good));
	expect_bad(bad, COUNT(bad));
}

static void test_invalid_utf8(void **state)
{
	(void)state;
	static const char *const bad[] = {"\"\x80\"", "\"\xbf\"", "\"\xc0\x80\"", "\"\xc1\xbf\"", "\"\xc2\"",
		"\"\xc3\x28\"", "\"\xe0\x80\x80\"", "\"\xe0\x9f\xbf\"", "\"\xe2\x82\"", "\"\xed\xa0\x80\"",
		"\"\xed\xbf\xbf\"", "\"\xf0\x80\x80\x80\"", "\"\xf0\x8f\xbf\xbf\"", "\"\xf0\x9f\x98\"",
		"\"\xf4\x90\x80\x80\"", "\"\xf5\x80\x80\x80\"", "\"\xfe\"", "\"\xff\"", "\xc3\xa9", "[\xff]",
		"\"\xe2\x82", "\"\xf0"};
	expect_bad(bad, COUNT(bad));
}

static void test_nul_bytes(void **state)
{
	(void)state;
	refuse_bytes(BYTES("\0"));
	refuse_bytes(BYTES("{}\0"));
	refuse_bytes(BYTES("\0{}"));
	refuse_bytes(BYTES("\"alice\0x\""));
	refuse_bytes(BYTES("{\"a\0\":1}"));
	refuse_bytes(BYTES("[1\0]"));
}

/* Every proper beginning of a message is no message. */
static void test_truncation(void **state)
{
	(void)state;
	static const char text[] = "{\"a\":[true,null,-1.5e3,\"\\u00e9\xc3\xa9\\ud83d\\ude00\"],\"b\":{}}";
	JSON_AUTO *tree = accept_bytes(BYTES(text));
	assert_non_null(tree);
	for (size_t len = 0; len < sizeof(text) - 1; len++)
		refuse_bytes(text, len);
}

static void nest(struct text *out, const char *open, const char *core, const char *close, int depth)
{
	text_clear(out);
	for (int i = 0; i < depth; i++)
		text_append_string(out, open);
	text_append_string(out, core);
	for (int i = 0; i < depth; i++)
		text_append_string(out, close);
}

static void test_depth(void **state)
{
	(void)state;
	TEXT_AUTO text = {0};
	nest(&text, "[", "", "]", LIMIT_JSON_DEPTH);
	JSON_AUTO *array = accept_bytes(text.data, text.len);
	assert_non_null(array);
	nest(&text, "{\"a\":", "1", "}", LIMIT_JSON_DEPTH);
	JSON_AUTO *object = accept_bytes(text.data, text.len);
	assert_non_null(object);
	nest(&text, "[", "", "]", LIMIT_JSON_DEPTH + 1);
	refuse_bytes(text.data, text.len);
	nest(&text, "{\"a\":", "1", "}", LIMIT_JSON_DEPTH + 1);
	refuse_bytes(text.data, text.len);
	nest(&text, "[", "", "", 60000);
	refuse_bytes(text.data, text.len);
}

/* Side by side is not deep. */
static void test_breadth(void **state)
{
	(void)state;
	TEXT_AUTO text = {0};
	text_append_string(&text, "[[]");
	for (int i = 0; i < 1000; i++)
		text_append_string(&text, ",[{}]");
	text_append_string(&text, "]");
	JSON_AUTO *tree = accept_bytes(text.data, text.len);
	assert_int_equal(cJSON_GetArraySize(tree), 1001);
}

static void test_duplicate_keys(void **state)
{
	(void)state;
	assert_string_equal(refuse_bytes(BYTES("{\"a\":1,\"a\":1}")).field, "a");
	assert_string_equal(refuse_bytes(BYTES("{\"b\":1,\"a\":2,\"c\":3,\"b\":4}")).field, "b");
	assert_string_equal(refuse_bytes(BYTES("{\"a\":1,\"\\u0061\":1}")).field, "a");
	assert_string_equal(refuse_bytes(BYTES("{\"\\u00e9\":1,\"\xc3\xa9\":1}")).field, "\xc3\xa9");
	assert_string_equal(refuse_bytes(BYTES("[{\"x\":{\"y\":1,\"y\":null}}]")).field, "y");
	refuse_bytes(BYTES("{\"\":1,\"\":2}"));
	JSON_AUTO *tree = accept_bytes(BYTES("{\"a\":1,\"A\":2,\"a \":3,\"aa\":4}"));
	assert_int_equal(cJSON_GetArraySize(tree), 4);
}

static void make_wide(struct text *out, int keys, bool duplicate)
{
	text_append_string(out, "{");
	for (int i = 0; i < keys; i++)
		text_append_format(out, "\"%d\":1,", i);
	text_append_format(out, "\"%d\":1}", duplicate ? 0 : keys);
}

/* A comparison of all pairs takes seconds here; the bound is loose for slow machines and sanitizers. */
static void test_many_keys(void **state)
{
	(void)state;
	TEXT_AUTO good = {0};
	TEXT_AUTO bad = {0};
	make_wide(&good, 8000, false);
	make_wide(&bad, 8000, true);
	clock_t before = clock();
	for (int i = 0; i < 10; i++) {
		JSON_AUTO *tree = accept_bytes(good.data, good.len);
		assert_non_null(tree);
		assert_string_equal(refuse_bytes(bad.data, bad.len).field, "0");
	}
	assert_true(clock() - before < 2 * CLOCKS_PER_SEC);
}

static void test_get(void **state)
{
	(void)state;
	JSON_AUTO *tree = accept_bytes(BYTES("{\"A\":1,\"a\":2}"));
	int64_t number = 0;
	assert_true(json_integer(json_get(tree, "a"), &number));
	assert_int_equal(number, 2);
	assert_null(json_get(tree, "b"));
	assert_null(json_get(NULL, "a"));
	JSON_AUTO *array = accept_bytes(BYTES("[1]"));
	assert_null(json_get(array, "a"));
}

static void test_integer(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool ok;
		int64_t value;
	} rows[] = {
		{"0", true, 0},
		{"-0", true, 0},
		{"1e3", true, 1000},
		{"2.0", true, 2},
		{"9007199254740991", true, LIMIT_INTEGER},
		{"-9007199254740991", true, -LIMIT_INTEGER},
		{"9007199254740992", false, 0},
		{"9007199254740993", false, 0},
		{"-9007199254740992", false, 0},
		{"1.5", false, 0},
		{"1e300", false, 0},
		{"\"1\"", false, 0},
		{"null", false, 0},
		{"true", false, 0},
		{"[1]", false, 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		JSON_AUTO *tree = accept_bytes(rows[i].text, strlen(rows[i].text));
		int64_t value = 77;
		assert_int_equal(json_integer(tree, &value), rows[i].ok);
		assert_int_equal(value, rows[i].ok ? rows[i].value : 77);
	}
	int64_t untouched = 77;
	assert_false(json_integer(NULL, &untouched));
}

/* Minified: as little as says the same. */
static void test_print(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"{}", "{}"},
		{" [ ] ", "[]"},
		{"{ \"a\" : [ 1 , true , false , null , { \"b\" : \"x\" } ] , \"\" : 2 }",
			"{\"a\":[1,true,false,null,{\"b\":\"x\"}],\"\":2}"},
		{"1.0", "1"},
		{"-0", "0"},
		{"1e2", "100"},
		{"0.1", "0.1"},
		{"1.50", "1.5"},
		{"0.30000000000000004", "0.30000000000000004"},
		{"9007199254740991", "9007199254740991"},
		{"-9007199254740991", "-9007199254740991"},
		{"1e300", "1e+300"},
		{"\"\\u00e9\\/\\u0001\\\"\\\\\"", "\"\xc3\xa9/\\u0001\\\"\\\\\""},
		{"{\"\\u00e9\":1}", "{\"\xc3\xa9\":1}"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		JSON_AUTO *tree = accept_bytes(rows[i].in, strlen(rows[i].in));
		TEXT_AUTO text = {0};
		TEXT_AUTO again = {0};
		json_print(tree, &text);
		assert_string_equal(text.data, rows[i].out);
		JSON_AUTO *back = accept_bytes(text.data, text.len);
		json_print(back, &again);
		assert_string_equal(again.data, text.data);
	}
}

static void test_depth_of_values(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int depth;
	} rows[] = {{"1", 0}, {"\"[[]]\"", 0}, {"null", 0}, {"{}", 1}, {"[1,2]", 1}, {"{\"a\":{}}", 2},
		{"[1,[2],[[3]],4]", 3}, {"{\"a\":[{\"b\":1}],\"c\":2}", 3}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		JSON_AUTO *tree = accept_bytes(rows[i].text, strlen(rows[i].text));
		assert_int_equal(json_depth(tree), rows[i].depth);
	}
}

static void test_freeing_twice(void **state)
{
	(void)state;
	cJSON *tree = accept_bytes(BYTES("[1]"));
	json_free(&tree);
	assert_null(tree);
	json_free(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_long_number),
		cmocka_unit_test(test_infinite_number_is_named),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_invalid_utf8),
		cmocka_unit_test(test_nul_bytes),
		cmocka_unit_test(test_truncation),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_breadth),
		cmocka_unit_test(test_duplicate_keys),
		cmocka_unit_test(test_many_keys),
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_integer),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_depth_of_values),
		cmocka_unit_test(test_freeing_twice),
	};
	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
