#include "server/effect.h"

#include <inttypes.h>
#include <stdlib.h>

static struct happening happening_of(const struct walk *walk)
{
	return (struct happening){
		.event = walk->command->type,
		.domain_event = walk->row->domain_event,
		.at_ms = walk->at_ms,
		.origin = walk->errand->origin,
		.key = walk->command->key,
	};
}

/* The result's fields, as the key keeps them. */
static void write_result(struct walk *walk, bool changed)
{
	struct text *result = &walk->outcome->result;
	text_append_format(result, "\"seq\":%" PRId64 ",\"changed\":%s", walk->turn->user.seq,
		changed ? "true" : "false");
	if (walk->row->target == ENTITY_USER) {
		text_append_string(result, ",\"user\":");
		text_append_json(result, walk->turn->user.user_id);
	} else if (!uuid_is_nil(&walk->outcome->id)) {
		char id[UUID_TEXT];
		uuid_format(&walk->outcome->id, id);
		text_append_format(result, ",\"%s\":\"%s\"", entity_name(walk->row->target), id);
	}
}

/* Effects, one function for each shape of command. Each is called with everything checked but state and
 * limits. */

static enum err check_limit(struct walk *walk, int64_t count, int64_t limit, const char *what)
{
	if (count >= limit)
		refuse(&walk->outcome->why, ERR_LIMIT, NULL, "there can be %" PRId64 " %s", limit, what);
	return OK;
}

static enum err check_timer_limit(struct walk *walk)
{
	int64_t count = 0;
	enum err err = store_session_count(walk->turn->store, walk->turn->user.uid, SESSIONS_TIMERS, &count);
	return err ? err : check_limit(walk, count, walk->turn->pass->limits->max_timers, "timers");
}

static enum err commit_session(
	struct walk *walk, const struct session *before, const struct session_effects *effects)
{
	if (effects->count == 0) {
		write_result(walk, false);
		return OK;
	}
	const struct session *after = &effects->events[effects->count - 1].session;
	struct happening what = happening_of(walk);
	if (what.at_ms < after->clock_ms && before)
		what.at_ms = after->clock_ms;
	enum err err = turn_write_session(walk->turn, before, after, what.at_ms);
	if (!err)
		err = turn_session_events(walk->turn, effects, what);
	if (!err)
		write_result(walk, true);
	return err;
}

static enum err take_add_session(struct walk *walk)
{
	struct session_effects effects;
	struct session_moment moment = turn_moment(walk->turn, walk->at_ms);
	enum err err = check_timer_limit(walk);
	if (err || walk_refused(walk))
		return err;
	session_add(walk->command, &walk->outcome->id, &moment, &effects);
	return commit_session(walk, NULL, &effects);
}

/* A timer comes back without the group that was deleted meanwhile. */
static enum err forget_lost_group(struct walk *walk, struct session_effects *effects)
{
	struct session *session = &effects->events[0].session;
	struct group group;
	if (uuid_is_nil(&session->group))
		return OK;
	enum err err = store_group_load(walk->turn->store, walk->turn->user.uid, &session->group, &group);
	if (!err && group.deleted)
		session->group = (struct uuid){0};
	return err;
}

static enum err take_session(struct walk *walk)
{
	struct session_effects effects;
	struct session_moment moment = turn_moment(walk->turn, walk->at_ms);
	if (session_apply(&walk->session, walk->command, &moment, &effects, &walk->outcome->why))
		return OK;
	if (walk->command->type == COMMAND_RESTORE_SESSION && effects.count) {
		enum err err = check_timer_limit(walk);
		if (!err && !walk_refused(walk))
			err = forget_lost_group(walk, &effects);
		if (err || walk_refused(walk))
			return err;
	}
	return commit_session(walk, &walk->session, &effects);
}

