/* Nchan: a WebSocket to a path of its own for each channel, and requests over one connection that publish,
 * many in a row. (Of what is published over a WebSocket it now and then loses a few in a row.) A subscriber
 * is live when it is upgraded: its worker has put it among the channel's by then. */
#include "tests/bench/load/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void greet(struct text *out, const struct peer_guest *guest)
{
	char path[32];
	snprintf(path, sizeof(path), "/channel/%zu", guest->user);
	if (!guest->publishes)
		peer_append_upgrade(out, guest, path, "");
}

/* The answer to what was published. */
static bool read_answer(const char *bytes, size_t len, struct frame *ret)
{
	static const char good[] = "HTTP/1.1 20", length[] = "\r\nContent-Length: ", end[] = "\r\n\r\n";
	const char *head = memmem(bytes, len, end, strlen(end));
	*ret = (struct frame){0};
	if (!head)
		return true;
	const char *found = memmem(bytes, (size_t)(head - bytes), length, strlen(length));
	if (!found || memcmp(bytes, good, strlen(good)) != 0)
		return false;
	size_t size = (size_t)(head - bytes) + strlen(end) + strtoul(found + strlen(length), NULL, 10);
	ret->size = size <= len ? size : 0;
	return true;
}

/* No frame begins with an H: it would be a fragment. */
static bool read_any(const char *bytes, size_t len, struct frame *ret)
{
	return len && bytes[0] == 'H' ? read_answer(bytes, len, ret) : frame_read(bytes, len, ret);
}

static void append(struct text *out, const struct peer_word *word)
{
	if (word->kind != FRAME_TEXT) {
		peer_append_frame(out, word);
		return;
	}
	text_append_format(out,
		"POST /publish/%zu HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %zu\r\n\r\n", word->user,
		word->len);
	text_append(out, word->bytes, word->len);
}

const struct peer peer_nchan = {
	.name = "nchan",
	.upgrades = true,
	.relays = true,
	.silent = true,
	.apart = true,
	.greet = greet,
	.read = read_any,
	.append = append,
};
