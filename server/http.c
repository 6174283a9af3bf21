#include "server/http.h"

#include "server/clock.h"
#include "server/conn.h"
#include "server/http_exchange.h"
#include "server/origin.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static struct exchange *exchange_of_timer(struct wheel_timer *timer)
{
	return (struct exchange *)((char *)timer - offsetof(struct exchange, timer));
}

static void on_deadline(struct wheel_timer *timer, int64_t monotonic_ms)
{
	struct exchange *exchange = exchange_of_timer(timer);
	(void)monotonic_ms;
	if (exchange->state == EXCHANGE_POLLING)
		exchange_poll_end(exchange);
	else if (exchange->state == EXCHANGE_STREAMING)
		exchange_stream_tick(exchange);
	else
		conn_kill(exchange->wsi);
}

/* The library would first send what it still has, and meanwhile be told without end that there is something
 * to read: nothing can be sent any more. */
static void on_peer_gone(struct http_peer *peer)
{
	const struct exchange *exchange =
		(const struct exchange *)((const char *)peer - offsetof(struct exchange, peer));
	shutdown(lws_get_socket_fd(exchange->wsi), SHUT_RDWR);
	conn_kill(exchange->wsi);
}

static struct exchange *exchange_create(struct lws *wsi)
{
	struct exchange *exchange = calloc(1, sizeof(*exchange));
	if (!exchange)
		abort();
	exchange->wsi = wsi;
	exchange->service = lws_context_user(lws_get_context(wsi));
	exchange->begun_ms = clock_monotonic_ms();
	exchange->timer.fire = on_deadline;
	exchange->peer.gone = on_peer_gone;
	wheel_arm(exchange->service->wheel, &exchange->timer, conn_deadline_ms(conn_of(wsi)));
	return exchange;
}

/* The peer may be gone before the engine has answered: the answer then finds nobody. */
static void exchange_destroy(struct exchange *exchange)
{
	exchange_stream_finish(exchange);
	registry_remove(exchange->service->registry, &exchange->client);
	http_peer_unwatch(&exchange->peer);
	wheel_disarm(&exchange->timer);
	http_head_finish(&exchange->head);
	text_finish(&exchange->body);
	identity_cancel(&exchange->ask);
	message_drop(exchange->empty);
	message_drop(exchange->answer.message);
	free(exchange);
}

/* Before a byte of the body is looked at. */

static enum err find_route(struct exchange *exchange, struct refusal *ret_why)
{
	const struct http_head *head = &exchange->head;
	const struct route_match match = route_find(conn_face(exchange->wsi), head->method, head->path);
	bool dev_only = match.route && match.route->does == ROUTE_DEV_TOKEN;
	bool dev = exchange->service->options->dev && head->host && origin_host_is_local(head->host);
	if (!match.allowed || (dev_only && !dev))
		return refuse(ret_why, ERR_NOT_FOUND, NULL, "there is nothing at this path");
	exchange->match = match;
	if (!match.route)
		return refuse(ret_why, ERR_METHOD_NOT_ALLOWED, NULL, "this path has no such method");
	return OK;
}

static enum err check_length(const struct exchange *exchange, struct refusal *ret_why)
{
	const struct http_head *head = &exchange->head;
	int64_t max = exchange->service->options->max_message;
	if (head->method == ROUTE_GET && head->content_length > 0)
		return refuse(ret_why, ERR_BAD_REQUEST, NULL, "GET has no body");
	if (head->content_length < 0 && route_needs_body(exchange->match.route))
		return refuse(ret_why, ERR_LENGTH_REQUIRED, NULL, "a body with its Content-Length is needed");
	if (head->content_length > max)
		return refuse(ret_why, ERR_TOO_LARGE, NULL, "a body has at most %lld bytes", (long long)max);
	return OK;
}

/* The request's token; *ret is NULL where none is needed. */
static enum err read_token(const struct exchange *exchange, const char **ret, struct refusal *ret_why)
{
	static const char scheme[] = "Bearer ";
	const char *text = exchange->head.authorization;
	*ret = NULL;
	if (route_is_open(exchange->match.route))
		return OK;
	if (!text)
		return refuse(ret_why, ERR_UNAUTHENTICATED, NULL, "Authorization: Bearer <token> is needed");
	if (strncasecmp(text, scheme, strlen(scheme)) != 0)
		return refuse(ret_why, ERR_TOKEN_INVALID, NULL, "Authorization must be Bearer <token>");
	text += strlen(scheme);
	*ret = text + strspn(text, " ");
	return OK;
}

