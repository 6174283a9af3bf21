/* The tables of commands and fields: nothing in them contradicts itself. */
#include "protocol/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
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
			assert_false(same(a->domain_event, b->domain_event));
		}
	}
}

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
			assert_false(same(a->name, b->name) || same(a->name, b->alias));
			assert_false(same(a->alias, b->name) || same(a->alias, b->alias));
		}
	}
}

static void fields_have_bounds_and_help(void **state)
{
	(void)state;
	for (int i = 0; i < FIELD_COUNT; i++) {
		const struct field_row *row = &field_rows[i];
		bool bounded =
			row->type == TYPE_TEXT || row->type == TYPE_SECONDS || row->type == TYPE_INTEGER;
		assert_true(bounded ? row->max > row->min && row->min >= 0 : row->max == 0 && row->min == 0);
		assert_true(row->help && row->help[0]);
	}
}

static void commands_take_known_fields_once(void **state)
{
	(void)state;
	for (int i = 0; i < COMMAND_COUNT; i++) {
		const struct command_row *row = &command_rows[i];
		assert_true((row->required & row->optional) == 0);
		assert_true((row->required | row->optional) < FIELD_BIT(FIELD_COUNT));
		assert_true(row->help && row->help[0]);
	}
}

/* The field that names the target: required, unless the command makes it. */
static void targets_are_named(void **state)
{
	static const uint64_t bits[ENTITY_COUNT] = {
		[ENTITY_SESSION] = FIELD_BIT(FIELD_SESSION), [ENTITY_GROUP] = FIELD_BIT(FIELD_GROUP)};
	(void)state;
	for (int i = 0; i < COMMAND_COUNT; i++) {
		const struct command_row *row = &command_rows[i];
		uint64_t bit = bits[row->target];
		assert_true((row->flags & COMMAND_ADDS ? row->optional & bit : row->required & bit) == bit);
	}
	assert_string_equal(entity_name(ENTITY_SESSION), field_rows[FIELD_SESSION].name);
	assert_string_equal(entity_name(ENTITY_GROUP), field_rows[FIELD_GROUP].name);
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
		if (row->domain_event)
			assert_false(row->flags & COMMAND_READ);
	}
}

static int count_flag(enum command_flag flag)
{
	int count = 0;
	for (int i = 0; i < COMMAND_COUNT; i++)
		count += (command_rows[i].flags & flag) != 0;
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
	assert_int_equal(count_flag(COMMAND_ADDS), 2);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_names_are_unique),
		cmocka_unit_test(field_names_are_unique),
		cmocka_unit_test(fields_have_bounds_and_help),
		cmocka_unit_test(commands_take_known_fields_once),
		cmocka_unit_test(targets_are_named),
		cmocka_unit_test(flags_fit_together),
		cmocka_unit_test(flags_are_those_of_the_protocol),
		cmocka_unit_test(finds_names_and_aliases),
		cmocka_unit_test(values_tell_null_from_absent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
