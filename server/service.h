/* What the faces (WebSocket, HTTP) are wired to. Filled by main, handed down as the library's context user.
 */
#ifndef LOCKSTEP_SERVER_SERVICE_H
#define LOCKSTEP_SERVER_SERVICE_H

#include "auth/auth.h"
#include "auth/local.h"
#include "server/engine.h"
#include "server/options.h"
#include "server/registry.h"
#include "server/wheel.h"

struct ev_loop;
struct identities;
struct keyring;
struct metrics;
struct page;
struct quota;
struct systemd_sockets;
struct ws_socket;

struct service {
	const struct options *options;
	const struct systemd_sockets *passed; /* served in the place of what the options say */
	struct engine *engine;
	const struct auth *auth;
	const struct local *local; /* the local issuer, or NULL */
	struct keyring *keyring;
	struct identities *identities;
	const struct page *page; /* the built page, or NULL */
	struct registry *registry;
	struct wheel *wheel;
	struct ev_loop *ev;  /* the loop's, while it lives */
	struct quota *quota; /* commands over HTTP */
	struct metrics *metrics;
	struct ws_socket *unsent;        /* those that have something to send: see ws_flush */
	bool draining;                   /* SIGTERM came: /readyz says 503, nothing new is accepted */
	size_t sockets, unauthenticated; /* for --max-sockets, --max-unauthenticated */
	int64_t crowded_ms;              /* when the log was last told that too much waits; 0: never */
};

#endif
