#include "server/views.h"

#include "protocol/analytics.h"
#include "server/sync.h"

#include <inttypes.h>
#include <stdlib.h>

typedef enum err view_fn(struct turn *turn, const struct view_query *query, struct text *out, bool *ret_waits,
	struct refusal *ret_why);

static enum err view_state(struct turn *turn, const struct view_query *query, struct text *out,
	bool *ret_waits, struct refusal *ret_why)
{
	(void)query, (void)ret_waits, (void)ret_why;
	return sync_encode_snapshot(turn, NULL, "fresh", out);
}

static enum err view_events(struct turn *turn, const struct view_query *query, struct text *out,
	bool *ret_waits, struct refusal *ret_why)
{
	(void)ret_why;
	__attribute__((cleanup(missed_finish))) struct missed missed = {0};
	enum err err = missed_load(turn, &query->position, &missed);
	if (err)
		return err;
	if (missed.reason)
		return sync_encode_snapshot(turn, NULL, missed.reason, out);
	text_append_string(out, "{");
	sync_encode_position(turn, out);
	text_append_string(out, ",\"mode\":\"replay\",\"events\":[");
	for (size_t i = 0; i < missed.count; i++) {
		text_append_string(out, i ? "," : "");
		text_append(out, missed.events[i].data, missed.events[i].len);
	}
	text_append_string(out, "]}");
	*ret_waits = missed.count == 0;
	return OK;
}

/* rest.md's one envelope: a page of what comes by. */
struct page {
	struct text *out;
	const struct view *view;
	int64_t limit, offset, total;
};

static bool page_takes(struct page *page)
{
	int64_t at = page->total++;
	if (at < page->offset || at >= page->offset + page->limit)
		return false;
	text_append_string(page->out, at > page->offset ? "," : "");
	return true;
}

static enum err page_session(void *context, const struct session *session)
{
	struct page *page = context;
	if (page_takes(page))
		encode_session(page->out, session, page->view);
	return OK;
}

static enum err page_group(void *context, const struct group *group)
{
	struct page *page = context;
	if (page_takes(page))
		encode_group(page->out, group, page->view);
	return OK;
}

static struct page page_begin(const struct turn *turn, const struct view_query *query, struct text *out)
{
	text_append_string(out, "{\"items\":[");
	return (struct page){.out = out, .view = &turn->view, .limit = query->limit, .offset = query->offset};
}

static void page_end(const struct page *page)
{
	text_append_format(page->out,
		"],\"total\":%" PRId64 ",\"limit\":%" PRId64 ",\"offset\":%" PRId64 ",\"page\":%" PRId64 "}",
		page->total, page->limit, page->offset, page->offset / page->limit + 1);
}

static enum err view_sessions(struct turn *turn, const struct view_query *query, struct text *out,
	bool *ret_waits, struct refusal *ret_why)
{
	(void)ret_waits, (void)ret_why;
	struct page page = page_begin(turn, query, out);
	enum err err =
		store_session_each(turn->store, turn->user.uid, SESSIONS_TIMERS, NULL, page_session, &page);
	page_end(&page);
	return err;
}

static enum err view_groups(struct turn *turn, const struct view_query *query, struct text *out,
	bool *ret_waits, struct refusal *ret_why)
{
	(void)ret_waits, (void)ret_why;
	struct page page = page_begin(turn, query, out);
	enum err err = store_group_each(turn->store, turn->user.uid, page_group, &page);
	page_end(&page);
	return err;
}

static enum err view_session(struct turn *turn, const struct view_query *query, struct text *out,
	bool *ret_waits, struct refusal *ret_why)
{
	(void)ret_waits;
	struct session session;
	enum err err = store_session_load(turn->store, turn->user.uid, &query->id, &session);
	if (err == ERR_NOT_FOUND || (!err && session.kind != KIND_TIMER)) {
		refuse(ret_why, ERR_NOT_FOUND, NULL, "Session not found");
		return OK;
	}
	if (!err)
		encode_session(out, &session, &turn->view);
	return err;
}

static enum err view_me(struct turn *turn, const struct view_query *query, struct text *out, bool *ret_waits,
	struct refusal *ret_why)
{
	(void)query, (void)ret_waits, (void)ret_why;
	encode_user(out, &turn->view);
	return OK;
}

/* Analytics. */

static bool wanted(const struct view_query *query, const struct session *session)
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

