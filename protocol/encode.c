#include "protocol/encode.h"

#include "protocol/member.h"

#include <inttypes.h>
#include <string.h>

/* The objects. */

struct view view_make(const struct user *user, int64_t now_ms)
{
	return (struct view){.user = user, .day = user_day(user, now_ms), .now_ms = now_ms};
}

static void put_clock(struct text *out, const struct session *session, const struct view *view)
{
	bool running = session->state == STATE_RUNNING;
	bool has_length = session->initial_ms != SESSION_NO_LENGTH;
	int64_t target_ms = session_target_ms(session);
	member_seconds_if(out, "initialDuration", has_length, session->initial_ms);
	member_seconds_if(out, "timeLeft", has_length, session_left_ms(session, view->now_ms));
	member_integer_if(out, "targetTimeMs", target_ms != 0, target_ms);
	member_seconds(out, "elapsedSeconds", session_elapsed_ms(session, view->now_ms));
	member_integer_if(out, "runningSinceMs", running, session->running_since_ms);
}

static void put_tracked(struct text *out, const struct session *session, const struct view *view)
{
	int64_t tracked_ms = session_tracked_ms(session, view->day.start_ms, view->now_ms);
	member_day(out, "day", view->day.day);
	member_seconds(out, "trackedSeconds", tracked_ms);
	member_seconds_if(out, "focusSeconds", !session->no_goal, tracked_ms);
	member_integer_if(
		out, "dailyGoalMinutes", session->daily_goal_minutes != 0, session->daily_goal_minutes);
	member_bool(out, "noGoal", session->no_goal);
}

static void put_pauses(struct text *out, const struct session *session)
{
	member_open(out, "pauses");
	text_append(out, "[", 1);
	for (int i = 0; i < session->pauses; i++) {
		const struct session_pause *pause = &session->focus.pauses[i];
		int64_t length_ms = session_pause_ms(session, i);
		text_append_string(out, i ? ",{" : "{");
		member_integer(out, "pausedAtMs", pause->paused_at_ms);
		member_integer_if(out, "resumedAtMs", pause->resumed_at_ms != 0, pause->resumed_at_ms);
		member_text(out, "reason", pause->reason);
		member_seconds_if(out, "durationSeconds", length_ms >= 0, length_ms);
		text_append(out, "}", 1);
	}
	text_append(out, "]", 1);
}

static void put_focus(struct text *out, const struct session *session)
{
	const struct focus *focus = &session->focus;
	member_string(out, "sessionType", session_type_names[focus->type]);
	member_integer(out, "plannedMinutes", session->initial_ms / MINUTE_MS);
	member_minutes_if(out, "actualMinutes", session->ended_at_ms != 0, session->elapsed_ms);
	member_id_or_null(out, "taskId", &focus->task);
	put_pauses(out, session);
	member_integer(out, "distractions", focus->distractions);
	member_integer_if(out, "qualityRating", focus->quality_rating != 0, focus->quality_rating);
	member_integer_if(out, "focusScore", focus->score != SESSION_NO_SCORE, focus->score);
	member_text(out, "taskProgress", focus->task_progress);
	member_text(out, "abandonReason", focus->abandon_reason);
	member_text(out, "progressMade", focus->progress_made);
}

static void put_work(struct text *out, const struct session *session)
{
	const struct work *work = &session->work;
	member_json(out, "plannedTasks", work->planned_tasks, "[]");
	member_json(out, "toolsNeeded", work->tools_needed, "[]");
	member_json(out, "partsToInstall", work->parts_to_install, "[]");
	member_bool(out, "helperPresent", work->helper_present);
	member_string(out, "notes", work->notes ? work->notes : "");
}

static void put_training(struct text *out, const struct session *session)
{
	const struct training *training = &session->training;
	member_id(out, "planId", &training->plan);
	member_day(out, "date", training->date);
	member_json(out, "structure", training->structure, "{}");
}

/* "One of the three, by kind; none for a timer." */
static void put_kind(struct text *out, const struct session *session)
{
	static void (*const putters[KIND_COUNT])(struct text *, const struct session *) = {
		[KIND_FOCUS] = put_focus,
		[KIND_WORK] = put_work,
		[KIND_TRAINING] = put_training,
	};
	if (!putters[session->kind])
		return;
	member_open(out, session_kind_name(session->kind));
	text_append(out, "{", 1);
	putters[session->kind](out, session);
	text_append(out, "}", 1);
}

