#include "server/message.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LAST_PIECE_OF_TEXT 0x81
#define MAX_LENGTH_7BIT    125
#define LENGTH_16BIT       126
#define LENGTH_64BIT       127

/* Writes the header so that it ends where the bytes begin. Returns its length. */
static unsigned put_header(unsigned char *end, size_t len)
{
	unsigned extended = len <= MAX_LENGTH_7BIT ? 0 : len <= UINT16_MAX ? 2 : 8;
	unsigned char *start = end - extended - 2;
	start[0] = LAST_PIECE_OF_TEXT;
	start[1] = extended == 0 ? (unsigned char)len : extended == 2 ? LENGTH_16BIT : LENGTH_64BIT;
	for (unsigned i = 0; i < extended; i++) {
		*--end = (unsigned char)len;
		len >>= 8;
	}
	return extended + 2;
}

struct message_bytes *message_make(const void *bytes, size_t len)
{
	struct message_bytes *message = malloc(sizeof(*message) + MESSAGE_HEADER + len);
	if (!message)
		abort();
	atomic_init(&message->references, 1);
	message->len = len;
	message->header = put_header(message->bytes + MESSAGE_HEADER, len);
	memcpy(message->bytes + MESSAGE_HEADER, bytes, len);
	return message;
}

struct message_bytes *message_share(struct message_bytes *message)
{
	atomic_fetch_add_explicit(&message->references, 1, memory_order_relaxed);
	return message;
}

void message_drop(struct message_bytes *message)
{
	if (message && atomic_fetch_sub_explicit(&message->references, 1, memory_order_acq_rel) == 1)
		free(message);
}

unsigned char *message_data(struct message_bytes *message)
{
	return message->bytes + MESSAGE_HEADER;
}

unsigned char *message_frame(struct message_bytes *message)
{
	return message_data(message) - message->header;
}

size_t message_frame_len(const struct message_bytes *message)
{
	return message->header + message->len;
}
