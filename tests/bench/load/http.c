#include "tests/bench/load/http.h"

#include <stdlib.h>
#include <string.h>

void http_append(struct text *out, const struct http_request *request)
{
	text_append_format(out, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n",
		request->method, request->path, request->token);
	if (request->body)
		text_append_format(
			out, "Content-Type: application/json\r\nContent-Length: %zu\r\n", request->len);
	text_append_string(out, "\r\n");
	if (request->body)
		text_append(out, request->body, request->len);
}

static const char *find(const char *bytes, size_t len, const char *what)
{
	const char *found = memmem(bytes, len, what, strlen(what));
	return found ? found + strlen(what) : NULL;
}

bool http_read(const char *bytes, size_t len, struct http_answer *ret)
{
	static const char version[] = "HTTP/1.1 ";
	const char *body = find(bytes, len, "\r\n\r\n");
	if (!body || strncmp(bytes, version, strlen(version)) != 0)
		return false;
	size_t head = (size_t)(body - bytes);
	const char *length = find(bytes, head, "\r\ncontent-length: ");
	*ret = (struct http_answer){
		.status = (int)strtol(bytes + strlen(version), NULL, 10), .body = body, .len = len - head};
	return length && strtoul(length, NULL, 10) == ret->len &&
	       find(bytes, head, "\r\nconnection: close\r\n");
}
