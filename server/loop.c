#include "server/loop.h"

#include "server/clock.h"
#include "server/conn.h"
#include "server/http.h"
#include "server/identity.h"
#include "server/listen.h"
#include "server/log.h"
#include "server/metrics.h"
#include "server/notify.h"
#include "server/ws.h"

#include <ev.h>
#include <libwebsockets.h>
#include <limits.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

/* Descriptors kept free for the store, its journal, backups and the log. */
#define HEAD_ROOM 64
/* How long the sockets get to say goodbye; the program promises ten seconds in all. */
#define DRAIN_MS 8000
/* The engine failed: whatever is still to be sent, nobody waits for it. */
#define FATAL_DRAIN_MS 2000
/* Going away: the client shall come back (protocol.md section 6). */
#define CLOSE_GOING_AWAY 1001
/* A frame's size for reading; longer messages come in several pieces. */
#define READ_BYTES 512
/* Unset, the library would send no more than READ_BYTES at once. */
#define SEND_BYTES (256 * 1024)

struct loop {
	struct ev_loop *ev;
	struct service *service;
	struct lws_context *context;
	struct conns conns;
	struct listen *listen, *control;
	struct notify notify;
	struct ev_async wake;
	struct ev_timer tick;
	struct ev_prepare flush;
	struct ev_idle unsent; /* keeps the loop from waiting */
	struct ev_signal sigterm, sigint, sighup;
	int64_t leave_at_ms; /* monotonic; while draining */
	int exit_code;
	void (*reload)(void *context);
	void *reload_context;
};

/* The address that a proxy of ours named counts from here on. */
static int begin_http(struct lws *wsi, void *user, void *in, size_t len)
{
	struct conn *conn = conn_of(wsi);
	conn_asked(conn);
	conn_known(conn);
	conn_becomes(wsi, METRICS_HTTP);
	if (!conn_identify(wsi))
		return conn_refuse(wsi, HTTP_STATUS_SERVICE_UNAVAILABLE);
	return http_callback(wsi, LWS_CALLBACK_HTTP, user, in, len);
}

static void end_conn(struct lws *wsi)
{
	struct conn *conn = conn_of(wsi);
	if (conn)
		conn_end(conn);
}

/* Everything that the library has to tell. A reason that is not named here is nobody's business. */
static int on_library(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	switch ((int)reason) {
	case LWS_CALLBACK_HTTP:
		return begin_http(wsi, user, in, len);
	case LWS_CALLBACK_FILTER_HTTP_CONNECTION:
	case LWS_CALLBACK_HTTP_BIND_PROTOCOL:
	case LWS_CALLBACK_HTTP_BODY:
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
	case LWS_CALLBACK_HTTP_WRITEABLE:
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
	case LWS_CALLBACK_CLOSED_HTTP:
		return http_callback(wsi, reason, user, in, len);
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
	case LWS_CALLBACK_ESTABLISHED:
	case LWS_CALLBACK_RECEIVE:
	case LWS_CALLBACK_RECEIVE_PONG:
	case LWS_CALLBACK_SERVER_WRITEABLE:
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
	case LWS_CALLBACK_CLOSED:
		return ws_callback(wsi, reason, user, in, len);
	case LWS_CALLBACK_RAW_ADOPT:
	case LWS_CALLBACK_RAW_RX:
	case LWS_CALLBACK_RAW_WRITEABLE:
		return -1; /* CONNECT would park a socket for ever */
	case LWS_CALLBACK_WSI_DESTROY:
		end_conn(wsi);
		return 0;
	default:
		return 0;
	}
}

/* The first serves HTTP and WebSockets that ask for no subprotocol; its name is no token, so that nobody can
 * ask for it. Each socket's `user` is one pointer, which the face that serves it owns. */
static const struct lws_protocols protocols[] = {
	{.name = "lockstep/http",
		.callback = on_library,
		.per_session_data_size = sizeof(void *),
		.rx_buffer_size = READ_BYTES,
		.tx_packet_size = SEND_BYTES},
	{.name = "lockstep.v1",
		.callback = on_library,
		.per_session_data_size = sizeof(void *),
		.rx_buffer_size = READ_BYTES,
		.tx_packet_size = SEND_BYTES},
	{.name = NULL},
};

