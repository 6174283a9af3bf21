/* examples/widget/model: which lines it takes, and what is to be seen at an instant. */
#include "examples/widget/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* Noon of 21 November 2026 in UTC, where everybody here lives; the monotonic clock began at some other time.
 */
#define NOON INT64_C(1795262400000)
#define MONO INT64_C(77000)

#define LINE(phase, sessions, current, next)                                                           \
	"{\"phase\":\"" phase "\",\"userName\":\"al\",\"nowMs\":1795262400000,\"sessions\":[" sessions \
	"],\"current\":" current ",\"next\":" next "}"
#define SESSION(id, kind, title, state, status, times)                                                   \
	"{\"id\":\"" id "\",\"kind\":\"" kind "\",\"title\":" title ",\"group\":null,\"state\":\"" state \
	"\",\"status\":\"" status "\"," times ",\"trackedSeconds\":0,\"goalMinutes\":null}"
#define READ                                                                                            \
	SESSION("r", "timer", "\"Read\"", "RUNNING", "active",                                          \
		"\"initialSeconds\":1500,\"leftSeconds\":1200,\"elapsedSeconds\":300,\"targetTimeMs\":" \
		"1795263600000")
#define WRITE                                                                                            \
	SESSION("w", "timer", "\"Write\"", "PAUSED", "active",                                           \
		"\"initialSeconds\":7200,\"leftSeconds\":3600,\"elapsedSeconds\":3600,\"targetTimeMs\":" \
		"null")
#define REPAIR                                                                                           \
	SESSION("x", "work", "\"Repair\"", "RUNNING", "active",                                          \
		"\"initialSeconds\":null,\"leftSeconds\":null,\"elapsedSeconds\":3599,\"targetTimeMs\":" \
		"null")
#define ALL LINE("live", WRITE "," READ "," REPAIR, "\"r\"", "\"w\"")

static struct model *model_of(const char *line)
{
	struct model *model = model_create();
	assert_true(model_read(model, line, MONO));
	return model;
}

static void shows(
	const struct shown *shown, const char *title, const char *time, const char *note, enum verb verb)
{
	assert_non_null(shown);
	assert_string_equal(shown->title, title);
	assert_string_equal(shown->time, time);
	assert_string_equal(shown->note, note);
	assert_int_equal(shown->verb, verb);
}

/* What the large time says of a line so many ms after it came. */
static void assert_time(const char *line, int64_t later_ms, const char *expected)
{
	struct model *model = model_of(line);
	struct view *view = model_view(model, MONO + later_ms);
	assert_string_equal(view->main->time, expected);
	view_destroy(view);
	model_destroy(model);
}

static void before_the_first_line_it_says_that_it_connects(void **state)
{
	(void)state;
	struct model *model = model_create();
	struct view *view = model_view(model, MONO);
	assert_string_equal(view->trouble, "Connecting…");
	assert_null(view->main);
	assert_int_equal(view->others->len, 0);
	assert_int_equal(view->next_ms, -1);
	assert_false(model_in_step(model));
	view_destroy(view);
	model_destroy(model);
}

/* "Nothing to do" would be a guess. */
static void that_nothing_is_there_is_known_from_the_first_live_line_on(void **state)
{
	(void)state;
	struct model *model = model_create();
	const char *lines[] = {LINE("offline", "", "null", "null"), LINE("live", "", "null", "null"),
		LINE("offline", "", "null", "null")};
	for (int i = 0; i < 3; i++) {
		assert_true(model_read(model, lines[i], MONO));
		struct view *view = model_view(model, MONO);
		assert_int_equal(view->known, i > 0);
		view_destroy(view);
	}
	model_destroy(model);
}

