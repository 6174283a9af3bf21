/* Many connections to one server, from several loopback addresses, in one thread. Knows sockets; a peer's
 * table knows how one talks to it. */
#ifndef LOCKSTEP_TESTS_BENCH_LOAD_POOL_H
#define LOCKSTEP_TESTS_BENCH_LOAD_POOL_H

#include "tests/bench/load/peer.h"

/* Whoever has the pool is told through these, while pool_wait runs. */
struct pool_events {
	/* One text message that had arrived at `at_ns`. It may send; it must not close. */
	void (*message)(void *context, size_t index, const char *bytes, size_t len, int64_t at_ns);
	/* A socket that was not closed by us is gone. `why` is for people. */
	void (*gone)(void *context, size_t index, const char *why);
	void *context;
};

struct pool;

/* Room for `count` sockets to the peer at 127.0.0.1:port, `per_address` from each of 127.0.1.1, 127.0.1.2, …
 * Ends the process when the system lets it not. */
struct pool *pool_create(
	const struct peer *peer, int port, size_t count, size_t per_address, struct pool_events events);
/* Closes what is open, without a close frame. */
void pool_destroy(struct pool *pool);

/* Begins to connect socket `index` of that user, signed in with the token, which is copied. */
void pool_connect(struct pool *pool, size_t index, size_t user, const char *token);

/* Sends one text message, or queues what the kernel does not take. Without effect on a socket that is gone.
 */
void pool_send(struct pool *pool, size_t index, const char *bytes, size_t len);

/* Handles what is ready; waits for it `wait_ns` at most (0: not at all). */
void pool_wait(struct pool *pool, int64_t wait_ns);

#endif