static void start_drain(struct loop *loop, int64_t within_ms)
{
	if (loop->service->draining)
		return;
	loop->service->draining = true;
	notify_stopping(&loop->notify);
	loop->leave_at_ms = clock_monotonic_ms() + within_ms;
	listen_close(loop->listen);
	listen_close(loop->control);
	loop->listen = loop->control = NULL;
	registry_goodbye(loop->service->registry, CLOSE_GOING_AWAY);
	conn_close_idle(&loop->conns);
}

/* Hands it on; consumes it. */
static void deliver(struct loop *loop, struct reply *reply)
{
	struct metrics *metrics = loop->service->metrics;
	bool event = reply->kind == REPLY_EVENT;
	size_t told = registry_deliver(loop->service->registry, reply);
	if (!event)
		return;
	metrics_add(&metrics->events, 1);
	metrics_add(&metrics->deliveries, (int64_t)told);
}

static void on_engine(struct ev_loop *ev, struct ev_async *async, int events)
{
	struct loop *loop = async->data;
	int64_t now_us = clock_monotonic_us();
	(void)ev;
	(void)events;
	for (struct reply *reply = engine_take(loop->service->engine); reply;) {
		struct reply *next = reply->next;
		if (reply->submitted_us)
			metrics_observe(
				&loop->service->metrics->answer[reply->asked], now_us - reply->submitted_us);
		if (reply->kind == REPLY_FATAL) {
			log_error("the outcome of a commit is unknown; ending");
			loop->exit_code = 1;
			start_drain(loop, FATAL_DRAIN_MS);
			reply_destroy(reply);
		} else if (reply->kind == REPLY_IDENTITY) {
			identities_take(loop->service->identities, reply);
			reply_destroy(reply);
		} else {
			if (reply->kind == REPLY_REVOKED)
				identities_take(loop->service->identities, reply);
			deliver(loop, reply);
		}
		reply = next;
	}
}

static void on_tick(struct ev_loop *ev, struct ev_timer *timer, int events)
{
	struct loop *loop = timer->data;
	int64_t now_ms = clock_monotonic_ms();
	(void)events;
	wheel_turn(loop->service->wheel, now_ms);
	notify_turn(&loop->notify, loop->service, now_ms);
	if (loop->service->draining && (!conn_any(&loop->conns) || now_ms >= loop->leave_at_ms))
		ev_break(ev, EVBREAK_ALL);
}

/* Called when everything that came was dealt with, before the loop waits again. */
static void on_pass_done(struct ev_loop *ev, struct ev_prepare *flush, int events)
{
	struct loop *loop = flush->data;
	(void)events;
	engine_go(loop->service->engine);
	if (ws_flush(loop->service))
		ev_idle_stop(ev, &loop->unsent);
	else
		ev_idle_start(ev, &loop->unsent);
}

static void on_unsent(struct ev_loop *ev, struct ev_idle *idle, int events)
{
	(void)ev;
	(void)idle;
	(void)events;
}

static void on_end_signal(struct ev_loop *ev, struct ev_signal *signal, int events)
{
	struct loop *loop = signal->data;
	(void)events;
	if (loop->service->draining) {
		log_info("signal %d again; ending at once", signal->signum);
		ev_break(ev, EVBREAK_ALL);
		return;
	}
	log_info("signal %d; saying goodbye to %zu connections", signal->signum, loop->service->sockets);
	start_drain(loop, DRAIN_MS);
}

static void log_from_library(int level, const char *line)
{
	log_library(level & LLL_ERR, line);
}

/* Listeners, the store, the library's own and the log need a few besides the head-room. */
size_t loop_descriptors(const struct options *options)
{
	return (size_t)options->max_sockets + 2 * HEAD_ROOM;
}

/* The library sizes its tables by the soft limit, so that is set to what is needed: no more where the system
 * would allow a million, and as near to it as it allows. Returns the first descriptor of the head-room. */
static int set_descriptor_limit(const struct options *options)
{
	struct rlimit limit;
	rlim_t wanted = loop_descriptors(options);
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 1024 - HEAD_ROOM;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	if (limit.rlim_cur < wanted)
		log_warn("the limit of open files (%llu) leaves room for fewer than %lld sockets",
			(unsigned long long)limit.rlim_cur, (long long)options->max_sockets);
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		getrlimit(RLIMIT_NOFILE, &limit);
	return (int)limit.rlim_cur - HEAD_ROOM;
}

