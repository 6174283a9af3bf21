/* Focus sessions: pauses, score, review, giving up; the words in quotes are domain.md's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/moving.h"

static struct session focus_of(int64_t minutes)
{
	struct command add = adding(KIND_FOCUS);
	put_number(&add, FIELD_SESSION_TYPE, SESSION_CUSTOM);
	put_number(&add, FIELD_PLANNED_MINUTES, minutes);
	return added_by(&add, T0);
}

static struct command giving(enum command_type type, enum field field, const char *text)
{
	struct command command = {.type = type};
	put_text(&command, field, text);
	return command;
}

/* Pauses it at_ms, for a minute. */
static struct session interrupted(const struct session *session, int64_t at_ms)
{
	struct session paused = after(session, COMMAND_PAUSE, at_ms);
	return after(&paused, COMMAND_START, at_ms + MINUTE);
}

static struct session distracted(struct session session, int times, int64_t at_ms)
{
	for (int i = 0; i < times; i++)
		session = after(&session, COMMAND_DISTRACTION, at_ms);
	return session;
}

/* Pauses. */

static void a_pause_keeps_its_reason_and_length(void **state)
{
	(void)state;
	struct session session = focus_of(25);
	struct command pause = giving(COMMAND_PAUSE, FIELD_REASON, "Quick phone call");
	struct session paused = moved_by(&session, &pause, T0 + 5 * MINUTE);
	assert_int_equal(paused.pauses, 1);
	assert_int_equal(paused.focus.pauses[0].paused_at_ms, T0 + 5 * MINUTE);
	assert_int_equal(paused.focus.pauses[0].resumed_at_ms, 0);
	assert_string_equal(paused.focus.pauses[0].reason, "Quick phone call");
	assert_int_equal(session_pause_ms(&paused, 0), -1);
	assert_int_equal(session_left_ms(&paused, T0 + HOUR), 20 * MINUTE);
	struct session again = after(&paused, COMMAND_START, T0 + 7 * MINUTE + 1);
	assert_int_equal(again.focus.pauses[0].resumed_at_ms, T0 + 7 * MINUTE + 1);
	assert_int_equal(session_pause_ms(&again, 0), 2 * MINUTE + 1);
	assert_int_equal(session_target_ms(&again), T0 + 27 * MINUTE + 1);
	struct session second = after(&again, COMMAND_PAUSE, T0 + 8 * MINUTE);
	assert_int_equal(second.pauses, 2);
	assert_null(second.focus.pauses[1].reason);
	assert_int_equal(session_pause_ms(&second, 0), 2 * MINUTE + 1);
	assert_int_equal(second.focus.pauses[1].paused_at_ms, T0 + 8 * MINUTE);
}

/* "The 4th pause is limit." */
static void there_are_three_pauses(void **state)
{
	(void)state;
	struct session session = focus_of(25);
	struct command pause = {.type = COMMAND_PAUSE};
	for (int i = 0; i < 3; i++)
		session = interrupted(&session, T0 + i * 2 * MINUTE);
	expect_refused(&session, &pause, T0 + 10 * MINUTE, ERR_LIMIT, "");
	/* What doesn't run is paused already, the 4th time too. */
	struct session third = focus_of(25);
	for (int i = 0; i < 2; i++)
		third = interrupted(&third, T0 + i * 2 * MINUTE);
	third = after(&third, COMMAND_PAUSE, T0 + 10 * MINUTE);
	expect_same(&third, &pause, T0 + 11 * MINUTE);
	struct session done = after(&session, COMMAND_COMPLETE, T0 + 11 * MINUTE);
	expect_same(&done, &pause, T0 + 12 * MINUTE);
}

static void other_kinds_pause_as_often_as_they_like(void **state)
{
	(void)state;
	static const enum session_kind kinds[] = {KIND_TIMER, KIND_WORK, KIND_TRAINING};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct session session = added(kinds[i], T0);
		if (session.state != STATE_RUNNING)
			session = after(&session, COMMAND_START, T0);
		for (int n = 0; n < 20; n++)
			session = interrupted(&session, T0 + 2 * n * MINUTE);
		assert_int_equal(session_elapsed_ms(&session, T0 + 40 * MINUTE), 20 * MINUTE);
	}
}

