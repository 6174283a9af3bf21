/* Lengths of time as people write them, and as a timer's fields have them. */
#ifndef LOCKSTEP_CLI_LENGTH_H
#define LOCKSTEP_CLI_LENGTH_H

#include "examples/cli/codes.h"

#include "protocol/text.h"

#include <stdbool.h>
#include <stdint.h>

/* Reads 25m, 1h30m, 1h 30m, 1.5h, 90s, 1d; 1:30:00 and 25:00 (minutes and seconds); and plain minutes. False,
 * and *ret untouched, for anything else, for nothing, and for more than a hundred days. */
MUST_USE bool length_parse(const char *text, int64_t *ret_ms);

/* Appends `initialDuration` and `dailyGoalMinutes`, or null for "none", as members of a command; nothing for
 * what is NULL. False: it has said what is no length. */
MUST_USE bool length_append_fields(struct text *out, const char *length, const char *goal);

#endif
