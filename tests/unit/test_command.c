/* The tables of commands and fields: nothing in them contradicts itself. */
#include "protocol/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static bool same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

static void command_names_are_unique(void **state)
{
	(void)state;
	for (int i = 0; i < COMMAND_COUNT; i++) {
		const struct command_row *a = &command_rows[i];
		assert_non_null(a->name);
		assert_false(same(a->name, a->alias));
		for (int j = i + 1; j < COMMAND_COUNT; j++) {
			const struct command_row *b = &command_rows[j];
			assert_false(same(a->name, b->name) || same(a->name, b->alias));
			assert_false(same(a->alias, b->name) || same(a->alias, b->alias));
			assert_false(same(command_domain_event((enum command_type)i),
				command_domain_event((enum command_type)j)));
		}
	}
}

static uint64_t fields_of(const struct command_row *row)
{
	return row->required | row->optional;
}

/* Each command knows its fields by their names; two of other commands may share one ("description"). */
static void field_names_are_unique(void **state)
{
	static const char *const common[] = {"type", "id", "key", "atMs", "ifVersion"};
	(void)state;
	for (int i = 0; i < FIELD_COUNT; i++) {
		const struct field_row *a = &field_rows[i];
		assert_non_null(a->name);
		for (size_t c = 0; c < sizeof(common) / sizeof(common[0]); c++)
			assert_false(same(a->name, common[c]) || same(a->alias, common[c]));
		for (int j = i + 1; j < FIELD_COUNT; j++) {
			const struct field_row *b = &field_rows[j];
			bool meet = false;
			for (int type = 0; type < COMMAND_COUNT; type++) {
				uint64_t fields = fields_of(&command_rows[type]);
				meet = meet || (fields & FIELD_BIT(i) && fields & FIELD_BIT(j));
			}
			assert_false(meet && (same(a->name, b->name) || same(a->name, b->alias)));
			assert_false(meet && (same(a->alias, b->name) || same(a->alias, b->alias)));
		}
	}
}

static bool has_bounds(enum field_type type)
{
	return type == TYPE_TEXT || type == TYPE_SECONDS || type == TYPE_INTEGER || type == TYPE_INSTANT ||
	       type == TYPE_DECIMAL || type == TYPE_LIST || type == TYPE_OBJECT;
}

static void fields_have_bounds_and_help(void **state)
{
	(void)state;
	for (int i = 0; i < FIELD_COUNT; i++) {
		const struct field_row *row = &field_rows[i];
		bool bounded = has_bounds(row->type);
		assert_true(bounded ? row->max > row->min && row->min >= 0 : row->max == 0 && row->min == 0);
		assert_int_equal(row->choices != NULL, row->type == TYPE_CHOICE);
		assert_true(row->help && row->help[0]);
	}
}

/* "session description startMs?" of the fields that a command takes. */
static bool takes(const struct command_row *row, const char *words)
{
	uint64_t seen = 0;
	char word[40];
	for (int len; sscanf(words, " %39s%n", word, &len) == 1; words += len) {
		char *mark = strchr(word, '?');
		uint64_t among = mark ? row->optional : row->required;
		int field = 0;
		if (mark)
			*mark = '\0';
		while (field < FIELD_COUNT &&
			(!(among & FIELD_BIT(field)) || strcmp(field_rows[field].name, word) != 0))
			field++;
		if (field == FIELD_COUNT)
			return false;
		seen |= FIELD_BIT(field);
	}
	return seen == fields_of(row);
}

