/* What falls due by itself happens: at its own instant, exactly once, whenever the server comes to it. */
#ifndef LOCKSTEP_SERVER_SETTLE_H
#define LOCKSTEP_SERVER_SETTLE_H

#include "server/turn.h"

/* Makes all that the user has due at or before until_ms happen, in order of time, as long as `budget` is
 * above zero: each item takes one off it, and a daily reset one more for each timer that it changes. */
enum err settle_until(struct turn *turn, int64_t until_ms, int *budget) MUST_CHECK;

/* Makes what is due for any user by the pass's now happen, earliest first, within the budget.
 * *ret_next_ms: when the next one is due, 0 for never. */
enum err settle_due(struct pass *pass, int budget, int64_t *ret_next_ms) MUST_CHECK;

/* For answers: all of it. */
#define SETTLE_ALL 1000000

#endif
