/* What was used last, as it now is: users, and their timers. Whoever is at work is not read anew for each
 * command. Knows the values; knows no SQL and decides nothing.
 *
 * Each has one place, which the next one with that place takes: nothing is looked for, nothing is full. All
 * of it is what this transaction sees; a rollback clears it. */
#ifndef LOCKSTEP_STORE_RECENT_H
#define LOCKSTEP_STORE_RECENT_H

#include "protocol/session.h"
#include "protocol/user.h"

struct recent;

struct recent *recent_create(void);
void recent_destroy(struct recent *recent); /* NULL is fine */
void recent_clear(struct recent *recent);

bool recent_user(const struct recent *recent, int64_t uid, struct user *ret) MUST_CHECK;
void recent_keep_user(struct recent *recent, const struct user *user);
void recent_drop_user(struct recent *recent, int64_t uid);
/* Of a user that is kept; of another it does nothing. */
void recent_note_event(struct recent *recent, int64_t uid, int64_t seq, uint32_t tag, int64_t now_ms);

/* True: nothing of that user falls due at or before until_ms. */
bool recent_is_quiet(const struct recent *recent, int64_t uid, int64_t until_ms) MUST_CHECK;
/* What falls due first does at at_ms; then, that something more does. */
void recent_keep_due(struct recent *recent, int64_t uid, int64_t at_ms);
void recent_note_due(struct recent *recent, int64_t uid, int64_t at_ms);

/* Timers alone: what other kinds have are texts that end with the transaction. */
bool recent_timer(
	const struct recent *recent, int64_t uid, const struct uuid *id, struct session *ret) MUST_CHECK;
void recent_keep_timer(struct recent *recent, int64_t uid, const struct session *session);

#endif
