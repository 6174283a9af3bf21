#include "examples/cli/link.h"

#include "examples/cli/clean.h"
#include "examples/cli/now.h"

#include <ev.h>
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A snapshot of everything that a user may have is a few megabytes. */
#define MESSAGE_BYTES_MAX (16 * 1024 * 1024)
/* From the first packet to `live`. */
#define CONNECT_MS 15000
/* The server's heartbeat may come that late. */
#define SILENCE_MS 10000
/* How often the two are looked at. */
#define LOOK_SECONDS 2.
/* Between attempts: twice as long each time, less up to a half by chance, so that not all come at once. */
#define RETRY_FIRST_MS 500
#define RETRY_MAX_MS   30000
/* Until somebody has signed in again. */
#define RETRY_REFUSED_MS 20000

#define CLOSE_TOKEN       4401
#define CLOSE_OTHER_USER  4403
#define REASON_NOT_SIGNED "not signed in"

struct frame {
	struct frame *next;
	size_t len;
	unsigned char bytes[]; /* LWS_PRE, then the message */
};

struct link {
	struct ev_loop *ev;
	const struct link_options *options;
	struct lws_context *context;
	struct lws *wsi; /* NULL while there is no connection */
	struct ev_timer retry, look;
	enum link_phase phase;
	int64_t begun_ms, heard_ms; /* now_boot_ms() */
	int64_t heartbeat_ms;       /* 0 until it is known */
	int64_t retry_ms;
	int64_t lost_ms; /* when the connection was last known to be good */
	bool attempting; /* a connection is there or being made, whose end was not told yet */
	bool dropping;
	struct text in;
	struct frame *first, **last; /* to be sent */
	char token[8];               /* the end of the one signed in with */
	bool refused;
	char why[256]; /* for the end of this connection */
};

const char *link_phase_name(enum link_phase phase)
{
	static const char *const names[] = {"connecting", "live", "offline", "refused"};
	return names[phase];
}

static void set_phase(struct link *link, enum link_phase phase, const char *why)
{
	link->phase = phase;
	link->options->hooks->phase(link->options->context, phase, why);
}

static void set_why(struct link *link, const char *why, size_t len)
{
	char text[sizeof(link->why)];
	if (*link->why)
		return;
	snprintf(text, sizeof(text), "%.*s", (int)(len < sizeof(text) ? len : sizeof(text) - 1), why);
	clean_copy(text, link->why, sizeof(link->why));
}

/* --- Sending -------------------------------------------------------------------------------------------- */

static void clear_frames(struct link *link)
{
	while (link->first) {
		struct frame *frame = link->first;
		link->first = frame->next;
		free(frame);
	}
	link->last = &link->first;
}

void link_send(struct link *link, const char *message)
{
	size_t len = strlen(message);
	if (!link->wsi)
		return;
	struct frame *frame = calloc(1, sizeof(*frame) + LWS_PRE + len);
	if (!frame)
		abort();
	frame->len = len;
	memcpy(frame->bytes + LWS_PRE, message, len);
	*link->last = frame;
	link->last = &frame->next;
	lws_callback_on_writable(link->wsi);
}

static int send_one(struct link *link)
{
	struct frame *frame = link->first;
	if (!frame)
		return 0;
	int sent = lws_write(link->wsi, frame->bytes + LWS_PRE, frame->len, LWS_WRITE_TEXT);
	link->first = frame->next;
	if (!link->first)
		link->last = &link->first;
	else
		lws_callback_on_writable(link->wsi);
	free(frame);
	return sent < 0 ? -1 : 0;
}

/* --- Signing in ----------------------------------------------------------------------------------------- */

/* Enough of a token to tell that it is another one. */
static void keep_end(struct link *link, const char *token)
{
	size_t len = strlen(token);
	snprintf(link->token, sizeof(link->token), "%s", token + (len > 7 ? len - 7 : 0));
}

/* False when there is no token. */
static bool sign_in(struct link *link)
{
	const struct link_options *options = link->options;
	const char *token = options->hooks->token(options->context);
	TEXT_AUTO auth = {0}, position = {0};
	if (!token)
		return false;
	keep_end(link, token);
	text_append_string(&auth, "{\"type\":\"auth\",\"id\":\"auth\",\"token\":");
	text_append_json(&auth, token);
	text_append_string(&auth, ",\"client\":{\"name\":");
	text_append_json(&auth, options->name);
	text_append_string(&auth, "}");
	if (options->hooks->position)
		options->hooks->position(options->context, &position);
	if (position.len)
		text_append_format(&auth, ",\"resume\":%s", position.data);
	text_append_string(&auth, "}");
	link_send(link, auth.data);
	return true;
}

/* Somebody may have signed in anew meanwhile. */
static void renew(struct link *link)
{
	const struct link_options *options = link->options;
	const char *token = options->hooks->token(options->context);
	TEXT_AUTO auth = {0};
	size_t len = token ? strlen(token) : 0;
	if (!token || strcmp(link->token, token + (len > 7 ? len - 7 : 0)) == 0)
		return;
	keep_end(link, token);
	text_append_string(&auth, "{\"type\":\"auth\",\"id\":\"renewal\",\"token\":");
	text_append_json(&auth, token);
	text_append_string(&auth, "}");
	link_send(link, auth.data);
}

