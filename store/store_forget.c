/* Deleting a person. */
#include "store/schema.h"
#include "store/store.h"

#include <assert.h>
#include <stdio.h>

/* Deleted in one transaction, so that nobody waits long for it. */
#define SLICE_ROWS 200
/* Beyond it a copy of the file is not made in memory. */
#define MEMORY_BYTES (64 * 1024 * 1024)

/* SQL that is used once in a while, and is not kept. ?1 is the user, ?2 and ?3 what the statement says. */
static enum err run(struct store *store, const char *sql, int64_t uid, int64_t second, int64_t third)
{
	const int64_t values[] = {uid, second, third};
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);
	for (int i = 0; rc == SQLITE_OK && i < sqlite3_bind_parameter_count(stmt); i++)
		rc = sqlite3_bind_int64(stmt, i + 1, values[i]);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	enum err err = rc == SQLITE_DONE ? OK : statement_error(store, rc, sql);
	sqlite3_finalize(stmt);
	return err;
}

/* The first row's columns as integers. ERR_NOT_FOUND: there is none. */
static enum err read_row(struct store *store, const char *sql, int64_t uid, int count, int64_t *ret)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);
	if (rc == SQLITE_OK && sqlite3_bind_parameter_count(stmt))
		rc = sqlite3_bind_int64(stmt, 1, uid);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	for (int i = 0; rc == SQLITE_ROW && i < count; i++)
		ret[i] = sqlite3_column_int64(stmt, i);
	enum err err = rc == SQLITE_ROW ? OK : ERR_NOT_FOUND;
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		err = statement_error(store, rc, sql);
	sqlite3_finalize(stmt);
	return err;
}

static void make_pseudonym(const unsigned char random[16], char ret[FORGET_PSEUDONYM_BYTES])
{
	size_t len = (size_t)snprintf(ret, FORGET_PSEUDONYM_BYTES, "deleted-");
	for (size_t i = 0; i < 16; i++)
		len += (size_t)snprintf(ret + len, FORGET_PSEUDONYM_BYTES - len, "%02x", random[i]);
}

static enum err rename_user(struct store *store, const char *user_id, const char *pseudonym, int64_t *ret_uid)
{
	static const char sql[] =
		"UPDATE users SET issuer = '" USER_DELETING "', subject = ?1, user_id = ?1, name = '',"
		" email = '', reset_due_ms = 0 WHERE user_id = ?2 AND " USER_LIVES " RETURNING uid";
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(stmt, 1, pseudonym, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(stmt, 2, user_id, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	bool found = rc == SQLITE_ROW;
	if (found) {
		*ret_uid = sqlite3_column_int64(stmt, 0);
		rc = sqlite3_step(stmt);
	}
	enum err err = found ? OK : ERR_NOT_FOUND;
	if (rc != SQLITE_DONE)
		err = statement_error(store, rc, sql);
	sqlite3_finalize(stmt);
	return err;
}

enum err store_forget_begin(
	struct store *store, const char *user_id, const unsigned char random[16], int64_t *ret_uid)
{
	char pseudonym[FORGET_PSEUDONYM_BYTES];
	int64_t uid = 0;
	make_pseudonym(random, pseudonym);
	enum err err = rename_user(store, user_id, pseudonym, &uid);
	if (!err)
		err = run(store, "DELETE FROM due WHERE uid = ?1", uid, 0, 0);
	if (err)
		return err;
	/* The person's texts are among what it keeps. */
	recent_clear(store->recent);
	*ret_uid = uid;
	return OK;
}

enum err store_forget_next(struct store *store, struct forgetting *ret)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_FORGET_NEXT,
		"SELECT uid, user_id FROM users WHERE issuer = '" USER_DELETING "' LIMIT 1");
	enum err err = statement_row(&statement);
	if (err)
		return err;
	*ret = (struct forgetting){.uid = statement_integer(&statement)};
	statement_string(&statement, ret->pseudonym, sizeof(ret->pseudonym));
	return OK;
}

/* A client's name for itself and for what it does, and its connection, are the person's. */
static enum err empty_origins(struct store *store, int64_t uid, int64_t first, int64_t end)
{
	enum err err = schema_lift_audit(store);
	if (!err)
		err = run(store,
			"UPDATE audit SET origin = CASE WHEN json_valid(origin)"
			" THEN json_object('via', origin ->> '$.via') ELSE '{}' END"
			" WHERE uid = ?1 AND seq >= ?2 AND seq < ?3",
			uid, first, end);
	return err ? err : schema_guard_audit(store);
}

static enum err forget_log(
	struct store *store, struct forgetting *forgetting, int64_t first, int64_t end, int *budget)
{
	enum err err = run(store,
		"DELETE FROM events WHERE row IN"
		" (SELECT row FROM audit WHERE uid = ?1 AND seq >= ?2 AND seq < ?3)",
		forgetting->uid, first, end);
	if (err)
		return err;
	forgetting->gone[FORGET_EVENTS] += sqlite3_changes(store->db);
	err = empty_origins(store, forgetting->uid, first, end);
	if (err)
		return err;
	forgetting->seq = end;
	*budget -= (int)(end - first);
	return OK;
}

