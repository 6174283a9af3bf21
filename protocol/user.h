/* A user as a plain value: who it is, its days, its place in its own event log. Pure. */
#ifndef LOCKSTEP_PROTOCOL_USER_H
#define LOCKSTEP_PROTOCOL_USER_H

#include "protocol/command.h"
#include "protocol/day.h"

struct user {
	int64_t uid; /* the store's own number; never leaves the server */
	int64_t version;
	int64_t created_at_ms;
	int64_t seq;          /* of the last event; 0: none yet */
	uint32_t tag;         /* of the last event */
	int64_t clock_ms;     /* nowMs of the last event: time never runs backwards for a user */
	int64_t reset_due_ms; /* the next daily reset that has something to do; 0: none */
	int rule_count;       /* 1, or 2 while a change of the day's rule is coming */
	struct day_rule rules[2];
	char user_id[LIMIT_SUBJECT_BYTES + 1]; /* on the wire */
	char name[LIMIT_BYTES(LIMIT_NAME_CHARS)];
	char email[LIMIT_EMAIL_BYTES + 1];
};

/* What autoResetTimeChange has to know of the user's tracked time. */
struct user_tracking {
	bool today;          /* something is tracked in the current day, or runs */
	int64_t past_end_ms; /* end of the last earlier day with tracked time; INT64_MIN: never */
	int32_t past_day;    /* its label */
};

/* The rule that holds at now_ms, and the coming one or NULL. */
const struct day_rule *user_rule(const struct user *user, int64_t now_ms);
const struct day_rule *user_pending(const struct user *user, int64_t now_ms);
struct day_span user_day(const struct user *user, int64_t at_ms);

/* autoResetTimeChange. True, with the user after it, if it changes. */
bool user_apply(const struct user *user, const struct command *command, const struct user_tracking *tracking,
	int64_t now_ms, struct user *ret);

/* Which stored rules a change replaces: those with from_ms >= *ret_from_ms give way to the *ret_count ones
 * returned, which point into `after`. */
const struct day_rule *user_rules_changed(const struct user *before, const struct user *after, int64_t now_ms,
	int64_t *ret_from_ms, int *ret_count);

#endif
