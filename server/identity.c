#include "server/identity.h"

#include "auth/bearer.h"
#include "server/clock.h"
#include "server/keyring.h"
#include "server/metrics.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* So many tokens are remembered: more than a server has sockets, so that all of them can come back at once
 * and none is verified twice. */
#define KNOWN_MAX 32768
/* An issuer's keys are waited for so long. Less than a request may take as a whole. */
#define WAIT_MS 8000
/* How often the engine hears that a device's token is in use. */
#define USED_EVERY_MS MINUTE_MS

struct known {
	struct fingerprint fingerprint;
	struct identity identity;
	int64_t told_ms; /* monotonic: when the engine last heard of its use */
	UT_hash_handle hh;
};

/* A token of which it is being found out whose it is, and all who ask for it. */
struct identity_search {
	struct identities *identities;
	uint64_t number; /* to the engine */
	struct fingerprint fingerprint;
	int64_t expires_at_ms;
	struct identity_ask *asks;
	struct wheel_timer timer; /* while it waits for keys */
	bool waits_for_keys;
	UT_hash_handle hh, hh_number;
	size_t len;
	char token[];
};

struct identities {
	struct service *service;
	struct known *known; /* the oldest first */
	struct identity_search *searches, *by_number;
	uint64_t last_number;
};

struct identities *identities_create(struct service *service)
{
	struct identities *identities = calloc(1, sizeof(*identities));
	if (!identities)
		abort();
	identities->service = service;
	return identities;
}

static void forget(struct identities *identities, struct known *known)
{
	HASH_DEL(identities->known, known);
	free(known);
}

void identities_forget(struct identities *identities)
{
	struct known *known, *next;
	HASH_ITER (hh, identities->known, known, next) {
		forget(identities, known);
	}
}

static void end_search(struct identity_search *search)
{
	struct identities *identities = search->identities;
	HASH_DELETE(hh, identities->searches, search);
	HASH_DELETE(hh_number, identities->by_number, search);
	wheel_disarm(&search->timer);
	free(search);
}

void identities_destroy(struct identities *identities)
{
	if (!identities)
		return;
	struct identity_search *search, *next;
	HASH_ITER (hh, identities->searches, search, next) {
		end_search(search);
	}
	identities_forget(identities);
	free(identities);
}

/* Tells all who ask. What one of them does may take back another's question. */
static void tell(struct identity_search *search, const struct identity *identity, const struct refusal *why)
{
	metrics_token(search->identities->service->metrics, why ? why->code : OK);
	while (search->asks) {
		struct identity_ask *ask = search->asks;
		DL_DELETE(search->asks, ask);
		ask->search = NULL;
		ask->known(ask, identity, why);
	}
	end_search(search);
}

static void tell_refused(struct identity_search *search, enum err code, const char *message)
{
	struct refusal why = {0};
	refuse(&why, code, NULL, "%s", message);
	tell(search, NULL, &why);
}

static void tell_unavailable(struct identity_search *search)
{
	tell_refused(search, ERR_UNAVAILABLE, "the issuer's keys cannot be had now; try again later");
}

static void ask_engine(struct identities *identities, const struct fingerprint *fingerprint, uint64_t number,
	struct auth_claims *claims)
{
	struct request *request = calloc(1, sizeof(*request));
	if (!request)
		abort();
	request->kind = REQUEST_IDENTIFY;
	request->client = number;
	request->fingerprint = *fingerprint;
	request->claims = claims;
	engine_submit(identities->service->engine, request);
}

/* The token names a key that its issuer doesn't have here. */
static void want_keys(struct identity_search *search)
{
	const struct service *service = search->identities->service;
	const char *issuer = auth_issuer_of(service->auth, search->token, search->len);
	switch (keyring_want(service->keyring, issuer)) {
	case KEYRING_ASKING:
		if (!search->waits_for_keys)
			wheel_arm(service->wheel, &search->timer, clock_monotonic_ms() + WAIT_MS);
		search->waits_for_keys = true;
		break;
	case KEYRING_MISSING:
		tell_unavailable(search);
		break;
	case KEYRING_KNOWN:
		tell_refused(search, ERR_TOKEN_INVALID, "the token's key is none of its issuer's");
		break;
	}
}

static void advance(struct identity_search *search)
{
	struct identities *identities = search->identities;
	struct refusal why = {0};
	if (bearer_is_device(search->token, search->len)) {
		ask_engine(identities, &search->fingerprint, search->number, NULL);
		return;
	}
	struct auth_claims *claims = calloc(1, sizeof(*claims));
	if (!claims)
		abort();
	enum err err = auth_verify(
		identities->service->auth, search->token, search->len, clock_wall_ms(), claims, &why);
	if (!err) {
		search->waits_for_keys = false;
		wheel_disarm(&search->timer);
		search->expires_at_ms = claims->expires_at_ms;
		ask_engine(identities, &search->fingerprint, search->number, claims);
		return;
	}
	free(claims);
	if (err == ERR_NOT_FOUND)
		want_keys(search);
	else
		tell(search, NULL, &why);
}

