/* Who may speak for whom: the issuers that are believed, and what a token of theirs says. Knows keys and
 * claims; knows no clock, no network, and not where keys come from. */
#ifndef LOCKSTEP_AUTH_AUTH_H
#define LOCKSTEP_AUTH_AUTH_H

#include "protocol/errors.h"
#include "protocol/limits.h"

#include <stddef.h>
#include <stdint.h>

struct key;
struct auth;

/* What a good token says. name and email are empty when the token has none that can be used. */
struct auth_claims {
	char issuer[LIMIT_ISSUER_BYTES + 1];
	char subject[LIMIT_SUBJECT_BYTES + 1];
	char name[LIMIT_BYTES(LIMIT_NAME_CHARS)];
	char email[LIMIT_EMAIL_BYTES + 1];
	int64_t expires_at_ms;
};

/* Believes nobody yet. */
struct auth *auth_create(void);
void auth_destroy(struct auth *auth);

/* From now on tokens with this `iss`, for this audience, signed by one of these keys, are believed. Takes
 * over the keys (not the array) in any case. ERR_BAD_REQUEST for an issuer that is there already, empty or
 * too long. */
enum err auth_add_issuer(struct auth *auth, const char *issuer, const char *audience, struct key *const *keys,
	size_t key_count, struct refusal *ret_why) MUST_CHECK;

/* Replaces the keys of an issuer that is there; takes them over (not the array). */
void auth_set_keys(struct auth *auth, const char *issuer, struct key *const *keys, size_t key_count);

/* Reads a token of `len` bytes against now. ERR_TOKEN_EXPIRED for one that was good until now or earlier;
 * ERR_NOT_FOUND for one whose issuer has no key of that name here; ERR_TOKEN_INVALID for all else. The
 * message never quotes the token. */
enum err auth_verify(const struct auth *auth, const char *token, size_t len, int64_t now_ms,
	struct auth_claims *ret, struct refusal *ret_why) MUST_CHECK;
/* The issuer that a token says it is of, if that one is believed, else NULL. Points into `auth`; nothing is
 * verified. */
const char *auth_issuer_of(const struct auth *auth, const char *token, size_t len);

#endif
