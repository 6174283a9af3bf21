/* One WebSocket to the server, kept up for ever: signs in, comes back after each loss, notices silence. The
 * only one here that knows libwebsockets. Knows how a conversation begins and ends (protocol.md section 2);
 * knows nothing of sessions. */
#ifndef LOCKSTEP_CLI_LINK_H
#define LOCKSTEP_CLI_LINK_H

#include "examples/cli/address.h"
#include "protocol/json.h"
#include "protocol/limits.h"

struct ev_loop;

/* Of the server's messages: a plan's structure within a session within a snapshot. */
#define LINK_JSON_DEPTH (LIMIT_STRUCTURE_DEPTH + 8)

enum link_phase {
	LINK_CONNECTING, /* and signing in, and catching up */
	LINK_LIVE,
	LINK_OFFLINE, /* will try again by itself */
	LINK_REFUSED  /* the token is no good; will try again, but seldom */
};
const char *link_phase_name(enum link_phase phase);

/* What is told, all from the loop. None of them may destroy the link. */
struct link_hooks {
	/* A message as it came, `hello` and the rest of signing in included; the tree is the link's. */
	void (*message)(void *context, const cJSON *tree, const char *bytes, size_t len);
	/* Another phase, and why (empty where there is nothing to say). LIVE comes after its message. */
	void (*phase)(void *context, enum link_phase phase, const char *why);
	/* The token to sign in with, asked at each attempt and before it ends; NULL: there is none. */
	const char *(*token)(void *context);
	/* Appends the position to resume from, {"epoch":…,"seq":…}, or nothing. May be NULL: always afresh.
	 */
	void (*position)(void *context, struct text *out);
};

struct link_options {
	const struct address *address;
	const char *name; /* what others see of this client */
	const char *ca;   /* file with the certificates to believe; empty: the system's */
	const struct link_hooks *hooks;
	void *context;
};

/* Starts connecting. Everything in `options` must outlive the link. NULL when libwebsockets does not start.
 */
struct link *link_create(struct ev_loop *ev, const struct link_options *options);
/* Sends one message as soon as it can be; lost with the connection. Nothing happens while there is none. */
void link_send(struct link *link, const char *message);
/* Gives the connection up, as if it had been lost, and connects anew. */
void link_drop(struct link *link, const char *why);
/* When the last connection was last known to be good, by now_boot_ms(): the server may have been silent for a
 * while before it was given up. */
int64_t link_lost_ms(const struct link *link);
void link_destroy(struct link *link);

#endif
