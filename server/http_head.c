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

/* A header that comes several times is joined with commas. NULL when it doesn't come. */
static char *copy_header(struct lws *wsi, enum lws_token_indexes token)
{
	int len = lws_hdr_total_length(wsi, token);
	if (len <= 0)
		return NULL;
	char *text = make_room((size_t)len + 1);
	if (lws_hdr_copy(wsi, text, len + 2, token) < 0)
		*text = '\0';
	return text;
}

/* One that the library does not know by itself. */
static char *copy_custom(struct lws *wsi, const char *name_colon)
{
	int name_len = (int)strlen(name_colon);
	int len = lws_hdr_custom_length(wsi, name_colon, name_len);
	if (len <= 0)
		return NULL;
	char *text = make_room((size_t)len);
	if (lws_hdr_custom_copy(wsi, text, len + 1, name_colon, name_len) < 0)
		*text = '\0';
	return text;
}

static void copy_headers(struct lws *wsi, struct http_head *head)
{
	head->authorization = copy_header(wsi, WSI_TOKEN_HTTP_AUTHORIZATION);
	head->host = copy_header(wsi, WSI_TOKEN_HOST);
	head->content_type = copy_header(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE);
	head->accept = copy_header(wsi, WSI_TOKEN_HTTP_ACCEPT);
	head->accept_encoding = copy_header(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING);
	head->if_match = copy_header(wsi, WSI_TOKEN_HTTP_IF_MATCH);
	head->if_none_match = copy_header(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH);
	head->idempotency_key = copy_custom(wsi, "idempotency-key:");
	head->last_event_id = copy_custom(wsi, "last-event-id:");
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
	if (strlen(head->path) != (size_t)len)
		return refuse(ret_why, ERR_BAD_REQUEST, NULL, "a path has no NUL");
	return OK;
}

/* Twice is joined by a comma, and so no number. */
static enum err read_length(struct lws *wsi, struct http_head *head, struct refusal *ret_why)
{
	char text[LENGTH_DIGITS + 2] = "";
	head->content_length = -1;
	if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
		return refuse(ret_why, ERR_NOT_IMPLEMENTED, NULL, "Transfer-Encoding is not served here");
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
	if (err)
		return err;
	copy_headers(wsi, ret);
	copy_parameters(wsi, ret);
	return read_length(wsi, ret, ret_why);
}

void http_head_finish(struct http_head *head)
{
	char *texts[] = {head->path, head->authorization, head->host, head->content_type, head->accept,
		head->accept_encoding, head->if_match, head->if_none_match, head->idempotency_key,
		head->last_event_id};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free(texts[i]);
	for (size_t i = 0; i < head->parameter_count; i++)
		free((void *)head->parameters[i]);
	free((void *)head->parameters);
	*head = (struct http_head){0};
}
