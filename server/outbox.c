#include "server/outbox.h"

#include <stdlib.h>

#define FIRST_ROOM 4
/* A thousand readers that don't read must fit into memory for as long as we are patient with them. */
#define BURST_FACTOR 4

void outbox_finish(struct outbox *outbox)
{
	struct message_bytes *message;
	while ((message = outbox_pop(outbox)))
		message_drop(message);
}

static void grow(struct outbox *outbox)
{
	uint32_t room = outbox->room ? outbox->room * 2 : FIRST_ROOM;
	struct outbox_item *items = calloc(room, sizeof(*items));
	if (!items)
		abort();
	for (uint32_t i = 0; i < outbox->count; i++)
		items[i] = outbox->items[(outbox->first + i) % outbox->room];
	free(outbox->items);
	outbox->items = items;
	outbox->first = 0;
	outbox->room = room;
}

static enum outbox_kind kind_of(const struct outbox *outbox, bool admitted)
{
	if (admitted)
		return OUTBOX_ADMITTED;
	return outbox->count ? OUTBOX_COUNTED : OUTBOX_FIRST;
}

bool outbox_push(struct outbox *outbox, struct message_bytes *message, bool admitted, size_t max)
{
	enum outbox_kind kind = kind_of(outbox, admitted);
	if (kind == OUTBOX_COUNTED && outbox->bytes[kind] + message->len > max) {
		message_drop(message);
		return false;
	}
	if (outbox->count == outbox->room)
		grow(outbox);
	uint32_t end = (outbox->first + outbox->count) % outbox->room;
	outbox->items[end] = (struct outbox_item){message, kind};
	outbox->count++;
	outbox->bytes[kind] += message->len;
	return true;
}

size_t outbox_limit(const struct outbox *outbox, size_t more, size_t max, int64_t now_ms, int64_t *over_ms)
{
	if (kind_of(outbox, false) == OUTBOX_FIRST || outbox->bytes[OUTBOX_COUNTED] + more <= max)
		return max;
	if (!*over_ms)
		*over_ms = now_ms;
	return BURST_FACTOR * max;
}

const struct message_bytes *outbox_peek(const struct outbox *outbox)
{
	return outbox->count ? outbox->items[outbox->first].message : NULL;
}

struct message_bytes *outbox_pop(struct outbox *outbox)
{
	if (!outbox->count)
		return NULL;
	struct outbox_item item = outbox->items[outbox->first];
	outbox->bytes[item.kind] -= item.message->len;
	outbox->first = (outbox->first + 1) % outbox->room;
	if (--outbox->count == 0) {
		free(outbox->items);
		*outbox = (struct outbox){0};
	}
	return item.message;
}
