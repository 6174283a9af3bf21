#include "protocol/command.h"

#include <string.h>

/* A field's bit, short enough for the table. */
#define F(name) FIELD_BIT(FIELD_##name)

/* clang-format off */
/* name, alias, type, nullable, min, max, help */
const struct field_row field_rows[FIELD_COUNT] = {
	[FIELD_SESSION] = {"session", NULL, TYPE_ID, false, 0, 0,
		"the session's id; addSession may bring its own"},
	[FIELD_GROUP] = {"group", NULL, TYPE_ID, true, 0, 0,
		"the group's id; null is none; addGroup may bring its own"},
	[FIELD_KIND] = {"kind", NULL, TYPE_KIND, false, 0, 0,
		"what kind of session; timer unless said otherwise"},
	[FIELD_TITLE] = {"title", NULL, TYPE_TEXT, false, 1, LIMIT_TITLE_CHARS,
		"what the session is called; a timer needs one"},
	[FIELD_INITIAL_DURATION] = {"initialDuration", "sessionDuration", TYPE_SECONDS, true,
		LIMIT_TIMER_MIN_MS, LIMIT_TIMER_MAX_MS,
		"length in seconds; null or none counts up; sessionDuration means the same"},
	[FIELD_DAILY_GOAL_MINUTES] = {"dailyGoalMinutes", NULL, TYPE_INTEGER, true, 1, LIMIT_GOAL_MINUTES,
		"minutes to spend on it each day; null takes the goal away"},
	[FIELD_NO_GOAL] = {"noGoal", NULL, TYPE_BOOLEAN, false, 0, 0,
		"true: time is tracked, without a goal"},
	[FIELD_REASON] = {"reason", NULL, TYPE_TEXT, false, 0, LIMIT_REASON_CHARS,
		"why, in a sentence"},
	[FIELD_PROGRESS_MADE] = {"progressMade", NULL, TYPE_TEXT, false, 0, LIMIT_LONG_TEXT_CHARS,
		"what was achieved before it ended"},
	[FIELD_SESSIONS_RESET_TIME] = {"sessionsResetTime", NULL, TYPE_DAY_TIME, false, 0, 0,
		"local time at which a new day begins"},
	[FIELD_TIME_ZONE] = {"timeZone", NULL, TYPE_ZONE, false, 0, 0,
		"by whose calendar days run, such as Europe/Berlin"},
	[FIELD_NAME] = {"name", NULL, TYPE_TEXT, false, 1, LIMIT_NAME_CHARS,
		"what the group is called"},
	[FIELD_DESCRIPTION] = {"description", NULL, TYPE_TEXT, false, 0, LIMIT_DESCRIPTION_CHARS,
		"what the group is for"},
};

#define TIMER_FIELDS F(INITIAL_DURATION) | F(DAILY_GOAL_MINUTES) | F(NO_GOAL)
#define ADDS         COMMAND_ADDS | COMMAND_NO_VERSION

