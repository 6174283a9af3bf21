/* Which of a person's sessions is meant or shown first. Pure. */
#ifndef LOCKSTEP_CLI_PICK_H
#define LOCKSTEP_CLI_PICK_H

#include "examples/cli/replica.h"

/* So long a session that has ended is worth a word. */
#define PICK_DONE_MS 60000

/* The running one that ends first; those that count up come last, the one longest at it first. NULL: nothing
 * runs. */
const struct session *pick_current(const struct replica *replica);
/* The paused, active one that was used last; NULL: there is none. */
const struct session *pick_next(const struct replica *replica);
/* What ended by itself or was completed within PICK_DONE_MS before now_ms, the last of it; NULL: nothing. */
const struct session *pick_done(const struct replica *replica, int64_t now_ms);
size_t pick_count_running(const struct replica *replica);

#endif
