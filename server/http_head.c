#include "server/http_head.h"

#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

/* 9,999,999 bytes are far more than is ever taken in. */
#define LENGTH_DIGITS 7

static char *make_room(size_t len)
{
	char *made = calloc(1, len + 1);
	if (!made)
		abort();
	return made;
}

/* Where each header that we look at goes. */
static const struct {
	size_t at;
	enum lws_token_indexes token;
	const char *custom; /* the name of one that the library does not know by itself */
} rows[] = {
	{offsetof(struct http_head, authorization), WSI_TOKEN_HTTP_AUTHORIZATION, NULL},
	{offsetof(struct http_head, host), WSI_TOKEN_HOST, NULL},
	{offsetof(struct http_head, origin), WSI_TOKEN_ORIGIN, NULL},
	{offsetof(struct http_head, content_type), WSI_TOKEN_HTTP_CONTENT_TYPE, NULL},
	{offsetof(struct http_head, accept), WSI_TOKEN_HTTP_ACCEPT, NULL},
	{offsetof(struct http_head, accept_encoding), WSI_TOKEN_HTTP_ACCEPT_ENCODING, NULL},
	{offsetof(struct http_head, if_match), WSI_TOKEN_HTTP_IF_MATCH, NULL},
	{offsetof(struct http_head, if_none_match), WSI_TOKEN_HTTP_IF_NONE_MATCH, NULL},
	{offsetof(struct http_head, idempotency_key), 0, "idempotency-key:"},
	{offsetof(struct http_head, last_event_id), 0, "last-event-id:"},
};
#define ROWS (sizeof(rows) / sizeof(*rows))

static char **place(struct http_head *head, size_t at)
{
	return (char **)(void *)((char *)head + at);
}

static int custom_length(struct lws *wsi, const char *name_colon)
{
	return lws_hdr_custom_length(wsi, name_colon, (int)strlen(name_colon));
}

/* A header that comes several times is joined with commas, a custom one is the first. NULL when it doesn't
 * come. False when there is a NUL in it. */
static bool copy_header(struct lws *wsi, size_t row, char **ret)
{
	enum lws_token_indexes token = rows[row].token;
	const char *custom = rows[row].custom;
	int len = custom ? custom_length(wsi, custom) : lws_hdr_total_length(wsi, token);
	if (len <= 0)
		return true;
	*ret = make_room((size_t)len + 1);
	int got = custom ? lws_hdr_custom_copy(wsi, *ret, len + 2, custom, (int)strlen(custom))
			 : lws_hdr_copy(wsi, *ret, len + 2, token);
	return got >= 0 && strlen(*ret) == (size_t)len;
}

static enum err copy_headers(struct lws *wsi, struct http_head *head, struct refusal *ret_why)
{
	bool whole = true;
	for (size_t i = 0; i < ROWS; i++)
		whole = copy_header(wsi, i, place(head, rows[i].at)) && whole;
	head->preflight = head->preflight && custom_length(wsi, "access-control-request-method:") > 0;
	return whole ? OK : refuse(ret_why, ERR_BAD_REQUEST, NULL, "a header has no NUL");
}

static void copy_parameters(struct lws *wsi, struct http_head *head)
{
	int room = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_URI_ARGS) + 1;
	if (room <= 1)
		return;
	char *text = make_room((size_t)room);
	for (int i = 0;; i++) {
		int len = lws_hdr_copy_fragment(wsi, text, room, WSI_TOKEN_HTTP_URI_ARGS, i);
		if (len < 0)
			break;
		if (len == 0)
			continue;
		const char **grown = realloc(
			(void *)head->parameters, (head->parameter_count + 1) * sizeof(*head->parameters));
		char *copy = strdup(text);
		if (!grown || !copy)
			abort();
		head->parameters = grown;
		head->parameters[head->parameter_count++] = copy;
	}
	free(text);
}

