#include "protocol/session_fields.h"

#include <string.h>

/* domain.md section 2: what a distraction costs, and what reaching the planned length is worth. */
#define SCORE_BASE         80
#define SCORE_DISTRACTION  5
#define SCORE_BONUS        20
#define SCORE_BONUS_PAUSED 10

/* "Setting a goal makes noGoal false unless that is sent too." */
static void take_timer(struct session *session, const struct command *command)
{
	session->initial_ms =
		command_number(command, FIELD_INITIAL_DURATION, session->initial_ms, SESSION_NO_LENGTH);
	session->daily_goal_minutes =
		(int32_t)command_number(command, FIELD_DAILY_GOAL_MINUTES, session->daily_goal_minutes, 0);
	if (command_has(command, FIELD_DAILY_GOAL_MINUTES))
		session->no_goal = !session->daily_goal_minutes;
	session->no_goal = command_flag(command, FIELD_NO_GOAL, session->no_goal);
}

static void take_work(struct work *work, const struct command *command)
{
	work->planned_tasks = command_text(command, FIELD_PLANNED_TASKS, work->planned_tasks);
	work->tools_needed = command_text(command, FIELD_TOOLS_NEEDED, work->tools_needed);
	work->parts_to_install = command_text(command, FIELD_PARTS_TO_INSTALL, work->parts_to_install);
	work->helper_present = command_flag(command, FIELD_HELPER_PRESENT, work->helper_present);
	work->notes = command_text(command, FIELD_NOTES, work->notes);
}

void session_take_fields(struct session *session, const struct command *command)
{
	switch (session->kind) {
	case KIND_TIMER:
		take_timer(session, command);
		break;
	case KIND_WORK:
		take_work(&session->work, command);
		break;
	case KIND_TRAINING:
		session->training.structure =
			command_text(command, FIELD_STRUCTURE, session->training.structure);
		break;
	case KIND_FOCUS: /* what it is, it is from the start */
	case KIND_COUNT:
		break;
	}
}

static uint64_t bit_unless(bool same, enum field field)
{
	return same ? 0 : FIELD_BIT(field);
}

static uint64_t text_changed(const char *a, const char *b, enum field field)
{
	return bit_unless(command_same_text(a, b), field);
}

static uint64_t timer_changed(const struct session *a, const struct session *b)
{
	return bit_unless(a->initial_ms == b->initial_ms, FIELD_INITIAL_DURATION) |
	       bit_unless(a->daily_goal_minutes == b->daily_goal_minutes, FIELD_DAILY_GOAL_MINUTES) |
	       bit_unless(a->no_goal == b->no_goal, FIELD_NO_GOAL);
}

static uint64_t work_changed(const struct work *a, const struct work *b)
{
	return text_changed(a->planned_tasks, b->planned_tasks, FIELD_PLANNED_TASKS) |
	       text_changed(a->tools_needed, b->tools_needed, FIELD_TOOLS_NEEDED) |
	       text_changed(a->parts_to_install, b->parts_to_install, FIELD_PARTS_TO_INSTALL) |
	       bit_unless(a->helper_present == b->helper_present, FIELD_HELPER_PRESENT) |
	       text_changed(a->notes, b->notes, FIELD_NOTES);
}

uint64_t session_fields_changed(const struct session *a, const struct session *b)
{
	switch (a->kind) {
	case KIND_TIMER:
		return timer_changed(a, b);
	case KIND_WORK:
		return work_changed(&a->work, &b->work);
	case KIND_TRAINING:
		return text_changed(a->training.structure, b->training.structure, FIELD_STRUCTURE);
	case KIND_FOCUS:
	case KIND_COUNT:
		break;
	}
	return 0;
}

bool session_take_review(struct session *session, const struct command *command)
{
	struct focus *focus = &session->focus;
	bool given = command_value(command, FIELD_QUALITY_RATING) ||
		     command_value(command, FIELD_TASK_PROGRESS) || command_value(command, FIELD_FOCUS_SCORE);
	if (session->kind != KIND_FOCUS || !given)
		return false;
	focus->quality_rating = (int32_t)command_number(command, FIELD_QUALITY_RATING, 0, 0);
	focus->task_progress = command_text(command, FIELD_TASK_PROGRESS, NULL);
	focus->score = (int32_t)command_number(command, FIELD_FOCUS_SCORE, focus->score, focus->score);
	focus->reviewed = true;
	return true;
}

/* `clamp(base - 5·distractions + bonus, 0, 100)` rounded, with base = 80 · min(1, actual ÷ planned). */
static int32_t focus_score(const struct session *session)
{
	bool reached = session->elapsed_ms >= session->initial_ms;
	int64_t actual_ms = reached ? session->initial_ms : session->elapsed_ms;
	int64_t bonus = !reached ? 0 : session->pauses ? SCORE_BONUS_PAUSED : SCORE_BONUS;
	int64_t whole = bonus - (int64_t)SCORE_DISTRACTION * session->focus.distractions;
	/* In halves of what 1 ÷ planned weighs, so that it is rounded once. */
	int64_t doubled = 2 * (SCORE_BASE * actual_ms + whole * session->initial_ms) + session->initial_ms;
	int64_t score = doubled < 0 ? 0 : doubled / (2 * session->initial_ms);
	return (int32_t)(score > LIMIT_FOCUS_SCORE ? LIMIT_FOCUS_SCORE : score);
}

void session_score(struct session *session)
{
	if (session->kind == KIND_FOCUS && session->focus.score == SESSION_NO_SCORE)
		session->focus.score = focus_score(session);
}
