#include "server/ws.h"

#include "server/clock.h"
#include "server/entropy.h"
#include "server/log.h"
#include "server/ws_socket.h"

#include <stdlib.h>
#include <string.h>

/* An empty frame costs its sender six bytes and us a callback. */
#define MAX_FRAGMENTS 256
/* The library has no name for it. */
#define SWITCHING_PROTOCOLS 101

static size_t limit_of(struct ws_socket *socket, size_t more, int64_t now_ms)
{
	size_t max = (size_t)socket->service->options->max_outbox;
	int64_t was_ms = socket->over_ms;
	if (socket->admitted)
		return max;
	max = outbox_limit(&socket->outbox, more, max, now_ms, &socket->over_ms);
	if (socket->over_ms != was_ms)
		ws_timer_update(socket);
	return max;
}

void ws_send(struct ws_socket *socket, struct message_bytes *message)
{
	if (socket->closing) {
		message_drop(message);
		return;
	}
	int64_t now_ms = clock_monotonic_ms();
	size_t max = limit_of(socket, message->len, now_ms);
	if (!outbox_push(&socket->outbox, message, socket->admitted, max)) {
		ws_close_slow(socket);
		return;
	}
	socket->sent_ms = now_ms;
	ws_write_soon(socket);
}

void ws_send_text(struct ws_socket *socket, const struct text *text)
{
	ws_send(socket, message_make(text->data, text->len));
}

void ws_send_refusal(struct ws_socket *socket, const char *id, const struct refusal *why)
{
	TEXT_AUTO out = {0};
	encode_refusal(&out, id, why, clock_wall_ms());
	ws_send_text(socket, &out);
}

void ws_close(struct ws_socket *socket, enum ws_close_code code, const char *reason)
{
	if (socket->closing)
		return;
	socket->closing = true;
	socket->closing_ms = clock_monotonic_ms();
	socket->close_code = (int)code;
	socket->close_reason = reason;
	metrics_closed(socket->service->metrics, (int)code);
	log_debug("socket %s is closed: %d %s", socket->connection_id, (int)code, reason ? reason : "");
	text_finish(&socket->input);
	lws_callback_on_writable(socket->wsi);
	ws_timer_update(socket);
}

void ws_close_slow(struct ws_socket *socket)
{
	metrics_add(&socket->service->metrics->slow[METRICS_SLOW_WEBSOCKET], 1);
	outbox_finish(&socket->outbox);
	conn_make_room(socket->wsi);
	ws_close(socket, WS_CLOSE_SLOW, "slowConsumer");
}

static void send_hello(struct ws_socket *socket)
{
	TEXT_AUTO out = {0};
	text_append_format(&out,
		"{\"type\":\"hello\",\"protocol\":\"lockstep.v1\",\"server\":\"lockstep/" LOCKSTEP_VERSION
		"\",\"nowMs\":%" PRId64 ",\"authTimeoutMs\":%" PRId64 "}",
		clock_wall_ms(), socket->service->options->auth_timeout_ms);
	ws_send_text(socket, &out);
}

static struct ws_socket *create(struct lws *wsi)
{
	struct ws_socket *socket = calloc(1, sizeof(*socket));
	struct entropy entropy = {0};
	if (!socket)
		abort();
	socket->client.kind = &ws_client_kind;
	socket->wsi = wsi;
	socket->fd = lws_get_socket_fd(wsi);
	socket->plain = !lws_is_ssl(wsi);
	socket->conn = conn_of(wsi);
	socket->service = lws_context_user(lws_get_context(wsi));
	socket->held_end = &socket->held;
	struct uuid id = entropy_uuid(&entropy, clock_wall_ms());
	uuid_format(&id, socket->connection_id);
	registry_add(socket->service->registry, &socket->client);
	return socket;
}

static void destroy(struct ws_socket *socket)
{
	wheel_disarm(&socket->timer);
	ws_write_forget(socket);
	if (!socket->close_code)
		metrics_closed(socket->service->metrics, 0);
	if (socket->counted)
		socket->client.user->sockets--;
	registry_remove(socket->service->registry, &socket->client);
	while (socket->held) {
		struct request *request = socket->held;
		socket->held = request->next;
		request_destroy(request);
	}
	outbox_finish(&socket->outbox);
	text_finish(&socket->input);
	ws_auth_finish(socket);
	free(socket->invalid);
	free(socket->name);
	free(socket);
}

static int on_established(struct lws *wsi, struct ws_socket **slot)
{
	struct ws_socket *socket = create(wsi);
	*slot = socket;
	conn_asked(socket->conn);
	conn_becomes(wsi, METRICS_WEBSOCKET);
	metrics_handshake(socket->service->metrics, SWITCHING_PROTOCOLS);
	ws_timer_start(socket);
	send_hello(socket);
	if (socket->service->draining) {
		ws_close(socket, WS_CLOSE_GOING_AWAY, NULL);
		return 0;
	}
	char *token = ws_upgrade_token(wsi);
	if (token) {
		struct position position = ws_upgrade_position(wsi);
		ws_auth_header(socket, token, &position);
	}
	free(token);
	return 0;
}

