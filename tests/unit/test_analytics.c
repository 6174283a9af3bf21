/* Analytics: ranges, time by period, goals, the streak; by hand and against a model that counts minutes. */
#include "protocol/analytics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/support/calendar.h"

#define MINUTE       60000LL
#define HOUR         (60 * MINUTE)
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct day_rule rule_forever(const char *zone, int reset)
{
	struct day_rule rule = {.from_ms = DAY_RULE_FOREVER, .reset_minutes = (int16_t)reset};
	snprintf(rule.zone, sizeof(rule.zone), "%s", zone);
	return rule;
}

static const struct day_rule rule_utc = {.from_ms = DAY_RULE_FOREVER, .zone = "UTC"};

static struct analytics_interval interval(uint32_t session, const char *start, const char *end)
{
	return (struct analytics_interval){utc(start), utc(end), session};
}

static struct analytics_goal goal(uint32_t session, const char *at, int32_t minutes)
{
	return (struct analytics_goal){utc(at), session, minutes};
}

/* Ranges */

static struct analytics_query ask(enum analytics_period period, const char *from, const char *to)
{
	struct analytics_query query = {.period = period, .has_from = from != NULL, .has_to = to != NULL};
	query.from = from ? label(from) : 0;
	query.to = to ? label(to) : 0;
	return query;
}

static struct analytics_range range_of(const struct day_rule *rule, enum analytics_period period,
	const char *from, const char *to, const char *now)
{
	struct analytics_query query = ask(period, from, to);
	struct analytics_range range;
	struct refusal refusal;
	assert_int_equal(analytics_range_make(&query, rule, 1, utc(now), &range, &refusal), OK);
	assert_int_equal(range.period, period);
	return range;
}

static void expect_range(enum analytics_period period, const char *from, const char *to,
	const char *wide_from, const char *wide_to)
{
	struct analytics_range range =
		range_of(&rule_utc, period, from, to, "2026-01-01 12:00"); /* a Thursday */
	assert_int_equal(range.from, label(wide_from));
	assert_int_equal(range.to, label(wide_to));
	assert_int_equal(range.from_ms, range.from * 24 * HOUR);
	assert_int_equal(range.to_ms, (range.to + 1) * 24 * HOUR);
}

static void widens_to_whole_periods(void **state)
{
	(void)state;
	expect_range(ANALYTICS_DAILY, "2025-12-30", "2026-01-02", "2025-12-30", "2026-01-02");
	expect_range(ANALYTICS_DAILY, "2025-12-30", "2025-12-30", "2025-12-30", "2025-12-30");
	expect_range(ANALYTICS_WEEKLY, "2025-12-30", "2026-01-05", "2025-12-29", "2026-01-11");
	expect_range(ANALYTICS_WEEKLY, "2025-12-29", "2026-01-04", "2025-12-29", "2026-01-04");
	expect_range(ANALYTICS_MONTHLY, "2025-12-30", "2026-02-01", "2025-12-01", "2026-02-28");
	expect_range(ANALYTICS_MONTHLY, "2024-02-10", "2024-02-10", "2024-02-01", "2024-02-29");
}

static void takes_the_usual_range_when_none_is_given(void **state)
{
	(void)state;
	expect_range(ANALYTICS_DAILY, NULL, NULL, "2025-12-26", "2026-01-01");
	expect_range(ANALYTICS_WEEKLY, NULL, NULL, "2025-11-10", "2026-01-04");
	expect_range(ANALYTICS_MONTHLY, NULL, NULL, "2025-02-01", "2026-01-31");
	expect_range(ANALYTICS_DAILY, NULL, "2025-06-30", "2025-06-24", "2025-06-30");
	expect_range(ANALYTICS_MONTHLY, "2025-11-20", NULL, "2025-11-01", "2026-01-31");
	/* Both ends are in the same week, though the days are the wrong way round by a day. */
	expect_range(ANALYTICS_WEEKLY, "2025-12-31", "2025-12-30", "2025-12-29", "2026-01-04");
}

static void ranges_follow_the_users_days(void **state)
{
	(void)state;
	struct day_rule rule = rule_forever("Europe/Berlin", 240);
	struct analytics_range range = range_of(&rule, ANALYTICS_DAILY, NULL, NULL, "2025-11-01 02:30");
	assert_int_equal(range.to, label("2025-10-31")); /* it is half past three there */
	assert_int_equal(range.from_ms, utc("2025-10-25 02:00"));
	assert_int_equal(range.to_ms, utc("2025-11-01 03:00"));
}

