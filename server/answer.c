#include "server/answer.h"

#include "server/devices.h"
#include "server/forget.h"
#include "server/metrics.h"
#include "server/road.h"
#include "server/settle.h"
#include "server/shape.h"
#include "server/sync.h"
#include "server/views.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reply *answer(struct pass *pass, const struct request *request, int64_t seq, struct text *body)
{
	struct reply *reply = pass_reply(pass, REPLY_ANSWER, request->client, request->uid, body);
	pass_answers(reply, request);
	reply->seq = seq;
	return reply;
}

/* In rest.md's shape; `as` says which status it goes with. */
static void answer_rest_error(struct pass *pass, const struct request *request, int64_t seq,
	const struct refusal *why, const struct error_row *as)
{
	TEXT_AUTO body = {0};
	encode_rest_error(&body, why, as->type);
	answer(pass, request, seq, &body)->status = as->status;
}

void answer_refusal(struct pass *pass, const struct request *request, int64_t seq, const struct refusal *why)
{
	TEXT_AUTO body = {0};
	if (request->shape == ANSWER_OBJECT) {
		answer_rest_error(pass, request, seq, why, error_row(why->code));
		return;
	}
	if (request->shape == ANSWER_V1) {
		text_append_string(&body, "{\"ok\":false,\"error\":");
		encode_error(&body, why);
		text_append_string(&body, "}");
	} else {
		encode_refusal(&body, request->id, why, pass->now_ms);
	}
	answer(pass, request, seq, &body)->status = error_row(why->code)->status;
}

static int status_of(const struct request *request, const struct outcome *outcome)
{
	if (outcome->why.code)
		return error_row(outcome->why.code)->status;
	return request->created ? 201 : 200;
}

static enum err answer_snapshot(struct turn *turn, const struct request *request, const char *id)
{
	TEXT_AUTO body = {0};
	enum err err =
		sync_encode_snapshot(turn, request->shape == ANSWER_SOCKET ? id : NULL, SYNC_ASKED, &body);
	if (err)
		return err;
	metrics_note_command(turn->pass->notes, &request->commands[0], (enum metrics_outcome)OK);
	answer(turn->pass, request, turn->user.seq, &body);
	return OK;
}

/* A field as the endpoint calls it: by the body's own names; what its path names is `id`. */
static void name_as_endpoint(struct refusal *why, const struct request *request)
{
	for (const struct body_field *field = request->names; field && field->name; field++) {
		if (strcmp(why->field, field_rows[field->field].name) == 0) {
			refusal_rename(why, field->name);
			return;
		}
	}
	if (request->path_field != FIELD_COUNT &&
		strcmp(why->field, field_rows[request->path_field].name) == 0)
		refusal_rename(why, "id");
}

/* 004 has words of its own for what is wrong with a training session, and calls a completed one a bad
 * request. */
static const struct error_row *speak_as_training(struct refusal *why, const struct outcome *outcome)
{
	bool training = outcome->kind == KIND_TRAINING;
	if (training && why->code == ERR_BAD_REQUEST && strcmp(why->field, "plan_id") != 0)
		snprintf(why->message, sizeof(why->message), "%s", shape_invalid_training);
	return error_row(training && why->code == ERR_INVALID_STATE ? ERR_BAD_REQUEST : why->code);
}

static void answer_object_refusal(
	struct turn *turn, const struct request *request, const struct outcome *outcome)
{
	struct refusal why = outcome->why;
	name_as_endpoint(&why, request);
	answer_rest_error(turn->pass, request, turn->user.seq, &why, speak_as_training(&why, outcome));
}

/* rest.md: the entity itself; of resetAll, what it did. */
static enum err answer_object(struct turn *turn, const struct request *request, const struct outcome *outcome)
{
	TEXT_AUTO body = {0};
	enum err err = OK;
	if (outcome->why.code) {
		answer_object_refusal(turn, request, outcome);
		return OK;
	}
	if (outcome->type == COMMAND_RESET_ALL)
		text_append_format(&body, "{%s}", outcome->result.data);
	else
		err = road_encode_entity(turn, &body, request->shape_of_object, outcome);
	if (!err)
		answer(turn->pass, request, turn->user.seq, &body)->status = status_of(request, outcome);
	return err;
}

static void answer_result(
	struct turn *turn, const struct request *request, const struct outcome *outcome, const char *id)
{
	TEXT_AUTO body = {0};
	road_encode_result(&body, id, outcome, turn->pass->now_ms);
	answer(turn->pass, request, turn->user.seq, &body)->status = status_of(request, outcome);
}

static void answer_batch(struct turn *turn, const struct request *request, const struct outcome *outcomes)
{
	TEXT_AUTO body = {0};
	text_append_string(&body, "{\"results\":[");
	for (size_t i = 0; i < request->count; i++) {
		text_append_string(&body, i ? "," : "");
		road_encode_result(&body, request->commands[i].command.id, &outcomes[i], turn->pass->now_ms);
	}
	text_append_string(&body, "]}");
	answer(turn->pass, request, turn->user.seq, &body);
}