static void the_others_run_or_are_next_or_are_in_order(void **state)
{
	(void)state;
#define TITLED(id, title) SESSION(id, "timer", "\"" title "\"", "PAUSED", "active", "\"leftSeconds\":1")
	struct model *model = model_of(LINE("live",
		TITLED("1", "Zebra") "," TITLED("2", "Ant") "," TITLED("3", "Mole") "," READ "," REPAIR,
		"\"r\"", "\"3\""));
	struct view *view = model_view(model, MONO);
	static const char *const titles[] = {"Repair", "Mole", "Ant", "Zebra"};
	assert_int_equal(view->others->len, 4);
	for (guint i = 0; i < 4; i++) {
		const struct shown *shown = g_ptr_array_index(view->others, i);
		assert_string_equal(shown->title, titles[i]);
	}
	view_destroy(view);
	model_destroy(model);
}

static void the_current_one_is_large_and_what_runs_comes_first_below(void **state)
{
	(void)state;
	struct model *model = model_of(ALL);
	struct view *view = model_view(model, MONO);
	assert_null(view->trouble);
	assert_true(model_in_step(model));
	shows(view->main, "Read", "20:00", "until 12:20", VERB_PAUSE);
	assert_string_equal(view->main->id, "r");
	assert_int_equal(view->main->tone, TONE_RUNNING);
	assert_float_equal(view->main->fraction, 0.2, 1e-9);
	assert_int_equal(view->others->len, 2);
	shows(g_ptr_array_index(view->others, 0), "Repair", "59:59", "running", VERB_PAUSE);
	shows(g_ptr_array_index(view->others, 1), "Write", "1:00:00", "paused", VERB_START);
	view_destroy(view);
	model_destroy(model);
}

static void with_nothing_running_the_next_one_is_large(void **state)
{
	(void)state;
	struct model *model = model_of(LINE("live", WRITE, "null", "\"w\""));
	struct view *view = model_view(model, MONO + 10000);
	shows(view->main, "Write", "1:00:00", "paused", VERB_START);
	assert_int_equal(view->main->tone, TONE_PAUSED);
	assert_int_equal(view->others->len, 0);
	assert_int_equal(view->next_ms, -1);
	view_destroy(view);
	model_destroy(model);
}

static void assert_note(const char *line, const char *expected)
{
	struct model *model = model_of(line);
	struct view *view = model_view(model, MONO);
	assert_string_equal(view->main->note, expected);
	view_destroy(view);
	model_destroy(model);
}

static void what_has_not_begun_is_not_called_paused(void **state)
{
	(void)state;
#define STILL(times) LINE("live", SESSION("s", "timer", "\"S\"", "PAUSED", "active", times), "null", "\"s\"")
	assert_note(STILL("\"initialSeconds\":60,\"leftSeconds\":60,\"elapsedSeconds\":0"), "ready");
	assert_note(STILL("\"initialSeconds\":null,\"leftSeconds\":null,\"elapsedSeconds\":0"), "ready");
	assert_note(STILL("\"initialSeconds\":60,\"leftSeconds\":59.999,\"elapsedSeconds\":0.001"), "paused");
	assert_note(STILL("\"initialSeconds\":null,\"leftSeconds\":null,\"elapsedSeconds\":1"), "paused");
}

static void with_no_sessions_nothing_is_large(void **state)
{
	(void)state;
	struct model *model = model_of(LINE("live", "", "null", "null"));
	struct view *view = model_view(model, MONO);
	assert_null(view->main);
	assert_null(view->trouble);
	view_destroy(view);
	model_destroy(model);
}

static void what_is_left_is_rounded_up_and_ends_at_nought(void **state)
{
	(void)state;
	assert_time(ALL, 1, "20:00");
	assert_time(ALL, 999, "20:00");
	assert_time(ALL, 1000, "19:59");
	assert_time(ALL, 1200 * 1000 - 1, "00:01");
	assert_time(ALL, 1200 * 1000, "00:00");
	assert_time(ALL, 9999 * 1000, "00:00");
}

