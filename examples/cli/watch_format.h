/* How `lockstep watch` spells what is going on, for people and for each status bar. Pure; appends to texts.
 */
#ifndef LOCKSTEP_CLI_WATCH_FORMAT_H
#define LOCKSTEP_CLI_WATCH_FORMAT_H

#include "examples/cli/link.h"
#include "examples/cli/replica.h"

struct watch_view {
	const struct replica *replica;
	enum link_phase phase;
	const char *why; /* it is refused */
	int64_t now_ms;  /* the server's */
	int64_t lost_ms; /* the same when the link was lost; while it is */
	char since[6];   /* local time of that: 14:02 */
};

struct watch_format {
	const char *name;
	const char *help;
	bool ticks; /* shows seconds that pass */
	/* Appends one line, without its end. */
	void (*append)(struct text *out, const struct watch_view *view);
};
/* NULL: there is none of that name. */
const struct watch_format *watch_format_find(const char *name);
extern const struct watch_format watch_formats[];
extern const size_t watch_format_count;

/* When, after view->now_ms, the line is another one by itself; 0: never. */
int64_t watch_next_ms(const struct watch_format *format, const struct watch_view *view);

#endif
