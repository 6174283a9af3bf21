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

static const struct outbox_item *at(const struct outbox *outbox, uint32_t index)
{
	return outbox->ring ? &outbox->ring[(outbox->first + index) & (outbox->room - 1)] : &outbox->only;
}

static void grow(struct outbox *outbox)
{
	uint32_t room = outbox->ring ? outbox->room * 2 : FIRST_ROOM;
	struct outbox_item *ring = calloc(room, sizeof(*ring));
	if (!ring)
		abort();
	for (uint32_t i = 0; i < outbox->count; i++)
		ring[i] = *at(outbox, i);
	free(outbox->ring);
	outbox->ring = ring;
	outbox->first = 0;
	outbox->room = room;
}

static void append(struct outbox *outbox, struct outbox_item item)
{
	if (outbox->count == (outbox->ring ? outbox->room : 1))
		grow(outbox);
	if (outbox->ring)
		outbox->ring[(outbox->first + outbox->count) & (outbox->room - 1)] = item;
	else
		outbox->only = item;
	outbox->count++;
}

size_t outbox_bytes(const struct outbox *outbox)
{
	return outbox->bytes[OUTBOX_FIRST] + outbox->bytes[OUTBOX_ADMITTED] + outbox->bytes[OUTBOX_COUNTED];
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
	append(outbox, (struct outbox_item){message, kind});
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

struct message_bytes *outbox_at(const struct outbox *outbox, uint32_t index)
{
	return index < outbox->count ? at(outbox, index)->message : NULL;
}

struct message_bytes *outbox_pop(struct outbox *outbox)
{
	if (!outbox->count)
		return NULL;
	struct outbox_item item = *at(outbox, 0);
	outbox->bytes[item.kind] -= item.message->len;
	outbox->first++;
	if (--outbox->count == 0) {
		free(outbox->ring);
		*outbox = (struct outbox){0};
	}
	return item.message;
}
