/* Days: the calendar, zones' boundaries, sequences of rules, and changing the rule (domain.md section 3). */
#include "protocol/day.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/support/calendar.h"
#include "tests/support/life.h"

#define HOUR 3600000LL

static int64_t boundary(const char *zone, int reset, const char *day)
{
	return day_boundary_ms(zone, reset, label(day));
}

static struct day_rule rule_make(int64_t from_ms, const char *from_day, const char *zone, int reset)
{
	struct day_rule rule = {.from_ms = from_ms, .reset_minutes = (int16_t)reset};
	rule.from_day = from_day ? label(from_day) : 0;
	snprintf(rule.zone, sizeof(rule.zone), "%s", zone);
	return rule;
}

static struct day_rule rule_forever(const char *zone, int reset)
{
	return rule_make(DAY_RULE_FOREVER, NULL, zone, reset);
}

static void expect_span(struct day_span span, const char *day, const char *start, const char *end)
{
	char text[DAY_TEXT];
	day_format(span.day, text);
	assert_string_equal(text, day);
	assert_int_equal(span.start_ms, utc(start));
	assert_int_equal(span.end_ms, utc(end));
}

/* The calendar */

static void formats_every_day_it_parses(void **state)
{
	(void)state;
	for (int32_t day = 0; day <= DAY_LAST; day += day < 40000 ? 1 : 97) {
		char text[DAY_TEXT], expected[64];
		time_t seconds = (time_t)day * 86400;
		struct tm tm;
		gmtime_r(&seconds, &tm);
		strftime(expected, sizeof(expected), "%Y-%m-%d", &tm);
		day_format(day, text);
		assert_string_equal(text, expected);
		assert_int_equal(label(text), day);
		assert_int_equal(day_weekday(day), tm.tm_wday == 0 ? 7 : tm.tm_wday);
		tm.tm_mday = 1;
		assert_int_equal(day_month_start(day, 0), timegm(&tm) / 86400);
	}
	assert_int_equal(label("1970-01-01"), 0);
	assert_int_equal(label("9999-12-31"), DAY_LAST);
}

static void parses_nothing_else(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "2025-1-01", "2025-01-1", "2025-13-01", "2025-00-01",
		"2025-01-00", "2025-02-29", "2024-02-30", "2100-02-29", "2025-04-31", "2025-01-32",
		"1969-12-31", "0000-01-01", "12025-01-01", "2025-01-01 ", " 2025-01-01", "2025-01-01T",
		"2025/01/01", "+025-01-01", "2025-01--1", "20a5-01-01", "2025-01-0x"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		int32_t day = -7;
		assert_false(day_parse(bad[i], &day));
		assert_int_equal(day, -7);
	}
	assert_int_equal(label("2024-02-29"), label("2024-02-28") + 1);
	assert_int_equal(label("2000-02-29") + 1, label("2000-03-01"));
}

static void counts_months(void **state)
{
	(void)state;
	assert_int_equal(day_month_start(label("2025-01-31"), 1), label("2025-02-01"));
	assert_int_equal(day_month_start(label("2025-12-31"), 1), label("2026-01-01"));
	assert_int_equal(day_month_start(label("2025-01-15"), -1), label("2024-12-01"));
	assert_int_equal(day_month_start(label("2025-11-15"), -11), label("2024-12-01"));
	assert_int_equal(day_month_start(label("2025-11-15"), -23), label("2023-12-01"));
	assert_int_equal(day_month_start(label("1970-01-15"), -1), -31);
	assert_int_equal(day_month_start(label("9999-12-15"), 1), DAY_LAST + 1);
}

/* Zones */

static void knows_exact_names_of_tzdata(void **state)
{
	(void)state;
	static const char *const known[] = {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires",
		"Etc/GMT+5", "Etc/GMT-14", "America/Port-au-Prince", "Asia/Kathmandu"};
	static const char *const unknown[] = {"", "europe/berlin", "Europe/berlin", "Europe", "Europe/",
		"/UTC", "/etc/localtime", "../zoneinfo/UTC", "Europe/../UTC", "Europe//Berlin",
		"Europe/Berlin/", "Europe/Berlin ", ":UTC", "Z", "+01", "+01:00", "-0500", "XYZ5",
		"CET-1CEST", "UTC0", "<+03>-3", "localtime", "posixrules", "Factory", "posix/UTC",
		"right/UTC", "leapseconds", "zone.tab", "tzdata.zi", "Mars/Olympus", "UTC\n",
		"Europe/M\xc3\xbcnchen",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!day_zone_known(known[i]))
			fail_msg("%s is not known", known[i]);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++)
		if (day_zone_known(unknown[i]))
			fail_msg("%s is known", unknown[i]);
}

