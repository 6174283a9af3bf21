#include "server/http_exchange.h"

#include "server/clock.h"
#include "server/conn.h"
#include "server/log.h"
#include "server/origin.h"
#include "server/page.h"

#include <inttypes.h>
#include <libwebsockets.h>
#include <stdio.h>
#include <string.h>

#define HEAD_BYTES 2048
/* A body up to here goes out with its head in one write. */
#define JOINED_BYTES 8192
#define PIECE_BYTES  65536
/* For the peer to take the answer in, and to come to the end of its own request. */
#define SEND_MS 60000

/* All of it comes from here, and 'self' is its WebSocket too. Between the two stands whom it asks to sign in.
 */
static const char policy_first[] =
	"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'";
static const char policy_last[] =
	"; img-src 'self' data:; manifest-src 'self'; worker-src 'self'; base-uri 'none'; "
	"form-action 'none'; frame-ancestors 'none'";
/* Signing in with a password, and renewing the token. Google's own pop-up would need its script and a frame
 * in the page: whoever speaks there could do all that the person can. */
#define GOOGLE "https://identitytoolkit.googleapis.com https://securetoken.googleapis.com"

/* A head being written. */
struct head {
	struct lws *wsi;
	unsigned char *at, *end;
	bool full;
};

static void put(struct head *head, const char *name_colon, const char *value)
{
	if (lws_add_http_header_by_name(head->wsi, (const unsigned char *)name_colon,
		    (const unsigned char *)value, (int)strlen(value), &head->at, head->end))
		head->full = true;
}

static void put_seconds(struct head *head, const char *name_colon, int64_t ms)
{
	char text[24];
	snprintf(text, sizeof(text), "%" PRId64, (ms + 999) / 1000);
	put(head, name_colon, text);
}

static void put_policy(struct head *head, const struct options *options)
{
	char text[512];
	const char *asked = options->firebase_emulator ? options->firebase_emulator : GOOGLE;
	bool asks = options->firebase_api_key;
	snprintf(text, sizeof(text), "%s%s%s%s", policy_first, asks ? " " : "", asks ? asked : "",
		policy_last);
	put(head, "content-security-policy:", text);
}

static void put_file(struct head *head, const struct exchange *exchange)
{
	const struct exchange_answer *answer = &exchange->answer;
	put(head, "etag:", answer->file->etag);
	put(head, "cache-control:", answer->file->cache);
	put(head, "vary:", "Accept-Encoding");
	if (answer->gzipped)
		put(head, "content-encoding:", "gzip");
	put_policy(head, exchange->service->options);
	put(head, "referrer-policy:", "no-referrer");
	put(head, "x-frame-options:", "DENY");
	put(head, "cross-origin-opener-policy:", "same-origin");
	put(head, "cross-origin-resource-policy:", "same-origin");
	put(head, "permissions-policy:", "camera=(), geolocation=(), microphone=()");
}

static void put_position(struct head *head, const struct exchange *exchange)
{
	char text[64];
	snprintf(text, sizeof(text), "%s:%" PRId64, engine_epoch(exchange->service->engine),
		exchange->answer.seq);
	put(head, "lockstep-position:", text);
}

static void put_allowed(struct head *head, unsigned allowed)
{
	char text[64];
	route_list_methods(allowed, text);
	put(head, "allow:", text);
}

static bool is_shared(const struct exchange *exchange)
{
	const struct option_list *allowed = &exchange->service->options->origins;
	const char *origin = exchange->head.origin;
	if (conn_face(exchange->wsi) != FACE_PUBLIC)
		return false;
	return origin && origin_listed(origin, allowed->items, allowed->count);
}

/* Pages of the configured origins may read the answer, whatever it is. Never with credentials: a browser adds
 * nothing by itself that would sign anybody in. */
static void put_sharing(struct head *head, const struct exchange *exchange)
{
	if (exchange->service->options->origins.count)
		put(head, "vary:", "Origin");
	if (!is_shared(exchange))
		return;
	put(head, "access-control-allow-origin:", exchange->head.origin);
	put(head, "access-control-expose-headers:", "Lockstep-Position, Retry-After");
	if (!exchange->head.preflight)
		return;
	put(head, "access-control-allow-methods:", "GET, HEAD, POST, PUT, PATCH, DELETE");
	put(head, "access-control-allow-headers:",
		"Authorization, Content-Type, Idempotency-Key, If-Match, Last-Event-ID");
	put(head, "access-control-max-age:", "600");
}

static bool has_no_body(int status)
{
	return status == HTTP_STATUS_NOT_MODIFIED || status == HTTP_STATUS_NO_CONTENT;
}

