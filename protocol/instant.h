/* Instants as people and the requirement documents write them: ISO 8601. Pure. */
#ifndef LOCKSTEP_PROTOCOL_INSTANT_H
#define LOCKSTEP_PROTOCOL_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#define INSTANT_TEXT 25 /* 2026-11-21T08:00:00.000Z and its NUL */

/* ms since the epoch, 0 to LIMIT_INSTANT_MS. */
void instant_format(int64_t ms, char ret[INSTANT_TEXT]);
/* Reads YYYY-MM-DDTHH:MM[:SS[.fraction]] and Z or +HH:MM; what is finer than milliseconds is cut off. False,
 * and *ret untouched, for anything else, and for a date or an instant before 1970 or after 9999. */
bool instant_parse(const char *text, int64_t *ret);

#endif
