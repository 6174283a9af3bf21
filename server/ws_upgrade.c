#include "server/ws_socket.h"

#include "server/origin.h"

#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

#define PATH         "/v1/ws"
#define SUBPROTOCOL  "lockstep.v1"
#define KEY_BYTES    24 /* 16 random bytes in base64 */
#define HOST_BYTES   300
#define ORIGIN_BYTES 320
#define LIST_BYTES   256
#define SCHEME       "bearer "

/* Copies a header; false where there is none or it is too long. */
static bool get_header(struct lws *wsi, enum lws_token_indexes token, char *ret, int room)
{
	return lws_hdr_copy(wsi, ret, room, token) > 0;
}

/* One value of the query, "" where it is absent. False when it is too long. */
static bool get_argument(struct lws *wsi, const char *name_is, char *ret, size_t room)
{
	char pair[CONN_HEADER_BYTES];
	size_t name_len = strlen(name_is);
	*ret = '\0';
	for (int i = 0;; i++) {
		int len = lws_hdr_copy_fragment(wsi, pair, sizeof(pair), WSI_TOKEN_HTTP_URI_ARGS, i);
		/* There are no more; too long is none. */
		if (len < 0)
			return true;
		if (strncmp(pair, name_is, name_len) != 0)
			continue;
		if (strlen(pair) - name_len >= room)
			return false;
		memcpy(ret, pair + name_len, strlen(pair) - name_len + 1);
		return true;
	}
}

/* The position in the query; ERR_BAD_REQUEST when it is none. */
static enum err read_position(struct lws *wsi, struct position *ret)
{
	char epoch[65], seq[24], tag[16];
	struct refusal why = {0};
	if (!get_argument(wsi, "epoch=", epoch, sizeof(epoch)) ||
		!get_argument(wsi, "seq=", seq, sizeof(seq)) || !get_argument(wsi, "tag=", tag, sizeof(tag)))
		return ERR_BAD_REQUEST;
	*ret = (struct position){0};
	if (!*epoch && !*seq && !*tag)
		return OK;
	return decode_position(epoch, seq, *tag ? tag : NULL, ret, &why);
}

struct position ws_upgrade_position(struct lws *wsi)
{
	struct position position;
	if (read_position(wsi, &position) != OK)
		position = (struct position){0};
	return position;
}

char *ws_upgrade_token(struct lws *wsi)
{
	int len = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_AUTHORIZATION);
	if (len <= 0)
		return NULL;
	char *value = calloc(1, (size_t)len + 1);
	if (!value)
		abort();
	int got = lws_hdr_copy(wsi, value, len + 1, WSI_TOKEN_HTTP_AUTHORIZATION);
	/* Another scheme is a bad token: it is told as one. */
	if (got > 0 && strncasecmp(value, SCHEME, strlen(SCHEME)) == 0)
		memmove(value, value + strlen(SCHEME), strlen(value + strlen(SCHEME)) + 1);
	return value;
}

/* The list names ours, or is not there. */
static bool is_subprotocol_offered(struct lws *wsi)
{
	char list[LIST_BYTES], *rest = list;
	if (lws_hdr_total_length(wsi, WSI_TOKEN_PROTOCOL) <= 0)
		return true;
	if (!get_header(wsi, WSI_TOKEN_PROTOCOL, list, sizeof(list)))
		return false;
	for (char *name = strtok_r(list, ", \t", &rest); name; name = strtok_r(NULL, ", \t", &rest)) {
		if (strcmp(name, SUBPROTOCOL) == 0)
			return true;
	}
	return false;
}

/* The library looks at none of these. */
static int check_handshake(struct lws *wsi)
{
	char version[8], key[KEY_BYTES + 2];
	char *path;
	int path_len;
	if (lws_http_get_uri_and_method(wsi, &path, &path_len) != LWSHUMETH_GET)
		return HTTP_STATUS_METHOD_NOT_ALLOWED;
	if ((size_t)path_len != strlen(PATH) || memcmp(path, PATH, strlen(PATH)) != 0)
		return HTTP_STATUS_NOT_FOUND;
	if (!get_header(wsi, WSI_TOKEN_VERSION, version, sizeof(version)) || strcmp(version, "13") != 0)
		return HTTP_STATUS_BAD_REQUEST;
	if (!get_header(wsi, WSI_TOKEN_KEY, key, sizeof(key)) || strlen(key) != KEY_BYTES)
		return HTTP_STATUS_BAD_REQUEST;
	return is_subprotocol_offered(wsi) ? 0 : HTTP_STATUS_BAD_REQUEST;
}

static int check_site(struct lws *wsi, const struct options *options)
{
	char host[HOST_BYTES], origin[ORIGIN_BYTES];
	if (!get_header(wsi, WSI_TOKEN_HOST, host, sizeof(host)))
		return HTTP_STATUS_BAD_REQUEST;
	if (options->dev && !origin_host_is_local(host))
		return HTTP_STATUS_FORBIDDEN;
	if (lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) <= 0)
		return 0;
	if (!get_header(wsi, WSI_TOKEN_ORIGIN, origin, sizeof(origin)) ||
		!origin_allowed(origin, host, options->origins.items, options->origins.count))
		return HTTP_STATUS_FORBIDDEN;
	return 0;
}

int ws_upgrade_check(struct lws *wsi, const struct service *service)
{
	struct position position;
	int status = conn_face(wsi) == FACE_PUBLIC ? check_handshake(wsi) : HTTP_STATUS_NOT_FOUND;
	if (!status)
		status = check_site(wsi, service->options);
	if (!status && read_position(wsi, &position) != OK)
		status = HTTP_STATUS_BAD_REQUEST;
	return status;
}
