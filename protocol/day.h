/* Calendar days by zone and reset time (domain.md section 3). Knows tzdata, through GLib; knows no clock and
 * no session. Every function may be called from any thread. A `day` is a label: days since 1970-01-01,
 * proleptic Gregorian. Instants are UTC in milliseconds, of a size that JSON carries (LIMIT_INTEGER). */
#ifndef LOCKSTEP_PROTOCOL_DAY_H
#define LOCKSTEP_PROTOCOL_DAY_H

#include "protocol/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DAY_MINUTES 1440    /* reset_minutes is less than this */
#define DAY_TEXT    11      /* YYYY-MM-DD and its NUL */
#define DAY_LAST    2932896 /* 9999-12-31; the first is 0 */

/* from_ms of a user's first rule; its from_day is ignored. */
#define DAY_RULE_FOREVER INT64_MIN

/* From from_ms on days follow this rule and have labels from from_day on; the days before from_ms have
 * smaller ones. So the last day of the rule before, from_day - 1 at the most, ends at from_ms, however long
 * that makes it; the first day of this rule starts at from_ms and ends where the rule says. It is from_day,
 * or a later one when from_day would be empty. */
struct day_rule {
	int64_t from_ms;
	int32_t from_day;
	int16_t reset_minutes;
	char zone[LIMIT_ZONE_BYTES + 1];
};

/* The day runs over [start_ms, end_ms). */
struct day_span {
	int32_t day;
	int64_t start_ms, end_ms;
};

/* What a person wants their days to be, and what of the past must not move. */
struct day_wish {
	const char *zone;
	int reset_minutes;
	int64_t now_ms;
	bool tracked_today;  /* something is tracked in the current day, a running session included */
	int64_t past_end_ms; /* end of the last earlier day with anything tracked; INT64_MIN: never */
	int32_t past_day;    /* its label */
};

/* True for an exact identifier of tzdata: [A-Za-z0-9_+/-], at most LIMIT_ZONE_BYTES. */
bool day_zone_known(const char *name);

/* The first instant at which the zone's clocks show the day's reset time or later: after the gap when the
 * clocks skip it, its first occurrence when they show it twice. A zone that tzdata has lost counts as UTC. */
int64_t day_boundary_ms(const char *zone, int reset_minutes, int32_t day);

/* The day that holds at_ms. rules: at least one, ascending by from_ms and from_day. A day that a zone skipped
 * whole is never found; its neighbour is. */
struct day_span day_find(const struct day_rule *rules, size_t count, int64_t at_ms);
/* The first instant whose day is `day` or a later one. Rules as for day_find. */
int64_t day_start_ms(const struct day_rule *rules, size_t count, int32_t day);

/* Makes the rule that fulfils the wish, given the current rule and a coming one (older ones may stand
 * before). True: it holds at once, reaching back over the untracked days before now_ms. False: it is a coming
 * one (from_ms > now_ms), because the current day has something tracked and ends first. It replaces every
 * coming rule and every one that doesn't start before it. */
bool day_change(
	const struct day_rule *rules, size_t count, const struct day_wish *wish, struct day_rule *ret_rule);

/* `day` must lie in the years 1970 to 9999. */
void day_format(int32_t day, char ret[DAY_TEXT]);
/* Reads exactly YYYY-MM-DD of these years. False, and *ret untouched, for anything else. */
bool day_parse(const char *text, int32_t *ret);
/* ISO: 1 is Monday, 7 is Sunday. */
int day_weekday(int32_t day);
/* The first day of the month that comes `months` after the day's own (before it, if negative). */
int32_t day_month_start(int32_t day, int months);

#endif