/* name, alias, target, flags, required, optional, domain event, help */
const struct command_row command_rows[COMMAND_COUNT] = {
	[COMMAND_ADD_SESSION] = {"addSession", "add", ENTITY_SESSION, ADDS,
		0, F(SESSION) | F(GROUP) | F(KIND) | F(TITLE) | TIMER_FIELDS,
		"AddSession", "adds a session, a timer unless kind says otherwise"},
	[COMMAND_EDIT_SESSION] = {"editSession", "edit", ENTITY_SESSION, 0,
		F(SESSION), TIMER_FIELDS,
		"EditSession", "changes a session's length or goal; elapsed time stays"},
	[COMMAND_RENAME_SESSION] = {"renameSession", NULL, ENTITY_SESSION, 0,
		F(SESSION) | F(TITLE), 0, NULL, "gives a session another title"},
	[COMMAND_MOVE_SESSION] = {"moveSession", NULL, ENTITY_SESSION, 0,
		F(SESSION) | F(GROUP), 0, NULL, "puts a session into a group, or with null into none"},
	[COMMAND_DELETE_SESSION] = {"deleteSession", "delete", ENTITY_SESSION, COMMAND_DELETED,
		F(SESSION), 0, "DeleteSession", "hides a session; its time stays in the analytics"},
	[COMMAND_RESTORE_SESSION] = {"restoreSession", NULL, ENTITY_SESSION, COMMAND_DELETED,
		F(SESSION), 0, NULL, "brings a deleted session back"},
	[COMMAND_START] = {"start", NULL, ENTITY_SESSION, COMMAND_CLOCK,
		F(SESSION), 0, "Start", "starts a session or continues it; a completed timer starts anew"},
	[COMMAND_PAUSE] = {"pause", "stop", ENTITY_SESSION, COMMAND_CLOCK,
		F(SESSION), F(REASON), "Stop", "stops a session's clock"},
	[COMMAND_RESET_SESSION] = {"resetSession", "reset", ENTITY_SESSION, COMMAND_CLOCK,
		F(SESSION), 0, "ResetSession", "puts a timer back to its full length, paused"},
	[COMMAND_RESET_ALL] = {"resetAll", NULL, ENTITY_NONE, COMMAND_NO_VERSION,
		0, F(GROUP), "ResetAll", "resets every timer, or every timer of a group"},
	[COMMAND_COMPLETE] = {"complete", NULL, ENTITY_SESSION, COMMAND_CLOCK,
		F(SESSION), 0, NULL, "completes a session now"},
	[COMMAND_ABANDON] = {"abandon", NULL, ENTITY_SESSION, COMMAND_CLOCK,
		F(SESSION), F(REASON) | F(PROGRESS_MADE), NULL, "gives a session up; not for timers"},
	[COMMAND_AUTO_RESET_TIME_CHANGE] = {"autoResetTimeChange", NULL, ENTITY_USER, 0,
		0, F(SESSIONS_RESET_TIME) | F(TIME_ZONE),
		"AutoResetTimeChange", "changes when the user's day begins, and in which time zone"},
	[COMMAND_ADD_GROUP] = {"addGroup", NULL, ENTITY_GROUP, ADDS,
		F(NAME), F(GROUP) | F(DESCRIPTION), NULL, "adds a group"},
	[COMMAND_EDIT_GROUP] = {"editGroup", NULL, ENTITY_GROUP, 0,
		F(GROUP), F(NAME) | F(DESCRIPTION), NULL, "changes a group's name or description"},
	[COMMAND_DELETE_GROUP] = {"deleteGroup", NULL, ENTITY_GROUP, 0,
		F(GROUP), 0, NULL, "deletes a group; its timers stay, without a group"},
	[COMMAND_GET_SESSION] = {"getSession", NULL, ENTITY_SESSION, COMMAND_READ | COMMAND_DELETED,
		F(SESSION), 0, NULL, "answers with one session, as the result's value"},
	[COMMAND_GET_SNAPSHOT] = {"getSnapshot", NULL, ENTITY_NONE, COMMAND_READ | COMMAND_NO_VERSION,
		0, 0, NULL, "answers with a snapshot of everything"},
};
/* clang-format on */

const char *entity_name(enum entity entity)
{
	static const char *const names[ENTITY_COUNT] = {
		[ENTITY_NONE] = "",
		[ENTITY_SESSION] = "session",
		[ENTITY_GROUP] = "group",
		[ENTITY_USER] = "user",
	};
	return names[entity];
}

bool command_find(const char *name, enum command_type *ret)
{
	for (int type = 0; type < COMMAND_COUNT; type++) {
		const struct command_row *row = &command_rows[type];
		if (strcmp(name, row->name) == 0 || (row->alias && strcmp(name, row->alias) == 0)) {
			*ret = (enum command_type)type;
			return true;
		}
	}
	return false;
}

const struct value *command_value(const struct command *command, enum field field)
{
	const struct value *value = &command->values[field];
	return value->given && !value->null ? value : NULL;
}

bool command_has(const struct command *command, enum field field)
{
	return command->values[field].given;
}
