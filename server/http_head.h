/* The head of an HTTP request: what of it we look at, copied out of the library. */
#ifndef LOCKSTEP_SERVER_HTTP_HEAD_H
#define LOCKSTEP_SERVER_HTTP_HEAD_H

#include "server/route.h"

struct lws;

/* Texts are on the heap; NULL where the request has none. */
struct http_head {
	enum route_method method;
	bool bodiless;  /* HEAD: answered as GET, without the body */
	bool preflight; /* OPTIONS by which a browser asks whether a page of another origin may */
	char *path;
	const char **parameters; /* of the query: "name=value", decoded */
	size_t parameter_count;
	char *authorization, *host, *origin, *content_type, *accept, *accept_encoding;
	char *if_match, *if_none_match, *idempotency_key, *last_event_id;
	int64_t content_length; /* -1: none given */
};

/* Reads it. Refuses what would leave it open where the body ends; *ret is to be finished in any case. */
enum err http_head_read(struct lws *wsi, struct http_head *ret, struct refusal *ret_why) MUST_CHECK;
void http_head_finish(struct http_head *head);

#endif
