/* One accepted connection, whatever is spoken on it: how many there may be (in all, of one address, of those
 * that have not said who they are), how long it may take to ask for something, on which face it came, and
 * whose it is behind a proxy. Knows the library's sockets; knows no HTTP and no messages. */
#ifndef LOCKSTEP_SERVER_CONN_H
#define LOCKSTEP_SERVER_CONN_H

#include "server/face.h"
#include "server/limiter.h"
#include "server/metrics.h"
#include "server/service.h"

/* All headers of a request together: a token must fit (domain.md section 7). */
#define CONN_HEADER_BYTES 8192
/* Connections of each face but the public one: they take no place of the people's, and nothing of them counts
 * but how many there are. Their descriptors are of the head-room. */
#define CONN_ASIDE 16

struct conn;
struct lws;
struct lws_vhost;
struct sockaddr;

/* All connections. */
struct conns {
	struct service *service;
	struct lws_vhost *vhost;
	struct limiter_peers peers;
	struct conn *all;
	struct conn *adopting;    /* being handed to the library */
	size_t aside[FACE_COUNT]; /* connections of each face but the public one */
	int max_fd;               /* a descriptor from here on is the head-room */
	size_t refused;           /* since it was last told */
	int64_t told_ms;          /* monotonic */
	struct limiter_proxies proxies;
};

/* Reads the limits and proxies of service->options; max_fd and vhost are the caller's. */
void conn_init(struct conns *conns, struct service *service);
void conn_finish(struct conns *conns);
/* The options have changed: reads the proxies again. */
void conn_reload(struct conns *conns);

/* A listen_accept_fn for a struct conns: hands an accepted socket to the library, or closes it when there are
 * too many. */
void conn_accept(void *conns, enum face face, int fd, const struct sockaddr *address);

/* The connection of a socket of the library; NULL for the library's own. */
struct conn *conn_of(struct lws *wsi);
enum face conn_face(struct lws *wsi);
/* What is spoken on it from now on, if it is a public one. */
void conn_becomes(struct lws *wsi, enum metrics_connection kind);

/* The request's headers are there: it is whose X-Forwarded-For says, if it came through a proxy; where nobody
 * is named there, the proxy's own (all unix sockets together are one). False when that address has too many
 * connections. */
bool conn_identify(struct lws *wsi) MUST_CHECK;

/* It has asked for something that has a deadline of its own. */
void conn_asked(struct conn *conn);
/* By when a request must have come whole, its body included. Monotonic. */
int64_t conn_deadline_ms(const struct conn *conn);
/* It has said who it is, or asked for what everybody may have: no longer counted as unauthenticated. */
void conn_known(struct conn *conn);

/* The library is done with it. */
void conn_end(struct conn *conn);

/* Writes an answer of this status, without a body and with `Connection: close`, before anything else was
 * answered. Returns -1, which makes the library close it. */
int conn_refuse(struct lws *wsi, int status);
/* Room in the kernel for the last words to a peer that doesn't read: it finds them when it comes back, and
 * the library need not wait for that. */
void conn_make_room(struct lws *wsi);
/* Closes a socket from outside its own callback; the Close frame, if any, is set before. */
void conn_kill(struct lws *wsi);

/* The server shuts down: closes those that have asked for nothing. */
void conn_close_idle(struct conns *conns);
/* True while there are any, on whichever face. */
bool conn_any(const struct conns *conns);

#endif
