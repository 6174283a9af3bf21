/* systemd's side of a service: what its variables say, how it is told something, and the sockets that it has
 * opened for us. Knows variables, datagrams and descriptors; not what there is to be told, nor who is served
 * there. Where nobody has set the variables nothing happens.
 *
 * libsystemd would do the same, and be one more library in a program that mostly runs without it: what is
 * used of it is one datagram and the numbers of descriptors, both of which systemd promises to keep as they
 * are. */
#ifndef LOCKSTEP_SERVER_SYSTEMD_H
#define LOCKSTEP_SERVER_SYSTEMD_H

#include "protocol/errors.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

/* --- Telling it ---------------------------------------------------------------------------------------- */

struct systemd {
	int fd; /* -1: nobody listens */
	struct sockaddr_un address;
	socklen_t address_len;
	int64_t watchdog_ms; /* it wants to hear that often that all is well; 0: it doesn't */
};

/* NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID. What cannot be understood there is logged. */
void systemd_open(struct systemd *systemd);
void systemd_close(struct systemd *systemd);
/* One datagram, of lines NAME=VALUE: sd_notify(3) has the names. Never waits: a manager that doesn't read
 * misses it, which is logged. */
void systemd_tell(const struct systemd *systemd, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* --- Its sockets --------------------------------------------------------------------------------------- */

/* A unit has a few. */
#define SYSTEMD_SOCKETS_MAX 32
#define SYSTEMD_NAME_BYTES  64

struct systemd_socket {
	int fd;                        /* ours to close; close-on-exec */
	char name[SYSTEMD_NAME_BYTES]; /* FileDescriptorName=, or systemd's own for it; cut when it is long */
};

struct systemd_sockets {
	size_t count;
	struct systemd_socket items[SYSTEMD_SOCKETS_MAX];
};

/* LISTEN_FDS, if LISTEN_PID is us, with the names of LISTEN_FDNAMES. ERR_BAD_REQUEST with one line: the
 * variables are nonsense, or there are too many. */
enum err systemd_take_sockets(struct systemd_sockets *ret, char ret_why[256]) MUST_CHECK;

#endif
