#include "server/message.h"

#include <stdlib.h>
#include <string.h>

struct message_bytes *message_make(const void *bytes, size_t len)
{
	struct message_bytes *message = malloc(sizeof(*message) + MESSAGE_HEADROOM + len);
	if (!message)
		abort();
	atomic_init(&message->references, 1);
	message->len = len;
	memcpy(message->bytes + MESSAGE_HEADROOM, bytes, len);
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
	return message->bytes + MESSAGE_HEADROOM;
}
