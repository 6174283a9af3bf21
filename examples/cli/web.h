/* One request over HTTP, for the little that has no message. The only one here that knows libcurl.
 * Certificates are checked, redirects not followed, proxies not used. */
#ifndef LOCKSTEP_CLI_WEB_H
#define LOCKSTEP_CLI_WEB_H

#include "examples/cli/config.h"
#include "protocol/json.h"

struct web_request {
	const char *method;
	const char *path;  /* from /v1 on */
	const char *body;  /* JSON, or NULL */
	const char *token; /* or NULL */
	int64_t timeout_ms;
};

/* The answer's JSON, which the caller frees. What went wrong is said: CODE_OFFLINE without an answer,
 * CODE_TOKEN for 401, CODE_REFUSED for other refusals. */
MUST_USE enum code web_ask(const struct config *config, const struct web_request *request, cJSON **ret);
/* The same for an answer that may be missing: says nothing, and returns the status; 0: there was no answer.
 */
long web_try(const struct config *config, const struct web_request *request);

#endif
