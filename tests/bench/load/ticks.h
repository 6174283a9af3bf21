/* The monotonic clock, in nanoseconds. */
#ifndef LOCKSTEP_TESTS_BENCH_LOAD_TICKS_H
#define LOCKSTEP_TESTS_BENCH_LOAD_TICKS_H

#include <stdint.h>
#include <time.h>

#define TICKS_SECOND 1000000000ll

static inline int64_t ticks_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * TICKS_SECOND + now.tv_nsec;
}

#endif
