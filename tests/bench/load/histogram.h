/* Times by how often they occurred, in buckets that grow with the time: 32 to each doubling, so that a
 * quantile is at most 3 % too high. Knows numbers only. */
#ifndef LOCKSTEP_TESTS_BENCH_LOAD_HISTOGRAM_H
#define LOCKSTEP_TESTS_BENCH_LOAD_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEPS   32 /* to a doubling */
#define HISTOGRAM_BUCKETS (60 * HISTOGRAM_STEPS)

/* Zero-initialised it is empty. */
struct histogram {
	uint64_t counts[HISTOGRAM_BUCKETS];
	uint64_t total;
	int64_t max_ns;
};

/* Notes one time; a negative one counts as 0. */
void histogram_add(struct histogram *histogram, int64_t ns);

/* The time which that share of all (0 … 1) did not exceed, in ns: the upper end of its bucket, and never more
 * than the longest. 0 when it is empty. */
int64_t histogram_at(const struct histogram *histogram, double share);

#endif
