#include "server/target.h"

#include "server/shape.h"

/* What every entity has. */
struct found {
	bool deleted;
	int64_t version;
};

static enum err load_session(struct walk *walk, const struct uuid *id, struct found *ret)
{
	struct session *session = &walk->session;
	enum err err = store_session_load(walk->turn->store, walk->turn->user.uid, id, session);
	if (err)
		return err;
	walk->outcome->kind = session->kind;
	*ret = (struct found){session->deleted, session->version};
	return OK;
}

static enum err load_group(struct walk *walk, const struct uuid *id, struct found *ret)
{
	enum err err = store_group_load(walk->turn->store, walk->turn->user.uid, id, &walk->group);
	*ret = (struct found){walk->group.deleted, walk->group.version};
	return err;
}

/* A task is as deleted as its session. */
static enum err load_task(struct walk *walk, const struct uuid *id, struct found *ret)
{
	struct task *task = &walk->task;
	struct turn *turn = walk->turn;
	enum err err = store_task_load(turn->store, turn->user.uid, id, turn->now_ms, task);
	if (!err)
		err = store_session_load(turn->store, turn->user.uid, &task->session, &walk->session);
	*ret = (struct found){task->deleted || walk->session.deleted, task->version};
	return err;
}

static enum err load_problem(struct walk *walk, const struct uuid *id, struct found *ret)
{
	enum err err = store_problem_load(walk->turn->store, walk->turn->user.uid, id, &walk->problem);
	*ret = (struct found){false, walk->problem.version};
	return err;
}

static enum err load_plan(struct walk *walk, const struct uuid *id, struct found *ret)
{
	enum err err = store_plan_load(walk->turn->store, walk->turn->user.uid, id, &walk->plan);
	*ret = (struct found){walk->plan.deleted, walk->plan.version};
	return err;
}

/* Entities that have an id: which field names one, and how it is loaded. */
static const struct entity_row {
	enum field field;
	const char *noun;
	enum err (*load)(struct walk *walk, const struct uuid *id, struct found *ret);
} entities[ENTITY_COUNT] = {
	[ENTITY_SESSION] = {FIELD_SESSION, "Session", load_session},
	[ENTITY_GROUP] = {FIELD_GROUP, "Group", load_group},
	[ENTITY_TASK] = {FIELD_TASK, "Task", load_task},
	[ENTITY_PROBLEM] = {FIELD_PROBLEM, "Problem", load_problem},
	[ENTITY_PLAN] = {FIELD_PLAN, "Plan", load_plan},
};

/* "Ids are unique per user", whatever they name. */
static enum err refuse_taken(struct walk *walk, enum field field)
{
	for (int entity = 0; entity < ENTITY_COUNT; entity++) {
		struct found found = {0};
		if (!entities[entity].load)
			continue;
		enum err err = entities[entity].load(walk, &walk->outcome->id, &found);
		if (err == ERR_NOT_FOUND)
			continue;
		if (!err) {
			refuse(&walk->outcome->why, ERR_CONFLICT, field_rows[field].name,
				"this id exists already");
			walk->outcome->why.version = found.version;
		}
		return err;
	}
	return OK;
}

/* An id of the client's own for what it adds, or a new one. */
static enum err choose_id(struct walk *walk, enum field field)
{
	const struct value *own = command_value(walk->command, field);
	if (!own) {
		walk->outcome->id = entropy_uuid(walk->turn->pass->entropy, walk->turn->now_ms);
		return OK;
	}
	walk->outcome->id = own->id;
	return refuse_taken(walk, field);
}

/* rest.md: "an id of another family is 404 there." */
static bool is_elsewhere(const struct walk *walk, enum entity entity)
{
	unsigned kinds = walk->errand->kinds;
	return entity == ENTITY_SESSION && kinds && !(kinds & 1U << walk->session.kind);
}

static enum err find(struct walk *walk, enum entity entity, bool with_deleted, struct found *ret)
{
	const struct entity_row *row = &entities[entity];
	const struct uuid *id = &command_value(walk->command, row->field)->id;
	enum err err = row->load(walk, id, ret);
	if (err && err != ERR_NOT_FOUND)
		return err;
	if (!err && (!ret->deleted || with_deleted) && !is_elsewhere(walk, entity))
		return OK;
	/* "An unknown or foreign plan is badRequest" where a session is made of it. */
	if (entity == ENTITY_PLAN && walk->row->target == ENTITY_SESSION)
		refuse(&walk->outcome->why, ERR_BAD_REQUEST, field_rows[row->field].name,
			"Plan not found or access denied");
	else
		refuse(&walk->outcome->why, ERR_NOT_FOUND, field_rows[row->field].name, "%s not found",
			row->noun);
	return OK;
}

static enum err find_own(struct walk *walk)
{
	enum entity target = walk->row->target;
	struct found found = {0};
	if (!entities[target].load)
		return OK;
	if (walk->row->flags & COMMAND_ADDS)
		return choose_id(walk, entities[target].field);
	walk->outcome->id = command_value(walk->command, entities[target].field)->id;
	enum err err = find(walk, target, walk->row->flags & COMMAND_DELETED, &found);
	walk->version = found.version;
	return err;
}

enum err target_find(struct walk *walk)
{
	enum err err = find_own(walk);
	if (walk->row->target == ENTITY_USER)
		walk->version = walk->turn->user.version;
	for (int entity = 0; entity < ENTITY_COUNT && !err && !walk_refused(walk); entity++) {
		struct found found;
		bool mentioned = entities[entity].load && (enum entity)entity != walk->row->target &&
				 command_value(walk->command, entities[entity].field);
		if (mentioned)
			err = find(walk, (enum entity)entity, false, &found);
	}
	return err;
}

enum err target_encode(
	struct turn *turn, struct text *out, enum shape shape, enum entity entity, const struct uuid *id)
{
	struct outcome outcome = {0};
	struct errand errand = {0};
	struct walk walk = {.turn = turn, .errand = &errand, .outcome = &outcome};
	struct found found;
	enum err err = entities[entity].load ? entities[entity].load(&walk, id, &found) : OK;
	if (err)
		return err;
	switch (entity) {
	case ENTITY_SESSION:
		shape_session(out, shape, &walk.session, false, &turn->view);
		break;
	case ENTITY_GROUP:
		encode_group(out, &walk.group, &turn->view);
		break;
	case ENTITY_USER:
		encode_user(out, &turn->view);
		break;
	case ENTITY_TASK:
		shape_task(out, shape, &walk.task);
		break;
	case ENTITY_PROBLEM:
		shape_problem(out, shape, &walk.problem);
		break;
	case ENTITY_PLAN:
		shape_plan(out, shape, &walk.plan, &turn->view);
		break;
	case ENTITY_NONE:
	case ENTITY_COUNT:
		return ERR_INTERNAL;
	}
	return OK;
}