/* The log's next stretch, if there is one. */
static enum err forget_log_slice(struct store *store, struct forgetting *forgetting, int *budget)
{
	int64_t ends[2];
	enum err err = read_row(store,
		"SELECT seq, (SELECT max(seq) FROM audit WHERE uid = ?1) FROM audit WHERE uid = ?1"
		" ORDER BY seq LIMIT 1",
		forgetting->uid, 2, ends);
	if (err)
		return err == ERR_NOT_FOUND ? OK : err;
	forgetting->audit_rows = ends[1] - ends[0] + 1;
	int64_t first = forgetting->seq ? forgetting->seq : ends[0];
	int64_t end = ends[1] + 1;
	if (first == end)
		return OK;
	return forget_log(store, forgetting, first, end - first < *budget ? end : first + *budget, budget);
}

/* A table, the column that tells a user's rows apart, and what is long is dear. What refers to a row goes
 * before it. */
#define OF(table, column)                                        \
	"DELETE FROM " table " WHERE uid = ?1 AND " column " IN" \
	" (SELECT " column " FROM " table " WHERE uid = ?1 LIMIT ?2)"
static const struct {
	const char *sql;
	int price;
	enum forget_what what;
} steps[] = {
	{OF("keys", "rowid"), 1, FORGET_OTHERS},
	{OF("devices", "id"), 1, FORGET_DEVICES},
	{OF("running", "session"), 1, FORGET_OTHERS},
	{OF("intervals", "end_ms"), 1, FORGET_OTHERS},
	{OF("goals", "session"), 1, FORGET_OTHERS},
	{OF("pauses", "session"), 1, FORGET_OTHERS},
	{OF("focus", "id"), 1, FORGET_OTHERS},
	{OF("work", "id"), 1, FORGET_OTHERS},
	{OF("training", "id"), 20, FORGET_OTHERS},
	{OF("tasks", "id"), 1, FORGET_TASKS},
	{OF("problems", "id"), 1, FORGET_PROBLEMS},
	{OF("sessions", "id"), 1, FORGET_SESSIONS},
	{OF("groups", "id"), 1, FORGET_GROUPS},
	{OF("plans", "id"), 20, FORGET_PLANS},
	{OF("day_rules", "from_ms"), 1, FORGET_OTHERS},
};
#define STEPS ((int)(sizeof(steps) / sizeof(*steps)))

static enum err forget_rows(struct store *store, struct forgetting *forgetting, int *budget)
{
	int step = forgetting->step;
	int limit = *budget / steps[step].price;
	enum err err = run(store, steps[step].sql, forgetting->uid, limit ? limit : 1, 0);
	if (err)
		return err;
	int gone = sqlite3_changes(store->db);
	forgetting->gone[steps[step].what] += gone;
	*budget -= gone * steps[step].price;
	if (!gone)
		forgetting->step++;
	return OK;
}

enum err store_forget_slice(struct store *store, struct forgetting *forgetting, bool *ret_done)
{
	int budget = SLICE_ROWS;
	enum err err = forget_log_slice(store, forgetting, &budget);
	while (!err && budget > 0 && forgetting->step < STEPS)
		err = forget_rows(store, forgetting, &budget);
	if (!err)
		*ret_done = forgetting->step == STEPS;
	return err;
}

enum err store_forget_end(struct store *store, int64_t uid)
{
	return run(store, "UPDATE users SET issuer = '" USER_DELETED "' WHERE uid = ?1", uid, 0, 0);
}

/* A failure changes nothing. */
static bool rewrite(struct store *store, int64_t rewrite_bytes)
{
	int64_t bytes = 0;
	if (statement_query(store, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
		    &bytes) ||
		bytes > rewrite_bytes)
		return false;
	if (bytes > MEMORY_BYTES && statement_execute(store, "PRAGMA temp_store = FILE"))
		return false;
	return statement_execute(store, "VACUUM") == OK;
}

static enum err cut_log(struct store *store)
{
	if (checkpoint_cut(&store->checkpoint, store->db, &store->wal_pages))
		return OK;
	bool failed = store->checkpoint.failed;
	snprintf(store->message, sizeof(store->message), "%s",
		failed ? "a sync of a checkpoint failed"
		       : "the rows are deleted, but somebody else reads the file; it is gone on with later");
	return failed ? ERR_INTERNAL : ERR_UNAVAILABLE;
}

/* With a reader in the way each rewriting would make the WAL longer, so that is found out first. */
enum err store_forget_wipe(struct store *store, int64_t rewrite_bytes, bool *ret_rewritten)
{
	assert(!store->in_transaction);
	enum err err = cut_log(store);
	if (err)
		return err;
	bool rewritten = rewrite(store, rewrite_bytes);
	if (rewritten)
		err = cut_log(store);
	if (!err)
		*ret_rewritten = rewritten;
	return err;
}