/* domain.md section 6, row by row; later commands go beyond it. */
static const struct {
	enum command_type type;
	const char *fields;
} documented[] = {
	{COMMAND_ADD_SESSION, "session? kind? title? group? initialDuration? dailyGoalMinutes? "
			      "noGoal? sessionType? "
			      "plannedMinutes? task? startMs? plannedTasks? toolsNeeded? "
			      "partsToInstall? helperPresent? "
			      "notes? plan? date? structure?"},
	{COMMAND_EDIT_SESSION, "session initialDuration? dailyGoalMinutes? noGoal? notes? "
			       "plannedTasks? toolsNeeded? "
			       "partsToInstall? helperPresent? structure?"},
	{COMMAND_RENAME_SESSION, "session title"},
	{COMMAND_MOVE_SESSION, "session group"},
	{COMMAND_START, "session"},
	{COMMAND_RESET_SESSION, "session"},
	{COMMAND_DELETE_SESSION, "session"},
	{COMMAND_RESTORE_SESSION, "session"},
	{COMMAND_DISTRACTION, "session"},
	{COMMAND_GET_SESSION, "session"},
	{COMMAND_GET_SNAPSHOT, ""},
	{COMMAND_PAUSE, "session reason?"},
	{COMMAND_RESET_ALL, "group?"},
	{COMMAND_COMPLETE, "session qualityRating? taskProgress? focusScore? structure?"},
	{COMMAND_ABANDON, "session reason? progressMade?"},
	{COMMAND_AUTO_RESET_TIME_CHANGE, "sessionsResetTime? timeZone?"},
	{COMMAND_ADD_GROUP, "group? name description?"},
	{COMMAND_EDIT_GROUP, "group name? description?"},
	{COMMAND_DELETE_GROUP, "group"},
	{COMMAND_ADD_TASK, "task? session description startMs?"},
	{COMMAND_EDIT_TASK, "task description? challengesEncountered?"},
	{COMMAND_COMPLETE_TASK, "task qualityResult challengesEncountered? reworkNeeded?"},
	{COMMAND_DELETE_TASK, "task"},
	{COMMAND_REPORT_PROBLEM, "problem? group description severity costImpact? timeImpact? solutionPlan? "
				 "isCommonProblem? discoveryMs?"},
	{COMMAND_EDIT_PROBLEM, "problem description? severity? costImpact? timeImpact? solutionPlan? "
			       "isCommonProblem? "
			       "discoveryMs?"},
	{COMMAND_RESOLVE_PROBLEM, "problem solutionPlan?"},
	{COMMAND_ADD_PLAN, "plan? name structure"},
	{COMMAND_EDIT_PLAN, "plan name? structure?"},
	{COMMAND_DELETE_PLAN, "plan"},
};
#define DOCUMENTED (sizeof(documented) / sizeof(*documented))

/* What a kind of session takes of it is not decoding's to know. */
static void commands_take_the_fields_of_the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < DOCUMENTED; i++) {
		if (!takes(&command_rows[documented[i].type], documented[i].fields))
			fail_msg("%s", command_rows[documented[i].type].name);
	}
}

/* What the documents call the events that are not of a single session; 002's, and 000's. */
static void domain_events_are_those_of_the_documents(void **state)
{
	(void)state;
	static const char *const names[COMMAND_COUNT] = {
		[COMMAND_RESET_ALL] = "ResetAll",
		[COMMAND_AUTO_RESET_TIME_CHANGE] = "AutoResetTimeChange",
		[COMMAND_COMPLETE_TASK] = "TaskCompleted",
		[COMMAND_REPORT_PROBLEM] = "ProblemDiscovered",
	};
	for (int i = 0; i < COMMAND_COUNT; i++) {
		const char *name = command_domain_event((enum command_type)i);
		assert_true(name ? same(name, names[i]) : !names[i]);
	}
}

static void commands_take_known_fields_once(void **state)
{
	(void)state;
	for (int i = 0; i < COMMAND_COUNT; i++) {
		const struct command_row *row = &command_rows[i];
		assert_true((row->required & row->optional) == 0);
		assert_true(fields_of(row) < FIELD_BIT(FIELD_COUNT));
		assert_true(row->help && row->help[0]);
	}
}

