#include "protocol/session.h"

#include <string.h>

#define F(name)    FIELD_BIT(FIELD_##name)
#define TIMER      (F(INITIAL_DURATION) | F(DAILY_GOAL_MINUTES) | F(NO_GOAL))
#define WORK       (F(PLANNED_TASKS) | F(TOOLS_NEEDED) | F(PARTS_TO_INSTALL) | F(HELPER_PRESENT) | F(NOTES))
#define REVIEW     (F(QUALITY_RATING) | F(TASK_PROGRESS) | F(FOCUS_SCORE))
#define NAME_GROUP (F(TITLE) | F(GROUP))

/* domain.md section 1, column by column. */
const struct session_policy session_policies[KIND_COUNT] = {
	[KIND_TIMER] =
		{
			.resets = true,
			.max_pauses = -1,
			.deleted_as = COMMAND_PAUSE,
			.add_required = F(TITLE),
			.add_optional = F(GROUP) | TIMER,
			.edit = TIMER,
			.edit_ended = TIMER,
		},
	[KIND_FOCUS] =
		{
			.starts_when_added = true,
			.abandons = true,
			.max_active = 1,
			.max_pauses = LIMIT_FOCUS_PAUSES,
			.max_pause_ms = LIMIT_PAUSE_MINUTES * MINUTE_MS,
			.deleted_as = COMMAND_ABANDON,
			.add_required = F(SESSION_TYPE),
			.add_optional = NAME_GROUP | F(PLANNED_MINUTES) | F(TASK),
			.complete = REVIEW,
		},
	[KIND_WORK] =
		{
			.starts_when_added = true,
			.max_active = LIMIT_WORK_ACTIVE,
			.max_pauses = -1,
			.max_age_ms = LIMIT_WORK_HOURS * HOUR_MS,
			.deleted_as = COMMAND_COMPLETE,
			.add_required = F(GROUP),
			.add_optional = F(TITLE) | F(START_MS) | WORK,
			.edit = WORK,
			.edit_ended = F(NOTES),
		},
	[KIND_TRAINING] =
		{
			.starts_when_added = true,
			.abandons = true,
			.immutable = true,
			.max_active = 1,
			.max_pauses = -1,
			.deleted_as = COMMAND_ABANDON,
			.add_required = F(PLAN) | F(DATE),
			.add_optional = NAME_GROUP | F(STRUCTURE),
			.edit = F(STRUCTURE),
			.complete = F(STRUCTURE),
		},
};

/* The requirement documents' names for what happens to a session of each kind: 002's, 001's, 000's. */
static const char *const domain_events[KIND_COUNT][COMMAND_COUNT] = {
	[KIND_TIMER] =
		{
			[COMMAND_ADD_SESSION] = "AddSession",
			[COMMAND_START] = "Start",
			[COMMAND_PAUSE] = "Stop",
			[COMMAND_RESET_SESSION] = "ResetSession",
			[COMMAND_DELETE_SESSION] = "DeleteSession",
			[COMMAND_EDIT_SESSION] = "EditSession",
		},
	[KIND_FOCUS] =
		{
			[COMMAND_ADD_SESSION] = "FocusSessionStarted",
			[COMMAND_START] = "SessionResumed",
			[COMMAND_PAUSE] = "SessionPaused",
			[COMMAND_COMPLETE] = "SessionCompleted",
			[COMMAND_ABANDON] = "SessionAbandoned",
		},
	[KIND_WORK] =
		{
			[COMMAND_ADD_SESSION] = "WorkSessionStarted",
			[COMMAND_COMPLETE] = "WorkSessionCompleted",
		},
};

const char *session_domain_event(enum session_kind kind, enum command_type event)
{
	return domain_events[kind][event];
}

const char *session_audit_action(enum session_kind kind, enum command_type event)
{
	if (kind == KIND_TRAINING && event == COMMAND_ADD_SESSION)
		return "session_started";
	if (kind == KIND_TRAINING && event == COMMAND_COMPLETE)
		return "session_completed";
	return command_rows[event].name;
}

const char *const session_kind_names[KIND_COUNT + 1] = {
	[KIND_TIMER] = "timer",
	[KIND_FOCUS] = "focus",
	[KIND_WORK] = "work",
	[KIND_TRAINING] = "training",
};
const char *const session_type_names[SESSION_TYPE_COUNT + 1] = {
	[SESSION_POMODORO] = "pomodoro",
	[SESSION_SHORT] = "short",
	[SESSION_LONG] = "long",
	[SESSION_CUSTOM] = "custom",
};
static const char *const state_names[STATE_COUNT] = {[STATE_PAUSED] = "PAUSED", [STATE_RUNNING] = "RUNNING"};
const char *const session_status_names[STATUS_COUNT + 1] = {
	[STATUS_ACTIVE] = "active",
	[STATUS_COMPLETED] = "completed",
	[STATUS_ABANDONED] = "abandoned",
};

const char *session_kind_name(enum session_kind kind)
{
	return session_kind_names[kind];
}

const char *session_state_name(enum session_state state)
{
	return state_names[state];
}

const char *session_status_name(enum session_status status)
{
	return session_status_names[status];
}

bool session_kind_find(const char *name, enum session_kind *ret)
{
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		if (strcmp(name, session_kind_names[kind]) == 0) {
			*ret = (enum session_kind)kind;
			return true;
		}
	}
	return false;
}
