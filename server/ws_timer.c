#include "server/ws_socket.h"

#include "server/clock.h"

#include <inttypes.h>
#include <libwebsockets.h>
#include <string.h>

/* protocol.md sections 2 and 5. */
#define PING_AFTER_MS    30000
#define PONG_WITHIN_MS   15000
#define EXPIRY_NOTICE_MS (5 * 60 * 1000)
/* What is queued gets so long to be read before a close; then the peer is cut off. */
#define CLOSE_WITHIN_MS 15000
/* Who was too slow has had its time: OUTBOX_PATIENCE_MS and this are less than ten seconds. */
#define CLOSE_SLOW_WITHIN_MS 7000

static struct ws_socket *socket_of(struct wheel_timer *timer)
{
	return (struct ws_socket *)((char *)timer - offsetof(struct ws_socket, timer));
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The token's end is wall time: as far as is known now, when will that be? It is asked again whenever the
 * timer fires, at least once a heartbeat, so that a step of the wall clock does no harm. */
static int64_t token_deadline(const struct ws_socket *socket, int64_t now_ms)
{
	int64_t left_ms = socket->token_expires_at_ms - clock_wall_ms();
	if (socket->state == WS_LIVE && !socket->expiring_told)
		left_ms -= EXPIRY_NOTICE_MS;
	return now_ms + left_ms;
}

static int64_t close_deadline(const struct ws_socket *socket)
{
	bool slow = socket->close_code == WS_CLOSE_SLOW;
	return socket->closing_ms + (slow ? CLOSE_SLOW_WITHIN_MS : CLOSE_WITHIN_MS);
}

static int64_t next_deadline(const struct ws_socket *socket, int64_t now_ms)
{
	const struct options *options = socket->service->options;
	if (socket->closing)
		return close_deadline(socket);
	int64_t at_ms =
		socket->ping_sent ? socket->ping_ms + PONG_WITHIN_MS : socket->heard_ms + PING_AFTER_MS;
	if (socket->over_ms)
		at_ms = least(at_ms, socket->over_ms + OUTBOX_PATIENCE_MS);
	if (socket->state == WS_STRANGER)
		return least(at_ms, socket->opened_ms + options->auth_timeout_ms);
	if (socket->state == WS_LIVE)
		at_ms = least(at_ms, socket->sent_ms + options->heartbeat_ms);
	if (socket->token_expires_at_ms)
		at_ms = least(at_ms, token_deadline(socket, now_ms));
	return at_ms;
}

static void check_stranger(struct ws_socket *socket, int64_t now_ms)
{
	if (socket->state == WS_STRANGER &&
		now_ms - socket->opened_ms >= socket->service->options->auth_timeout_ms)
		ws_close(socket, WS_CLOSE_TOKEN, "authTimeout");
}

static void check_token(struct ws_socket *socket)
{
	int64_t left_ms = socket->token_expires_at_ms - clock_wall_ms();
	if (!socket->token_expires_at_ms)
		return;
	if (left_ms <= 0) {
		ws_close(socket, WS_CLOSE_TOKEN, "tokenExpired");
		return;
	}
	if (socket->state != WS_LIVE || socket->expiring_told || left_ms > EXPIRY_NOTICE_MS)
		return;
	TEXT_AUTO out = {0};
	text_append_format(&out, "{\"type\":\"authExpiring\",\"inMs\":%" PRId64 "}", left_ms);
	socket->expiring_told = true;
	ws_send_text(socket, &out);
}

static void check_heartbeat(struct ws_socket *socket, int64_t now_ms)
{
	if (socket->state != WS_LIVE || now_ms - socket->sent_ms < socket->service->options->heartbeat_ms)
		return;
	if (socket->outbox.count) {
		socket->sent_ms = now_ms; /* something else is on its way */
		return;
	}
	TEXT_AUTO out = {0};
	text_append_format(&out, "{\"type\":\"hb\",\"seq\":%" PRId64 ",\"nowMs\":%" PRId64 "}", socket->seq,
		clock_wall_ms());
	ws_send_text(socket, &out);
}

static void check_slow(struct ws_socket *socket, int64_t now_ms)
{
	if (socket->over_ms && now_ms - socket->over_ms >= OUTBOX_PATIENCE_MS)
		ws_close_slow(socket);
}

static void cut_off(struct ws_socket *socket)
{
	socket->ended = true;
	const char *reason = socket->close_reason ? socket->close_reason : "";
	lws_close_reason(socket->wsi, (enum lws_close_status)socket->close_code, (unsigned char *)reason,
		strlen(reason));
	conn_kill(socket->wsi);
}

static void check_ping(struct ws_socket *socket, int64_t now_ms)
{
	if (socket->ping_sent && now_ms - socket->ping_ms >= PONG_WITHIN_MS) {
		ws_close(socket, WS_CLOSE_GOING_AWAY, "pingTimeout");
	} else if (!socket->ping_sent && now_ms - socket->heard_ms >= PING_AFTER_MS) {
		socket->ping_sent = socket->ping_due = true;
		socket->ping_ms = now_ms;
		lws_callback_on_writable(socket->wsi);
	}
}

static void fire(struct wheel_timer *timer, int64_t now_ms)
{
	struct ws_socket *socket = socket_of(timer);
	if (socket->ended) {
		/* Whoever closed first, the peer has had its time to read that. */
		conn_kill(socket->wsi);
		return;
	}
	if (socket->closing && now_ms >= close_deadline(socket)) {
		cut_off(socket);
		return;
	}
	if (!socket->closing) {
		check_slow(socket, now_ms);
		check_stranger(socket, now_ms);
		check_token(socket);
		check_heartbeat(socket, now_ms);
		check_ping(socket, now_ms);
	}
	ws_timer_update(socket);
}

void ws_timer_update(struct ws_socket *socket)
{
	int64_t now_ms = clock_monotonic_ms();
	wheel_arm(socket->service->wheel, &socket->timer, next_deadline(socket, now_ms));
}

void ws_timer_start(struct ws_socket *socket)
{
	socket->timer.fire = fire;
	socket->opened_ms = socket->heard_ms = socket->sent_ms = clock_monotonic_ms();
	ws_timer_update(socket);
}
