/* protocol/instant: ISO 8601 in and out. */
#include "protocol/instant.h"

#include "protocol/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void instants_are_written(void **state)
{
	(void)state;
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
		{0, "1970-01-01T00:00:00.000Z"},
		{1, "1970-01-01T00:00:00.001Z"},
		{1700000000000, "2023-11-14T22:13:20.000Z"},
		{1700000000123, "2023-11-14T22:13:20.123Z"},
		{951782400000 - 1, "2000-02-28T23:59:59.999Z"},
		{951782400000, "2000-02-29T00:00:00.000Z"},
		{LIMIT_INSTANT_MS, "9999-12-31T23:59:59.999Z"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[INSTANT_TEXT];
		int64_t ms = -1;
		instant_format(rows[i].ms, text);
		assert_string_equal(text, rows[i].text);
		assert_true(instant_parse(text, &ms));
		assert_int_equal(ms, rows[i].ms);
	}
}

static void instants_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{"2023-11-14T22:13:20Z", 1700000000000},
		{"2023-11-14T22:13Z", 1699999980000},
		{"2023-11-14T22:13:20.1Z", 1700000000100},
		{"2023-11-14T22:13:20.12Z", 1700000000120},
		{"2023-11-14T22:13:20.123Z", 1700000000123},
		/* Cut, not rounded. */
		{"2023-11-14T22:13:20.123999999Z", 1700000000123},
		{"2023-11-14T22:13:20.0009Z", 1700000000000},
		{"2023-11-14T23:13:20+01:00", 1700000000000},
		{"2023-11-15T03:43:20.5+05:30", 1700000000500},
		{"2023-11-14T17:13:20-05:00", 1700000000000},
		{"2023-11-14T22:13:20+00:00", 1700000000000},
		{"2023-11-14T22:13:20-00:00", 1700000000000},
		{"2023-11-14T22:43+00:30", 1699999980000},
		{"1970-01-01T00:00:00Z", 0},
		{"1970-01-01T01:00:00+01:00", 0},
		{"2024-02-29T00:00:00Z", 1709164800000},
		{"9999-12-31T23:59:59.999Z", LIMIT_INSTANT_MS},
		{"9999-12-31T22:59:59.999-01:00", LIMIT_INSTANT_MS},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t ms = -1;
		if (!instant_parse(rows[i].text, &ms))
			fail_msg("refused %s", rows[i].text);
		if (ms != rows[i].ms)
			fail_msg("%s: %lld", rows[i].text, (long long)ms);
	}
}

static void nonsense_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "x", "2023", "2023-11-14", "2023-11-14T", "2023-11-14T22",
		"2023-11-14T22:13", "2023-11-14T22:13:20", "2023-11-14T22:13:20.123", "2023-11-14 22:13:20Z",
		"2023-11-14T22:13:20.Z", "2023-11-14T22:13:20,5Z", "2023-11-14T22:13:20Zx",
		"2023-11-14T22:13:20Z ", " 2023-11-14T22:13:20Z", "2023-11-14T24:00:00Z",
		"2023-11-14T22:60:00Z", "2023-11-14T22:13:60Z", "2023-11-14T2:13:20Z", "2023-11-14T22:3:20Z",
		"2023-11-14T22:13:2Z", "2023-11-14T22:13:200Z", "2023-11-14T+2:13:20Z",
		"2023-11-31T22:13:20Z", "2023-02-29T00:00:00Z", "2023-13-01T00:00:00Z",
		"2023-00-01T00:00:00Z", "2023-1-01T00:00:00Z", "23-11-14T22:13:20Z", "02023-11-14T22:13:20Z",
		"2023-11-14T22:13:20+1:00", "2023-11-14T22:13:20+01:0", "2023-11-14T22:13:20+24:00",
		"2023-11-14T22:13:20+00:60", "2023-11-14T22:13:20+", "2023-11-14T22:13:20+01:00Z",
		"2023-11-14T22:13:20Z+01:00", "2023-11-14T22:13:20*01:00", "1969-12-31T23:59:59Z",
		"1970-01-01T00:59:59+01:00", "9999-12-31T23:59:59.999-00:01", "10000-01-01T00:00:00Z",
		"1700000000000", "null", "now", "2023-11-14T22:13:20.-5Z", "2023-11-14T-2:13:20Z",
		"\xef\xbc\x92\x30\x32\x33-11-14T22:13:20Z"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int64_t ms = 77;
		if (instant_parse(texts[i], &ms))
			fail_msg("accepted %s", texts[i]);
		assert_int_equal(ms, 77);
	}
}

/* Every beginning of an instant is none, but for those that are one without seconds or decimals. */
static void truncation_is_refused(void **state)
{
	(void)state;
	static const char text[] = "2023-11-14T22:13:20.123456+05:30";
	for (size_t len = 0; len < sizeof(text) - 1; len++) {
		char cut[sizeof(text)] = {0};
		int64_t ms;
		memcpy(cut, text, len);
		assert_false(instant_parse(cut, &ms));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(instants_are_written),
		cmocka_unit_test(instants_are_read),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(truncation_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