/* Decimals count: a bar beside it rounds the same. */
static void parts_of_a_second_are_not_lost(void **state)
{
	(void)state;
	assert_time(
		STILL("\"initialSeconds\":1500,\"leftSeconds\":1498.7,\"elapsedSeconds\":1.3"), 0, "24:59");
	const char *counting = LINE("live",
		SESSION("c", "work", "\"C\"", "RUNNING", "active",
			"\"initialSeconds\":null,\"leftSeconds\":null,\"elapsedSeconds\":7.9,"
			"\"targetTimeMs\":null"),
		"\"c\"", "null");
	assert_time(counting, 99, "00:07");
	assert_time(counting, 100, "00:08");
}

static void without_a_length_what_has_passed_is_counted(void **state)
{
	(void)state;
	const char *line = LINE("live", REPAIR, "\"x\"", "null");
	assert_time(line, 0, "59:59");
	assert_time(line, 999, "59:59");
	assert_time(line, 1000, "1:00:00");
	assert_time(line, 36000 * INT64_C(1000), "10:59:59");
	struct model *model = model_of(line);
	struct view *view = model_view(model, MONO);
	assert_true(view->main->fraction < 0);
	view_destroy(view);
	model_destroy(model);
}

/* Whoever sleeps for next_ms finds another second shown, and none was missed before. */
static void it_tells_when_another_second_is_shown(void **state)
{
	(void)state;
	struct model *model = model_of(LINE("live", READ, "\"r\"", "null"));
	int64_t now_ms = MONO + 300;
	for (int left = 20 * 60; left > 0; left--) {
		struct view *view = model_view(model, now_ms);
		char expected[32];
		snprintf(expected, sizeof expected, "%02d:%02d", left / 60, left % 60);
		assert_string_equal(view->main->time, expected);
		assert_in_range(view->next_ms, 1, 1000);
		struct view *before = model_view(model, now_ms + view->next_ms - 1);
		assert_string_equal(before->main->time, expected);
		now_ms += view->next_ms;
		view_destroy(before);
		view_destroy(view);
	}
	struct view *view = model_view(model, now_ms);
	assert_string_equal(view->main->time, "00:00");
	assert_int_equal(view->next_ms, -1);
	view_destroy(view);
	model_destroy(model);
}

static void the_first_of_several_changes_is_told(void **state)
{
	(void)state;
	struct model *model = model_of(ALL);
	struct view *view = model_view(model, MONO + 400);
	assert_int_equal(view->next_ms, 600);
	view_destroy(view);
	model_destroy(model);
}

/* Reads `line`, then one of that phase; the trouble that is then shown. */
static void assert_trouble(const char *first, const char *second, const char *expected)
{
	struct model *model = model_of(first);
	assert_true(model_read(model, second, MONO + 60000));
	assert_false(model_in_step(model));
	struct view *view = model_view(model, MONO + 120000);
	assert_string_equal(view->trouble, expected);
	view_destroy(view);
	model_destroy(model);
}

static void trouble_is_told_with_when_it_began(void **state)
{
	(void)state;
	const char *offline = LINE("offline", READ, "\"r\"", "null");
	assert_trouble(ALL, offline, "Offline since 12:00");
	assert_trouble(ALL, LINE("connecting", READ, "\"r\"", "null"), "Offline since 12:00");
	assert_trouble(offline, offline, "Offline");
	assert_trouble(ALL, LINE("refused", "", "null", "null"),
		"Not signed in: run “lockstep login” in a terminal");
}

/* "a running timer may go on counting as its target is known, but marked offline" */
static void offline_a_running_one_counts_on(void **state)
{
	(void)state;
	assert_time(LINE("offline", READ, "\"r\"", "null"), 61000, "18:59");
}

static void when_the_lines_end_it_says_why_until_one_comes(void **state)
{
	(void)state;
	struct model *model = model_of(ALL);
	model_lose(model, "it ended", MONO + 5000);
	assert_false(model_in_step(model));
	struct view *view = model_view(model, MONO + 6000);
	assert_string_equal(view->trouble, "it ended");
	shows(view->main, "Read", "19:54", "until 12:20", VERB_PAUSE);
	view_destroy(view);
	assert_true(model_read(model, ALL, MONO + 7000));
	view = model_view(model, MONO + 7000);
	assert_null(view->trouble);
	view_destroy(view);
	model_destroy(model);
}

