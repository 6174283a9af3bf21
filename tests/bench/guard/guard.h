/* The hottest paths, each prepared, warmed up, and run some times for valgrind to count its instructions.
 * Nothing of what is counted may depend on a clock, on random bytes or on where the database lies. */
#ifndef LOCKSTEP_TESTS_BENCH_GUARD_GUARD_H
#define LOCKSTEP_TESTS_BENCH_GUARD_GUARD_H

#include <stdbool.h>

struct guard_path {
	const char *name; /* as in counts.txt; NULL ends a list */
	int runs;         /* that are counted; the same number comes before, to fill caches */
	int units;        /* what one run does, so often: counts are of one */
	void *(*create)(void);
	void (*run)(void *state);
	void (*destroy)(void *state);
};

extern const struct guard_path guard_pure[], guard_road[], guard_sync[], guard_fanout[], guard_token[];

/* What is done between these, within a run, is counted. */
void guard_begin(void);
void guard_end(void);
/* A path that does not do what it is there for must not be counted: ends the process. */
void guard_must(bool ok, const char *what);

#endif