static void expect_refusal(enum analytics_period period, const char *from, const char *to, const char *field)
{
	struct analytics_query query = ask(period, from, to);
	struct analytics_range range = {.from = -7};
	struct refusal refusal = {0};
	assert_int_equal(
		analytics_range_make(&query, &rule_utc, 1, utc("2026-01-01 12:00"), &range, &refusal),
		ERR_BAD_REQUEST);
	assert_int_equal(refusal.code, ERR_BAD_REQUEST);
	assert_string_equal(refusal.field, field);
	assert_int_equal(range.from, -7);
}

static void refuses_ranges_by_field(void **state)
{
	(void)state;
	expect_refusal(ANALYTICS_DAILY, "2025-12-31", "2025-12-30", "from");
	expect_refusal(ANALYTICS_MONTHLY, "2026-02-01", NULL, "from");
	expect_refusal(ANALYTICS_DAILY, "2020-01-01", NULL, "from");
	expect_refusal(ANALYTICS_WEEKLY, "2015-01-01", NULL, "from");
	expect_refusal(ANALYTICS_MONTHLY, "1990-01-01", "2000-06-01", "from");
	expect_refusal(ANALYTICS_WEEKLY, "1970-01-01", "1970-02-01", "from");
	expect_refusal(ANALYTICS_MONTHLY, NULL, "1970-02-01", "to");
	expect_refusal(ANALYTICS_WEEKLY, "9999-12-01", "9999-12-31", "to");
	expect_refusal(ANALYTICS_MONTHLY, "1970-01-01", "9999-12-31", "from");
	expect_range(ANALYTICS_WEEKLY, "2016-01-01", "2025-12-30", "2015-12-28", "2026-01-04");
	expect_range(ANALYTICS_DAILY, "2024-01-01", "2026-03-10", "2024-01-01", "2026-03-10");
	expect_range(ANALYTICS_MONTHLY, "9999-12-01", "9999-12-31", "9999-12-01", "9999-12-31");
}

static void names_periods(void **state)
{
	(void)state;
	static const enum analytics_period all[] = {ANALYTICS_DAILY, ANALYTICS_WEEKLY, ANALYTICS_MONTHLY};
	enum analytics_period period = ANALYTICS_DAILY;
	for (size_t i = 0; i < COUNT(all); i++) {
		assert_true(analytics_period_parse(analytics_period_name(all[i]), &period));
		assert_int_equal(period, all[i]);
	}
	assert_false(analytics_period_parse("yearly", &period));
	assert_false(analytics_period_parse("", &period));
	assert_int_equal(period, ANALYTICS_MONTHLY);
}

/* By hand */

/* What each test fills; one rule, everything loaded. */
struct scene {
	struct day_rule rule;
	struct analytics_input input;
	struct analytics_range range;
	struct analytics result;
};

static void scene_compute(struct scene *scene, enum analytics_period period, const char *from, const char *to)
{
	scene->input.rules = &scene->rule;
	scene->input.rule_count = 1;
	struct analytics_query query = ask(period, from, to);
	struct refusal refusal;
	assert_int_equal(
		analytics_range_make(&query, &scene->rule, 1, scene->input.now_ms, &scene->range, &refusal),
		OK);
	analytics_compute(&scene->input, &scene->range, &scene->result);
}

static struct scene scene_make(const char *zone, int reset, const char *now, uint32_t sessions)
{
	struct scene scene = {.rule = rule_forever(zone, reset)};
	scene.input.now_ms = utc(now);
	scene.input.session_count = sessions;
	return scene;
}

static void expect_sums(const struct scene *scene, size_t period, int64_t sum_minutes, int64_t union_minutes)
{
	assert_true(period < scene->result.period_count);
	assert_int_equal(scene->result.periods[period].sum_ms, sum_minutes * MINUTE);
	assert_int_equal(scene->result.periods[period].union_ms, union_minutes * MINUTE);
}

static void expect_row(const struct scene *scene, size_t period, size_t row, uint32_t session,
	int64_t minutes, int64_t goal_minutes, bool met)
{
	assert_true(row < scene->result.periods[period].row_count);
	const struct analytics_row *found = &scene->result.periods[period].rows[row];
	assert_int_equal(found->session, session);
	assert_int_equal(found->ms, minutes * MINUTE);
	assert_int_equal(found->goal_minutes, goal_minutes);
	assert_int_equal(found->goal_met, met);
}

