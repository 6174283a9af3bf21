/* examples/cli/length and name: what people type. */
#include "examples/cli/length.h"
#include "examples/cli/name.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

static void test_lengths(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{"25m", 25 * MINUTE},
		{"1h30m", 90 * MINUTE},
		{"1h 30m", 90 * MINUTE},
		{"90s", 90 * SECOND},
		{"1h1m1s", HOUR + MINUTE + SECOND},
		{"1h1s", HOUR + SECOND},
		{"1.5h", 90 * MINUTE},
		{"0.5s", 500},
		{"1d", 24 * HOUR},
		{"1:30:00", 90 * MINUTE},
		{"25:00", 25 * MINUTE},
		{"90:00", 90 * MINUTE},
		{"0:05", 5 * SECOND},
		{"45", 45 * MINUTE},
		{"0", 0},
		{"2.5", 150 * SECOND},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t ms = -1;
		assert_true(length_parse(rows[i].text, &ms));
		assert_int_equal(ms, rows[i].ms);
	}
}

static void test_no_lengths(void **state)
{
	static const char *const texts[] = {"", " ", "m", "-5", "+5", "5 m", "5x", "m5", "5m5", "5m1h",
		"5m5m", "1:5", "1:60", "1:00:60", "1:60:00", "1:1:1:1", ":30", "1:", "1e3", "0x10", "inf",
		"nan", "1.", ".5", "1.:00", "1.5:00", "1..5h", "101d", "99999999999999999999", "9999999999h",
		"5m\n"};
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int64_t ms = 77;
		if (length_parse(texts[i], &ms))
			fail_msg("\"%s\" is read as %lld ms", texts[i], (long long)ms);
		assert_int_equal(ms, 77);
	}
}

static const struct name_candidate things[] = {
	{"Read", {{0x01, 0x23, 0x45, 0x67}}, true},
	{"Reading list", {{0x01, 0x23, 0x45, 0x68}}, true},
	{"read", {{0x02}}, true},
	{"Tea", {{0x03}}, true},
	{"Écrire", {{0x04}}, true},
	{"Tea", {{0x05}}, false},
	{"Old", {{0x06}}, false},
	{"Old", {{0x07}}, false},
	{"100%", {{0xab, 0xcd, 0xef}}, true},
};
#define THINGS (sizeof(things) / sizeof(things[0]))

static size_t find(const char *word)
{
	TEXT_AUTO out = {0};
	return name_find(things, THINGS, word, &out);
}

static void test_names(void **state)
{
	(void)state;
	assert_int_equal(find("Read"), 0);
	assert_int_equal(find("read"), 2);
	assert_int_equal(find("Readi"), 1);
	assert_int_equal(find("READING LIST"), 1);
	assert_int_equal(find("écr"), 4);
	assert_int_equal(find("te"), 3); /* the other one is not preferred */
	assert_int_equal(find("100"), 8);
	assert_int_equal(find("01234567"), 0);
	assert_int_equal(find("01234568-0000-0000-0000-000000000000"), 1);
	assert_int_equal(find("ABCD"), 8);
	assert_int_equal(find("01"), NAME_NONE); /* too little of an id */
	assert_int_equal(find("Reads"), NAME_NONE);
	assert_int_equal(find(""), NAME_NONE);
	assert_int_equal(find("\xff"), NAME_NONE);
}

static void test_ambiguous_names(void **state)
{
	TEXT_AUTO out = {0};
	(void)state;
	assert_int_equal(find("READ"), NAME_MANY);
	assert_int_equal(find("0123"), NAME_MANY);
	assert_int_equal(name_find(things, THINGS, "old", &out), NAME_MANY);
	assert_string_equal(out.data, "  06000000-0000-0000-0000-000000000000  Old\n"
				      "  07000000-0000-0000-0000-000000000000  Old\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_no_lengths),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_ambiguous_names),
	};
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
