/* What single commands do to a session; the words in quotes are domain.md's. */
#include "protocol/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define T0 1700000000000LL

static struct session timer(int64_t length_ms)
{
	return (struct session){
		.version = 1,
		.initial_ms = length_ms,
		.no_goal = true,
		.clock_ms = T0,
		.created_at_ms = T0,
		.updated_at_ms = T0,
	};
}

static struct session_effects apply(
	const struct session *session, enum command_type type, int64_t at_ms, enum err expected)
{
	struct command command = {.type = type};
	struct session_moment moment = {.at_ms = at_ms, .day_start_ms = T0};
	struct session_effects effects = {0};
	struct refusal why = {0};
	assert_int_equal(session_apply(session, &command, &moment, &effects, &why), expected);
	return effects;
}

/* The session after a command that makes exactly one event. */
static struct session after(struct session session, enum command_type type, int64_t at_ms)
{
	struct session_effects effects = apply(&session, type, at_ms, OK);
	assert_int_equal(effects.count, 1);
	assert_int_equal(effects.events[0].event, type);
	assert_int_equal(effects.events[0].session.version, session.version + 1);
	return effects.events[0].session;
}

static void start_sets_target(void **state)
{
	(void)state;
	struct session running = after(timer(60000), COMMAND_START, T0 + 5);
	assert_int_equal(session_target_ms(&running), T0 + 5 + 60000);
	assert_int_equal(running.started_at_ms, T0 + 5);
	struct session paused = after(running, COMMAND_PAUSE, T0 + 20005);
	assert_int_equal(session_left_ms(&paused, T0 + 99999), 40000);
	assert_int_equal(session_target_ms(&paused), 0);
	struct session again = after(paused, COMMAND_START, T0 + 50000);
	assert_int_equal(session_target_ms(&again), T0 + 90000);
}

/* "On a completed timer, or a paused one with nothing left: reset, then start (two events of one command)."
 */
static void start_on_completed_resets_first(void **state)
{
	(void)state;
	struct session running = after(timer(60000), COMMAND_START, T0);
	struct session_effects settled;
	session_settle(&running, T0, &settled);
	struct session done = settled.events[0].session;
	assert_int_equal(done.status, STATUS_COMPLETED);
	assert_int_equal(done.ended_at_ms, T0 + 60000);
	struct session_effects effects = apply(&done, COMMAND_START, T0 + 90000, OK);
	assert_int_equal(effects.count, 2);
	assert_int_equal(effects.events[0].event, COMMAND_RESET_SESSION);
	assert_int_equal(effects.events[1].event, COMMAND_START);
	assert_int_equal(session_target_ms(&effects.events[1].session), T0 + 150000);
	assert_int_equal(session_tracked_ms(&effects.events[1].session, T0, T0 + 90000), 60000);
}

/* "A command states what should be so. Already so is changed:false, without an event." */
static void satisfied_commands_make_no_event(void **state)
{
	(void)state;
	struct session fresh = timer(60000);
	struct session running = after(fresh, COMMAND_START, T0);
	struct session done = after(running, COMMAND_COMPLETE, T0 + 1000);
	struct session gone = after(fresh, COMMAND_DELETE_SESSION, T0);
	assert_int_equal(apply(&running, COMMAND_START, T0 + 1, OK).count, 0);
	assert_int_equal(apply(&fresh, COMMAND_PAUSE, T0 + 1, OK).count, 0);
	assert_int_equal(apply(&done, COMMAND_PAUSE, T0 + 2000, OK).count, 0);
	assert_int_equal(apply(&fresh, COMMAND_RESET_SESSION, T0 + 1, OK).count, 0);
	assert_int_equal(apply(&done, COMMAND_COMPLETE, T0 + 2000, OK).count, 0);
	assert_int_equal(apply(&gone, COMMAND_DELETE_SESSION, T0 + 1, OK).count, 0);
	assert_int_equal(apply(&fresh, COMMAND_RESTORE_SESSION, T0 + 1, OK).count, 0);
	apply(&fresh, COMMAND_ABANDON, T0 + 1, ERR_INVALID_STATE);
}

