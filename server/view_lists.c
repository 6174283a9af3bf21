#include "server/view_lists.h"

#include "server/shape.h"
#include "server/view_entities.h"

#include <inttypes.h>
#include <stdlib.h>

/* One list on its way out. */
struct list {
	struct text *out;
	const struct turn *turn;
	const struct view_query *query;
	int64_t total; /* of all pages */
};

static struct list list_begin(struct turn *turn, const struct view_query *query, struct text *out)
{
	text_append_string(out, "{\"items\":[");
	return (struct list){.out = out, .turn = turn, .query = query};
}

/* rest.md's one envelope. */
static void list_end(const struct list *list)
{
	int64_t limit = list->query->limit, offset = list->query->offset;
	text_append_format(list->out,
		"],\"total\":%" PRId64 ",\"limit\":%" PRId64 ",\"offset\":%" PRId64 ",\"page\":%" PRId64 "}",
		list->total, limit, offset, offset / limit + 1);
}

/* The next item goes here. */
static void separate(struct text *out)
{
	if (out->data[out->len - 1] != '[')
		text_append_string(out, ",");
}

/* Where the store doesn't page: counts what comes by, and tells whether it is on the page. */
static bool count_in(struct list *list)
{
	int64_t at = list->total++ - list->query->offset;
	return at >= 0 && at < list->query->limit;
}

/* What the store calls back with, each as an item. */

static enum err put_session(void *context, const struct session *session)
{
	struct list *list = context;
	separate(list->out);
	shape_session(list->out, list->query->shape, session, true, &list->turn->view);
	return OK;
}

static enum err put_timer(void *context, const struct session *session)
{
	return count_in(context) ? put_session(context, session) : OK;
}

static enum err put_group(void *context, const struct group *group)
{
	struct list *list = context;
	if (!count_in(list))
		return OK;
	separate(list->out);
	encode_group(list->out, group, &list->turn->view);
	return OK;
}

static enum err put_task(void *context, const struct task *task)
{
	struct list *list = context;
	if (!count_in(list))
		return OK;
	separate(list->out);
	shape_task(list->out, list->query->shape, task);
	return OK;
}

static enum err put_problem(void *context, const struct problem *problem)
{
	struct list *list = context;
	separate(list->out);
	shape_problem(list->out, list->query->shape, problem);
	return OK;
}

static enum err put_plan(void *context, const struct plan *plan)
{
	struct list *list = context;
	separate(list->out);
	shape_plan(list->out, list->query->shape, plan, &list->turn->view);
	return OK;
}

static enum err put_audit(void *context, const struct audit_row *row)
{
	struct list *list = context;
	separate(list->out);
	shape_audit(list->out, row, &list->turn->view);
	return OK;
}

static enum err put_device(void *context, const struct device *device)
{
	struct list *list = context;
	if (!count_in(list))
		return OK;
	separate(list->out);
	device_encode(list->out, device, NULL);
	return OK;
}

/* The lists. */

enum err view_timers(struct turn *turn, const struct view_query *query, struct text *out, bool *ret_waits,
	struct refusal *ret_why)
{
	(void)ret_waits, (void)ret_why;
	struct list list = list_begin(turn, query, out);
	enum err err =
		store_session_each(turn->store, turn->user.uid, SESSIONS_TIMERS, NULL, put_timer, &list);
	list_end(&list);
	return err;
}

static struct session_filter make_filter(const struct view_query *query)
{
	const struct session_query *asked = &query->sessions;
	return (struct session_filter){
		.kinds = asked->kinds,
		.has_status = asked->has_status,
		.has_completed = asked->has_completed,
		.status = asked->status,
		.completed = asked->completed,
		.group = asked->group,
		.plan = asked->plan,
		.from_ms = INT64_MIN,
		.to_ms = INT64_MAX,
		.date_from = asked->has_date_from ? asked->date_from : INT32_MIN,
		.date_to = asked->has_date_to ? asked->date_to : INT32_MAX,
		.by_date = asked->by_date,
		.ascending = asked->ascending,
		.limit = query->limit,
		.offset = query->offset,
	};
}

/* "Date filters are inclusive days of the user's zone." */
static enum err limit_days(
	const struct turn *turn, const struct session_query *asked, struct session_filter *filter)
{
	struct day_rule *rules = NULL;
	size_t count = 0;
	if (!asked->has_from && !asked->has_to)
		return OK;
	enum err err = store_rules_load(turn->store, turn->user.uid, &rules, &count);
	if (err)
		return err;
	if (asked->has_from)
		filter->from_ms = day_start_ms(rules, count, asked->from);
	if (asked->has_to)
		filter->to_ms = day_start_ms(rules, count, asked->to + 1);
	free(rules);
	return OK;
}

