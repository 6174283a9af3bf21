/* Everything that is on disk: one SQLite file, one connection, one transaction at a time, one thread.
 * Knows rows of the protocol's values; decides nothing, reads no clock.
 *
 * Any function that reaches the disk returns OK, ERR_UNAVAILABLE (full, busy, read-only: the transaction is
 * gone or must be rolled back, nothing of it was applied), or ERR_INTERNAL (damage or our bug;
 * store_message() says what). Finding nothing is ERR_NOT_FOUND and leaves ret_ untouched.
 *
 * Texts that loaded values point to belong to the store and live until the transaction ends. */
#ifndef LOCKSTEP_STORE_STORE_H
#define LOCKSTEP_STORE_STORE_H

#include "protocol/analytics.h"
#include "protocol/device.h"
#include "protocol/encode.h"
#include "protocol/group.h"
#include "protocol/session.h"
#include "protocol/user.h"

#include <limits.h>

struct store;

/* The name of what lies beside the database, whichever way that was told: its one name and the suffix. */
enum err store_beside(const char *path, const char *suffix, char ret[PATH_MAX], char ret_why[256]) MUST_CHECK;

/* Opens or makes the file (mode 0600), locks its directory entry against a second server (ERR_CONFLICT),
 * migrates, makes the epoch. ERR_INVALID_STATE: another program's file, or one of a newer version;
 * ERR_UNAVAILABLE: it cannot be reached or written. *ret_why says what failed in one line. */
enum err store_open(const char *path, struct store **ret, char ret_why[256]) MUST_CHECK;
void store_close(struct store *store); /* checkpoints; NULL is fine */
/* The last error in words. */
const char *store_message(const struct store *store);
/* 32 hex digits: the identity of the event log. */
const char *store_epoch(const struct store *store);

/* Transactions. After any error of a statement the caller rolls back: everything since begin is undone. */
enum err store_begin(struct store *store) MUST_CHECK;
/* After an error nothing is left to roll back. ERR_INTERNAL after an I/O error here: the outcome is unknown.
 */
enum err store_commit(struct store *store) MUST_CHECK;
/* The same, but for the wait until it is on disk. *ret_left: it isn't yet, and nobody may be told of it
 * before store_sync has been called and succeeded. Later commits and reads see it; a crash may take it, and
 * them. */
enum err store_commit_unsynced(struct store *store, bool *ret_left) MUST_CHECK;
/* Waits until all that has been committed is on disk; on any thread, beside what the store's own does.
 * ERR_INTERNAL: the outcome is unknown; errno says why. */
enum err store_sync(const struct store *store) MUST_CHECK;
void store_rollback(struct store *store); /* without a transaction it does nothing */
/* A transaction that needs neither room nor the lock for writing. It ends by store_rollback. */
enum err store_begin_reading(struct store *store) MUST_CHECK;
/* Whether this transaction has changed something. */
bool store_wrote(const struct store *store);
/* Copies committed pages from the WAL into the file when it has grown past its mark (checkpoint.h); after
 * each transaction, and with `idle` when there is nothing to do. ERR_INTERNAL: a sync has failed; what was
 * committed is in the WAL, and the store is only good for being closed. */
enum err store_checkpoint(struct store *store, bool idle) MUST_CHECK;
/* Whole ones made so far. */
int64_t store_checkpoints(const struct store *store);
/* After a failed sync: closing leaves the file and its WAL as they are, for the next start to read. */
void store_give_up(struct store *store);
/* OK when a write transaction can be begun and committed now. */
enum err store_probe(struct store *store) MUST_CHECK;

/* Users. store_user_load fills in the rule that holds at now_ms and the coming one; store_user_find those of
 * the user's last event (clock_ms). */
enum err store_user_find(
	struct store *store, const char *issuer, const char *subject, struct user *ret) MUST_CHECK;
enum err store_user_load(struct store *store, int64_t uid, int64_t now_ms, struct user *ret) MUST_CHECK;
/* Who is known by that id. */
enum err store_user_named(struct store *store, const char *user_id, int64_t *ret_uid) MUST_CHECK;
bool store_user_id_taken(struct store *store, const char *user_id);
/* Adds it with user->rules[0]; sets user->uid. */
enum err store_user_add(
	struct store *store, const char *issuer, const char *subject, struct user *user) MUST_CHECK;
