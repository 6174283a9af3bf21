/* What the loop's thread does with an event, as far as it goes without sockets: to many outboxes. */
#include "server/outbox.h"
#include "server/registry.h"
#include "tests/bench/guard/guard.h"
#include "tests/support/store_fixture.h"

#include <stdlib.h>
#include <string.h>

#define PEERS        100
#define EVENT_BYTES  760
#define OUTBOX_BYTES (256 * 1024)

struct peer {
	struct client client; /* first */
	struct outbox outbox;
	int64_t over_ms;
};

struct crowd {
	struct registry *registry;
	struct peer peers[PEERS];
};

static void take_event(struct client *client, const struct reply *reply)
{
	struct peer *peer = (struct peer *)client;
	size_t limit = outbox_limit(&peer->outbox, reply->message->len, OUTBOX_BYTES, T0, &peer->over_ms);
	guard_must(
		outbox_push(&peer->outbox, message_share(reply->message), false, limit), "an outbox is full");
}

static void *create_crowd(void)
{
	static const struct client_kind kind = {.event = take_event};
	struct crowd *crowd = calloc(1, sizeof(*crowd));
	guard_must(crowd, "no memory");
	crowd->registry = registry_create();
	for (int i = 0; i < PEERS; i++) {
		crowd->peers[i].client.kind = &kind;
		registry_add(crowd->registry, &crowd->peers[i].client);
		registry_bind(crowd->registry, &crowd->peers[i].client, 1);
	}
	return crowd;
}

static void destroy_crowd(void *state)
{
	struct crowd *crowd = state;
	registry_destroy(crowd->registry);
	free(crowd);
}

/* To all of them, and out of their outboxes again. */
static void run_fanout(void *state)
{
	struct crowd *crowd = state;
	char event[EVENT_BYTES];
	memset(event, 'x', sizeof(event));
	struct reply *reply = calloc(1, sizeof(*reply));
	guard_must(reply, "no memory");
	reply->kind = REPLY_EVENT;
	reply->uid = reply->seq = 1;
	reply->message = message_make(event, sizeof(event));
	guard_begin();
	registry_deliver(crowd->registry, reply);
	for (int i = 0; i < PEERS; i++)
		message_drop(outbox_pop(&crowd->peers[i].outbox));
	guard_end();
}

const struct guard_path guard_fanout[] = {
	{"fanout-100", 100, 1, create_crowd, run_fanout, destroy_crowd},
	{0},
};
