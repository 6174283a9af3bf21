/* What single commands do to a timer; the words in quotes are domain.md's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/moving.h"

static struct session timer(int64_t length_ms)
{
	struct command add = adding(KIND_TIMER);
	if (length_ms != SESSION_NO_LENGTH)
		put_number(&add, FIELD_INITIAL_DURATION, length_ms);
	return added_by(&add, T0);
}

static void start_sets_target(void **state)
{
	(void)state;
	struct session fresh = timer(MINUTE);
	struct session running = after(&fresh, COMMAND_START, T0 + 5);
	assert_int_equal(session_target_ms(&running), T0 + 5 + MINUTE);
	assert_int_equal(running.started_at_ms, T0 + 5);
	struct session paused = after(&running, COMMAND_PAUSE, T0 + 20005);
	assert_int_equal(session_left_ms(&paused, T0 + 99999), 40000);
	assert_int_equal(session_target_ms(&paused), 0);
	struct session again = after(&paused, COMMAND_START, T0 + 50000);
	assert_int_equal(session_target_ms(&again), T0 + 90000);
	assert_int_equal(again.started_at_ms, T0 + 5);
}

/* "On a completed timer, or a paused one with nothing left: reset, then start (two events of one command)."
 */
static void start_on_completed_resets_first(void **state)
{
	(void)state;
	struct session fresh = timer(MINUTE);
	struct session running = after(&fresh, COMMAND_START, T0);
	struct session done = settled(&running, COMMAND_COMPLETE);
	struct command start = {.type = COMMAND_START};
	assert_int_equal(done.status, STATUS_COMPLETED);
	assert_int_equal(done.ended_at_ms, T0 + MINUTE);
	struct moved moved = move_by(&done, &start, T0 + 90000);
	assert_int_equal(moved.effects.count, 2);
	assert_int_equal(moved.effects.events[0].event, COMMAND_RESET_SESSION);
	assert_int_equal(moved.effects.events[0].session.version, done.version + 1);
	assert_int_equal(moved.effects.events[1].event, COMMAND_START);
	assert_int_equal(moved.effects.events[1].session.version, done.version + 2);
	assert_int_equal(session_target_ms(&moved.effects.events[1].session), T0 + 150000);
	assert_int_equal(session_tracked_ms(&moved.effects.events[1].session, T0, T0 + 90000), 60000);
}

/* "A command states what should be so. Already so is changed:false, without an event." */
static void satisfied_commands_make_no_event(void **state)
{
	(void)state;
	struct session fresh = timer(MINUTE);
	struct session running = after(&fresh, COMMAND_START, T0);
	struct session done = after(&running, COMMAND_COMPLETE, T0 + 1000);
	struct session gone = after(&fresh, COMMAND_DELETE_SESSION, T0);
	expect_no_change(&running, COMMAND_START, T0 + 1);
	expect_no_change(&fresh, COMMAND_PAUSE, T0 + 1);
	expect_no_change(&done, COMMAND_PAUSE, T0 + 2000);
	expect_no_change(&fresh, COMMAND_RESET_SESSION, T0 + 1);
	expect_no_change(&done, COMMAND_COMPLETE, T0 + 2000);
	expect_no_change(&gone, COMMAND_DELETE_SESSION, T0 + 1);
	expect_no_change(&fresh, COMMAND_RESTORE_SESSION, T0 + 1);
	expect_no_change(&fresh, COMMAND_EDIT_SESSION, T0 + 1);
	expect_invalid(&fresh, COMMAND_ABANDON, T0 + 1);
	expect_invalid(&fresh, COMMAND_DISTRACTION, T0 + 1);
}

/* "A new length keeps the elapsed time; a running one completes now when nothing is left." */
static void edit_keeps_elapsed_time(void **state)
{
	(void)state;
	struct session fresh = timer(MINUTE);
	struct session running = after(&fresh, COMMAND_START, T0);
	struct command edit = {.type = COMMAND_EDIT_SESSION};
	put_number(&edit, FIELD_INITIAL_DURATION, 90000);
	struct session longer = moved_by(&running, &edit, T0 + 30000);
	assert_int_equal(session_target_ms(&longer), T0 + 90000);
	for (int64_t length_ms = 30000; length_ms >= 20000; length_ms -= 10000) {
		put_number(&edit, FIELD_INITIAL_DURATION, length_ms);
		struct moved moved = move_by(&running, &edit, T0 + 30000);
		assert_int_equal(moved.effects.count, 2);
		assert_int_equal(moved.effects.events[0].event, COMMAND_EDIT_SESSION);
		assert_int_equal(moved.effects.events[1].event, COMMAND_COMPLETE);
		assert_int_equal(moved.effects.events[1].session.ended_at_ms, T0 + 30000);
	}
	put_number(&edit, FIELD_INITIAL_DURATION, 30001);
	struct session barely = moved_by(&running, &edit, T0 + 30000);
	assert_int_equal(session_target_ms(&barely), T0 + 30001);
	put_null(&edit, FIELD_INITIAL_DURATION);
	struct session counting = moved_by(&running, &edit, T0 + 30000);
	assert_int_equal(session_target_ms(&counting), 0);
	assert_int_equal(session_due(&counting).at_ms, 0);
}

