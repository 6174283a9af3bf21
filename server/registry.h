/* Who is connected: every client by number, and each user's clients. Knows no sockets and no bytes.
 * A client is whatever an answer of the engine can be addressed to: a WebSocket or an HTTP request. */
#ifndef LOCKSTEP_SERVER_REGISTRY_H
#define LOCKSTEP_SERVER_REGISTRY_H

#include "server/engine.h"

#include <uthash.h>

struct client;

/* How one kind of client takes what comes. Each may end the client (unlink and free it). */
struct client_kind {
	/* SYNCED, LIVE and ANSWER replies addressed to it. May take reply->message by setting it NULL. */
	void (*answer)(struct client *client, struct reply *reply);
	/* An event of its user; takes a reference of its own (message_share). NULL: not interested. */
	void (*event)(struct client *client, const struct reply *reply);
	/* Tokens are believed no more: see reply_revokes. NULL: what is under way may end as it is. */
	void (*revoked)(struct client *client, const struct reply *reply);
	/* The server shuts down or the engine failed: say goodbye with this close code. */
	void (*goodbye)(struct client *client, int close_code);
	/* Bytes that wait to be sent to it. NULL: it has no queue. */
	size_t (*waiting)(const struct client *client);
};

struct registry_user;

/* Embedded as the first member of a socket or request. */
struct client {
	const struct client_kind *kind;
	uint64_t number;            /* 0: not added */
	struct registry_user *user; /* NULL until bound */
	struct client *next, *prev; /* among the user's */
};

/* One user who has at least one client, and what is counted per user. */
struct registry_user {
	int64_t uid;
	struct client *clients;
	size_t sockets;    /* for --max-sockets-user */
	UT_hash_handle hh; /* by uid */
};

struct registry;

struct registry *registry_create(void);
void registry_destroy(struct registry *registry);
/* Gives it its number. */
void registry_add(struct registry *registry, struct client *client);
/* Unlinks it from number and user; the last client of a user takes the user's record with it. Safe if never
 * added. */
void registry_remove(struct registry *registry, struct client *client);
/* Makes it one of that user's clients; from now on it gets the user's events. */
void registry_bind(struct registry *registry, struct client *client, int64_t uid);
/* Hands one reply of the engine to whom it concerns; consumes it. Not for REPLY_FATAL and REPLY_IDENTITY.
 * Returns how many got an event. */
size_t registry_deliver(struct registry *registry, struct reply *reply);
/* goodbye() to every client. */
void registry_goodbye(struct registry *registry, int close_code);
size_t registry_count(const struct registry *registry);
/* Those who have at least one client. */
size_t registry_users(const struct registry *registry);
/* What waits to be sent to all of them. Asks each. */
size_t registry_waiting(const struct registry *registry);

#endif
