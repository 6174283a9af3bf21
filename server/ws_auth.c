#include "server/ws_socket.h"

#include "server/clock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What the token is good for, so that a screen that may only look can say so before it is tried. */
static void append_scope(struct text *out, const struct ws_socket *socket)
{
	text_append_format(out, ",\"scope\":\"%s\"", socket->scope == SCOPE_READ ? "read" : "full");
}

static void append_limits(struct text *out, const struct options *options)
{
	text_append_format(out, ",\"heartbeatMs\":%" PRId64 ",\"limits\":{", options->heartbeat_ms);
	text_append_format(out, "\"messageBytes\":%" PRId64 ",\"batchCommands\":%d", options->max_message,
		LIMIT_BATCH_COMMANDS);
	text_append_format(out, ",\"commandsPerSecond\":%" PRId64 ",\"commandsBurst\":%" PRId64,
		options->rate_commands, options->rate_burst);
	text_append_format(
		out, ",\"timers\":%" PRId64 ",\"groups\":%" PRId64, options->max_timers, options->max_groups);
	text_append_format(out, ",\"plans\":%" PRId64 ",\"tasks\":%" PRId64 ",\"problems\":%" PRId64,
		options->max_plans, options->max_tasks, options->max_problems);
	text_append_format(out, ",\"replayEvents\":%" PRId64 ",\"keepEventsDays\":%" PRId64 "}",
		options->max_replay_events, options->keep_events_days);
}

void ws_auth_stamp(const struct ws_socket *socket, struct request *request)
{
	struct origin *origin = &request->origin;
	request->client = socket->client.number;
	request->uid = socket->uid;
	request->read_only = socket->scope == SCOPE_READ;
	origin->via = "ws";
	memcpy(origin->connection_id, socket->connection_id, sizeof(origin->connection_id));
	if (socket->name)
		memcpy(origin->client, socket->name, strlen(socket->name) + 1);
}

struct request *ws_auth_sync_request(
	const struct ws_socket *socket, const char *id, const struct position *position)
{
	struct request *request = calloc(1, sizeof(*request));
	if (!request)
		abort();
	request->kind = REQUEST_SYNC;
	request->shape = ANSWER_SOCKET;
	memcpy(request->id, id, strlen(id) + 1);
	request->position = *position;
	request->token_expires_at_ms = socket->token_expires_at_ms;
	append_scope(&request->ready_tail, socket);
	append_limits(&request->ready_tail, socket->service->options);
	return request;
}

/* What is remembered of an auth message until it is known whose its token is. */
struct ws_sign_in {
	struct identity_ask ask; /* first */
	struct ws_socket *socket;
	char id[LIMIT_COMMAND_ID_BYTES * 6 + 3];
	struct position position;
};

static void forget_sign_in(struct ws_socket *socket)
{
	free(socket->sign_in);
	socket->sign_in = NULL;
}

/* The token is nobody's, or cannot be looked at now: then coming back is all there is to do. */
static void refuse_sign_in(struct ws_socket *socket, const struct refusal *why)
{
	ws_send_refusal(socket, socket->sign_in->id, why);
	if (why->code == ERR_UNAVAILABLE)
		ws_close(socket, WS_CLOSE_GOING_AWAY, NULL);
	else
		ws_close(socket, WS_CLOSE_TOKEN,
			why->code == ERR_TOKEN_EXPIRED ? "tokenExpired" : "tokenInvalid");
}

static void take_identity(struct ws_socket *socket, const struct identity *identity)
{
	socket->uid = identity->uid;
	socket->scope = identity->scope;
	socket->device = identity->device;
	socket->token_expires_at_ms = identity->expires_at_ms;
}

/* A stranger's token: the socket becomes its person's. */
static void accept_sign_in(struct ws_socket *socket, const struct identity *identity)
{
	socket->state = WS_SYNCING;
	take_identity(socket, identity);
	conn_known(socket->conn);
	struct request *request =
		ws_auth_sync_request(socket, socket->sign_in->id, &socket->sign_in->position);
	ws_auth_stamp(socket, request);
	engine_submit(socket->service->engine, request);
	ws_timer_update(socket);
}

static void answer_renewed(struct ws_socket *socket, const char *id)
{
	TEXT_AUTO out = {0};
	text_append_format(&out, "{\"type\":\"result\",\"id\":%s,\"ok\":true,\"tokenExpiresAtMs\":", id);
	if (socket->token_expires_at_ms)
		text_append_integer(&out, socket->token_expires_at_ms);
	else
		text_append_string(&out, "null");
	append_scope(&out, socket);
	text_append_format(&out, ",\"nowMs\":%" PRId64 "}", clock_wall_ms());
	ws_send_text(socket, &out);
}

/* protocol.md section 2: a bad token changes nothing; another person's ends the socket. */
static void renew(struct ws_socket *socket, const struct identity *identity)
{
	if (identity->uid != socket->uid) {
		ws_close(socket, WS_CLOSE_OTHER_PERSON, "anotherPerson");
		return;
	}
	take_identity(socket, identity);
	socket->expiring_told = false;
	answer_renewed(socket, socket->sign_in->id);
	ws_timer_update(socket);
}

static void on_known(struct identity_ask *ask, const struct identity *identity, const struct refusal *why)
{
	struct ws_socket *socket = ((struct ws_sign_in *)ask)->socket;
	if (socket->state == WS_ASKING && why)
		refuse_sign_in(socket, why);
	else if (socket->state == WS_ASKING)
		accept_sign_in(socket, identity);
	else if (why)
		ws_message_invalid(socket, socket->sign_in->id, why);
	else
		renew(socket, identity);
	forget_sign_in(socket);
}

void ws_auth_finish(struct ws_socket *socket)
{
	if (socket->sign_in)
		identity_cancel(&socket->sign_in->ask);
	forget_sign_in(socket);
}

static void find_out(
	struct ws_socket *socket, const char *id, const char *token, const struct position *position)
{
	socket->sign_in = calloc(1, sizeof(*socket->sign_in));
	if (!socket->sign_in)
		abort();
	socket->sign_in->ask.known = on_known;
	socket->sign_in->socket = socket;
	memcpy(socket->sign_in->id, id, strlen(id) + 1);
	socket->sign_in->position = *position;
	if (socket->state == WS_STRANGER)
		socket->state = WS_ASKING;
	identity_ask(socket->service->identities, &socket->sign_in->ask, token, strlen(token));
	ws_timer_update(socket);
}

void ws_auth_header(struct ws_socket *socket, const char *token, const struct position *position)
{
	find_out(socket, "null", token, position);
}

void ws_auth_message(struct ws_socket *socket, const struct message *message)
{
	struct refusal why = {0};
	if (socket->sign_in) {
		refuse(&why, ERR_BAD_REQUEST, NULL, "another auth is being answered");
		ws_message_invalid(socket, message->id, &why);
		return;
	}
	bool named = socket->state == WS_STRANGER && *message->client;
	if (named && !(socket->name = strdup(message->client)))
		abort();
	find_out(socket, message->id, message->token, &message->position);
}
