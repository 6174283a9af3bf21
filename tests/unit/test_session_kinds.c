/* Work and training sessions, and what the kinds have in common: names, groups, deletion, the words for their
 * events. The words in quotes are domain.md's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/moving.h"

static struct command giving(enum command_type type, enum field field, const char *text)
{
	struct command command = {.type = type};
	put_text(&command, field, text);
	return command;
}

/* Work. */

/* "Completion of a work session 24 h after its start", whether it runs or not. */
static void work_ends_after_24_hours(void **state)
{
	(void)state;
	struct session session = added(KIND_WORK, T0);
	assert_int_equal(session_due(&session).at_ms, T0 + 24 * HOUR);
	assert_int_equal(session_due(&session).rank, DUE_MAX_AGE);
	struct session done = settled(&session, COMMAND_COMPLETE);
	assert_int_equal(done.status, STATUS_COMPLETED);
	assert_int_equal(done.ended_at_ms, T0 + 24 * HOUR);
	assert_int_equal(done.elapsed_ms, 24 * HOUR);
	struct session paused = after(&session, COMMAND_PAUSE, T0 + HOUR);
	assert_int_equal(session_due(&paused).at_ms, T0 + 24 * HOUR);
	struct session again = after(&paused, COMMAND_START, T0 + 3 * HOUR);
	assert_int_equal(session_due(&again).at_ms, T0 + 24 * HOUR);
	done = settled(&paused, COMMAND_COMPLETE);
	assert_int_equal(done.ended_at_ms, T0 + 24 * HOUR);
	assert_int_equal(done.elapsed_ms, HOUR);
}

static struct session full_work(void)
{
	struct command add = adding(KIND_WORK);
	put_text(&add, FIELD_PLANNED_TASKS, "[\"a\"]");
	put_text(&add, FIELD_TOOLS_NEEDED, "[\"b\"]");
	put_text(&add, FIELD_PARTS_TO_INSTALL, "[\"c\"]");
	put_flag(&add, FIELD_HELPER_PRESENT, true);
	put_text(&add, FIELD_NOTES, "n");
	return added_by(&add, T0);
}

static void work_is_edited_field_by_field(void **state)
{
	(void)state;
	struct session session = full_work();
	struct command edit = giving(COMMAND_EDIT_SESSION, FIELD_PLANNED_TASKS, "[\"x\",\"y\"]");
	struct session edited = moved_by(&session, &edit, T0 + MINUTE);
	assert_string_equal(edited.work.planned_tasks, "[\"x\",\"y\"]");
	assert_string_equal(edited.work.tools_needed, "[\"b\"]");
	assert_string_equal(edited.work.parts_to_install, "[\"c\"]");
	assert_true(edited.work.helper_present);
	assert_string_equal(edited.work.notes, "n");
	assert_int_equal(edited.clock_ms, T0);
	assert_int_equal(edited.running_since_ms, T0);
	put_text(&edit, FIELD_TOOLS_NEEDED, "");
	put_text(&edit, FIELD_PARTS_TO_INSTALL, "[\"z\"]");
	put_text(&edit, FIELD_NOTES, "");
	put_flag(&edit, FIELD_HELPER_PRESENT, false);
	edited = moved_by(&session, &edit, T0 + MINUTE);
	assert_null(edited.work.tools_needed);
	assert_string_equal(edited.work.parts_to_install, "[\"z\"]");
	assert_null(edited.work.notes);
	assert_false(edited.work.helper_present);
	expect_same(&edited, &edit, T0 + HOUR);
}

/* "notes editable" is all that a completed work session has left; saying what is so already is no offence. */
static void ended_work_keeps_all_but_its_notes(void **state)
{
	(void)state;
	static const enum field others[] = {
		FIELD_PLANNED_TASKS, FIELD_TOOLS_NEEDED, FIELD_PARTS_TO_INSTALL, FIELD_HELPER_PRESENT};
	struct session session = added(KIND_WORK, T0);
	struct session done = after(&session, COMMAND_COMPLETE, T0 + HOUR);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct command edit = {.type = COMMAND_EDIT_SESSION};
		put_anything(&edit, others[i]);
		expect_refused(&done, &edit, T0 + 2 * HOUR, ERR_INVALID_STATE, "");
		put_text(&edit, FIELD_NOTES, "new");
		expect_refused(&done, &edit, T0 + 2 * HOUR, ERR_INVALID_STATE, "");
	}
	struct command notes = giving(COMMAND_EDIT_SESSION, FIELD_NOTES, "new");
	put_flag(&notes, FIELD_HELPER_PRESENT, false);
	struct session noted = moved_by(&done, &notes, T0 + 2 * HOUR);
	assert_string_equal(noted.work.notes, "new");
	assert_int_equal(noted.ended_at_ms, T0 + HOUR);
	struct command same = {.type = COMMAND_EDIT_SESSION};
	put_flag(&same, FIELD_HELPER_PRESENT, false);
	expect_same(&done, &same, T0 + 2 * HOUR);
}

