#include "tests/bench/load/peer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The key and its answer of RFC 6455, section 1.3. */
#define KEY        "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT     "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#define PATH_BYTES 160

static const struct peer *const peers[] = {
	&peer_lockstep,
	&peer_socketio,
	&peer_mqtt,
	&peer_nats,
	&peer_nchan,
};
#define PEERS (sizeof(peers) / sizeof(peers[0]))

const struct peer *peer_find(const char *name)
{
	for (size_t i = 0; i < PEERS; i++) {
		if (strcmp(peers[i]->name, name) == 0)
			return peers[i];
	}
	return NULL;
}

void peer_append_names(struct text *out)
{
	for (size_t i = 0; i < PEERS; i++)
		text_append_format(out, "%s%s", i ? " " : "", peers[i]->name);
}

void peer_append_event(struct text *out, int64_t number)
{
	size_t begin = out->len;
	text_append_format(out,
		"{\"type\":\"event\",\"seq\":%" PRId64 ",\"tag\":\"00000000\",\"event\":\"%s\","
		"\"origin\":{\"via\":\"relay\"},\"session\":{\"id\":\"relayed\",\"version\":%" PRId64
		",\"state\":\"%s\",\"title\":\"",
		number + 1,
		number == 0  ? "addSession"
		: number % 2 ? "start"
			     : "pause",
		number + 1, number % 2 ? "RUNNING" : "PAUSED");
	while (out->len - begin < PEER_EVENT_BYTES - strlen("\"}}"))
		text_append(out, ".", 1);
	text_append_string(out, "\"}}");
}

void peer_append_upgrade(
	struct text *out, const struct peer_guest *guest, const char *path, const char *headers)
{
	text_append_format(out,
		"GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY "\r\n%s",
		path, guest->port, headers);
	if (guest->token)
		text_append_format(out, "Authorization: Bearer %s\r\n", guest->token);
	text_append_string(out, "\r\n");
}

size_t peer_read_upgrade(const char *bytes, size_t len, bool *ret_good)
{
	static const char status[] = "HTTP/1.1 101", end[] = "\r\n\r\n";
	const char *found = memmem(bytes, len, end, strlen(end));
	if (!found)
		return 0;
	size_t head = (size_t)(found - bytes) + strlen(end);
	*ret_good = head > strlen(status) && memcmp(bytes, status, strlen(status)) == 0 &&
		    memmem(bytes, head, ACCEPT, strlen(ACCEPT));
	return head;
}

void peer_append_frame(struct text *out, const struct peer_word *word)
{
	frame_append(out, word->kind, word->bytes, word->len, word->mask);
}

static void greet_lockstep(struct text *out, const struct peer_guest *guest)
{
	char path[PATH_BYTES];
	snprintf(path, sizeof(path), "/v1/ws%s", guest->query);
	peer_append_upgrade(out, guest, path, "Sec-WebSocket-Protocol: lockstep.v1\r\n");
}

const struct peer peer_lockstep = {
	.name = "lockstep",
	.upgrades = true,
	.greet = greet_lockstep,
	.read = frame_read,
	.append = peer_append_frame,
};
