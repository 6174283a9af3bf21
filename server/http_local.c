#include "server/http_exchange.h"

#include "server/clock.h"
#include "server/conn.h"
#include "server/documents.h"
#include "server/page.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Long enough for a day's work on a client. */
#define DEV_TOKEN_MINUTES (24 * 60)

struct rest_input exchange_input(const struct exchange *exchange)
{
	const struct http_head *head = &exchange->head;
	return (struct rest_input){
		.route = exchange->match.route,
		.id = exchange->match.id,
		.parameters = head->parameters,
		.parameter_count = head->parameter_count,
		.content_type = head->content_type,
		.accept = head->accept,
		.idempotency_key = head->idempotency_key,
		.if_match = head->if_match,
		.body = exchange->body.data,
		.body_len = exchange->body.len,
	};
}

static void answer_health(struct exchange *exchange)
{
	TEXT_AUTO body = {0};
	text_append_string(&body, "{\"ok\":true}");
	exchange_answer_json(exchange, 200, &body);
}

const char *exchange_unready(const struct exchange *exchange)
{
	const struct service *service = exchange->service;
	return service->draining ? "the server is shutting down" : engine_unready(service->engine);
}

static void answer_ready(struct exchange *exchange)
{
	const char *why = exchange_unready(exchange);
	TEXT_AUTO body = {0};
	text_append_string(&body, why ? "{\"ok\":false,\"reason\":" : "{\"ok\":true");
	if (why)
		text_append_json(&body, why);
	text_append_string(&body, "}");
	exchange_answer_json(exchange, why ? 503 : 200, &body);
}

static void answer_version(struct exchange *exchange)
{
	TEXT_AUTO body = {0};
	text_append_format(&body, "{\"name\":\"lockstep\",\"version\":\"%s\",\"protocol\":\"lockstep.v1\"}",
		LOCKSTEP_VERSION);
	exchange_answer_json(exchange, 200, &body);
}

/* What Firebase's client library is made with. */
static void append_firebase(struct text *text, const struct options *options)
{
	const char *project = options_firebase_project(options);
	text_append_string(text, "{\"projectId\":");
	text_append_json(text, project);
	text_append_format(text, ",\"apiKey\":\"%s\",\"authDomain\":\"%s%s\"", options->firebase_api_key,
		options->firebase_auth_domain ? options->firebase_auth_domain : project,
		options->firebase_auth_domain ? "" : ".firebaseapp.com");
	if (options->firebase_emulator)
		text_append_format(text, ",\"emulator\":\"%s\"", options->firebase_emulator);
	text_append_string(text, "}");
}

static void answer_config(struct exchange *exchange)
{
	const struct options *options = exchange->service->options;
	TEXT_AUTO body = {0};
	text_append_format(&body,
		"{\"server\":\"lockstep/" LOCKSTEP_VERSION "\",\"dev\":%s,\"localIssuer\":%s,\"firebase\":",
		options->dev ? "true" : "false", options->local_issuer ? "true" : "false");
	if (options->firebase_api_key)
		append_firebase(&body, options);
	else
		text_append_string(&body, "null");
	text_append_string(&body, "}");
	exchange_answer_json(exchange, 200, &body);
}

static void answer_document(struct exchange *exchange, const char *text)
{
	exchange->answer.type = "application/yaml";
	exchange_answer_message(exchange, 200, message_make(text, strlen(text)));
}

static void answer_openapi(struct exchange *exchange)
{
	answer_document(exchange, documents_openapi);
}

static void answer_asyncapi(struct exchange *exchange)
{
	answer_document(exchange, documents_asyncapi);
}

/* Makes the token, and reads from it when it ends. */
static enum err make_token(
	const struct service *service, const char *user, struct text *ret_body, struct refusal *ret_why)
{
	struct auth_claims claims;
	char *token;
	int64_t now_ms = clock_wall_ms();
	enum err err =
		local_mint(service->local, user, NULL, NULL, now_ms, DEV_TOKEN_MINUTES, &token, ret_why);
	if (err)
		return err;
	err = auth_verify(service->auth, token, strlen(token), now_ms, &claims, ret_why);
	if (!err)
		text_append_format(ret_body, "{\"token\":\"%s\",\"expiresAtMs\":%" PRId64 "}", token,
			claims.expires_at_ms);
	free(token);
	return err;
}

static void answer_dev_token(struct exchange *exchange)
{
	struct rest_input input = exchange_input(exchange);
	struct refusal why = {0};
	TEXT_AUTO body = {0};
	char *user = NULL;
	enum err err = rest_read_user(&input, &user, &why);
	if (!err)
		err = make_token(exchange->service, user, &body, &why);
	free(user);
	if (err)
		exchange_refuse(exchange, &why);
	else
		exchange_answer_json(exchange, 200, &body);
}

void exchange_answer_local(struct exchange *exchange)
{
	static void (*const answers[])(struct exchange *) = {
		[ROUTE_HEALTH] = answer_health,
		[ROUTE_READY] = answer_ready,
		[ROUTE_VERSION] = answer_version,
		[ROUTE_CONFIG] = answer_config,
		[ROUTE_OPENAPI] = answer_openapi,
		[ROUTE_ASYNCAPI] = answer_asyncapi,
		[ROUTE_DEV_TOKEN] = answer_dev_token,
		[ROUTE_FORGET] = exchange_forget,
		[ROUTE_METRICS] = exchange_answer_metrics,
	};
	answers[exchange->match.route->does](exchange);
}

void exchange_answer_page(struct exchange *exchange)
{
	bool public = conn_face(exchange->wsi) == FACE_PUBLIC;
	const struct page *page = public ? exchange->service->page : NULL;
	const char *path = exchange->head.path;
	const struct page_file *file = page ? page_find(page, path) : NULL;
	struct refusal why;
	if (file && exchange->head.method != ROUTE_GET) {
		exchange->match.allowed = ROUTE_GET;
		refuse(&why, ERR_METHOD_NOT_ALLOWED, NULL, "this path has no such method");
		exchange_refuse(exchange, &why);
	} else if (file) {
		exchange_answer_file(exchange, file);
	} else if (public && strcmp(path, "/") == 0) {
		exchange_answer_text(exchange, 404,
			"Lockstep is running, but its page has not been built here: `make web` builds it.\n");
	} else {
		refuse(&why, ERR_NOT_FOUND, NULL, "there is nothing at this path");
		exchange_refuse(exchange, &why);
	}
}
