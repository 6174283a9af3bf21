/* What an HTTP request asks for, as a request to the engine: bodies and headers to commands, queries to
 * views. Knows the table of endpoints and the command table; knows no library and no socket. */
#ifndef LOCKSTEP_SERVER_REST_H
#define LOCKSTEP_SERVER_REST_H

#include "server/route.h"

/* A request as it came. Texts are NULL where there is none. */
struct rest_input {
	const struct route *route;
	struct uuid id;                /* the {id} of its path */
	const char *const *parameters; /* of the query: "name=value", decoded */
	size_t parameter_count;
	const char *content_type, *accept;
	const char *idempotency_key, *if_match;
	const char *body;
	size_t body_len;
};

/* Makes the engine's request, of which client, uid and read_only are the caller's; *ret is on the heap, and
 * *ret_wait_ms is how long an empty page of events may wait. On refusal there is nothing to free. Only for
 * routes that are not open. */
enum err rest_read(const struct rest_input *input, struct request **ret, int64_t *ret_wait_ms,
	struct refusal *ret_why) MUST_CHECK;

/* Reads the body of POST /v1/dev/token: whose token. On the heap. */
enum err rest_read_user(const struct rest_input *input, char **ret_user, struct refusal *ret_why) MUST_CHECK;

#endif
