/* A signed token's text (compact JWS), read strictly. Knows its form; knows no keys, and believes nothing. */
#ifndef LOCKSTEP_AUTH_TOKEN_H
#define LOCKSTEP_AUTH_TOKEN_H

#include "protocol/errors.h"
#include "protocol/limits.h"
#include "protocol/text.h"

#include <stddef.h>

struct cJSON;

/* A token in its parts. Nothing in it is true before its signature was checked. */
struct token {
	const char *text; /* the caller's; the first signed_len bytes are what is signed */
	size_t signed_len;
	struct cJSON *header;
	struct cJSON *payload; /* an object */
	const char *alg, *kid; /* point into header */
	struct text signature; /* bytes */
};

/* Reads `len` bytes: at most LIMIT_TOKEN_BYTES, three parts of canonical base64url, a header with the strings
 * alg and kid, typ absent or "JWT", and no crit. `text` must outlive *ret, which token_finish frees. On
 * failure (ERR_TOKEN_INVALID, the message quotes nothing) there is nothing to free. */
enum err token_parse(const char *text, size_t len, struct token *ret, struct refusal *ret_why) MUST_CHECK;
void token_finish(struct token *token);

#endif
