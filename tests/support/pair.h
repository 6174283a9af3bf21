/* A session with its tasks and the naive model of the same: both are moved by the same commands, and every
 * value is compared after each step. Fails the running test, or ends the process, when they differ. One pair
 * at a time in a process. */
#ifndef LOCKSTEP_TESTS_SUPPORT_PAIR_H
#define LOCKSTEP_TESTS_SUPPORT_PAIR_H

#include "tests/support/source.h"

/* Begins anew. The source stays the caller's, and is asked by every step. */
void pair_begin(struct source *source);
/* Time passes, and something happens: mostly one command, sometimes another session begins. */
void pair_step(void);

#endif
