/* One HTTP request and its answer, shared by the http_*.c files alone: http.c knows when things happen,
 * http_head.c reads the head, http_engine.c asks the engine and waits for it, http_stream.c streams events,
 * http_local.c answers what needs no engine, http_metrics.c what Prometheus asks, http_answer.c writes. */
#ifndef LOCKSTEP_SERVER_HTTP_EXCHANGE_H
#define LOCKSTEP_SERVER_HTTP_EXCHANGE_H

#include "server/http_head.h"
#include "server/http_peer.h"
#include "server/identity.h"
#include "server/rest.h"
#include "server/service.h"

struct lws;
struct page_file;

enum exchange_state {
	EXCHANGE_RECEIVING, /* the body comes in, and it is found out whose the token is */
	EXCHANGE_WAITING,   /* for the engine */
	EXCHANGE_POLLING,   /* for an event: /v1/events with waitMs */
	EXCHANGE_STREAMING, /* events go out as they happen */
	EXCHANGE_ANSWERING, /* the answer goes out */
	EXCHANGE_ANSWERED   /* it is out; the rest of the request is read and dropped */
};

/* What goes out. */
struct exchange_answer {
	int status;
	const char *type;              /* Content-Type; NULL: none */
	struct message_bytes *message; /* the body is this, or */
	const struct page_file *file;  /* this, or none */
	const unsigned char *bytes;    /* of either */
	size_t len, sent;
	bool begun;
	bool gzipped;
	bool has_seq;
	int64_t seq;            /* for Lockstep-Position */
	unsigned allowed;       /* 405: for Allow */
	const char *challenge;  /* 401: for WWW-Authenticate */
	int64_t retry_after_ms; /* 429, 503 */
};

struct exchange {
	struct client client; /* first */
	struct lws *wsi;
	struct service *service;
	enum exchange_state state;
	struct wheel_timer timer;
	struct http_peer peer; /* watched while it waits for something to happen */
	int64_t begun_ms;      /* monotonic */

	struct http_head head;
	bool framed; /* it is known where the body ends */
	struct text body;
	int64_t received; /* bytes of it, dropped ones included */
	struct route_match match;
	struct identity_ask ask;
	struct identity identity; /* uid 0 until it is known */

	struct view_query view;      /* asked again when something happens */
	int64_t wait_until_ms;       /* monotonic; 0: doesn't wait */
	struct message_bytes *empty; /* the page that is answered when nothing happens */

	struct exchange_answer answer;
	struct exchange_stream *stream; /* or NULL */
};

/* http_engine.c: hands the request over. */
void exchange_ask(struct exchange *exchange);
/* The same of an open route that the engine answers, with a line of text. */
void exchange_forget(struct exchange *exchange);
/* It has waited long enough. */
void exchange_poll_end(struct exchange *exchange);

/* Fills in who asks, and submits it. */
void exchange_submit(struct exchange *exchange, struct request *request);
/* The token that it came with is believed no more. */
void exchange_refuse_revoked(struct exchange *exchange);

/* See gate_take. */
enum err exchange_take_turn(
	struct exchange *exchange, enum request_kind what, struct refusal *ret_why) MUST_CHECK;

/* http_stream.c: server-sent events. Whether the request asks for them; begins; its deadlines; the next write
 * (nonzero: close); lets go of what it holds. */
bool exchange_wants_stream(const struct exchange *exchange);
void exchange_stream_begin(struct exchange *exchange);
void exchange_stream_tick(struct exchange *exchange);
int exchange_stream_write(struct exchange *exchange);
void exchange_stream_finish(struct exchange *exchange);

/* http_local.c: answers an open route; answers a path that is none, with the page's file if it has one. */
void exchange_answer_local(struct exchange *exchange);
void exchange_answer_page(struct exchange *exchange);
/* Why the server is not ready, in a constant text; NULL: it is. */
const char *exchange_unready(const struct exchange *exchange);
/* http_metrics.c: what the server counted, and how it is now. */
void exchange_answer_metrics(struct exchange *exchange);
/* What rest.h needs to know. */
struct rest_input exchange_input(const struct exchange *exchange);

/* http_answer.c. Each gives the answer; only the first counts. Takes over the reference. */
void exchange_answer_message(struct exchange *exchange, int status, struct message_bytes *message);
void exchange_answer_json(struct exchange *exchange, int status, const struct text *body);
void exchange_answer_text(struct exchange *exchange, int status, const char *text);
void exchange_answer_file(struct exchange *exchange, const struct page_file *file);
/* Whether a browser asked before a request that a page of an allowed origin wants to make: answered, then. */
bool exchange_answer_preflight(struct exchange *exchange);
void exchange_refuse(struct exchange *exchange, const struct refusal *why);
/* Until an answer or an event the library shall hear nothing: it would not take what comes, and would be told
 * of it without end. */
void exchange_deafen(struct exchange *exchange);
/* Whether the library keeps bytes from behind the request: it would never rest. It tells only whether
 * anybody's are kept, so that is asked with and without this one's. */
bool exchange_is_spoken_to(const struct exchange *exchange);
/* Ends it when the peer goes, or goes on speaking. */
void exchange_watch_peer(struct exchange *exchange);
/* exchange_write or exchange_stream_write shall be called when there is room. */
void exchange_want_write(struct exchange *exchange);
/* Writes the head of a stream. Nonzero: close. */
int exchange_write_stream_head(struct exchange *exchange);
/* Writes the next piece. Nonzero: close. */
int exchange_write(struct exchange *exchange);
/* The answer is out and nothing more is to be read. Nonzero: close. */
int exchange_complete(struct exchange *exchange);

#endif
