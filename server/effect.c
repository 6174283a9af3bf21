#include "server/effect.h"

#include <inttypes.h>

struct happening effect_happening(const struct walk *walk)
{
	enum entity target = walk->row->target;
	return (struct happening){
		.event = walk->row->name,
		.domain_event = command_domain_event(walk->command->type),
		.entity = target == ENTITY_NONE ? ENTITY_USER : target,
		.id = walk->outcome->id,
		.at_ms = walk->at_ms,
		.origin = walk->errand->origin,
		.key = walk->command->key,
	};
}

void effect_result(struct walk *walk, bool changed)
{
	struct text *result = &walk->outcome->result;
	walk->outcome->unchanged = !changed;
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

void effect_limit(struct walk *walk, int64_t count, int64_t limit, const char *what)
{
	if (count >= limit)
		refuse(&walk->outcome->why, ERR_LIMIT, NULL, "there can be %" PRId64 " %s", limit, what);
}

enum err effect_commit(struct walk *walk, const struct text *entities)
{
	struct happening what = effect_happening(walk);
	enum err err = turn_event(walk->turn, &what, entities);
	if (!err)
		effect_result(walk, true);
	return err;
}

enum err effect_commit_sessions(
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
	struct happening what = effect_happening(walk);
	return turn_event(walk->turn, &what, &entities);
}

/* What changes an entity that is there; by what it is about. */
static effect_fn *const changes[ENTITY_COUNT] = {
	[ENTITY_SESSION] = effect_session,
	[ENTITY_TASK] = effect_task,
	[ENTITY_PROBLEM] = effect_problem,
	[ENTITY_PLAN] = effect_plan,
};

/* What does something else. */
static effect_fn *const effects[COMMAND_COUNT] = {
	[COMMAND_ADD_SESSION] = effect_add_session,
	[COMMAND_RESET_ALL] = effect_reset_all,
	[COMMAND_GET_SESSION] = effect_get_session,
	[COMMAND_AUTO_RESET_TIME_CHANGE] = effect_reset_time,
	[COMMAND_ADD_GROUP] = effect_add_group,
	[COMMAND_EDIT_GROUP] = effect_edit_group,
	[COMMAND_DELETE_GROUP] = effect_delete_group,
	[COMMAND_ADD_TASK] = effect_add_task,
	[COMMAND_REPORT_PROBLEM] = effect_add_problem,
	[COMMAND_ADD_PLAN] = effect_add_plan,
};

enum err effect_take(struct walk *walk)
{
	effect_fn *own = effects[walk->command->type];
	return own ? own(walk) : changes[walk->row->target](walk);
}