static void takes_a_lost_zone_for_utc(void **state)
{
	(void)state;
	assert_int_equal(boundary("Mars/Olympus", 90, "2025-06-01"), utc("2025-06-01 01:30"));
	assert_int_equal(boundary("XYZ5", 0, "2025-06-01"), utc("2025-06-01 00:00"));
}

static void finds_boundaries(void **state)
{
	(void)state;
	assert_int_equal(boundary("UTC", 0, "1970-01-01"), 0);
	assert_int_equal(boundary("UTC", 1439, "2025-06-01"), utc("2025-06-01 23:59"));
	assert_int_equal(boundary("Europe/Berlin", 0, "2025-06-01"), utc("2025-05-31 22:00"));
	assert_int_equal(boundary("Asia/Kathmandu", 0, "2025-06-01"), utc("2025-05-31 18:15"));
	assert_int_equal(boundary("Pacific/Kiritimati", 0, "2025-06-01"), utc("2025-05-31 10:00"));
	assert_int_equal(boundary("Pacific/Pago_Pago", 0, "2025-06-01"), utc("2025-06-01 11:00"));
}

static void takes_the_first_instant_after_a_gap(void **state)
{
	(void)state;
	/* Berlin: 02:00 becomes 03:00 at 01:00 UTC. */
	for (int reset = 120; reset <= 180; reset += 15)
		assert_int_equal(boundary("Europe/Berlin", reset, "2025-03-30"), utc("2025-03-30 01:00"));
	assert_int_equal(boundary("Europe/Berlin", 119, "2025-03-30"), utc("2025-03-30 00:59"));
	assert_int_equal(boundary("Europe/Berlin", 181, "2025-03-30"), utc("2025-03-30 01:01"));
	/* Cairo and Havana skip midnight itself: the day starts at 01:00. */
	assert_int_equal(boundary("Africa/Cairo", 0, "2024-04-26"), utc("2024-04-25 22:00"));
	assert_int_equal(boundary("Africa/Cairo", 30, "2024-04-26"), utc("2024-04-25 22:00"));
	assert_int_equal(boundary("America/Havana", 0, "2025-03-09"), utc("2025-03-09 05:00"));
	/* Lord Howe skips half an hour. */
	assert_int_equal(boundary("Australia/Lord_Howe", 135, "2025-10-05"), utc("2025-10-04 15:30"));
}

static void takes_the_first_of_two(void **state)
{
	(void)state;
	/* Berlin: 03:00 becomes 02:00 at 01:00 UTC. */
	assert_int_equal(boundary("Europe/Berlin", 120, "2025-10-26"), utc("2025-10-26 00:00"));
	assert_int_equal(boundary("Europe/Berlin", 150, "2025-10-26"), utc("2025-10-26 00:30"));
	assert_int_equal(boundary("Europe/Berlin", 179, "2025-10-26"), utc("2025-10-26 00:59"));
	assert_int_equal(boundary("Europe/Berlin", 180, "2025-10-26"), utc("2025-10-26 02:00"));
	/* Havana: 01:00 becomes 00:00, so the day has two midnights. */
	assert_int_equal(boundary("America/Havana", 0, "2025-11-02"), utc("2025-11-02 04:00"));
	assert_int_equal(boundary("America/Havana", 60, "2025-11-02"), utc("2025-11-02 06:00"));
	/* Cairo: midnight becomes 23:00 of the day before, which goes on. */
	assert_int_equal(boundary("Africa/Cairo", 0, "2024-11-01"), utc("2024-10-31 22:00"));
	assert_int_equal(boundary("Africa/Cairo", 23 * 60 + 30, "2024-10-31"), utc("2024-10-31 20:30"));
}

