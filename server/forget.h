/* Deleting people: who is to be deleted, how far that is, and who waits to hear of it. Knows the store and
 * replies; knows no socket. Engine thread only.
 *
 * Somebody is nobody from the transaction on that asks for it. All that was theirs follows in slices, one in
 * each pass, with other people's commands between them; then what was written over is taken from the files,
 * between two passes; and then whoever asked is answered. After any end of the process the next one goes on
 * with it. */
#ifndef LOCKSTEP_SERVER_FORGET_H
#define LOCKSTEP_SERVER_FORGET_H

#include "server/turn.h"

enum forget_stage { FORGET_SLICES, FORGET_WIPE, FORGET_END };

struct forget_progress {
	bool wanted; /* there may be somebody */
	enum forget_stage stage;
	bool rewritten; /* the file, when it was wiped */
	struct forgetting person;
};
struct forget_waiter;
struct forget {
	struct forget_progress now;  /* as it is on disk */
	struct forget_progress next; /* as this transaction makes it */
	struct forget_waiter *waiters;
	int64_t wipe_at_ms; /* monotonic; not before */
};

/* The process before may have left something to do. */
void forget_init(struct forget *forget);
void forget_finish(struct forget *forget);

/* A transaction begins: what the one before left behind uncommitted is forgotten. */
void forget_begin(struct forget *forget);
/* REQUEST_FORGET: answered when nothing is left, or, if there is no such user, at once. */
enum err forget_take(struct forget *forget, struct pass *pass, const struct request *request) MUST_CHECK;
/* The next slice, within the transaction. */
enum err forget_slice(struct forget *forget, struct pass *pass) MUST_CHECK;
/* It is committed. */
void forget_committed(struct forget *forget);
/* Between transactions: takes what was written over from the files when it is time to. ERR_INTERNAL as of
 * store_checkpoint. */
enum err forget_wipe(struct forget *forget, struct store *store, int64_t monotonic_ms) MUST_CHECK;
/* In how many ms there is something to do: 0 for now, -1 for never. */
int64_t forget_wait_ms(const struct forget *forget, int64_t monotonic_ms);

/* What is said when it is done: a line. */
void forget_tell(struct text *out, const char *user_id, const struct forgetting *person, bool rewritten);

#endif