/* Training. */

static void training_is_edited_while_active(void **state)
{
	(void)state;
	struct session session = added(KIND_TRAINING, T0);
	struct command edit = giving(COMMAND_EDIT_SESSION, FIELD_STRUCTURE, "{\"sets\":3}");
	struct session edited = moved_by(&session, &edit, T0 + MINUTE);
	assert_string_equal(edited.training.structure, "{\"sets\":3}");
	expect_same(&edited, &edit, T0 + 2 * MINUTE);
	struct command nothing = {.type = COMMAND_EDIT_SESSION};
	expect_refused(&session, &nothing, T0 + MINUTE, ERR_BAD_REQUEST, "structure");
	struct session paused = after(&edited, COMMAND_PAUSE, T0 + 3 * MINUTE);
	put_text(&edit, FIELD_STRUCTURE, "{\"sets\":4}");
	assert_string_equal(moved_by(&paused, &edit, T0 + HOUR).training.structure, "{\"sets\":4}");
}

/* "Training: optional final structure." */
static void training_is_completed_with_a_final_structure(void **state)
{
	(void)state;
	struct session session = added(KIND_TRAINING, T0);
	struct session plain = after(&session, COMMAND_COMPLETE, T0 + HOUR);
	assert_string_equal(plain.training.structure, "{\"of\":\"the plan\"}");
	struct command complete = giving(COMMAND_COMPLETE, FIELD_STRUCTURE, "{\"done\":true}");
	struct session done = moved_by(&session, &complete, T0 + HOUR);
	assert_string_equal(done.training.structure, "{\"done\":true}");
	assert_int_equal(done.status, STATUS_COMPLETED);
	assert_int_equal(done.ended_at_ms, T0 + HOUR);
	expect_no_change(&done, COMMAND_COMPLETE, T0 + 2 * HOUR);
}

static void expect_immutable(const struct session *session, const struct command *command)
{
	struct moved moved = move_by(session, command, T0 + 2 * HOUR);
	assert_int_equal(moved.err, ERR_INVALID_STATE);
	assert_string_equal(moved.why.message, "Cannot update completed session");
}

/* "once completed: immutable" */
static void completed_training_is_immutable(void **state)
{
	(void)state;
	struct session session = added(KIND_TRAINING, T0);
	struct session done = after(&session, COMMAND_COMPLETE, T0 + HOUR);
	struct command edit = giving(COMMAND_EDIT_SESSION, FIELD_STRUCTURE, "{}");
	struct command complete = giving(COMMAND_COMPLETE, FIELD_STRUCTURE, "{}");
	struct command rename = giving(COMMAND_RENAME_SESSION, FIELD_TITLE, "x");
	struct command move = {.type = COMMAND_MOVE_SESSION};
	struct command abandon = {.type = COMMAND_ABANDON};
	struct command start = {.type = COMMAND_START};
	put_id(&move, FIELD_GROUP, 4);
	expect_immutable(&done, &edit);
	expect_immutable(&done, &complete);
	expect_immutable(&done, &rename);
	expect_immutable(&done, &move);
	expect_immutable(&done, &abandon);
	expect_immutable(&done, &start);
	expect_no_change(&done, COMMAND_PAUSE, T0 + 2 * HOUR);
	/* Deletion is another thing: 004's "except for deletion". */
	struct session gone = after(&done, COMMAND_DELETE_SESSION, T0 + 2 * HOUR);
	assert_int_equal(gone.status, STATUS_COMPLETED);
	after(&gone, COMMAND_RESTORE_SESSION, T0 + 3 * HOUR);
	/* "structure, while active": given up, it isn't. */
	struct session given_up = after(&session, COMMAND_ABANDON, T0 + HOUR);
	expect_refused(&given_up, &edit, T0 + 2 * HOUR, ERR_INVALID_STATE, "");
}

/* All kinds. */

