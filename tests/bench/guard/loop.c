/* What the loop's thread does, as far as it goes without sockets: an event to many outboxes, and whose a
 * token is. */
#include "auth/auth.h"
#include "auth/key.h"
#include "server/identity.h"
#include "server/outbox.h"
#include "server/registry.h"
#include "tests/bench/guard/guard.h"
#include "tests/support/signing.h"
#include "tests/support/store_fixture.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PEERS        100
#define EVENT_BYTES  760
#define OUTBOX_BYTES (256 * 1024)
#define ISSUER       "https://securetoken.google.com/lockstep-guard"
#define KID          "3f6e1a0bd2c94c55a8e1f7d0c4b29e6a7d18f0c3"
#define EXPIRES_S    4000000000LL

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
		registry_bind(crowd->registry, &crowd->peers[i].client, 1, "somebody");
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

/* What Firebase says of a person who signed in with Google. */
static struct text make_token(EVP_PKEY *pair)
{
	return signing_token("{\"alg\":\"RS256\",\"kid\":\"" KID "\",\"typ\":\"JWT\"}",
		"{\"name\":\"Alice Example\",\"picture\":\"https://lh3.example/a/photo=s96-c\",\"iss\":"
		"\"" ISSUER "\",\"aud\":\"lockstep-guard\",\"auth_time\":1700000000,\"user_id\":"
		"\"Zt4cJx2NnUgV1mQf0aKp8rYsDe73\",\"sub\":\"Zt4cJx2NnUgV1mQf0aKp8rYsDe73\",\"iat\":"
		"1700000000,\"exp\":4000000000,\"email\":\"alice@example.org\",\"email_verified\":true,"
		"\"firebase\":{\"identities\":{\"google.com\":[\"104861527390184625379\"],\"email\":["
		"\"alice@example.org\"]},\"sign_in_provider\":\"google.com\"}}",
		pair, SIGNING_PKCS1);
}

struct door {
	struct auth *auth;
	struct text token;
	struct store_fixture fixture;
	sem_t woken;
	struct service service;
	struct identity_ask ask; /* first asked of the engine, then known */
	int64_t uid;
};

static void *create_door(void)
{
	struct door *door = calloc(1, sizeof(*door));
	struct refusal why;
	struct key *key;
	EVP_PKEY *pair = EVP_RSA_gen(2048);
	guard_must(door && pair && !key_create(KID, "RS256", pair, &key, &why), "no key");
	door->auth = auth_create();
	guard_must(!auth_add_issuer(door->auth, ISSUER, "lockstep-guard", &key, 1, &why), "no issuer");
	door->token = make_token(pair);
	EVP_PKEY_free(pair);
	return door;
}

static void destroy_door(void *state)
{
	struct door *door = state;
	auth_destroy(door->auth);
	text_finish(&door->token);
	free(door);
}

static void run_new(void *state)
{
	const struct door *door = state;
	struct auth_claims claims;
	struct refusal why;
	guard_begin();
	enum err err = auth_verify(door->auth, door->token.data, door->token.len, T0, &claims, &why);
	guard_end();
	guard_must(!err && claims.expires_at_ms == EXPIRES_S * 1000, "the token was refused");
}

static void wake(void *context)
{
	sem_post(context);
}

static void know(struct identity_ask *ask, const struct identity *identity, const struct refusal *why)
{
	struct door *door = (struct door *)((char *)ask - offsetof(struct door, ask));
	guard_must(!why, "the token is not known");
	door->uid = identity->uid;
}

/* The engine is asked once whose the token is. */
static void *create_known(void)
{
	struct door *door = create_door();
	char message[256];
	store_fixture_init_in(&door->fixture, store_fixture_where());
	sem_init(&door->woken, 0, 0);
	const struct engine_options options = {.db = door->fixture.path,
		.limits.keep_events_days = 90,
		.wake = wake,
		.context = &door->woken};
	guard_must(!engine_create(&options, &door->service.engine, message), "no engine");
	door->service.auth = door->auth;
	door->service.identities = identities_create(&door->service);
	door->ask.known = know;
	identity_ask(door->service.identities, &door->ask, door->token.data, door->token.len);
	while (!door->uid) {
		sem_wait(&door->woken);
		struct reply *reply = engine_take(door->service.engine);
		if (reply)
			identities_take(door->service.identities, reply);
		reply_destroy(reply);
	}
	return door;
}

static void destroy_known(void *state)
{
	struct door *door = state;
	identities_destroy(door->service.identities);
	engine_destroy(door->service.engine);
	store_fixture_open(&door->fixture);
	store_fixture_finish(&door->fixture);
	sem_destroy(&door->woken);
	destroy_door(door);
}

static void run_known(void *state)
{
	struct door *door = state;
	door->uid = 0;
	guard_begin();
	identity_ask(door->service.identities, &door->ask, door->token.data, door->token.len);
	guard_end();
	guard_must(door->uid, "the token is known no more");
}

const struct guard_path guard_loop[] = {
	{"fanout-100", 100, 1, create_crowd, run_fanout, destroy_crowd},
	{"token-known", 200, 1, create_known, run_known, destroy_known},
	{"token-new", 20, 1, create_door, run_new, destroy_door},
	{0},
};
