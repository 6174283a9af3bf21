/* socket.io 4 over its WebSocket: each packet is a text frame that begins with its type, of engine.io and,
 * behind 4, of socket.io. An event is 42["name",{…}]. The WebSocket's own pings are not used. */
#include "tests/bench/load/peer.h"

#include <string.h>

/* What the server says. */
#define OPENED    '0' /* asks for 40, which joins the main namespace */
#define PINGED    '2'
#define MESSAGE   '4'
#define NOOP      '6'
#define CONNECTED '0'
#define EVENT     '2'

static void greet(struct text *out, const struct peer_guest *guest)
{
	peer_append_upgrade(out, guest, "/socket.io/?EIO=4&transport=websocket", "");
}

/* Leaves of 42["name",{…}] the object. */
static bool unwrap(struct frame *frame)
{
	const char *comma = memchr(frame->payload, ',', frame->len), *end = frame->payload + frame->len;
	if (!comma || end[-1] != ']')
		return false;
	frame->payload = comma + 1;
	frame->len = (size_t)(end - comma) - 2;
	return true;
}

static bool read_packet(const char *bytes, size_t len, struct frame *ret)
{
	if (!frame_read(bytes, len, ret))
		return false;
	if (!ret->size || ret->kind != FRAME_TEXT)
		return true;
	char type = ret->len ? ret->payload[0] : 0, kind = ret->len > 1 ? ret->payload[1] : 0;
	if (type == MESSAGE && kind == EVENT)
		return unwrap(ret);
	ret->kind = type == OPENED || type == PINGED ? FRAME_PING : FRAME_OTHER;
	return ret->kind == FRAME_PING || type == NOOP || (type == MESSAGE && kind == CONNECTED);
}

static void append_packet(struct text *out, const struct peer_word *word)
{
	TEXT_AUTO packet = {0};
	if (word->kind == FRAME_PONG) {
		text_append_string(&packet, word->bytes[0] == OPENED ? "40" : "3");
	} else {
		text_append_string(&packet, "42[\"command\",");
		text_append(&packet, word->bytes, word->len);
		text_append_string(&packet, "]");
	}
	frame_append(out, FRAME_TEXT, packet.data, packet.len, word->mask);
}

const struct peer peer_socketio = {
	.name = "socket.io",
	.upgrades = true,
	.greet = greet,
	.read = read_packet,
	.append = append_packet,
};
