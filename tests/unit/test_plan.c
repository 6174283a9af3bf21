/* Training plans; the words in quotes are domain.md's. */
#include "protocol/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/moving.h"

static struct plan planned(void)
{
	struct uuid id = id_of(3);
	struct command add = {.type = COMMAND_ADD_PLAN};
	struct plan plan;
	put_text(&add, FIELD_NAME, "Push");
	put_text(&add, FIELD_STRUCTURE, "{\"sets\":5}");
	plan_add(&add, &id, T0, &plan);
	return plan;
}

static struct plan changed(const struct plan *plan, const struct command *command, int64_t at_ms)
{
	struct plan before = *plan, after;
	assert_true(plan_apply(plan, command, at_ms, &after));
	assert_memory_equal(&before, plan, sizeof(before));
	assert_int_equal(after.version, plan->version + 1);
	return after;
}

static void a_plan_is_what_was_given(void **state)
{
	(void)state;
	struct plan plan = planned();
	struct uuid id = id_of(3);
	assert_true(uuid_equal(&plan.id, &id));
	assert_int_equal(plan.version, 1);
	assert_string_equal(plan.name, "Push");
	assert_string_equal(plan.structure, "{\"sets\":5}");
	assert_false(plan.has_sessions || plan.deleted);
	assert_int_equal(plan.created_at_ms, T0);
	assert_int_equal(plan.updated_at_ms, T0);
}

static void plans_are_edited(void **state)
{
	(void)state;
	struct plan plan = planned();
	struct plan next;
	struct command edit = {.type = COMMAND_EDIT_PLAN};
	assert_false(plan_apply(&plan, &edit, T0 + 1, &next));
	put_text(&edit, FIELD_STRUCTURE, "{\"sets\":5}");
	put_text(&edit, FIELD_NAME, "Push");
	assert_false(plan_apply(&plan, &edit, T0 + 1, &next));
	put_text(&edit, FIELD_STRUCTURE, "{\"sets\":6}");
	next = changed(&plan, &edit, T0 + 1);
	assert_string_equal(next.structure, "{\"sets\":6}");
	assert_int_equal(next.updated_at_ms, T0 + 1);
	assert_int_equal(next.created_at_ms, T0);
	struct command rename = {.type = COMMAND_EDIT_PLAN};
	put_text(&rename, FIELD_NAME, "Pull");
	next = changed(&next, &rename, T0);
	assert_string_equal(next.name, "Pull");
	assert_string_equal(next.structure, "{\"sets\":6}");
	assert_int_equal(next.updated_at_ms, T0 + 1);
	struct command delete = {.type = COMMAND_DELETE_PLAN};
	next = changed(&next, &delete, T0 + 2);
	assert_true(next.deleted);
	assert_string_equal(next.structure, "{\"sets\":6}");
}

/* "hasSessions becomes true." */
static void the_first_use_is_a_change(void **state)
{
	(void)state;
	struct plan plan = planned();
	struct plan used, again;
	assert_true(plan_use(&plan, T0 + 1, &used));
	assert_true(used.has_sessions);
	assert_int_equal(used.version, 2);
	assert_int_equal(used.updated_at_ms, T0 + 1);
	assert_false(plan_use(&used, T0 + 2, &again));
	assert_int_equal(again.version, 2);
	struct command edit = {.type = COMMAND_EDIT_PLAN};
	put_text(&edit, FIELD_NAME, "Pull");
	assert_true(changed(&used, &edit, T0 + 3).has_sessions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plan_is_what_was_given),
		cmocka_unit_test(plans_are_edited),
		cmocka_unit_test(the_first_use_is_a_change),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
