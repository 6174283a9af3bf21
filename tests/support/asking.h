/* For tests of server/rest and server/query: an HTTP request as its parts, which must be read, or refused at
 * a named field. */
#ifndef LOCKSTEP_TESTS_SUPPORT_ASKING_H
#define LOCKSTEP_TESTS_SUPPORT_ASKING_H

#include "server/rest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ID    "01890a5d-ac96-774b-bcce-b302099a8057"
#define OTHER "01890a5d-ac96-774b-bcce-b302099a8058"

struct asked {
	enum route_method method;
	const char *path, *query, *body;
	const char *key, *if_match, *type;
};

#define PARAMETERS_MAX 8

static inline enum err ask(
	const struct asked *asked, struct request **ret, int64_t *ret_wait_ms, struct refusal *ret_why)
{
	const char *parameters[PARAMETERS_MAX];
	char query[256], *rest;
	struct route_match match = route_find(FACE_PUBLIC, asked->method, asked->path);
	if (!match.route)
		fail_msg("nothing at %s", asked->path);
	struct rest_input input = {
		.route = match.route,
		.id = match.id,
		.parameters = parameters,
		.content_type = asked->type   ? asked->type
				: asked->body ? "application/json"
					      : NULL,
		.idempotency_key = asked->key,
		.if_match = asked->if_match,
		.body = asked->body,
		.body_len = asked->body ? strlen(asked->body) : 0,
	};
	snprintf(query, sizeof(query), "%s", asked->query ? asked->query : "");
	for (char *at = strtok_r(query, "&", &rest); at; at = strtok_r(NULL, "&", &rest)) {
		assert_true(input.parameter_count < PARAMETERS_MAX);
		parameters[input.parameter_count++] = at;
	}
	return rest_read(&input, ret, ret_wait_ms, ret_why);
}

/* request_destroy() is due. */
static inline struct request *accept(struct asked asked)
{
	struct request *request;
	struct refusal why = {0};
	int64_t wait_ms;
	if (ask(&asked, &request, &wait_ms, &why))
		fail_msg("%s %s %s: %s (%s)", asked.path, asked.query ? asked.query : "",
			asked.body ? asked.body : "", why.message, why.field);
	return request;
}

static inline struct refusal refused(struct asked asked, enum err code, const char *field)
{
	struct request *request;
	struct refusal why = {0};
	int64_t wait_ms;
	enum err err = ask(&asked, &request, &wait_ms, &why);
	if (!err)
		request_destroy(request);
	if (err != code || why.code != code || strcmp(why.field, field) != 0)
		fail_msg("%s %s %s: %d at \"%s\": %s", asked.path, asked.query ? asked.query : "",
			asked.body ? asked.body : "", err, why.field, why.message);
	return why;
}

/* The one command of a request. */
static inline const struct command *command_of(const struct request *request)
{
	assert_int_equal(request->kind, REQUEST_COMMANDS);
	assert_int_equal(request->count, 1);
	assert_int_equal(request->commands[0].why.code, OK);
	return &request->commands[0].command;
}

#endif
