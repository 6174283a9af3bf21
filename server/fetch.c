#include "server/fetch.h"

#include "protocol/text.h"
#include "server/clock.h"
#include "server/freshness.h"
#include "server/url.h"

#include <assert.h>
#include <curl/curl.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct fetch {
	struct ev_loop *ev;
	CURLM *multi;
	struct ev_timer timer; /* libcurl's next time-out */
	size_t requests;
};

struct fetch_request {
	struct fetch *fetch;
	CURL *easy;
	int64_t until_ms; /* monotonic */
	int redirects;
	bool encrypted; /* this address; so must be those that it leads to */
	struct text body;
	struct freshness freshness;
	char error[CURL_ERROR_SIZE];
	void (*done)(void *context, const struct fetch_answer *answer);
	void *context;
};

/* --- One request ---------------------------------------------------------------------------------------- */

static size_t on_body(char *bytes, size_t one, size_t len, void *context)
{
	struct fetch_request *request = context;
	(void)one;
	if (request->body.len + len > FETCH_BYTES_MAX)
		return 0; /* ends it: CURLE_WRITE_ERROR */
	text_append(&request->body, bytes, len);
	return len;
}

/* An answer may follow others (1xx), whose headers are not its own. */
static size_t on_header(char *line, size_t one, size_t len, void *context)
{
	struct fetch_request *request = context;
	(void)one;
	if (len >= 5 && strncasecmp(line, "HTTP/", 5) == 0)
		request->freshness = (struct freshness){0};
	freshness_read(&request->freshness, line, len);
	return len;
}

/* What libcurl would do otherwise is said with each line. Redirects are not its business: see redirect. */
static void set_up(struct fetch_request *request)
{
	CURL *easy = request->easy;
	bool good =
		/* Without it a time-out would be a signal; and what a resolver's thread still waits for when
		 * the time is up would be waited for by the loop. */
		curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
		/* http_proxy and the like are for people's programs. */
		curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip") == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_USERAGENT, "lockstep/" LOCKSTEP_VERSION) == CURLE_OK &&
		/* The next time is an hour away. */
		curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_MAXFILESIZE, (long)FETCH_BYTES_MAX) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_WRITEDATA, request) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_HEADERDATA, request) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->error) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_PRIVATE, request) == CURLE_OK;
	if (!good)
		abort();
}

/* Asks one address, for the time that is left. */
static void ask(struct fetch_request *request, const char *address)
{
	int64_t left_ms = request->until_ms - clock_monotonic_ms();
	request->encrypted = url_is_encrypted(address);
	request->freshness = (struct freshness){0};
	text_clear(&request->body);
	*request->error = '\0';
	if (curl_easy_setopt(request->easy, CURLOPT_URL, address) != CURLE_OK ||
		curl_easy_setopt(request->easy, CURLOPT_TIMEOUT_MS, left_ms > 1 ? (long)left_ms : 1L) !=
			CURLE_OK ||
		curl_multi_add_handle(request->fetch->multi, request->easy) != CURLM_OK)
		abort();
}

/* True when it goes on elsewhere; else *ret_why is what is wrong with that. */
static bool redirect(struct fetch_request *request, const char *address, const char **ret_why)
{
	*ret_why = "it leads on too often";
	if (++request->redirects > FETCH_REDIRECTS)
		return false;
	*ret_why = "it leads to an address that is not asked";
	if (!url_may_be_asked(address) || (request->encrypted && !url_is_encrypted(address)))
		return false;
	ask(request, address);
	return true;
}

static void finish(struct fetch_request *request)
{
	request->fetch->requests--;
	curl_easy_cleanup(request->easy);
	text_finish(&request->body);
	free(request);
}

static const char *reason_of(const struct fetch_request *request, CURLcode code)
{
	if (code == CURLE_WRITE_ERROR || code == CURLE_FILESIZE_EXCEEDED)
		return "the answer is too large";
	if (code == CURLE_OPERATION_TIMEDOUT)
		return "no answer in time";
	return *request->error ? request->error : curl_easy_strerror(code);
}

/* libcurl has let go of it. */
static void end(struct fetch_request *request, CURLcode code)
{
	struct fetch_answer answer = {.why = code ? reason_of(request, code) : NULL};
	const char *next = NULL;
	char other[40];
	long status = 0;
	curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(request->easy, CURLINFO_REDIRECT_URL, &next);
	if (!code && next && redirect(request, next, &answer.why))
		return;
	if (!answer.why && status != 200) {
		snprintf(other, sizeof(other), "the answer has status %ld", status);
		answer.why = other;
	}
	answer.body = request->body.data ? request->body.data : "";
	answer.len = request->body.len;
	answer.keep_seconds = freshness_seconds(&request->freshness);
	request->done(request->context, &answer);
	finish(request);
}