/* Writes all but the rules; user_id and created_at_ms stay, and seq, tag and clock_ms are those of the last
 * event. */
enum err store_user_write(struct store *store, const struct user *user) MUST_CHECK;
/* Replaces every rule of the user from `from_ms` on by the given ones (0 to 2). */
enum err store_rules_replace(struct store *store, int64_t uid, int64_t from_ms, const struct day_rule *rules,
	int count) MUST_CHECK;
/* All rules, ascending; on the heap, free() it. */
enum err store_rules_load(
	struct store *store, int64_t uid, struct day_rule **ret, size_t *ret_count) MUST_CHECK;

/* Sessions, with what their kind has. Deleted ones are found; the caller looks at `deleted`. */
enum err store_session_load(
	struct store *store, int64_t uid, const struct uuid *id, struct session *ret) MUST_CHECK;
/* Inserts or replaces. ERR_CONFLICT: a second active one of a kind of which there is to be one. */
enum err store_session_write(struct store *store, int64_t uid, const struct session *session) MUST_CHECK;
enum store_sessions {
	SESSIONS_SHOWN, /* what a snapshot shows: timers not deleted, and active sessions of the other kinds
			 */
	SESSIONS_TIMERS /* timers not deleted */
};
/* Calls back for each, in the order of creation (created_at_ms, id); group NULL: any. The callback may stop
 * with an error, which is returned. It must not write sessions (collect first). */
typedef enum err store_session_fn(void *context, const struct session *session);
enum err store_session_each(struct store *store, int64_t uid, enum store_sessions which,
	const struct uuid *group, store_session_fn *fn, void *context) MUST_CHECK;
enum err store_session_count(
	struct store *store, int64_t uid, enum store_sessions which, int64_t *ret) MUST_CHECK;

/* How many active sessions of that kind there are, and the one started last (nil: none). */
enum err store_session_active(struct store *store, int64_t uid, enum session_kind kind, int64_t *ret_count,
	struct uuid *ret_id) MUST_CHECK;
/* The active work sessions in a group. */
enum err store_session_working(
	struct store *store, int64_t uid, const struct uuid *group, int64_t *ret_count) MUST_CHECK;

/* Which sessions a list shows: those that are not deleted and meet all of this; of one page the store calls
 * back for each. Newest start first, or ascending; among equals by id. By date, those that have none come
 * last. */
struct session_filter {
	unsigned kinds; /* bits 1 << enum session_kind */
	bool has_status, has_completed;
	enum session_status status;
	bool completed;             /* status is completed, or isn't */
	struct uuid group, plan;    /* nil: any */
	int64_t from_ms, to_ms;     /* started_at_ms in [from_ms, to_ms); INT64_MIN and INT64_MAX: any */
	int32_t date_from, date_to; /* of a training, inclusive; INT32_MIN and INT32_MAX: any */
	bool by_date, ascending;
	int64_t limit, offset;
};
enum err store_session_list(struct store *store, int64_t uid, const struct session_filter *filter,
	int64_t *ret_total, store_session_fn *fn, void *context) MUST_CHECK;

/* Running time. A closed interval of no length is not kept. */
enum err store_interval_open(
	struct store *store, int64_t uid, const struct uuid *session, int64_t start_ms) MUST_CHECK;
enum err store_interval_close(struct store *store, int64_t uid, const struct uuid *session, int64_t start_ms,
	int64_t end_ms) MUST_CHECK;
/* End of the last interval that ends at or before `before_ms` (an instant); 0 when there is none. And whether
 * any interval, open ones included, reaches past from_ms. */
enum err store_interval_last(
	struct store *store, int64_t uid, int64_t before_ms, int64_t *ret_end_ms) MUST_CHECK;
enum err store_interval_any(struct store *store, int64_t uid, int64_t from_ms, bool *ret) MUST_CHECK;
/* The session's running time within [from_ms, to_ms); an open interval reaches to to_ms. */
enum err store_interval_sum(struct store *store, int64_t uid, const struct uuid *session, int64_t from_ms,
	int64_t to_ms, int64_t *ret_ms) MUST_CHECK;
