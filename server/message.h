/* Bytes to be sent, shared by reference between all outboxes they wait in. Counting is atomic: the engine
 * makes them, the loop drops them. Knows bytes only. */
#ifndef LOCKSTEP_SERVER_MESSAGE_H
#define LOCKSTEP_SERVER_MESSAGE_H

#include <stdatomic.h>
#include <stddef.h>

/* What the library may write in front of the bytes of a frame (LWS_PRE). */
#define MESSAGE_HEADROOM 16

struct message_bytes {
	atomic_uint references;
	size_t len;
	unsigned char bytes[]; /* MESSAGE_HEADROOM of room, then len bytes */
};

/* One reference, the caller's. */
struct message_bytes *message_make(const void *bytes, size_t len);
struct message_bytes *message_share(struct message_bytes *message);
void message_drop(struct message_bytes *message); /* NULL is fine */
unsigned char *message_data(struct message_bytes *message);

#endif
