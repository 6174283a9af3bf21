/* The families of metrics.h as data: name, help, labels, and where each stands. */
#ifndef LOCKSTEP_SERVER_METRICS_TABLE_H
#define LOCKSTEP_SERVER_METRICS_TABLE_H

#include "server/metrics.h"

enum metrics_type { METRICS_COUNTER, METRICS_GAUGE, METRICS_HISTOGRAM };

/* What tells a family's counts apart, in the order in which they lie. */
struct metrics_label {
	const char *name;
	size_t count;
	const char *(*value)(size_t index);
};

/* The upper bounds of a histogram's buckets but the last, in the unit it is counted in; `per` of which make
 * one of what it is told in. */
struct metrics_scale {
	int64_t per;
	size_t count;
	int64_t bounds[METRICS_BUCKETS];
};

struct metrics_family {
	const char *name, *help;
	enum metrics_type type;
	size_t at;                             /* in struct metrics */
	const struct metrics_label *labels[2]; /* NULL: none */
	int64_t per;                           /* so many counts make one of what it is told in; 0: 1 */
	const struct metrics_scale *scale;     /* METRICS_HISTOGRAM */
	bool sparse; /* counts of 0 are left out, but for the first of the second label */
};
extern const struct metrics_family metrics_families[]; /* one without a name ends them */

/* 0 for the peer's. In the order of the labels. */
extern const int metrics_close_codes[METRICS_CLOSES];
extern const int metrics_handshake_statuses[METRICS_HANDSHAKES];

#endif
