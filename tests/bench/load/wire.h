/* Bytes over one connected socket, as they are or through TLS. Knows OpenSSL; knows nothing of what is in
 * them. */
#ifndef LOCKSTEP_TESTS_BENCH_LOAD_WIRE_H
#define LOCKSTEP_TESTS_BENCH_LOAD_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct wire_trust; /* whose certificate is good */

struct wire {
	int fd;
	struct ssl_st *ssl; /* NULL: plain */
	bool reads_first;   /* nothing can be written before something was read: TLS is still greeting */
};

/* Of the certificates in the file (PEM). Ends the process when there are none. */
struct wire_trust *wire_trust_create(const char *path);
/* NULL is fine. */
void wire_trust_destroy(struct wire_trust *trust);

/* Begins to connect to 127.0.0.1:port, from the host-th of 127.0.1.1, 127.0.1.2, … after which it begins anew
 * some day. `trust` NULL: plain. Ends the process when the system lets it not. */
void wire_open(struct wire *wire, int port, size_t host, struct wire_trust *trust);
/* Closes it, without a word. */
void wire_close(struct wire *wire);

/* As recv and send: 0 at the end, -1 with errno; EAGAIN when nothing can be done now. Of TLS one record at
 * most is read, so it has to be asked until it says so. */
ssize_t wire_read(struct wire *wire, char *bytes, size_t room);
ssize_t wire_write(struct wire *wire, const char *bytes, size_t len);

#endif
