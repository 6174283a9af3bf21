/* How long an HTTP answer may be kept, by its own headers (RFC 9111). Knows Cache-Control and Age; knows no
 * clock, and nothing of what is kept. */
#ifndef LOCKSTEP_SERVER_FRESHNESS_H
#define LOCKSTEP_SERVER_FRESHNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longer times are taken for this one. */
#define FRESHNESS_MAX_SECONDS (365 * 24 * 3600)
/* The headers do not say. */
#define FRESHNESS_UNSAID (-1)

/* The headers of one answer; zero before the first. */
struct freshness {
	bool has_max_age;
	int64_t max_age, age; /* seconds */
};

/* One header line, with or without its line end; what is no header of ours is passed over. */
void freshness_read(struct freshness *freshness, const char *line, size_t len);
/* From its arrival on: seconds, 0 for what is not to be kept, or FRESHNESS_UNSAID. */
int64_t freshness_seconds(const struct freshness *freshness);

#endif
