/* Our own listening sockets: opens them, accepts from them, hands on what was accepted. Knows addresses, file
 * descriptors and which face each has; knows nothing of what is spoken there. */
#ifndef LOCKSTEP_SERVER_LISTEN_H
#define LOCKSTEP_SERVER_LISTEN_H

#include "protocol/errors.h"
#include "server/face.h"

#include <stdbool.h>
#include <stddef.h>

struct ev_loop;
struct sockaddr;
struct listen;

/* Takes over the descriptor (non-blocking, close-on-exec). AF_UNIX has no more than its family. */
typedef void (*listen_accept_fn)(void *context, enum face face, int fd, const struct sockaddr *address);

struct listen_address {
	const char *text; /* "127.0.0.1:8080", "[::1]:0", "unix:/run/lockstep.sock" */
	enum face face;
	int fd; /* listens already, and `text` is its name: taken over if all goes well; 0: to be opened */
};

struct listen_options {
	const struct listen_address *addresses; /* needed by listen_open alone */
	size_t count;
	bool local_only;    /* refuses a descriptor that strangers can come by */
	const char *scheme; /* of the public face, for the log: "http" or "https" */
	listen_accept_fn accept;
	void *context;
};

/* Binds them all; whoever connects waits until listen_start. ERR_BAD_REQUEST: an address is no address, a
 * descriptor is no listening stream socket, or not a local one; ERR_INTERNAL: the system refused it. */
enum err listen_open(struct ev_loop *loop, const struct listen_options *options, struct listen **ret,
	char ret_why[256]) MUST_CHECK;
/* Accepts from now on, and logs each with its real port. */
void listen_start(struct listen *listen);
/* Closes them all; what was accepted lives on. NULL is fine. */
void listen_close(struct listen *listen);

#endif
