#include "server/registry.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct registry {
	struct client *clients;      /* by number */
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
	struct client *client, *next;
	HASH_ITER (hh, registry->clients, client, next) {
		registry_remove(registry, client);
	}
	free(registry);
}

void registry_add(struct registry *registry, struct client *client)
{
	client->number = ++registry->last_number;
	client->user = NULL;
	HASH_ADD(hh, registry->clients, number, sizeof(client->number), client);
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
	unbind(registry, client);
	HASH_DEL(registry->clients, client);
	client->number = 0;
}

static struct registry_user *find_or_make_user(struct registry *registry, int64_t uid, const char *user_id)
{
	struct registry_user *user;
	HASH_FIND(hh, registry->users, &uid, sizeof(uid), user);
	if (user)
		return user;
	user = calloc(1, sizeof(*user));
	if (!user)
		abort();
	user->uid = uid;
	memcpy(user->user_id, user_id, strnlen(user_id, LIMIT_SUBJECT_BYTES));
	HASH_ADD(hh, registry->users, uid, sizeof(user->uid), user);
	return user;
}

void registry_bind(struct registry *registry, struct client *client, int64_t uid, const char *user_id)
{
	if (client->user && client->user->uid == uid)
		return;
	unbind(registry, client);
	client->user = find_or_make_user(registry, uid, user_id);
	DL_APPEND(client->user->clients, client);
}

/* A client may end itself when it is told, but no other. */
static void deliver_event(struct registry *registry, const struct reply *reply)
{
	struct registry_user *user;
	struct client *client, *next;
	HASH_FIND(hh, registry->users, &reply->uid, sizeof(reply->uid), user);
	if (!user)
		return;
	DL_FOREACH_SAFE (user->clients, client, next) {
		if (client->kind->event)
			client->kind->event(client, reply);
	}
}

/* All are asked, since one may hold the token before it is bound to its user. */
static void deliver_revoked(struct registry *registry, const struct reply *reply)
{
	struct client *client, *next;
	HASH_ITER (hh, registry->clients, client, next) {
		if (client->kind->revoked)
			client->kind->revoked(client, &reply->device);
	}
}

void registry_deliver(struct registry *registry, struct reply *reply)
{
	if (reply->kind == REPLY_EVENT) {
		deliver_event(registry, reply);
	} else if (reply->kind == REPLY_REVOKED) {
		deliver_revoked(registry, reply);
	} else {
		struct client *client;
		HASH_FIND(hh, registry->clients, &reply->client, sizeof(reply->client), client);
		if (client)
			client->kind->answer(client, reply);
	}
	reply_destroy(reply);
}

void registry_goodbye(struct registry *registry, int close_code)
{
	struct client *client, *next;
	HASH_ITER (hh, registry->clients, client, next) {
		client->kind->goodbye(client, close_code);
	}
}

size_t registry_count(const struct registry *registry)
{
	return HASH_COUNT(registry->clients);
}
