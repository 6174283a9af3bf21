#include "server/view_project.h"

#include "protocol/member.h"
#include "server/view_entities.h"

#include <stdlib.h>

#define PROJECT_AUTO __attribute__((cleanup(store_project_finish))) struct store_project

/* Refused in *ret_why when there is no such project. */
static enum err load(
	const struct turn *turn, const struct uuid *id, struct store_project *ret, struct refusal *ret_why)
{
	struct group group;
	enum err err = view_find_group(turn, id, "Project", &group, ret_why);
	if (err || ret_why->code)
		return err;
	return store_project_load(turn->store, turn->user.uid, id, turn->now_ms, ret);
}

/* Statistics. */

static void open_object(struct text *out, const char *name)
{
	member_open(out, name);
	text_append_string(out, "{");
}

static void put_counts(struct text *out, const char *name, const char *const *names, const int64_t *counts)
{
	open_object(out, name);
	for (int i = 0; names[i]; i++)
		member_integer(out, names[i], counts[i]);
	text_append_string(out, "}");
}

static void put_session_statistics(struct text *out, const struct store_project *project)
{
	int64_t count = (int64_t)project->session_count, total_ms = 0, longest_ms = 0;
	for (size_t i = 0; i < project->session_count; i++) {
		int64_t time_ms = project->sessions[i].time_ms;
		total_ms += time_ms;
		longest_ms = time_ms > longest_ms ? time_ms : longest_ms;
	}
	open_object(out, "sessions");
	member_integer(out, "count", count);
	member_minutes(out, "totalMinutes", total_ms);
	member_minutes(out, "meanMinutes", count ? (total_ms + count / 2) / count : 0);
	member_minutes(out, "longestMinutes", longest_ms);
	text_append_string(out, "}");
}

static void put_task_statistics(struct text *out, const struct project_counts *counts)
{
	int64_t completed = counts->tasks_completed;
	open_object(out, "tasks");
	member_integer(out, "count", counts->tasks);
	member_integer(out, "completed", completed);
	put_counts(out, "byQualityResult", quality_names, counts->by_quality);
	member_open(out, "reworkRate");
	/* To four places. */
	int64_t rate = completed ? (20000 * counts->tasks_rework + completed) / (2 * completed) : 0;
	text_append_format(out, "%.4g", (double)rate / 10000);
	text_append_string(out, "}");
}

static void put_problem_statistics(struct text *out, const struct project_counts *counts)
{
	open_object(out, "problems");
	member_integer(out, "open", counts->problems_open);
	member_integer(out, "resolved", counts->problems_resolved);
	put_counts(out, "bySeverity", severity_names, counts->by_severity);
	member_hundredths_if(out, "costImpact", true, counts->cost_hundredths);
	member_hundredths_if(out, "timeImpact", true, counts->time_hundredths);
	text_append_string(out, "}");
}

enum err view_project_analytics(struct turn *turn, const struct view_query *query, struct text *out,
	bool *ret_waits, struct refusal *ret_why)
{
	PROJECT_AUTO project = {0};
	(void)ret_waits;
	enum err err = load(turn, &query->id, &project, ret_why);
	if (err || ret_why->code)
		return err;
	text_append_string(out, "{");
	member_id(out, "projectId", &query->id);
	put_session_statistics(out, &project);
	put_task_statistics(out, &project.counts);
	put_problem_statistics(out, &project.counts);
	text_append_string(out, "}");
	return OK;
}

/* Time tracking. */

/* The project's time by day, of the days that were asked for, as far as anything was tracked. */
struct tracking {
	const struct store_project *project;
	bool bounded; /* not all days were asked for */
	struct analytics_range range;
	struct analytics by_day;
	int64_t total_ms;
	int64_t *session_ms;
	size_t *firsts; /* session i has the intervals from firsts[i] to firsts[i + 1] - 1 */
};

static void tracking_finish(struct tracking *tracking)
{
	analytics_finish(&tracking->by_day);
	free(tracking->session_ms);
	free(tracking->firsts);
}

/* False when nothing was tracked on the days that were asked for. */
static bool find_range(
	const struct analytics_query *asked, const struct analytics_input *input, struct analytics_range *ret)
{
	int64_t start_ms = INT64_MAX, end_ms = INT64_MIN;
	for (size_t i = 0; i < input->interval_count; i++) {
		const struct analytics_interval *next = &input->intervals[i];
		start_ms = next->start_ms < start_ms ? next->start_ms : start_ms;
		end_ms = next->end_ms > end_ms ? next->end_ms : end_ms;
	}
	if (start_ms >= end_ms)
		return false;
	int32_t from = day_find(input->rules, input->rule_count, start_ms).day;
	int32_t to = day_find(input->rules, input->rule_count, end_ms - 1).day;
	from = asked->has_from && asked->from > from ? asked->from : from;
	to = asked->has_to && asked->to < to ? asked->to : to;
	if (from > to)
		return false;
	*ret = analytics_range_days(input->rules, input->rule_count, from, to);
	return true;
}

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);
	if (!memory)
		abort();
	return memory;
}

static void find_intervals(struct tracking *tracking)
{
	const struct store_project *project = tracking->project;
	size_t at = 0;
	tracking->firsts = allocate(project->session_count + 1, sizeof(*tracking->firsts));
	for (size_t i = 0; i < project->session_count; i++) {
		tracking->firsts[i] = at;
		while (at < project->interval_count && project->intervals[at].session == i)
			at++;
	}
	tracking->firsts[project->session_count] = at;
}

