/* login and logout: a token for this device, and away with it. */
#include "examples/cli/seconds.h"
#include "examples/cli/term.h"
#include "examples/cli/verbs.h"
#include "examples/cli/web.h"
#include "protocol/member.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the server's own tokens for devices begin with: they don't expire. */
#define DEVICE_PREFIX "lockstep_"

struct login {
	const struct args *args;
	const struct config *config;
	int64_t timeout_ms;
	struct config_token token;
};

static void copy_text(const cJSON *object, const char *name, char *ret, size_t room)
{
	const cJSON *item = json_get(object, name);
	snprintf(ret, room, "%s", cJSON_IsString(item) ? item->valuestring : "");
}

/* POSTs a JSON object and reads `token` and `id` from the answer. */
static enum code ask_token(struct login *login, const char *path, const char *body, const char *token)
{
	JSON_AUTO *answer = NULL;
	struct web_request request = {"POST", path, body, token, login->timeout_ms};
	enum code code = web_ask(login->config, &request, &answer);
	if (code)
		return code;
	copy_text(answer, "token", login->token.text, sizeof(login->token.text));
	copy_text(answer, "id", login->token.id, sizeof(login->token.id));
	if (*login->token.text)
		return CODE_OK;
	term_say("%s gave no token", login->config->url);
	return CODE_REFUSED;
}

static enum code ask_dev(struct login *login, const char *user)
{
	TEXT_AUTO body = {0};
	text_append_string(&body, "{");
	member_string(&body, "user", user);
	text_append_string(&body, "}");
	return ask_token(login, "/v1/dev/token", body.data, NULL);
}

/* A token of an identity provider lasts an hour; one for this device lasts until it is revoked. */
static enum code trade(struct login *login)
{
	TEXT_AUTO body = {0};
	char given[sizeof(login->token.text)];
	snprintf(given, sizeof(given), "%s", login->token.text);
	text_append_string(&body, "{");
	member_string(&body, "name", login->config->name);
	member_string(&body, "scope", "full");
	text_append_string(&body, "}");
	return ask_token(login, "/v1/tokens", body.data, given);
}

static enum code take_token(struct login *login)
{
	const char *file = login->args->values[ARG_TOKEN_FILE];
	char text[LIMIT_TOKEN_BYTES + 2];
	if (login->args->values[ARG_DEV])
		return ask_dev(login, login->args->values[ARG_DEV]);
	if (!term_read_secret("Token: ", file && strcmp(file, "-") != 0 ? file : NULL, text, sizeof(text)))
		return CODE_USAGE;
	if (config_parse_token(text, &login->token))
		return CODE_OK;
	term_say("that is no token");
	return CODE_USAGE;
}

/* Who that is; the token is tried with it. */
static enum code ask_who(const struct login *login, struct text *out)
{
	JSON_AUTO *me = NULL;
	struct web_request request = {"GET", "/me", NULL, login->token.text, login->timeout_ms};
	enum code code = web_ask(login->config, &request, &me);
	if (code)
		return code;
	const cJSON *name = json_get(me, "name"), *id = json_get(me, "id");
	if (cJSON_IsString(name))
		text_append_format(out, "%s ", name->valuestring);
	if (cJSON_IsString(id))
		text_append_format(out, cJSON_IsString(name) ? "(%s)" : "%s", id->valuestring);
	return CODE_OK;
}

/* The token that an earlier login has made would stay valid for ever. */
static void revoke_old(const struct login *login, const struct config_token *old)
{
	char path[64];
	if (!*old->id || strcmp(old->url, login->config->url) != 0)
		return;
	snprintf(path, sizeof(path), "/v1/tokens/%s", old->id);
	struct web_request request = {"DELETE", path, NULL, old->text, login->timeout_ms};
	web_try(login->config, &request);
}

static void warn_of_clear_text(const struct config *config)
{
	const struct address *address = &config->address;
	if (!address->encrypted && !address_is_here(address))
		term_say("warning: without https the token can be read on its way to %s", address->host);
}

static enum code sign_in(struct login *login)
{
	struct config_token old;
	TEXT_AUTO who = {0};
	warn_of_clear_text(login->config);
	bool had = config_peek_token(login->config, &old);
	enum code code = take_token(login);
	bool device = strncmp(login->token.text, DEVICE_PREFIX, strlen(DEVICE_PREFIX)) == 0;
	if (!code && !device && !login->args->values[ARG_KEEP])
		code = trade(login);
	if (!code)
		code = ask_who(login, &who);
	if (code)
		return code;
	snprintf(login->token.url, sizeof(login->token.url), "%s", login->config->url);
	code = config_save_token(login->config, &login->token);
	if (code)
		return code;
	if (had && strcmp(old.text, login->token.text) != 0)
		revoke_old(login, &old);
	term_line("signed in at %s as %s", login->config->url, who.len ? who.data : "somebody");
	if (getenv("LOCKSTEP_TOKEN"))
		term_say("LOCKSTEP_TOKEN is set, and goes before what was saved now");
	return CODE_OK;
}

enum code verb_login(const struct args *args, const struct config *config)
{
	struct login login = {.args = args, .config = config};
	if (args->values[ARG_DEV] && args->values[ARG_TOKEN_FILE]) {
		term_say("--dev and --token-file do not go together");
		return CODE_USAGE;
	}
	if (!seconds_of(args, &login.timeout_ms))
		return CODE_USAGE;
	return sign_in(&login);
}

/* Gone already is as good; only where nobody answers is it still there. */
static enum code revoke(const struct config *config, const struct config_token *token, int64_t timeout_ms)
{
	char path[64];
	snprintf(path, sizeof(path), "/v1/tokens/%s", token->id);
	struct web_request request = {"DELETE", path, NULL, token->text, timeout_ms};
	long status = web_try(config, &request);
	if (status == 200 || status == 401 || status == 404)
		return CODE_OK;
	term_say("%s did not revoke the token (%ld); still signed in", config->url, status);
	return CODE_OFFLINE;
}

enum code verb_logout(const struct args *args, const struct config *config)
{
	struct config_token token;
	int64_t timeout_ms;
	if (!seconds_of(args, &timeout_ms))
		return CODE_USAGE;
	if (!config_peek_token(config, &token)) {
		term_say("not signed in");
		return CODE_TOKEN;
	}
	if (*token.url && strcmp(token.url, config->url) != 0) {
		term_say("signed in at %s, not at %s", token.url, config->url);
		return CODE_TOKEN;
	}
	enum code code = *token.id ? revoke(config, &token, timeout_ms) : CODE_OK;
	if (!code)
		code = config_remove_token(config);
	if (!code)
		term_line("signed out of %s", config->url);
	return code;
}