static void put_headers(struct head *head, const struct exchange *exchange)
{
	const struct exchange_answer *answer = &exchange->answer;
	char length[24];
	snprintf(length, sizeof(length), "%zu", answer->len);
	if (!has_no_body(answer->status))
		put(head, "content-length:", length);
	put(head, "x-content-type-options:", "nosniff");
	put_sharing(head, exchange);
	if (answer->file)
		put_file(head, exchange);
	else
		put(head, "cache-control:", "no-store");
	if (answer->has_seq)
		put_position(head, exchange);
	if (answer->allowed)
		put_allowed(head, answer->allowed);
	if (answer->challenge)
		put(head, "www-authenticate:", answer->challenge);
	if (answer->retry_after_ms)
		put_seconds(head, "retry-after:", answer->retry_after_ms);
}

/* LWS_ILLEGAL_HTTP_CONTENT_LEN makes it `connection: close`: against this library no connection may be used
 * twice (two use-after-frees are in its reuse). Returns the head's length, 0 on failure. */
static size_t make_head(const struct exchange *exchange, unsigned char *bytes, size_t room)
{
	const struct exchange_answer *answer = &exchange->answer;
	struct head head = {.wsi = exchange->wsi, .at = bytes, .end = bytes + room};
	if (lws_add_http_common_headers(exchange->wsi, (unsigned)answer->status, answer->type,
		    LWS_ILLEGAL_HTTP_CONTENT_LEN, &head.at, head.end))
		return 0;
	put_headers(&head, exchange);
	if (head.full || lws_finalize_http_header(exchange->wsi, &head.at, head.end))
		return 0;
	return (size_t)(head.at - bytes);
}

static int write_head(struct exchange *exchange)
{
	struct exchange_answer *answer = &exchange->answer;
	unsigned char bytes[LWS_PRE + HEAD_BYTES + JOINED_BYTES];
	unsigned char *start = bytes + LWS_PRE;
	size_t len = make_head(exchange, start, HEAD_BYTES);
	if (!len)
		return -1;
	answer->begun = true;
	if (exchange->head.bodiless)
		answer->sent = answer->len;
	if (answer->sent < answer->len && answer->len <= JOINED_BYTES) {
		memcpy(start + len, answer->bytes, answer->len);
		len += answer->len;
		answer->sent = answer->len;
	}
	return lws_write(exchange->wsi, start, len, LWS_WRITE_HTTP_HEADERS) < 0 ? -1 : 0;
}

int exchange_write_stream_head(struct exchange *exchange)
{
	unsigned char bytes[LWS_PRE + HEAD_BYTES];
	struct head head = {.wsi = exchange->wsi, .at = bytes + LWS_PRE, .end = bytes + LWS_PRE + HEAD_BYTES};
	if (lws_add_http_common_headers(exchange->wsi, 200, "text/event-stream", LWS_ILLEGAL_HTTP_CONTENT_LEN,
		    &head.at, head.end))
		return -1;
	put(&head, "cache-control:", "no-store");
	put(&head, "x-content-type-options:", "nosniff");
	put_sharing(&head, exchange);
	if (head.full || lws_finalize_http_header(exchange->wsi, &head.at, head.end))
		return -1;
	size_t len = (size_t)(head.at - (bytes + LWS_PRE));
	return lws_write(exchange->wsi, bytes + LWS_PRE, len, LWS_WRITE_HTTP_HEADERS) < 0 ? -1 : 0;
}

static int write_piece(struct exchange *exchange)
{
	struct exchange_answer *answer = &exchange->answer;
	size_t len = answer->len - answer->sent < PIECE_BYTES ? answer->len - answer->sent : PIECE_BYTES;
	/* On a plain connection the library writes nothing in front of the bytes, and changes none. */
	unsigned char *bytes = (unsigned char *)answer->bytes + answer->sent;
	answer->sent += len;
	return lws_write(exchange->wsi, bytes, len, LWS_WRITE_HTTP) < 0 ? -1 : 0;
}

void exchange_deafen(struct exchange *exchange)
{
	lws_rx_flow_control(exchange->wsi, 0);
}

void exchange_want_write(struct exchange *exchange)
{
	/* Deaf, the library does not write either. */
	lws_rx_flow_control(exchange->wsi, 1);
	lws_callback_on_writable(exchange->wsi);
}

bool exchange_is_spoken_to(const struct exchange *exchange)
{
	struct lws *wsi = exchange->wsi;
	struct lws_context *context = lws_get_context(wsi);
	lws_rx_flow_control(wsi, 0);
	bool others = lws_service_adjust_timeout(context, 1, 0) == 0;
	lws_rx_flow_control(wsi, 1);
	return !others && lws_service_adjust_timeout(context, 1, 0) == 0;
}

void exchange_watch_peer(struct exchange *exchange)
{
	http_peer_watch(&exchange->peer, exchange->service->ev, lws_get_socket_fd(exchange->wsi));
}

/* The peer takes its time. As long as it only listens. */
static int go_on(struct exchange *exchange)
{
	if (exchange->framed && exchange->received >= exchange->head.content_length) {
		if (exchange_is_spoken_to(exchange))
			return -1;
		exchange_watch_peer(exchange);
	}
	exchange_want_write(exchange);
	return 0;
}