/* A GET may wait for long, or for ever: it ends when its peer goes, or goes on speaking. */
static void await_answer(struct exchange *exchange)
{
	if (exchange->state == EXCHANGE_ANSWERING)
		return;
	exchange_deafen(exchange);
	if (exchange->head.method == ROUTE_GET)
		exchange_watch_peer(exchange);
}

static void dispatch(struct exchange *exchange)
{
	if (route_is_open(exchange->match.route))
		exchange_answer_local(exchange);
	else if (exchange_wants_stream(exchange))
		exchange_stream_begin(exchange);
	else
		exchange_ask(exchange);
	await_answer(exchange);
}

/* Goes on once all of it is there, and it is known whose it is. */
static void go_on(struct exchange *exchange)
{
	if (exchange->state != EXCHANGE_RECEIVING)
		return;
	bool whole = exchange->received >= exchange->head.content_length;
	bool known = exchange->identity.uid || route_is_open(exchange->match.route);
	if (whole && known)
		dispatch(exchange);
	else if (whole)
		await_answer(exchange);
}

static void on_known(struct identity_ask *ask, const struct identity *identity, const struct refusal *why)
{
	struct exchange *exchange = (struct exchange *)((char *)ask - offsetof(struct exchange, ask));
	if (why) {
		exchange_refuse(exchange, why);
		return;
	}
	exchange->identity = *identity;
	go_on(exchange);
}

static int begin(struct lws *wsi, struct exchange **slot)
{
	struct refusal why = {0};
	const char *token = NULL;
	/* The library would end a request that waits for events as an idle connection. */
	lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
	/* A second request on one connection: never, see packages.md. */
	if (*slot)
		return -1;
	struct exchange *exchange = *slot = exchange_create(wsi);
	exchange->ask.known = on_known;
	enum err err = http_head_read(wsi, &exchange->head, &why);
	exchange->framed = !err;
	if (!err && exchange_answer_preflight(exchange))
		return 0;
	if (!err)
		err = find_route(exchange, &why);
	bool page = err == ERR_NOT_FOUND;
	if (!err)
		err = check_length(exchange, &why);
	if (!err)
		err = read_token(exchange, &token, &why);
	if (page)
		exchange_answer_page(exchange);
	else if (err)
		exchange_refuse(exchange, &why);
	else if (token)
		identity_ask(exchange->service->identities, &exchange->ask, token, strlen(token));
	go_on(exchange);
	return 0;
}

/* What comes after an answer was given is read and dropped. */
static int receive(struct exchange *exchange, const void *bytes, size_t len)
{
	lws_set_timeout(exchange->wsi, NO_PENDING_TIMEOUT, 0);
	exchange->received += (int64_t)len;
	if (exchange->state == EXCHANGE_RECEIVING)
		text_append(&exchange->body, bytes, len);
	return 0;
}

static int complete_body(struct exchange *exchange)
{
	/* The library also says so of a body that it made up for a request without one. */
	bool whole = exchange->head.content_length > 0 && exchange->received >= exchange->head.content_length;
	if (whole && exchange->state == EXCHANGE_ANSWERED)
		return exchange_complete(exchange);
	if (whole)
		go_on(exchange);
	return 0;
}

static int write_some(struct exchange *exchange)
{
	if (exchange->state == EXCHANGE_STREAMING)
		return exchange_stream_write(exchange);
	if (exchange->state == EXCHANGE_ANSWERING)
		return exchange_write(exchange);
	return exchange->state == EXCHANGE_ANSWERED ? exchange_complete(exchange) : 0;
}

static void end(struct exchange **slot)
{
	if (!slot || !*slot)
		return;
	exchange_destroy(*slot);
	*slot = NULL;
}

int http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct exchange **slot = user;
	struct exchange *exchange = slot ? *slot : NULL;
	switch ((int)reason) {
	case LWS_CALLBACK_HTTP:
		return slot ? begin(wsi, slot) : -1;
	case LWS_CALLBACK_HTTP_BODY:
		return exchange ? receive(exchange, in, len) : -1;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return exchange ? complete_body(exchange) : -1;
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return exchange ? write_some(exchange) : -1;
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
	case LWS_CALLBACK_CLOSED_HTTP:
		end(slot);
		return 0;
	default:
		return 0;
	}
}
