#include "examples/cli/web.h"

#include "examples/cli/term.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

/* Ten years of days, with a hundred sessions each. */
#define BODY_BYTES_MAX (32 * 1024 * 1024)
/* A list of events holds whole snapshots' worth. */
#define JSON_DEPTH (LIMIT_STRUCTURE_DEPTH + 8)

struct exchange {
	CURL *easy;
	struct curl_slist *headers;
	struct text body;
	char error[CURL_ERROR_SIZE];
	long status; /* 0: no answer */
};

static size_t on_body(char *bytes, size_t one, size_t len, void *context)
{
	struct exchange *exchange = context;
	(void)one;
	if (exchange->body.len + len > BODY_BYTES_MAX)
		return 0; /* ends it */
	text_append(&exchange->body, bytes, len);
	return len;
}

static void add_header(struct exchange *exchange, const char *name, const char *value)
{
	TEXT_AUTO line = {0};
	text_append_format(&line, "%s: %s", name, value);
	struct curl_slist *longer = curl_slist_append(exchange->headers, line.data);
	if (!longer)
		abort();
	exchange->headers = longer;
}

static void set_up(struct exchange *exchange, const struct config *config, const struct web_request *request)
{
	CURL *easy = exchange->easy;
	TEXT_AUTO url = {0};
	text_append_format(&url, "%s%s", config->url, request->path);
	if (request->token) {
		TEXT_AUTO bearer = {0};
		text_append_format(&bearer, "Bearer %s", request->token);
		add_header(exchange, "Authorization", bearer.data);
	}
	if (request->body)
		add_header(exchange, "Content-Type", "application/json");
	bool good = curl_easy_setopt(easy, CURLOPT_URL, url.data) == CURLE_OK &&
		    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
		    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
		    curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
		    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK &&
		    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers) == CURLE_OK &&
		    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms) == CURLE_OK &&
		    curl_easy_setopt(easy, CURLOPT_USERAGENT, "lockstep/" LOCKSTEP_VERSION) == CURLE_OK &&
		    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
		    curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange) == CURLE_OK &&
		    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->error) == CURLE_OK;
	if (good && request->body)
		good = curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body) == CURLE_OK;
	if (good && *config->ca)
		good = curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca) == CURLE_OK;
	if (!good)
		abort();
}

static void ask(struct exchange *exchange, const struct config *config, const struct web_request *request)
{
	*exchange = (struct exchange){.easy = curl_easy_init()};
	if (!exchange->easy)
		abort();
	set_up(exchange, config, request);
	CURLcode code = curl_easy_perform(exchange->easy);
	if (code == CURLE_OK)
		curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &exchange->status);
	else if (!*exchange->error)
		snprintf(exchange->error, sizeof(exchange->error), "%s", curl_easy_strerror(code));
}

static void finish(struct exchange *exchange)
{
	curl_slist_free_all(exchange->headers);
	curl_easy_cleanup(exchange->easy);
	text_finish(&exchange->body);
}

static enum code say_refused(const struct config *config, long status, const cJSON *tree)
{
	const cJSON *message = json_get(json_get(tree, "error"), "message");
	const char *why = cJSON_IsString(message) ? message->valuestring : "it gives no reason";
	if (status == 401) {
		term_say("%s does not let us in: %s", config->url, why);
		return CODE_TOKEN;
	}
	term_say("refused: %s (status %ld)", why, status);
	return CODE_REFUSED;
}

static enum code read_answer(const struct exchange *exchange, const struct config *config, cJSON **ret)
{
	const struct text *body = &exchange->body;
	struct refusal why;
	if (!exchange->status) {
		term_say("no answer from %s: %s", config->url, exchange->error);
		return CODE_OFFLINE;
	}
	enum err err = json_parse_within(body->data ? body->data : "", body->len, JSON_DEPTH, ret, &why);
	if (exchange->status >= 300)
		return say_refused(config, exchange->status, err ? NULL : *ret);
	if (!err)
		return CODE_OK;
	term_say("%s does not speak as a Lockstep server: %s", config->url, why.message);
	return CODE_REFUSED;
}

enum code web_ask(const struct config *config, const struct web_request *request, cJSON **ret)
{
	struct exchange exchange;
	ask(&exchange, config, request);
	JSON_AUTO *tree = NULL;
	enum code code = read_answer(&exchange, config, &tree);
	finish(&exchange);
	if (!code) {
		*ret = tree;
		tree = NULL;
	}
	return code;
}

long web_try(const struct config *config, const struct web_request *request)
{
	struct exchange exchange;
	ask(&exchange, config, request);
	finish(&exchange);
	return exchange.status;
}