static void reads_the_files_of_old_posix_names(void **state)
{
	(void)state;
	/* In 1980 clocks were put forward on the last Sunday of April, which the name alone doesn't tell.
	 * Where old names are a package of their own it may be unknown. */
	bool known = day_zone_known("EST5EDT");
	assert_int_equal(
		boundary("EST5EDT", 0, "1980-04-20"), utc(known ? "1980-04-20 05:00" : "1980-04-20 00:00"));
	assert_int_equal(
		boundary("EST5EDT", 0, "1980-04-28"), utc(known ? "1980-04-28 04:00" : "1980-04-28 00:00"));
}

/* One rule */

static void finds_days_of_23_and_25_hours(void **state)
{
	(void)state;
	struct day_rule rule = rule_forever("Europe/Berlin", 0);
	expect_span(day_find(&rule, 1, utc("2025-03-30 12:00")), "2025-03-30", "2025-03-29 23:00",
		"2025-03-30 22:00");
	expect_span(day_find(&rule, 1, utc("2025-10-26 12:00")), "2025-10-26", "2025-10-25 22:00",
		"2025-10-26 23:00");
	rule.reset_minutes = 150;
	expect_span(day_find(&rule, 1, utc("2025-10-26 00:29")), "2025-10-25", "2025-10-25 00:30",
		"2025-10-26 00:30");
	/* 02:29 once more, and not yesterday again. */
	expect_span(day_find(&rule, 1, utc("2025-10-26 01:29")), "2025-10-26", "2025-10-26 00:30",
		"2025-10-27 01:30");
	expect_span(day_find(&rule, 1, utc("2025-03-30 00:59")), "2025-03-29", "2025-03-29 01:30",
		"2025-03-30 01:00");
	expect_span(day_find(&rule, 1, utc("2025-03-30 01:00")), "2025-03-30", "2025-03-30 01:00",
		"2025-03-31 00:30");
}

static void finds_edges_to_the_millisecond(void **state)
{
	(void)state;
	struct day_rule rule = rule_forever("America/New_York", 240);
	int64_t edge = utc("2025-06-10 08:00");
	assert_int_equal(day_find(&rule, 1, edge - 1).day, label("2025-06-09"));
	assert_int_equal(day_find(&rule, 1, edge - 1).end_ms, edge);
	assert_int_equal(day_find(&rule, 1, edge).day, label("2025-06-10"));
	assert_int_equal(day_find(&rule, 1, edge).start_ms, edge);
	assert_int_equal(day_find(&rule, 1, -1).day, -1);
	assert_int_equal(day_find(&rule, 1, -86400000).day, -2);
}

static void never_finds_a_skipped_day(void **state)
{
	(void)state;
	/* Samoa went from 29 December 2011 to the 31st at 10:00 UTC. */
	struct day_rule rule = rule_forever("Pacific/Apia", 0);
	int64_t leap = utc("2011-12-30 10:00");
	assert_int_equal(boundary("Pacific/Apia", 0, "2011-12-30"), leap);
	assert_int_equal(boundary("Pacific/Apia", 0, "2011-12-31"), leap);
	expect_span(day_find(&rule, 1, leap - 1), "2011-12-29", "2011-12-29 10:00", "2011-12-30 10:00");
	expect_span(day_find(&rule, 1, leap), "2011-12-31", "2011-12-30 10:00", "2011-12-31 10:00");
	assert_int_equal(day_start_ms(&rule, 1, label("2011-12-30")), leap);
	/* With a reset at 03:00 what is left of the 30th is not empty. */
	rule.reset_minutes = 180;
	expect_span(day_find(&rule, 1, leap), "2011-12-30", "2011-12-30 10:00", "2011-12-30 13:00");
}

/* Several rules */

