/* What a message of the server says, found by looking for a few names instead of parsing: several times
 * cheaper. Knows how the messages begin; believes that they are JSON (one in so many is parsed elsewhere). */
#ifndef LOCKSTEP_TESTS_BENCH_LOAD_SCAN_H
#define LOCKSTEP_TESTS_BENCH_LOAD_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum scan_type {
	SCAN_EVENT,
	SCAN_RESULT,
	SCAN_LIVE,
	SCAN_OTHER, /* hello, ready, snapshot, hb: nothing to count */
	SCAN_UNKNOWN,
};

struct scan {
	enum scan_type type;
	int64_t seq; /* -1: none */
	int64_t id;  /* of a result; -1: none */
	bool done;   /* a result that is ok and changed something */
};

struct scan scan_message(const char *bytes, size_t len);

#endif