static void splits_time_at_the_days_boundary(void **state)
{
	(void)state;
	struct analytics_interval intervals[] = {interval(1, "2025-06-10 23:00", "2025-06-13 01:00"),
		interval(0, "2025-06-11 10:00", "2025-06-11 10:30")};
	struct scene scene = scene_make("UTC", 0, "2025-06-13 12:00", 3);
	scene.input.intervals = intervals;
	scene.input.interval_count = COUNT(intervals);
	scene_compute(&scene, ANALYTICS_DAILY, "2025-06-10", "2025-06-14");
	assert_int_equal(scene.result.period_count, 5);
	expect_sums(&scene, 0, 60, 60);
	expect_sums(&scene, 1, 1470, 1440);
	expect_sums(&scene, 2, 1440, 1440);
	expect_sums(&scene, 3, 60, 60);
	expect_sums(&scene, 4, 0, 0);
	assert_int_equal(scene.result.periods[1].from, label("2025-06-11"));
	assert_int_equal(scene.result.periods[1].to, label("2025-06-11"));
	assert_int_equal(scene.result.periods[1].row_count, 2);
	expect_row(&scene, 1, 0, 0, 30, 0, false);
	expect_row(&scene, 1, 1, 1, 1440, 0, false);
	assert_int_equal(scene.result.periods[4].row_count, 0);
	analytics_finish(&scene.result);
}

static void clips_to_the_range(void **state)
{
	(void)state;
	struct analytics_interval intervals[] = {interval(0, "2025-06-01 00:00", "2025-07-01 00:00"),
		interval(0, "2025-05-01 00:00", "2025-05-02 00:00"),
		interval(0, "2025-07-02 00:00", "2025-07-03 00:00")};
	struct scene scene = scene_make("UTC", 240, "2025-07-13 12:00", 1);
	scene.input.intervals = intervals;
	scene.input.interval_count = COUNT(intervals);
	scene_compute(&scene, ANALYTICS_DAILY, "2025-06-10", "2025-06-11");
	expect_sums(&scene, 0, 1440, 1440);
	expect_sums(&scene, 1, 1440, 1440);
	analytics_finish(&scene.result);
}

static void counts_days_of_23_and_25_hours(void **state)
{
	(void)state;
	struct analytics_interval intervals[] = {interval(0, "2025-03-28 00:00", "2025-11-01 00:00")};
	struct scene scene = scene_make("Europe/Berlin", 0, "2025-11-02 12:00", 1);
	scene.input.intervals = intervals;
	scene.input.interval_count = 1;
	scene_compute(&scene, ANALYTICS_DAILY, "2025-03-29", "2025-03-31");
	expect_sums(&scene, 0, 24 * 60, 24 * 60);
	expect_sums(&scene, 1, 23 * 60, 23 * 60);
	expect_sums(&scene, 2, 24 * 60, 24 * 60);
	analytics_finish(&scene.result);
	scene_compute(&scene, ANALYTICS_MONTHLY, "2025-10-26", "2025-10-26");
	expect_sums(&scene, 0, (31 * 24 + 1) * 60, (31 * 24 + 1) * 60);
	analytics_finish(&scene.result);
}

static void counts_overlaps_once_in_the_union(void **state)
{
	(void)state;
	/* In no order, touching, nested, over midnight, and an empty one. */
	struct analytics_interval intervals[] = {interval(2, "2025-06-10 12:00", "2025-06-10 13:00"),
		interval(0, "2025-06-10 10:00", "2025-06-10 12:00"),
		interval(1, "2025-06-10 10:30", "2025-06-10 11:00"),
		interval(1, "2025-06-10 11:30", "2025-06-10 12:30"),
		interval(0, "2025-06-10 23:30", "2025-06-11 00:30"),
		interval(1, "2025-06-10 23:45", "2025-06-11 00:15"),
		interval(2, "2025-06-10 15:00", "2025-06-10 15:00")};
	struct scene scene = scene_make("UTC", 0, "2025-06-13 12:00", 3);
	scene.input.intervals = intervals;
	scene.input.interval_count = COUNT(intervals);
	scene_compute(&scene, ANALYTICS_DAILY, "2025-06-10", "2025-06-11");
	expect_sums(&scene, 0, 60 + 120 + 30 + 60 + 30 + 15, 180 + 30);
	expect_sums(&scene, 1, 30 + 15, 30);
	expect_row(&scene, 0, 2, 2, 60, 0, false);
	analytics_finish(&scene.result);
}

