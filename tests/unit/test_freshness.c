/* How long an answer may be kept, by its headers. */
#include "server/freshness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void headers_say_how_long(void **state)
{
	static const struct {
		const char *lines[3];
		int64_t seconds;
	} rows[] = {
		{{NULL}, FRESHNESS_UNSAID},
		{{"Content-Type: application/json\r\n"}, FRESHNESS_UNSAID},
		{{"Cache-Control: public\r\n"}, FRESHNESS_UNSAID},
		{{"Cache-Control: max-age=3600\r\n"}, 3600},
		{{"cache-control:max-age=3600"}, 3600},
		{{"CACHE-CONTROL:  Max-Age = 7 \r\n"}, 7},
		{{"Cache-Control: public, max-age=20306, must-revalidate, no-transform\r\n"}, 20306},
		{{"Cache-Control: public,max-age=10", "Age: 4"}, 6},
		{{"Age: 4\r\n", "Cache-Control: max-age=10\r\n"}, 6},
		{{"Age: 40\r\n", "Cache-Control: max-age=10\r\n"}, 0},
		{{"Age: -4", "Cache-Control: max-age=10"}, 10},
		{{"Age: soon", "Cache-Control: max-age=10"}, 10},
		{{"Age: 4"}, FRESHNESS_UNSAID},
		{{"Cache-Control: no-store"}, 0},
		{{"Cache-Control: No-Cache"}, 0},
		{{"Cache-Control: no-cache=\"set-cookie\""}, 0},
		{{"Cache-Control: max-age=10, no-store"}, 0},
		{{"Cache-Control: no-store", "Cache-Control: max-age=10"}, 0},
		{{"Cache-Control: max-age=10, max-age=5"}, 5},
		{{"Cache-Control: max-age=\"10\""}, 10},
		{{"Cache-Control: max-age=\""}, 0},
		{{"Cache-Control: max-age"}, 0},
		{{"Cache-Control: max-age="}, 0},
		{{"Cache-Control: max-age=-1"}, 0},
		{{"Cache-Control: max-age=1e3"}, 0},
		{{"Cache-Control: s-maxage=10"}, FRESHNESS_UNSAID},
		{{"Cache-Control: x-max-age=10"}, FRESHNESS_UNSAID},
		{{"Cache-Control: max-age=999999999999999999999999999999"}, FRESHNESS_MAX_SECONDS},
		{{"Cache-Control: max-age=10", "Age: 999999999999999999999999999999"}, 0},
		{{"Cache-Control: ,,, max-age=10,"}, 10},
		{{"Cache-Control:"}, FRESHNESS_UNSAID},
		{{"Cache-Control"}, FRESHNESS_UNSAID},
		{{"", "\r\n", ":"}, FRESHNESS_UNSAID},
		{{"X-Cache-Control: max-age=10"}, FRESHNESS_UNSAID},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct freshness freshness = {0};
		for (size_t j = 0; j < 3 && rows[i].lines[j]; j++)
			freshness_read(&freshness, rows[i].lines[j], strlen(rows[i].lines[j]));
		if (freshness_seconds(&freshness) != rows[i].seconds)
			fail_msg("%s: %lld", rows[i].lines[0], (long long)freshness_seconds(&freshness));
	}
}

/* A line is as long as it is said to be: no NUL need stand behind it. */
static void a_line_ends_where_it_ends(void **state)
{
	static const char line[] = "Cache-Control: max-age=12345";
	struct freshness freshness = {0};
	(void)state;
	freshness_read(&freshness, line, sizeof(line) - 4);
	assert_int_equal(freshness_seconds(&freshness), 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_say_how_long),
		cmocka_unit_test(a_line_ends_where_it_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