static void tracking_compute(
	struct tracking *tracking, const struct analytics_query *asked, const struct analytics_input *input)
{
	if (!find_range(asked, input, &tracking->range))
		return;
	analytics_compute(input, &tracking->range, &tracking->by_day);
	for (size_t i = 0; i < tracking->by_day.period_count; i++) {
		const struct analytics_result *day = &tracking->by_day.periods[i];
		tracking->total_ms += day->sum_ms;
		for (size_t row = 0; row < day->row_count; row++)
			tracking->session_ms[day->rows[row].session] += day->rows[row].ms;
	}
}

static enum err tracking_make(struct turn *turn, const struct analytics_query *asked,
	const struct store_project *project, struct tracking *ret)
{
	struct day_rule *rules = NULL;
	size_t rule_count = 0;
	enum err err = store_rules_load(turn->store, turn->user.uid, &rules, &rule_count);
	if (err)
		return err;
	*ret = (struct tracking){.project = project, .bounded = asked->has_from || asked->has_to};
	ret->session_ms = allocate(project->session_count + 1, sizeof(*ret->session_ms));
	find_intervals(ret);
	struct analytics_input input = {
		.rules = rules,
		.rule_count = rule_count,
		.now_ms = turn->now_ms,
		.intervals = project->intervals,
		.interval_count = project->interval_count,
		.session_count = (uint32_t)project->session_count,
	};
	tracking_compute(ret, asked, &input);
	free(rules);
	return OK;
}

/* Of some days, only what has time in them is listed. */
static bool listed(const struct tracking *tracking, int64_t time_ms)
{
	return time_ms > 0 || !tracking->bounded;
}

static void open_list(struct text *out, const char *name)
{
	member_open(out, name);
	text_append_string(out, "[");
}

static void open_item(struct text *out)
{
	text_append_string(out, out->data[out->len - 1] == '[' ? "{" : ",{");
}

static void put_days(struct text *out, const struct tracking *tracking)
{
	open_list(out, "days");
	for (size_t i = 0; i < tracking->by_day.period_count; i++) {
		const struct analytics_result *day = &tracking->by_day.periods[i];
		if (!day->sum_ms)
			continue;
		open_item(out);
		member_day(out, "date", day->from);
		member_minutes(out, "minutes", day->sum_ms);
		text_append_string(out, "}");
	}
	text_append_string(out, "]");
}

static void put_sessions(struct text *out, const struct tracking *tracking)
{
	open_list(out, "sessions");
	for (size_t i = 0; i < tracking->project->session_count; i++) {
		const struct project_session *session = &tracking->project->sessions[i];
		if (!listed(tracking, tracking->session_ms[i]))
			continue;
		open_item(out);
		member_id(out, "sessionId", &session->id);
		member_instant(out, "startTime", session->started_at_ms);
		member_minutes(out, "minutes", tracking->session_ms[i]);
		text_append_string(out, "}");
	}
	text_append_string(out, "]");
}

static int64_t task_time(const struct tracking *tracking, const struct project_task *task)
{
	const struct analytics_range *range = &tracking->range;
	size_t first = tracking->firsts[task->session], end = tracking->firsts[task->session + 1];
	int64_t from_ms = task->start_ms > range->from_ms ? task->start_ms : range->from_ms;
	int64_t to_ms = task->end_ms < range->to_ms ? task->end_ms : range->to_ms;
	return analytics_time_within(tracking->project->intervals + first, end - first, from_ms, to_ms);
}

static void put_tasks(struct text *out, const struct tracking *tracking)
{
	const struct store_project *project = tracking->project;
	open_list(out, "tasks");
	for (size_t i = 0; i < project->task_count; i++) {
		const struct project_task *task = &project->tasks[i];
		int64_t time_ms = task_time(tracking, task);
		if (!listed(tracking, time_ms))
			continue;
		open_item(out);
		member_id(out, "taskId", &task->id);
		member_id(out, "sessionId", &project->sessions[task->session].id);
		member_string(out, "description", task->description);
		member_minutes(out, "minutes", time_ms);
		text_append_string(out, "}");
	}
	text_append_string(out, "]");
}

static void put_bound(struct text *out, const char *name, bool is, int32_t day)
{
	if (is)
		member_day(out, name, day);
	else
		member_null(out, name);
}

enum err view_project_time(struct turn *turn, const struct view_query *query, struct text *out,
	bool *ret_waits, struct refusal *ret_why)
{
	PROJECT_AUTO project = {0};
	__attribute__((cleanup(tracking_finish))) struct tracking tracking = {0};
	(void)ret_waits;
	enum err err = load(turn, &query->id, &project, ret_why);
	if (!err && !ret_why->code)
		err = tracking_make(turn, &query->analytics, &project, &tracking);
	if (err || ret_why->code)
		return err;
	text_append_string(out, "{");
	member_id(out, "projectId", &query->id);
	member_string(out, "timeZone", user_rule(&turn->user, turn->now_ms)->zone);
	put_bound(out, "from", query->analytics.has_from, query->analytics.from);
	put_bound(out, "to", query->analytics.has_to, query->analytics.to);
	member_integer(out, "nowMs", turn->now_ms);
	member_minutes(out, "totalMinutes", tracking.total_ms);
	put_days(out, &tracking);
	put_sessions(out, &tracking);
	put_tasks(out, &tracking);
	text_append_string(out, "}");
	return OK;
}
