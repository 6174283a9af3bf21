/* What falls due by itself happens: at its own instant, exactly once, whenever the server comes to it. */
#ifndef LOCKSTEP_SERVER_SETTLE_H
#define LOCKSTEP_SERVER_SETTLE_H

#include "server/turn.h"

/* Makes all that the user has due at or before until_ms happen, in order of time; `budget` items at most
 * (their number is taken off it). */
enum err settle_until(struct turn *turn, int64_t until_ms, int *budget) MUST_CHECK;

/* Makes what is due for any user by the pass's now happen, earliest first; `budget` items at most.
 * *ret_next_ms: when the next one is due, 0 for never. */
enum err settle_due(struct pass *pass, int budget, int64_t *ret_next_ms) MUST_CHECK;

/* For answers: all of it. */
#define SETTLE_ALL 1000000

#endif
