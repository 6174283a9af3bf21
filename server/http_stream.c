#include "server/http_exchange.h"

#include "server/clock.h"
#include "server/conn.h"
#include "server/log.h"
#include "server/outbox.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Type, epoch, seq and tag stand within it. */
#define HEAD_BYTES 128
/* As much of what waits goes out in one write. */
#define WRITE_BYTES 65536
/* A stream that ends has so long for what is queued. */
#define END_WITHIN_MS 15000
/* How soon to come back where too many are open. */
#define RETRY_MS 5000

struct exchange_stream {
	struct outbox outbox;
	int64_t sent_ms, over_ms; /* monotonic */
	int64_t ending_ms;        /* 0: it goes on */
	bool counted;             /* as one of its user's sockets */
	bool begun;               /* the head is out */
	bool admitting;           /* what comes is a replay or snapshot */
};

static struct exchange *exchange_of(struct client *client)
{
	return (struct exchange *)client;
}

bool exchange_wants_stream(const struct exchange *exchange)
{
	const struct http_head *head = &exchange->head;
	const struct route *route = exchange->match.route;
	return route->does == ROUTE_VIEW && route->view == VIEW_EVENTS && !head->bodiless && head->accept &&
	       strcasestr(head->accept, "text/event-stream");
}

static void arm(struct exchange *exchange)
{
	const struct exchange_stream *stream = exchange->stream;
	int64_t now_ms = clock_monotonic_ms();
	int64_t at_ms = stream->sent_ms + exchange->service->options->heartbeat_ms;
	if (stream->over_ms && stream->over_ms + OUTBOX_PATIENCE_MS < at_ms)
		at_ms = stream->over_ms + OUTBOX_PATIENCE_MS;
	/* Wall time: asked again at every heartbeat, so that a step of the clock does no harm. */
	if (exchange->identity.expires_at_ms &&
		now_ms + exchange->identity.expires_at_ms - clock_wall_ms() < at_ms)
		at_ms = now_ms + exchange->identity.expires_at_ms - clock_wall_ms();
	if (stream->ending_ms)
		at_ms = stream->ending_ms + END_WITHIN_MS;
	wheel_arm(exchange->service->wheel, &exchange->timer, at_ms);
}

/* What is queued is sent first. */
static void end(struct exchange *exchange)
{
	if (exchange->stream->ending_ms)
		return;
	exchange->stream->ending_ms = clock_monotonic_ms();
	exchange_want_write(exchange);
	arm(exchange);
}

/* Drops what is queued: it comes back with its Last-Event-ID. */
static void end_slow(struct exchange *exchange)
{
	outbox_finish(&exchange->stream->outbox);
	metrics_add(&exchange->service->metrics->slow[METRICS_SLOW_STREAM], 1);
	log_debug("a stream of events was read too slowly");
	end(exchange);
}

static void push(struct exchange *exchange, struct message_bytes *message)
{
	struct exchange_stream *stream = exchange->stream;
	int64_t was_ms = stream->over_ms;
	size_t max = (size_t)exchange->service->options->max_outbox;
	if (stream->ending_ms) {
		message_drop(message);
		return;
	}
	if (!stream->admitting)
		max = outbox_limit(
			&stream->outbox, message->len, max, clock_monotonic_ms(), &stream->over_ms);
	if (!outbox_push(&stream->outbox, message, stream->admitting, max)) {
		end_slow(exchange);
		return;
	}
	exchange_want_write(exchange);
	if (stream->over_ms != was_ms)
		arm(exchange);
}

/* "Counts as a socket" of its user. */
static bool is_counted(struct exchange *exchange, const struct reply *reply)
{
	struct service *service = exchange->service;
	struct refusal why;
	registry_bind(service->registry, &exchange->client, reply->uid);
	struct registry_user *user = exchange->client.user;
	if (user->sockets < (size_t)service->options->max_sockets_user) {
		user->sockets++;
		exchange->stream->counted = true;
		return true;
	}
	refuse(&why, ERR_RATE_LIMITED, NULL, "this user has too many connections");
	why.retry_after_ms = RETRY_MS;
	exchange_refuse(exchange, &why);
	return false;
}

