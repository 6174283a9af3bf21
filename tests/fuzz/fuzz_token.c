/* Any bytes as a token, and as a token's payload: neither crashes, and claims that pass keep their bounds. */
#include "auth/auth.h"
#include "auth/claims.h"
#include "auth/token.h"
#include "protocol/json.h"

#include <stdlib.h>
#include <string.h>

#define NOW_MS 1700000000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void read_payload(const cJSON *payload)
{
	struct auth_claims claims;
	struct refusal why = {0};
	enum err err = claims_read(payload, "lockstep", "lockstep", NOW_MS, &claims, &why);
	check(why.code == err && !why.field[0]);
	if (err)
		check(err == ERR_TOKEN_INVALID || err == ERR_TOKEN_EXPIRED);
	else
		check(strcmp(claims.issuer, "lockstep") == 0 && claims_subject_valid(claims.subject) &&
			claims_name_valid(claims.name) && claims_email_valid(claims.email) &&
			claims.expires_at_ms > NOW_MS);
}

/* True for text that has a token's form. */
static bool read_token(const char *text, size_t len)
{
	struct token token;
	struct refusal why = {0};
	if (token_parse(text, len, &token, &why)) {
		check(why.code == ERR_TOKEN_INVALID && !why.field[0]);
		return false;
	}
	check(len <= LIMIT_TOKEN_BYTES && token.signed_len < len && token.signature.len > 0);
	check(token.alg && token.kid);
	read_payload(token.payload);
	token_finish(&token);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	if (read_token(text, size))
		return 0;
	/* Bare JSON reaches the claims far more often than base64 that happens to be some. */
	JSON_AUTO *tree = NULL;
	struct refusal why;
	if (!json_parse(text, size, &tree, &why))
		read_payload(tree);
	return 0;
}
