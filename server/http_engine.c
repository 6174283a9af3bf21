#include "server/http_exchange.h"

#include "server/clock.h"
#include "server/gate.h"

#include <inttypes.h>
#include <stdlib.h>

/* A store that can't write may be able to again as soon as this. */
#define RETRY_MS 1000

static struct exchange *exchange_of(struct client *client)
{
	return (struct exchange *)client;
}

void exchange_submit(struct exchange *exchange, struct request *request)
{
	request->uid = exchange->identity.uid;
	request->read_only = exchange->identity.scope == SCOPE_READ;
	request->client = exchange->client.number;
	exchange->state = EXCHANGE_WAITING;
	wheel_disarm(&exchange->timer);
	engine_submit(exchange->service->engine, request);
}

/* There was nothing yet: from now on the user's events are listened to. None is missed, since the engine
 * hands out answers and events in order. */
static void poll_begin(struct exchange *exchange, struct reply *reply)
{
	struct service *service = exchange->service;
	message_drop(exchange->empty);
	exchange->empty = reply->message;
	reply->message = NULL;
	exchange->state = EXCHANGE_POLLING;
	registry_bind(service->registry, &exchange->client, reply->uid);
	wheel_arm(service->wheel, &exchange->timer, exchange->wait_until_ms);
}

void exchange_poll_end(struct exchange *exchange)
{
	struct message_bytes *empty = exchange->empty;
	exchange->empty = NULL;
	exchange_answer_message(exchange, 200, empty);
}

static void on_answer(struct client *client, struct reply *reply)
{
	struct exchange *exchange = exchange_of(client);
	if (reply->kind != REPLY_ANSWER || exchange->state != EXCHANGE_WAITING)
		return;
	bool failed = reply->status >= 500;
	exchange->answer.has_seq = !failed;
	exchange->answer.seq = reply->seq;
	if (failed)
		exchange->answer.retry_after_ms = RETRY_MS;
	bool waits = reply->waits && reply->uid && !exchange->service->draining;
	if (waits && exchange->wait_until_ms > clock_monotonic_ms()) {
		poll_begin(exchange, reply);
		return;
	}
	struct message_bytes *message = reply->message;
	reply->message = NULL;
	exchange_answer_message(exchange, reply->status, message);
}

/* Something happened: the same question again. Events that belong together are waited for. */
static void on_event(struct client *client, const struct reply *reply)
{
	struct exchange *exchange = exchange_of(client);
	if (exchange->state != EXCHANGE_POLLING || !reply->last_of_group)
		return;
	struct request *request = calloc(1, sizeof(*request));
	if (!request)
		abort();
	request->kind = REQUEST_VIEW;
	request->shape = ANSWER_V1;
	request->view = exchange->view;
	exchange_submit(exchange, request);
}

void exchange_refuse_revoked(struct exchange *exchange)
{
	struct refusal why;
	refuse(&why, ERR_TOKEN_INVALID, NULL, "the token has been revoked");
	exchange_refuse(exchange, &why);
}

/* What the engine is at is answered: it may be the request that revokes the token. */
static void on_revoked(struct client *client, const struct reply *reply)
{
	struct exchange *exchange = exchange_of(client);
	const struct identity *identity = &exchange->identity;
	if (exchange->state == EXCHANGE_POLLING && reply_revokes(reply, identity->uid, &identity->device))
		exchange_refuse_revoked(exchange);
}

/* What the engine is at is answered in time; what waits need not wait longer. */
static void on_goodbye(struct client *client, int close_code)
{
	struct exchange *exchange = exchange_of(client);
	(void)close_code;
	if (exchange->state == EXCHANGE_POLLING)
		exchange_poll_end(exchange);
}

static const struct client_kind kind = {
	.answer = on_answer, .event = on_event, .revoked = on_revoked, .goodbye = on_goodbye};

enum err exchange_take_turn(struct exchange *exchange, enum request_kind what, struct refusal *ret_why)
{
	int64_t wait_ms = gate_take(exchange->service, exchange->identity.uid, what, clock_monotonic_ms());
	if (!wait_ms)
		return OK;
	refuse(ret_why, ERR_RATE_LIMITED, NULL, "too many commands; try again in %" PRId64 " ms", wait_ms);
	ret_why->retry_after_ms = wait_ms;
	return ERR_RATE_LIMITED;
}

void exchange_ask(struct exchange *exchange)
{
	struct rest_input input = exchange_input(exchange);
	struct request *request;
	struct refusal why = {0};
	int64_t wait_ms;
	/* A view takes as much room as a command. */
	enum err err = exchange_take_turn(exchange, REQUEST_COMMANDS, &why);
	if (!err)
		err = rest_read(&input, &request, &wait_ms, &why);
	if (err) {
		exchange_refuse(exchange, &why);
		return;
	}
	exchange->view = request->view;
	exchange->wait_until_ms = wait_ms ? clock_monotonic_ms() + wait_ms : 0;
	exchange->client.kind = &kind;
	registry_add(exchange->service->registry, &exchange->client);
	exchange_submit(exchange, request);
}

/* Who runs the server waits until all of it is gone, for as long as that takes. */
void exchange_forget(struct exchange *exchange)
{
	struct rest_input input = exchange_input(exchange);
	struct refusal why = {0};
	char *user = NULL;
	if (rest_read_user(&input, &user, &why)) {
		exchange_refuse(exchange, &why);
		return;
	}
	struct request *request = calloc(1, sizeof(*request));
	if (!request)
		abort();
	request->kind = REQUEST_FORGET;
	request->shape = ANSWER_V1;
	request->user_id = user;
	exchange->answer.type = "text/plain; charset=utf-8";
	exchange->client.kind = &kind;
	registry_add(exchange->service->registry, &exchange->client);
	exchange_submit(exchange, request);
}