static void take_synced(struct exchange *exchange, const struct reply *reply)
{
	if (!is_counted(exchange, reply))
		return;
	exchange->state = EXCHANGE_STREAMING;
	conn_becomes(exchange->wsi, METRICS_STREAM);
	metrics_http_request(exchange->service->metrics, HTTP_STATUS_OK);
	exchange->stream->admitting = true;
	exchange->stream->sent_ms = clock_monotonic_ms();
	exchange_want_write(exchange);
	arm(exchange);
}

static bool begins_with(struct message_bytes *message, const char *head)
{
	size_t len = strlen(head);
	return message->len > len && memcmp(message_data(message), head, len) == 0;
}

/* Of a sync's messages, what the client has missed; `ready` and `live` are the WebSocket's. */
static void take_message(struct exchange *exchange, struct reply *reply)
{
	struct message_bytes *message = reply->message;
	bool missed =
		begins_with(message, "{\"type\":\"event\"") || begins_with(message, "{\"type\":\"snapshot\"");
	if (exchange->state == EXCHANGE_STREAMING && !missed)
		return;
	reply->message = NULL;
	if (exchange->state == EXCHANGE_STREAMING)
		push(exchange, message);
	else /* no SYNCED came before it: it says why there is nothing to stream */
		exchange_answer_message(exchange, reply->status, message);
}

static void on_answer(struct client *client, struct reply *reply)
{
	struct exchange *exchange = exchange_of(client);
	if (exchange->state != EXCHANGE_WAITING && exchange->state != EXCHANGE_STREAMING)
		return;
	if (reply->kind == REPLY_SYNCED)
		take_synced(exchange, reply);
	else if (reply->kind == REPLY_LIVE)
		exchange->stream->admitting = false;
	else if (reply->kind == REPLY_ANSWER)
		take_message(exchange, reply);
}

static void on_event(struct client *client, const struct reply *reply)
{
	struct exchange *exchange = exchange_of(client);
	if (exchange->state == EXCHANGE_STREAMING)
		push(exchange, message_share(reply->message));
}

static void on_goodbye(struct client *client, int close_code)
{
	struct exchange *exchange = exchange_of(client);
	(void)close_code;
	if (exchange->state == EXCHANGE_STREAMING)
		end(exchange);
}

static void on_revoked(struct client *client, const struct reply *reply)
{
	struct exchange *exchange = exchange_of(client);
	if (!reply_revokes(reply, exchange->identity.uid, &exchange->identity.device))
		return;
	if (exchange->state == EXCHANGE_STREAMING)
		end(exchange);
	else
		exchange_refuse_revoked(exchange);
}

static size_t waiting(const struct client *client)
{
	return outbox_bytes(&((const struct exchange *)client)->stream->outbox);
}

static const struct client_kind kind = {.answer = on_answer,
	.event = on_event,
	.revoked = on_revoked,
	.goodbye = on_goodbye,
	.waiting = waiting};

/* "Honours Last-Event-ID": `<epoch>:<seq>:<tag>`, as the stream gave it; it is later than what the query
 * says. */
static enum err read_last_event(const char *text, struct position *ret, struct refusal *ret_why)
{
	char copy[128], *rest = copy;
	snprintf(copy, sizeof(copy), "%s", text);
	const char *epoch = strsep(&rest, ":");
	const char *seq = strsep(&rest, ":");
	if (decode_position(epoch, seq, rest, ret, ret_why))
		return refuse(ret_why, ERR_BAD_REQUEST, "Last-Event-ID",
			"Last-Event-ID must be <epoch>:<seq>:<tag>");
	return OK;
}

/* The sync of a socket, made of the request's position. */
static enum err make_request(struct exchange *exchange, struct request **ret, struct refusal *ret_why)
{
	struct rest_input input = exchange_input(exchange);
	const char *last = exchange->head.last_event_id;
	struct request *request;
	int64_t wait_ms;
	enum err err = rest_read(&input, &request, &wait_ms, ret_why);
	if (err)
		return err;
	if (wait_ms)
		err = refuse(ret_why, ERR_BAD_REQUEST, "waitMs", "a stream waits by itself");
	else if (last)
		err = read_last_event(last, &request->view.position, ret_why);
	if (err) {
		request_destroy(request);
		return err;
	}
	request->kind = REQUEST_SYNC;
	request->position = request->view.position;
	*ret = request;
	return OK;
}

