#include "protocol/command.h"

#include "protocol/problem.h"
#include "protocol/session.h"
#include "protocol/task.h"

#include <assert.h>
#include <string.h>

/* A field's bit, short enough for the table. */
#define F(name) FIELD_BIT(FIELD_##name)

/* clang-format off */
#define PLAIN(name_, type_, help_) \
	{.name = name_, .type = type_, .help = help_}
#define BOUNDED(name_, type_, min_, max_, help_) \
	{.name = name_, .type = type_, .min = min_, .max = max_, .help = help_}
#define CHOICE(name_, choices_, help_) \
	{.name = name_, .type = TYPE_CHOICE, .choices = choices_, .help = help_}
/* The same, and null is a value. */
#define PLAIN_OR_NULL(name_, type_, help_) \
	{.name = name_, .type = type_, .nullable = true, .help = help_}
#define BOUNDED_OR_NULL(name_, type_, min_, max_, help_) \
	{.name = name_, .type = type_, .nullable = true, .min = min_, .max = max_, .help = help_}

const struct field_row field_rows[FIELD_COUNT] = {
	[FIELD_SESSION] = PLAIN("session", TYPE_ID, "the session's id; addSession may bring its own"),
	[FIELD_GROUP] = PLAIN_OR_NULL("group", TYPE_ID, "the group's id; null is none; addGroup may bring its own"),
	[FIELD_KIND] = CHOICE("kind", session_kind_names, "what kind of session; timer unless said otherwise"),
	[FIELD_TITLE] = BOUNDED_OR_NULL("title", TYPE_TEXT, 1, LIMIT_TITLE_CHARS,
		"what the session is called; a timer needs one"),
	[FIELD_INITIAL_DURATION] = {.name = "initialDuration", .alias = "sessionDuration", .type = TYPE_SECONDS,
		.nullable = true, .min = LIMIT_TIMER_MIN_MS, .max = LIMIT_TIMER_MAX_MS,
		.help = "length in seconds; null or none counts up; sessionDuration means the same"},
	[FIELD_DAILY_GOAL_MINUTES] = BOUNDED_OR_NULL("dailyGoalMinutes", TYPE_INTEGER, 1, LIMIT_GOAL_MINUTES,
		"minutes to spend on it each day; null takes the goal away"),
	[FIELD_NO_GOAL] = PLAIN("noGoal", TYPE_BOOLEAN, "true: time is tracked, without a goal"),
	[FIELD_REASON] = BOUNDED_OR_NULL("reason", TYPE_TEXT, 0, LIMIT_REASON_CHARS, "why, in a sentence; a focus session keeps it"),
	[FIELD_PROGRESS_MADE] = BOUNDED_OR_NULL("progressMade", TYPE_TEXT, 0, LIMIT_LONG_TEXT_CHARS,
		"what was achieved before it ended; a focus session keeps it"),
	[FIELD_SESSIONS_RESET_TIME] = PLAIN("sessionsResetTime", TYPE_DAY_TIME, "local time at which a new day begins"),
	[FIELD_TIME_ZONE] = PLAIN("timeZone", TYPE_ZONE, "by whose calendar days run, such as Europe/Berlin"),
	[FIELD_NAME] = BOUNDED("name", TYPE_TEXT, 1, LIMIT_NAME_CHARS, "what it is called"),
	[FIELD_DESCRIPTION] = BOUNDED("description", TYPE_TEXT, 0, LIMIT_DESCRIPTION_CHARS, "what the group is for"),
	[FIELD_SESSION_TYPE] = CHOICE("sessionType", session_type_names,
		"a focus session's length: 25, 15 or 45 minutes, or custom, which needs plannedMinutes"),
	[FIELD_PLANNED_MINUTES] = BOUNDED("plannedMinutes", TYPE_INTEGER, LIMIT_FOCUS_MIN_MINUTES,
		LIMIT_FOCUS_MAX_MINUTES, "a focus session's length"),
	[FIELD_TASK] = PLAIN_OR_NULL("task", TYPE_ID, "the task's id; addTask may bring its own"),
	[FIELD_START_MS] = BOUNDED("startMs", TYPE_INSTANT, 0, LIMIT_INSTANT_MS,
		"when it began: a work session less than 24 hours ago, a task within its session; now unless given"),
	[FIELD_PLANNED_TASKS] = BOUNDED("plannedTasks", TYPE_LIST, 0, LIMIT_LIST_ITEMS, "what is to be done"),
	[FIELD_TOOLS_NEEDED] = BOUNDED("toolsNeeded", TYPE_LIST, 0, LIMIT_LIST_ITEMS, "which tools it takes"),
	[FIELD_PARTS_TO_INSTALL] = BOUNDED("partsToInstall", TYPE_LIST, 0, LIMIT_LIST_ITEMS, "which parts go in"),
	[FIELD_HELPER_PRESENT] = PLAIN("helperPresent", TYPE_BOOLEAN, "whether somebody helps"),
	[FIELD_NOTES] = BOUNDED("notes", TYPE_TEXT, 0, LIMIT_LONG_TEXT_CHARS, "anything worth keeping"),
	[FIELD_PLAN] = PLAIN("plan", TYPE_ID, "the plan's id; addPlan may bring its own"),
	[FIELD_DATE] = PLAIN("date", TYPE_DATE, "the day that the training counts for"),
	[FIELD_STRUCTURE] = BOUNDED("structure", TYPE_OBJECT, 0, LIMIT_STRUCTURE_BYTES,
		"any JSON object; a session starts with a copy of its plan's unless it brings one"),
	[FIELD_QUALITY_RATING] = BOUNDED("qualityRating", TYPE_INTEGER, 1, LIMIT_QUALITY_RATING, "how good the work was"),
	[FIELD_TASK_PROGRESS] = BOUNDED_OR_NULL("taskProgress", TYPE_TEXT, 0, LIMIT_LONG_TEXT_CHARS, "what progress was made"),
	[FIELD_FOCUS_SCORE] = BOUNDED("focusScore", TYPE_INTEGER, 0, LIMIT_FOCUS_SCORE,
		"how focused it was; calculated unless given"),
	[FIELD_TASK_DESCRIPTION] = BOUNDED("description", TYPE_TEXT, 1, LIMIT_TASK_CHARS, "what the task is"),
	[FIELD_QUALITY_RESULT] = CHOICE("qualityResult", quality_names, "how well it was done"),
	[FIELD_CHALLENGES_ENCOUNTERED] = BOUNDED("challengesEncountered", TYPE_TEXT, 0, LIMIT_LONG_TEXT_CHARS,
		"what was hard about it"),
	[FIELD_REWORK_NEEDED] = PLAIN("reworkNeeded", TYPE_BOOLEAN, "whether it must be done again; NeedsRework implies it"),
	[FIELD_PROBLEM] = PLAIN("problem", TYPE_ID, "the problem's id; reportProblem may bring its own"),
	[FIELD_PROBLEM_DESCRIPTION] = BOUNDED("description", TYPE_TEXT, LIMIT_PROBLEM_CHARS_MIN, LIMIT_PROBLEM_CHARS,
		"what the problem is"),
	[FIELD_SEVERITY] = CHOICE("severity", severity_names, "how bad it is"),
	[FIELD_COST_IMPACT] = BOUNDED_OR_NULL("costImpact", TYPE_DECIMAL, 0, LIMIT_IMPACT * 100, "what it costs; null is unknown"),
	[FIELD_TIME_IMPACT] = BOUNDED_OR_NULL("timeImpact", TYPE_DECIMAL, 0, LIMIT_IMPACT * 100,
		"what time it takes; null is unknown"),
	[FIELD_SOLUTION_PLAN] = BOUNDED("solutionPlan", TYPE_TEXT, 0, LIMIT_SOLUTION_CHARS, "how it is to be solved"),
	[FIELD_IS_COMMON_PROBLEM] = PLAIN("isCommonProblem", TYPE_BOOLEAN, "whether it is known to come up"),
	[FIELD_DISCOVERY_MS] = BOUNDED("discoveryMs", TYPE_INSTANT, 0, LIMIT_INSTANT_MS, "when it was found; now unless given"),
};

