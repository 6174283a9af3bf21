/* Whose a bearer token is: of an issuer's person or a device's, known from before, or found out by the keys
 * and the engine. Knows tokens and users; knows no sockets and no messages. Loop thread only. */
#ifndef LOCKSTEP_SERVER_IDENTITY_H
#define LOCKSTEP_SERVER_IDENTITY_H

#include "server/service.h"

struct identity {
	int64_t uid;
	enum scope scope;
	struct uuid device;    /* nil for an issuer's token */
	int64_t expires_at_ms; /* wall time; 0: never */
};

struct identity_search;

/* One question, embedded in who asks. Zero-initialise, and set `known`. */
struct identity_ask {
	/* Called once: `why` is NULL when it is known whose it is. ERR_UNAVAILABLE: it may be good, ask again
	 * later. */
	void (*known)(struct identity_ask *ask, const struct identity *identity, const struct refusal *why);
	struct identity_search *search; /* NULL: nothing is being found out */
	struct identity_ask *prev, *next;
};

struct identities;

struct identities *identities_create(struct service *service);
void identities_destroy(struct identities *identities);

/* Whose token is it? ask->known is called, from here if that is known, or later: within some seconds. */
void identity_ask(struct identities *identities, struct identity_ask *ask, const char *token, size_t len);
/* It is not called any more. Fine when nothing was asked. */
void identity_cancel(struct identity_ask *ask);

/* The engine's REPLY_IDENTITY or REPLY_REVOKED. */
void identities_take(struct identities *identities, const struct reply *reply);
/* An issuer's keys have been asked for: whoever waited for them is looked at again. A keyring's news. */
void identities_news(void *identities);
/* Forgets all that was found out: keys may be believed no more. */
void identities_forget(struct identities *identities);

#endif
