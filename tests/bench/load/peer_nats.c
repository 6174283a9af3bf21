/* NATS over bare TCP: lines, and behind some a payload. A socket says CONNECT, SUB and PING in one go and is
 * live when the PONG is there. */
#include "tests/bench/load/peer.h"

#include <string.h>

#define LINE_END     "\r\n"
#define LINE_MAX     4096
#define LENGTH_MAX   8 /* digits of a payload's length */
#define BEGINS(word) begins(bytes, len, word)

static bool begins(const char *bytes, size_t len, const char *word)
{
	return len >= strlen(word) && memcmp(bytes, word, strlen(word)) == 0;
}

static void greet(struct text *out, const struct peer_guest *guest)
{
	text_append_format(out,
		"CONNECT "
		"{\"verbose\":false,\"pedantic\":false,\"tls_required\":false,\"lang\":\"c\"}" LINE_END
		"SUB channel.%zu 1" LINE_END "PING" LINE_END,
		guest->user);
}

/* MSG SUBJECT SID BYTES: the number at the end of the line; -1 when there is none. */
static long payload_of(const char *line, size_t len)
{
	long number = 0, unit = 1;
	size_t at = len;
	while (at > 0 && len - at < LENGTH_MAX && line[at - 1] >= '0' && line[at - 1] <= '9') {
		number += unit * (line[--at] - '0');
		unit *= 10;
	}
	return at < len && at > 0 && line[at - 1] == ' ' ? number : -1;
}

static bool read_published(const char *bytes, size_t line, size_t len, struct frame *ret)
{
	size_t head = line + strlen(LINE_END);
	long payload = payload_of(bytes, line);
	if (payload < 0)
		return false;
	size_t size = head + (size_t)payload + strlen(LINE_END);
	if (size > len)
		return true;
	*ret = (struct frame){
		.kind = FRAME_TEXT, .payload = bytes + head, .len = (size_t)payload, .size = size};
	return true;
}

static bool read_line(const char *bytes, size_t len, struct frame *ret)
{
	const char *end = memmem(bytes, len, LINE_END, strlen(LINE_END));
	*ret = (struct frame){0};
	if (!end)
		return len < LINE_MAX;
	size_t line = (size_t)(end - bytes);
	if (BEGINS("MSG "))
		return read_published(bytes, line, len, ret);
	ret->size = line + strlen(LINE_END);
	if (BEGINS("PONG")) {
		ret->kind = FRAME_TEXT;
		ret->payload = PEER_LIVE;
		ret->len = strlen(PEER_LIVE);
	} else if (BEGINS("PING")) {
		ret->kind = FRAME_PING;
	}
	return BEGINS("PONG") || BEGINS("PING") || BEGINS("INFO ");
}

static void append(struct text *out, const struct peer_word *word)
{
	if (word->kind == FRAME_PONG) {
		text_append_string(out, "PONG" LINE_END);
		return;
	}
	text_append_format(out, "PUB channel.%zu %zu" LINE_END, word->user, word->len);
	text_append(out, word->bytes, word->len);
	text_append_string(out, LINE_END);
}

const struct peer peer_nats = {
	.name = "nats",
	.relays = true,
	.greet = greet,
	.read = read_line,
	.append = append,
};
