#include "server/ws_socket.h"

#include "server/clock.h"
#include "server/quota.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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
	request->uid = socket->client.user ? socket->client.user->uid : 0;
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
	append_limits(&request->ready_tail, socket->service->options);
	return request;
}

static const char *reason_of(const struct refusal *why)
{
	return why->code == ERR_TOKEN_EXPIRED ? "tokenExpired" : "tokenInvalid";
}

/* A stranger's token: the socket becomes its person's, or ends. */
static void sign_in(
	struct ws_socket *socket, const char *id, const char *token, const struct position *position)
{
	struct refusal why = {0};
	struct auth_claims *claims = calloc(1, sizeof(*claims));
	if (!claims)
		abort();
	if (auth_verify(socket->service->auth, token, strlen(token), clock_wall_ms(), claims, &why) != OK) {
		free(claims);
		if (why.code == ERR_NOT_FOUND)
			why.code = ERR_TOKEN_INVALID;
		ws_send_refusal(socket, id, &why);
		ws_close(socket, WS_CLOSE_TOKEN, reason_of(&why));
		return;
	}
	socket->state = WS_SYNCING;
	socket->person = quota_person(claims);
	socket->token_expires_at_ms = claims->expires_at_ms;
	conn_known(socket->conn);
	struct request *request = ws_auth_sync_request(socket, id, position);
	request->claims = claims;
	ws_auth_stamp(socket, request);
	engine_submit(socket->service->engine, request);
	ws_timer_update(socket);
}

void ws_auth_header(struct ws_socket *socket, const char *token, const struct position *position)
{
	sign_in(socket, "null", token, position);
}

static void answer_renewed(struct ws_socket *socket, const char *id)
{
	TEXT_AUTO out = {0};
	text_append_format(&out, "{\"type\":\"result\",\"id\":%s,\"ok\":true,\"tokenExpiresAtMs\":", id);
	if (socket->token_expires_at_ms)
		text_append_integer(&out, socket->token_expires_at_ms);
	else
		text_append_string(&out, "null");
	text_append_format(&out, ",\"nowMs\":%" PRId64 "}", clock_wall_ms());
	ws_send_text(socket, &out);
}

/* protocol.md section 2: a bad token changes nothing; another person's ends the socket. */
static void renew(struct ws_socket *socket, const struct message *message)
{
	struct refusal why = {0};
	struct auth_claims claims;
	if (auth_verify(socket->service->auth, message->token, strlen(message->token), clock_wall_ms(),
		    &claims, &why) != OK) {
		if (why.code == ERR_NOT_FOUND)
			why.code = ERR_TOKEN_INVALID;
		ws_message_invalid(socket, message->id, &why);
		return;
	}
	char *person = quota_person(&claims);
	bool same = strcmp(person, socket->person) == 0;
	free(person);
	if (!same) {
		ws_close(socket, WS_CLOSE_OTHER_PERSON, "anotherPerson");
		return;
	}
	socket->token_expires_at_ms = claims.expires_at_ms;
	socket->expiring_told = false;
	answer_renewed(socket, message->id);
	ws_timer_update(socket);
}

void ws_auth_message(struct ws_socket *socket, const struct message *message)
{
	if (socket->state != WS_STRANGER) {
		renew(socket, message);
		return;
	}
	if (*message->client && !(socket->name = strdup(message->client)))
		abort();
	sign_in(socket, message->id, message->token, &message->position);
}
