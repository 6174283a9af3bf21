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

/* What is shown of it all: the session that runs and ends first, or else the one that ended just now, or else
 * the one to go on with. */
struct watch_shown {
	const struct session *session; /* NULL: there is nothing */
	enum { SHOWN_IDLE, SHOWN_PAUSED, SHOWN_RUNNING, SHOWN_DONE } how;
	size_t others; /* that run too */
};
struct watch_shown watch_choose(const struct watch_view *view);

/* When, after view->now_ms, the line is another one by itself; 0: never. */
int64_t watch_next_ms(const struct watch_format *format, const struct watch_view *view);

/* The formats of watch_bars.c, for the table. */
void watch_append_waybar(struct text *out, const struct watch_view *view);
void watch_append_polybar(struct text *out, const struct watch_view *view);
void watch_append_tmux(struct text *out, const struct watch_view *view);

#endif
