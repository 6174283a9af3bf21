/* What is done to a database from outside of the server: backups, checks, what a person's data are. Beside a
 * running server all of it only reads: the server's connection stays the only one that writes or checkpoints.
 *
 * Errors are as in store.h; where there is no store to ask, *ret_why says what failed in one line. */
#ifndef LOCKSTEP_STORE_MAINTAIN_H
#define LOCKSTEP_STORE_MAINTAIN_H

#include "store/store.h"

#include <limits.h>

/* Opens a database, of this program's version, for reading alone: no lock, nothing in it changes, the log
 * stays as it is. Beside a server or without one, one that was killed too. ERR_INVALID_STATE: it is none of
 * ours or of another version. */
enum err store_open_reading(const char *path, struct store **ret, char ret_why[256]) MUST_CHECK;

/* Copies the database, of this version or an older one, as it is at one moment to the file `to`, which has no
 * log beside it. It gets its name when it is whole, has passed SQLite's integrity check and is on disk; until
 * then it is `<to>.part`, which the next backup to there takes over. What the server has committed but not
 * yet synced, and has told nobody, may be in it: so it is with every answer that got lost.
 * ERR_CONFLICT: the file is there, or a log beside it, or another backup or user is writing it. */
enum err store_backup(const char *path, const char *to, int64_t *ret_bytes, char ret_why[256]) MUST_CHECK;

/* Puts the database in `from`, of this version or an older one, in the place of the one at `path`. It is
 * copied, brought to this version, looked at as store_check does, and its log gets a new epoch: whoever knows
 * a position of another gets a snapshot. Begin does all that, and holds what is there against servers
 * (ERR_CONFLICT: one runs) and readers; finish puts it in place, by one rename. A power cut leaves the old
 * one or the new. What was there is kept, as one file, under the name that `kept` tells; if it is so damaged
 * that its log cannot be folded into it, with the log beside it. End takes back what wasn't finished. */
struct restore;
enum err store_restore_begin(
	const char *path, const char *from, struct restore **ret, char ret_why[256]) MUST_CHECK;
const char *store_restore_kept(const struct restore *restore);
/* *ret_kept: there was one to keep. */
enum err store_restore_finish(struct restore *restore, bool *ret_kept, char ret_why[256]) MUST_CHECK;
void store_restore_end(struct restore *restore); /* NULL is fine */

/* Looks at all of a database: what SQLite knows of its pages, whether the tables, indexes and triggers are
 * this version's, and what must hold of the rows (invariants.h). Calls back with a line for each fault, some
 * of each kind. Each question is a read transaction of its own: the server's checkpoints need not wait for
 * all of them. An error: it could not go on; what it has told holds. */
typedef void store_fault_fn(void *context, const char *line);
enum err store_check(struct store *store, store_fault_fn *fn, void *context) MUST_CHECK;
/* Appends how many rows the tables have: "3 users, 17 sessions, ...". */
enum err store_count_rows(struct store *store, struct text *out) MUST_CHECK;

/* Appends whose tokens are that user's: their iss and sub. */
enum err store_user_token(
	struct store *store, int64_t uid, struct text *issuer, struct text *subject) MUST_CHECK;

/* All that a person has, deleted things too, ascending by id; running time by its start, the rest as it came.
 * What an item points to lives until its callback returns. An interval that is open has end_ms 0. */
enum err store_all_sessions(struct store *store, int64_t uid, store_session_fn *fn, void *context) MUST_CHECK;
enum err store_all_groups(struct store *store, int64_t uid, store_group_fn *fn, void *context) MUST_CHECK;
enum err store_all_tasks(
	struct store *store, int64_t uid, int64_t now_ms, store_task_fn *fn, void *context) MUST_CHECK;
enum err store_all_problems(struct store *store, int64_t uid, store_problem_fn *fn, void *context) MUST_CHECK;
enum err store_all_plans(struct store *store, int64_t uid, store_plan_fn *fn, void *context) MUST_CHECK;
typedef enum err store_interval_fn(
	void *context, const struct uuid *session, int64_t start_ms, int64_t end_ms);
enum err store_all_intervals(
	struct store *store, int64_t uid, store_interval_fn *fn, void *context) MUST_CHECK;
typedef enum err store_goal_fn(void *context, const struct uuid *session, int64_t at_ms, int32_t minutes);
enum err store_all_goals(struct store *store, int64_t uid, store_goal_fn *fn, void *context) MUST_CHECK;
enum err store_all_audit(struct store *store, int64_t uid, store_audit_fn *fn, void *context) MUST_CHECK;
/* `asked` is a JSON object, `result` the inside of one. */
struct kept_key {
	const char *key;
	int64_t now_ms;
	const char *asked, *result;
};
typedef enum err store_key_fn(void *context, const struct kept_key *key);
enum err store_all_keys(struct store *store, int64_t uid, store_key_fn *fn, void *context) MUST_CHECK;

/* As root: the file becomes that of whom the database belongs to or, where there is none yet, its folder.
 * False, with errno: it cannot. */
bool store_give_owner(int fd, const char *path) MUST_CHECK;

#endif