/* What the library is told, but for the loops. */
static struct lws_context_creation_info describe(const struct loop *loop)
{
	/* Pings, idle limits and deadlines are the wheel's: the library keeps its own in one sorted list. */
	static const lws_retry_bo_t no_policy = {0};
	const struct options *options = loop->service->options;
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN_SERVER,
		.protocols = protocols,
		.options = LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_VALIDATE_UTF8 |
			   LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
		.user = loop->service,
		.retry_and_idle_policy = &no_policy,
		.max_http_header_data = CONN_HEADER_BYTES,
		.vhost_name = "lockstep",
	};
	if (options->tls_cert) {
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.ssl_cert_filepath = options->tls_cert;
		info.ssl_private_key_filepath = options->tls_key;
		info.alpn = "http/1.1";
		/* Whatever the system's own configuration allows. */
		info.ssl_options_set = SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1;
	}
	return info;
}

/* The library would take a certificate without its key: the files are tried on a host that serves nobody. */
static void reload_certificate(struct loop *loop)
{
	struct lws_context_creation_info info = describe(loop);
	info.vhost_name = "trial";
	struct lws_vhost *trial = lws_create_vhost(loop->context, &info);
	if (!trial) {
		log_error("no certificate and key that fit can be read; the old ones stay");
		return;
	}
	lws_vhost_destroy(trial);
	lws_tls_cert_updated(
		loop->context, info.ssl_cert_filepath, info.ssl_private_key_filepath, NULL, 0, NULL, 0);
	log_info("the certificate and its key were read again");
}

static void on_reload_signal(struct ev_loop *ev, struct ev_signal *signal, int events)
{
	struct loop *loop = signal->data;
	(void)ev;
	(void)events;
	log_info("reloading");
	notify_reloading(&loop->notify, clock_monotonic_us());
	if (loop->service->options->tls_cert)
		reload_certificate(loop);
	if (loop->reload)
		loop->reload(loop->reload_context);
	conn_reload(&loop->conns);
	log_info("done reloading"); /* what was refused has been said */
	notify_reloaded(&loop->notify);
}

static enum err create_context(struct loop *loop, char ret_why[256])
{
	const struct options *options = loop->service->options;
	void *loops[] = {loop->ev};
	/* The library takes a proxy for its clients from there, of which there are none, and complains of
	 * others. */
	unsetenv("http_proxy");
	struct lws_context_creation_info info = describe(loop);
	info.foreign_loops = loops;
	lws_set_log_level(LLL_ERR | LLL_WARN, log_from_library);
	loop->context = lws_create_context(&info);
	loop->conns.vhost = loop->context ? lws_create_vhost(loop->context, &info) : NULL;
	if (loop->conns.vhost)
		return OK;
	snprintf(ret_why, 256, "%s",
		options->tls_cert ? "tls-cert, tls-key: no certificate and key that fit can be read there"
				  : "libwebsockets does not start (is libwebsockets-evlib-ev installed?)");
	return options->tls_cert ? ERR_BAD_REQUEST : ERR_INTERNAL;
}

enum err loop_check_certificate(const struct options *options, char ret_why[256])
{
	if (!options->tls_cert)
		return OK;
	struct service service = {.options = options};
	struct loop loop = {.service = &service, .ev = ev_loop_new(EVFLAG_NOENV)};
	if (!loop.ev)
		abort();
	enum err err = create_context(&loop, ret_why);
	if (loop.context)
		lws_context_destroy(loop.context);
	ev_loop_destroy(loop.ev);
	return err;
}

/* FileDescriptorName= of a unit's sockets chooses the face; what it is called otherwise is nobody's business.
 */
static enum face face_of(const struct systemd_socket *socket)
{
	return strcmp(socket->name, "metrics") == 0 ? FACE_METRICS : FACE_PUBLIC;
}

/* The sockets that systemd has for a face take the place of the addresses that the options have for it.
 * Returns how many were written. */
static size_t list_face(const struct systemd_sockets *passed, enum face face, const struct option_list *told,
	struct listen_address *ret)
{
	size_t count = 0;
	for (size_t i = 0; i < passed->count; i++) {
		const struct systemd_socket *socket = &passed->items[i];
		if (face_of(socket) == face)
			ret[count++] = (struct listen_address){socket->name, face, socket->fd};
	}
	if (count)
		return count;
	for (size_t i = 0; i < told->count; i++)
		ret[count++] = (struct listen_address){told->items[i], face, 0};
	return count;
}