static size_t max_input(const struct ws_socket *socket)
{
	if (!socket->uid)
		return LIMIT_MESSAGE_UNAUTHENTICATED_BYTES;
	return (size_t)socket->service->options->max_message;
}

/* Takes a piece of a message, and the message when it is whole. */
static void take_piece(struct ws_socket *socket, const char *bytes, size_t len)
{
	size_t left = lws_remaining_packet_payload(socket->wsi);
	size_t max = max_input(socket);
	if (left > max || socket->input.len + len + left > max) {
		ws_close(socket, WS_CLOSE_TOO_BIG, NULL);
		return;
	}
	if (left == 0 && ++socket->fragments > MAX_FRAGMENTS) {
		ws_close(socket, WS_CLOSE_TOO_BIG, "fragments");
		return;
	}
	if (!lws_is_final_fragment(socket->wsi)) {
		text_append(&socket->input, bytes, len);
		return;
	}
	socket->fragments = 0;
	if (!socket->input.len) {
		ws_message(socket, bytes, len);
		return;
	}
	struct text whole = socket->input;
	socket->input = (struct text){0};
	text_append(&whole, bytes, len);
	ws_message(socket, whole.data, whole.len);
	text_finish(&whole);
}

static int on_receive(struct ws_socket *socket, const char *bytes, size_t len)
{
	socket->heard_ms = clock_monotonic_ms();
	if (socket->closing)
		return 0;
	if (lws_frame_is_binary(socket->wsi))
		ws_close(socket, WS_CLOSE_UNACCEPTABLE, NULL);
	else
		take_piece(socket, len ? bytes : "", len);
	return 0;
}

static int on_pong(struct ws_socket *socket)
{
	socket->heard_ms = clock_monotonic_ms();
	socket->ping_sent = false;
	return 0;
}

/* The library tells of no pong that carries nothing. */
static int write_ping(struct ws_socket *socket)
{
	unsigned char frame[LWS_PRE + 1] = {0};
	socket->ping_due = false;
	lws_callback_on_writable(socket->wsi);
	return lws_write(socket->wsi, frame + LWS_PRE, 1, LWS_WRITE_PING) < 0 ? -1 : 0;
}

/* A Close that is not ours: the library found a fault, or the peer began. Nothing may follow it. */
static int on_foreign_close(struct ws_socket *socket)
{
	socket->closing = socket->ended = true;
	socket->closing_ms = clock_monotonic_ms();
	outbox_finish(&socket->outbox);
	ws_timer_update(socket);
	return 0;
}

/* One write each time: it is an event, not a count. */
static int on_writeable(struct ws_socket *socket)
{
	socket->asked = false;
	if (socket->ended)
		return 0;
	if (lws_get_close_length(socket->wsi))
		return on_foreign_close(socket);
	if (socket->ping_due && !socket->closing)
		return write_ping(socket);
	if (socket->outbox.count)
		return ws_write(socket);
	if (!socket->closing)
		return 0;
	socket->ended = true;
	const char *reason = socket->close_reason ? socket->close_reason : "";
	lws_close_reason(socket->wsi, (enum lws_close_status)socket->close_code, (unsigned char *)reason,
		strlen(reason));
	return -1;
}

/* The upgrade: refused with a status while that can still be told. The library's own check of it comes after,
 * and binds the subprotocol. */
static int on_upgrade(struct lws *wsi, const char *protocol)
{
	const struct service *service = lws_context_user(lws_get_context(wsi));
	if (strcasecmp(protocol, "websocket") != 0)
		return -1; /* h2c above all */
	int status = HTTP_STATUS_SERVICE_UNAVAILABLE;
	if (conn_identify(wsi))
		status = ws_upgrade_check(wsi, service);
	if (!status)
		return 0;
	metrics_handshake(service->metrics, status);
	return conn_refuse(wsi, status);
}

static void on_closed(struct ws_socket **slot)
{
	destroy(*slot);
	*slot = NULL;
}

int ws_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct ws_socket **slot = user;
	if (reason == LWS_CALLBACK_HTTP_CONFIRM_UPGRADE)
		return on_upgrade(wsi, in);
	if (reason == LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION)
		return 0;
	if (reason == LWS_CALLBACK_ESTABLISHED)
		return on_established(wsi, slot);
	/* A handshake that was refused is closed without ever having been established. */
	if (!slot || !*slot)
		return reason == LWS_CALLBACK_CLOSED ? 0 : -1;
	switch ((int)reason) {
	case LWS_CALLBACK_RECEIVE:
		return on_receive(*slot, in, len);
	case LWS_CALLBACK_RECEIVE_PONG:
		return on_pong(*slot);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return on_writeable(*slot);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		return on_foreign_close(*slot);
	case LWS_CALLBACK_CLOSED:
		on_closed(slot);
		return 0;
	default:
		return 0;
	}
}
