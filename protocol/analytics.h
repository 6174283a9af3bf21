/* Time tracked and goals met, by day, week and month (domain.md sections 3 and 4). Pure computation: knows
 * days and intervals; knows no session but by its index, no clock and no JSON. */
#ifndef LOCKSTEP_PROTOCOL_ANALYTICS_H
#define LOCKSTEP_PROTOCOL_ANALYTICS_H

#include "protocol/day.h"
#include "protocol/errors.h"
#include "protocol/text.h"

/* Ten years and some days: more is nobody's chart. */
#define ANALYTICS_DAYS 3700
/* Each period may name every session: two years of days, and a few to widen them. */
#define ANALYTICS_PERIODS 800

enum analytics_period { ANALYTICS_DAILY, ANALYTICS_WEEKLY, ANALYTICS_MONTHLY };

/* What a client asked for. */
struct analytics_query {
	enum analytics_period period;
	bool has_from, has_to;
	int32_t from, to; /* days, inclusive */
};

/* The same as whole periods: days from..to, the instants [from_ms, to_ms). */
struct analytics_range {
	enum analytics_period period;
	int32_t from, to;
	int64_t from_ms, to_ms;
};

/* Running time of one session; those of one session never overlap. */
struct analytics_interval {
	int64_t start_ms, end_ms;
	uint32_t session;
};

/* From at_ms on the session has this daily goal; 0 is none. Of two at one instant the later in the array
 * holds. */
struct analytics_goal {
	int64_t at_ms;
	uint32_t session;
	int32_t minutes;
};

/* Everything is the caller's. Intervals and goals in any order; ascending by end, and by session and at_ms,
 * saves sorting them. Session indices are less than session_count. */
struct analytics_input {
	const struct day_rule *rules; /* all of the user's, as for day_find */
	size_t rule_count;
	int64_t now_ms;
	const struct analytics_interval *intervals; /* all that touch the range; open ones end at now_ms */
	size_t interval_count;
	const struct analytics_goal *goals; /* all changes ever, 0 when a session is deleted */
	size_t goal_count;
	uint32_t session_count;
};

/* One session in one period, ascending by session. */
struct analytics_row {
	uint32_t session;
	int64_t ms;
	int64_t goal_minutes; /* the sum of its days' goals, coming days with the present one; 0: none */
	bool goal_met;        /* false when there is none */
};

struct analytics_result {
	int32_t from, to;         /* days, inclusive */
	int64_t sum_ms, union_ms; /* over sessions; wall time, overlaps once */
	struct analytics_row
		*rows; /* those with time or a goal; part of the one block that `rows` below owns */
	size_t row_count;
};

struct analytics {
	struct analytics_result *periods;
	size_t period_count;
	struct analytics_row *rows;
};

/* Days up to today or yesterday on which some session had a goal and every one that had one met it. Counted
 * back from today in growing stretches, so that no more needs to be loaded than the streak is long. */
struct analytics_streak {
	int32_t today, days;
	bool ended;                   /* it is no longer than that; else: */
	struct analytics_range range; /* the days to look at next */
};

/* Reads "daily", "weekly" or "monthly". False, and *ret untouched, for anything else. */
bool analytics_period_parse(const char *name, enum analytics_period *ret);
const char *analytics_period_name(enum analytics_period period);

/* Widens what was asked for to whole periods; the last 7 days, 8 weeks or 12 months, this one included, where
 * it says nothing. Refuses, naming `from` or `to`, what ends before it begins, is too long or leaves the
 * calendar. */
MUST_CHECK enum err analytics_range_make(const struct analytics_query *query, const struct day_rule *rules,
	size_t rule_count, int64_t now_ms, struct analytics_range *ret_range, struct refusal *ret_refusal);

/* The days from..to, each a period. */
struct analytics_range analytics_range_days(
	const struct day_rule *rules, size_t rule_count, int32_t from, int32_t to);

/* Computes the periods; *ret is the caller's to finish. Running out of memory ends the process. */
void analytics_compute(
	const struct analytics_input *input, const struct analytics_range *range, struct analytics *ret);
void analytics_finish(struct analytics *analytics);

struct analytics_streak analytics_streak_begin(
	const struct day_rule *rules, size_t rule_count, int64_t now_ms);
/* Counts the days of streak->range; the input has the intervals that touch it. The caller may have let the
 * range begin later. */
void analytics_streak_extend(struct analytics_streak *streak, const struct analytics_input *input);

/* How much of the intervals lies within [from_ms, to_ms), overlaps counted as often as they are there. */
int64_t analytics_time_within(
	const struct analytics_interval *intervals, size_t count, int64_t from_ms, int64_t to_ms);

/* Appends ms (>= 0) as minutes, rounded half up to two places, without trailing zeros: 90000 is 1.5. */
void analytics_append_minutes(struct text *text, int64_t ms);

#endif
