/* The engine: owns the store and its thread; turns requests into commits, events and answers.
 * Knows commands, users and the store; knows no socket. The loop gives it requests and takes its replies;
 * both are values that hand over ownership, through two queues. */
#ifndef LOCKSTEP_SERVER_ENGINE_H
#define LOCKSTEP_SERVER_ENGINE_H

#include "auth/auth.h"
#include "protocol/analytics.h"
#include "protocol/decode.h"
#include "protocol/device.h"
#include "protocol/encode.h"
#include "server/message.h"

/* Limits the engine holds to; domain.md section 7. */
struct engine_limits {
	int64_t max_timers, max_groups, max_plans, max_tasks, max_problems;
	int64_t max_replay_events, max_replay_bytes;
	int64_t keep_events_days;
};

enum request_kind {
	REQUEST_IDENTIFY,      /* whose token is this? Answered by REPLY_IDENTITY */
	REQUEST_SYNC,          /* what has it missed: ready, snapshot or replay, live */
	REQUEST_COMMANDS,      /* a command or a batch */
	REQUEST_VIEW,          /* a read over HTTP */
	REQUEST_DEVICE_ADD,    /* a token for a device */
	REQUEST_DEVICE_REMOVE, /* revokes it */
	REQUEST_FORGET,        /* deletes a person, for who runs the server */
	REQUEST_KINDS
};

/* In which shape the answer goes out. */
enum answer_shape {
	ANSWER_SOCKET, /* messages of protocol.md */
	ANSWER_V1,     /* HTTP: the result object */
	ANSWER_OBJECT  /* HTTP: rest.md: the entity itself, errors in rest.md's shape */
};

/* Whose words an object is written in (ANSWER_OBJECT). */
enum shape {
	SHAPE_OBJECT,  /* canonical: domain.md section 1 */
	SHAPE_SESSION, /* a session as the document of its kind writes it: 001, 000, 004 */
	SHAPE_QUEST,   /* 003's focus session */
	SHAPE_WORK,    /* 000's task and problem */
	SHAPE_PLAN     /* 004's plan */
};

/* What a body calls a field of the command; so do refusals. */
struct body_field {
	const char *name; /* NULL ends a list */
	enum field field;
	bool instant; /* ISO 8601 there, ms in the command */
};

enum view_kind {
	VIEW_STATE,  /* the snapshot message */
	VIEW_EVENTS, /* a page of the log after a position */
	VIEW_ANALYTICS,
	VIEW_TIMERS,           /* 002's list */
	VIEW_SESSIONS,         /* 000's, 001's and 004's, by query.sessions */
	VIEW_FOCUS_SESSIONS,   /* 003's: a plain array */
	VIEW_PROJECT_SESSIONS, /* those of the project `id`, by query.sessions */
	VIEW_SESSION,          /* one of query.sessions.kinds */
	VIEW_GROUPS,
	VIEW_GROUP,
	VIEW_TASKS, /* of the session `id` */
	VIEW_TASK,
	VIEW_PROBLEMS, /* of the project `id` */
	VIEW_PROBLEM,
	VIEW_PLANS,
	VIEW_PLAN,
	VIEW_PROJECT_ANALYTICS,
	VIEW_PROJECT_TIME,
	VIEW_AUDIT,
	VIEW_DEVICES,
	VIEW_ME,
	VIEW_COUNT
};

/* A view's parameters; unused ones are zero. */
struct view_query {
	enum view_kind kind;
	enum shape shape;
	struct uuid id;           /* of a view of one, or of what a list belongs to */
	struct position position; /* VIEW_EVENTS */
	struct analytics_query analytics;
	bool has_kind;
	enum session_kind kind_filter;
	struct uuid group, session; /* analytics of that one only; nil: any */
	int limit, offset;          /* lists */
	/* Lists of sessions; the engine makes instants of the days, which are the user's. */
	struct session_query {
		unsigned kinds; /* bits 1 << enum session_kind */
		bool has_status, has_completed, completed, by_date, ascending;
		enum session_status status;
		struct uuid group, plan; /* nil: any */
		bool has_from, has_to;   /* days on which they started, inclusive */
		int32_t from, to;
		bool has_date_from, has_date_to; /* 004's date, inclusive */
		int32_t date_from, date_to;
	} sessions;
};