/* Makes one event of many sessions, after `lead` (`,"group":{...}` or empty); their writes are done. */
static enum err commit_sessions(
	struct walk *walk, const struct text *lead, const struct session_list *changed)
{
	TEXT_AUTO entities = {0};
	text_append(&entities, lead->data, lead->len);
	text_append_string(&entities, ",\"sessions\":[");
	for (size_t i = 0; i < changed->count; i++) {
		text_append_string(&entities, i ? "," : "");
		encode_session(&entities, &changed->items[i], &walk->turn->view);
	}
	text_append_string(&entities, "]");
	struct happening what = happening_of(walk);
	return turn_event(walk->turn, &what, &entities);
}

static void write_result_ids(struct walk *walk, const struct session_list *changed)
{
	struct text *result = &walk->outcome->result;
	write_result(walk, changed->count > 0);
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

static enum err take_reset_all(struct walk *walk)
{
	__attribute__((cleanup(session_list_finish))) struct session_list timers = {0};
	__attribute__((cleanup(session_list_finish))) struct session_list changed = {0};
	const struct value *group = command_value(walk->command, FIELD_GROUP);
	enum err err = store_session_each(walk->turn->store, walk->turn->user.uid, SESSIONS_TIMERS,
		group ? &group->id : NULL, session_list_add, &timers);
	for (size_t i = 0; i < timers.count && !err; i++)
		err = reset_one(walk, &timers.items[i], &changed);
	if (!err && changed.count)
		err = commit_sessions(walk, &(struct text){.data = ""}, &changed);
	if (!err)
		write_result_ids(walk, &changed);
	return err;
}

static void encode_group_member(struct text *out, const struct walk *walk, const struct group *group)
{
	text_append_string(out, ",\"group\":");
	encode_group(out, group, &walk->turn->view);
}

static enum err commit_group(struct walk *walk, const struct group *group)
{
	TEXT_AUTO entities = {0};
	encode_group_member(&entities, walk, group);
	struct happening what = happening_of(walk);
	enum err err = store_group_write(walk->turn->store, walk->turn->user.uid, group);
	if (!err)
		err = turn_event(walk->turn, &what, &entities);
	if (!err)
		write_result(walk, true);
	return err;
}

static enum err take_add_group(struct walk *walk)
{
	int64_t count = 0;
	enum err err = store_group_count(walk->turn->store, walk->turn->user.uid, &count);
	if (!err)
		err = check_limit(walk, count, walk->turn->pass->limits->max_groups, "groups");
	if (err || walk_refused(walk))
		return err;
	group_add(walk->command, &walk->outcome->id, walk->at_ms, &walk->group);
	return commit_group(walk, &walk->group);
}

static enum err take_edit_group(struct walk *walk)
{
	struct group next;
	if (group_apply(&walk->group, walk->command, walk->at_ms, &next))
		return commit_group(walk, &next);
	write_result(walk, false);
	return OK;
}

/* "Its timers and active focus sessions lose the group (same event)." */
static enum err take_delete_group(struct walk *walk)
{
	__attribute__((cleanup(session_list_finish))) struct session_list inside = {0};
	__attribute__((cleanup(session_list_finish))) struct session_list changed = {0};
	struct session_moment moment = turn_moment(walk->turn, walk->at_ms);
	int64_t uid = walk->turn->user.uid;
	struct group next;
	if (!group_apply(&walk->group, walk->command, walk->at_ms, &next))
		abort();
	enum err err = store_session_each(
		walk->turn->store, uid, SESSIONS_SHOWN, &walk->group.id, session_list_add, &inside);
	for (size_t i = 0; i < inside.count && !err; i++) {
		struct session left;
		if (!session_leave_group(&inside.items[i], &moment, &left))
			continue;
		session_list_add(&changed, &left);
		/* "An event's atMs is at least that of the session's last change." */
		if (walk->at_ms < left.clock_ms)
			walk->at_ms = left.clock_ms;
		err = turn_write_session(walk->turn, &inside.items[i], &left, walk->at_ms);
	}
	TEXT_AUTO lead = {0};
	encode_group_member(&lead, walk, &next);
	if (!err)
		err = store_group_write(walk->turn->store, uid, &next);
	if (!err)
		err = commit_sessions(walk, &lead, &changed);
	if (!err)
		write_result(walk, true);
	return err;
}

/* What the change of the day's rule must not move. */
static enum err load_tracking(const struct turn *turn, struct user_tracking *ret)
{
	struct user_tracking tracking = {.past_end_ms = INT64_MIN};
	int64_t day_start_ms = turn->view.day.start_ms;
	int64_t last_ms = 0;
	enum err err = store_interval_any(turn->store, turn->user.uid, day_start_ms, &tracking.today);
	if (!err)
		err = store_interval_last(turn->store, turn->user.uid, day_start_ms, &last_ms);
	if (!err && last_ms) {
		struct day_rule *rules = NULL;
		size_t count = 0;
		err = store_rules_load(turn->store, turn->user.uid, &rules, &count);
		if (err)
			return err;
		struct day_span past = day_find(rules, count, last_ms - 1);
		tracking.past_end_ms = past.end_ms;
		tracking.past_day = past.day;
		free(rules);
	}
	if (!err)
		*ret = tracking;
	return err;
}

static enum err take_reset_time(struct walk *walk)
{
	struct turn *turn = walk->turn;
	struct user_tracking tracking;
	struct user next;
	enum err err = load_tracking(turn, &tracking);
	if (err)
		return err;
	if (!user_apply(&turn->user, walk->command, &tracking, turn->now_ms, &next)) {
		write_result(walk, false);
		return OK;
	}
	int64_t from_ms;
	int count;
	const struct day_rule *rules = user_rules_changed(&turn->user, &next, turn->now_ms, &from_ms, &count);
	err = store_rules_replace(turn->store, turn->user.uid, from_ms, rules, count);
	turn_set_user(turn, &next);
	/* One that a batch has still to come to stays: it moves to the last boundary by itself. */
	if (!err && turn->user.reset_due_ms > turn->now_ms)
		err = turn_set_reset_due(turn, turn->view.day.end_ms);
	TEXT_AUTO entities = {0};
	text_append_string(&entities, ",\"user\":");
	encode_user(&entities, &turn->view);
	struct happening what = happening_of(walk);
	if (!err)
		err = turn_event(turn, &what, &entities);
	if (!err)
		write_result(walk, true);
	return err;
}

static enum err take_get_session(struct walk *walk)
{
	write_result(walk, false);
	text_append_string(&walk->outcome->result, ",\"value\":");
	encode_session(&walk->outcome->result, &walk->session, &walk->turn->view);
	return OK;
}

typedef enum err take_fn(struct walk *walk);

static take_fn *const takers[COMMAND_COUNT] = {
	[COMMAND_ADD_SESSION] = take_add_session,
	[COMMAND_EDIT_SESSION] = take_session,
	[COMMAND_RENAME_SESSION] = take_session,
	[COMMAND_MOVE_SESSION] = take_session,
	[COMMAND_DELETE_SESSION] = take_session,
	[COMMAND_RESTORE_SESSION] = take_session,
	[COMMAND_START] = take_session,
	[COMMAND_PAUSE] = take_session,
	[COMMAND_RESET_SESSION] = take_session,
	[COMMAND_COMPLETE] = take_session,
	[COMMAND_ABANDON] = take_session,
	[COMMAND_RESET_ALL] = take_reset_all,
	[COMMAND_AUTO_RESET_TIME_CHANGE] = take_reset_time,
	[COMMAND_ADD_GROUP] = take_add_group,
	[COMMAND_EDIT_GROUP] = take_edit_group,
	[COMMAND_DELETE_GROUP] = take_delete_group,
	[COMMAND_GET_SESSION] = take_get_session,
};

enum err effect_take(struct walk *walk)
{
	return takers[walk->command->type](walk);
}
