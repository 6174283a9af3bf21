/* HTTP requests and answers as bytes: one to a connection, which the server closes. Knows no sockets. */
#ifndef LOCKSTEP_TESTS_BENCH_LOAD_HTTP_H
#define LOCKSTEP_TESTS_BENCH_LOAD_HTTP_H

#include "protocol/text.h"

#include <stdbool.h>

struct http_request {
	const char *method, *path, *token;
	const char *body; /* JSON; NULL: none */
	size_t len;       /* of it */
};

struct http_answer {
	int status;
	const char *body; /* points into what was read */
	size_t len;
};

void http_append(struct text *out, const struct http_request *request);

/* Reads all that came before the server closed. False when it is not a whole answer of HTTP/1.1 with its
 * length that says that the connection will be closed. */
bool http_read(const char *bytes, size_t len, struct http_answer *ret);

#endif
