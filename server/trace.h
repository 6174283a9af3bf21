/* Traces: what was said, by whom and when, and what came of it, as lines of text. Reads one and has it
 * replayed; knows the lines, and nothing of what commands do.
 *
 *   # anything                   a remark
 *   @ 2026-03-28T23:00:00.000Z   time stands there from now on (at first: in 1972)
 *   = bob                        the next messages are this user's (at first: alice), who is made if need be
 *   = {"user":"bob", …}          the same, and at once, as a token says: "issuer", "subject", "name", "email"
 *   ^ {"via":"ws", …}            they come from there: "connectionId", "client" (at first: a socket)
 *   > {…}                        a message of a socket
 *   < {…}                        the next thing sent has at least these members; "epoch" is not looked at
 *   <                            nothing more was sent
 *   ~                            what is due by now happens, as in the background
 *   ~ 64                         at most so much of it
 *   ~ own                        what the user has due
 *   % 5f03a1c2                   random bytes for the next line that needs any
 *   ! restart                    the database is closed and opened again
 *   ! delete-user bob            nobody of that id is there any more
 *   ! max-timers 3               this is the limit from now on; so are groups, plans, tasks, problems
 *
 * Within messages @2026-03-28T23:00:00.000Z stands for that instant in milliseconds. From the first line that
 * says what is sent on, all that is sent must be said. */
#ifndef LOCKSTEP_SERVER_TRACE_H
#define LOCKSTEP_SERVER_TRACE_H

#include "server/replay.h"

#include <stdio.h>

/* Who is told, each with `context`. */
struct trace_ears {
	void *context;
	/* The play as a trace: each line as it was read, but for what is sent, which is as it was sent. NULL:
	 * nobody. */
	void (*line)(void *context, const char *text);
	/* What does not hold, or cannot be understood, in that line. */
	void (*fault)(void *context, int line, const char *text);
};

/* The names of the limits in a trace, and where they stand in struct engine_limits; one without a name ends
 * them. */
struct trace_limit {
	const char *name;
	size_t at;
};
extern const struct trace_limit trace_limits[];

/* Plays all lines of the file. Returns how many faults there were. An error of the store is one, too, and the
 * last. */
int trace_play(FILE *file, const char *db, struct replay *replay, const struct trace_ears *ears);

/* Appends a line, so that nothing in it is taken for an instant: "> ", then the JSON. */
void trace_write(struct text *out, const char *sign, const char *json, size_t len);

#endif