static void encode_row(struct text *out, const struct analytics_row *row, const struct session *session)
{
	char id[UUID_TEXT];
	uuid_format(&session->id, id);
	text_append_format(
		out, "{\"session\":\"%s\",\"kind\":\"%s\",\"title\":", id, session_kind_name(session->kind));
	text_append_json(out, session->title);
	text_append_string(out, ",\"groupId\":");
	if (uuid_is_nil(&session->group)) {
		text_append_string(out, "null");
	} else {
		uuid_format(&session->group, id);
		text_append_format(out, "\"%s\"", id);
	}
	text_append_string(out, ",\"minutes\":");
	analytics_append_minutes(out, row->ms);
	if (row->goal_minutes)
		text_append_format(out, ",\"goalMinutes\":%" PRId64 ",\"goalMet\":%s}", row->goal_minutes,
			row->goal_met ? "true" : "false");
	else
		text_append_string(out, ",\"goalMinutes\":null,\"goalMet\":null}");
}

static void encode_period(
	struct text *out, const struct analytics_result *period, const struct session *sessions)
{
	char from[DAY_TEXT], to[DAY_TEXT];
	day_format(period->from, from);
	day_format(period->to, to);
	text_append_format(out, "{\"from\":\"%s\",\"to\":\"%s\",\"sumMinutes\":", from, to);
	analytics_append_minutes(out, period->sum_ms);
	text_append_string(out, ",\"unionMinutes\":");
	analytics_append_minutes(out, period->union_ms);
	text_append_string(out, ",\"sessions\":[");
	for (size_t i = 0; i < period->row_count; i++) {
		text_append_string(out, i ? "," : "");
		encode_row(out, &period->rows[i], &sessions[period->rows[i].session]);
	}
	text_append_string(out, "]}");
}

static void encode_analytics(struct text *out, const struct turn *turn, const struct analytics_range *range,
	const struct analytics *analytics, const struct session *sessions)
{
	char from[DAY_TEXT], to[DAY_TEXT];
	day_format(range->from, from);
	day_format(range->to, to);
	text_append_format(out,
		"{\"period\":\"%s\",\"timeZone\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"nowMs\":%" PRId64,
		analytics_period_name(range->period), user_rule(&turn->user, turn->now_ms)->zone, from, to,
		turn->now_ms);
	text_append_format(out, ",\"streakDays\":%" PRId32 ",\"periods\":[", analytics->streak_days);
	for (size_t i = 0; i < analytics->period_count; i++) {
		text_append_string(out, i ? "," : "");
		encode_period(out, &analytics->periods[i], sessions);
	}
	text_append_string(out, "]}");
}

/* Computes over what has been tracked since `from_ms`. False when the streak may reach further back. */
static enum err compute(struct turn *turn, const struct view_query *query,
	const struct analytics_range *range, const struct day_rule *rules, size_t rule_count, int64_t from_ms,
	struct text *out, bool *ret_cut)
{
	__attribute__((cleanup(store_times_finish))) struct store_times times = {0};
	int64_t to_ms = range->to_ms > turn->now_ms ? range->to_ms : turn->now_ms + 1;
	enum err err = store_times_load(turn->store, turn->user.uid, from_ms, to_ms, turn->now_ms, &times);
	if (err)
		return err;
	filter_times(query, &times);
	struct analytics_input input = {
		.rules = rules,
		.rule_count = rule_count,
		.now_ms = turn->now_ms,
		.intervals = times.intervals,
		.interval_count = times.interval_count,
		.goals = times.goals,
		.goal_count = times.goal_count,
		.session_count = (uint32_t)times.session_count,
		.loaded_from_ms = from_ms,
	};
	__attribute__((cleanup(analytics_finish))) struct analytics analytics = {0};
	analytics_compute(&input, range, &analytics);
	*ret_cut = analytics.streak_cut;
	if (!analytics.streak_cut)
		encode_analytics(out, turn, range, &analytics, times.sessions);
	return OK;
}

static enum err view_analytics(struct turn *turn, const struct view_query *query, struct text *out,
	bool *ret_waits, struct refusal *ret_why)
{
	(void)ret_waits;
	struct day_rule *rules = NULL;
	size_t count = 0;
	struct analytics_range range;
	bool cut = true;
	enum err err = store_rules_load(turn->store, turn->user.uid, &rules, &count);
	if (!err && !analytics_range_make(&query->analytics, rules, count, turn->now_ms, &range, ret_why)) {
		err = compute(turn, query, &range, rules, count, range.from_ms, out, &cut);
		if (!err && cut)
			err = compute(turn, query, &range, rules, count, INT64_MIN, out, &cut);
	}
	free(rules);
	return err;
}

static view_fn *const views[] = {
	[VIEW_STATE] = view_state,
	[VIEW_EVENTS] = view_events,
	[VIEW_ANALYTICS] = view_analytics,
	[VIEW_SESSIONS] = view_sessions,
	[VIEW_SESSION] = view_session,
	[VIEW_GROUPS] = view_groups,
	[VIEW_ME] = view_me,
};

enum err view_encode(struct turn *turn, const struct view_query *query, struct text *out, bool *ret_waits,
	struct refusal *ret_why)
{
	return views[query->kind](turn, query, out, ret_waits, ret_why);
}