static void follows_a_sequence_of_rules(void **state)
{
	(void)state;
	struct day_rule rules[] = {
		rule_forever("Europe/Berlin", 0),
		rule_make(utc("2025-06-11 04:00"), "2025-06-11", "America/New_York", 0),
		rule_make(utc("2025-06-20 08:00"), "2025-06-20", "America/New_York", 240),
	};
	expect_span(day_find(rules, 3, utc("2025-06-09 12:00")), "2025-06-09", "2025-06-08 22:00",
		"2025-06-09 22:00");
	/* The last day of the first rule goes on until the second begins. */
	expect_span(day_find(rules, 3, utc("2025-06-10 12:00")), "2025-06-10", "2025-06-09 22:00",
		"2025-06-11 04:00");
	expect_span(day_find(rules, 3, utc("2025-06-11 03:59")), "2025-06-10", "2025-06-09 22:00",
		"2025-06-11 04:00");
	expect_span(day_find(rules, 3, utc("2025-06-11 04:00")), "2025-06-11", "2025-06-11 04:00",
		"2025-06-12 04:00");
	expect_span(day_find(rules, 3, utc("2025-06-20 07:59")), "2025-06-19", "2025-06-19 04:00",
		"2025-06-20 08:00");
	expect_span(day_find(rules, 3, utc("2025-06-20 08:00")), "2025-06-20", "2025-06-20 08:00",
		"2025-06-21 08:00");
	assert_int_equal(day_start_ms(rules, 3, label("2025-06-11")), utc("2025-06-11 04:00"));
	assert_int_equal(day_start_ms(rules, 3, label("2025-06-10")), utc("2025-06-09 22:00"));
	assert_int_equal(day_start_ms(rules, 3, label("2025-06-21")), utc("2025-06-21 08:00"));
}

static void begins_a_rule_where_it_is_told(void **state)
{
	(void)state;
	/* Earlier and later than its own boundary would be. */
	struct day_rule rules[] = {
		rule_forever("UTC", 0), rule_make(utc("2025-06-11 03:00"), "2025-06-12", "UTC", 600)};
	expect_span(day_find(rules, 2, utc("2025-06-11 02:00")), "2025-06-11", "2025-06-11 00:00",
		"2025-06-11 03:00");
	expect_span(day_find(rules, 2, utc("2025-06-11 03:00")), "2025-06-12", "2025-06-11 03:00",
		"2025-06-13 10:00");
	rules[1] = rule_make(utc("2025-06-11 20:00"), "2025-06-11", "UTC", 600);
	expect_span(day_find(rules, 2, utc("2025-06-11 20:00")), "2025-06-11", "2025-06-11 20:00",
		"2025-06-12 10:00");
	expect_span(day_find(rules, 2, utc("2025-06-11 19:00")), "2025-06-10", "2025-06-10 00:00",
		"2025-06-11 20:00");
}

static void skips_labels_that_would_be_empty(void **state)
{
	(void)state;
	struct day_rule rules[] = {
		rule_forever("UTC", 0), rule_make(utc("2025-06-13 12:00"), "2025-06-11", "UTC", 0)};
	expect_span(day_find(rules, 2, utc("2025-06-13 11:00")), "2025-06-10", "2025-06-10 00:00",
		"2025-06-13 12:00");
	expect_span(day_find(rules, 2, utc("2025-06-13 12:00")), "2025-06-13", "2025-06-13 12:00",
		"2025-06-14 00:00");
	assert_int_equal(day_start_ms(rules, 2, label("2025-06-11")), utc("2025-06-13 12:00"));
	rules[1] = rule_make(utc("2025-06-11 00:00"), "2025-06-15", "UTC", 0);
	expect_span(day_find(rules, 2, utc("2025-06-11 00:00")), "2025-06-15", "2025-06-11 00:00",
		"2025-06-16 00:00");
	assert_int_equal(day_start_ms(rules, 2, label("2025-06-12")), utc("2025-06-11 00:00"));
}

static void reads_back_before_a_first_rule_that_is_not_forever(void **state)
{
	(void)state;
	struct day_rule rule = rule_make(utc("2025-06-10 12:00"), "2025-06-10", "UTC", 0);
	expect_span(day_find(&rule, 1, utc("2025-06-08 12:00")), "2025-06-08", "2025-06-08 00:00",
		"2025-06-09 00:00");
	expect_span(day_find(&rule, 1, utc("2025-06-10 11:00")), "2025-06-09", "2025-06-09 00:00",
		"2025-06-10 12:00");
}

/* Changing the rule */

static struct day_wish wish_make(const char *zone, int reset, const char *now)
{
	struct day_wish wish = {.zone = zone, .reset_minutes = reset, .past_end_ms = INT64_MIN};
	wish.now_ms = utc(now);
	return wish;
}

