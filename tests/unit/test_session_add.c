/* addSession, editSession, complete: which fields each kind takes, and what a new session is; the words in
 * quotes are domain.md's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/moving.h"

#define F(name) FIELD_BIT(FIELD_##name)

/* domain.md section 6, row by row. */
static const struct {
	uint64_t required, optional, edit, edit_required, complete;
} fields[KIND_COUNT] = {
	[KIND_TIMER] = {.required = F(TITLE),
		.optional = F(GROUP) | F(INITIAL_DURATION) | F(DAILY_GOAL_MINUTES) | F(NO_GOAL),
		.edit = F(INITIAL_DURATION) | F(DAILY_GOAL_MINUTES) | F(NO_GOAL)},
	[KIND_FOCUS] = {.required = F(SESSION_TYPE),
		.optional = F(TITLE) | F(GROUP) | F(PLANNED_MINUTES) | F(TASK),
		.complete = F(QUALITY_RATING) | F(TASK_PROGRESS) | F(FOCUS_SCORE)},
	[KIND_WORK] = {.required = F(GROUP),
		.optional = F(TITLE) | F(START_MS) | F(PLANNED_TASKS) | F(TOOLS_NEEDED) |
			    F(PARTS_TO_INSTALL) | F(HELPER_PRESENT) | F(NOTES),
		.edit = F(NOTES) | F(PLANNED_TASKS) | F(TOOLS_NEEDED) | F(PARTS_TO_INSTALL) |
			F(HELPER_PRESENT)},
	[KIND_TRAINING] = {.required = F(PLAN) | F(DATE),
		.optional = F(TITLE) | F(GROUP) | F(STRUCTURE),
		.edit = F(STRUCTURE),
		.edit_required = F(STRUCTURE),
		.complete = F(STRUCTURE)},
};

static bool has(uint64_t bits, int field)
{
	return bits & FIELD_BIT(field);
}

/* Length of what put_anything gives may not fit its type. */
static void put_fitting(struct command *command, enum field field)
{
	put_anything(command, field);
	if (field == FIELD_PLANNED_MINUTES)
		put_number(command, field, 25);
	if (field == FIELD_START_MS)
		put_number(command, field, T0 - MINUTE);
}

static void each_kind_is_added_with_its_own_fields(void **state)
{
	(void)state;
	const uint64_t everywhere = F(SESSION) | F(KIND);
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		uint64_t taken = fields[kind].required | fields[kind].optional | everywhere;
		for (int field = 0; field < FIELD_COUNT; field++) {
			struct command add = adding((enum session_kind)kind);
			if (!add.values[field].given)
				put_fitting(&add, (enum field)field);
			if (has(taken, field))
				added_by(&add, T0);
			else
				expect_not_added(&add, T0, field_rows[field].name);
		}
	}
}

static void each_kind_needs_its_fields(void **state)
{
	(void)state;
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		for (int field = 0; field < FIELD_COUNT; field++) {
			struct command add = adding((enum session_kind)kind);
			assert_int_equal(add.values[field].given,
				has(fields[kind].required, field) || field == FIELD_KIND);
			if (!has(fields[kind].required, field))
				continue;
			add.values[field] = (struct value){0};
			expect_not_added(&add, T0, field_rows[field].name);
			if (!field_rows[field].nullable)
				continue;
			put_null(&add, (enum field)field);
			expect_not_added(&add, T0, field_rows[field].name);
		}
	}
}

/* "kind? (default timer)" */
static void a_session_is_a_timer_unless_said_otherwise(void **state)
{
	(void)state;
	struct command add = {.type = COMMAND_ADD_SESSION};
	expect_not_added(&add, T0, "title");
	put_text(&add, FIELD_TITLE, "t");
	assert_int_equal(added_by(&add, T0).kind, KIND_TIMER);
}

static void each_kind_is_edited_by_its_own_fields(void **state)
{
	(void)state;
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		struct session session = added((enum session_kind)kind, T0);
		for (int field = 0; field < FIELD_COUNT; field++) {
			struct command edit = {.type = COMMAND_EDIT_SESSION};
			if (fields[kind].edit_required)
				put_anything(&edit, FIELD_STRUCTURE);
			put_fitting(&edit, (enum field)field);
			bool same = field == FIELD_NO_GOAL; /* it is true already */
			if (field == FIELD_SESSION)
				continue;
			if (!has(fields[kind].edit, field))
				expect_refused(&session, &edit, T0 + MINUTE, ERR_BAD_REQUEST,
					field_rows[field].name);
			else if (same)
				expect_same(&session, &edit, T0 + MINUTE);
			else
				moved_by(&session, &edit, T0 + MINUTE);
		}
	}
}

