/* Groups, and the problems found on them. */
#include "server/effect.h"

#include <stdlib.h>

static void encode_group_member(struct text *out, const struct walk *walk, const struct group *group)
{
	text_append_string(out, ",\"group\":");
	encode_group(out, group, &walk->turn->view);
}

static enum err commit_group(struct walk *walk, const struct group *group)
{
	TEXT_AUTO entities = {0};
	encode_group_member(&entities, walk, group);
	enum err err = store_group_write(walk->turn->store, walk->turn->user.uid, group);
	return err ? err : effect_commit(walk, &entities);
}

enum err effect_add_group(struct walk *walk)
{
	int64_t count = 0;
	enum err err = store_group_count(walk->turn->store, walk->turn->user.uid, &count);
	if (!err)
		effect_limit(walk, count, walk->turn->pass->limits->max_groups, "groups");
	if (err || walk_refused(walk))
		return err;
	group_add(walk->command, &walk->outcome->id, walk->at_ms, &walk->group);
	return commit_group(walk, &walk->group);
}

enum err effect_edit_group(struct walk *walk)
{
	struct group next;
	if (group_apply(&walk->group, walk->command, walk->at_ms, &next))
		return commit_group(walk, &next);
	effect_result(walk, false);
	return OK;
}

/* "An active work session in it makes it invalidState." */
static enum err check_unused(struct walk *walk)
{
	int64_t working = 0;
	enum err err =
		store_session_working(walk->turn->store, walk->turn->user.uid, &walk->group.id, &working);
	if (!err && working)
		refuse(&walk->outcome->why, ERR_INVALID_STATE, NULL,
			"a work session in this group is active");
	return err;
}

/* "Its timers and active focus sessions lose the group (same event)." */
static enum err release(struct walk *walk, struct session_list *changed)
{
	__attribute__((cleanup(session_list_finish))) struct session_list inside = {0};
	struct session_moment moment = turn_moment(walk->turn, walk->at_ms);
	enum err err = store_session_each(walk->turn->store, walk->turn->user.uid, SESSIONS_SHOWN,
		&walk->group.id, session_list_add, &inside);
	for (size_t i = 0; i < inside.count && !err; i++) {
		struct session left;
		if (!session_leave_group(&inside.items[i], &moment, &left))
			continue;
		session_list_add(changed, &left);
		/* "An event's atMs is at least that of the session's last change." */
		if (walk->at_ms < left.clock_ms)
			walk->at_ms = left.clock_ms;
		err = turn_write_session(walk->turn, &inside.items[i], &left, walk->at_ms);
	}
	return err;
}

enum err effect_delete_group(struct walk *walk)
{
	__attribute__((cleanup(session_list_finish))) struct session_list changed = {0};
	struct group next;
	TEXT_AUTO lead = {0};
	enum err err = check_unused(walk);
	if (err || walk_refused(walk))
		return err;
	if (!group_apply(&walk->group, walk->command, walk->at_ms, &next))
		abort();
	err = release(walk, &changed);
	encode_group_member(&lead, walk, &next);
	if (!err)
		err = store_group_write(walk->turn->store, walk->turn->user.uid, &next);
	if (!err)
		err = effect_commit_sessions(walk, &lead, &changed);
	if (!err)
		effect_result(walk, true);
	return err;
}

static enum err commit_problem(struct walk *walk, const struct problem *problem)
{
	TEXT_AUTO entities = {0};
	text_append_string(&entities, ",\"problem\":");
	encode_problem(&entities, problem);
	enum err err = store_problem_write(walk->turn->store, walk->turn->user.uid, problem);
	return err ? err : effect_commit(walk, &entities);
}

enum err effect_add_problem(struct walk *walk)
{
	int64_t open = 0;
	if (problem_add(walk->command, &walk->outcome->id, walk->at_ms, &walk->problem, &walk->outcome->why))
		return OK;
	enum err err = store_problem_count(walk->turn->store, walk->turn->user.uid, &walk->group.id, &open);
	if (!err)
		effect_limit(walk, open, walk->turn->pass->limits->max_problems, "open problems in a group");
	return err || walk_refused(walk) ? err : commit_problem(walk, &walk->problem);
}

enum err effect_problem(struct walk *walk)
{
	struct problem next;
	bool changed;
	if (problem_apply(&walk->problem, walk->command, walk->at_ms, &next, &changed, &walk->outcome->why))
		return OK;
	if (changed)
		return commit_problem(walk, &next);
	effect_result(walk, false);
	return OK;
}
