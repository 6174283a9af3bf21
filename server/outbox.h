/* What waits to be sent to one socket: references to shared messages, bounded in bytes. Knows no socket. */
#ifndef LOCKSTEP_SERVER_OUTBOX_H
#define LOCKSTEP_SERVER_OUTBOX_H

#include "server/message.h"

#include <stdbool.h>
#include <stdint.h>

/* Why an item is in the queue. */
enum outbox_kind {
	OUTBOX_FIRST,    /* the queue was empty */
	OUTBOX_ADMITTED, /* a snapshot or a replay */
	OUTBOX_COUNTED
};

struct outbox_item {
	struct message_bytes *message;
	enum outbox_kind kind;
};

/* Zero-initialised it is empty and holds no memory; so it does whenever everything was taken. */
struct outbox {
	struct outbox_item *ring; /* NULL as long as there is but one */
	uint32_t first, count;
	uint32_t room; /* of the ring: a power of two, or 0 */
	struct outbox_item only;
	size_t bytes[OUTBOX_COUNTED + 1]; /* by kind */
};

void outbox_finish(struct outbox *outbox);
size_t outbox_bytes(const struct outbox *outbox);
/* Appends; takes over the reference in any case. The first message into an empty queue is always admitted,
 * and so is one that the caller calls `admitted`; of all others at most `max` bytes. False: over it, and the
 * message is dropped. */
bool outbox_push(struct outbox *outbox, struct message_bytes *message, bool admitted, size_t max)
	__attribute__((warn_unused_result));
/* What comes at once (the answers to a burst, an event with every timer) is not the reader's slowness: from
 * the moment the queue is over `max`, it has OUTBOX_PATIENCE_MS to come down again, and until then some more
 * room. Returns the limit to push with, and notes in *over_ms since when the queue is over (0: it isn't). */
#define OUTBOX_PATIENCE_MS 1000
size_t outbox_limit(const struct outbox *outbox, size_t more, size_t max, int64_t now_ms, int64_t *over_ms);
/* They stay: the oldest one is at 0; NULL behind the last. */
struct message_bytes *outbox_at(const struct outbox *outbox, uint32_t index);
/* The oldest one, now the caller's; NULL when empty. */
struct message_bytes *outbox_pop(struct outbox *outbox);

#endif
