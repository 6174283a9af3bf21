#include "server/conn.h"

#include "server/clock.h"
#include "server/log.h"

#include <assert.h>
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

/* For TLS to be agreed on and a whole request to arrive. Absolute: the library's own starts again with every
 * byte. */
#define ASK_MS 10000
/* How often it is told that connections are refused. */
#define TELL_MS 10000
/* Of a peer that doesn't read. Its send buffer is full (listen.c sets 64 KiB), and the library holds the rest
 * of a message, which is seldom over 64 KiB. */
#define LAST_WORDS_BYTES (192 * 1024)

struct conn {
	struct conn *next, *prev;
	struct conns *conns;
	struct lws *wsi;
	struct limiter_peer *peer;   /* NULL: not counted, or not yet known */
	struct wheel_timer deadline; /* armed until it has asked for something */
	enum face face;
	enum metrics_connection kind;
	bool proxied; /* the client's address stands in X-Forwarded-For */
	bool known;
	uint8_t address[16]; /* the peer's own; zero for a unix socket */
};

/* Their form was looked at when the options were read. */
void conn_reload(struct conns *conns)
{
	const struct option_list *told = &conns->service->options->trusted_proxies;
	struct limiter_proxies *proxies = &conns->proxies;
	proxies->count = 0;
	proxies->addresses = reallocarray(proxies->addresses, told->count + 1, sizeof(*proxies->addresses));
	if (!proxies->addresses)
		abort();
	for (size_t i = 0; i < told->count; i++) {
		bool good = limiter_address_parse(told->items[i], proxies->addresses[i]);
		assert(good);
		proxies->count += good;
	}
}

void conn_init(struct conns *conns, struct service *service)
{
	*conns = (struct conns){.service = service};
	conn_reload(conns);
}

void conn_finish(struct conns *conns)
{
	free(conns->proxies.addresses);
	conns->proxies = (struct limiter_proxies){0};
}

struct conn *conn_of(struct lws *wsi)
{
	return lws_get_opaque_user_data(wsi);
}

enum face conn_face(struct lws *wsi)
{
	return conn_of(wsi)->face;
}

static void count(const struct conn *conn, int64_t n)
{
	metrics_add(&conn->conns->service->metrics->connections[conn->kind], n);
}

void conn_becomes(struct lws *wsi, enum metrics_connection kind)
{
	struct conn *conn = conn_of(wsi);
	if (conn->face != FACE_PUBLIC)
		return;
	count(conn, -1);
	conn->kind = kind;
	count(conn, 1);
}

int conn_refuse(struct lws *wsi, int status)
{
	unsigned char text[LWS_PRE + 96];
	int len = snprintf((char *)text + LWS_PRE, sizeof(text) - LWS_PRE,
		"HTTP/1.1 %d Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", status);
	/* It is closed in any case. */
	(void)lws_write(wsi, text + LWS_PRE, (size_t)len, LWS_WRITE_HTTP_HEADERS);
	return -1;
}

