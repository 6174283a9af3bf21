/* What a message of the server says, found by looking for a few names instead of parsing: several times
 * cheaper. Knows how the messages begin; believes that they are JSON (one in so many is parsed elsewhere). */
#ifndef LOCKSTEP_TESTS_BENCH_LOAD_SCAN_H
#define LOCKSTEP_TESTS_BENCH_LOAD_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCAN_TAG 9 /* a tag's bytes, with its NUL */

enum scan_type {
	SCAN_EVENT,
	SCAN_RESULT,
	SCAN_LIVE,
	SCAN_READY,
	SCAN_SNAPSHOT,
	SCAN_OTHER, /* hello, hb: nothing to count */
	SCAN_UNKNOWN,
};

struct scan {
	enum scan_type type;
	int64_t seq;        /* -1: none */
	int64_t id;         /* of a result; -1: none */
	bool ok;            /* of a result */
	bool done;          /* a result that is ok and changed something */
	char tag[SCAN_TAG]; /* of an event, and of live; "": none */
};

struct scan scan_message(const char *bytes, size_t len);

/* Of an event: the number of the command that made it, which is in its key behind a colon; -1: none. */
int64_t scan_key(const char *bytes, size_t len);

bool scan_has(const char *bytes, size_t len, const char *what);
/* How often it is in there. */
size_t scan_count(const char *bytes, size_t len, const char *what);
/* What is between `before` and the next quotation mark; "" when it isn't there or is too long. */
void scan_text(const char *bytes, size_t len, const char *before, char *ret, size_t room);

#endif
