#include "server/view_entities.h"

#include "server/shape.h"

/* Not there, deleted or elsewhere: the client can't tell which. */
static enum err not_found(enum err err, const char *noun, struct refusal *ret_why)
{
	if (err && err != ERR_NOT_FOUND)
		return err;
	refuse(ret_why, ERR_NOT_FOUND, NULL, "%s not found", noun);
	return OK;
}

enum err view_find_session(const struct turn *turn, const struct uuid *id, unsigned kinds,
	struct session *ret, struct refusal *ret_why)
{
	enum err err = store_session_load(turn->store, turn->user.uid, id, ret);
	if (err || ret->deleted || !(kinds & 1U << ret->kind))
		return not_found(err, "Session", ret_why);
	return OK;
}

enum err view_find_group(const struct turn *turn, const struct uuid *id, const char *noun, struct group *ret,
	struct refusal *ret_why)
{
	enum err err = store_group_load(turn->store, turn->user.uid, id, ret);
	if (err || ret->deleted)
		return not_found(err, noun, ret_why);
	return OK;
}

enum err view_session(struct turn *turn, const struct view_query *query, struct text *out, bool *ret_waits,
	struct refusal *ret_why)
{
	struct session session;
	(void)ret_waits;
	enum err err = view_find_session(turn, &query->id, query->sessions.kinds, &session, ret_why);
	if (!err && !ret_why->code)
		shape_session(out, query->shape, &session, false, &turn->view);
	return err;
}

enum err view_group(struct turn *turn, const struct view_query *query, struct text *out, bool *ret_waits,
	struct refusal *ret_why)
{
	struct group group;
	(void)ret_waits;
	enum err err = view_find_group(turn, &query->id, "Group", &group, ret_why);
	if (!err && !ret_why->code)
		encode_group(out, &group, &turn->view);
	return err;
}

/* A task is as deleted as its session. */
enum err view_task(struct turn *turn, const struct view_query *query, struct text *out, bool *ret_waits,
	struct refusal *ret_why)
{
	struct task task;
	struct session session;
	(void)ret_waits;
	enum err err = store_task_load(turn->store, turn->user.uid, &query->id, turn->now_ms, &task);
	if (!err)
		err = store_session_load(turn->store, turn->user.uid, &task.session, &session);
	if (err || task.deleted || session.deleted)
		return not_found(err, "Task", ret_why);
	shape_task(out, query->shape, &task);
	return OK;
}

/* Of a deleted group, "its problems stay readable by id". */
enum err view_problem(struct turn *turn, const struct view_query *query, struct text *out, bool *ret_waits,
	struct refusal *ret_why)
{
	struct problem problem;
	(void)ret_waits;
	enum err err = store_problem_load(turn->store, turn->user.uid, &query->id, &problem);
	if (err)
		return not_found(err, "Problem", ret_why);
	shape_problem(out, query->shape, &problem);
	return OK;
}

enum err view_plan(struct turn *turn, const struct view_query *query, struct text *out, bool *ret_waits,
	struct refusal *ret_why)
{
	struct plan plan;
	(void)ret_waits;
	enum err err = store_plan_load(turn->store, turn->user.uid, &query->id, &plan);
	if (err || plan.deleted)
		return not_found(err, "Plan", ret_why);
	shape_plan(out, query->shape, &plan, &turn->view);
	return OK;
}