static struct day_rule change(
	const struct day_rule *rules, size_t count, const struct day_wish *wish, bool expected_now)
{
	struct day_rule rule;
	assert_int_equal(day_change(rules, count, wish, &rule), expected_now);
	assert_string_equal(rule.zone, wish->zone);
	assert_int_equal(rule.reset_minutes, wish->reset_minutes);
	return rule;
}

static void expect_rule(struct day_rule rule, const char *from, const char *from_day)
{
	assert_int_equal(rule.from_ms, utc(from));
	assert_int_equal(rule.from_day, label(from_day));
}

static void holds_for_ever_when_nothing_was_tracked(void **state)
{
	(void)state;
	struct day_rule old = rule_forever("UTC", 0);
	struct day_wish wish = wish_make("Europe/Berlin", 240, "2025-06-10 12:00");
	struct day_rule rule = change(&old, 1, &wish, true);
	assert_int_equal(rule.from_ms, DAY_RULE_FOREVER);
	assert_int_equal(life_rules_kept(&old, 1, &rule, wish.now_ms), 0);
	expect_span(day_find(&rule, 1, wish.now_ms), "2025-06-10", "2025-06-10 02:00", "2025-06-11 02:00");
}

static void holds_at_once_on_an_untracked_day(void **state)
{
	(void)state;
	struct day_rule rules[2] = {rule_forever("UTC", 0)};
	struct day_wish wish = wish_make("America/New_York", 0, "2025-06-10 12:00");
	wish.past_day = label("2025-06-08");
	wish.past_end_ms = utc("2025-06-09 00:00");
	rules[1] = change(rules, 1, &wish, true);
	expect_rule(rules[1], "2025-06-09 00:00", "2025-06-09");
	assert_int_equal(life_rules_kept(rules, 1, &rules[1], wish.now_ms), 1);
	expect_span(day_find(rules, 2, wish.now_ms), "2025-06-10", "2025-06-10 04:00", "2025-06-11 04:00");
	/* The empty day before it takes what is between; the tracked one stays. */
	expect_span(day_find(rules, 2, utc("2025-06-09 12:00")), "2025-06-09", "2025-06-09 00:00",
		"2025-06-10 04:00");
	expect_span(day_find(rules, 2, utc("2025-06-08 12:00")), "2025-06-08", "2025-06-08 00:00",
		"2025-06-09 00:00");
	/* Eastward the day began earlier. */
	wish.zone = "Asia/Tokyo";
	rules[1] = change(rules, 1, &wish, true);
	expect_span(day_find(rules, 2, wish.now_ms), "2025-06-10", "2025-06-09 15:00", "2025-06-10 15:00");
	/* In the evening it is tomorrow there. */
	wish.now_ms = utc("2025-06-10 16:00");
	rules[1] = change(rules, 1, &wish, true);
	expect_span(day_find(rules, 2, wish.now_ms), "2025-06-11", "2025-06-10 15:00", "2025-06-11 15:00");
	/* Once more on the same untracked day: the rule between is gone. */
	wish.zone = "UTC";
	struct day_rule rule = change(rules, 2, &wish, true);
	assert_int_equal(life_rules_kept(rules, 2, &rule, wish.now_ms), 1);
	expect_span(day_find(&rule, 1, wish.now_ms), "2025-06-10", "2025-06-10 00:00", "2025-06-11 00:00");
}

static void never_takes_from_a_tracked_day(void **state)
{
	(void)state;
	struct day_rule rules[2] = {rule_forever("UTC", 0)};
	struct day_wish wish = wish_make("Asia/Tokyo", 0, "2025-06-10 12:00");
	wish.past_day = label("2025-06-09");
	wish.past_end_ms = utc("2025-06-10 00:00");
	rules[1] = change(rules, 1, &wish, true);
	expect_rule(rules[1], "2025-06-10 00:00", "2025-06-10");
	expect_span(day_find(rules, 2, wish.now_ms), "2025-06-10", "2025-06-10 00:00", "2025-06-10 15:00");
	/* Westward it may be the tracked day again: today becomes longer instead, and has its own label. */
	wish.zone = "America/New_York";
	wish.now_ms = utc("2025-06-10 02:00");
	rules[1] = change(rules, 1, &wish, true);
	expect_rule(rules[1], "2025-06-10 00:00", "2025-06-10");
	expect_span(day_find(rules, 2, wish.now_ms), "2025-06-10", "2025-06-10 00:00", "2025-06-11 04:00");
	expect_span(day_find(rules, 2, utc("2025-06-09 12:00")), "2025-06-09", "2025-06-09 00:00",
		"2025-06-10 00:00");
	/* The same by the reset time alone. */
	wish.zone = "UTC";
	wish.reset_minutes = 1380;
	wish.now_ms = utc("2025-06-10 00:30");
	rules[1] = change(rules, 1, &wish, true);
	expect_rule(rules[1], "2025-06-10 00:00", "2025-06-10");
	expect_span(day_find(rules, 2, wish.now_ms), "2025-06-10", "2025-06-10 00:00", "2025-06-11 23:00");
}