static void what_has_ended_starts_again_only_if_it_is_a_timer(void **state)
{
	(void)state;
#define ENDED(kind)                                       \
	SESSION("e", kind, "null", "PAUSED", "completed", \
		"\"initialSeconds\":60,\"leftSeconds\":0,\"elapsedSeconds\":60")
	struct model *model = model_of(LINE("live", ENDED("timer"), "null", "\"e\""));
	struct view *view = model_view(model, MONO);
	shows(view->main, "Untitled", "00:00", "done", VERB_START);
	assert_int_equal(view->main->tone, TONE_DONE);
	assert_float_equal(view->main->fraction, 1, 1e-9);
	view_destroy(view);
	assert_true(model_read(model, LINE("live", ENDED("focus"), "null", "\"e\""), MONO));
	view = model_view(model, MONO);
	assert_int_equal(view->main->verb, VERB_NONE);
	view_destroy(view);
	model_destroy(model);
}

static void a_title_that_is_no_text_is_made_one(void **state)
{
	(void)state;
	struct model *model = model_of(
		LINE("live", SESSION("t", "timer", "\"a\xff\"", "PAUSED", "active", "\"leftSeconds\":1"),
			"null", "\"t\""));
	struct view *view = model_view(model, MONO);
	assert_string_equal(view->main->title, "a\xEF\xBF\xBD");
	view_destroy(view);
	model_destroy(model);
}

static void another_line_changes_nothing(void **state)
{
	(void)state;
	static const char *const lines[] = {"", "{}", "null", "[]", "lockstep: no", "{\"phase\":\"live\"}",
		"{\"phase\":\"asleep\",\"nowMs\":1,\"sessions\":[]}",
		"{\"phase\":\"live\",\"nowMs\":-1,\"sessions\":[]}",
		"{\"phase\":\"live\",\"nowMs\":1e300,\"sessions\":[]}",
		"{\"phase\":\"live\",\"nowMs\":1,\"sessions\":{}}",
		"{\"phase\":\"live\",\"nowMs\":1,\"sessions\":[{}]}",
		"{\"phase\":\"live\",\"nowMs\":1,\"sessions\":[]} x"};
	struct model *model = model_of(ALL);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		assert_false(model_read(model, lines[i], MONO + 5000));
	struct view *view = model_view(model, MONO);
	shows(view->main, "Read", "20:00", "until 12:20", VERB_PAUSE);
	assert_null(view->trouble);
	view_destroy(view);
	model_destroy(model);
	model_destroy(NULL);
	view_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(before_the_first_line_it_says_that_it_connects),
		cmocka_unit_test(that_nothing_is_there_is_known_from_the_first_live_line_on),
		cmocka_unit_test(the_others_run_or_are_next_or_are_in_order),
		cmocka_unit_test(the_current_one_is_large_and_what_runs_comes_first_below),
		cmocka_unit_test(with_nothing_running_the_next_one_is_large),
		cmocka_unit_test(what_has_not_begun_is_not_called_paused),
		cmocka_unit_test(with_no_sessions_nothing_is_large),
		cmocka_unit_test(what_is_left_is_rounded_up_and_ends_at_nought),
		cmocka_unit_test(parts_of_a_second_are_not_lost),
		cmocka_unit_test(without_a_length_what_has_passed_is_counted),
		cmocka_unit_test(it_tells_when_another_second_is_shown),
		cmocka_unit_test(the_first_of_several_changes_is_told),
		cmocka_unit_test(trouble_is_told_with_when_it_began),
		cmocka_unit_test(offline_a_running_one_counts_on),
		cmocka_unit_test(when_the_lines_end_it_says_why_until_one_comes),
		cmocka_unit_test(what_has_ended_starts_again_only_if_it_is_a_timer),
		cmocka_unit_test(a_title_that_is_no_text_is_made_one),
		cmocka_unit_test(another_line_changes_nothing),
	};
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
