/* What a run's parts share while it runs. Only for run.c and the files of the paces. */
#ifndef LOCKSTEP_TESTS_BENCH_LOAD_COURSE_H
#define LOCKSTEP_TESTS_BENCH_LOAD_COURSE_H

#include "tests/bench/load/people.h"
#include "tests/bench/load/pool.h"
#include "tests/bench/load/run.h"
#include "tests/bench/load/ticks.h"

/* Nothing waits longer than this before it looks at the clock. */
#define COURSE_WAIT_NS (TICKS_SECOND / 100)

struct run {
	const struct scenario *scenario;
	const struct run_target *target;
	struct run_outcome *outcome;
	struct pool *pool;
	struct check *check;
	struct people *people;
	int64_t from_ns; /* what is due earlier is warm-up */
	int64_t until_ns;
	bool saturating;
	bool lost; /* a socket is gone that should not be */
};

size_t course_sockets(const struct scenario *scenario);

/* Begins to connect a socket of its user. `query` says where it was: "", or "?…". */
void course_connect(struct run *run, size_t socket, const char *query);
/* The user's next command, which was due then; false when too many are under way. */
bool course_send(struct run *run, size_t user, int64_t due_ns);
/* Sends until `window` of the user's commands are under way. */
void course_fill(struct run *run, size_t user);

/* Handles what comes for so long. */
void course_wait(struct run *run, int64_t until_ns);
/* Waits until no more than `open` commands are under way, for as long as there is progress: a server that was
 * asked for too much is late, and has lost nothing. */
void course_drain(struct run *run, int64_t open);

/* The paces: each loads from now to run->until_ns. */
void pace_none(struct run *run);
void pace_saturate(struct run *run);
void pace_rate(struct run *run);

#endif
