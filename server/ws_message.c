#include "server/ws_socket.h"

#include "server/clock.h"
#include "server/gate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Commands that may wait for a socket to become live; more than that in the few milliseconds of a sync are
 * told to come later. */
#define MAX_HELD      64
#define HELD_RETRY_MS 1000
/* Answers `rateLimited` in a row (protocol.md section 1). */
#define MAX_REFUSED 1000

void ws_message_invalid(struct ws_socket *socket, const char *id, const struct refusal *why)
{
	if (!socket->invalid)
		socket->invalid = calloc(1, sizeof(*socket->invalid));
	if (!socket->invalid)
		abort();
	metrics_message_refused(socket->service->metrics, why->code);
	ws_send_refusal(socket, id, why);
	if (limiter_flood_add(socket->invalid, clock_monotonic_ms()))
		ws_close(socket, WS_CLOSE_FLOOD, "invalidMessages");
}

/* 0, or how long this socket must wait: until then each command is refused, so that none overtakes another.
 */
static int64_t take_turn(struct ws_socket *socket, enum request_kind kind, int64_t now_ms)
{
	int64_t wait_ms = socket->refuse_until_ms - now_ms;
	if (wait_ms <= 0) {
		wait_ms = gate_take(socket->service, socket->uid, kind, now_ms);
		socket->refuse_until_ms = wait_ms ? now_ms + wait_ms : 0;
	}
	return wait_ms;
}

/* Each command of a batch has a result of its own. */
static void answer_rate_limited(struct ws_socket *socket, const struct request *request, int64_t wait_ms)
{
	struct refusal why = {0};
	refuse(&why, ERR_RATE_LIMITED, NULL, "too many commands; try again in %" PRId64 " ms", wait_ms);
	why.retry_after_ms = wait_ms;
	if (request->kind != REQUEST_COMMANDS)
		ws_send_refusal(socket, request->id, &why);
	for (size_t i = 0; i < request->count; i++) {
		metrics_command_refused(socket->service->metrics, &request->commands[i], why.code);
		ws_send_refusal(socket, request->commands[i].command.id, &why);
	}
	if (++socket->refused_in_row >= MAX_REFUSED)
		ws_close(socket, WS_CLOSE_RATE, "rateLimited");
}

/* Takes over a request of a live socket: to the engine, or refused. */
static void pass_on(struct ws_socket *socket, struct request *request)
{
	int64_t wait_ms = take_turn(socket, request->kind, clock_monotonic_ms());
	if (wait_ms > 0) {
		answer_rate_limited(socket, request, wait_ms);
		request_destroy(request);
		return;
	}
	socket->refused_in_row = 0;
	ws_auth_stamp(socket, request);
	engine_submit(socket->service->engine, request);
}

static void hold(struct ws_socket *socket, struct request *request)
{
	int64_t now_ms = clock_monotonic_ms();
	if (socket->held_count == MAX_HELD && socket->refuse_until_ms <= now_ms)
		socket->refuse_until_ms = now_ms + HELD_RETRY_MS;
	if (socket->refuse_until_ms > now_ms) {
		answer_rate_limited(socket, request, socket->refuse_until_ms - now_ms);
		request_destroy(request);
		return;
	}
	request->next = NULL;
	*socket->held_end = request;
	socket->held_end = &request->next;
	socket->held_count++;
}

void ws_message_release(struct ws_socket *socket)
{
	/* What was refused in the meantime stood behind what was held. */
	int64_t refuse_until_ms = socket->refuse_until_ms;
	struct request *request = socket->held;
	socket->held = NULL;
	socket->held_end = &socket->held;
	socket->held_count = 0;
	socket->refuse_until_ms = 0;
	while (request) {
		struct request *next = request->next;
		pass_on(socket, request);
		request = next;
	}
	if (refuse_until_ms > socket->refuse_until_ms)
		socket->refuse_until_ms = refuse_until_ms;
}

static void take_request(struct ws_socket *socket, struct request *request)
{
	if (socket->state == WS_LIVE)
		pass_on(socket, request);
	else
		hold(socket, request);
}

static void take_commands(struct ws_socket *socket, struct message *message)
{
	struct request *request = calloc(1, sizeof(*request));
	if (!request)
		abort();
	request->kind = REQUEST_COMMANDS;
	request->shape = ANSWER_SOCKET;
	memcpy(request->id, message->id, sizeof(request->id));
	request->batch = message->type == MESSAGE_BATCH;
	request->commands = message->commands;
	request->count = message->count;
	message->commands = NULL;
	message->count = 0;
	take_request(socket, request);
}

static void take_help(struct ws_socket *socket, const struct message *message)
{
	TEXT_AUTO out = {0};
	struct refusal why = {0};
	if (encode_help(&out, message->id, message->help)) {
		ws_send_text(socket, &out);
		return;
	}
	refuse(&why, ERR_UNKNOWN_COMMAND, "command", "there is no such command");
	ws_message_invalid(socket, message->id, &why);
}

static void take_time(struct ws_socket *socket, const struct message *message, int64_t received_ms)
{
	TEXT_AUTO out = {0};
	text_append_format(&out,
		"{\"type\":\"time\",\"id\":%s,\"t0\":%s,\"t1Ms\":%" PRId64 ",\"t2Ms\":%" PRId64 "}",
		message->id, *message->t0 ? message->t0 : "null", received_ms, clock_wall_ms());
	ws_send_text(socket, &out);
}

static void take(struct ws_socket *socket, struct message *message, int64_t received_ms)
{
	switch (message->type) {
	case MESSAGE_AUTH:
		ws_auth_message(socket, message);
		break;
	case MESSAGE_RESUME:
		take_request(socket, ws_auth_sync_request(socket, message->id, &message->position));
		break;
	case MESSAGE_TIME:
		take_time(socket, message, received_ms);
		break;
	case MESSAGE_HELP:
		take_help(socket, message);
		break;
	case MESSAGE_COMMAND:
	case MESSAGE_BATCH:
		take_commands(socket, message);
		break;
	}
}

void ws_message(struct ws_socket *socket, const char *bytes, size_t len)
{
	int64_t received_ms = clock_wall_ms();
	struct refusal why = {0};
	struct message message;
	if (decode_message(bytes, len, &message, &why) != OK) {
		ws_message_invalid(socket, message.id, &why);
		return;
	}
	if (socket->state == WS_STRANGER && message.type != MESSAGE_AUTH) {
		refuse(&why, ERR_UNAUTHENTICATED, NULL, "sign in first: send auth");
		ws_message_invalid(socket, message.id, &why);
	} else {
		take(socket, &message, received_ms);
	}
	message_finish(&message);
}