/* "A pause that reaches 10 minutes ends by itself: the server makes start at that instant." */
static void a_pause_ends_after_ten_minutes(void **state)
{
	(void)state;
	struct session session = focus_of(25);
	struct session paused = after(&session, COMMAND_PAUSE, T0 + 3 * MINUTE);
	assert_int_equal(session_due(&paused).at_ms, T0 + 13 * MINUTE);
	assert_int_equal(session_due(&paused).rank, DUE_PAUSE_END);
	struct session again = settled(&paused, COMMAND_START);
	assert_int_equal(again.state, STATE_RUNNING);
	assert_int_equal(again.running_since_ms, T0 + 13 * MINUTE);
	assert_int_equal(session_pause_ms(&again, 0), 10 * MINUTE);
	assert_int_equal(session_due(&again).at_ms, T0 + 35 * MINUTE);
	assert_int_equal(session_due(&again).rank, DUE_TARGET);
	struct session done = settled(&again, COMMAND_COMPLETE);
	assert_int_equal(done.ended_at_ms, T0 + 35 * MINUTE);
	assert_int_equal(done.elapsed_ms, 25 * MINUTE);
	assert_int_equal(session_due(&done).at_ms, 0);
}

static void pauses_of_other_kinds_do_not_end(void **state)
{
	(void)state;
	struct session timer = added(KIND_TIMER, T0);
	struct session running = after(&timer, COMMAND_START, T0);
	struct session training = added(KIND_TRAINING, T0);
	struct session work = added(KIND_WORK, T0);
	running = after(&running, COMMAND_PAUSE, T0 + 1);
	training = after(&training, COMMAND_PAUSE, T0 + 1);
	work = after(&work, COMMAND_PAUSE, T0 + 1);
	assert_int_equal(session_due(&running).at_ms, 0);
	assert_int_equal(session_due(&training).at_ms, 0);
	assert_int_equal(session_due(&work).rank, DUE_MAX_AGE);
}

/* A pause that the session's end cut short lasts until then. */
static void a_session_can_end_in_a_pause(void **state)
{
	(void)state;
	struct session session = focus_of(25);
	struct session paused = after(&session, COMMAND_PAUSE, T0 + 3 * MINUTE);
	struct session done = after(&paused, COMMAND_COMPLETE, T0 + 5 * MINUTE);
	assert_int_equal(done.focus.pauses[0].resumed_at_ms, 0);
	assert_int_equal(session_pause_ms(&done, 0), 2 * MINUTE);
	assert_int_equal(done.elapsed_ms, 3 * MINUTE);
	assert_int_equal(session_due(&done).at_ms, 0);
}

/* Score. */

struct scoring {
	int64_t planned_minutes;
	int pauses, distractions;
	int64_t actual_ms; /* running time; 0: until it completes by itself */
	int score;
};

static struct session played(const struct scoring *row)
{
	struct session session = focus_of(row->planned_minutes);
	for (int i = 0; i < row->pauses; i++)
		session = interrupted(&session, T0 + 2 * i * MINUTE);
	session = distracted(session, row->distractions, T0);
	if (!row->actual_ms)
		return settled(&session, COMMAND_COMPLETE);
	return after(&session, COMMAND_COMPLETE, T0 + row->pauses * MINUTE + row->actual_ms);
}

/* "clamp(base - 5·distractions + bonus, 0, 100) rounded, base = 80 · min(1, actual ÷ planned), bonus = 20
 * when the planned length was reached without a pause, 10 with pauses." */
