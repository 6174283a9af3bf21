/* Messages as people read them: indented where they are long, coloured on a terminal, instants with their
 * time of day. Appends to texts; prints nothing. */
#ifndef LOCKSTEP_CLI_CONSOLE_FRAME_H
#define LOCKSTEP_CLI_CONSOLE_FRAME_H

#include "protocol/json.h"

#include <stdbool.h>

struct frame_style {
	bool color;
	int columns; /* what fits into a line stays on it */
};

/* The message, over as many lines as it needs, the last one ended; made clean for a terminal. */
void console_frame_append(struct text *out, const cJSON *message, const struct frame_style *style);

#endif
