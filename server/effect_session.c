/* Sessions of all kinds. */
#include "server/effect.h"

#include <inttypes.h>

/* What one command makes of one session: the writes that follow from it, the events, the result. `more` goes
 * into the last event. */
static enum err commit_session(struct walk *walk, const struct session *before,
	const struct session_effects *effects, const struct text *more)
{
	if (effects->count == 0) {
		effect_result(walk, false);
		return OK;
	}
	const struct session *after = &effects->events[effects->count - 1].session;
	struct happening what = effect_happening(walk);
	if (what.at_ms < after->clock_ms && before)
		what.at_ms = after->clock_ms;
	enum err err = turn_write_session(walk->turn, before, after, what.at_ms);
	if (!err)
		err = turn_session_events(walk->turn, effects, what, more);
	if (!err)
		effect_result(walk, true);
	return err;
}

static enum err check_timers(struct walk *walk)
{
	int64_t count = 0;
	enum err err = store_session_count(walk->turn->store, walk->turn->user.uid, SESSIONS_TIMERS, &count);
	if (!err)
		effect_limit(walk, count, walk->turn->pass->limits->max_timers, "timers");
	return err;
}

/* How many of the kind may be active at once. Where it is one, the client is told which. */
static enum err check_active(struct walk *walk, enum session_kind kind)
{
	int most = session_policies[kind].max_active;
	struct refusal *why = &walk->outcome->why;
	struct uuid active;
	int64_t count = 0;
	enum err err = store_session_active(walk->turn->store, walk->turn->user.uid, kind, &count, &active);
	if (err || count < most)
		return err;
	if (most > 1) {
		effect_limit(walk, count, most, "active work sessions");
		return OK;
	}
	/* 004's words. */
	refuse(why, ERR_ALREADY_ACTIVE, NULL, "An in-progress session already exists");
	why->active = active;
	return OK;
}

/* "hasSessions becomes true"; the plan comes with the event then. */
static enum err use_plan(struct walk *walk, struct text *more)
{
	struct plan used;
	if (!plan_use(&walk->plan, walk->at_ms, &used))
		return OK;
	text_append_string(more, ",\"plan\":");
	encode_plan(more, &used, true, &walk->turn->view);
	return store_plan_write(walk->turn->store, walk->turn->user.uid, &used);
}

enum err effect_add_session(struct walk *walk)
{
	enum session_kind kind = session_added_kind(walk->command);
	struct session_moment moment = turn_moment(walk->turn, walk->at_ms);
	struct session_effects effects;
	TEXT_AUTO more = {0};
	if (session_add(walk->command, &walk->outcome->id, walk->plan.structure, &moment, &effects,
		    &walk->outcome->why))
		return OK;
	enum err err = session_policies[kind].max_active ? check_active(walk, kind) : check_timers(walk);
	if (err || walk_refused(walk))
		return err;
	if (kind == KIND_TRAINING)
		err = use_plan(walk, &more);
	return err ? err : commit_session(walk, NULL, &effects, &more);
}

/* What comes back is without the group that was deleted meanwhile, where deleting it would have taken it. */
static enum err forget_lost_group(struct walk *walk, struct session *session)
{
	struct session_moment moment = turn_moment(walk->turn, walk->at_ms);
	struct session left;
	if (!session_leave_group(session, &moment, &left))
		return OK;
	enum err err =
		store_group_load(walk->turn->store, walk->turn->user.uid, &session->group, &walk->group);
	if (!err && walk->group.deleted)
		session->group = left.group;
	return err;
}

static enum err check_restored(struct walk *walk, struct session_effects *effects)
{
	struct session *session = &effects->events[0].session;
	enum err err = session->kind == KIND_TIMER ? check_timers(walk) : OK;
	return err || walk_refused(walk) ? err : forget_lost_group(walk, session);
}

struct open_tasks {
	struct text ids;
	int count;
};

static enum err name_open_task(void *context, const struct task *task)
{
	struct open_tasks *open = context;
	char id[UUID_TEXT];
	if (task->completed)
		return OK;
	uuid_format(&task->id, id);
	text_append_format(&open->ids, "%s\"%s\"", open->count++ ? "," : "", id);
	return OK;
}

/* "Open tasks stay open and are named in the result's details", of work that has ended by itself too. */
static enum err tell_open_tasks(struct walk *walk)
{
	struct open_tasks open = {0};
	enum err err = store_task_each(walk->turn->store, walk->turn->user.uid, &walk->session.id,
		walk->turn->now_ms, name_open_task, &open);
	if (!err && open.count)
		text_append_format(&walk->outcome->result, ",\"details\":{\"tasks\":[%s]}", open.ids.data);
	text_finish(&open.ids);
	return err;
}

enum err effect_session(struct walk *walk)
{
	struct session_effects effects;
	struct session_moment moment = turn_moment(walk->turn, walk->at_ms);
	enum command_type type = walk->command->type;
	enum err err = OK;
	if (session_apply(&walk->session, walk->command, &moment, &effects, &walk->outcome->why))
		return OK;
	if (type == COMMAND_RESTORE_SESSION && effects.count)
		err = check_restored(walk, &effects);
	if (err || walk_refused(walk))
		return err;
	err = commit_session(walk, &walk->session, &effects, &(struct text){.data = ""});
	if (!err && type == COMMAND_COMPLETE && walk->session.kind == KIND_WORK)
		err = tell_open_tasks(walk);
	return err;
}

enum err effect_get_session(struct walk *walk)
{
	effect_result(walk, false);
	text_append_string(&walk->outcome->result, ",\"value\":");
	encode_session(&walk->outcome->result, &walk->session, &walk->turn->view);
	return OK;
}

static void write_result_ids(struct walk *walk, const struct session_list *changed)
{
	struct text *result = &walk->outcome->result;
	effect_result(walk, changed->count > 0);
	for (size_t i = 0; i < changed->count; i++) {
		char id[UUID_TEXT];
		uuid_format(&changed->items[i].id, id);
		text_append_format(result, "%s\"%s\"", i ? "," : ",\"sessions\":[", id);
	}
	text_append_string(result, changed->count ? "]" : ",\"sessions\":[]");
}

static enum err reset_one(struct walk *walk, const struct session *session, struct session_list *changed)
{
	struct session_effects effects;
	struct session_moment moment = turn_moment(walk->turn, walk->at_ms);
	if (walk->at_ms < session->clock_ms)
		return OK;
	enum err err = session_apply(session, walk->command, &moment, &effects, &walk->outcome->why);
	if (err || effects.count == 0)
		return err;
	session_list_add(changed, &effects.events[0].session);
	return turn_write_session(walk->turn, session, &effects.events[0].session, walk->at_ms);
}

enum err effect_reset_all(struct walk *walk)
{
	__attribute__((cleanup(session_list_finish))) struct session_list timers = {0};
	__attribute__((cleanup(session_list_finish))) struct session_list changed = {0};
	const struct value *group = command_value(walk->command, FIELD_GROUP);
	enum err err = store_session_each(walk->turn->store, walk->turn->user.uid, SESSIONS_TIMERS,
		group ? &group->id : NULL, session_list_add, &timers);
	for (size_t i = 0; i < timers.count && !err; i++)
		err = reset_one(walk, &timers.items[i], &changed);
	if (!err && changed.count)
		err = effect_commit_sessions(walk, &(struct text){.data = ""}, &changed);
	if (!err)
		write_result_ids(walk, &changed);
	return err;
}
