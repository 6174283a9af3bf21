/* Counting what a peer does too much of: commands a second (a token bucket), bad messages within a window,
 * connections an address. Knows numbers and addresses; decides nothing. */
#ifndef LOCKSTEP_SERVER_LIMITER_H
#define LOCKSTEP_SERVER_LIMITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uthash.h>

struct sockaddr;

/* Takes one command from a bucket that fills with `rate` a second up to `burst`; zero-initialised it is full.
 * Returns 0 when there was one, else in how many ms there will be. */
int64_t limiter_take(
	int64_t *bucket_milli, int64_t *bucket_at_ms, int64_t rate, int64_t burst, int64_t now_ms);

/* More than so many within so long are a flood. */
#define LIMITER_FLOOD_COUNT 20
#define LIMITER_FLOOD_MS    10000

/* The instants of the last ones, in a ring. Zero-initialised it is empty. */
struct limiter_flood {
	unsigned next, count;
	int64_t at_ms[LIMITER_FLOOD_COUNT];
};
/* Notes one; true when it is one too many. */
bool limiter_flood_add(struct limiter_flood *flood, int64_t now_ms);

/* One address and how many connections it has. IPv6 counts by its /64, which is what one customer has. */
struct limiter_peer {
	uint8_t address[16];
	size_t connections;
	UT_hash_handle hh;
};

struct limiter_peers {
	struct limiter_peer *by_address;
	size_t max; /* connections an address */
};
/* Counts one more connection of this address; NULL when it has as many as it may. `address` as
 * limiter_address makes it. */
struct limiter_peer *limiter_peer_enter(struct limiter_peers *peers, const uint8_t address[16]);
/* NULL is fine. */
void limiter_peer_leave(struct limiter_peers *peers, struct limiter_peer *peer);

/* The 16 bytes of an address (IPv4 as ::ffff:a.b.c.d). False for what is neither IPv4 nor IPv6. */
bool limiter_address(const struct sockaddr *address, uint8_t ret[16]);
/* The same from text, without a port. */
bool limiter_address_parse(const char *text, uint8_t ret[16]);
/* 127.0.0.0/8 and ::1. */
bool limiter_is_loopback(const uint8_t address[16]);

/* Addresses whose X-Forwarded-For is believed. */
struct limiter_proxies {
	uint8_t (*addresses)[16]; /* as limiter_address makes them */
	size_t count;
};
bool limiter_is_proxy(const struct limiter_proxies *proxies, const uint8_t address[16]);
/* Of an X-Forwarded-For (each proxy appends whom it heard, some with the port) the last address that is no
 * proxy of ours: what stands before it anybody may have written. False when there is none or it can't be
 * read. */
bool limiter_forwarded(const struct limiter_proxies *proxies, const char *list, uint8_t ret[16]);

#endif
