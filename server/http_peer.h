/* Notices that a peer which has only to listen has gone, or goes on speaking. Knows one descriptor and the
 * event loop; knows nothing of what is spoken on it, and takes no byte of it. */
#ifndef LOCKSTEP_SERVER_HTTP_PEER_H
#define LOCKSTEP_SERVER_HTTP_PEER_H

#include <ev.h>

struct http_peer {
	struct ev_loop *loop; /* NULL: isn't watched */
	struct ev_io io;
	void (*gone)(struct http_peer *peer);
};

/* Calls `gone`, which is set, once: when the descriptor can be read, be it bytes, an end or an error. The
 * descriptor must live until http_peer_unwatch. Is watched already: stays so. */
void http_peer_watch(struct http_peer *peer, struct ev_loop *loop, int fd);
/* Isn't watched: nothing happens. */
void http_peer_unwatch(struct http_peer *peer);

#endif