static void the_score_is_calculated(void **state)
{
	(void)state;
	static const struct scoring rows[] = {
		{25, 0, 0, 0, 100},            /* 80 + 20 */
		{25, 1, 0, 0, 90},             /* 80 + 10 */
		{25, 3, 0, 0, 90},             /* however many */
		{120, 0, 3, 0, 85},            /* 80 - 15 + 20 */
		{5, 1, 2, 0, 80},              /* 80 - 10 + 10 */
		{25, 0, 20, 0, 0},             /* 80 - 100 + 20 */
		{25, 0, 21, 0, 0},             /* not below 0 */
		{25, 2, 30, 0, 0},             /* nor far below */
		{25, 0, 0, 750 * SECOND, 40},  /* half of it: 40 */
		{25, 1, 1, 750 * SECOND, 35},  /* 40 - 5, no bonus */
		{25, 0, 0, MINUTE, 3},         /* 3.2 */
		{25, 0, 0, 14 * MINUTE, 45},   /* 44.8 */
		{25, 0, 0, 1499999, 80},       /* a millisecond short: 79.99995, no bonus */
		{25, 2, 0, 1499999, 80},       /* */
		{5, 0, 0, 1874, 0},            /* 0.4997 */
		{5, 0, 0, 1875, 1},            /* 0.5 */
		{5, 0, 0, 99374, 26},          /* 26.4997 */
		{5, 0, 0, 99375, 27},          /* 26.5 */
		{5, 0, 1, 99375, 22},          /* 21.5 */
		{5, 0, 5, 99375, 2},           /* 1.5 */
		{5, 0, 6, 99375, 0},           /* -3.5 */
		{120, 0, 0, 1, 0},             /* hardly begun */
		{90, 0, 2, 45 * MINUTE, 30},   /* 40 - 10 */
		{120, 0, 0, 119 * MINUTE, 79}, /* 79.33 */
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct session done = played(&rows[i]);
		assert_int_equal(done.status, STATUS_COMPLETED);
		if (done.focus.score != rows[i].score)
			fail_msg("row %zu: %d", i, (int)done.focus.score);
	}
}

/* "Focus score, when the client gives none." */
static void the_clients_score_counts(void **state)
{
	(void)state;
	struct session session = focus_of(25);
	struct command complete = {.type = COMMAND_COMPLETE};
	put_number(&complete, FIELD_FOCUS_SCORE, 0);
	assert_int_equal(moved_by(&session, &complete, T0 + MINUTE).focus.score, 0);
	put_number(&complete, FIELD_FOCUS_SCORE, 100);
	assert_int_equal(moved_by(&session, &complete, T0 + MINUTE).focus.score, 100);
}

/* "distraction adds one, on an active focus session." */
static void distractions_are_counted(void **state)
{
	(void)state;
	struct session session = distracted(focus_of(25), 2, T0 + MINUTE);
	assert_int_equal(session.focus.distractions, 2);
	assert_int_equal(session.clock_ms, T0);
	struct session paused = after(&session, COMMAND_PAUSE, T0 + 2 * MINUTE);
	paused = distracted(paused, 1, T0 + 3 * MINUTE);
	assert_int_equal(paused.focus.distractions, 3);
	/* It doesn't put the end of the pause off. */
	assert_int_equal(session_due(&paused).at_ms, T0 + 12 * MINUTE);
	struct session done = after(&paused, COMMAND_COMPLETE, T0 + 4 * MINUTE);
	expect_invalid(&done, COMMAND_DISTRACTION, T0 + 5 * MINUTE);
	struct session given_up = after(&paused, COMMAND_ABANDON, T0 + 4 * MINUTE);
	expect_invalid(&given_up, COMMAND_DISTRACTION, T0 + 5 * MINUTE);
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		struct session other = added((enum session_kind)kind, T0);
		if (kind != KIND_FOCUS)
			expect_invalid(&other, COMMAND_DISTRACTION, T0 + 1);
	}
}

/* Review. */

static struct command review_of(int64_t rating)
{
	struct command review = {.type = COMMAND_COMPLETE};
	put_number(&review, FIELD_QUALITY_RATING, rating);
	return review;
}

static void completing_takes_a_review(void **state)
{
	(void)state;
	struct session session = focus_of(25);
	struct command review = review_of(4);
	put_text(&review, FIELD_TASK_PROGRESS, "p");
	put_number(&review, FIELD_FOCUS_SCORE, 85);
	struct session done = moved_by(&session, &review, T0 + 10 * MINUTE);
	assert_int_equal(done.status, STATUS_COMPLETED);
	assert_int_equal(done.ended_at_ms, T0 + 10 * MINUTE);
	assert_int_equal(done.focus.quality_rating, 4);
	assert_string_equal(done.focus.task_progress, "p");
	assert_int_equal(done.focus.score, 85);
	expect_refused(&done, &review, T0 + 11 * MINUTE, ERR_INVALID_STATE, "");
	expect_no_change(&done, COMMAND_COMPLETE, T0 + 11 * MINUTE);
}