#define TIMER_FIELDS    F(INITIAL_DURATION) | F(DAILY_GOAL_MINUTES) | F(NO_GOAL)
#define WORK_FIELDS     F(PLANNED_TASKS) | F(TOOLS_NEEDED) | F(PARTS_TO_INSTALL) | F(HELPER_PRESENT) | F(NOTES)
#define FOCUS_FIELDS    F(SESSION_TYPE) | F(PLANNED_MINUTES) | F(TASK)
#define REVIEW_FIELDS   F(QUALITY_RATING) | F(TASK_PROGRESS) | F(FOCUS_SCORE)
#define PROBLEM_FIELDS  F(COST_IMPACT) | F(TIME_IMPACT) | F(SOLUTION_PLAN) | F(IS_COMMON_PROBLEM) | F(DISCOVERY_MS)
#define ADDS            COMMAND_ADDS | COMMAND_NO_VERSION

#define COMMAND(name, ...) [COMMAND_##name] = {__VA_ARGS__},
const struct command_row command_rows[COMMAND_COUNT] = {
#include "protocol/command_rows.h"
};
/* clang-format on */

const char *entity_name(enum entity entity)
{
	static const char *const names[ENTITY_COUNT] = {
		[ENTITY_NONE] = "",
		[ENTITY_SESSION] = "session",
		[ENTITY_GROUP] = "group",
		[ENTITY_USER] = "user",
		[ENTITY_TASK] = "task",
		[ENTITY_PROBLEM] = "problem",
		[ENTITY_PLAN] = "plan",
	};
	return names[entity];
}

