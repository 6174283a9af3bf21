#include "server/shape.h"

#include "protocol/member.h"

const char *const shape_quest_statuses[STATUS_COUNT + 1] = {
	[STATUS_ACTIVE] = "active",
	[STATUS_COMPLETED] = "completed",
	[STATUS_ABANDONED] = "cancelled",
};
const char *const shape_work_statuses[STATUS_COUNT + 1] = {
	[STATUS_ACTIVE] = "InProgress",
	[STATUS_COMPLETED] = "Completed",
};
const char shape_invalid_training[] = "Invalid session data";

static int64_t rounded(int64_t ms, int64_t unit_ms)
{
	return (ms + unit_ms / 2) / unit_ms;
}

/* 001's focus session. */

static void put_pauses(struct text *out, const struct session *session)
{
	member_open(out, "pauses");
	text_append_string(out, "[");
	for (int i = 0; i < session->pauses; i++) {
		const struct session_pause *pause = &session->focus.pauses[i];
		int64_t length_ms = session_pause_ms(session, i);
		text_append_string(out, i ? ",{" : "{");
		member_instant(out, "pauseTime", pause->paused_at_ms);
		member_instant_if(out, "resumeTime", pause->resumed_at_ms != 0, pause->resumed_at_ms);
		member_text(out, "pauseReason", pause->reason);
		member_integer_if(out, "duration", length_ms >= 0, rounded(length_ms, 1000));
		text_append_string(out, "}");
	}
	text_append_string(out, "]");
}

static void put_focus(struct text *out, const struct session *session, bool in_list, const struct view *view)
{
	const struct focus *focus = &session->focus;
	bool ended = session->ended_at_ms != 0;
	(void)in_list;
	member_id(out, "sessionId", &session->id);
	member_string(out, "userId", view->user->user_id);
	member_string(out, "kind", session_kind_name(session->kind));
	member_string(out, "sessionType", session_type_names[focus->type]);
	member_integer(out, "plannedDuration", session->initial_ms / MINUTE_MS);
	member_integer_if(out, "actualDuration", ended, rounded(session->elapsed_ms, MINUTE_MS));
	member_instant(out, "startTime", session->started_at_ms);
	member_instant_if(out, "endTime", ended, session->ended_at_ms);
	member_string(out, "status", session_status_name(session->status));
	member_string(out, "state", session_state_name(session->state));
	member_id_or_null(out, "taskId", &focus->task);
	member_id_or_null(out, "projectId", &session->group);
	member_integer_if(out, "qualityRating", focus->quality_rating != 0, focus->quality_rating);
	member_integer_if(out, "focusScore", focus->score != SESSION_NO_SCORE, focus->score);
	member_text(out, "taskProgress", focus->task_progress);
	member_text(out, "abandonReason", focus->abandon_reason);
	member_text(out, "progressMade", focus->progress_made);
	put_pauses(out, session);
}

/* 000's work session. */
static void put_work(struct text *out, const struct session *session, bool in_list, const struct view *view)
{
	const struct work *work = &session->work;
	(void)in_list, (void)view;
	member_id(out, "id", &session->id);
	member_string(out, "kind", session_kind_name(session->kind));
	member_id_or_null(out, "projectId", &session->group);
	member_instant(out, "startTime", session->started_at_ms);
	member_instant_if(out, "endTime", session->ended_at_ms != 0, session->ended_at_ms);
	member_json(out, "plannedTasks", work->planned_tasks, "[]");
	member_json(out, "toolsNeeded", work->tools_needed, "[]");
	member_json(out, "partsToInstall", work->parts_to_install, "[]");
	member_bool(out, "helperPresent", work->helper_present);
	member_string(out, "notes", work->notes ? work->notes : "");
	member_text(out, "status", shape_work_statuses[session->status]);
}

/* 004's training session; its list leaves out "the heavy column". */
static void put_training(
	struct text *out, const struct session *session, bool in_list, const struct view *view)
{
	const struct training *training = &session->training;
	member_id(out, "id", &session->id);
	member_string(out, "user_id", view->user->user_id);
	member_string(out, "kind", session_kind_name(session->kind));
	member_id(out, "plan_id", &training->plan);
	member_day(out, "date", training->date);
	member_instant(out, "started_at", session->started_at_ms);
	member_instant_if(out, "ended_at", session->ended_at_ms != 0, session->ended_at_ms);
	member_bool(out, "completed", session->status == STATUS_COMPLETED);
	if (!in_list)
		member_json(out, "session", training->structure, "{}");
}

