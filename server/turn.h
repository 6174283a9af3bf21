/* One user's turn within a transaction: the user as it now is, its events as they are made, and the writes
 * that keep sessions, intervals, due items and goals in agreement. Engine thread only. */
#ifndef LOCKSTEP_SERVER_TURN_H
#define LOCKSTEP_SERVER_TURN_H

#include "server/engine.h"
#include "server/entropy.h"
#include "store/store.h"

struct forget;
struct metrics_notes;

/* One transaction and what it will tell once it is committed. */
struct pass {
	struct store *store;
	struct entropy *entropy;
	const struct engine_limits *limits;
	int64_t now_ms;
	struct forget *forget; /* who is being deleted; NULL where nobody can be */
	bool unready;          /* the store could not write a moment ago: what can wait is not written */
	struct metrics_notes *notes; /* what is counted once it is committed; NULL: nobody counts */
	struct reply *first, *last;
};

struct turn {
	struct pass *pass;
	struct store *store; /* the pass's */
	struct user user;
	bool user_changed;
	int64_t now_ms; /* the pass's, but never before the user's last event */
	struct view view;
};

/* Loads the user. ERR_NOT_FOUND: no such user. */
enum err turn_begin(struct turn *turn, struct pass *pass, int64_t uid) MUST_CHECK;
/* Finds or makes the user of verified claims. */
enum err turn_begin_claims(struct turn *turn, struct pass *pass, const struct auth_claims *claims) MUST_CHECK;
/* Writes the user if it changed. */
enum err turn_finish(struct turn *turn) MUST_CHECK;
/* The user has changed (its days, say): what is derived from it is made anew. */
void turn_set_user(struct turn *turn, const struct user *user);
struct session_moment turn_moment(const struct turn *turn, int64_t at_ms);

/* What stands in front of an event; the rest is the turn's. */
struct happening {
	const char *event;
	const char *domain_event; /* or NULL */
	const char *action;       /* in the audit log; NULL: the event's name */
	enum entity entity;       /* what it is about, for the audit log */
	struct uuid id;
	int64_t at_ms;
	const struct origin *origin;
	const char *key; /* or empty */
	int n, of;       /* of 0 or 1: alone */
};
/* The server's own: `"origin":{"via":"server"}`. */
extern const struct origin turn_server_origin;

/* Makes an event of these entities (`,"session":{...}`): seq and tag, the log's row, the reply to all
 * sockets. */
enum err turn_event(struct turn *turn, const struct happening *what, const struct text *entities) MUST_CHECK;
/* Makes the events of a session's effects; `more` (`,"plan":{...}` or empty) comes with the last. */
enum err turn_session_events(struct turn *turn, const struct session_effects *effects, struct happening what,
	const struct text *more) MUST_CHECK;

/* Writes the session as it now is, and all that follows from the difference: its interval, its due item, its
 * goal, the user's daily reset. before NULL: it is new. at_ms: when the change happened. */
enum err turn_write_session(struct turn *turn, const struct session *before, const struct session *after,
	int64_t at_ms) MUST_CHECK;
/* Makes the user's daily reset due at that instant, or never (0). */
enum err turn_set_reset_due(struct turn *turn, int64_t at_ms) MUST_CHECK;

/* Hands out a reply, after COMMIT. Takes over the text. */
struct reply *pass_reply(
	struct pass *pass, enum reply_kind kind, uint64_t client, int64_t uid, struct text *body);

/* It is the last that the request gets. */
void pass_answers(struct reply *reply, const struct request *request);

/* Sessions collected on the heap, since nothing may be written while the store calls back. */
struct session_list {
	struct session *items;
	size_t count, room;
};
enum err session_list_add(void *list, const struct session *session); /* a store_session_fn */
void session_list_finish(struct session_list *list);

#endif