int exchange_write(struct exchange *exchange)
{
	struct exchange_answer *answer = &exchange->answer;
	if (answer->begun ? write_piece(exchange) : write_head(exchange))
		return -1;
	if (answer->sent == answer->len) {
		exchange->state = EXCHANGE_ANSWERED;
		return exchange_complete(exchange);
	}
	return go_on(exchange);
}

/* Where the library waits for a body that we know won't come, completing would make it wait on. */
static bool is_body_pending(const struct exchange *exchange)
{
	const struct http_head *head = &exchange->head;
	return !exchange->framed || (head->content_length < 0 && head->method != ROUTE_GET);
}

int exchange_complete(struct exchange *exchange)
{
	/* Closing on a peer that still sends would reset the connection, and take the answer with it. */
	if (exchange->framed && exchange->received < exchange->head.content_length)
		return 0;
	if (lws_partial_buffered(exchange->wsi))
		return go_on(exchange);
	return is_body_pending(exchange) || lws_http_transaction_completed(exchange->wsi) ? -1 : 0;
}

/* A path is what anybody sends: for the log it is printable ASCII. */
static void log_answer(const struct exchange *exchange, int64_t now_ms)
{
	char path[128];
	snprintf(path, sizeof(path), "%s", exchange->head.path);
	for (char *at = path; *at; at++) {
		if (*at < ' ' || *at > '~')
			*at = '?';
	}
	log_debug("http %s %d %lld ms", path, exchange->answer.status,
		(long long)(now_ms - exchange->begun_ms));
}

/* The answer is complete: nobody may give another, and the engine's is dropped. */
static void start(struct exchange *exchange, int status)
{
	int64_t now_ms = clock_monotonic_ms();
	exchange->state = EXCHANGE_ANSWERING;
	exchange->answer.status = status;
	if (conn_face(exchange->wsi) == FACE_PUBLIC)
		metrics_http_request(exchange->service->metrics, status);
	registry_remove(exchange->service->registry, &exchange->client);
	http_peer_unwatch(&exchange->peer);
	wheel_arm(exchange->service->wheel, &exchange->timer, now_ms + SEND_MS);
	exchange_want_write(exchange);
	log_answer(exchange, now_ms);
}

void exchange_answer_message(struct exchange *exchange, int status, struct message_bytes *message)
{
	struct exchange_answer *answer = &exchange->answer;
	if (exchange->state >= EXCHANGE_ANSWERING) {
		message_drop(message);
		return;
	}
	answer->message = message;
	answer->bytes = message_data(message);
	answer->len = message->len;
	if (!answer->type)
		answer->type = "application/json";
	start(exchange, status);
}

void exchange_answer_json(struct exchange *exchange, int status, const struct text *body)
{
	exchange_answer_message(exchange, status, message_make(body->data, body->len));
}

void exchange_answer_text(struct exchange *exchange, int status, const char *text)
{
	exchange->answer.type = "text/plain; charset=utf-8";
	exchange_answer_message(exchange, status, message_make(text, strlen(text)));
}

void exchange_answer_file(struct exchange *exchange, const struct page_file *file)
{
	struct exchange_answer *answer = &exchange->answer;
	const struct http_head *head = &exchange->head;
	bool known = head->if_none_match && strstr(head->if_none_match, file->etag);
	answer->file = file;
	if (known) {
		start(exchange, HTTP_STATUS_NOT_MODIFIED);
		return;
	}
	answer->type = file->type;
	answer->gzipped = file->gzip && head->accept_encoding && strstr(head->accept_encoding, "gzip");
	answer->bytes = answer->gzipped ? file->gzip : file->plain;
	answer->len = answer->gzipped ? file->gzip_len : file->plain_len;
	start(exchange, HTTP_STATUS_OK);
}

bool exchange_answer_preflight(struct exchange *exchange)
{
	bool asks = exchange->head.preflight && is_shared(exchange);
	if (asks)
		start(exchange, HTTP_STATUS_NO_CONTENT);
	return asks;
}

static const char *challenge_of(enum err code)
{
	if (code == ERR_UNAUTHENTICATED)
		return "Bearer";
	return code == ERR_TOKEN_EXPIRED || code == ERR_TOKEN_INVALID ? "Bearer error=\"invalid_token\""
								      : NULL;
}

void exchange_refuse(struct exchange *exchange, const struct refusal *why)
{
	TEXT_AUTO body = {0};
	if (route_shape(exchange->head.path) == ANSWER_V1) {
		text_append_string(&body, "{\"ok\":false,\"error\":");
		encode_error(&body, why);
		text_append_string(&body, "}");
	} else {
		encode_rest_error(&body, why, error_row(why->code)->type);
	}
	exchange->answer.challenge = challenge_of(why->code);
	exchange->answer.retry_after_ms = why->retry_after_ms;
	if (why->code == ERR_METHOD_NOT_ALLOWED)
		exchange->answer.allowed = exchange->match.allowed;
	exchange_answer_json(exchange, error_row(why->code)->status, &body);
}