static void keeps_weeks_over_the_years_end(void **state)
{
	(void)state;
	struct analytics_interval intervals[] = {interval(0, "2025-12-28 23:00", "2025-12-29 01:00"),
		interval(0, "2025-12-31 23:00", "2026-01-01 01:00"),
		interval(0, "2026-01-04 23:00", "2026-01-05 01:00")};
	struct scene scene = scene_make("UTC", 0, "2026-01-06 12:00", 1);
	scene.input.intervals = intervals;
	scene.input.interval_count = COUNT(intervals);
	scene_compute(&scene, ANALYTICS_WEEKLY, "2025-12-28", "2026-01-06");
	assert_int_equal(scene.result.period_count, 3);
	expect_sums(&scene, 0, 60, 60);
	expect_sums(&scene, 1, 240, 240);
	expect_sums(&scene, 2, 60, 60);
	assert_int_equal(scene.result.periods[1].from, label("2025-12-29"));
	assert_int_equal(scene.result.periods[1].to, label("2026-01-04"));
	analytics_finish(&scene.result);
}

static void sums_the_goals_of_a_periods_days(void **state)
{
	(void)state;
	/* A change counts for its own day, the last one of it; at the very end of the day it is the next
	 * one's. */
	struct analytics_goal goals[] = {goal(0, "2025-06-10 12:00", 30), goal(1, "2025-06-09 00:00", 10),
		goal(0, "2025-06-11 08:00", 99), goal(0, "2025-06-11 23:59", 60),
		goal(1, "2025-06-12 00:00", 0), goal(2, "2025-06-13 00:00", 5),
		goal(2, "2025-06-13 00:00", 7)};
	struct analytics_interval intervals[] = {interval(0, "2025-06-11 10:00", "2025-06-11 11:00")};
	struct scene scene = scene_make("UTC", 0, "2025-06-13 12:00", 3);
	scene.input.intervals = intervals;
	scene.input.interval_count = 1;
	scene.input.goals = goals;
	scene.input.goal_count = COUNT(goals);
	scene_compute(&scene, ANALYTICS_DAILY, "2025-06-09", "2025-06-13");
	assert_int_equal(scene.result.periods[0].row_count, 1);
	expect_row(&scene, 0, 0, 1, 0, 10, false);
	expect_row(&scene, 1, 0, 0, 0, 30, false);
	expect_row(&scene, 1, 1, 1, 0, 10, false);
	expect_row(&scene, 2, 0, 0, 60, 60, true);
	assert_int_equal(scene.result.periods[3].row_count, 1);
	expect_row(&scene, 3, 0, 0, 0, 60, false);
	expect_row(&scene, 4, 1, 2, 0, 7, false);
	analytics_finish(&scene.result);
	/* The week's coming days, to Sunday, have the present goal. */
	scene_compute(&scene, ANALYTICS_WEEKLY, "2025-06-13", "2025-06-13");
	expect_row(&scene, 0, 0, 0, 60, 30 + 5 * 60, false);
	expect_row(&scene, 0, 1, 1, 0, 30, false);
	expect_row(&scene, 0, 2, 2, 0, 3 * 7, false);
	analytics_finish(&scene.result);
}

/* The same with no more intervals than touch the range. */
static struct analytics_input only_touching(const struct analytics_input *input,
	const struct analytics_range *range, struct analytics_interval *room)
{
	struct analytics_input less = *input;
	less.intervals = room;
	less.interval_count = 0;
	for (size_t i = 0; i < input->interval_count; i++) {
		const struct analytics_interval *next = &input->intervals[i];
		if (next->start_ms < range->to_ms && next->end_ms > range->from_ms)
			room[less.interval_count++] = *next;
	}
	return less;
}

static int count_streak(const struct analytics_input *input, struct analytics_interval *room)
{
	struct analytics_streak streak =
		analytics_streak_begin(input->rules, input->rule_count, input->now_ms);
	while (!streak.ended) {
		struct analytics_range range = streak.range;
		struct analytics_input less = only_touching(input, &range, room);
		analytics_streak_extend(&streak, &less);
		assert_true(streak.ended || streak.range.to_ms == range.from_ms);
		assert_true(streak.ended || streak.range.to == range.from - 1);
	}
	return streak.days;
}

static int streak_of(struct scene *scene)
{
	struct analytics_interval room[60];
	scene->input.rules = &scene->rule;
	scene->input.rule_count = 1;
	return count_streak(&scene->input, room);
}