/* 003's focus session. */
static void put_quest(struct text *out, const struct session *session)
{
	member_id(out, "id", &session->id);
	member_id_or_null(out, "quest_id", &session->group);
	member_string_or_null(out, "description", session->title);
	member_integer(out, "duration_minutes", session->initial_ms / MINUTE_MS);
	member_string(out, "status", shape_quest_statuses[session->status]);
	member_instant(out, "started_at", session->started_at_ms);
	member_instant_if(out, "completed_at", session->ended_at_ms != 0, session->ended_at_ms);
}

typedef void put_fn(struct text *out, const struct session *session, bool in_list, const struct view *view);

void shape_session(struct text *out, enum shape shape, const struct session *session, bool in_list,
	const struct view *view)
{
	static put_fn *const documents[KIND_COUNT] = {
		[KIND_FOCUS] = put_focus,
		[KIND_WORK] = put_work,
		[KIND_TRAINING] = put_training,
	};
	bool written = shape == SHAPE_QUEST || (shape == SHAPE_SESSION && documents[session->kind]);
	if (!written) {
		encode_session(out, session, view);
		return;
	}
	text_append_string(out, "{");
	if (shape == SHAPE_QUEST)
		put_quest(out, session);
	else
		documents[session->kind](out, session, in_list, view);
	text_append_string(out, "}");
}

/* 000's. */

void shape_task(struct text *out, enum shape shape, const struct task *task)
{
	if (shape != SHAPE_WORK) {
		encode_task(out, task);
		return;
	}
	text_append_string(out, "{");
	member_id(out, "id", &task->id);
	member_id(out, "sessionId", &task->session);
	member_string(out, "description", task->description);
	member_instant_if(out, "completionTime", task->completed, task->completed_at_ms);
	member_text(out, "qualityResult", task->completed ? quality_names[task->quality] : NULL);
	member_string(out, "challengesEncountered", task->challenges ? task->challenges : "");
	member_bool(out, "reworkNeeded", task->rework);
	member_minutes(out, "timeSpent", task->time_ms);
	member_string(out, "status", task_status_name(task));
	text_append_string(out, "}");
}

void shape_problem(struct text *out, enum shape shape, const struct problem *problem)
{
	if (shape != SHAPE_WORK) {
		encode_problem(out, problem);
		return;
	}
	text_append_string(out, "{");
	member_id(out, "id", &problem->id);
	member_id(out, "projectId", &problem->group);
	member_instant(out, "discoveryDate", problem->discovery_ms);
	member_string(out, "description", problem->description);
	member_string(out, "severity", severity_names[problem->severity]);
	member_hundredths_if(
		out, "costImpact", problem->cost_impact != PROBLEM_NO_IMPACT, problem->cost_impact);
	member_hundredths_if(
		out, "timeImpact", problem->time_impact != PROBLEM_NO_IMPACT, problem->time_impact);
	member_string(out, "solutionPlan", problem->solution);
	member_bool(out, "isCommonProblem", problem->common);
	member_bool(out, "resolved", problem->resolved);
	text_append_string(out, "}");
}

/* 004's. */

void shape_plan(struct text *out, enum shape shape, const struct plan *plan, const struct view *view)
{
	if (shape != SHAPE_PLAN) {
		encode_plan(out, plan, true, view);
		return;
	}
	text_append_string(out, "{");
	member_id(out, "id", &plan->id);
	member_string(out, "user_id", view->user->user_id);
	member_string(out, "name", plan->name);
	member_json(out, "structure", plan->structure, "{}");
	member_bool(out, "has_sessions", plan->has_sessions);
	text_append_string(out, "}");
}

void shape_audit(struct text *out, const struct audit_row *row, const struct view *view)
{
	text_append_string(out, "{");
	member_integer(out, "seq", row->seq);
	member_instant(out, "at", row->at_ms);
	member_string(out, "action", row->action);
	member_string(out, "entity", entity_name(row->entity));
	if (uuid_is_nil(&row->id))
		member_string(out, "entityId", view->user->user_id);
	else
		member_id(out, "entityId", &row->id);
	member_json(out, "origin", row->origin, "{}");
	text_append_string(out, "}");
}
