#include "server/http_peer.h"

static void on_readable(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct http_peer *peer = io->data;
	(void)loop;
	(void)events;
	http_peer_unwatch(peer);
	peer->gone(peer);
}

void http_peer_watch(struct http_peer *peer, struct ev_loop *loop, int fd)
{
	if (peer->loop)
		return;
	peer->loop = loop;
	ev_io_init(&peer->io, on_readable, fd, EV_READ);
	peer->io.data = peer;
	ev_io_start(loop, &peer->io);
}

void http_peer_unwatch(struct http_peer *peer)
{
	if (!peer->loop)
		return;
	ev_io_stop(peer->loop, &peer->io);
	peer->loop = NULL;
}
