/* Random bytes from the kernel, fetched in blocks: an event's tag shall not cost a system call. One per
 * thread. */
#ifndef LOCKSTEP_SERVER_ENTROPY_H
#define LOCKSTEP_SERVER_ENTROPY_H

#include "protocol/uuid.h"

#include <stddef.h>

struct entropy {
	/* Where they come from instead: what is recorded or replayed (record.h, replay.h). NULL: the kernel.
	 */
	void (*source)(void *context, void *ret, size_t len);
	void *context;
	size_t used; /* zero-initialised: fetches at first use */
	bool filled;
	unsigned char bytes[256];
};

void entropy_fill(struct entropy *entropy, void *ret, size_t len); /* len <= 256 */
struct uuid entropy_uuid(struct entropy *entropy, int64_t now_ms);

#endif