/* "A session already completed takes these once, later, by the same command (with none of them:
 * changed:false)." */
static void a_review_comes_later_once(void **state)
{
	(void)state;
	struct session session = focus_of(25);
	struct session done = settled(&session, COMMAND_COMPLETE);
	expect_no_change(&done, COMMAND_COMPLETE, T0 + HOUR);
	struct command nothing = {.type = COMMAND_COMPLETE};
	put_null(&nothing, FIELD_TASK_PROGRESS);
	expect_same(&done, &nothing, T0 + HOUR);
	struct command review = review_of(5);
	struct session reviewed = moved_by(&done, &review, T0 + HOUR);
	assert_int_equal(reviewed.focus.quality_rating, 5);
	assert_int_equal(reviewed.focus.score, 100);
	assert_null(reviewed.focus.task_progress);
	assert_int_equal(reviewed.status, STATUS_COMPLETED);
	assert_int_equal(reviewed.ended_at_ms, done.ended_at_ms);
	assert_int_equal(reviewed.clock_ms, done.clock_ms);
	assert_int_equal(reviewed.elapsed_ms, done.elapsed_ms);
	assert_int_equal(reviewed.updated_at_ms, T0 + HOUR);
	expect_refused(&reviewed, &review, T0 + HOUR, ERR_INVALID_STATE, "");
	struct command another = giving(COMMAND_COMPLETE, FIELD_TASK_PROGRESS, "more");
	expect_refused(&reviewed, &another, T0 + HOUR, ERR_INVALID_STATE, "");
	expect_no_change(&reviewed, COMMAND_COMPLETE, T0 + HOUR);
}

static void any_of_the_three_is_a_review(void **state)
{
	(void)state;
	static const enum field fields[] = {FIELD_QUALITY_RATING, FIELD_TASK_PROGRESS, FIELD_FOCUS_SCORE};
	struct session session = focus_of(25);
	struct session done = after(&session, COMMAND_COMPLETE, T0 + MINUTE);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct command review = {.type = COMMAND_COMPLETE};
		put_anything(&review, fields[i]);
		struct session reviewed = moved_by(&done, &review, T0 + HOUR);
		struct command second = review_of(3);
		expect_refused(&reviewed, &second, T0 + HOUR, ERR_INVALID_STATE, "");
	}
	struct command score = {.type = COMMAND_COMPLETE};
	put_number(&score, FIELD_FOCUS_SCORE, 7);
	assert_int_equal(moved_by(&done, &score, T0 + HOUR).focus.score, 7);
}

static void what_was_abandoned_takes_no_review(void **state)
{
	(void)state;
	struct session session = focus_of(25);
	struct session given_up = after(&session, COMMAND_ABANDON, T0 + MINUTE);
	struct command review = review_of(1);
	expect_refused(&given_up, &review, T0 + HOUR, ERR_INVALID_STATE, "");
	expect_invalid(&given_up, COMMAND_COMPLETE, T0 + HOUR);
}

/* The end. */

static void abandoning_keeps_what_was_said(void **state)
{
	(void)state;
	struct session session = focus_of(25);
	struct command abandon = giving(COMMAND_ABANDON, FIELD_REASON, "Emergency");
	put_text(&abandon, FIELD_PROGRESS_MADE, "a draft");
	struct session given_up = moved_by(&session, &abandon, T0 + 5 * MINUTE);
	assert_int_equal(given_up.status, STATUS_ABANDONED);
	assert_int_equal(given_up.state, STATE_PAUSED);
	assert_int_equal(given_up.ended_at_ms, T0 + 5 * MINUTE);
	assert_int_equal(given_up.elapsed_ms, 5 * MINUTE);
	assert_string_equal(given_up.focus.abandon_reason, "Emergency");
	assert_string_equal(given_up.focus.progress_made, "a draft");
	assert_int_equal(given_up.focus.score, SESSION_NO_SCORE);
	assert_int_equal(session_due(&given_up).at_ms, 0);
	struct command again = giving(COMMAND_ABANDON, FIELD_REASON, "another");
	expect_same(&given_up, &again, T0 + 6 * MINUTE);
	expect_no_change(&given_up, COMMAND_PAUSE, T0 + 6 * MINUTE);
	struct session done = after(&session, COMMAND_COMPLETE, T0 + MINUTE);
	expect_invalid(&done, COMMAND_ABANDON, T0 + 2 * MINUTE);
}

