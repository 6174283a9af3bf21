/* Fetches small documents by HTTP without ever blocking the loop. Knows libcurl and libev; knows nothing of
 * what it fetches. Loop thread only. */
#ifndef LOCKSTEP_SERVER_FETCH_H
#define LOCKSTEP_SERVER_FETCH_H

#include <stddef.h>
#include <stdint.h>

struct ev_loop;
struct fetch;
struct fetch_request;

/* The most that an answer may have, unpacked. */
#define FETCH_BYTES_MAX (256 * 1024)
#define FETCH_REDIRECTS 3

/* What came of it; nothing in it outlives the call. */
struct fetch_answer {
	const char *why; /* NULL when it was had (status 200); else what was wrong, in one line */
	const char *body;
	size_t len;
	int64_t keep_seconds; /* as its headers say: see freshness_seconds */
};

/* Its loop must outlive it. */
struct fetch *fetch_create(struct ev_loop *loop);
/* Every request must have ended, or been cancelled. NULL is fine. */
void fetch_destroy(struct fetch *fetch);

/* Asks for an address for which url_may_be_asked holds, and follows redirects to such ones, from encrypted
 * ones to encrypted ones only. Calls `done` once, from the loop and never from in here, at the latest after
 * within_ms; the request is gone when that returns, and `done` may begin others. */
struct fetch_request *fetch_get(struct fetch *fetch, const char *address, int64_t within_ms,
	void (*done)(void *context, const struct fetch_answer *answer), void *context);
/* Ends it without calling `done`; not from within its own. NULL is fine. */
void fetch_cancel(struct fetch_request *request);

#endif
