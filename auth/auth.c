#include "auth/auth.h"

#include "auth/claims.h"
#include "auth/key.h"
#include "auth/token.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct issuer {
	struct issuer *next;
	char *name;
	char *audience;
	size_t key_count;
	struct key **keys;
};

struct auth {
	struct issuer *issuers;
};

struct auth *auth_create(void)
{
	struct auth *auth = calloc(1, sizeof(*auth));
	if (!auth)
		abort();
	return auth;
}

static void destroy_keys(struct key *const *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		key_destroy(keys[i]);
}

static void set_keys(struct issuer *issuer, struct key *const *keys, size_t count)
{
	destroy_keys(issuer->keys, issuer->key_count);
	free(issuer->keys);
	issuer->keys = calloc(count + 1, sizeof(*keys));
	if (!issuer->keys)
		abort();
	issuer->key_count = count;
	for (size_t i = 0; i < count; i++)
		issuer->keys[i] = keys[i];
}

void auth_destroy(struct auth *auth)
{
	while (auth && auth->issuers) {
		struct issuer *issuer = auth->issuers;
		auth->issuers = issuer->next;
		destroy_keys(issuer->keys, issuer->key_count);
		free(issuer->keys);
		free(issuer->name);
		free(issuer->audience);
		free(issuer);
	}
	free(auth);
}

static struct issuer *find_issuer(const struct auth *auth, const char *name)
{
	for (struct issuer *issuer = auth->issuers; issuer; issuer = issuer->next) {
		if (strcmp(issuer->name, name) == 0)
			return issuer;
	}
	return NULL;
}

static const struct key *find_key(const struct issuer *issuer, const char *kid)
{
	for (size_t i = 0; i < issuer->key_count; i++) {
		if (strcmp(key_id(issuer->keys[i]), kid) == 0)
			return issuer->keys[i];
	}
	return NULL;
}

static enum err check_issuer(const struct auth *auth, const char *name, struct refusal *ret_why)
{
	size_t len = strlen(name);
	if (len == 0 || len > LIMIT_ISSUER_BYTES)
		return refuse(ret_why, ERR_BAD_REQUEST, "issuer", "an issuer has 1 to %d bytes",
			LIMIT_ISSUER_BYTES);
	if (find_issuer(auth, name))
		return refuse(ret_why, ERR_BAD_REQUEST, "issuer", "the issuer %s is given twice", name);
	return OK;
}

enum err auth_add_issuer(struct auth *auth, const char *issuer, const char *audience, struct key *const *keys,
	size_t key_count, struct refusal *ret_why)
{
	enum err err = check_issuer(auth, issuer, ret_why);
	if (err) {
		destroy_keys(keys, key_count);
		return err;
	}
	struct issuer *made = calloc(1, sizeof(*made));
	if (!made)
		abort();
	made->name = strdup(issuer);
	made->audience = strdup(audience);
	if (!made->name || !made->audience)
		abort();
	set_keys(made, keys, key_count);
	made->next = auth->issuers;
	auth->issuers = made;
	return OK;
}

void auth_set_keys(struct auth *auth, const char *issuer, struct key *const *keys, size_t key_count)
{
	struct issuer *known = find_issuer(auth, issuer);
	assert(known);
	set_keys(known, keys, key_count);
}

static const struct issuer *issuer_of(const struct auth *auth, const struct token *token)
{
	const char *name = claims_issuer(token->payload);
	return name ? find_issuer(auth, name) : NULL;
}

/* Its `iss` picks whose keys may have signed it; until a signature holds nothing else of it counts. */
static enum err verify(const struct auth *auth, const struct token *token, int64_t now_ms,
	struct auth_claims *ret, struct refusal *ret_why)
{
	const struct issuer *issuer = issuer_of(auth, token);
	if (!issuer)
		return refuse(ret_why, ERR_TOKEN_INVALID, NULL, "the token's issuer is not known here");
	const struct key *key = find_key(issuer, token->kid);
	if (!key)
		return refuse(ret_why, ERR_NOT_FOUND, NULL, "the token's key is none of its issuer's");
	if (!key_verify(key, token->alg, token->text, token->signed_len, token->signature.data,
		    token->signature.len))
		return refuse(ret_why, ERR_TOKEN_INVALID, NULL, "the token's signature does not hold");
	return claims_read(token->payload, issuer->name, issuer->audience, now_ms, ret, ret_why);
}

enum err auth_verify(const struct auth *auth, const char *token, size_t len, int64_t now_ms,
	struct auth_claims *ret, struct refusal *ret_why)
{
	struct token read;
	enum err err = token_parse(token, len, &read, ret_why);
	if (err)
		return err;
	err = verify(auth, &read, now_ms, ret, ret_why);
	token_finish(&read);
	return err;
}

const char *auth_issuer_of(const struct auth *auth, const char *token, size_t len)
{
	struct token read;
	struct refusal why;
	if (token_parse(token, len, &read, &why))
		return NULL;
	const struct issuer *issuer = issuer_of(auth, &read);
	token_finish(&read);
	return issuer ? issuer->name : NULL;
}