void conn_make_room(struct lws *wsi)
{
	int bytes = LAST_WORDS_BYTES;
	/* What doesn't fit is cut off with the connection. */
	(void)setsockopt(lws_get_socket_fd(wsi), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

void conn_kill(struct lws *wsi)
{
	struct lws_context *context = lws_get_context(wsi);
	/* The library first waits to write what it holds: for as long as the peer doesn't read, unless it is
	 * told that nobody ever will. */
	if (lws_partial_buffered(wsi))
		shutdown(lws_get_socket_fd(wsi), SHUT_RDWR);
	lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
	/* Closing may leave a timeout behind, which the library looks at only after some callback. */
	lws_cancel_service(context);
}

/* Which limit keeps another one out; METRICS_REFUSALS: none. */
static enum metrics_refusal find_limit(const struct conns *conns, enum face face, int fd)
{
	const struct service *service = conns->service;
	if (face != FACE_PUBLIC)
		return conns->aside[face] >= CONN_ASIDE ? METRICS_REFUSED_ASIDE : METRICS_REFUSALS;
	if (fd >= conns->max_fd)
		return METRICS_REFUSED_DESCRIPTORS;
	if (service->sockets >= (size_t)service->options->max_sockets)
		return METRICS_REFUSED_ALL;
	if (service->unauthenticated >= (size_t)service->options->max_unauthenticated)
		return METRICS_REFUSED_UNAUTHENTICATED;
	return METRICS_REFUSALS;
}

/* Whoever runs the server must hear of it, but there may be thousands a second. */
static void tell_refused(struct conns *conns, enum metrics_refusal reason)
{
	int64_t now_ms = clock_monotonic_ms();
	metrics_add(&conns->service->metrics->refused[reason], 1);
	conns->refused++;
	if (conns->told_ms && now_ms - conns->told_ms < TELL_MS)
		return;
	log_warn("%zu more refused of too many connections; there are %zu, %zu of them unauthenticated",
		conns->refused, conns->service->sockets, conns->service->unauthenticated);
	conns->refused = 0;
	conns->told_ms = now_ms;
}

static void kill_late(struct wheel_timer *timer, int64_t monotonic_ms)
{
	struct conn *conn = (struct conn *)((char *)timer - offsetof(struct conn, deadline));
	(void)monotonic_ms;
	conn_kill(conn->wsi);
}

/* The limit may have been reloaded. */
static struct limiter_peer *enter(struct conns *conns, const uint8_t address[16])
{
	conns->peers.max = (size_t)conns->service->options->max_sockets_address;
	return limiter_peer_enter(&conns->peers, address);
}

static struct conn *make(struct conns *conns, enum face face)
{
	static const enum metrics_connection kinds[FACE_COUNT] = {
		[FACE_PUBLIC] = METRICS_NEW,
		[FACE_METRICS] = METRICS_ASIDE_METRICS,
		[FACE_CONTROL] = METRICS_ASIDE_CONTROL,
	};
	struct conn *conn = calloc(1, sizeof(*conn));
	if (!conn)
		abort();
	conn->conns = conns;
	conn->face = face;
	conn->kind = kinds[face];
	conn->deadline.fire = kill_late;
	DL_APPEND(conns->all, conn);
	count(conn, 1);
	return conn;
}

/* It is nobody's, and never was a stranger. */
static struct conn *begin_aside(struct conns *conns, enum face face)
{
	struct conn *conn = make(conns, face);
	conn->known = true;
	conns->aside[face]++;
	return conn;
}

/* Counts it. NULL when its address has too many. */
static struct conn *begin(struct conns *conns, const struct sockaddr *address)
{
	uint8_t bytes[16] = {0};
	struct limiter_peer *peer = NULL;
	bool proxied = !limiter_address(address, bytes) || limiter_is_proxy(&conns->proxies, bytes);
	bool spared = !proxied && conns->service->options->spares_loopback && limiter_is_loopback(bytes);
	if (!proxied && !spared) {
		peer = enter(conns, bytes);
		if (!peer)
			return NULL;
	}
	struct conn *conn = make(conns, FACE_PUBLIC);
	conn->peer = peer;
	conn->proxied = proxied;
	memcpy(conn->address, bytes, sizeof(bytes));
	conns->service->sockets++;
	conns->service->unauthenticated++;
	return conn;
}

void conn_accept(void *context, enum face face, int fd, const struct sockaddr *address)
{
	struct conns *conns = context;
	bool public = face == FACE_PUBLIC;
	enum metrics_refusal limit = find_limit(conns, face, fd);
	struct conn *conn = NULL;
	if (limit == METRICS_REFUSALS)
		conn = public ? begin(conns, address) : begin_aside(conns, face);
	if (!conn) {
		tell_refused(conns, limit == METRICS_REFUSALS ? METRICS_REFUSED_ADDRESS : limit);
		close(fd);
		return;
	}
	lws_adopt_desc_t adoption = {
		.vh = conns->vhost,
		.type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP,
		.fd.sockfd = fd,
		.opaque = conn,
	};
	/* The proxy behind a unix socket speaks plainly, and so does who watches the server. */
	if (public && address->sa_family != AF_UNIX)
		adoption.type |= LWS_ADOPT_ALLOW_SSL;
	/* Where adopting fails the library has closed the socket; whether it told us depends on how far it
	 * came: conn_end clears `adopting`. */
	conns->adopting = conn;
	struct lws *wsi = lws_adopt_descriptor_vhost_via_info(&adoption);
	if (wsi) {
		conn->wsi = wsi;
		wheel_arm(conns->service->wheel, &conn->deadline, clock_monotonic_ms() + ASK_MS);
	} else if (conns->adopting) {
		conn_end(conn);
	}
	conns->adopting = NULL;
}

/* However long the header is: a client may have written most of it. NULL when there is none. */
static char *copy_forwarded_for(struct lws *wsi)
{
	int len = lws_hdr_total_length(wsi, WSI_TOKEN_X_FORWARDED_FOR);
	if (len <= 0)
		return NULL;
	char *text = calloc(1, (size_t)len + 1);
	if (!text)
		abort();
	if (lws_hdr_copy(wsi, text, len + 1, WSI_TOKEN_X_FORWARDED_FOR) < 0)
		*text = '\0';
	return text;
}

bool conn_identify(struct lws *wsi)
{
	struct conn *conn = conn_of(wsi);
	uint8_t address[16];
	if (!conn->proxied || conn->peer)
		return true;
	char *forwarded_for = copy_forwarded_for(wsi);
	/* Nobody is named: it counts as the proxy's own. A client can bring that about, by a header that the
	 * library takes together with the next line. */
	if (!forwarded_for || !limiter_forwarded(&conn->conns->proxies, forwarded_for, address))
		memcpy(address, conn->address, sizeof(address));
	free(forwarded_for);
	conn->peer = enter(conn->conns, address);
	if (!conn->peer)
		tell_refused(conn->conns, METRICS_REFUSED_ADDRESS);
	return conn->peer != NULL;
}

void conn_asked(struct conn *conn)
{
	wheel_disarm(&conn->deadline);
}

int64_t conn_deadline_ms(const struct conn *conn)
{
	return conn->deadline.at_ms;
}

void conn_known(struct conn *conn)
{
	if (conn->known)
		return;
	conn->known = true;
	conn->conns->service->unauthenticated--;
}

void conn_end(struct conn *conn)
{
	struct conns *conns = conn->conns;
	conn_known(conn);
	wheel_disarm(&conn->deadline);
	limiter_peer_leave(&conns->peers, conn->peer);
	DL_DELETE(conns->all, conn);
	count(conn, -1);
	if (conn->face == FACE_PUBLIC)
		conns->service->sockets--;
	else
		conns->aside[conn->face]--;
	if (conns->adopting == conn)
		conns->adopting = NULL;
	free(conn);
}

void conn_close_idle(struct conns *conns)
{
	struct conn *conn, *next;
	DL_FOREACH_SAFE (conns->all, conn, next) {
		if (conn->deadline.link)
			conn_kill(conn->wsi);
	}
}

bool conn_any(const struct conns *conns)
{
	return conns->all;
}
