/* Where a client is and what it gets: a replay of what it missed, or a snapshot, with its reason. Engine
 * thread only. */
#ifndef LOCKSTEP_SERVER_SYNC_H
#define LOCKSTEP_SERVER_SYNC_H

#include "server/turn.h"

/* Why a snapshot must do (protocol.md section 2). */
enum sync_reason {
	SYNC_REPLAY, /* it need not: what was missed can be replayed */
	SYNC_FRESH,
	SYNC_EPOCH,
	SYNC_FUTURE,
	SYNC_PRUNED,
	SYNC_TOO_MANY,
	SYNC_ASKED, /* a snapshot is what was asked for: on the wire that is `fresh` too */
	SYNC_REASONS
};
/* On the wire. */
const char *sync_reason_name(enum sync_reason reason);

/* What a client at `position` has missed. */
struct missed {
	enum sync_reason reason;
	size_t count; /* events, each a text of its own */
	size_t bytes;
	struct text *events; /* on the heap, with their texts */
};
enum err missed_load(struct turn *turn, const struct position *position, struct missed *ret) MUST_CHECK;
void missed_finish(struct missed *missed);

/* The snapshot message; id is JSON text or NULL. */
enum err sync_encode_snapshot(
	struct turn *turn, const char *id, enum sync_reason reason, struct text *out) MUST_CHECK;
/* `"epoch":…,"seq":…,"tag":…` as it is now. */
void sync_encode_position(const struct turn *turn, struct text *out);

/* Answers a REQUEST_SYNC: SYNCED, ready, what was missed, live, LIVE. */
enum err sync_answer(struct turn *turn, const struct request *request) MUST_CHECK;

#endif
