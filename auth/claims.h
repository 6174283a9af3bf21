/* What a token's payload may say: each claim by type and value. Knows the rules of claims; knows no
 * signatures, so its answer counts only for a token whose signature holds. */
#ifndef LOCKSTEP_AUTH_CLAIMS_H
#define LOCKSTEP_AUTH_CLAIMS_H

#include "protocol/errors.h"

#include <stdbool.h>
#include <stdint.h>

struct auth_claims;
struct cJSON;

/* The `iss`, which lives in the payload; NULL when there is no such string. */
const char *claims_issuer(const struct cJSON *payload);

/* Reads the claims, expected from `issuer` for `audience`. A token ends with no leeway at its exp; iat, nbf
 * and auth_time may lie 60 s ahead of now. ERR_TOKEN_EXPIRED when only its end is wrong, else
 * ERR_TOKEN_INVALID. */
enum err claims_read(const struct cJSON *payload, const char *issuer, const char *audience, int64_t now_ms,
	struct auth_claims *ret, struct refusal *ret_why) MUST_CHECK;

/* What a token may say of a person, in valid UTF-8: a subject of 1 to 128 bytes without control characters,
 * a name and an address that fit into struct auth_claims. */
bool claims_subject_valid(const char *subject);
bool claims_name_valid(const char *name);
bool claims_email_valid(const char *email);

#endif
