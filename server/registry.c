#include "server/registry.h"

#include <assert.h>
#include <stdlib.h>
#include <utlist.h>

/* A number's low bits are the place of its client; what stands above them is never used twice. */
#define MAX_PLACES   (1u << 24)
#define FIRST_PLACES 64

struct registry {
	struct client **places;
	uint32_t *empty; /* places, the room - count first ones */
	uint32_t room, count;
	struct registry_user *users; /* by uid */
	uint64_t last_number;
};

struct registry *registry_create(void)
{
	struct registry *registry = calloc(1, sizeof(*registry));
	if (!registry)
		abort();
	return registry;
}

void registry_destroy(struct registry *registry)
{
	if (!registry)
		return;
	for (uint32_t place = 0; place < registry->room; place++) {
		if (registry->places[place])
			registry_remove(registry, registry->places[place]);
	}
	free(registry->places);
	free(registry->empty);
	free(registry);
}

/* All places are taken. */
static void make_places(struct registry *registry)
{
	uint32_t room = registry->room ? registry->room * 2 : FIRST_PLACES;
	assert(room <= MAX_PLACES);
	registry->places = reallocarray(registry->places, room, sizeof(*registry->places));
	registry->empty = reallocarray(registry->empty, room, sizeof(*registry->empty));
	if (!registry->places || !registry->empty)
		abort();
	for (uint32_t place = registry->room; place < room; place++) {
		registry->places[place] = NULL;
		registry->empty[room - 1 - place] = place;
	}
	registry->room = room;
}

void registry_add(struct registry *registry, struct client *client)
{
	if (registry->count == registry->room)
		make_places(registry);
	uint32_t place = registry->empty[registry->room - ++registry->count];
	registry->places[place] = client;
	client->number = ++registry->last_number * MAX_PLACES + place;
	client->user = NULL;
}

static struct client *find(const struct registry *registry, uint64_t number)
{
	uint32_t place = number % MAX_PLACES;
	struct client *client = place < registry->room ? registry->places[place] : NULL;
	return client && client->number == number ? client : NULL;
}

static void unbind(struct registry *registry, struct client *client)
{
	struct registry_user *user = client->user;
	if (!user)
		return;
	DL_DELETE(user->clients, client);
	client->user = NULL;
	if (user->clients)
		return;
	HASH_DEL(registry->users, user);
	free(user);
}

void registry_remove(struct registry *registry, struct client *client)
{
	if (!client->number)
		return;
	uint32_t place = client->number % MAX_PLACES;
	unbind(registry, client);
	registry->places[place] = NULL;
	registry->empty[registry->room - registry->count--] = place;
	client->number = 0;
}

static struct registry_user *find_or_make_user(struct registry *registry, int64_t uid)
{
	struct registry_user *user;
	HASH_FIND(hh, registry->users, &uid, sizeof(uid), user);
	if (user)
		return user;
	user = calloc(1, sizeof(*user));
	if (!user)
		abort();
	user->uid = uid;
	HASH_ADD(hh, registry->users, uid, sizeof(user->uid), user);
	return user;
}

void registry_bind(struct registry *registry, struct client *client, int64_t uid)
{
	if (client->user && client->user->uid == uid)
		return;
	unbind(registry, client);
	client->user = find_or_make_user(registry, uid);
	DL_APPEND(client->user->clients, client);
}

/* A client may end itself when it is told, but no other. */
static size_t deliver_event(struct registry *registry, const struct reply *reply)
{
	struct registry_user *user;
	struct client *client, *next;
	HASH_FIND(hh, registry->users, &reply->uid, sizeof(reply->uid), user);
	size_t told = 0;
	if (!user)
		return told;
	DL_FOREACH_SAFE (user->clients, client, next) {
		if (!client->kind->event)
			continue;
		client->kind->event(client, reply);
		told++;
	}
	return told;
}

/* All are asked, since one may hold the token before it is bound to its user. */
static void deliver_revoked(struct registry *registry, const struct reply *reply)
{
	for (uint32_t place = 0; place < registry->room; place++) {
		struct client *client = registry->places[place];
		if (client && client->kind->revoked)
			client->kind->revoked(client, reply);
	}
}

size_t registry_deliver(struct registry *registry, struct reply *reply)
{
	size_t told = 0;
	if (reply->kind == REPLY_EVENT) {
		told = deliver_event(registry, reply);
	} else if (reply->kind == REPLY_REVOKED) {
		deliver_revoked(registry, reply);
	} else {
		struct client *client = find(registry, reply->client);
		if (client)
			client->kind->answer(client, reply);
	}
	reply_destroy(reply);
	return told;
}

void registry_goodbye(struct registry *registry, int close_code)
{
	for (uint32_t place = 0; place < registry->room; place++) {
		struct client *client = registry->places[place];
		if (client)
			client->kind->goodbye(client, close_code);
	}
}

size_t registry_count(const struct registry *registry)
{
	return registry->count;
}

size_t registry_users(const struct registry *registry)
{
	return HASH_COUNT(registry->users);
}

size_t registry_waiting(const struct registry *registry)
{
	size_t bytes = 0;
	for (uint32_t place = 0; place < registry->room; place++) {
		const struct client *client = registry->places[place];
		if (client && client->kind->waiting)
			bytes += client->kind->waiting(client);
	}
	return bytes;
}
