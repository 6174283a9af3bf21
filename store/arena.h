/* Memory for texts that are let go of all at once. Knows bytes only; running out of memory ends the process.
 */
#ifndef LOCKSTEP_STORE_ARENA_H
#define LOCKSTEP_STORE_ARENA_H

#include <stddef.h>

/* Zero-initialised it is empty. */
struct arena {
	struct arena_block *blocks; /* the newest first */
};

/* A copy with a NUL behind it, until the arena is cleared. */
const char *arena_copy(struct arena *arena, const char *bytes, size_t len);
/* Frees all of it, or keeps one block for what comes next. */
void arena_finish(struct arena *arena);
void arena_clear(struct arena *arena);

#endif
