#include "protocol/session_fields.h"

#include <string.h>

/* domain.md section 2: the lengths of named types; custom has its own. */
static const int32_t type_minutes[SESSION_TYPE_COUNT] = {
	[SESSION_POMODORO] = 25,
	[SESSION_SHORT] = 15,
	[SESSION_LONG] = 45,
};

enum session_kind session_added_kind(const struct command *command)
{
	return (enum session_kind)command_number(command, FIELD_KIND, KIND_TIMER, KIND_TIMER);
}

static enum err check_required(const struct command *command, uint64_t required, struct refusal *ret_why)
{
	for (int field = 0; field < FIELD_COUNT; field++) {
		const char *name = field_rows[field].name;
		if ((required & FIELD_BIT(field)) && !command_value(command, (enum field)field))
			return refuse(ret_why, ERR_BAD_REQUEST, name, "%s is required", name);
	}
	return OK;
}

/* "A named type with another length is badRequest." */
static enum err check_length(const struct command *command, struct refusal *ret_why)
{
	enum session_type type = (enum session_type)command_number(command, FIELD_SESSION_TYPE, 0, 0);
	int64_t minutes = command_number(command, FIELD_PLANNED_MINUTES, type_minutes[type], 0);
	const char *name = field_rows[FIELD_PLANNED_MINUTES].name;
	if (type == SESSION_CUSTOM && !minutes)
		return refuse(ret_why, ERR_BAD_REQUEST, name, "%s is required for custom", name);
	if (type != SESSION_CUSTOM && minutes != type_minutes[type])
		return refuse(ret_why, ERR_BAD_REQUEST, name, "%s of %s is %d", name,
			session_type_names[type], (int)type_minutes[type]);
	return OK;
}

enum err session_check_add(const struct command *command, struct refusal *ret_why)
{
	enum session_kind kind = session_added_kind(command);
	const struct session_policy *policy = &session_policies[kind];
	enum err err = check_required(command, policy->add_required, ret_why);
	if (err)
		return err;
	uint64_t allowed = policy->add_required | policy->add_optional | FIELD_BIT(FIELD_SESSION) |
			   FIELD_BIT(FIELD_KIND);
	err = command_check_fields(command, allowed, session_kind_names[kind], ret_why);
	return !err && kind == KIND_FOCUS ? check_length(command, ret_why) : err;
}

/* "Work startMs may be given, not in the future and less than 24 h back." */
static enum err check_start(const struct session *session, int64_t at_ms, struct refusal *ret_why)
{
	const char *name = field_rows[FIELD_START_MS].name;
	int64_t max_age_ms = session_policies[session->kind].max_age_ms;
	if (session->started_at_ms > at_ms)
		return refuse(ret_why, ERR_BAD_REQUEST, name, "%s is in the future", name);
	if (max_age_ms && session->started_at_ms <= at_ms - max_age_ms)
		return refuse(ret_why, ERR_BAD_REQUEST, name, "%s must be less than %d hours back", name,
			LIMIT_WORK_HOURS);
	return OK;
}

static void set_focus(struct session *session, const struct command *command)
{
	enum session_type type = (enum session_type)command_number(command, FIELD_SESSION_TYPE, 0, 0);
	session->focus.type = type;
	session->focus.task = command_uuid(command, FIELD_TASK, (struct uuid){0});
	session->focus.score = SESSION_NO_SCORE;
	session->initial_ms =
		MINUTE_MS * command_number(command, FIELD_PLANNED_MINUTES, type_minutes[type], 0);
}

static void set_training(struct session *session, const struct command *command, const char *structure)
{
	session->training.plan = command_uuid(command, FIELD_PLAN, (struct uuid){0});
	session->training.date = (int32_t)command_number(command, FIELD_DATE, 0, 0);
	session->training.structure = structure;
}

enum err session_add(const struct command *command, const struct uuid *id, const char *structure,
	const struct session_moment *moment, struct session_effects *ret, struct refusal *ret_why)
{
	struct session fresh = {
		.id = *id,
		.version = 1,
		.kind = session_added_kind(command),
		.initial_ms = SESSION_NO_LENGTH,
		.no_goal = true,
		.clock_ms = moment->at_ms,
		.created_at_ms = moment->at_ms,
		.updated_at_ms = moment->at_ms,
	};
	fresh.group = command_uuid(command, FIELD_GROUP, fresh.group);
	command_copy_text(command, FIELD_TITLE, fresh.title, sizeof(fresh.title));
	if (fresh.kind == KIND_FOCUS)
		set_focus(&fresh, command);
	if (fresh.kind == KIND_TRAINING)
		set_training(&fresh, command, structure);
	session_take_fields(&fresh, command);
	if (session_policies[fresh.kind].starts_when_added) {
		fresh.started_at_ms = command_number(command, FIELD_START_MS, moment->at_ms, moment->at_ms);
		fresh.running_since_ms = fresh.started_at_ms;
		fresh.state = STATE_RUNNING;
	}
	enum err err = check_start(&fresh, moment->at_ms, ret_why);
	if (err)
		return err;
	ret->count = 1;
	ret->events[0].event = COMMAND_ADD_SESSION;
	ret->events[0].session = fresh;
	return OK;
}
