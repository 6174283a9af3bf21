/* Bytes to be sent, shared by reference between all outboxes they wait in, with the header of a WebSocket
 * frame already in front of them. Counting is atomic: the engine makes them, the loop drops them. Knows bytes
 * only. */
#ifndef LOCKSTEP_SERVER_MESSAGE_H
#define LOCKSTEP_SERVER_MESSAGE_H

#include <stdatomic.h>
#include <stddef.h>

/* The longest header of a frame that a server sends. */
#define MESSAGE_HEADER 10

struct message_bytes {
	atomic_uint references;
	unsigned header; /* its length */
	size_t len;
	unsigned char bytes[]; /* MESSAGE_HEADER of room, which the header ends, then len bytes */
};

/* One reference, the caller's. */
struct message_bytes *message_make(const void *bytes, size_t len);
struct message_bytes *message_share(struct message_bytes *message);
void message_drop(struct message_bytes *message); /* NULL is fine */
unsigned char *message_data(struct message_bytes *message);
/* The bytes as one unmasked text frame (RFC 6455 section 5.2). */
unsigned char *message_frame(struct message_bytes *message);
size_t message_frame_len(const struct message_bytes *message);

#endif