/* "A new length keeps the elapsed time; a running one completes now when nothing is left." */
static void edit_keeps_elapsed_time(void **state)
{
	(void)state;
	struct session running = after(timer(60000), COMMAND_START, T0);
	struct command edit = {.type = COMMAND_EDIT_SESSION};
	edit.values[FIELD_INITIAL_DURATION] = (struct value){.given = true, .number = 90000};
	struct session_moment moment = {.at_ms = T0 + 30000, .day_start_ms = T0};
	struct session_effects effects;
	struct refusal why;
	assert_int_equal(session_apply(&running, &edit, &moment, &effects, &why), OK);
	assert_int_equal(effects.count, 1);
	assert_int_equal(session_target_ms(&effects.events[0].session), T0 + 90000);
	edit.values[FIELD_INITIAL_DURATION].number = 30000;
	assert_int_equal(session_apply(&running, &edit, &moment, &effects, &why), OK);
	assert_int_equal(effects.count, 2);
	edit.values[FIELD_INITIAL_DURATION].number = 20000;
	assert_int_equal(session_apply(&running, &edit, &moment, &effects, &why), OK);
	assert_int_equal(effects.count, 2);
	assert_int_equal(effects.events[1].event, COMMAND_COMPLETE);
	assert_int_equal(effects.events[1].session.ended_at_ms, T0 + 30000);
}

/* "002 allows no more; another field is badRequest naming it." */
static void edit_refuses_other_fields(void **state)
{
	(void)state;
	struct session fresh = timer(60000);
	struct command edit = {.type = COMMAND_EDIT_SESSION};
	edit.values[FIELD_TITLE] = (struct value){.given = true, .text = "x"};
	struct session_moment moment = {.at_ms = T0, .day_start_ms = T0};
	struct session_effects effects;
	struct refusal why;
	assert_int_equal(session_apply(&fresh, &edit, &moment, &effects, &why), ERR_BAD_REQUEST);
	assert_string_equal(why.field, "title");
}

/* "setting it makes noGoal false unless that is sent too" */
static void goal_decides_no_goal(void **state)
{
	(void)state;
	struct session fresh = timer(60000);
	struct command edit = {.type = COMMAND_EDIT_SESSION};
	edit.values[FIELD_DAILY_GOAL_MINUTES] = (struct value){.given = true, .number = 30};
	struct session_moment moment = {.at_ms = T0, .day_start_ms = T0};
	struct session_effects effects;
	struct refusal why;
	assert_int_equal(session_apply(&fresh, &edit, &moment, &effects, &why), OK);
	assert_false(effects.events[0].session.no_goal);
	assert_int_equal(session_goal(&effects.events[0].session), 30);
	edit.values[FIELD_NO_GOAL] = (struct value){.given = true, .flag = true};
	assert_int_equal(session_apply(&fresh, &edit, &moment, &effects, &why), OK);
	assert_true(effects.events[0].session.no_goal);
	assert_int_equal(session_goal(&effects.events[0].session), 0);
}

static void tracked_time_starts_anew_with_the_day(void **state)
{
	(void)state;
	struct session running = after(timer(SESSION_NO_LENGTH), COMMAND_START, T0);
	int64_t next_day = T0 + 3600000;
	assert_int_equal(session_tracked_ms(&running, T0, next_day + 1000), 3601000);
	assert_int_equal(session_tracked_ms(&running, next_day, next_day + 1000), 1000);
	struct session_moment boundary = {.at_ms = next_day, .day_start_ms = next_day};
	struct session next;
	assert_false(session_daily_reset(&running, &boundary, &next));
}

static void deleting_pauses_a_running_timer(void **state)
{
	(void)state;
	struct session running = after(timer(60000), COMMAND_START, T0);
	struct session gone = after(running, COMMAND_DELETE_SESSION, T0 + 10000);
	assert_int_equal(gone.state, STATE_PAUSED);
	assert_int_equal(session_due(&gone).at_ms, 0);
	struct session back = after(gone, COMMAND_RESTORE_SESSION, T0 + 20000);
	assert_int_equal(session_left_ms(&back, T0 + 20000), 50000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start_sets_target),
		cmocka_unit_test(start_on_completed_resets_first),
		cmocka_unit_test(satisfied_commands_make_no_event),
		cmocka_unit_test(edit_keeps_elapsed_time),
		cmocka_unit_test(edit_refuses_other_fields),
		cmocka_unit_test(goal_decides_no_goal),
		cmocka_unit_test(tracked_time_starts_anew_with_the_day),
		cmocka_unit_test(deleting_pauses_a_running_timer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
