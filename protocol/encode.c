#include "protocol/encode.h"

#include <inttypes.h>
#include <string.h>

/* Members of an object whose brace is open. */

static void open_member(struct text *out, const char *name)
{
	if (out->data[out->len - 1] != '{')
		text_append(out, ",", 1);
	text_append(out, "\"", 1);
	text_append_string(out, name);
	text_append(out, "\":", 2);
}

static void put_null(struct text *out, const char *name)
{
	open_member(out, name);
	text_append(out, "null", 4);
}

static void put_integer(struct text *out, const char *name, int64_t number)
{
	open_member(out, name);
	text_append_integer(out, number);
}

static void put_bool(struct text *out, const char *name, bool flag)
{
	open_member(out, name);
	text_append_string(out, flag ? "true" : "false");
}

static void put_string(struct text *out, const char *name, const char *string)
{
	open_member(out, name);
	text_append_json(out, string);
}

static void put_id(struct text *out, const char *name, const struct uuid *id)
{
	char string[UUID_TEXT];
	uuid_format(id, string);
	put_string(out, name, string);
}

/* Seconds, with as many decimals as the milliseconds need. */
static void put_seconds(struct text *out, const char *name, int64_t ms)
{
	put_integer(out, name, ms / 1000);
	int rest = (int)(ms % 1000);
	if (!rest)
		return;
	int digits = 3;
	for (; rest % 10 == 0; digits--)
		rest /= 10;
	text_append_format(out, ".%0*d", digits, rest);
}

/* The same, or null where there is nothing to say. */

static void put_integer_if(struct text *out, const char *name, bool is, int64_t number)
{
	if (is)
		put_integer(out, name, number);
	else
		put_null(out, name);
}

static void put_seconds_if(struct text *out, const char *name, bool is, int64_t ms)
{
	if (is)
		put_seconds(out, name, ms);
	else
		put_null(out, name);
}

static void put_string_or_null(struct text *out, const char *name, const char *string)
{
	if (string[0])
		put_string(out, name, string);
	else
		put_null(out, name);
}

static void put_id_or_null(struct text *out, const char *name, const struct uuid *id)
{
	if (uuid_is_nil(id))
		put_null(out, name);
	else
		put_id(out, name, id);
}

static void put_day(struct text *out, const char *name, int32_t day)
{
	char string[DAY_TEXT];
	day_format(day, string);
	put_string(out, name, string);
}

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
	put_seconds_if(out, "initialDuration", has_length, session->initial_ms);
	put_seconds_if(out, "timeLeft", has_length, session_left_ms(session, view->now_ms));
	put_integer_if(out, "targetTimeMs", target_ms != 0, target_ms);
	put_seconds(out, "elapsedSeconds", session_elapsed_ms(session, view->now_ms));
	put_integer_if(out, "runningSinceMs", running, session->running_since_ms);
}

static void put_tracked(struct text *out, const struct session *session, const struct view *view)
{
	int64_t tracked_ms = session_tracked_ms(session, view->day.start_ms, view->now_ms);
	put_day(out, "day", view->day.day);
	put_seconds(out, "trackedSeconds", tracked_ms);
	put_seconds_if(out, "focusSeconds", !session->no_goal, tracked_ms);
	put_integer_if(
		out, "dailyGoalMinutes", session->daily_goal_minutes != 0, session->daily_goal_minutes);
	put_bool(out, "noGoal", session->no_goal);
}

void encode_session(struct text *out, const struct session *session, const struct view *view)
{
	text_append(out, "{", 1);
	put_id(out, "id", &session->id);
	put_string(out, "kind", session_kind_name(session->kind));
	put_string(out, "userId", view->user->user_id);
	put_integer(out, "version", session->version);
	put_string(out, "title", session->title);
	put_id_or_null(out, "groupId", &session->group);
	put_string(out, "state", session_state_name(session->state));
	put_string(out, "status", session_status_name(session->status));
	put_bool(out, "isCompleted", session->status == STATUS_COMPLETED);
	put_bool(out, "isDeleted", session->deleted);
	put_clock(out, session, view);
	put_tracked(out, session, view);
	put_integer_if(out, "startedAtMs", session->started_at_ms != 0, session->started_at_ms);
	put_integer_if(out, "endedAtMs", session->ended_at_ms != 0, session->ended_at_ms);
	put_integer(out, "createdAtMs", session->created_at_ms);
	put_integer(out, "updatedAtMs", session->updated_at_ms);
	text_append(out, "}", 1);
}

