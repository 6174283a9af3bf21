/* Problems of groups, and groups themselves; the words in quotes are domain.md's. */
#include "protocol/problem.h"

#include "protocol/group.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/moving.h"

static struct command reporting(void)
{
	struct command report = {.type = COMMAND_REPORT_PROBLEM};
	put_id(&report, FIELD_GROUP, 4);
	put_text(&report, FIELD_PROBLEM_DESCRIPTION, "Rust in the sill");
	put_number(&report, FIELD_SEVERITY, SEVERITY_MAJOR);
	return report;
}

static struct problem reported(const struct command *report, int64_t at_ms)
{
	struct uuid id = id_of(8);
	struct problem problem;
	struct refusal why = {0};
	if (problem_add(report, &id, at_ms, &problem, &why))
		fail_msg("%s", why.message);
	return problem;
}

static struct problem applied(
	const struct problem *problem, const struct command *command, int64_t at_ms, bool expected)
{
	struct problem before = *problem, after = *problem;
	struct refusal why = {0};
	bool changed = false;
	if (problem_apply(problem, command, at_ms, &after, &changed, &why))
		fail_msg("%s", why.message);
	assert_memory_equal(&before, problem, sizeof(before));
	assert_int_equal(changed, expected);
	assert_int_equal(after.version, problem->version + expected);
	return after;
}

static void expect_problem_refused(const struct problem *problem, const struct command *command,
	int64_t at_ms, enum err code, const char *field)
{
	struct problem after;
	struct refusal why = {0};
	bool changed;
	assert_int_equal(problem_apply(problem, command, at_ms, &after, &changed, &why), code);
	assert_int_equal(why.code, code);
	assert_string_equal(why.field, field);
}

static void a_problem_needs_little(void **state)
{
	(void)state;
	struct command report = reporting();
	struct problem problem = reported(&report, T0);
	struct uuid id = id_of(8), group = id_of(4);
	assert_true(uuid_equal(&problem.id, &id));
	assert_true(uuid_equal(&problem.group, &group));
	assert_int_equal(problem.version, 1);
	assert_int_equal(problem.severity, SEVERITY_MAJOR);
	assert_int_equal(problem.cost_impact, PROBLEM_NO_IMPACT);
	assert_int_equal(problem.time_impact, PROBLEM_NO_IMPACT);
	/* "discovery (default now, …)" */
	assert_int_equal(problem.discovery_ms, T0);
	assert_int_equal(problem.created_at_ms, T0);
	assert_false(problem.common || problem.resolved);
	assert_string_equal(problem.description, "Rust in the sill");
	assert_string_equal(problem.solution, "");
}

static void a_problem_can_have_more(void **state)
{
	(void)state;
	struct command report = reporting();
	put_number(&report, FIELD_COST_IMPACT, 12050);
	put_number(&report, FIELD_TIME_IMPACT, 0);
	put_text(&report, FIELD_SOLUTION_PLAN, "cut and weld");
	put_flag(&report, FIELD_IS_COMMON_PROBLEM, true);
	put_number(&report, FIELD_DISCOVERY_MS, T0 - HOUR);
	struct problem problem = reported(&report, T0);
	assert_int_equal(problem.cost_impact, 12050);
	assert_int_equal(problem.time_impact, 0);
	assert_string_equal(problem.solution, "cut and weld");
	assert_true(problem.common);
	assert_int_equal(problem.discovery_ms, T0 - HOUR);
	put_null(&report, FIELD_COST_IMPACT);
	assert_int_equal(reported(&report, T0).cost_impact, PROBLEM_NO_IMPACT);
}

/* "discovery (…, not in the future)" */
static void nothing_is_discovered_in_the_future(void **state)
{
	(void)state;
	struct command report = reporting();
	struct uuid id = id_of(8);
	struct problem problem;
	struct refusal why = {0};
	put_number(&report, FIELD_DISCOVERY_MS, T0);
	assert_int_equal(reported(&report, T0).discovery_ms, T0);
	put_number(&report, FIELD_DISCOVERY_MS, T0 + 1);
	assert_int_equal(problem_add(&report, &id, T0, &problem, &why), ERR_BAD_REQUEST);
	assert_string_equal(why.field, "discoveryMs");
	struct command edit = {.type = COMMAND_EDIT_PROBLEM};
	put_number(&edit, FIELD_DISCOVERY_MS, T0 + HOUR);
	struct command plain = reporting();
	struct problem known = reported(&plain, T0);
	expect_problem_refused(&known, &edit, T0 + HOUR - 1, ERR_BAD_REQUEST, "discoveryMs");
	assert_int_equal(applied(&known, &edit, T0 + HOUR, true).discovery_ms, T0 + HOUR);
}

/* An edit that comes from before the discovery says nothing of it. */
static void an_old_edit_is_no_discovery(void **state)
{
	(void)state;
	struct command report = reporting();
	struct problem problem = reported(&report, T0);
	struct command edit = {.type = COMMAND_EDIT_PROBLEM};
	put_number(&edit, FIELD_SEVERITY, SEVERITY_MINOR);
	assert_int_equal(applied(&problem, &edit, T0 - HOUR, true).severity, SEVERITY_MINOR);
}