/* "invalidState: start on a completed or abandoned session that is no timer, a reset of what is no timer." */
static void nothing_starts_anew(void **state)
{
	(void)state;
	for (int kind = KIND_FOCUS; kind < KIND_COUNT; kind++) {
		struct session session = added((enum session_kind)kind, T0);
		struct session done = after(&session, COMMAND_COMPLETE, T0 + MINUTE);
		struct session_moment boundary = {.at_ms = T0 + 24 * HOUR, .day_start_ms = T0 + 24 * HOUR};
		struct session next;
		expect_invalid(&done, COMMAND_START, T0 + HOUR);
		expect_invalid(&done, COMMAND_RESET_SESSION, T0 + HOUR);
		expect_invalid(&session, COMMAND_RESET_SESSION, T0 + HOUR);
		assert_false(session_resettable(&done));
		assert_false(session_daily_reset(&done, &boundary, &next));
		if (kind == KIND_WORK) {
			expect_invalid(&session, COMMAND_ABANDON, T0 + HOUR);
			continue;
		}
		struct session given_up = after(&session, COMMAND_ABANDON, T0 + MINUTE);
		expect_invalid(&given_up, COMMAND_START, T0 + HOUR);
		expect_invalid(&given_up, COMMAND_COMPLETE, T0 + HOUR);
	}
}

/* "deleteSession ends what is active (…; focus, training: abandons; …) in one event, hides the session." */
static void deleting_abandons(void **state)
{
	(void)state;
	struct session session = focus_of(25);
	struct session gone = after(&session, COMMAND_DELETE_SESSION, T0 + MINUTE);
	assert_true(gone.deleted);
	assert_int_equal(gone.status, STATUS_ABANDONED);
	assert_int_equal(gone.state, STATE_PAUSED);
	assert_int_equal(gone.ended_at_ms, T0 + MINUTE);
	assert_int_equal(gone.elapsed_ms, MINUTE);
	assert_int_equal(session_due(&gone).at_ms, 0);
	struct session back = after(&gone, COMMAND_RESTORE_SESSION, T0 + HOUR);
	assert_false(back.deleted);
	assert_int_equal(back.status, STATUS_ABANDONED);
	assert_int_equal(back.ended_at_ms, T0 + MINUTE);
	/* What has ended stays as it is. */
	struct session done = after(&session, COMMAND_COMPLETE, T0 + MINUTE);
	struct session hidden = after(&done, COMMAND_DELETE_SESSION, T0 + HOUR);
	assert_int_equal(hidden.status, STATUS_COMPLETED);
	assert_int_equal(hidden.ended_at_ms, T0 + MINUTE);
	assert_int_equal(hidden.clock_ms, done.clock_ms);
	/* Paused, it is ended all the same. */
	struct session paused = after(&session, COMMAND_PAUSE, T0 + MINUTE);
	struct session lost = after(&paused, COMMAND_DELETE_SESSION, T0 + 2 * MINUTE);
	assert_int_equal(lost.status, STATUS_ABANDONED);
	assert_int_equal(lost.elapsed_ms, MINUTE);
	assert_int_equal(session_pause_ms(&lost, 0), MINUTE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pause_keeps_its_reason_and_length),
		cmocka_unit_test(there_are_three_pauses),
		cmocka_unit_test(other_kinds_pause_as_often_as_they_like),
		cmocka_unit_test(a_pause_ends_after_ten_minutes),
		cmocka_unit_test(pauses_of_other_kinds_do_not_end),
		cmocka_unit_test(a_session_can_end_in_a_pause),
		cmocka_unit_test(the_score_is_calculated),
		cmocka_unit_test(the_clients_score_counts),
		cmocka_unit_test(distractions_are_counted),
		cmocka_unit_test(completing_takes_a_review),
		cmocka_unit_test(a_review_comes_later_once),
		cmocka_unit_test(any_of_the_three_is_a_review),
		cmocka_unit_test(what_was_abandoned_takes_no_review),
		cmocka_unit_test(abandoning_keeps_what_was_said),
		cmocka_unit_test(nothing_starts_anew),
		cmocka_unit_test(deleting_abandons),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
