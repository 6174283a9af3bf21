/* What the options are, in words: each as it could be told, where it came from, and what differs between two
 * of them. Knows the table; decides nothing. */
#ifndef LOCKSTEP_SERVER_OPTIONS_SHOW_H
#define LOCKSTEP_SERVER_OPTIONS_SHOW_H

#include "protocol/text.h"
#include "server/options.h"

/* One option that differs. The texts live as long as the call. Issuers are one, whatever they consist of. */
struct option_change {
	const char *name;
	const char *before, *after; /* as it could be told; in words where it is not told */
	bool live;                  /* options_reload takes it over */
};

/* Calls `each` for all that differ between the two, in the table's order. Returns how many. */
size_t options_compare(const struct options *before, const struct options *after,
	void (*each)(void *context, const struct option_change *change), void *context);

/* Each option that was told, a line `name = value` as in a file, with where it came from as its comment. */
void options_append_told(struct text *out, const struct options *options);

#endif