static bool is_text(const cJSON *tree, const char *name, const char *value)
{
	const cJSON *item = json_get(tree, name);
	return cJSON_IsString(item) && strcmp(item->valuestring, value) == 0;
}

static int refuse_token(struct link *link, const char *why)
{
	link->refused = true;
	set_why(link, why, strlen(why));
	return -1;
}

/* The answer to `auth`, when it is a refusal; others are no business of the link. */
static int on_result(struct link *link, const cJSON *tree)
{
	const cJSON *error = json_get(tree, "error");
	const cJSON *message = json_get(error, "message");
	if (!is_text(tree, "id", "auth") || !error)
		return 0;
	if (!is_text(error, "code", "tokenInvalid") && !is_text(error, "code", "tokenExpired") &&
		!is_text(error, "code", "unauthenticated") && !is_text(error, "code", "forbidden"))
		return -1;
	return refuse_token(link, cJSON_IsString(message) ? message->valuestring : "the token was refused");
}

static void on_live(struct link *link)
{
	link->retry_ms = 0;
	set_phase(link, LINK_LIVE, "");
}

/* What the link itself has to do with a message; -1 ends the connection. */
static int act(struct link *link, const cJSON *tree)
{
	if (is_text(tree, "type", "hello"))
		return sign_in(link) ? 0 : refuse_token(link, REASON_NOT_SIGNED);
	if (is_text(tree, "type", "ready") &&
		!json_integer(json_get(tree, "heartbeatMs"), &link->heartbeat_ms))
		return -1;
	if (is_text(tree, "type", "result"))
		return on_result(link, tree);
	if (is_text(tree, "type", "live"))
		on_live(link);
	if (is_text(tree, "type", "authExpiring"))
		renew(link);
	return 0;
}

static int on_message(struct link *link)
{
	JSON_AUTO *tree = NULL;
	struct refusal why;
	if (json_parse_within(link->in.data, link->in.len, LINK_JSON_DEPTH, &tree, &why) != OK) {
		set_why(link, why.message, strlen(why.message));
		return -1;
	}
	link->options->hooks->message(link->options->context, tree, link->in.data, link->in.len);
	return act(link, tree);
}

/* --- The connection ------------------------------------------------------------------------------------- */

static int64_t next_retry_ms(struct link *link)
{
	uint16_t chance;
	if (link->refused)
		return RETRY_REFUSED_MS;
	link->retry_ms = link->retry_ms ? link->retry_ms * 2 : RETRY_FIRST_MS;
	if (link->retry_ms > RETRY_MAX_MS)
		link->retry_ms = RETRY_MAX_MS;
	now_random(&chance, sizeof(chance));
	return link->retry_ms - link->retry_ms * chance / 2 / UINT16_MAX;
}

/* The connection is gone, or was never made. */
static void on_lost(struct link *link)
{
	if (!link->attempting)
		return;
	if (!link->dropping)
		link->lost_ms = now_boot_ms();
	link->attempting = link->dropping = false;
	link->wsi = NULL;
	link->heartbeat_ms = 0;
	clear_frames(link);
	text_clear(&link->in);
	ev_timer_stop(link->ev, &link->look);
	ev_timer_set(&link->retry, (double)next_retry_ms(link) / 1000., 0.);
	ev_timer_start(link->ev, &link->retry);
	set_phase(link, link->refused ? LINK_REFUSED : LINK_OFFLINE,
		*link->why ? link->why : "the connection was lost");
}

/* The server says goodbye: two bytes of code, and a reason. */
static void on_goodbye(struct link *link, const unsigned char *bytes, size_t len)
{
	int code = len >= 2 ? bytes[0] << 8 | bytes[1] : 0;
	bool late = len > 2 && strncmp((const char *)bytes + 2, "authTimeout", len - 2) == 0;
	if ((code == CLOSE_TOKEN && !late) || code == CLOSE_OTHER_USER)
		link->refused = true;
	if (len > 2)
		set_why(link, (const char *)bytes + 2, len - 2);
}

/* What the library says of TLS is for its own people. */
static void on_failure(struct link *link, const char *why, size_t len)
{
	static const char tls[] = "no TLS with a certificate that is valid for it and trusted";
	if (why && link->options->address->encrypted && memmem(why, len, "SSL", 3))
		set_why(link, tls, strlen(tls));
	else if (why)
		set_why(link, why, len);
	on_lost(link);
}

static int on_bytes(struct link *link, struct lws *wsi, const char *bytes, size_t len)
{
	link->heard_ms = now_boot_ms();
	if (link->in.len + len > MESSAGE_BYTES_MAX || lws_frame_is_binary(wsi))
		return -1;
	text_append(&link->in, bytes, len);
	if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi))
		return 0;
	int end = on_message(link);
	text_clear(&link->in);
	return end;
}