/* Zero-initialise, fill, hand over. */
struct request {
	struct request *next;
	enum request_kind kind;
	uint64_t client;            /* who gets the answer: the loop's own number, never used twice */
	int64_t uid;                /* the user; unless it is to be identified */
	int64_t submitted_us;       /* monotonic; the engine's own */
	bool read_only;             /* its token may only read */
	struct auth_claims *claims; /* identify: what an issuer's token says; NULL: it is a device's. On the
				       heap */
	struct fingerprint fingerprint; /* identify: of a device's token */
	struct device device;           /* name and scope of the one to add; id of the one to remove */
	enum answer_shape shape;
	char id[LIMIT_COMMAND_ID_BYTES * 6 + 3]; /* of a sync or of getSnapshot, as JSON text */
	struct position position;                /* sync */
	int64_t token_expires_at_ms;             /* sync: goes into ready; 0: null */
	struct text ready_tail;                  /* sync: `,"heartbeatMs":..,"limits":{..}` for ready */
	struct origin origin;                    /* commands */
	bool created;                            /* ANSWER_OBJECT: success is 201 */
	enum shape shape_of_object;              /* ANSWER_OBJECT */
	unsigned kinds;                          /* ANSWER_OBJECT: those the path knows, bits; 0: all */
	const struct body_field *names;          /* ANSWER_OBJECT: what the body calls fields, or NULL */
	enum field path_field; /* ANSWER_OBJECT: what the path's id is; FIELD_COUNT: it has none */
	struct cJSON
		*echo; /* ANSWER_OBJECT: read-only fields of the body, to be equal to the object's, or NULL */
	size_t count;  /* commands */
	struct decoded *commands;
	bool batch;
	struct view_query view;
	char *user_id; /* forget: whose; on the heap */
};
void request_destroy(struct request *request);

enum reply_kind {
	REPLY_EVENT,    /* for all sockets of a user */
	REPLY_ANSWER,   /* for the client that asked: one message or one HTTP body */
	REPLY_SYNCED,   /* the client is now that user's: register it, then send what follows */
	REPLY_LIVE,     /* the client's sync is complete: held commands may go on */
	REPLY_IDENTITY, /* whose the token is, or why it is nobody's; `client` is the asker's own number */
	REPLY_REVOKED,  /* for all clients that hold the user's token of `device`; nil: any of the user's */
	REPLY_FATAL     /* the outcome of a commit is unknown: no answers, close the sockets, exit 1 */
};

/* What comes back, in order. One allocation each; `message` is a reference that the taker owns. */
struct reply {
	struct reply *next;
	enum reply_kind kind;
	uint64_t client;
	int64_t uid;
	int64_t submitted_us;          /* of the request that it answers; 0: it answers none, or not yet */
	enum request_kind asked;       /* what that was */
	struct message_bytes *message; /* of EVENT and ANSWER */
	int status;                    /* HTTP */
	int64_t seq;                   /* EVENT: its own. ANSWER, SYNCED, LIVE: the user's position */
	bool last_of_group;            /* EVENT: no n/of sibling follows */
	bool waits;                    /* ANSWER to VIEW_EVENTS: there was nothing yet */
	char user_id[LIMIT_SUBJECT_BYTES + 1]; /* SYNCED, IDENTITY, and ANSWER to a view: with uid */
	enum err refused;                      /* IDENTITY: OK, ERR_TOKEN_INVALID, or the store's error */
	enum scope scope;                      /* IDENTITY */
	struct uuid device;                    /* IDENTITY, REVOKED: nil for an issuer's token */
};
void reply_destroy(struct reply *reply);
/* Whether a REPLY_REVOKED means the token of this device of that user; nil: an issuer's. */
bool reply_revokes(const struct reply *reply, int64_t uid, const struct uuid *device);

struct engine;
struct metrics;

struct engine_options {
	const char *db;
	const char *record; /* what it does is kept there (recorder.h); NULL: nowhere */
	struct engine_limits limits;
	struct metrics *metrics;
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

/* Takes over the request. Requests of one user are carried out in the order of these calls. The engine looks
 * for them at the next engine_go: what comes together shares a transaction. The loop's thread only, both. */
void engine_submit(struct engine *engine, struct request *request);
void engine_go(struct engine *engine);
/* Commands and views that it holds: submitted, and their pass is not over. Any thread. */
int64_t engine_waiting(const struct engine *engine);
/* All replies that are ready, oldest first, linked by next; NULL if none. The taker owns them. */
struct reply *engine_take(struct engine *engine);
/* 32 hex digits, constant while the engine lives. */
const char *engine_epoch(const struct engine *engine);
/* For /readyz: NULL when the store can write, else why not (a constant string). Any thread. */
const char *engine_unready(struct engine *engine);
/* How long ago its thread wanted to be back from what it does: an idle engine says when it will look again,
 * and one at work is late from the start. 0: it isn't late. Any thread. */
int64_t engine_late_ms(const struct engine *engine);

#endif