static void counts_the_streak(void **state)
{
	(void)state;
	struct analytics_interval intervals[60];
	int64_t today = utc("2025-06-13 00:00");
	for (int i = 0; i < 60; i++) /* half an hour each day, from the latest */
		intervals[i] = (struct analytics_interval){
			today - i * 24 * HOUR + HOUR, today - i * 24 * HOUR + HOUR + 30 * MINUTE, 0};
	struct analytics_goal goals[] = {goal(0, "2025-01-01 00:00", 30), goal(1, "2025-06-11 00:00", 0)};
	struct scene scene = scene_make("UTC", 0, "2025-06-13 12:00", 2);
	scene.input.intervals = intervals;
	scene.input.interval_count = 60;
	scene.input.goals = goals;
	scene.input.goal_count = 2;
	assert_int_equal(streak_of(&scene), 60);
	scene.input.intervals++; /* nothing yet today */
	scene.input.interval_count = 59;
	assert_int_equal(streak_of(&scene), 59);
	scene.input.intervals++; /* nor yesterday */
	scene.input.interval_count = 58;
	assert_int_equal(streak_of(&scene), 0);
	scene.input.intervals = intervals;
	scene.input.interval_count = 60;
	/* One millisecond short, sixteen days ago and thus at the edge of the first look. */
	intervals[16].end_ms--;
	assert_int_equal(streak_of(&scene), 16);
	intervals[16].end_ms++;
	/* A second goal that is not met breaks it, from the day it came. */
	goals[1].minutes = 1;
	assert_int_equal(streak_of(&scene), 0);
	/* Days without any goal have none to meet. */
	goals[1].minutes = 0;
	goals[0].at_ms = utc("2025-06-10 00:00");
	assert_int_equal(streak_of(&scene), 4);
	goals[0].minutes = 0;
	assert_int_equal(streak_of(&scene), 0);
}

static void looks_back_no_further_than_the_streak(void **state)
{
	(void)state;
	struct analytics_interval intervals[] = {interval(0, "2025-04-01 00:00", "2025-06-13 12:00")};
	struct analytics_goal goals[] = {goal(0, "2025-04-20 09:00", 30)};
	struct scene scene = scene_make("UTC", 240, "2025-06-13 12:00", 1);
	scene.input.rules = &scene.rule;
	scene.input.rule_count = 1;
	scene.input.intervals = intervals;
	scene.input.interval_count = 1;
	scene.input.goals = goals;
	scene.input.goal_count = 1;
	struct analytics_streak streak = analytics_streak_begin(&scene.rule, 1, scene.input.now_ms);
	assert_false(streak.ended);
	assert_int_equal(streak.range.from_ms, utc("2025-05-29 04:00"));
	assert_int_equal(streak.range.to_ms, utc("2025-06-14 04:00"));
	analytics_streak_extend(&streak, &scene.input);
	assert_false(streak.ended);
	assert_int_equal(streak.days, 16);
	assert_int_equal(streak.range.from_ms, utc("2025-04-27 04:00"));
	assert_int_equal(streak.range.to_ms, utc("2025-05-29 04:00"));
	analytics_streak_extend(&streak, &scene.input);
	assert_false(streak.ended);
	assert_int_equal(streak.days, 48);
	/* Before the first goal there is nothing to look for. */
	assert_int_equal(streak.range.from_ms, utc("2025-04-19 04:00"));
	assert_int_equal(streak.range.to_ms, utc("2025-04-27 04:00"));
	analytics_streak_extend(&streak, &scene.input);
	assert_true(streak.ended);
	assert_int_equal(streak.days, 48 + 7);
}

static void steps_over_a_day_that_never_was(void **state)
{
	(void)state;
	struct analytics_interval intervals[] = {interval(0, "2011-12-01 00:00", "2012-01-02 00:00")};
	struct analytics_goal goals[] = {goal(0, "2011-12-26 10:00", 30)};
	struct scene scene = scene_make("Pacific/Apia", 0, "2012-01-02 00:00", 1);
	scene.input.intervals = intervals;
	scene.input.interval_count = 1;
	scene.input.goals = goals;
	scene.input.goal_count = 1;
	scene_compute(&scene, ANALYTICS_DAILY, "2011-12-29", "2011-12-31");
	assert_int_equal(streak_of(&scene), 7); /* 26 to 29, 31, 1 and 2 */
	assert_int_equal(scene.result.period_count, 3);
	expect_row(&scene, 0, 0, 0, 1440, 30, true);
	assert_int_equal(scene.result.periods[1].row_count, 0);
	expect_row(&scene, 2, 0, 0, 1440, 30, true);
	analytics_finish(&scene.result);
	scene_compute(&scene, ANALYTICS_MONTHLY, "2011-12-29", "2011-12-31");
	expect_row(&scene, 0, 0, 0, 30 * 1440, 5 * 30, true);
	analytics_finish(&scene.result);
}