void exchange_stream_begin(struct exchange *exchange)
{
	struct service *service = exchange->service;
	struct request *request;
	struct refusal why = {0};
	enum err err = exchange_take_turn(exchange, REQUEST_SYNC, &why);
	if (!err)
		err = make_request(exchange, &request, &why);
	if (err) {
		exchange_refuse(exchange, &why);
		return;
	}
	exchange->stream = calloc(1, sizeof(*exchange->stream));
	if (!exchange->stream)
		abort();
	exchange->client.kind = &kind;
	registry_add(service->registry, &exchange->client);
	exchange_submit(exchange, request);
}

void exchange_stream_tick(struct exchange *exchange)
{
	struct exchange_stream *stream = exchange->stream;
	int64_t now_ms = clock_monotonic_ms();
	if (stream->ending_ms) {
		conn_kill(exchange->wsi);
		return;
	}
	if (stream->over_ms && now_ms - stream->over_ms >= OUTBOX_PATIENCE_MS) {
		end_slow(exchange);
		return;
	}
	if (exchange->identity.expires_at_ms && clock_wall_ms() >= exchange->identity.expires_at_ms) {
		end(exchange);
		return;
	}
	if (now_ms - stream->sent_ms >= exchange->service->options->heartbeat_ms) {
		static const char comment[] = ":";
		stream->sent_ms = now_ms; /* or something else is on its way */
		if (!stream->outbox.count)
			push(exchange, message_make(comment, strlen(comment)));
	}
	arm(exchange);
}

/* The place of an event or snapshot in the log: it stands at the head of its JSON. A user without events has
 * no tag. */
static void append_id(const struct exchange *exchange, struct message_bytes *message, struct text *out)
{
	static const char seq[] = "\"seq\":", tag[] = "\"tag\":\"";
	char head[HEAD_BYTES];
	snprintf(head, sizeof(head), "%.*s", (int)(message->len < sizeof(head) ? message->len : sizeof(head)),
		(const char *)message_data(message));
	const char *at_seq = strstr(head, seq), *at_tag = strstr(head, tag);
	text_append_format(out, "id: %s:%lld", engine_epoch(exchange->service->engine),
		at_seq ? strtoll(at_seq + strlen(seq), NULL, 10) : 0);
	if (at_tag)
		text_append_format(out, ":%.8s", at_tag + strlen(tag));
	text_append_string(out, "\n");
}

static void append_frame(const struct exchange *exchange, struct message_bytes *message, struct text *out)
{
	bool comment = message->len == 1;
	if (!comment) {
		append_id(exchange, message, out);
		text_append_string(out, "data: ");
	}
	text_append(out, message_data(message), message->len);
	text_append_string(out, "\n\n");
}

static int write_queued(struct exchange *exchange)
{
	struct exchange_stream *stream = exchange->stream;
	char room[LWS_PRE] = {0};
	TEXT_AUTO out = {0};
	text_append(&out, room, sizeof(room));
	while (stream->outbox.count && out.len < WRITE_BYTES) {
		struct message_bytes *message = outbox_pop(&stream->outbox);
		append_frame(exchange, message, &out);
		message_drop(message);
	}
	if (stream->outbox.bytes[OUTBOX_COUNTED] <= (size_t)exchange->service->options->max_outbox)
		stream->over_ms = 0;
	stream->sent_ms = clock_monotonic_ms();
	return lws_write(exchange->wsi, (unsigned char *)out.data + LWS_PRE, out.len - LWS_PRE,
		       LWS_WRITE_HTTP) < 0
		       ? -1
		       : 0;
}

int exchange_stream_write(struct exchange *exchange)
{
	struct exchange_stream *stream = exchange->stream;
	int failed = 0;
	if (!stream->begun) {
		if (exchange_is_spoken_to(exchange))
			return -1;
		stream->begun = true;
		failed = exchange_write_stream_head(exchange);
	} else if (stream->outbox.count) {
		failed = write_queued(exchange);
	} else if (stream->ending_ms && !lws_partial_buffered(exchange->wsi)) {
		return -1;
	}
	if (stream->outbox.count || stream->ending_ms || lws_partial_buffered(exchange->wsi))
		exchange_want_write(exchange);
	else
		exchange_deafen(exchange);
	return failed;
}

void exchange_stream_finish(struct exchange *exchange)
{
	if (!exchange->stream)
		return;
	if (exchange->stream->counted)
		exchange->client.user->sockets--;
	outbox_finish(&exchange->stream->outbox);
	free(exchange->stream);
	exchange->stream = NULL;
}
