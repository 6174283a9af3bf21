#include "tests/bench/load/histogram.h"

#include <assert.h>

#define STEP_BITS 5
static_assert(1 << STEP_BITS == HISTOGRAM_STEPS, "a step is that many bits");

/* The first buckets hold one nanosecond each; from there on the leading bit says which doubling, and the
 * STEP_BITS behind it which step. */
static unsigned bucket_of(uint64_t ns)
{
	if (ns < HISTOGRAM_STEPS)
		return (unsigned)ns;
	unsigned shift = 63u - (unsigned)__builtin_clzll(ns) - STEP_BITS;
	return (shift + 1) * HISTOGRAM_STEPS + (unsigned)(ns >> shift) - HISTOGRAM_STEPS;
}

static int64_t end_of(unsigned bucket)
{
	if (bucket < HISTOGRAM_STEPS)
		return bucket;
	unsigned shift = bucket / HISTOGRAM_STEPS - 1;
	return (int64_t)(((uint64_t)(bucket % HISTOGRAM_STEPS + HISTOGRAM_STEPS + 1) << shift) - 1);
}

void histogram_add(struct histogram *histogram, int64_t ns)
{
	if (ns < 0)
		ns = 0;
	histogram->counts[bucket_of((uint64_t)ns)]++;
	histogram->total++;
	if (ns > histogram->max_ns)
		histogram->max_ns = ns;
}

int64_t histogram_at(const struct histogram *histogram, double share)
{
	uint64_t rank = (uint64_t)(share * (double)histogram->total);
	uint64_t seen = 0;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->counts[i];
		if (seen > rank)
			return end_of(i) < histogram->max_ns ? end_of(i) : histogram->max_ns;
	}
	return histogram->max_ns;
}