/* The field that names the target: required, unless the command makes it. */
static void targets_are_named(void **state)
{
	static const enum field names[ENTITY_COUNT] = {
		[ENTITY_SESSION] = FIELD_SESSION,
		[ENTITY_GROUP] = FIELD_GROUP,
		[ENTITY_TASK] = FIELD_TASK,
		[ENTITY_PROBLEM] = FIELD_PROBLEM,
		[ENTITY_PLAN] = FIELD_PLAN,
	};
	(void)state;
	for (int i = 0; i < COMMAND_COUNT; i++) {
		const struct command_row *row = &command_rows[i];
		enum field field = names[row->target];
		if (row->target == ENTITY_NONE || row->target == ENTITY_USER)
			continue;
		assert_true((row->flags & COMMAND_ADDS ? row->optional : row->required) & FIELD_BIT(field));
		assert_string_equal(entity_name(row->target), field_rows[field].name);
	}
	assert_string_equal(entity_name(ENTITY_USER), "user");
	assert_string_equal(entity_name(ENTITY_NONE), "");
}

static void flags_fit_together(void **state)
{
	(void)state;
	for (int i = 0; i < COMMAND_COUNT; i++) {
		const struct command_row *row = &command_rows[i];
		if ((row->flags & COMMAND_ADDS) || row->target == ENTITY_NONE)
			assert_true(row->flags & COMMAND_NO_VERSION);
		if (row->flags & (COMMAND_CLOCK | COMMAND_DELETED))
			assert_int_equal(row->target, ENTITY_SESSION);
		if (command_domain_event((enum command_type)i))
			assert_false(row->flags & COMMAND_READ);
	}
}

static int count_flag(enum command_flag flag)
{
	int count = 0;
	for (size_t i = 0; i < DOCUMENTED; i++)
		count += (command_rows[documented[i].type].flags & flag) != 0;
	return count;
}

/* "On a deleted entity everything but restoreSession, getSession, deleteSession is notFound"; "For start,
 * pause, resetSession, complete, abandon: … superseded". */
static void flags_are_those_of_the_protocol(void **state)
{
	(void)state;
	static const enum command_type deleted[] = {
		COMMAND_RESTORE_SESSION, COMMAND_GET_SESSION, COMMAND_DELETE_SESSION};
	static const enum command_type clock[] = {
		COMMAND_START, COMMAND_PAUSE, COMMAND_RESET_SESSION, COMMAND_COMPLETE, COMMAND_ABANDON};
	for (size_t i = 0; i < sizeof(deleted) / sizeof(deleted[0]); i++)
		assert_true(command_rows[deleted[i]].flags & COMMAND_DELETED);
	for (size_t i = 0; i < sizeof(clock) / sizeof(clock[0]); i++)
		assert_true(command_rows[clock[i]].flags & COMMAND_CLOCK);
	assert_int_equal(count_flag(COMMAND_DELETED), 3);
	assert_int_equal(count_flag(COMMAND_CLOCK), 5);
	assert_int_equal(count_flag(COMMAND_ADDS), 5);
	assert_int_equal(count_flag(COMMAND_READ), 2);
}

static void finds_names_and_aliases(void **state)
{
	(void)state;
	enum command_type type = COMMAND_COUNT;
	for (int i = 0; i < COMMAND_COUNT; i++) {
		assert_true(command_find(command_rows[i].name, &type));
		assert_int_equal(type, i);
		if (command_rows[i].alias) {
			assert_true(command_find(command_rows[i].alias, &type));
			assert_int_equal(type, i);
		}
	}
	type = COMMAND_START;
	assert_false(command_find("Start", &type));
	assert_false(command_find("", &type));
	assert_int_equal(type, COMMAND_START);
	assert_true(command_find("stop", &type));
	assert_int_equal(type, COMMAND_PAUSE);
}

static void values_tell_null_from_absent(void **state)
{
	(void)state;
	struct command command = {.type = COMMAND_MOVE_SESSION};
	command.values[FIELD_GROUP] = (struct value){.given = true, .null = true};
	command.values[FIELD_TITLE] = (struct value){.given = true, .text = "x"};
	assert_true(command_has(&command, FIELD_GROUP));
	assert_null(command_value(&command, FIELD_GROUP));
	assert_string_equal(command_value(&command, FIELD_TITLE)->text, "x");
	assert_false(command_has(&command, FIELD_NAME));
	assert_null(command_value(&command, FIELD_NAME));
}