static void computes_nothing_of_nothing(void **state)
{
	(void)state;
	struct scene scene = scene_make("UTC", 0, "2025-06-13 12:00", 0);
	scene_compute(&scene, ANALYTICS_MONTHLY, NULL, NULL);
	assert_int_equal(scene.result.period_count, 12);
	assert_int_equal(streak_of(&scene), 0);
	expect_sums(&scene, 11, 0, 0);
	analytics_finish(&scene.result);
}

static void clips_time_to_a_span(void **state)
{
	(void)state;
	struct analytics_interval intervals[] = {interval(0, "2025-06-10 10:00", "2025-06-10 12:00"),
		interval(1, "2025-06-10 11:00", "2025-06-10 11:30"),
		interval(0, "2025-06-10 13:00", "2025-06-10 14:00")};
	static const struct {
		const char *from, *to;
		int64_t minutes;
	} cases[] = {{"2025-06-10 00:00", "2025-06-11 00:00", 210},
		{"2025-06-10 11:15", "2025-06-10 13:30", 90}, {"2025-06-10 12:00", "2025-06-10 13:00", 0},
		{"2025-06-10 11:20", "2025-06-10 11:10", 0}};
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t ms = analytics_time_within(
			intervals, COUNT(intervals), utc(cases[i].from), utc(cases[i].to));
		assert_int_equal(ms, cases[i].minutes * MINUTE);
	}
	assert_int_equal(analytics_time_within(NULL, 0, INT64_MIN, INT64_MAX), 0);
}

static void prints_minutes(void **state)
{
	(void)state;
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = {{0, "0"}, {100, "0"}, {299, "0"}, {300, "0.01"}, {899, "0.01"}, {900, "0.02"},
		{1000, "0.02"}, {5999, "0.1"}, {6000, "0.1"}, {30000, "0.5"}, {59699, "0.99"}, {59700, "1"},
		{60000, "1"}, {60600, "1.01"}, {90000, "1.5"}, {3600000, "60"}, {86400000000, "1440000"},
		{86400000600, "1440000.01"}};
	TEXT_AUTO text = {0};
	for (size_t i = 0; i < COUNT(cases); i++) {
		text_clear(&text);
		analytics_append_minutes(&text, cases[i].ms);
		assert_int_equal(text.len, strlen(cases[i].text));
		assert_memory_equal(text.data, cases[i].text, text.len);
	}
}

/* The model: every minute of every session is looked at */

#define MODEL_SESSIONS  5
#define MODEL_DAYS      130
#define MODEL_MINUTES   (MODEL_DAYS * 1440)
#define MODEL_INTERVALS 4000
#define MODEL_GOALS     40

struct model {
	int64_t base_ms;
	bool tracked[MODEL_SESSIONS][MODEL_MINUTES];
	struct day_rule rules[3];
	struct analytics_interval intervals[MODEL_INTERVALS];
	struct analytics_goal goals[MODEL_GOALS];
	struct analytics_input input;
};

static uint64_t seed = 88172645463325252ULL;

static int below(int limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int)((seed >> 32) % (uint64_t)limit);
}

static void model_add_rules(struct model *model)
{
	static const char *const names[] = {"UTC", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe",
		"Pacific/Kiritimati", "Asia/Kathmandu"};
	size_t count = 1 + (size_t)below(3);
	int64_t from = model->base_ms;
	for (size_t i = 0; i < count; i++) {
		model->rules[i] = rule_forever(names[below(COUNT(names))], below(2) * below(1440));
		from += (1 + below(50 * 1440)) * MINUTE;
		if (i > 0) {
			model->rules[i].from_day = day_find(model->rules, i, from).day + 1;
			model->rules[i].from_ms = from;
		}
	}
	model->input.rules = model->rules;
	model->input.rule_count = count;
}