/* The goal that holds from at_ms on: minutes, 0 for none. A second one at the same instant replaces the
 * first. */
enum err store_goal_set(struct store *store, int64_t uid, const struct uuid *session, int64_t at_ms,
	int32_t minutes) MUST_CHECK;

/* What analytics reads: intervals that touch [from_ms, to_ms), the closed ones ascending by end, then the
 * open ones up to now_ms; all goal changes by session and at_ms; and every session that one of them names
 * (deleted ones too), ascending by id. Arrays on the heap. */
struct timed_session {
	struct uuid id;
	enum session_kind kind;
	struct uuid group; /* nil: none */
	const char *title; /* or empty; the store's */
};
struct store_times {
	struct timed_session *sessions;
	size_t session_count;
	struct analytics_interval *intervals;
	size_t interval_count;
	struct analytics_goal *goals;
	size_t goal_count;
};
enum err store_times_load(struct store *store, int64_t uid, int64_t from_ms, int64_t to_ms, int64_t now_ms,
	struct store_times *ret) MUST_CHECK;
/* The same of the sessions alone that ever had a goal: what a streak is made of. */
enum err store_times_load_goals(struct store *store, int64_t uid, int64_t from_ms, int64_t to_ms,
	int64_t now_ms, struct store_times *ret) MUST_CHECK;
void store_times_finish(struct store_times *times);

/* Groups. Deleted ones are found. */
enum err store_group_load(
	struct store *store, int64_t uid, const struct uuid *id, struct group *ret) MUST_CHECK;
enum err store_group_write(struct store *store, int64_t uid, const struct group *group) MUST_CHECK;
typedef enum err store_group_fn(void *context, const struct group *group);
enum err store_group_each(
	struct store *store, int64_t uid, store_group_fn *fn, void *context) MUST_CHECK; /* not deleted */
enum err store_group_count(struct store *store, int64_t uid, int64_t *ret) MUST_CHECK;

/* Tasks. Deleted ones are found by id, not listed; in the order of creation. time_ms is derived: the running
 * time of its session up to completion, or to now_ms. */
enum err store_task_load(
	struct store *store, int64_t uid, const struct uuid *id, int64_t now_ms, struct task *ret) MUST_CHECK;
enum err store_task_write(struct store *store, int64_t uid, const struct task *task) MUST_CHECK;
typedef enum err store_task_fn(void *context, const struct task *task);
enum err store_task_each(struct store *store, int64_t uid, const struct uuid *session, int64_t now_ms,
	store_task_fn *fn, void *context) MUST_CHECK;
enum err store_task_count(
	struct store *store, int64_t uid, const struct uuid *session, int64_t *ret) MUST_CHECK;

/* Problems; listed newest discovery first. */
enum err store_problem_load(
	struct store *store, int64_t uid, const struct uuid *id, struct problem *ret) MUST_CHECK;
enum err store_problem_write(struct store *store, int64_t uid, const struct problem *problem) MUST_CHECK;
typedef enum err store_problem_fn(void *context, const struct problem *problem);
enum err store_problem_list(struct store *store, int64_t uid, const struct uuid *group, int64_t limit,
	int64_t offset, int64_t *ret_total, store_problem_fn *fn, void *context) MUST_CHECK;
/* Those of the group that are not resolved. */
enum err store_problem_count(
	struct store *store, int64_t uid, const struct uuid *group, int64_t *ret) MUST_CHECK;

/* Plans. Deleted ones are found by id, not listed; in the order of creation. with_structure false leaves
 * `structure` NULL and its pages unread. */
enum err store_plan_load(
	struct store *store, int64_t uid, const struct uuid *id, struct plan *ret) MUST_CHECK;
enum err store_plan_write(struct store *store, int64_t uid, const struct plan *plan) MUST_CHECK;
typedef enum err store_plan_fn(void *context, const struct plan *plan);
enum err store_plan_list(struct store *store, int64_t uid, bool with_structure, int64_t limit, int64_t offset,
	store_plan_fn *fn, void *context) MUST_CHECK;