static void gives_the_label_on_when_zones_are_a_day_apart(void **state)
{
	(void)state;
	/* Tracked in Kiritimati on 2 January, which ended at 10:00 UTC; Pago Pago has 1 January for another
	 * hour. */
	struct day_rule rules[2] = {rule_forever("Pacific/Kiritimati", 0)};
	struct day_wish wish = wish_make("Pacific/Pago_Pago", 0, "2025-01-02 10:30");
	wish.past_day = label("2025-01-02");
	wish.past_end_ms = utc("2025-01-02 10:00");
	rules[1] = change(rules, 1, &wish, true);
	expect_rule(rules[1], "2025-01-02 10:00", "2025-01-03");
	expect_span(day_find(rules, 2, wish.now_ms), "2025-01-03", "2025-01-02 10:00", "2025-01-04 11:00");
	/* And an hour later, when the day there starts behind the tracked one. */
	wish.now_ms = utc("2025-01-02 11:30");
	rules[1] = change(rules, 1, &wish, true);
	expect_rule(rules[1], "2025-01-02 10:00", "2025-01-03");
}

static void waits_for_the_end_of_a_tracked_day(void **state)
{
	(void)state;
	struct day_rule rules[2] = {rule_forever("UTC", 0)};
	struct day_wish wish = wish_make("America/New_York", 0, "2025-06-10 12:00");
	wish.tracked_today = true;
	/* West: the new rule's end is later. */
	rules[1] = change(rules, 1, &wish, false);
	expect_rule(rules[1], "2025-06-11 04:00", "2025-06-11");
	assert_int_equal(life_rules_kept(rules, 1, &rules[1], wish.now_ms), 1);
	expect_span(day_find(rules, 2, wish.now_ms), "2025-06-10", "2025-06-10 00:00", "2025-06-11 04:00");
	expect_span(day_find(rules, 2, utc("2025-06-11 04:00")), "2025-06-11", "2025-06-11 04:00",
		"2025-06-12 04:00");
	/* East: the old end is; tomorrow is shorter. */
	wish.zone = "Asia/Tokyo";
	rules[1] = change(rules, 1, &wish, false);
	expect_rule(rules[1], "2025-06-11 00:00", "2025-06-11");
	expect_span(day_find(rules, 2, utc("2025-06-11 00:00")), "2025-06-11", "2025-06-11 00:00",
		"2025-06-11 15:00");
}

static void skips_the_day_that_becomes_empty(void **state)
{
	(void)state;
	/* Pago Pago's 10 June ends when Kiritimati's 11 June has ended an hour ago. */
	struct day_rule rules[2] = {rule_forever("Pacific/Pago_Pago", 0)};
	struct day_wish wish = wish_make("Pacific/Kiritimati", 0, "2025-06-10 20:00");
	wish.tracked_today = true;
	rules[1] = change(rules, 1, &wish, false);
	assert_int_equal(rules[1].from_ms, utc("2025-06-11 11:00"));
	expect_span(day_find(rules, 2, wish.now_ms), "2025-06-10", "2025-06-10 11:00", "2025-06-11 11:00");
	expect_span(
		day_find(rules, 2, rules[1].from_ms), "2025-06-12", "2025-06-11 11:00", "2025-06-12 10:00");
}

