/* Many connections to one server, from several loopback addresses, in one thread. Knows sockets; a peer's
 * table knows how one talks to it. */
#ifndef LOCKSTEP_TESTS_BENCH_LOAD_POOL_H
#define LOCKSTEP_TESTS_BENCH_LOAD_POOL_H

#include "tests/bench/load/peer.h"
#include "tests/bench/load/wire.h"

/* Whoever has the pool is told through these, while pool_wait runs. */
struct pool_events {
	/* One text message that had arrived at `at_ns`. It may send; it must not close. */
	void (*message)(void *context, size_t index, const char *bytes, size_t len, int64_t at_ns);
	/* A socket that was not closed by us is gone. `why` is for people. */
	void (*gone)(void *context, size_t index, const char *why);
	void *context;
};

struct pool;

struct pool_server {
	const struct peer *peer;
	int port;                 /* at 127.0.0.1 */
	struct wire_trust *trust; /* NULL: no TLS. The caller's */
};

/* Room for `count` sockets to the server, `per_address` from each of 127.0.1.1, 127.0.1.2, … Ends the process
 * when the system lets it not. */
struct pool *pool_create(
	const struct pool_server *server, size_t count, size_t per_address, struct pool_events events);
/* Closes what is open, without a close frame. */
void pool_destroy(struct pool *pool);

/* Begins to connect socket `index`, which must not be open. What the guest points to is copied; its port is
 * the pool's. */
void pool_connect(struct pool *pool, size_t index, const struct peer_guest *guest);
/* Closes it without a close frame, as a network does that is gone. Not while pool_wait runs. */
void pool_leave(struct pool *pool, size_t index);
/* From now on nothing of it is read, or again everything. */
void pool_hold(struct pool *pool, size_t index, bool held);

/* Sends one text message, or queues what the kernel does not take. Without effect on a socket that is gone.
 */
void pool_send(struct pool *pool, size_t index, const char *bytes, size_t len);

/* Handles what is ready; waits for it `wait_ns` at most (0: not at all). */
void pool_wait(struct pool *pool, int64_t wait_ns);

/* Bytes that were read so far, of all sockets: without TLS, with the frames' heads. */
uint64_t pool_bytes(const struct pool *pool);

#endif