static void model_add_intervals(struct model *model, int until)
{
	size_t count = 0;
	int pause = 1 + below(2000), run = 1 + below(600);
	for (uint32_t session = 0; session < MODEL_SESSIONS; session++) {
		for (int at = below(pause); at < until && count < MODEL_INTERVALS; at += below(pause)) {
			int end = at + below(run);
			end = end < until ? end : until;
			model->intervals[count++] = (struct analytics_interval){
				model->base_ms + at * MINUTE, model->base_ms + end * MINUTE, session};
			for (; at < end; at++)
				model->tracked[session][at] = true;
		}
	}
	for (size_t i = count; i > 1 && below(2); i--) {
		size_t other = (size_t)below((int)i);
		struct analytics_interval moved = model->intervals[other];
		model->intervals[other] = model->intervals[i - 1];
		model->intervals[i - 1] = moved;
	}
	model->input.intervals = model->intervals;
	model->input.interval_count = count;
}

static void model_add_goals(struct model *model, int until)
{
	size_t count = (size_t)below(MODEL_GOALS);
	int high = 1 + below(below(2) ? 3 : 400);
	for (size_t i = 0; i < count; i++) {
		int64_t at = model->base_ms + below(below(2) ? until : 1440) * MINUTE;
		model->goals[i] =
			(struct analytics_goal){at, (uint32_t)below(MODEL_SESSIONS), below(high + 1)};
	}
	model->input.goals = model->goals;
	model->input.goal_count = count;
}

static int32_t model_goal(const struct model *model, uint32_t session, int64_t end_ms)
{
	const struct analytics_goal *last = NULL;
	for (size_t i = 0; i < model->input.goal_count; i++) {
		const struct analytics_goal *next = &model->goals[i];
		if (next->session == session && next->at_ms < end_ms && (!last || next->at_ms >= last->at_ms))
			last = next;
	}
	return last ? last->minutes : 0;
}

static int64_t model_minutes(const struct model *model, uint32_t session, int64_t from_ms, int64_t to_ms)
{
	int64_t minutes = 0;
	for (int64_t at = from_ms; at < to_ms; at += MINUTE) {
		int64_t index = (at - model->base_ms) / MINUTE;
		if (at >= model->base_ms && index < MODEL_MINUTES)
			minutes += model->tracked[session][index];
	}
	return minutes;
}

static int64_t model_union(const struct model *model, int64_t from_ms, int64_t to_ms)
{
	int64_t minutes = 0;
	for (int64_t at = from_ms; at < to_ms; at += MINUTE) {
		bool any = false;
		for (uint32_t session = 0; session < MODEL_SESSIONS; session++)
			any = any || model_minutes(model, session, at, at + MINUTE) > 0;
		minutes += any;
	}
	return minutes;
}

/* A name that the days of one period, and only they, have in common. */
static void model_name(enum analytics_period period, int32_t day, char ret[32])
{
	time_t seconds = (time_t)day * 86400;
	struct tm tm;
	gmtime_r(&seconds, &tm);
	if (period == ANALYTICS_DAILY)
		strftime(ret, 32, "%Y-%m-%d", &tm);
	else if (period == ANALYTICS_WEEKLY)
		strftime(ret, 32, "%G-%V", &tm);
	else
		strftime(ret, 32, "%Y-%m", &tm);
}

struct model_period {
	int64_t minutes[MODEL_SESSIONS], goals[MODEL_SESSIONS], union_minutes;
};

static struct model_period model_period_make(
	const struct model *model, const struct analytics_range *range, const char *name)
{
	struct model_period sums = {0};
	for (int64_t at = range->from_ms; at < range->to_ms;) {
		struct day_span span = day_find(model->rules, model->input.rule_count, at);
		char own[32];
		model_name(range->period, span.day, own);
		at = span.end_ms;
		if (strcmp(own, name) != 0)
			continue;
		sums.union_minutes += model_union(model, span.start_ms, span.end_ms);
		for (uint32_t session = 0; session < MODEL_SESSIONS; session++) {
			sums.minutes[session] += model_minutes(model, session, span.start_ms, span.end_ms);
			sums.goals[session] += model_goal(model, session, span.end_ms);
		}
	}
	return sums;
}