static enum err open_listeners(struct loop *loop, char ret_why[256])
{
	const struct options *options = loop->service->options;
	const struct systemd_sockets *passed = loop->service->passed;
	const char *metrics_items[] = {options->metrics};
	const struct option_list metrics = {options->metrics ? 1 : 0, metrics_items};
	struct listen_address *addresses =
		calloc(options->listen.count + FACE_COUNT + passed->count, sizeof(*addresses));
	if (!addresses)
		abort();
	size_t count = list_face(passed, FACE_PUBLIC, &options->listen, addresses);
	count += list_face(passed, FACE_METRICS, &metrics, addresses + count);
	struct listen_options listening = {
		.addresses = addresses,
		.count = count,
		.local_only = options->dev,
		.scheme = options->tls_cert ? "https" : "http",
		.accept = conn_accept,
		.context = &loop->conns,
	};
	enum err err = listen_open(loop->ev, &listening, &loop->listen, ret_why);
	free(addresses);
	return err;
}

static void start_watchers(struct loop *loop)
{
	loop->wake.data = loop->tick.data = loop->flush.data = loop;
	loop->sigterm.data = loop->sigint.data = loop->sighup.data = loop;
	ev_async_init(&loop->wake, on_engine);
	ev_timer_init(&loop->tick, on_tick, WHEEL_TICK_MS / 1000., WHEEL_TICK_MS / 1000.);
	ev_prepare_init(&loop->flush, on_pass_done);
	ev_idle_init(&loop->unsent, on_unsent);
	ev_signal_init(&loop->sigterm, on_end_signal, SIGTERM);
	ev_signal_init(&loop->sigint, on_end_signal, SIGINT);
	ev_signal_init(&loop->sighup, on_reload_signal, SIGHUP);
	ev_async_start(loop->ev, &loop->wake);
	ev_timer_start(loop->ev, &loop->tick);
	ev_prepare_start(loop->ev, &loop->flush);
	ev_signal_start(loop->ev, &loop->sigterm);
	ev_signal_start(loop->ev, &loop->sigint);
	ev_signal_start(loop->ev, &loop->sighup);
}

enum err loop_create(struct service *service, struct loop **ret, char ret_why[256])
{
	struct loop *loop = calloc(1, sizeof(*loop));
	if (!loop)
		abort();
	loop->service = service;
	loop->ev = ev_loop_new(EVFLAG_NOENV);
	if (!loop->ev)
		abort();
	service->ev = loop->ev;
	notify_open(&loop->notify);
	start_watchers(loop);
	conn_init(&loop->conns, service);
	loop->conns.max_fd = set_descriptor_limit(service->options);
	enum err err = create_context(loop, ret_why);
	if (!err)
		err = open_listeners(loop, ret_why);
	if (err)
		loop_destroy(loop);
	else
		*ret = loop;
	return err;
}

void loop_destroy(struct loop *loop)
{
	if (!loop)
		return;
	listen_close(loop->listen);
	listen_close(loop->control);
	if (loop->context)
		lws_context_destroy(loop->context);
	ev_async_stop(loop->ev, &loop->wake);
	ev_timer_stop(loop->ev, &loop->tick);
	ev_prepare_stop(loop->ev, &loop->flush);
	ev_idle_stop(loop->ev, &loop->unsent);
	ev_signal_stop(loop->ev, &loop->sigterm);
	ev_signal_stop(loop->ev, &loop->sigint);
	ev_signal_stop(loop->ev, &loop->sighup);
	ev_loop_destroy(loop->ev);
	conn_finish(&loop->conns);
	notify_close(&loop->notify);
	free(loop);
}

void loop_on_reload(struct loop *loop, void (*reload)(void *context), void *context)
{
	loop->reload = reload;
	loop->reload_context = context;
}

enum err loop_listen_control(struct loop *loop, const char *path, char ret_why[256])
{
	char text[PATH_MAX + sizeof("unix:")];
	struct listen_address address = {.text = text, .face = FACE_CONTROL};
	struct listen_options listening = {
		.addresses = &address,
		.count = 1,
		.scheme = "http",
		.accept = conn_accept,
		.context = &loop->conns,
	};
	snprintf(text, sizeof(text), "unix:%s", path);
	return listen_open(loop->ev, &listening, &loop->control, ret_why);
}

void loop_wake(void *context)
{
	struct loop *loop = context;
	ev_async_send(loop->ev, &loop->wake);
}

int loop_run(struct loop *loop)
{
	listen_start(loop->listen);
	if (loop->control)
		listen_start(loop->control);
	notify_ready(&loop->notify, loop->service, clock_monotonic_ms());
	ev_run(loop->ev, 0);
	return loop->exit_code;
}