static void each_kind_is_completed_with_its_own_fields(void **state)
{
	(void)state;
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		struct session session = added((enum session_kind)kind, T0);
		for (int field = 0; field < FIELD_COUNT; field++) {
			struct command complete = {.type = COMMAND_COMPLETE};
			put_fitting(&complete, (enum field)field);
			if (has(fields[kind].complete | F(SESSION), field))
				moved_by(&session, &complete, T0 + MINUTE);
			else
				expect_refused(&session, &complete, T0 + MINUTE, ERR_BAD_REQUEST,
					field_rows[field].name);
		}
	}
}

/* "starts when added": all but timers. */
static void all_but_timers_start_when_added(void **state)
{
	(void)state;
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		struct session session = added((enum session_kind)kind, T0 + 7);
		bool timer = kind == KIND_TIMER;
		assert_int_equal(session.kind, kind);
		assert_int_equal(session.version, 1);
		assert_int_equal(session.status, STATUS_ACTIVE);
		assert_int_equal(session.state, timer ? STATE_PAUSED : STATE_RUNNING);
		assert_int_equal(session.running_since_ms, timer ? 0 : T0 + 7);
		assert_int_equal(session.started_at_ms, timer ? 0 : T0 + 7);
		assert_int_equal(session.ended_at_ms, 0);
		assert_int_equal(session.created_at_ms, T0 + 7);
		assert_int_equal(session.updated_at_ms, T0 + 7);
		/* "Being added is the first change of a session's clock." */
		assert_int_equal(session.clock_ms, T0 + 7);
		assert_true(session.no_goal);
		assert_int_equal(session_goal(&session), 0);
	}
}

static void a_timer_has_a_length_and_a_goal(void **state)
{
	(void)state;
	struct command add = adding(KIND_TIMER);
	assert_int_equal(added_by(&add, T0).initial_ms, SESSION_NO_LENGTH);
	put_null(&add, FIELD_INITIAL_DURATION);
	assert_int_equal(added_by(&add, T0).initial_ms, SESSION_NO_LENGTH);
	put_number(&add, FIELD_INITIAL_DURATION, 90500);
	put_number(&add, FIELD_DAILY_GOAL_MINUTES, 45);
	put_id(&add, FIELD_GROUP, 9);
	put_text(&add, FIELD_TITLE, "Läufe");
	struct session session = added_by(&add, T0);
	assert_int_equal(session.initial_ms, 90500);
	assert_false(session.no_goal);
	assert_int_equal(session_goal(&session), 45);
	assert_int_equal(session.group.bytes[0], 9);
	assert_string_equal(session.title, "Läufe");
}

/* "pomodoro 25, short 15, long 45 minutes, custom with plannedMinutes; a named type with another length is
 * badRequest." */
static void a_focus_session_has_its_types_length(void **state)
{
	(void)state;
	static const int64_t minutes[SESSION_TYPE_COUNT] = {
		[SESSION_POMODORO] = 25, [SESSION_SHORT] = 15, [SESSION_LONG] = 45};
	struct command add = adding(KIND_FOCUS);
	for (int type = 0; type < SESSION_CUSTOM; type++) {
		add = adding(KIND_FOCUS);
		put_number(&add, FIELD_SESSION_TYPE, type);
		struct session session = added_by(&add, T0);
		assert_int_equal(session.focus.type, type);
		assert_int_equal(session.initial_ms, minutes[type] * MINUTE);
		assert_int_equal(session_target_ms(&session), T0 + minutes[type] * MINUTE);
		put_number(&add, FIELD_PLANNED_MINUTES, minutes[type]);
		assert_int_equal(added_by(&add, T0).initial_ms, minutes[type] * MINUTE);
		put_number(&add, FIELD_PLANNED_MINUTES, minutes[type] + 1);
		expect_not_added(&add, T0, "plannedMinutes");
	}
	add = adding(KIND_FOCUS);
	put_number(&add, FIELD_SESSION_TYPE, SESSION_CUSTOM);
	expect_not_added(&add, T0, "plannedMinutes");
	for (int64_t planned = 5; planned <= 120; planned += 115) {
		put_number(&add, FIELD_PLANNED_MINUTES, planned);
		assert_int_equal(added_by(&add, T0).initial_ms, planned * MINUTE);
	}
}

static void a_focus_session_begins_without_a_review(void **state)
{
	(void)state;
	struct command add = adding(KIND_FOCUS);
	put_id(&add, FIELD_TASK, 5);
	put_id(&add, FIELD_GROUP, 6);
	struct session session = added_by(&add, T0);
	assert_int_equal(session.focus.task.bytes[0], 5);
	assert_int_equal(session.group.bytes[0], 6);
	assert_string_equal(session.title, "");
	assert_int_equal(session.focus.score, SESSION_NO_SCORE);
	assert_int_equal(session.focus.quality_rating, 0);
	assert_int_equal(session.focus.distractions, 0);
	assert_int_equal(session.pauses, 0);
	assert_null(session.focus.task_progress);
	put_null(&add, FIELD_TASK);
	session = added_by(&add, T0);
	assert_true(uuid_is_nil(&session.focus.task));
}