enum err store_plan_count(struct store *store, int64_t uid, int64_t *ret) MUST_CHECK;

/* What the reports of one project (a group) are made of (domain.md section 4): its work sessions, deleted
 * ones too, and their tasks that are not. Intervals name a session by its index; an open one ends at now_ms.
 * Arrays on the heap. */
struct project_session {
	struct uuid id;
	int64_t started_at_ms;
	int64_t time_ms;
};
struct project_task {
	struct uuid id;
	uint32_t session;         /* index */
	int64_t start_ms, end_ms; /* completion, or now_ms */
	const char *description;
};
struct project_counts {
	int64_t tasks, tasks_completed, tasks_rework, by_quality[QUALITY_COUNT];
	int64_t problems_open, problems_resolved, by_severity[SEVERITY_COUNT];
	int64_t cost_hundredths, time_hundredths;
};
struct store_project {
	struct project_session *sessions; /* by start, newest first */
	size_t session_count;
	struct project_task *tasks; /* by session, each in the order of creation */
	size_t task_count;
	struct analytics_interval *intervals; /* by session, each ascending */
	size_t interval_count;
	struct project_counts counts;
};
enum err store_project_load(struct store *store, int64_t uid, const struct uuid *group, int64_t now_ms,
	struct store_project *ret) MUST_CHECK;
void store_project_finish(struct store_project *project);

/* What falls due. Ordered by at_ms, then rank (the order of domain.md section 2 at one instant), then
 * session. */
struct due {
	int64_t uid;
	int64_t at_ms;
	enum due_rank rank;
	struct uuid session; /* nil for the daily reset */
};
enum err store_due_add(struct store *store, const struct due *due) MUST_CHECK;
enum err store_due_remove(struct store *store, const struct due *due) MUST_CHECK;
/* The first one of the user at or before `until_ms`. */
enum err store_due_first(struct store *store, int64_t uid, int64_t until_ms, struct due *ret) MUST_CHECK;
/* The earliest one of all users. */
enum err store_due_next(struct store *store, struct due *ret) MUST_CHECK;

/* A line of the audit log. */
struct audit_row {
	int64_t seq, at_ms;
	const char *action;
	enum entity entity;
	struct uuid id;     /* nil: the user */
	const char *origin; /* a JSON object */
};

/* The event log, and with each event its line of the audit log. body is the whole event as sent. */
enum err store_event_add(struct store *store, int64_t uid, const struct audit_row *row, uint32_t tag,
	int64_t now_ms, const char *body, size_t len) MUST_CHECK;
enum err store_event_tag(struct store *store, int64_t uid, int64_t seq, uint32_t *ret) MUST_CHECK;
/* Bodies after `seq` in order. */
typedef enum err store_event_fn(void *context, int64_t seq, uint32_t tag, const char *body, size_t len);
enum err store_event_each(
	struct store *store, int64_t uid, int64_t after_seq, store_event_fn *fn, void *context) MUST_CHECK;

/* The audit log has a row for each event, without a gap in their seqs, which nothing takes away or changes.
 * Newest first. */
typedef enum err store_audit_fn(void *context, const struct audit_row *row);
enum err store_audit_list(struct store *store, int64_t uid, int64_t limit, int64_t offset, int64_t *ret_total,
	store_audit_fn *fn, void *context) MUST_CHECK;

/* Idempotency keys: what was asked (canonical text) and the result's fields (JSON text), both on the heap of
 * *ret. Only a key that is not found is added. */
enum err store_key_find(struct store *store, int64_t uid, const char *key, struct text *ret_asked,
	struct text *ret_result) MUST_CHECK;
enum err store_key_add(struct store *store, int64_t uid, const char *key, int64_t now_ms,
	const struct text *asked, const struct text *result) MUST_CHECK;

/* Tokens that people made for their devices, found by the token's fingerprint (all users' are told apart by
 * it). Listed by id, which is the order of creation; `used` notes when one was last used. */
enum err store_device_add(struct store *store, int64_t uid, const struct device *device,
	const struct fingerprint *fingerprint) MUST_CHECK;
