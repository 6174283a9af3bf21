/* The engine: owns the store and its thread; turns requests into commits, events and answers.
 * Knows commands, users and the store; knows no socket. The loop gives it requests and takes its replies;
 * both are values that hand over ownership, through two queues. */
#ifndef LOCKSTEP_SERVER_ENGINE_H
#define LOCKSTEP_SERVER_ENGINE_H

#include "auth/auth.h"
#include "protocol/analytics.h"
#include "protocol/decode.h"
#include "protocol/encode.h"
#include "server/message.h"

/* Limits the engine holds to; domain.md section 7. */
struct engine_limits {
	int64_t max_timers, max_groups;
	int64_t max_replay_events, max_replay_bytes;
	int64_t keep_events_days;
};

enum request_kind {
	REQUEST_SYNC,     /* who is this, and what has it missed: ready, snapshot or replay, live */
	REQUEST_COMMANDS, /* a command or a batch */
	REQUEST_VIEW      /* a read over HTTP */
};

/* In which shape the answer goes out. */
enum answer_shape {
	ANSWER_SOCKET, /* messages of protocol.md */
	ANSWER_V1,     /* HTTP: the result object */
	ANSWER_OBJECT  /* HTTP: rest.md: the entity itself, errors in rest.md's shape */
};

enum view_kind {
	VIEW_STATE,  /* the snapshot message */
	VIEW_EVENTS, /* a page of the log after a position */
	VIEW_ANALYTICS,
	VIEW_SESSIONS, /* a list of timers */
	VIEW_SESSION,
	VIEW_GROUPS,
	VIEW_ME
};

/* A view's parameters; unused ones are zero. */
struct view_query {
	enum view_kind kind;
	struct uuid id;           /* VIEW_SESSION */
	struct position position; /* VIEW_EVENTS */
	struct analytics_query analytics;
	bool has_kind;
	enum session_kind kind_filter;
	struct uuid group, session; /* analytics of that one only; nil: any */
	int limit, offset;          /* lists */
};

/* Zero-initialise, fill, hand over. */
struct request {
	struct request *next;
	enum request_kind kind;
	uint64_t client;            /* who gets the answer: the loop's own number, never used twice */
	int64_t uid;                /* the user, 0 until a sync has told it */
	struct auth_claims *claims; /* when uid is 0: the engine finds or makes the user. On the heap */
	enum answer_shape shape;
	char id[LIMIT_COMMAND_ID_BYTES * 6 + 3]; /* of a sync or of getSnapshot, as JSON text */
	struct position position;                /* sync */
	int64_t token_expires_at_ms;             /* sync: goes into ready; 0: null */
	struct text ready_tail;                  /* sync: `,"heartbeatMs":..,"limits":{..}` for ready */
	struct origin origin;                    /* commands */
	bool created;                            /* ANSWER_OBJECT: success is 201 */
	struct cJSON
		*echo; /* ANSWER_OBJECT: read-only fields of the body, to be equal to the object's, or NULL */
	size_t count;  /* commands */
	struct decoded *commands;
	bool batch;
	struct view_query view;
};
void request_destroy(struct request *request);

enum reply_kind {
	REPLY_EVENT,  /* for all sockets of a user */
	REPLY_ANSWER, /* for the client that asked: one message or one HTTP body */
	REPLY_SYNCED, /* the client is now that user's: register it, then send what follows */
	REPLY_LIVE,   /* the client's sync is complete: held commands may go on */
	REPLY_FATAL   /* the outcome of a commit is unknown: no answers, close the sockets, exit 1 */
};

/* What comes back, in order. One allocation each; `message` is a reference that the taker owns. */
struct reply {
	struct reply *next;
	enum reply_kind kind;
	uint64_t client;
	int64_t uid;
	struct message_bytes *message;         /* NULL for SYNCED, LIVE and FATAL */
	int status;                            /* HTTP */
	int64_t seq;                           /* EVENT: its own. ANSWER, SYNCED, LIVE: the user's position */
	bool last_of_group;                    /* EVENT: no n/of sibling follows */
	bool waits;                            /* ANSWER to VIEW_EVENTS: there was nothing yet */
	char user_id[LIMIT_SUBJECT_BYTES + 1]; /* SYNCED, and ANSWER to a view: for registry_bind, with uid */
};
void reply_destroy(struct reply *reply);

struct engine;

struct engine_options {
	const char *db;
	struct engine_limits limits;
	/* Called on the engine's thread whenever replies have become ready. */
	void (*wake)(void *context);
	void *context;
};

/* Opens the store and starts the thread. *ret_why says in one line why not; exit code 1 or 78 is the
 * caller's. */
enum err engine_create(
	const struct engine_options *options, struct engine **ret, char ret_why[256]) MUST_CHECK;
/* Finishes what is queued, commits, joins the thread, closes the store. */
void engine_destroy(struct engine *engine);

/* Takes over the request. Requests of one user are carried out in the order of these calls. */
void engine_submit(struct engine *engine, struct request *request);
/* All replies that are ready, oldest first, linked by next; NULL if none. The taker owns them. */
struct reply *engine_take(struct engine *engine);
/* 32 hex digits, constant while the engine lives. */
const char *engine_epoch(const struct engine *engine);
/* For /readyz: NULL when the store can write, else why not (a constant string). Any thread. */
const char *engine_unready(struct engine *engine);

#endif