static void deletion_ends_by_kind(void **state)
{
	(void)state;
	static const enum session_status ends[KIND_COUNT] = {
		[KIND_TIMER] = STATUS_ACTIVE,
		[KIND_FOCUS] = STATUS_ABANDONED,
		[KIND_WORK] = STATUS_COMPLETED,
		[KIND_TRAINING] = STATUS_ABANDONED,
	};
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		struct session session = added((enum session_kind)kind, T0);
		if (kind == KIND_TIMER)
			session = after(&session, COMMAND_START, T0);
		struct session gone = after(&session, COMMAND_DELETE_SESSION, T0 + MINUTE);
		assert_true(gone.deleted);
		assert_int_equal(gone.status, ends[kind]);
		assert_int_equal(gone.state, STATE_PAUSED);
		assert_int_equal(gone.elapsed_ms, MINUTE);
		assert_int_equal(session_tracked_ms(&gone, T0, T0 + HOUR), MINUTE);
		assert_int_equal(gone.ended_at_ms, kind == KIND_TIMER ? 0 : T0 + MINUTE);
		assert_int_equal(session_due(&gone).at_ms, 0);
		expect_no_change(&gone, COMMAND_DELETE_SESSION, T0 + HOUR);
		struct session back = after(&gone, COMMAND_RESTORE_SESSION, T0 + HOUR);
		assert_int_equal(back.status, ends[kind]);
		assert_int_equal(back.state, STATE_PAUSED);
		assert_int_equal(back.elapsed_ms, MINUTE);
	}
}

static void sessions_are_renamed(void **state)
{
	(void)state;
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		struct session session = added((enum session_kind)kind, T0);
		struct command rename = giving(COMMAND_RENAME_SESSION, FIELD_TITLE, "Ärger");
		struct session renamed = moved_by(&session, &rename, T0 + MINUTE);
		assert_string_equal(renamed.title, "Ärger");
		assert_int_equal(renamed.clock_ms, session.clock_ms);
		expect_same(&renamed, &rename, T0 + MINUTE);
		/* "title (required for a timer)" */
		put_null(&rename, FIELD_TITLE);
		if (kind == KIND_TIMER) {
			expect_refused(&renamed, &rename, T0 + MINUTE, ERR_BAD_REQUEST, "title");
			continue;
		}
		assert_string_equal(moved_by(&renamed, &rename, T0 + MINUTE).title, "");
		expect_same(&session, &rename, T0 + MINUTE);
	}
}

static void sessions_are_moved(void **state)
{
	(void)state;
	struct uuid group = id_of(4);
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		struct session session = added((enum session_kind)kind, T0);
		struct command move = {.type = COMMAND_MOVE_SESSION};
		put_id(&move, FIELD_GROUP, 4);
		struct session moved = moved_by(&session, &move, T0 + MINUTE);
		assert_true(uuid_equal(&moved.group, &group));
		expect_same(&moved, &move, T0 + MINUTE);
		/* "work: group required" */
		put_null(&move, FIELD_GROUP);
		if (kind == KIND_WORK) {
			expect_refused(&moved, &move, T0 + MINUTE, ERR_BAD_REQUEST, "group");
			continue;
		}
		struct session out = moved_by(&moved, &move, T0 + MINUTE);
		assert_true(uuid_is_nil(&out.group));
		expect_same(&out, &move, T0 + MINUTE);
	}
}

/* "Deleting is soft: its timers and active focus sessions lose the group; ended sessions keep it." */
static void a_deleted_group_is_left(void **state)
{
	(void)state;
	struct session_moment moment = {.at_ms = T0 + HOUR, .day_start_ms = T0};
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		struct command add = adding((enum session_kind)kind);
		struct session left;
		put_id(&add, FIELD_GROUP, 4);
		struct session session = added_by(&add, T0);
		assert_true(session_leave_group(&session, &moment, &left));
		assert_true(uuid_is_nil(&left.group));
		assert_int_equal(left.version, session.version + 1);
		assert_int_equal(left.clock_ms, session.clock_ms);
		assert_int_equal(left.running_since_ms, session.running_since_ms);
		assert_int_equal(left.updated_at_ms, T0 + HOUR);
		assert_false(session_leave_group(&left, &moment, &session));
		session = added_by(&add, T0);
		struct session done = after(&session, COMMAND_COMPLETE, T0 + MINUTE);
		assert_int_equal(session_leave_group(&done, &moment, &left), kind == KIND_TIMER);
	}
}