void encode_session(struct text *out, const struct session *session, const struct view *view)
{
	text_append(out, "{", 1);
	member_id(out, "id", &session->id);
	member_string(out, "kind", session_kind_name(session->kind));
	member_string(out, "userId", view->user->user_id);
	member_integer(out, "version", session->version);
	member_string_or_null(out, "title", session->title);
	member_id_or_null(out, "groupId", &session->group);
	member_string(out, "state", session_state_name(session->state));
	member_string(out, "status", session_status_name(session->status));
	member_bool(out, "isCompleted", session->status == STATUS_COMPLETED);
	member_bool(out, "isDeleted", session->deleted);
	put_clock(out, session, view);
	put_tracked(out, session, view);
	member_integer_if(out, "startedAtMs", session->started_at_ms != 0, session->started_at_ms);
	member_integer_if(out, "endedAtMs", session->ended_at_ms != 0, session->ended_at_ms);
	member_integer(out, "createdAtMs", session->created_at_ms);
	member_integer(out, "updatedAtMs", session->updated_at_ms);
	put_kind(out, session);
	text_append(out, "}", 1);
}

void encode_group(struct text *out, const struct group *group, const struct view *view)
{
	text_append(out, "{", 1);
	member_id(out, "id", &group->id);
	member_string(out, "userId", view->user->user_id);
	member_integer(out, "version", group->version);
	member_string(out, "name", group->name);
	member_string(out, "description", group->description);
	member_bool(out, "isDeleted", group->deleted);
	member_integer(out, "createdAtMs", group->created_at_ms);
	member_integer(out, "updatedAtMs", group->updated_at_ms);
	text_append(out, "}", 1);
}

void encode_task(struct text *out, const struct task *task)
{
	text_append(out, "{", 1);
	member_id(out, "id", &task->id);
	member_id(out, "sessionId", &task->session);
	member_integer(out, "version", task->version);
	member_string(out, "description", task->description);
	member_integer(out, "startMs", task->start_ms);
	member_integer_if(out, "completedAtMs", task->completed, task->completed_at_ms);
	member_string(out, "status", task_status_name(task));
	member_text(out, "qualityResult", task->completed ? quality_names[task->quality] : NULL);
	member_string(out, "challengesEncountered", task->challenges ? task->challenges : "");
	member_bool(out, "reworkNeeded", task->rework);
	member_minutes(out, "timeSpentMinutes", task->time_ms);
	member_bool(out, "isDeleted", task->deleted);
	text_append(out, "}", 1);
}

void encode_problem(struct text *out, const struct problem *problem)
{
	text_append(out, "{", 1);
	member_id(out, "id", &problem->id);
	member_id(out, "groupId", &problem->group);
	member_integer(out, "version", problem->version);
	member_string(out, "description", problem->description);
	member_string(out, "severity", severity_names[problem->severity]);
	member_hundredths_if(
		out, "costImpact", problem->cost_impact != PROBLEM_NO_IMPACT, problem->cost_impact);
	member_hundredths_if(
		out, "timeImpact", problem->time_impact != PROBLEM_NO_IMPACT, problem->time_impact);
	member_string(out, "solutionPlan", problem->solution);
	member_bool(out, "isCommonProblem", problem->common);
	member_integer(out, "discoveryMs", problem->discovery_ms);
	member_bool(out, "resolved", problem->resolved);
	member_integer_if(out, "resolvedAtMs", problem->resolved, problem->resolved_at_ms);
	text_append(out, "}", 1);
}

void encode_plan(struct text *out, const struct plan *plan, bool with_structure, const struct view *view)
{
	text_append(out, "{", 1);
	member_id(out, "id", &plan->id);
	member_string(out, "userId", view->user->user_id);
	member_integer(out, "version", plan->version);
	member_string(out, "name", plan->name);
	member_bool(out, "hasSessions", plan->has_sessions);
	if (with_structure)
		member_json(out, "structure", plan->structure, "{}");
	member_bool(out, "isDeleted", plan->deleted);
	member_integer(out, "createdAtMs", plan->created_at_ms);
	member_integer(out, "updatedAtMs", plan->updated_at_ms);
	text_append(out, "}", 1);
}