static enum err put_sessions(struct list *list)
{
	const struct turn *turn = list->turn;
	struct session_filter filter = make_filter(list->query);
	enum err err = limit_days(turn, &list->query->sessions, &filter);
	if (err)
		return err;
	return store_session_list(turn->store, turn->user.uid, &filter, &list->total, put_session, list);
}

enum err view_sessions(struct turn *turn, const struct view_query *query, struct text *out, bool *ret_waits,
	struct refusal *ret_why)
{
	(void)ret_waits, (void)ret_why;
	struct list list = list_begin(turn, query, out);
	enum err err = put_sessions(&list);
	list_end(&list);
	return err;
}

/* 003's is a plain array. */
enum err view_focus_sessions(struct turn *turn, const struct view_query *query, struct text *out,
	bool *ret_waits, struct refusal *ret_why)
{
	(void)ret_waits, (void)ret_why;
	struct list list = {.out = out, .turn = turn, .query = query};
	text_append_string(out, "[");
	enum err err = put_sessions(&list);
	text_append_string(out, "]");
	return err;
}

enum err view_project_sessions(struct turn *turn, const struct view_query *query, struct text *out,
	bool *ret_waits, struct refusal *ret_why)
{
	struct view_query of_project = *query;
	struct group group;
	enum err err = view_find_group(turn, &query->id, "Project", &group, ret_why);
	if (err || ret_why->code)
		return err;
	of_project.sessions.group = query->id;
	return view_sessions(turn, &of_project, out, ret_waits, ret_why);
}

enum err view_groups(struct turn *turn, const struct view_query *query, struct text *out, bool *ret_waits,
	struct refusal *ret_why)
{
	(void)ret_waits, (void)ret_why;
	struct list list = list_begin(turn, query, out);
	enum err err = store_group_each(turn->store, turn->user.uid, put_group, &list);
	list_end(&list);
	return err;
}

enum err view_tasks(struct turn *turn, const struct view_query *query, struct text *out, bool *ret_waits,
	struct refusal *ret_why)
{
	struct session session;
	(void)ret_waits;
	enum err err = view_find_session(turn, &query->id, 1U << KIND_WORK, &session, ret_why);
	if (err || ret_why->code)
		return err;
	struct list list = list_begin(turn, query, out);
	err = store_task_each(turn->store, turn->user.uid, &query->id, turn->now_ms, put_task, &list);
	list_end(&list);
	return err;
}

enum err view_problems(struct turn *turn, const struct view_query *query, struct text *out, bool *ret_waits,
	struct refusal *ret_why)
{
	struct group group;
	(void)ret_waits;
	enum err err = view_find_group(turn, &query->id, "Project", &group, ret_why);
	if (err || ret_why->code)
		return err;
	struct list list = list_begin(turn, query, out);
	err = store_problem_list(turn->store, turn->user.uid, &query->id, query->limit, query->offset,
		&list.total, put_problem, &list);
	list_end(&list);
	return err;
}

enum err view_plans(struct turn *turn, const struct view_query *query, struct text *out, bool *ret_waits,
	struct refusal *ret_why)
{
	(void)ret_waits, (void)ret_why;
	struct list list = list_begin(turn, query, out);
	enum err err = store_plan_count(turn->store, turn->user.uid, &list.total);
	if (!err)
		err = store_plan_list(
			turn->store, turn->user.uid, true, query->limit, query->offset, put_plan, &list);
	list_end(&list);
	return err;
}

enum err view_audit(struct turn *turn, const struct view_query *query, struct text *out, bool *ret_waits,
	struct refusal *ret_why)
{
	(void)ret_waits, (void)ret_why;
	struct list list = list_begin(turn, query, out);
	enum err err = store_audit_list(
		turn->store, turn->user.uid, query->limit, query->offset, &list.total, put_audit, &list);
	list_end(&list);
	return err;
}

enum err view_devices(struct turn *turn, const struct view_query *query, struct text *out, bool *ret_waits,
	struct refusal *ret_why)
{
	(void)ret_waits, (void)ret_why;
	struct list list = list_begin(turn, query, out);
	enum err err = store_device_each(turn->store, turn->user.uid, put_device, &list);
	list_end(&list);
	return err;
}
