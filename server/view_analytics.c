#include "server/view_analytics.h"

#include "protocol/member.h"

#include <stdlib.h>

#define TIMES_AUTO __attribute__((cleanup(store_times_finish))) struct store_times

/* What was asked for, of whose days. */
struct asked {
	const struct turn *turn;
	const struct view_query *query;
	struct day_rule *rules;
	size_t rule_count;
	struct analytics_range range;
};

static bool wanted(const struct view_query *query, const struct timed_session *session)
{
	if (query->has_kind && session->kind != query->kind_filter)
		return false;
	if (!uuid_is_nil(&query->group) && !uuid_equal(&query->group, &session->group))
		return false;
	return uuid_is_nil(&query->session) || uuid_equal(&query->session, &session->id);
}

/* Drops the intervals and goals of sessions that weren't asked for. */
static void filter_times(const struct view_query *query, struct store_times *times)
{
	size_t kept = 0;
	for (size_t i = 0; i < times->interval_count; i++) {
		if (wanted(query, &times->sessions[times->intervals[i].session]))
			times->intervals[kept++] = times->intervals[i];
	}
	times->interval_count = kept;
	kept = 0;
	for (size_t i = 0; i < times->goal_count; i++) {
		if (wanted(query, &times->sessions[times->goals[i].session]))
			times->goals[kept++] = times->goals[i];
	}
	times->goal_count = kept;
}

typedef enum err load_fn(struct store *store, int64_t uid, int64_t from_ms, int64_t to_ms, int64_t now_ms,
	struct store_times *ret);

static enum err load(
	const struct asked *asked, load_fn *fn, const struct analytics_range *range, struct store_times *ret)
{
	const struct turn *turn = asked->turn;
	enum err err = fn(turn->store, turn->user.uid, range->from_ms, range->to_ms, turn->now_ms, ret);
	if (!err)
		filter_times(asked->query, ret);
	return err;
}

static struct analytics_input input_make(const struct asked *asked, const struct store_times *times)
{
	return (struct analytics_input){
		.rules = asked->rules,
		.rule_count = asked->rule_count,
		.now_ms = asked->turn->now_ms,
		.intervals = times->intervals,
		.interval_count = times->interval_count,
		.goals = times->goals,
		.goal_count = times->goal_count,
		.session_count = (uint32_t)times->session_count,
	};
}

/* Counts the streak's next days. The times of those within the range are there, earlier and later ones are
 * loaded. */
static enum err extend_streak(
	const struct asked *asked, const struct store_times *times, struct analytics_streak *streak)
{
	TIMES_AUTO more = {0};
	const struct analytics_range *range = &asked->range;
	bool there = streak->range.to >= range->from && streak->range.to <= range->to;
	if (there && streak->range.from < range->from)
		streak->range =
			analytics_range_days(asked->rules, asked->rule_count, range->from, streak->range.to);
	if (!there) {
		enum err err = load(asked, store_times_load_goals, &streak->range, &more);
		if (err)
			return err;
		times = &more;
	}
	struct analytics_input input = input_make(asked, times);
	analytics_streak_extend(streak, &input);
	return OK;
}

/* Encoding. A session comes in many periods, and what is said of it each time is the same: it is written
 * once. */
struct heads {
	struct text text;
	size_t *starts; /* one more than there are sessions */
};

static void heads_finish(struct heads *heads)
{
	text_finish(&heads->text);
	free(heads->starts);
}

static struct heads heads_make(const struct store_times *times)
{
	struct heads heads = {.starts = calloc(times->session_count + 1, sizeof(*heads.starts))};
	if (!heads.starts)
		abort();
	for (size_t i = 0; i < times->session_count; i++) {
		const struct timed_session *session = &times->sessions[i];
		text_append_string(&heads.text, "{");
		member_id(&heads.text, "session", &session->id);
		member_string(&heads.text, "kind", session_kind_name(session->kind));
		member_string_or_null(&heads.text, "title", session->title);
		member_id_or_null(&heads.text, "groupId", &session->group);
		heads.starts[i + 1] = heads.text.len;
	}
	return heads;
}

static void encode_row(struct text *out, const struct analytics_row *row, const struct heads *heads)
{
	size_t start = heads->starts[row->session];
	text_append(out, heads->text.data + start, heads->starts[row->session + 1] - start);
	member_minutes(out, "minutes", row->ms);
	if (row->goal_minutes) {
		member_integer(out, "goalMinutes", row->goal_minutes);
		member_bool(out, "goalMet", row->goal_met);
		text_append_string(out, "}");
	} else {
		text_append_string(out, ",\"goalMinutes\":null,\"goalMet\":null}");
	}
}

static void encode_period(struct text *out, const struct analytics_result *period, const struct heads *heads)
{
	text_append_string(out, "{");
	member_day(out, "from", period->from);
	member_day(out, "to", period->to);
	member_minutes(out, "sumMinutes", period->sum_ms);
	member_minutes(out, "unionMinutes", period->union_ms);
	member_open(out, "sessions");
	text_append_string(out, "[");
	for (size_t i = 0; i < period->row_count; i++) {
		text_append_string(out, i ? "," : "");
		encode_row(out, &period->rows[i], heads);
	}
	text_append_string(out, "]}");
}

static void encode(struct text *out, const struct asked *asked, const struct analytics *analytics,
	int32_t streak_days, const struct store_times *times)
{
	const struct turn *turn = asked->turn;
	__attribute__((cleanup(heads_finish))) struct heads heads = heads_make(times);
	text_append_string(out, "{");
	member_string(out, "period", analytics_period_name(asked->range.period));
	member_string(out, "timeZone", user_rule(&turn->user, turn->now_ms)->zone);
	member_day(out, "from", asked->range.from);
	member_day(out, "to", asked->range.to);
	member_integer(out, "nowMs", turn->now_ms);
	member_integer(out, "streakDays", streak_days);
	member_open(out, "periods");
	text_append_string(out, "[");
	for (size_t i = 0; i < analytics->period_count; i++) {
		text_append_string(out, i ? "," : "");
		encode_period(out, &analytics->periods[i], &heads);
	}
	text_append_string(out, "]}");
}

static enum err answer(const struct asked *asked, struct text *out)
{
	TIMES_AUTO times = {0};
	enum err err = load(asked, store_times_load, &asked->range, &times);
	struct analytics_streak streak =
		analytics_streak_begin(asked->rules, asked->rule_count, asked->turn->now_ms);
	while (!err && !streak.ended)
		err = extend_streak(asked, &times, &streak);
	if (err)
		return err;
	__attribute__((cleanup(analytics_finish))) struct analytics analytics = {0};
	struct analytics_input input = input_make(asked, &times);
	analytics_compute(&input, &asked->range, &analytics);
	encode(out, asked, &analytics, streak.days, &times);
	return OK;
}

enum err view_analytics(struct turn *turn, const struct view_query *query, struct text *out, bool *ret_waits,
	struct refusal *ret_why)
{
	(void)ret_waits;
	struct asked asked = {.turn = turn, .query = query};
	enum err err = store_rules_load(turn->store, turn->user.uid, &asked.rules, &asked.rule_count);
	if (!err && !analytics_range_make(&query->analytics, asked.rules, asked.rule_count, turn->now_ms,
			    &asked.range, ret_why))
		err = answer(&asked, out);
	free(asked.rules);
	return err;
}
