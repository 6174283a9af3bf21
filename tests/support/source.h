/* Where a test that plays at random takes its choices from: numbers made of a seed, without end, or a
 * fuzzer's bytes, used up one after another. Knows no test. */
#ifndef LOCKSTEP_TESTS_SUPPORT_SOURCE_H
#define LOCKSTEP_TESTS_SUPPORT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct source {
	uint64_t seed, state;
	const uint8_t *at, *end; /* NULL: of a seed */
};

static inline struct source source_of_seed(uint64_t seed)
{
	return (struct source){.seed = seed, .state = seed * 0x9e3779b97f4a7c15ULL + 1};
}

/* The bytes stay the caller's. */
static inline struct source source_of_bytes(const uint8_t *bytes, size_t size)
{
	static const uint8_t none[1];
	return (struct source){.at = size ? bytes : none, .end = size ? bytes + size : none};
}

/* Behind the last byte every choice is 0; never true of a seed. */
static inline bool source_empty(const struct source *source)
{
	return source->at && source->at == source->end;
}

/* 0 to bound - 1; bound is less than 2^48. As few bytes as may hold it, so that changing one of them changes
 * one choice. */
static inline int64_t source_below(struct source *source, int64_t bound)
{
	uint64_t value = 0;
	if (!source->at) {
		source->state ^= source->state << 13;
		source->state ^= source->state >> 7;
		source->state ^= source->state << 17;
		value = source->state >> 8;
	}
	for (int64_t room = 1; source->at != source->end && room < bound; room <<= 8)
		value = value << 8 | *source->at++;
	return (int64_t)(value % (uint64_t)bound);
}

static inline bool source_chance(struct source *source, int percent)
{
	return source_below(source, 100) < percent;
}

#endif
