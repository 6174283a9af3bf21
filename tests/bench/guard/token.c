/* Whose a token is: one that was seen before, and a new one. */
#include "auth/auth.h"
#include "auth/key.h"
#include "server/identity.h"
#include "server/metrics.h"
#include "tests/bench/guard/guard.h"
#include "tests/support/signing.h"
#include "tests/support/store_fixture.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <semaphore.h>
#include <stdlib.h>

#define ISSUER    "https://securetoken.google.com/lockstep-guard"
#define KID       "3f6e1a0bd2c94c55a8e1f7d0c4b29e6a7d18f0c3"
#define EXPIRES_S 4000000000LL

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
	door->service.metrics = metrics_create(T0);
	const struct engine_options options = {.db = door->fixture.path,
		.limits.keep_events_days = 90,
		.metrics = door->service.metrics,
		.wake = wake,
		.context = &door->woken};
	guard_must(!engine_create(&options, &door->service.engine, message), "no engine");
	door->service.auth = door->auth;
	door->service.identities = identities_create(&door->service);
	door->ask.known = know;
	identity_ask(door->service.identities, &door->ask, door->token.data, door->token.len);
	engine_go(door->service.engine);
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
	metrics_destroy(door->service.metrics);
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

const struct guard_path guard_token[] = {
	{"token-known", 200, 1, create_known, run_known, destroy_known},
	{"token-new", 20, 1, create_door, run_new, destroy_door},
	{0},
};