static void values_stand_for_what_they_say(void **state)
{
	(void)state;
	struct command command = {.type = COMMAND_EDIT_SESSION};
	struct uuid known = {{7}}, nil = {{0}};
	char room[8] = "old";
	assert_int_equal(command_number(&command, FIELD_COST_IMPACT, 5, -1), 5);
	assert_true(command_flag(&command, FIELD_NO_GOAL, true));
	assert_string_equal(command_text(&command, FIELD_NOTES, "old"), "old");
	struct uuid id = command_uuid(&command, FIELD_GROUP, known);
	assert_true(uuid_equal(&id, &known));
	command_copy_text(&command, FIELD_TITLE, room, sizeof(room));
	assert_string_equal(room, "old");
	command.values[FIELD_COST_IMPACT] = (struct value){.given = true, .null = true};
	command.values[FIELD_NO_GOAL] = (struct value){.given = true, .flag = false};
	command.values[FIELD_NOTES] = (struct value){.given = true, .text = ""};
	command.values[FIELD_GROUP] = (struct value){.given = true, .null = true};
	command.values[FIELD_TITLE] = (struct value){.given = true, .null = true};
	assert_int_equal(command_number(&command, FIELD_COST_IMPACT, 5, -1), -1);
	assert_false(command_flag(&command, FIELD_NO_GOAL, true));
	assert_null(command_text(&command, FIELD_NOTES, "old"));
	id = command_uuid(&command, FIELD_GROUP, known);
	assert_true(uuid_equal(&id, &nil));
	command_copy_text(&command, FIELD_TITLE, room, sizeof(room));
	assert_string_equal(room, "");
	command.values[FIELD_TITLE] = (struct value){.given = true, .text = "seventh"};
	command_copy_text(&command, FIELD_TITLE, room, sizeof(room));
	assert_string_equal(room, "seventh");
}

static void no_text_differs_from_any(void **state)
{
	(void)state;
	char a[] = "x", b[] = "x";
	assert_true(command_same_text(a, b));
	assert_true(command_same_text(NULL, NULL));
	assert_false(command_same_text(a, NULL) || command_same_text(NULL, b) || command_same_text(a, "y"));
}

/* "An unknown field is badRequest naming it", also one that another kind of session has. */
static void fields_of_others_are_refused(void **state)
{
	(void)state;
	struct command command = {.type = COMMAND_EDIT_SESSION};
	struct refusal why = {0};
	command.values[FIELD_SESSION].given = command.values[FIELD_NOTES].given = true;
	uint64_t allowed = FIELD_BIT(FIELD_SESSION) | FIELD_BIT(FIELD_NOTES);
	assert_int_equal(command_check_fields(&command, allowed, "work", &why), OK);
	assert_int_equal(
		command_check_fields(&command, FIELD_BIT(FIELD_SESSION), "timer", &why), ERR_BAD_REQUEST);
	assert_string_equal(why.field, "notes");
	assert_non_null(strstr(why.message, "timer"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_names_are_unique),
		cmocka_unit_test(field_names_are_unique),
		cmocka_unit_test(fields_have_bounds_and_help),
		cmocka_unit_test(commands_take_known_fields_once),
		cmocka_unit_test(commands_take_the_fields_of_the_table),
		cmocka_unit_test(domain_events_are_those_of_the_documents),
		cmocka_unit_test(targets_are_named),
		cmocka_unit_test(flags_fit_together),
		cmocka_unit_test(flags_are_those_of_the_protocol),
		cmocka_unit_test(finds_names_and_aliases),
		cmocka_unit_test(values_tell_null_from_absent),
		cmocka_unit_test(values_stand_for_what_they_say),
		cmocka_unit_test(no_text_differs_from_any),
		cmocka_unit_test(fields_of_others_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