static void problems_are_edited_field_by_field(void **state)
{
	(void)state;
	struct command report = reporting();
	put_number(&report, FIELD_COST_IMPACT, 100);
	put_text(&report, FIELD_SOLUTION_PLAN, "s");
	struct problem problem = reported(&report, T0);
	struct command nothing = {.type = COMMAND_EDIT_PROBLEM};
	applied(&problem, &nothing, T0, false);
	applied(&problem, &report, T0, false);
	static const enum field fields[] = {FIELD_PROBLEM_DESCRIPTION, FIELD_SEVERITY, FIELD_COST_IMPACT,
		FIELD_TIME_IMPACT, FIELD_SOLUTION_PLAN, FIELD_IS_COMMON_PROBLEM, FIELD_DISCOVERY_MS};
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct command edit = {.type = COMMAND_EDIT_PROBLEM};
		put_anything(&edit, fields[i]);
		struct problem edited = applied(&problem, &edit, T0 + HOUR, true);
		applied(&edited, &edit, T0 + HOUR, false);
		assert_int_equal(edited.created_at_ms, T0);
		assert_false(edited.resolved);
	}
	struct command clear = {.type = COMMAND_EDIT_PROBLEM};
	put_null(&clear, FIELD_COST_IMPACT);
	put_text(&clear, FIELD_SOLUTION_PLAN, "");
	struct problem cleared = applied(&problem, &clear, T0 + HOUR, true);
	assert_int_equal(cleared.cost_impact, PROBLEM_NO_IMPACT);
	assert_string_equal(cleared.solution, "");
	assert_int_equal(cleared.severity, SEVERITY_MAJOR);
}

/* "Resolving may set solutionPlan." */
static void problems_are_resolved_once(void **state)
{
	(void)state;
	struct command report = reporting();
	struct problem problem = reported(&report, T0);
	struct command resolve = {.type = COMMAND_RESOLVE_PROBLEM};
	struct problem plain = applied(&problem, &resolve, T0 + HOUR, true);
	assert_true(plain.resolved);
	assert_int_equal(plain.resolved_at_ms, T0 + HOUR);
	assert_string_equal(plain.solution, "");
	put_text(&resolve, FIELD_SOLUTION_PLAN, "welded");
	struct problem resolved = applied(&problem, &resolve, T0 + HOUR, true);
	assert_string_equal(resolved.solution, "welded");
	assert_int_equal(applied(&resolved, &resolve, T0 + 2 * HOUR, false).resolved_at_ms, T0 + HOUR);
	put_text(&resolve, FIELD_SOLUTION_PLAN, "painted");
	expect_problem_refused(&resolved, &resolve, T0 + 2 * HOUR, ERR_INVALID_STATE, "");
	/* What is known of it can still be changed. */
	struct command edit = {.type = COMMAND_EDIT_PROBLEM};
	put_text(&edit, FIELD_SOLUTION_PLAN, "painted");
	assert_true(applied(&resolved, &edit, T0 + 2 * HOUR, true).resolved);
}

static void groups_are_made_and_changed(void **state)
{
	(void)state;
	struct uuid id = id_of(4);
	struct command add = {.type = COMMAND_ADD_GROUP};
	struct group group, next;
	put_text(&add, FIELD_NAME, "Mustang");
	group_add(&add, &id, T0, &group);
	assert_string_equal(group.name, "Mustang");
	assert_string_equal(group.description, "");
	assert_int_equal(group.version, 1);
	struct command edit = {.type = COMMAND_EDIT_GROUP};
	assert_false(group_apply(&group, &edit, T0 + 1, &next));
	put_text(&edit, FIELD_NAME, "Mustang");
	assert_false(group_apply(&group, &edit, T0 + 1, &next));
	put_text(&edit, FIELD_DESCRIPTION, "of 1967");
	assert_true(group_apply(&group, &edit, T0 + 1, &next));
	assert_string_equal(next.description, "of 1967");
	assert_int_equal(next.version, 2);
	assert_int_equal(next.updated_at_ms, T0 + 1);
	assert_int_equal(next.created_at_ms, T0);
	struct command delete = {.type = COMMAND_DELETE_GROUP};
	assert_true(group_apply(&next, &delete, T0 - 5, &group));
	assert_true(group.deleted);
	assert_int_equal(group.updated_at_ms, T0 + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_problem_needs_little),
		cmocka_unit_test(a_problem_can_have_more),
		cmocka_unit_test(nothing_is_discovered_in_the_future),
		cmocka_unit_test(an_old_edit_is_no_discovery),
		cmocka_unit_test(problems_are_edited_field_by_field),
		cmocka_unit_test(problems_are_resolved_once),
		cmocka_unit_test(groups_are_made_and_changed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
