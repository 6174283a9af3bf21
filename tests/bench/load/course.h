/* What a run's parts share while it runs. Only for run.c and the files of the paces. */
#ifndef LOCKSTEP_TESTS_BENCH_LOAD_COURSE_H
#define LOCKSTEP_TESTS_BENCH_LOAD_COURSE_H

#include "tests/bench/load/people.h"
#include "tests/bench/load/pool.h"
#include "tests/bench/load/run.h"
#include "tests/bench/load/ticks.h"

/* Nothing waits longer than this before it looks at the clock. */
#define COURSE_WAIT_NS (TICKS_SECOND / 100)
/* And nobody longer than this for what must come. */
#define COURSE_PATIENCE_S 30

/* Where a socket was when it left. */
struct place {
	int64_t seq;
	char query[CHECK_PLACE];
};

struct stuck;
struct rest;

struct run {
	const struct scenario *scenario;
	const struct run_target *target;
	struct run_outcome *outcome;
	struct pool *pool;
	struct check *check;
	struct people *people;
	struct wire_trust *trust;
	int64_t from_ns; /* what is due earlier is warm-up */
	int64_t until_ns;
	int descriptors;      /* of the server, before anybody connected */
	struct place *places; /* a socket each; NULL: they connect for the first time */
	size_t *again;        /* sockets that did not come back, and have to try once more */
	size_t again_count;
	struct stuck *stuck; /* of the sockets that stop reading; NULL: there are none */
	struct rest *rest;   /* who asks over HTTP; NULL: nobody */
	bool saturating;
	bool lost; /* a socket is gone that should not be */
};

size_t course_sockets(const struct scenario *scenario);

/* Begins to connect a socket of its user. `query` says where it was: "", or "?…". */
void course_connect(struct run *run, size_t socket, const char *query);
/* Connects all, back to their places if they have any, `at_once` at a time; returns when all are live. */
void course_connect_all(struct run *run, size_t at_once);
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

/* back.c: all come back at once, or one again and again. */
void back_prepare_storm(struct run *run);
void back_storm(struct run *run);
void back_after_storm(struct run *run);
void back_prepare_replay(struct run *run);
void back_replay(struct run *run);
void back_prepare_snapshot(struct run *run);
void back_snapshot(struct run *run);

/* stuck.c: some do not read. */
void stuck_prepare(struct run *run);
void stuck_saturate(struct run *run);
void stuck_after(struct run *run);
/* Whether the socket is one of them; and what is to be done when such a one is gone. */
bool stuck_is_one(const struct run *run, size_t socket);
void stuck_gone(struct run *run, size_t socket, const char *why);

/* rest.c: HTTP. */
void rest_prepare(struct run *run);
void rest_go(struct run *run);
/* Before anything was prepared it is fine. */
void rest_finish(struct run *run);

#endif