static void replaces_a_coming_rule(void **state)
{
	(void)state;
	struct day_rule rules[2] = {rule_forever("UTC", 0)};
	struct day_wish wish = wish_make("America/Los_Angeles", 0, "2025-06-10 12:00");
	wish.tracked_today = true;
	rules[1] = change(rules, 1, &wish, false);
	expect_rule(rules[1], "2025-06-11 07:00", "2025-06-11");
	/* Back to the old zone on the same day: the old end again. */
	wish.zone = "UTC";
	struct day_rule rule = change(rules, 2, &wish, false);
	expect_rule(rule, "2025-06-11 00:00", "2025-06-11");
	assert_int_equal(life_rules_kept(rules, 2, &rule, wish.now_ms), 1);
	/* In the hours that the coming rule added, the day ends where that rule begins. */
	wish.now_ms = utc("2025-06-11 03:00");
	rule = change(rules, 2, &wish, false);
	expect_rule(rule, "2025-06-11 07:00", "2025-06-11");
	/* Much later there are labels to skip. */
	wish.zone = "Pacific/Kiritimati";
	wish.reset_minutes = 0;
	rules[1] = rule_make(utc("2025-06-12 11:00"), "2025-06-11", "Pacific/Pago_Pago", 0);
	rule = change(rules, 2, &wish, false);
	rules[1] = rule;
	assert_int_equal(rule.from_ms, utc("2025-06-12 11:00"));
	expect_span(day_find(rules, 2, wish.now_ms), "2025-06-10", "2025-06-10 00:00", "2025-06-12 11:00");
	expect_span(day_find(rules, 2, rule.from_ms), "2025-06-13", "2025-06-12 11:00", "2025-06-13 10:00");
}

/* A life of changes */

static void keeps_the_past_through_a_life_of_changes(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 400; seed++) {
		struct source source = source_of_seed(seed);
		life_play(&source);
	}
}

/* Threads: more zones than there are slots for, so that they drive each other out. */

static void *ask_many_zones(void *arg)
{
	int64_t *ret = arg;
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 600; i++) {
			char zone[32];
			snprintf(zone, sizeof(zone), "Etc/GMT%+d", i % 12 + 1);
			if (i >= 300)
				snprintf(zone, sizeof(zone), "Lost/%d", i);
			*ret += day_boundary_ms(zone, i, 20000 + i) % 1000003;
		}
		*ret += day_boundary_ms("Europe/Berlin", 0, 20000) % 1000003;
	}
	return NULL;
}

static void answers_threads_alike(void **state)
{
	(void)state;
	pthread_t threads[4];
	int64_t sums[4] = {0};
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_many_zones, &sums[i]), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (int i = 1; i < 4; i++)
		assert_int_equal(sums[i], sums[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_every_day_it_parses),
		cmocka_unit_test(parses_nothing_else),
		cmocka_unit_test(counts_months),
		cmocka_unit_test(knows_exact_names_of_tzdata),
		cmocka_unit_test(takes_a_lost_zone_for_utc),
		cmocka_unit_test(finds_boundaries),
		cmocka_unit_test(takes_the_first_instant_after_a_gap),
		cmocka_unit_test(takes_the_first_of_two),
		cmocka_unit_test(reads_the_files_of_old_posix_names),
		cmocka_unit_test(finds_days_of_23_and_25_hours),
		cmocka_unit_test(finds_edges_to_the_millisecond),
		cmocka_unit_test(never_finds_a_skipped_day),
		cmocka_unit_test(follows_a_sequence_of_rules),
		cmocka_unit_test(begins_a_rule_where_it_is_told),
		cmocka_unit_test(skips_labels_that_would_be_empty),
		cmocka_unit_test(reads_back_before_a_first_rule_that_is_not_forever),
		cmocka_unit_test(holds_for_ever_when_nothing_was_tracked),
		cmocka_unit_test(holds_at_once_on_an_untracked_day),
		cmocka_unit_test(never_takes_from_a_tracked_day),
		cmocka_unit_test(gives_the_label_on_when_zones_are_a_day_apart),
		cmocka_unit_test(waits_for_the_end_of_a_tracked_day),
		cmocka_unit_test(skips_the_day_that_becomes_empty),
		cmocka_unit_test(replaces_a_coming_rule),
		cmocka_unit_test(keeps_the_past_through_a_life_of_changes),
		cmocka_unit_test(answers_threads_alike),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
