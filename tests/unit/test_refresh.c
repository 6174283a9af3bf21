/* When something is fetched again, in virtual time. */
#include "server/refresh.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
/* Some time after the clock's start; nothing may depend on which. */
#define NOW (17 * HOUR)

static void try_well(struct refresh *refresh, int64_t keep_seconds, int64_t now_ms)
{
	refresh_begin(refresh);
	refresh_succeed(refresh, keep_seconds, now_ms);
}

static void try_badly(struct refresh *refresh, int64_t now_ms)
{
	refresh_begin(refresh);
	refresh_fail(refresh, now_ms);
}

static void is_asked_for_before_its_end(void **state)
{
	static const struct {
		int64_t keep_seconds, next_ms;
	} rows[] = {
		{-1, 48 * MINUTE}, /* nothing said: an hour */
		{0, 48 * SECOND},  /* not to be kept: a minute */
		{59, 48 * SECOND},
		{60, 48 * SECOND},
		{100, 80 * SECOND},
		{3600, 48 * MINUTE},
		{24 * 3600, 24 * HOUR / 5 * 4},
		{24 * 3600 + 1, 24 * HOUR / 5 * 4},
		{365 * 24 * 3600, 24 * HOUR / 5 * 4},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct refresh refresh = {0};
		try_well(&refresh, rows[i].keep_seconds, NOW);
		assert_true(refresh.had && !refresh.asking);
		assert_int_equal(refresh.next_ms, NOW + rows[i].next_ms);
	}
}

static void failures_wait_longer_and_longer(void **state)
{
	static const int64_t seconds[] = {5, 10, 20, 40, 80, 160, 300, 300, 300};
	struct refresh refresh = {0};
	int64_t now_ms = NOW;
	(void)state;
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		try_badly(&refresh, now_ms);
		assert_false(refresh.had);
		assert_int_equal(refresh.next_ms, now_ms + seconds[i] * SECOND);
		now_ms = refresh.next_ms;
	}
	for (int i = 0; i < 100; i++)
		try_badly(&refresh, now_ms);
	assert_int_equal(refresh.next_ms, now_ms + 5 * MINUTE);
	try_well(&refresh, 3600, now_ms);
	assert_int_equal(refresh.next_ms, now_ms + 48 * MINUTE);
	try_badly(&refresh, now_ms);
	assert_true(refresh.had);
	assert_int_equal(refresh.next_ms, now_ms + 5 * SECOND);
}

/* The first who needs something new gets it at once, however lately it was fetched; then a minute passes. */
static void an_unknown_name_asks_once_a_minute(void **state)
{
	struct refresh refresh = {0};
	(void)state;
	try_well(&refresh, 3600, NOW);
	assert_true(refresh_wanted(&refresh, NOW));
	try_well(&refresh, 3600, NOW + SECOND);
	for (int64_t ms = SECOND; ms < MINUTE; ms += SECOND)
		assert_false(refresh_wanted(&refresh, NOW + ms));
	assert_true(refresh_wanted(&refresh, NOW + MINUTE));
	try_badly(&refresh, NOW + MINUTE);
	assert_false(refresh_wanted(&refresh, NOW + MINUTE + 59 * SECOND));
	assert_true(refresh_wanted(&refresh, NOW + 2 * MINUTE));
}

/* An hour of strangers at the door: sixty questions. */
static void a_crowd_asks_no_oftener(void **state)
{
	struct refresh refresh = {0};
	int asked = 0;
	(void)state;
	try_well(&refresh, 24 * 3600, NOW);
	for (int64_t ms = 0; ms < HOUR; ms += 10) {
		if (refresh_wanted(&refresh, NOW + ms)) {
			asked++;
			try_well(&refresh, 24 * 3600, NOW + ms);
		}
	}
	assert_int_equal(asked, 60);
}

static void as_long_as_there_is_nothing_the_wait_is_short(void **state)
{
	struct refresh refresh = {0};
	(void)state;
	for (int i = 0; i < 20; i++)
		try_badly(&refresh, NOW);
	assert_false(refresh_wanted(&refresh, NOW));
	assert_false(refresh_wanted(&refresh, NOW + 5 * SECOND - 1));
	assert_true(refresh_wanted(&refresh, NOW + 5 * SECOND));
	try_badly(&refresh, NOW + 9 * SECOND);
	assert_false(refresh_wanted(&refresh, NOW + 10 * SECOND));
	assert_true(refresh_wanted(&refresh, NOW + 14 * SECOND));
	/* What was wanted before there was anything doesn't count afterwards. */
	try_well(&refresh, 3600, NOW + 15 * SECOND);
	assert_true(refresh_wanted(&refresh, NOW + 16 * SECOND));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_asked_for_before_its_end),
		cmocka_unit_test(failures_wait_longer_and_longer),
		cmocka_unit_test(an_unknown_name_asks_once_a_minute),
		cmocka_unit_test(a_crowd_asks_no_oftener),
		cmocka_unit_test(as_long_as_there_is_nothing_the_wait_is_short),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