static enum err read_target(struct lws *wsi, struct http_head *head, struct refusal *ret_why)
{
	static const enum route_method methods[] = {
		[LWSHUMETH_GET] = ROUTE_GET,
		[LWSHUMETH_POST] = ROUTE_POST,
		[LWSHUMETH_OPTIONS] = ROUTE_OTHER,
		[LWSHUMETH_PUT] = ROUTE_PUT,
		[LWSHUMETH_PATCH] = ROUTE_PATCH,
		[LWSHUMETH_DELETE] = ROUTE_DELETE,
		[LWSHUMETH_CONNECT] = ROUTE_OTHER,
		[LWSHUMETH_HEAD] = ROUTE_GET,
		[LWSHUMETH_COLON_PATH] = ROUTE_OTHER,
	};
	char *uri = NULL;
	int len = 0;
	int method = lws_http_get_uri_and_method(wsi, &uri, &len);
	head->path = make_room(len > 0 ? (size_t)len : 0);
	if (method < 0 || !uri || len <= 0)
		return refuse(ret_why, ERR_BAD_REQUEST, NULL, "the request names no path");
	memcpy(head->path, uri, (size_t)len);
	head->method = methods[method];
	head->bodiless = method == LWSHUMETH_HEAD;
	head->preflight = method == LWSHUMETH_OPTIONS;
	if (strlen(head->path) != (size_t)len)
		return refuse(ret_why, ERR_BAD_REQUEST, NULL, "a path has no NUL");
	return OK;
}

/* An empty one is there too. */
static bool is_present(struct lws *wsi, enum lws_token_indexes token)
{
	char nothing[1];
	return lws_hdr_total_length(wsi, token) > 0 ||
	       lws_hdr_copy_fragment(wsi, nothing, sizeof(nothing), token, 0) == 0;
}

/* The library takes any end of a request line for one: a decoded line feed in the path, too. And it joins two
 * hosts with a comma. */
static enum err check_version(struct lws *wsi, const struct http_head *head, struct refusal *ret_why)
{
	char version[12] = "";
	(void)lws_hdr_copy(wsi, version, sizeof(version), WSI_TOKEN_HTTP);
	bool newer = strcmp(version, "HTTP/1.1") == 0;
	if (!newer && strcmp(version, "HTTP/1.0") != 0)
		return refuse(ret_why, ERR_BAD_REQUEST, NULL, "the request line is no HTTP/1.1");
	if (newer && !head->host)
		return refuse(ret_why, ERR_BAD_REQUEST, NULL, "Host is missing");
	if (head->host && strpbrk(head->host, ", \t"))
		return refuse(ret_why, ERR_BAD_REQUEST, NULL, "Host must be one");
	return OK;
}

/* To the library these are headers that it doesn't know; a proxy may have framed the body by them. */
static bool is_framing_blurred(struct lws *wsi)
{
	static const char *const names[] = {
		"transfer-encoding :", "transfer-encoding\t:", "content-length :", "content-length\t:"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (custom_length(wsi, names[i]) >= 0)
			return true;
	}
	return false;
}

/* Twice is joined by a comma, and so no number. */
static enum err read_length(struct lws *wsi, struct http_head *head, struct refusal *ret_why)
{
	char text[LENGTH_DIGITS + 2] = "";
	head->content_length = -1;
	if (is_present(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING))
		return refuse(ret_why, ERR_NOT_IMPLEMENTED, NULL, "Transfer-Encoding is not served here");
	if (is_framing_blurred(wsi))
		return refuse(ret_why, ERR_BAD_REQUEST, NULL, "a header's name ends at its colon");
	if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0)
		return OK;
	int len = lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_HTTP_CONTENT_LENGTH);
	size_t digits = strspn(text, "0123456789");
	if (len < 1 || digits < 1 || digits > LENGTH_DIGITS || text[digits])
		return refuse(ret_why, ERR_BAD_REQUEST, NULL,
			"Content-Length must be one number of at most %d digits", LENGTH_DIGITS);
	head->content_length = strtoll(text, NULL, 10);
	return OK;
}

enum err http_head_read(struct lws *wsi, struct http_head *ret, struct refusal *ret_why)
{
	*ret = (struct http_head){.method = ROUTE_OTHER, .content_length = -1};
	enum err err = read_target(wsi, ret, ret_why);
	/* In any case: what a refusal looks like depends on them. */
	enum err copied = copy_headers(wsi, ret, err ? &(struct refusal){0} : ret_why);
	if (!err)
		err = copied;
	if (!err)
		err = check_version(wsi, ret, ret_why);
	if (err)
		return err;
	copy_parameters(wsi, ret);
	return read_length(wsi, ret, ret_why);
}

void http_head_finish(struct http_head *head)
{
	free(head->path);
	for (size_t i = 0; i < ROWS; i++)
		free(*place(head, rows[i].at));
	for (size_t i = 0; i < head->parameter_count; i++)
		free((void *)head->parameters[i]);
	free((void *)head->parameters);
	*head = (struct http_head){0};
}