static int on_library(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct link *link = lws_context_user(lws_get_context(wsi));
	(void)user;
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		link->heard_ms = now_boot_ms();
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return link->dropping ? -1 : on_bytes(link, wsi, in, len);
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return link->dropping ? -1 : send_one(link);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		on_goodbye(link, in, len);
		return 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		on_failure(link, in, len);
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
		on_lost(link);
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		if (wsi == link->wsi)
			on_lost(link);
		return 0;
	default:
		return 0;
	}
}

static const struct lws_protocols protocols[] = {
	{.name = "lockstep.v1", .callback = on_library, .rx_buffer_size = 65536},
	{.name = NULL},
};

static void attempt(struct link *link)
{
	const struct address *address = link->options->address;
	char path[sizeof(address->prefix) + 8];
	snprintf(path, sizeof(path), "%s/v1/ws", address->prefix);
	struct lws_client_connect_info info = {
		.context = link->context,
		.address = address->host,
		.port = address->port,
		/* Wherever that leads, the token is not for it. */
		.ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT | (address->encrypted ? LCCSCF_USE_SSL : 0),
		.path = path,
		.host = address->header,
		.protocol = "lockstep.v1",
		.local_protocol_name = "lockstep.v1",
		.alpn = "http/1.1",
		.pwsi = &link->wsi,
	};
	*link->why = '\0';
	link->refused = false;
	link->attempting = true;
	link->begun_ms = link->heard_ms = now_boot_ms();
	ev_timer_again(link->ev, &link->look);
	if (link->phase == LINK_CONNECTING)
		set_phase(link, LINK_CONNECTING, "");
	if (!lws_client_connect_via_info(&info)) {
		on_failure(link, "no connection", strlen("no connection"));
	}
}

static void on_retry(struct ev_loop *ev, struct ev_timer *timer, int events)
{
	(void)ev;
	(void)events;
	attempt(timer->data);
}

void link_drop(struct link *link, const char *why)
{
	if (!link->wsi || link->dropping)
		return;
	set_why(link, why, strlen(why));
	link->dropping = true;
	link->lost_ms = link->heard_ms;
	/* Ends it from the library's own loop, so that this may be called from a hook. */
	lws_set_timeout(link->wsi, PENDING_TIMEOUT_CLOSE_SEND, LWS_TO_KILL_ASYNC);
}

/* A connection may be dead without a word; and while the machine slept nobody has said any. */
static void on_look(struct ev_loop *ev, struct ev_timer *timer, int events)
{
	struct link *link = timer->data;
	int64_t now_ms = now_boot_ms();
	(void)ev;
	(void)events;
	if (link->phase != LINK_LIVE && now_ms - link->begun_ms > CONNECT_MS)
		link_drop(link, "no answer in time");
	if (link->phase == LINK_LIVE && now_ms - link->heard_ms > link->heartbeat_ms + SILENCE_MS)
		link_drop(link, "the server has fallen silent");
}

/* --- Its life ------------------------------------------------------------------------------------------- */

static struct lws_context *create_context(struct link *link)
{
	static const lws_retry_bo_t no_policy = {0};
	void *loops[] = {link->ev};
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.options = LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_VALIDATE_UTF8,
		.user = link,
		.foreign_loops = loops,
		.retry_and_idle_policy = &no_policy,
		.fd_limit_per_thread = 64,
		.vhost_name = "lockstep",
	};
	if (link->options->address->encrypted)
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	if (*link->options->ca)
		info.client_ssl_ca_filepath = link->options->ca;
	lws_set_log_level(0, NULL);
	/* It would be asked for addresses of this machine, too. */
	unsetenv("http_proxy");
	unsetenv("socks_proxy");
	return lws_create_context(&info);
}

struct link *link_create(struct ev_loop *ev, const struct link_options *options)
{
	struct link *link = calloc(1, sizeof(*link));
	if (!link)
		abort();
	*link = (struct link){.ev = ev, .options = options};
	link->last = &link->first;
	ev_timer_init(&link->retry, on_retry, 0., 0.);
	ev_timer_init(&link->look, on_look, LOOK_SECONDS, LOOK_SECONDS);
	link->retry.data = link->look.data = link;
	link->context = create_context(link);
	if (!link->context) {
		free(link);
		return NULL;
	}
	ev_timer_start(ev, &link->retry);
	return link;
}

int64_t link_lost_ms(const struct link *link)
{
	return link->lost_ms;
}

void link_destroy(struct link *link)
{
	if (!link)
		return;
	ev_timer_stop(link->ev, &link->retry);
	ev_timer_stop(link->ev, &link->look);
	link->attempting = false; /* nobody is told of it any more */
	lws_context_destroy(link->context);
	/* With a loop that is not its own the library lets go of its watchers in the next turn. */
	ev_run(link->ev, EVRUN_NOWAIT);
	clear_frames(link);
	text_finish(&link->in);
	free(link);
}