static enum err answer_outcomes(
	struct turn *turn, const struct request *request, const struct outcome *outcomes)
{
	if (request->shape == ANSWER_OBJECT)
		return answer_object(turn, request, &outcomes[0]);
	if (request->shape == ANSWER_V1 && request->batch) {
		answer_batch(turn, request, outcomes);
		return OK;
	}
	for (size_t i = 0; i < request->count; i++)
		answer_result(turn, request, &outcomes[i], request->commands[i].command.id);
	return OK;
}

static void note_outcome(
	const struct turn *turn, const struct decoded *decoded, const struct outcome *outcome)
{
	enum metrics_outcome how = (enum metrics_outcome)outcome->why.code;
	bool reads = command_rows[outcome->type].flags & COMMAND_READ;
	if (outcome->duplicate)
		how = METRICS_DUPLICATE;
	else if (outcome->unchanged && !reads)
		how = METRICS_UNCHANGED;
	metrics_note_command(turn->pass->notes, decoded, how);
}

static enum err take_commands(struct turn *turn, const struct request *request)
{
	struct errand errand = {&request->origin, request->echo, request->shape_of_object, request->kinds,
		request->read_only};
	const struct decoded *first = &request->commands[0];
	int budget = SETTLE_ALL;
	enum err err = settle_until(turn, turn->now_ms, &budget);
	if (err)
		return err;
	if (!first->why.code && first->command.type == COMMAND_GET_SNAPSHOT)
		return answer_snapshot(turn, request, first->command.id);
	struct outcome *outcomes = calloc(request->count, sizeof(*outcomes));
	if (!outcomes)
		abort();
	for (size_t i = 0; i < request->count && !err; i++)
		err = road_take(turn, &errand, i, &request->commands[i], &outcomes[i]);
	if (!err)
		err = settle_until(turn, turn->now_ms, &budget);
	if (!err)
		err = answer_outcomes(turn, request, outcomes);
	for (size_t i = 0; i < request->count; i++) {
		if (!err)
			note_outcome(turn, &request->commands[i], &outcomes[i]);
		outcome_finish(&outcomes[i]);
	}
	free(outcomes);
	return err;
}

static enum err take_view(struct turn *turn, const struct request *request)
{
	TEXT_AUTO body = {0};
	struct refusal why = {0};
	bool waits = false;
	int budget = SETTLE_ALL;
	enum err err = settle_until(turn, turn->now_ms, &budget);
	if (!err)
		err = view_encode(turn, &request->view, &body, &waits, &why);
	if (err)
		return err;
	if (why.code) {
		answer_refusal(turn->pass, request, turn->user.seq, &why);
		return OK;
	}
	struct reply *reply = answer(turn->pass, request, turn->user.seq, &body);
	reply->waits = waits;
	reply->uid = turn->user.uid;
	memcpy(reply->user_id, turn->user.user_id, sizeof(reply->user_id));
	return OK;
}

static enum err take_sync(struct turn *turn, const struct request *request)
{
	int budget = SETTLE_ALL;
	enum err err = settle_until(turn, turn->now_ms, &budget);
	return err ? err : sync_answer(turn, request);
}

enum err answer_request(struct pass *pass, const struct request *request)
{
	static enum err (*const takers[])(struct turn *, const struct request *) = {
		[REQUEST_SYNC] = take_sync,
		[REQUEST_COMMANDS] = take_commands,
		[REQUEST_VIEW] = take_view,
		[REQUEST_DEVICE_ADD] = device_add,
		[REQUEST_DEVICE_REMOVE] = device_remove,
	};
	struct turn turn;
	struct refusal why;
	if (request->kind == REQUEST_IDENTIFY)
		return device_identify(pass, request);
	if (request->kind == REQUEST_FORGET)
		return forget_take(pass->forget, pass, request);
	enum err err = turn_begin(&turn, pass, request->uid);
	if (err == ERR_NOT_FOUND) {
		refuse(&why, ERR_TOKEN_INVALID, NULL, "the token's user is there no more");
		answer_refusal(pass, request, 0, &why);
		return OK;
	}
	if (!err)
		err = takers[request->kind](&turn, request);
	return err ? err : turn_finish(&turn);
}

void answer_failure(struct pass *pass, const struct request *request, enum err err)
{
	struct refusal why;
	bool unavailable = err == ERR_UNAVAILABLE;
	if (request->kind == REQUEST_IDENTIFY) {
		struct reply *reply = pass_reply(pass, REPLY_IDENTITY, request->client, 0, NULL);
		pass_answers(reply, request);
		reply->refused = err;
		return;
	}
	refuse(&why, unavailable ? ERR_UNAVAILABLE : ERR_INTERNAL, NULL, "%s",
		unavailable ? "the server cannot write now; nothing was applied"
			    : "Failed to process request");
	if (request->kind != REQUEST_COMMANDS || request->shape != ANSWER_SOCKET) {
		answer_refusal(pass, request, 0, &why);
		return;
	}
	for (size_t i = 0; i < request->count; i++) {
		const struct refusal *own = &request->commands[i].why;
		TEXT_AUTO body = {0};
		encode_refusal(&body, request->commands[i].command.id, own->code ? own : &why, pass->now_ms);
		answer(pass, request, 0, &body);
	}
}
