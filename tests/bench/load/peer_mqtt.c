/* MQTT 3.1.1, quality of service 0, over bare TCP. A socket says CONNECT and SUBSCRIBE in one go and is live
 * when the latter is acknowledged. */
#include "tests/bench/load/peer.h"

#include <stdio.h>
#include <string.h>

enum packet {
	CONNECT = 1,
	CONNACK = 2,
	PUBLISH = 3,
	SUBSCRIBE = 8,
	SUBACK = 9,
};

#define SUBSCRIBE_FLAGS 2 /* that it has them is part of the protocol */
#define CLEAN_SESSION   2
#define REFUSED         0x80
#define LENGTH_BYTES    4

static void append_head(struct text *out, enum packet packet, int flags, size_t len)
{
	unsigned char head[1 + LENGTH_BYTES] = {(unsigned char)((int)packet << 4 | flags)};
	size_t used = 1;
	do {
		head[used++] = (unsigned char)((len & 0x7f) | (len > 0x7f ? 0x80 : 0));
		len >>= 7;
	} while (len);
	text_append(out, head, used);
}

static void append_string(struct text *out, const char *string, size_t len)
{
	unsigned char head[2] = {(unsigned char)(len >> 8), (unsigned char)len};
	text_append(out, head, sizeof(head));
	text_append(out, string, len);
}

static size_t name_topic(char *ret, size_t room, size_t user)
{
	return (size_t)snprintf(ret, room, "channel/%zu", user);
}

static void greet(struct text *out, const struct peer_guest *guest)
{
	/* MQTT 3.1.1, keep-alive 0: no pings; packet 1; at most once. */
	static const unsigned char session[] = {4, CLEAN_SESSION, 0, 0}, packet[] = {0, 1}, quality[] = {0};
	char topic[32];
	size_t len = name_topic(topic, sizeof(topic), guest->user);
	append_head(out, CONNECT, 0, 2 + strlen("MQTT") + sizeof(session) + 2);
	append_string(out, "MQTT", strlen("MQTT"));
	text_append(out, session, sizeof(session));
	append_string(out, "", 0); /* the server makes a name */
	append_head(out, SUBSCRIBE, SUBSCRIBE_FLAGS, sizeof(packet) + 2 + len + sizeof(quality));
	text_append(out, packet, sizeof(packet));
	append_string(out, topic, len);
	text_append(out, quality, sizeof(quality));
}

/* How many bytes the length takes, 0 when they are not all there, -1 when they are too many. */
static int read_length(const unsigned char *at, size_t len, size_t *ret)
{
	size_t length = 0;
	for (int i = 0; i < LENGTH_BYTES; i++) {
		if ((size_t)i == len)
			return 0;
		length |= (size_t)(at[i] & 0x7f) << (7 * i);
		if (!(at[i] & 0x80)) {
			*ret = length;
			return i + 1;
		}
	}
	return -1;
}

static bool read_published(const unsigned char *body, size_t len, struct frame *ret)
{
	size_t topic = len < 2 ? len : 2 + (size_t)(body[0] << 8 | body[1]);
	if (topic >= len)
		return false;
	ret->kind = FRAME_TEXT;
	ret->payload = (const char *)body + topic;
	ret->len = len - topic;
	return true;
}

static bool read_body(int packet, const unsigned char *body, size_t len, struct frame *ret)
{
	switch (packet) {
	case PUBLISH:
		return read_published(body, len, ret);
	case CONNACK:
		return len == 2 && body[1] == 0;
	case SUBACK:
		ret->kind = FRAME_TEXT;
		ret->payload = PEER_LIVE;
		ret->len = strlen(PEER_LIVE);
		return len == 3 && body[2] != REFUSED;
	}
	return false;
}

static bool read_packet(const char *bytes, size_t len, struct frame *ret)
{
	const unsigned char *at = (const unsigned char *)bytes;
	size_t body = 0;
	*ret = (struct frame){0};
	int length_bytes = len ? read_length(at + 1, len - 1, &body) : 0;
	if (length_bytes < 0)
		return false;
	size_t head = 1 + (size_t)length_bytes;
	if (!length_bytes || len - head < body)
		return true;
	ret->size = head + body;
	return read_body(at[0] >> 4, at + head, body, ret);
}

static void publish(struct text *out, const struct peer_word *word)
{
	char topic[32];
	size_t len = name_topic(topic, sizeof(topic), word->user);
	append_head(out, PUBLISH, 0, 2 + len + word->len);
	append_string(out, topic, len);
	text_append(out, word->bytes, word->len);
}

const struct peer peer_mqtt = {
	.name = "mqtt",
	.relays = true,
	.greet = greet,
	.read = read_packet,
	.append = publish,
};