enum err store_device_find(struct store *store, const struct fingerprint *fingerprint, int64_t *ret_uid,
	struct device *ret) MUST_CHECK;
enum err store_device_load(
	struct store *store, int64_t uid, const struct uuid *id, struct device *ret) MUST_CHECK;
enum err store_device_used(struct store *store, int64_t uid, const struct uuid *id, int64_t at_ms) MUST_CHECK;
enum err store_device_remove(struct store *store, int64_t uid, const struct uuid *id) MUST_CHECK;
typedef enum err store_device_fn(void *context, const struct device *device);
enum err store_device_each(struct store *store, int64_t uid, store_device_fn *fn, void *context) MUST_CHECK;
enum err store_device_count(struct store *store, int64_t uid, int64_t *ret) MUST_CHECK;

/* Deletes events and keys made before `before_ms`, but the last event of a user, within a transaction. They
 * lie in the order in which they came: it begins with the first, and ends at those that are young enough. A
 * slice looks at no more than a few; called again with what it left in *at it goes on there, until that is
 * done. What was made after now_ms was made by a wrong clock, and ends nothing. */
struct pruning {
	int64_t event, key; /* looked at, up to these */
	bool done;
};
enum err store_prune(struct store *store, int64_t before_ms, int64_t now_ms, struct pruning *at) MUST_CHECK;

/* Deleting a person: all their rows, in slices, so that nobody waits long for it; each is a transaction of
 * the caller's. What stays is the row in `users`, under a pseudonym, and the lines of the audit log: when and
 * what, without what a client called itself.
 *
 *   store_forget_begin                in a transaction; from its commit on the person is not found any more
 *   store_forget_slice until done     each in a transaction
 *   store_forget_wipe                 between transactions
 *   store_forget_end                  in a transaction
 *
 * Interrupted, it is gone on with from store_forget_next. */
enum forget_what {
	FORGET_SESSIONS,
	FORGET_TASKS,
	FORGET_GROUPS,
	FORGET_PROBLEMS,
	FORGET_PLANS,
	FORGET_EVENTS,
	FORGET_DEVICES,
	FORGET_OTHERS, /* rows that only serve those */
	FORGET_WHAT_COUNT
};
#define FORGET_PSEUDONYM_BYTES (sizeof("deleted-") + 32)
struct forgetting {
	int64_t uid; /* 0: nobody */
	char pseudonym[FORGET_PSEUDONYM_BYTES];
	int64_t seq;                     /* of the log, up to where it is done; 0: not begun */
	int step;                        /* of the other tables */
	int64_t gone[FORGET_WHAT_COUNT]; /* rows, since it was begun or gone on with */
	int64_t audit_rows;              /* that stay */
};
/* Makes nobody of the user with this user_id, and forgets what was to fall due. The pseudonym, of 32 random
 * hex digits, shall say nothing of who it was. ERR_NOT_FOUND: there is none of that id. */
enum err store_forget_begin(struct store *store, const char *user_id, const unsigned char random[16],
	int64_t *ret_uid) MUST_CHECK;
/* Somebody who is still to be deleted. ERR_NOT_FOUND: there is nobody. */
enum err store_forget_next(struct store *store, struct forgetting *ret) MUST_CHECK;
/* Deletes some of the rows. *ret_done: none is left. After a rollback the caller's forgetting must be what it
 * was before. */
enum err store_forget_slice(struct store *store, struct forgetting *forgetting, bool *ret_done) MUST_CHECK;
/* Leaves nothing of deleted rows in the WAL; and, if the file has no more than so many bytes, writes it anew,
 * since SQLite may have left copies between the rows of a page; *ret_rewritten says whether it could. It
 * takes as long as copying the file. ERR_UNAVAILABLE: somebody else reads the file, the WAL stays for now.
 * ERR_INTERNAL as of store_checkpoint. */
enum err store_forget_wipe(struct store *store, int64_t rewrite_bytes, bool *ret_rewritten) MUST_CHECK;
enum err store_forget_end(struct store *store, int64_t uid) MUST_CHECK;

#endif