static void a_work_session_holds_what_it_was_given(void **state)
{
	(void)state;
	struct command add = adding(KIND_WORK);
	struct session bare = added_by(&add, T0);
	assert_null(bare.work.planned_tasks);
	assert_null(bare.work.notes);
	assert_false(bare.work.helper_present);
	put_text(&add, FIELD_PLANNED_TASKS, "[\"a\"]");
	put_text(&add, FIELD_TOOLS_NEEDED, "[\"b\"]");
	put_text(&add, FIELD_PARTS_TO_INSTALL, "[\"c\"]");
	put_flag(&add, FIELD_HELPER_PRESENT, true);
	put_text(&add, FIELD_NOTES, "n");
	struct session session = added_by(&add, T0);
	assert_string_equal(session.work.planned_tasks, "[\"a\"]");
	assert_string_equal(session.work.tools_needed, "[\"b\"]");
	assert_string_equal(session.work.parts_to_install, "[\"c\"]");
	assert_true(session.work.helper_present);
	assert_string_equal(session.work.notes, "n");
	assert_int_equal(session.initial_ms, SESSION_NO_LENGTH);
}

/* "Work startMs may be given, not in the future and less than 24 h back." */
static void work_may_have_begun_before(void **state)
{
	(void)state;
	static const int64_t good[] = {T0, T0 - 1, T0 - 24 * HOUR + 1};
	static const int64_t bad[] = {T0 + 1, T0 - 24 * HOUR, 0};
	struct command add = adding(KIND_WORK);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		put_number(&add, FIELD_START_MS, good[i]);
		struct session session = added_by(&add, T0);
		assert_int_equal(session.started_at_ms, good[i]);
		assert_int_equal(session.running_since_ms, good[i]);
		assert_int_equal(session.created_at_ms, T0);
		assert_int_equal(session.clock_ms, T0);
		assert_int_equal(session_elapsed_ms(&session, T0 + 5), T0 + 5 - good[i]);
		assert_int_equal(session_due(&session).at_ms, good[i] + 24 * HOUR);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put_number(&add, FIELD_START_MS, bad[i]);
		expect_not_added(&add, T0, "startMs");
	}
}

/* The time before the user's day is elapsed, but not tracked in it. */
static void time_before_the_day_is_not_tracked_in_it(void **state)
{
	(void)state;
	struct command add = adding(KIND_WORK);
	put_number(&add, FIELD_START_MS, T0 - HOUR);
	struct session session = added_by(&add, T0 + 10);
	assert_int_equal(session_tracked_ms(&session, T0, T0 + 20), 20);
	struct session paused = after(&session, COMMAND_PAUSE, T0 + 30);
	assert_int_equal(paused.elapsed_ms, HOUR + 30);
	assert_int_equal(session_tracked_ms(&paused, T0, T0 + 99), 30);
	assert_int_equal(session_tracked_ms(&paused, T0 - 24 * HOUR, T0 + 99), 0);
}

/* "A training session copies the structure when it starts (or takes the client's own)." */
static void a_training_session_has_a_structure_from_the_start(void **state)
{
	(void)state;
	struct command add = adding(KIND_TRAINING);
	struct session session = added_by(&add, T0);
	assert_string_equal(session.training.structure, "{\"of\":\"the plan\"}");
	assert_int_equal(session.training.plan.bytes[0], 3);
	assert_int_equal(session.training.date, 19675);
	put_text(&add, FIELD_STRUCTURE, "{\"own\":1}");
	assert_string_equal(added_by(&add, T0).training.structure, "{\"own\":1}");
	assert_int_equal(session.initial_ms, SESSION_NO_LENGTH);
	assert_int_equal(session_due(&session).at_ms, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_added_with_its_own_fields),
		cmocka_unit_test(each_kind_needs_its_fields),
		cmocka_unit_test(a_session_is_a_timer_unless_said_otherwise),
		cmocka_unit_test(each_kind_is_edited_by_its_own_fields),
		cmocka_unit_test(each_kind_is_completed_with_its_own_fields),
		cmocka_unit_test(all_but_timers_start_when_added),
		cmocka_unit_test(a_timer_has_a_length_and_a_goal),
		cmocka_unit_test(a_focus_session_has_its_types_length),
		cmocka_unit_test(a_focus_session_begins_without_a_review),
		cmocka_unit_test(a_work_session_holds_what_it_was_given),
		cmocka_unit_test(work_may_have_begun_before),
		cmocka_unit_test(time_before_the_day_is_not_tracked_in_it),
		cmocka_unit_test(a_training_session_has_a_structure_from_the_start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
