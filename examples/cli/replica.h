/* What the person has, as the server told it: user, groups, sessions, and where in the log of events that is
 * (protocol.md sections 2 and 5). Knows messages; knows no socket and no clock. */
#ifndef LOCKSTEP_CLI_REPLICA_H
#define LOCKSTEP_CLI_REPLICA_H

#include "protocol/group.h"
#include "protocol/json.h"
#include "protocol/session.h"
#include "protocol/user.h"

/* Zero-initialised it is empty. */
struct replica {
	bool known; /* there was a snapshot */
	char epoch[64], tag[16];
	int64_t seq;
	struct user user;
	/* Every timer that is not deleted, every active session of another kind, and those that have just
	 * ended. Of a session what it has of its kind is left out, but for a focus session's type. */
	struct session *sessions;
	size_t session_count;
	struct group *groups;
	size_t group_count;
	cJSON *part; /* array: events of one command that is not complete yet */
};

enum replica_step {
	REPLICA_SAME,    /* nothing new in it */
	REPLICA_CHANGED, /* something was learned */
	REPLICA_GAP      /* something was missed: ask for it, from the position on */
};

/* Takes any message of the server. */
enum replica_step replica_take(struct replica *replica, const cJSON *message);
/* Appends the position as JSON; nothing when nothing is known. */
void replica_append_position(const struct replica *replica, struct text *out);
/* NULL: there is none. */
const struct session *replica_session(const struct replica *replica, const struct uuid *id);
const struct group *replica_group(const struct replica *replica, const struct uuid *id);
/* The start of the user's day that holds at_ms. */
int64_t replica_day_start(const struct replica *replica, int64_t at_ms);
void replica_finish(struct replica *replica);

#endif