void encode_group(struct text *out, const struct group *group, const struct view *view)
{
	text_append(out, "{", 1);
	put_id(out, "id", &group->id);
	put_string(out, "userId", view->user->user_id);
	put_integer(out, "version", group->version);
	put_string(out, "name", group->name);
	put_string(out, "description", group->description);
	put_bool(out, "isDeleted", group->deleted);
	put_integer(out, "createdAtMs", group->created_at_ms);
	put_integer(out, "updatedAtMs", group->updated_at_ms);
	text_append(out, "}", 1);
}

static void put_day_time(struct text *out, const char *name, int minutes)
{
	open_member(out, name);
	text_append_format(out, "\"%02d:%02d\"", minutes / 60, minutes % 60);
}

static void put_pending(struct text *out, const struct day_rule *rule)
{
	open_member(out, "pending");
	text_append(out, "{", 1);
	put_day_time(out, "sessionsResetTime", rule->reset_minutes);
	put_string(out, "timeZone", rule->zone);
	put_integer(out, "fromMs", rule->from_ms);
	text_append(out, "}", 1);
}

void encode_user(struct text *out, const struct view *view)
{
	const struct user *user = view->user;
	const struct day_rule *rule = user_rule(user, view->now_ms);
	const struct day_rule *pending = user_pending(user, view->now_ms);
	text_append(out, "{", 1);
	put_string(out, "id", user->user_id);
	put_integer(out, "version", user->version);
	put_string_or_null(out, "name", user->name);
	put_string_or_null(out, "email", user->email);
	put_integer(out, "createdAtMs", user->created_at_ms);
	put_string(out, "timeZone", rule->zone);
	put_day_time(out, "sessionsResetTime", rule->reset_minutes);
	put_day(out, "day", view->day.day);
	put_integer(out, "dayStartMs", view->day.start_ms);
	put_integer(out, "dayEndMs", view->day.end_ms);
	if (pending)
		put_pending(out, pending);
	else
		put_null(out, "pending");
	text_append(out, "}", 1);
}

/* Events. */

static void put_given(struct text *out, const char *name, const char *string)
{
	if (string && string[0])
		put_string(out, name, string);
}

static void put_origin(struct text *out, const struct origin *origin, const char *key)
{
	open_member(out, "origin");
	text_append(out, "{", 1);
	put_given(out, "connectionId", origin->connection_id);
	put_given(out, "client", origin->client);
	put_given(out, "key", key);
	put_string(out, "via", origin->via);
	text_append(out, "}", 1);
}

void encode_event_head(struct text *out, const struct event_head *head)
{
	text_append_string(out, "{\"type\":\"event\"");
	put_integer(out, "seq", head->seq);
	text_append_format(out, ",\"tag\":\"%08" PRIx32 "\"", head->tag);
	put_string(out, "event", head->event);
	if (head->of) {
		put_integer(out, "n", head->n);
		put_integer(out, "of", head->of);
	}
	put_integer(out, "atMs", head->at_ms);
	put_integer(out, "nowMs", head->now_ms);
	put_origin(out, head->origin, head->key);
	put_given(out, "domainEvent", head->domain_event);
}

/* Refusals. */

static void put_details(struct text *out, const struct refusal *why)
{
	bool active = !uuid_is_nil(&why->active);
	if (!why->version && !active && !why->retry_after_ms)
		return;
	open_member(out, "details");
	text_append(out, "{", 1);
	if (why->version)
		put_integer(out, "version", why->version);
	if (active)
		put_id(out, "session", &why->active);
	if (why->retry_after_ms)
		put_integer(out, "retryAfterMs", why->retry_after_ms);
	text_append(out, "}", 1);
}

void encode_error(struct text *out, const struct refusal *why)
{
	const struct error_row *row = error_row(why->code);
	text_append(out, "{", 1);
	put_string(out, "code", row->code);
	put_string(out, "message", why->message);
	put_given(out, "field", why->field);
	put_bool(out, "retryable", row->retryable);
	put_details(out, why);
	text_append(out, "}", 1);
}

void encode_refusal(struct text *out, const char *id, const struct refusal *why, int64_t now_ms)
{
	text_append_string(out, "{\"type\":\"result\",\"id\":");
	text_append_string(out, id);
	text_append_string(out, ",\"ok\":false,\"error\":");
	encode_error(out, why);
	put_integer(out, "nowMs", now_ms);
	text_append(out, "}", 1);
}

void encode_rest_error(struct text *out, const struct refusal *why)
{
	const struct error_row *row = error_row(why->code);
	text_append_string(out, "{\"error\":{");
	put_string(out, "type", row->type);
	put_string(out, "code", row->code);
	put_string(out, "message", why->message);
	put_given(out, "field", why->field);
	put_details(out, why);
	text_append(out, "}}", 2);
}