const char *command_domain_event(enum command_type type)
{
	static const char *const names[COMMAND_COUNT] = {
		[COMMAND_RESET_ALL] = "ResetAll",
		[COMMAND_AUTO_RESET_TIME_CHANGE] = "AutoResetTimeChange",
		[COMMAND_COMPLETE_TASK] = "TaskCompleted",
		[COMMAND_REPORT_PROBLEM] = "ProblemDiscovered",
	};
	return names[type];
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

enum err command_check_fields(
	const struct command *command, uint64_t allowed, const char *kind, struct refusal *ret_why)
{
	for (int field = 0; field < FIELD_COUNT; field++) {
		if (command->values[field].given && !(allowed & FIELD_BIT(field)))
			return refuse(ret_why, ERR_BAD_REQUEST, field_rows[field].name,
				"a %s session has no such field here", kind);
	}
	return OK;
}

int64_t command_number(const struct command *command, enum field field, int64_t unchanged, int64_t none)
{
	const struct value *value = &command->values[field];
	if (!value->given)
		return unchanged;
	return value->null ? none : value->number;
}

bool command_flag(const struct command *command, enum field field, bool unchanged)
{
	const struct value *value = command_value(command, field);
	return value ? value->flag : unchanged;
}

struct uuid command_uuid(const struct command *command, enum field field, struct uuid unchanged)
{
	const struct value *value = &command->values[field];
	if (!value->given)
		return unchanged;
	return value->null ? (struct uuid){0} : value->id;
}

const char *command_text(const struct command *command, enum field field, const char *unchanged)
{
	const struct value *value = &command->values[field];
	if (!value->given)
		return unchanged;
	return value->null || !value->text[0] ? NULL : value->text;
}

void command_copy_text(const struct command *command, enum field field, char *to, size_t room)
{
	if (!command_has(command, field))
		return;
	const char *text = command_text(command, field, NULL);
	size_t len = text ? strlen(text) : 0;
	assert(len < room);
	memcpy(to, text ? text : "", len + 1);
}

bool command_same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}
