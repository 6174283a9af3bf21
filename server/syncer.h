/* Waits for the disk beside the engine: takes what a pass will tell, and has it synced and handed out on a
 * thread of its own. So the next pass is worked at while the disk writes the one before. Knows a list of
 * replies; one at a time. */
#ifndef LOCKSTEP_SERVER_SYNCER_H
#define LOCKSTEP_SERVER_SYNCER_H

#include "server/engine.h"

struct syncer;

/* On the syncer's thread: waits for the disk, and hands these replies out. */
typedef void syncer_fn(void *context, struct reply *first, struct reply *last);

struct syncer *syncer_create(syncer_fn *fn, void *context);
/* Finishes what it has been given. NULL is fine. */
void syncer_destroy(struct syncer *syncer);
/* Returns when all that was given is done with. */
void syncer_wait(struct syncer *syncer);
/* Waits likewise, and takes over the replies of what was committed since: first may be NULL. */
void syncer_give(struct syncer *syncer, struct reply *first, struct reply *last);

#endif
