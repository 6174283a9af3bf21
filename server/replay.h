/* Plays what sockets say on the road of every command, with a real store, in virtual time: each message in a
 * transaction of its own, and what is sent back is kept. Knows no socket, no thread, no clock; random bytes
 * come from whoever gives them, or are the same at each play. Any error is the store's, and ends the play. */
#ifndef LOCKSTEP_SERVER_REPLAY_H
#define LOCKSTEP_SERVER_REPLAY_H

#include "server/turn.h"

/* Whose are the users that come to be here unless their claims say. */
#define REPLAY_ISSUER "https://issuer.example"

/* Stays where replay_open made it. */
struct replay {
	struct store *store;
	struct engine_limits limits; /* the program's defaults at first */
	struct entropy entropy;
	struct text given; /* random bytes for what comes next */
	size_t given_used;
	uint64_t drawn;       /* where the others have got to */
	struct origin origin; /* of the messages; at first a socket's without a name */
	int64_t now_ms;
	int64_t uid;        /* whose messages they are; 0: nobody has been named */
	struct reply *sent; /* oldest first, not yet dropped */
};

/* Opens or makes the database. *ret_why says in a line why not. */
enum err replay_open(struct replay *replay, const char *db, char ret_why[256]) MUST_CHECK;
/* Closes it and opens it again. */
enum err replay_restart(struct replay *replay, const char *db, char ret_why[256]) MUST_CHECK;
/* After a failure to open, too. */
void replay_close(struct replay *replay);

/* The next messages are of the user of that id, who is made if need be. */
enum err replay_user(struct replay *replay, const char *user_id) MUST_CHECK;
/* The same, as a token says who it is. */
enum err replay_claims(struct replay *replay, const struct auth_claims *claims) MUST_CHECK;
/* One message of a socket. ERR_BAD_REQUEST, and nothing happens: the message is not for the engine (auth,
 * time, help), or nobody has been named. */
enum err replay_send(struct replay *replay, const char *message) MUST_CHECK;
/* What is due by now happens, as in the background: `budget` items at most; and what the user has due. */
enum err replay_settle(struct replay *replay, int budget) MUST_CHECK;
enum err replay_settle_user(struct replay *replay) MUST_CHECK;
/* The user of that id is nobody from now on; it is no error if there is none. */
enum err replay_forget(struct replay *replay, const char *user_id) MUST_CHECK;
/* What comes next draws these random bytes, and no others that were given and are left. */
void replay_give(struct replay *replay, const void *bytes, size_t len);

/* A transaction by hand: begins one, at now_ms; says who somebody is; commits it and keeps what is to be
 * sent. */
enum err replay_begin(struct replay *replay, struct pass *ret) MUST_CHECK;
enum err replay_identify(struct pass *pass, const struct auth_claims *claims, int64_t *ret_uid) MUST_CHECK;
enum err replay_commit(struct replay *replay, const struct pass *pass) MUST_CHECK;

/* The oldest message sent and not dropped, or NULL; it stays the replay's. */
const struct reply *replay_next(struct replay *replay);
void replay_drop(struct replay *replay);

#endif