static void on_wait_over(struct wheel_timer *timer, int64_t monotonic_ms)
{
	(void)monotonic_ms;
	tell_unavailable((struct identity_search *)((char *)timer - offsetof(struct identity_search, timer)));
}

void identities_news(void *context)
{
	struct identities *identities = context;
	struct identity_search *search, *next;
	HASH_ITER (hh, identities->searches, search, next) {
		if (search->waits_for_keys)
			advance(search);
	}
}

static struct identity_search *begin_search(
	struct identities *identities, const struct fingerprint *fingerprint, const char *token, size_t len)
{
	struct identity_search *search = calloc(1, sizeof(*search) + len);
	if (!search)
		abort();
	search->identities = identities;
	search->number = ++identities->last_number;
	search->fingerprint = *fingerprint;
	search->timer.fire = on_wait_over;
	search->len = len;
	memcpy(search->token, token, len);
	HASH_ADD(hh, identities->searches, fingerprint, sizeof(search->fingerprint), search);
	HASH_ADD(hh_number, identities->by_number, number, sizeof(search->number), search);
	return search;
}

/* What is known of it and still holds. */
static struct known *find_known(struct identities *identities, const struct fingerprint *fingerprint)
{
	struct known *known;
	HASH_FIND(hh, identities->known, fingerprint, sizeof(*fingerprint), known);
	if (!known)
		return NULL;
	int64_t expires_at_ms = known->identity.expires_at_ms;
	if (!expires_at_ms || clock_wall_ms() < expires_at_ms)
		return known;
	forget(identities, known);
	return NULL;
}

/* The engine notes the use of a device's token; what it answers is of no interest. */
static void note_use(struct identities *identities, struct known *known)
{
	int64_t now_ms = clock_monotonic_ms();
	if (uuid_is_nil(&known->identity.device) || now_ms - known->told_ms < USED_EVERY_MS)
		return;
	known->told_ms = now_ms;
	ask_engine(identities, &known->fingerprint, 0, NULL);
}

void identity_ask(struct identities *identities, struct identity_ask *ask, const char *token, size_t len)
{
	struct fingerprint fingerprint = bearer_fingerprint(token, len);
	struct known *known = find_known(identities, &fingerprint);
	if (known) {
		metrics_add(&identities->service->metrics->tokens[METRICS_TOKEN_KNOWN], 1);
		note_use(identities, known);
		struct identity identity = known->identity;
		ask->known(ask, &identity, NULL);
		return;
	}
	struct identity_search *search;
	HASH_FIND(hh, identities->searches, &fingerprint, sizeof(fingerprint), search);
	bool begun = search;
	if (!search)
		search = begin_search(identities, &fingerprint, token, len);
	ask->search = search;
	DL_APPEND(search->asks, ask);
	if (!begun)
		advance(search);
}

void identity_cancel(struct identity_ask *ask)
{
	if (!ask->search)
		return;
	DL_DELETE(ask->search->asks, ask);
	ask->search = NULL;
}

static void remember(
	struct identities *identities, const struct fingerprint *fingerprint, const struct identity *identity)
{
	struct known *known = calloc(1, sizeof(*known));
	if (!known)
		abort();
	known->fingerprint = *fingerprint;
	known->identity = *identity;
	known->told_ms = clock_monotonic_ms();
	if (HASH_COUNT(identities->known) >= KNOWN_MAX)
		forget(identities, identities->known);
	HASH_ADD(hh, identities->known, fingerprint, sizeof(known->fingerprint), known);
}

static void take_identity(struct identities *identities, const struct reply *reply)
{
	struct identity_search *search;
	HASH_FIND(hh_number, identities->by_number, &reply->client, sizeof(reply->client), search);
	if (!search)
		return;
	if (reply->refused) {
		bool invalid = reply->refused == ERR_TOKEN_INVALID;
		tell_refused(search, reply->refused,
			invalid ? "the token is not known here" : "whose token it is cannot be told now");
		return;
	}
	struct identity identity = {
		.uid = reply->uid,
		.scope = reply->scope,
		.device = reply->device,
		.expires_at_ms = search->expires_at_ms,
	};
	remember(identities, &search->fingerprint, &identity);
	tell(search, &identity, NULL);
}

static void forget_revoked(struct identities *identities, const struct reply *reply)
{
	struct known *known, *next;
	HASH_ITER (hh, identities->known, known, next) {
		if (reply_revokes(reply, known->identity.uid, &known->identity.device))
			forget(identities, known);
	}
}

void identities_take(struct identities *identities, const struct reply *reply)
{
	if (reply->kind == REPLY_IDENTITY)
		take_identity(identities, reply);
	else
		forget_revoked(identities, reply);
}