struct fetch_request *fetch_get(struct fetch *fetch, const char *address, int64_t within_ms,
	void (*done)(void *context, const struct fetch_answer *answer), void *context)
{
	struct fetch_request *request = calloc(1, sizeof(*request));
	if (!request || !(request->easy = curl_easy_init()))
		abort();
	assert(url_may_be_asked(address));
	request->fetch = fetch;
	request->until_ms = clock_monotonic_ms() + within_ms;
	request->done = done;
	request->context = context;
	fetch->requests++;
	set_up(request);
	ask(request, address);
	return request;
}

void fetch_cancel(struct fetch_request *request)
{
	if (!request)
		return;
	curl_multi_remove_handle(request->fetch->multi, request->easy);
	finish(request);
}

/* --- libcurl in the loop -------------------------------------------------------------------------------- */

/* Each message is gone once its handle is. */
static void take_ended(struct fetch *fetch)
{
	int left;
	for (CURLMsg *message; (message = curl_multi_info_read(fetch->multi, &left));) {
		struct fetch_request *request;
		CURLcode code = message->data.result;
		CURL *easy = message->easy_handle;
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&request);
		curl_multi_remove_handle(fetch->multi, easy);
		end(request, code);
	}
}

static void on_ready(struct ev_loop *ev, struct ev_io *io, int events)
{
	struct fetch *fetch = io->data;
	int flags = (events & EV_READ ? CURL_CSELECT_IN : 0) | (events & EV_WRITE ? CURL_CSELECT_OUT : 0);
	int running;
	(void)ev;
	curl_multi_socket_action(fetch->multi, io->fd, flags, &running);
	take_ended(fetch);
}

static void on_time(struct ev_loop *ev, struct ev_timer *timer, int events)
{
	struct fetch *fetch = timer->data;
	int running;
	(void)ev;
	(void)events;
	curl_multi_socket_action(fetch->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	take_ended(fetch);
}

/* libcurl: what it waits for at a socket. The watcher is kept beside the socket. */
static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *watcher)
{
	struct fetch *fetch = context;
	struct ev_io *io = watcher;
	(void)easy;
	if (io)
		ev_io_stop(fetch->ev, io);
	if (what == CURL_POLL_REMOVE) {
		free(io);
		return 0;
	}
	if (!io && !(io = calloc(1, sizeof(*io))))
		abort();
	ev_io_init(io, on_ready, fd,
		(what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0));
	io->data = fetch;
	ev_io_start(fetch->ev, io);
	curl_multi_assign(fetch->multi, fd, io);
	return 0;
}

/* libcurl: when it wants to be called again; -1: no more. */
static int watch_time(CURLM *multi, long ms, void *context)
{
	struct fetch *fetch = context;
	(void)multi;
	ev_timer_stop(fetch->ev, &fetch->timer);
	if (ms < 0)
		return 0;
	ev_timer_set(&fetch->timer, (double)ms / 1000, 0);
	ev_timer_start(fetch->ev, &fetch->timer);
	return 0;
}

struct fetch *fetch_create(struct ev_loop *loop)
{
	struct fetch *fetch = calloc(1, sizeof(*fetch));
	if (!fetch || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
		!(fetch->multi = curl_multi_init()))
		abort();
	fetch->ev = loop;
	ev_timer_init(&fetch->timer, on_time, 0, 0);
	fetch->timer.data = fetch;
	if (curl_multi_setopt(fetch->multi, CURLMOPT_SOCKETFUNCTION, watch_socket) != CURLM_OK ||
		curl_multi_setopt(fetch->multi, CURLMOPT_SOCKETDATA, fetch) != CURLM_OK ||
		curl_multi_setopt(fetch->multi, CURLMOPT_TIMERFUNCTION, watch_time) != CURLM_OK ||
		curl_multi_setopt(fetch->multi, CURLMOPT_TIMERDATA, fetch) != CURLM_OK)
		abort();
	return fetch;
}

void fetch_destroy(struct fetch *fetch)
{
	if (!fetch)
		return;
	assert(fetch->requests == 0);
	curl_multi_cleanup(fetch->multi);
	ev_timer_stop(fetch->ev, &fetch->timer);
	curl_global_cleanup();
	free(fetch);
}
