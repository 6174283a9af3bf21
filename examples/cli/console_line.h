/* What a person types at the console: made into a message, and what may be typed next. Pure; knows the table
 * of commands and the person's sessions and groups. */
#ifndef LOCKSTEP_CLI_CONSOLE_LINE_H
#define LOCKSTEP_CLI_CONSOLE_LINE_H

#include "examples/cli/replica.h"

#include <stdbool.h>

/* A line that begins with { goes out as it is. `start session=… atMs=…` becomes an object of that `type`,
 * with `id` unless it names one; a value is JSON where it reads as JSON, else a text; with spaces it stands
 * in double quotes. False: *ret_why says what is wrong, and *out is as it was. */
bool console_line_message(const char *line, int64_t id, struct text *out, struct text *ret_why)
	__attribute__((warn_unused_result));

/* One way to go on: what to put in place of the piece that was typed, and what to show people. */
struct completion {
	char *text;
	char *label;
};
struct completions {
	size_t from; /* where in the line that piece begins; it ends at the cursor */
	struct completion *items;
	size_t count;
};
/* Every way to go on at the end of `line`, of which `len` bytes stand before the cursor: names of messages,
 * of the fields that one takes, of what a field may hold; an id also by the title it belongs to. */
void console_line_complete(
	const char *line, size_t len, const struct replica *replica, struct completions *ret);
void completions_finish(struct completions *completions);

#endif
