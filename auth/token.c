#include "auth/token.h"

#include "auth/base64.h"
#include "protocol/json.h"

#include <string.h>

enum { PART_HEADER, PART_PAYLOAD, PART_SIGNATURE, PART_COUNT };

struct part {
	const char *at;
	size_t len;
};

/* True for exactly three parts. */
static bool split(const char *text, size_t len, struct part ret[PART_COUNT])
{
	const char *end = text + len;
	for (int i = 0; i < PART_COUNT; i++) {
		const char *dot = memchr(text, '.', (size_t)(end - text));
		bool last = i == PART_COUNT - 1;
		if (last == (dot != NULL))
			return false;
		ret[i] = (struct part){text, (size_t)((last ? end : dot) - text)};
		text = last ? end : dot + 1;
	}
	return true;
}

/* A token's text cannot change without its bytes changing, because base64_decode takes one spelling only. */
static bool decode(const struct part *part, struct text *ret)
{
	return base64_decode(part->at, part->len, ret);
}

static bool parse_object(const struct part *part, struct cJSON **ret)
{
	TEXT_AUTO bytes = {0};
	if (!decode(part, &bytes) || bytes.len == 0)
		return false;
	struct refusal why; /* dropped: it may name a key of the token */
	JSON_AUTO *tree = NULL;
	if (json_parse(bytes.data, bytes.len, &tree, &why) || !cJSON_IsObject(tree))
		return false;
	*ret = tree;
	tree = NULL;
	return true;
}

static enum err read_header(struct token *token, struct refusal *ret_why)
{
	token->alg = cJSON_GetStringValue(json_get(token->header, "alg"));
	token->kid = cJSON_GetStringValue(json_get(token->header, "kid"));
	if (!token->alg || !token->kid)
		return refuse(ret_why, ERR_TOKEN_INVALID, NULL, "the token's header lacks alg or kid");
	/* An extension that must be understood, and we understand none. */
	if (json_get(token->header, "crit"))
		return refuse(ret_why, ERR_TOKEN_INVALID, NULL, "the token's header has crit");
	const cJSON *type = json_get(token->header, "typ");
	const char *name = cJSON_GetStringValue(type);
	if (type && (!name || strcmp(name, "JWT") != 0))
		return refuse(ret_why, ERR_TOKEN_INVALID, NULL, "the token's typ is not JWT");
	return OK;
}

static enum err read_parts(struct token *token, const struct part parts[PART_COUNT], struct refusal *ret_why)
{
	if (!parse_object(&parts[PART_HEADER], &token->header))
		return refuse(ret_why, ERR_TOKEN_INVALID, NULL, "the token's header is malformed");
	if (!parse_object(&parts[PART_PAYLOAD], &token->payload))
		return refuse(ret_why, ERR_TOKEN_INVALID, NULL, "the token's payload is malformed");
	if (!decode(&parts[PART_SIGNATURE], &token->signature) || token->signature.len == 0)
		return refuse(ret_why, ERR_TOKEN_INVALID, NULL, "the token's signature is malformed");
	return read_header(token, ret_why);
}

enum err token_parse(const char *text, size_t len, struct token *ret, struct refusal *ret_why)
{
	struct part parts[PART_COUNT];
	if (len > LIMIT_TOKEN_BYTES)
		return refuse(ret_why, ERR_TOKEN_INVALID, NULL, "the token is longer than %d bytes",
			LIMIT_TOKEN_BYTES);
	if (!split(text, len, parts))
		return refuse(ret_why, ERR_TOKEN_INVALID, NULL, "the token is not of three parts");
	const struct part *payload = &parts[PART_PAYLOAD];
	struct token token = {.text = text, .signed_len = (size_t)(payload->at + payload->len - text)};
	enum err err = read_parts(&token, parts, ret_why);
	if (err)
		token_finish(&token);
	else
		*ret = token;
	return err;
}

void token_finish(struct token *token)
{
	json_free(&token->header);
	json_free(&token->payload);
	text_finish(&token->signature);
	*token = (struct token){0};
}