static void put_pending(struct text *out, const struct day_rule *rule)
{
	member_open(out, "pending");
	text_append(out, "{", 1);
	member_day_time(out, "sessionsResetTime", rule->reset_minutes);
	member_string(out, "timeZone", rule->zone);
	member_integer(out, "fromMs", rule->from_ms);
	text_append(out, "}", 1);
}

void encode_user(struct text *out, const struct view *view)
{
	const struct user *user = view->user;
	const struct day_rule *rule = user_rule(user, view->now_ms);
	const struct day_rule *pending = user_pending(user, view->now_ms);
	text_append(out, "{", 1);
	member_string(out, "id", user->user_id);
	member_integer(out, "version", user->version);
	member_string_or_null(out, "name", user->name);
	member_string_or_null(out, "email", user->email);
	member_integer(out, "createdAtMs", user->created_at_ms);
	member_string(out, "timeZone", rule->zone);
	member_day_time(out, "sessionsResetTime", rule->reset_minutes);
	member_day(out, "day", view->day.day);
	member_integer(out, "dayStartMs", view->day.start_ms);
	member_integer(out, "dayEndMs", view->day.end_ms);
	if (pending)
		put_pending(out, pending);
	else
		member_null(out, "pending");
	text_append(out, "}", 1);
}

/* Events. */

void encode_origin(struct text *out, const struct origin *origin, const char *key)
{
	text_append(out, "{", 1);
	member_given(out, "connectionId", origin->connection_id);
	member_given(out, "client", origin->client);
	member_given(out, "key", key);
	member_string(out, "via", origin->via);
	text_append(out, "}", 1);
}

void encode_event_head(struct text *out, const struct event_head *head)
{
	text_append_string(out, "{\"type\":\"event\"");
	member_integer(out, "seq", head->seq);
	member_tag_if(out, "tag", true, head->tag);
	member_string(out, "event", head->event);
	if (head->of) {
		member_integer(out, "n", head->n);
		member_integer(out, "of", head->of);
	}
	member_integer(out, "atMs", head->at_ms);
	member_integer(out, "nowMs", head->now_ms);
	member_open(out, "origin");
	encode_origin(out, head->origin, head->key);
	member_given(out, "domainEvent", head->domain_event);
}

/* Refusals. */

static void put_details(struct text *out, const struct refusal *why)
{
	bool active = !uuid_is_nil(&why->active);
	if (!why->version && !active && !why->retry_after_ms)
		return;
	member_open(out, "details");
	text_append(out, "{", 1);
	if (why->version)
		member_integer(out, "version", why->version);
	if (active)
		member_id(out, "session", &why->active);
	if (why->retry_after_ms)
		member_integer(out, "retryAfterMs", why->retry_after_ms);
	text_append(out, "}", 1);
}

void encode_error(struct text *out, const struct refusal *why)
{
	const struct error_row *row = error_row(why->code);
	text_append(out, "{", 1);
	member_string(out, "code", row->code);
	member_string(out, "message", why->message);
	member_given(out, "field", why->field);
	member_bool(out, "retryable", row->retryable);
	put_details(out, why);
	text_append(out, "}", 1);
}

void encode_refusal(struct text *out, const char *id, const struct refusal *why, int64_t now_ms)
{
	text_append_string(out, "{\"type\":\"result\",\"id\":");
	text_append_string(out, id);
	text_append_string(out, ",\"ok\":false,\"error\":");
	encode_error(out, why);
	member_integer(out, "nowMs", now_ms);
	text_append(out, "}", 1);
}

void encode_rest_error(struct text *out, const struct refusal *why, const char *type)
{
	const struct error_row *row = error_row(why->code);
	text_append_string(out, "{\"error\":{");
	member_string(out, "type", type);
	member_string(out, "code", row->code);
	member_string(out, "message", why->message);
	member_given(out, "field", why->field);
	put_details(out, why);
	text_append(out, "}}", 2);
}