/* "A paused one with nothing left" starts anew. */
static void a_paused_one_with_nothing_left_starts_anew(void **state)
{
	(void)state;
	struct session fresh = timer(MINUTE);
	struct session running = after(&fresh, COMMAND_START, T0);
	struct session paused = after(&running, COMMAND_PAUSE, T0 + 30000);
	struct command edit = {.type = COMMAND_EDIT_SESSION};
	put_number(&edit, FIELD_INITIAL_DURATION, 30000);
	struct session empty = moved_by(&paused, &edit, T0 + 30000);
	struct command start = {.type = COMMAND_START};
	assert_int_equal(session_left_ms(&empty, T0 + 40000), 0);
	assert_int_equal(empty.status, STATUS_ACTIVE);
	struct moved moved = move_by(&empty, &start, T0 + 40000);
	assert_int_equal(moved.effects.count, 2);
	assert_int_equal(session_target_ms(&moved.effects.events[1].session), T0 + 70000);
}

/* "setting it makes noGoal false unless that is sent too" */
static void goal_decides_no_goal(void **state)
{
	(void)state;
	struct session fresh = timer(MINUTE);
	struct command edit = {.type = COMMAND_EDIT_SESSION};
	assert_true(fresh.no_goal);
	put_number(&edit, FIELD_DAILY_GOAL_MINUTES, 30);
	struct session with = moved_by(&fresh, &edit, T0);
	assert_false(with.no_goal);
	assert_int_equal(session_goal(&with), 30);
	put_flag(&edit, FIELD_NO_GOAL, true);
	struct session kept = moved_by(&fresh, &edit, T0);
	assert_true(kept.no_goal);
	assert_int_equal(kept.daily_goal_minutes, 30);
	assert_int_equal(session_goal(&kept), 0);
	struct command none = {.type = COMMAND_EDIT_SESSION};
	put_null(&none, FIELD_DAILY_GOAL_MINUTES);
	struct session without = moved_by(&with, &none, T0);
	assert_true(without.no_goal);
	assert_int_equal(without.daily_goal_minutes, 0);
}

static void tracked_time_starts_anew_with_the_day(void **state)
{
	(void)state;
	struct session fresh = timer(SESSION_NO_LENGTH);
	struct session running = after(&fresh, COMMAND_START, T0);
	int64_t next_day = T0 + 3600000;
	assert_int_equal(session_tracked_ms(&running, T0, next_day + 1000), 3601000);
	assert_int_equal(session_tracked_ms(&running, next_day, next_day + 1000), 1000);
	struct session_moment boundary = {.at_ms = next_day, .day_start_ms = next_day};
	struct session next;
	assert_false(session_daily_reset(&running, &boundary, &next));
}

/* "Every timer that is not running gets timeLeft = initialDuration, active." */
static void the_day_resets_what_does_not_run(void **state)
{
	(void)state;
	struct session fresh = timer(MINUTE);
	struct session running = after(&fresh, COMMAND_START, T0);
	struct session paused = after(&running, COMMAND_PAUSE, T0 + 1000);
	struct session done = after(&running, COMMAND_COMPLETE, T0 + 1000);
	struct session gone = after(&paused, COMMAND_DELETE_SESSION, T0 + 1000);
	struct session_moment boundary = {.at_ms = T0 + HOUR, .day_start_ms = T0 + HOUR};
	const struct session *const resets[] = {&paused, &done};
	const struct session *const stays[] = {&fresh, &running, &gone};
	struct session next;
	for (size_t i = 0; i < sizeof(resets) / sizeof(resets[0]); i++) {
		assert_true(session_resettable(resets[i]));
		assert_true(session_daily_reset(resets[i], &boundary, &next));
		assert_int_equal(next.version, resets[i]->version + 1);
		assert_int_equal(next.status, STATUS_ACTIVE);
		assert_int_equal(session_left_ms(&next, T0 + HOUR), MINUTE);
		assert_int_equal(next.started_at_ms, 0);
		assert_int_equal(next.ended_at_ms, 0);
	}
	for (size_t i = 0; i < sizeof(stays) / sizeof(stays[0]); i++)
		assert_false(session_daily_reset(stays[i], &boundary, &next));
	/* One that was touched after the boundary waits for the next. */
	boundary.at_ms = T0 + 999;
	assert_false(session_daily_reset(&paused, &boundary, &next));
}

static void deleting_pauses_a_running_timer(void **state)
{
	(void)state;
	struct session fresh = timer(MINUTE);
	struct session running = after(&fresh, COMMAND_START, T0);
	struct session gone = after(&running, COMMAND_DELETE_SESSION, T0 + 10000);
	assert_int_equal(gone.state, STATE_PAUSED);
	assert_int_equal(gone.status, STATUS_ACTIVE);
	assert_int_equal(session_due(&gone).at_ms, 0);
	struct session back = after(&gone, COMMAND_RESTORE_SESSION, T0 + 20000);
	assert_int_equal(session_left_ms(&back, T0 + 20000), 50000);
}

/* "An event's atMs is at least that of the session's last change." */
static void time_does_not_run_backwards(void **state)
{
	(void)state;
	struct session fresh = timer(MINUTE);
	struct session running = after(&fresh, COMMAND_START, T0 + 10000);
	struct session gone = after(&running, COMMAND_DELETE_SESSION, T0 + 5000);
	assert_int_equal(gone.clock_ms, T0 + 10000);
	assert_int_equal(gone.elapsed_ms, 0);
	assert_int_equal(gone.updated_at_ms, T0 + 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start_sets_target),
		cmocka_unit_test(start_on_completed_resets_first),
		cmocka_unit_test(satisfied_commands_make_no_event),
		cmocka_unit_test(edit_keeps_elapsed_time),
		cmocka_unit_test(a_paused_one_with_nothing_left_starts_anew),
		cmocka_unit_test(goal_decides_no_goal),
		cmocka_unit_test(tracked_time_starts_anew_with_the_day),
		cmocka_unit_test(the_day_resets_what_does_not_run),
		cmocka_unit_test(deleting_pauses_a_running_timer),
		cmocka_unit_test(time_does_not_run_backwards),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