/* What the requirement documents call it. */
static void domain_events_are_those_of_the_documents(void **state)
{
	(void)state;
	static const struct {
		enum session_kind kind;
		enum command_type event;
		const char *name;
	} rows[] = {
		{KIND_TIMER, COMMAND_ADD_SESSION, "AddSession"},
		{KIND_TIMER, COMMAND_START, "Start"},
		{KIND_TIMER, COMMAND_PAUSE, "Stop"},
		{KIND_TIMER, COMMAND_RESET_SESSION, "ResetSession"},
		{KIND_TIMER, COMMAND_DELETE_SESSION, "DeleteSession"},
		{KIND_TIMER, COMMAND_EDIT_SESSION, "EditSession"},
		{KIND_FOCUS, COMMAND_ADD_SESSION, "FocusSessionStarted"},
		{KIND_FOCUS, COMMAND_START, "SessionResumed"},
		{KIND_FOCUS, COMMAND_PAUSE, "SessionPaused"},
		{KIND_FOCUS, COMMAND_COMPLETE, "SessionCompleted"},
		{KIND_FOCUS, COMMAND_ABANDON, "SessionAbandoned"},
		{KIND_WORK, COMMAND_ADD_SESSION, "WorkSessionStarted"},
		{KIND_WORK, COMMAND_COMPLETE, "WorkSessionCompleted"},
	};
	size_t count = sizeof(rows) / sizeof(rows[0]);
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		for (int event = 0; event < COMMAND_COUNT; event++) {
			const char *name =
				session_domain_event((enum session_kind)kind, (enum command_type)event);
			size_t i = 0;
			while (i < count && ((int)rows[i].kind != kind || (int)rows[i].event != event))
				i++;
			if (i == count)
				assert_null(name);
			else
				assert_string_equal(name, rows[i].name);
		}
	}
}

/* "action is session_started, session_completed for training, else the event's name." */
static void audit_actions_are_events_but_for_training(void **state)
{
	(void)state;
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		for (int event = 0; event < COMMAND_COUNT; event++) {
			const char *expected = command_rows[event].name;
			if (kind == KIND_TRAINING && event == COMMAND_ADD_SESSION)
				expected = "session_started";
			if (kind == KIND_TRAINING && event == COMMAND_COMPLETE)
				expected = "session_completed";
			assert_string_equal(
				session_audit_action((enum session_kind)kind, (enum command_type)event),
				expected);
		}
	}
}

/* "At one instant in this order": the target, the end of a pause, 24 h, the daily reset. */
static void due_items_have_an_order(void **state)
{
	(void)state;
	assert_true(
		DUE_TARGET < DUE_PAUSE_END && DUE_PAUSE_END < DUE_MAX_AGE && DUE_MAX_AGE < DUE_DAILY_RESET);
}

/* The table of domain.md section 1, where it is about numbers. */
static void policies_are_those_of_the_table(void **state)
{
	(void)state;
	static const int active[KIND_COUNT] = {0, 1, 20, 1};
	static const bool abandons[KIND_COUNT] = {false, true, false, true};
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		assert_int_equal(session_policies[kind].max_active, active[kind]);
		assert_int_equal(session_policies[kind].abandons, abandons[kind]);
		assert_int_equal(session_policies[kind].resets, kind == KIND_TIMER);
		assert_int_equal(session_policies[kind].starts_when_added, kind != KIND_TIMER);
	}
}

static void kinds_are_found_by_name(void **state)
{
	(void)state;
	enum session_kind kind = KIND_COUNT;
	for (int i = 0; i < KIND_COUNT; i++) {
		assert_true(session_kind_find(session_kind_name((enum session_kind)i), &kind));
		assert_int_equal(kind, i);
	}
	assert_false(session_kind_find("quest", &kind));
	assert_false(session_kind_find("", &kind));
	assert_int_equal(kind, KIND_COUNT - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(work_ends_after_24_hours),
		cmocka_unit_test(work_is_edited_field_by_field),
		cmocka_unit_test(ended_work_keeps_all_but_its_notes),
		cmocka_unit_test(training_is_edited_while_active),
		cmocka_unit_test(training_is_completed_with_a_final_structure),
		cmocka_unit_test(completed_training_is_immutable),
		cmocka_unit_test(deletion_ends_by_kind),
		cmocka_unit_test(sessions_are_renamed),
		cmocka_unit_test(sessions_are_moved),
		cmocka_unit_test(a_deleted_group_is_left),
		cmocka_unit_test(domain_events_are_those_of_the_documents),
		cmocka_unit_test(audit_actions_are_events_but_for_training),
		cmocka_unit_test(due_items_have_an_order),
		cmocka_unit_test(policies_are_those_of_the_table),
		cmocka_unit_test(kinds_are_found_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