static void compare_period(
	const struct model *model, const struct analytics_range *range, const struct analytics_result *period)
{
	char name[32], last[32];
	model_name(range->period, period->from, name);
	model_name(range->period, period->to, last);
	assert_string_equal(name, last);
	struct model_period sums = model_period_make(model, range, name);
	size_t row = 0;
	int64_t sum = 0;
	for (uint32_t session = 0; session < MODEL_SESSIONS; session++) {
		sum += sums.minutes[session];
		if (sums.minutes[session] == 0 && sums.goals[session] == 0)
			continue;
		assert_true(row < period->row_count);
		const struct analytics_row *found = &period->rows[row++];
		assert_int_equal(found->session, session);
		assert_int_equal(found->ms, sums.minutes[session] * MINUTE);
		assert_int_equal(found->goal_minutes, sums.goals[session]);
		assert_int_equal(found->goal_met,
			sums.goals[session] > 0 && sums.minutes[session] >= sums.goals[session]);
	}
	assert_int_equal(row, period->row_count);
	assert_int_equal(period->sum_ms, sum * MINUTE);
	assert_int_equal(period->union_ms, sums.union_minutes * MINUTE);
}

static bool model_good(const struct model *model, struct day_span span)
{
	bool any = false;
	for (uint32_t session = 0; session < MODEL_SESSIONS; session++) {
		int32_t minutes = model_goal(model, session, span.end_ms);
		if (minutes > 0 && model_minutes(model, session, span.start_ms, span.end_ms) < minutes)
			return false;
		any = any || minutes > 0;
	}
	return any;
}

static int model_streak(const struct model *model)
{
	struct day_span span = day_find(model->rules, model->input.rule_count, model->input.now_ms);
	int days = model_good(model, span) ? 1 : 0;
	for (;;) {
		span = day_find(model->rules, model->input.rule_count, span.start_ms - 1);
		if (!model_good(model, span))
			return days;
		days++;
	}
}

static int compare_with_model(struct model *model)
{
	int until = 1 + below(MODEL_MINUTES - 1);
	*model = (struct model){.base_ms = utc(below(2) ? "2025-02-10 00:00" : "2025-09-10 00:00")};
	model_add_rules(model);
	model_add_intervals(model, until);
	model_add_goals(model, until);
	model->input.now_ms = model->base_ms + until * MINUTE;
	model->input.session_count = MODEL_SESSIONS;

	struct analytics_query query = {
		.period = (enum analytics_period)below(3), .has_from = true, .has_to = true};
	query.from = (int32_t)(model->base_ms / (24 * HOUR)) + below(MODEL_DAYS);
	query.to = query.from + below(60);
	struct analytics_range range;
	struct refusal refusal;
	struct analytics result;
	assert_int_equal(analytics_range_make(&query, model->rules, model->input.rule_count,
				 model->input.now_ms, &range, &refusal),
		OK);
	analytics_compute(&model->input, &range, &result);
	assert_int_equal(result.periods[0].from, range.from);
	assert_int_equal(result.periods[result.period_count - 1].to, range.to);
	for (size_t i = 0; i < result.period_count; i++) {
		compare_period(model, &range, &result.periods[i]);
		assert_true(i == 0 || result.periods[i].from == result.periods[i - 1].to + 1);
	}
	int streak = model_streak(model);
	struct analytics_interval *room = malloc(sizeof(model->intervals));
	assert_int_equal(count_streak(&model->input, room), streak);
	free(room);
	analytics_finish(&result);
	return streak;
}

static void agrees_with_a_count_of_minutes(void **state)
{
	(void)state;
	struct model *model = malloc(sizeof(*model));
	int longest = 0, streaks = 0;
	for (int i = 0; i < 150; i++) {
		int streak = compare_with_model(model);
		longest = streak > longest ? streak : longest;
		streaks += streak > 0;
	}
	/* The comparison must have had something to compare. */
	assert_true(longest > 20 && streaks > 10);
	free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(widens_to_whole_periods),
		cmocka_unit_test(takes_the_usual_range_when_none_is_given),
		cmocka_unit_test(ranges_follow_the_users_days),
		cmocka_unit_test(refuses_ranges_by_field),
		cmocka_unit_test(names_periods),
		cmocka_unit_test(splits_time_at_the_days_boundary),
		cmocka_unit_test(clips_to_the_range),
		cmocka_unit_test(counts_days_of_23_and_25_hours),
		cmocka_unit_test(counts_overlaps_once_in_the_union),
		cmocka_unit_test(keeps_weeks_over_the_years_end),
		cmocka_unit_test(sums_the_goals_of_a_periods_days),
		cmocka_unit_test(counts_the_streak),
		cmocka_unit_test(looks_back_no_further_than_the_streak),
		cmocka_unit_test(steps_over_a_day_that_never_was),
		cmocka_unit_test(computes_nothing_of_nothing),
		cmocka_unit_test(clips_time_to_a_span),
		cmocka_unit_test(prints_minutes),
		cmocka_unit_test(agrees_with_a_count_of_minutes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
