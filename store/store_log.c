/* The event log and the idempotency keys, and their pruning. */
#include "store/statement.h"
#include "store/store.h"

/* Deleted in one transaction, so that nobody waits long for it. */
#define PRUNE_ROWS 200

enum err store_event_add(struct store *store, int64_t uid, int64_t seq, uint32_t tag, int64_t now_ms,
	const char *body, size_t len)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_EVENT_ADD,
		"INSERT INTO events (uid, seq, tag, now_ms, body) VALUES (?, ?, ?, ?, ?)");
	statement_bind_integer(&statement, uid);
	statement_bind_integer(&statement, seq);
	statement_bind_integer(&statement, tag);
	statement_bind_integer(&statement, now_ms);
	statement_bind_text(&statement, body, len);
	return statement_run(&statement);
}

enum err store_event_tag(struct store *store, int64_t uid, int64_t seq, uint32_t *ret)
{
	STATEMENT_AUTO statement =
		statement_get(store, SLOT_EVENT_TAG, "SELECT tag FROM events WHERE uid = ? AND seq = ?");
	statement_bind_integer(&statement, uid);
	statement_bind_integer(&statement, seq);
	enum err err = statement_row(&statement);
	if (!err)
		*ret = (uint32_t)statement_integer(&statement);
	return err;
}

enum err store_event_each(
	struct store *store, int64_t uid, int64_t after_seq, store_event_fn *fn, void *context)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_EVENTS_AFTER,
		"SELECT seq, tag, body FROM events WHERE uid = ? AND seq > ? ORDER BY seq");
	statement_bind_integer(&statement, uid);
	statement_bind_integer(&statement, after_seq);
	enum err err;
	while (!(err = statement_row(&statement))) {
		int64_t seq = statement_integer(&statement);
		uint32_t tag = (uint32_t)statement_integer(&statement);
		size_t len;
		const char *body = statement_text(&statement, &len);
		err = fn(context, seq, tag, body, len);
		if (err)
			return err;
	}
	return err == ERR_NOT_FOUND ? OK : err;
}

static void read_text(struct statement *statement, struct text *ret)
{
	size_t len;
	const char *text = statement_text(statement, &len);
	text_clear(ret);
	text_append(ret, text, len);
}

enum err store_key_find(
	struct store *store, int64_t uid, const char *key, struct text *ret_asked, struct text *ret_result)
{
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_KEY_FIND, "SELECT asked, result FROM keys WHERE uid = ? AND key = ?");
	statement_bind_integer(&statement, uid);
	statement_bind_string(&statement, key);
	enum err err = statement_row(&statement);
	if (err)
		return err;
	read_text(&statement, ret_asked);
	read_text(&statement, ret_result);
	return OK;
}

enum err store_key_add(struct store *store, int64_t uid, const char *key, int64_t now_ms,
	const struct text *asked, const struct text *result)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_KEY_ADD,
		"INSERT INTO keys (uid, key, now_ms, asked, result) VALUES (?, ?, ?, ?, ?)");
	statement_bind_integer(&statement, uid);
	statement_bind_string(&statement, key);
	statement_bind_integer(&statement, now_ms);
	statement_bind_text(&statement, asked->len ? asked->data : "", asked->len);
	statement_bind_text(&statement, result->len ? result->data : "", result->len);
	return statement_run(&statement);
}

/* At most *rows of what is old of one user. */
static enum err prune_rows(
	struct store *store, enum slot slot, const char *sql, int64_t uid, int64_t before_ms, int *rows)
{
	STATEMENT_AUTO statement = statement_get(store, slot, sql);
	statement_bind_integer(&statement, uid);
	statement_bind_integer(&statement, before_ms);
	statement_bind_integer(&statement, *rows);
	enum err err = statement_run(&statement);
	if (!err)
		*rows -= sqlite3_changes(store->db);
	return err;
}

static enum err prune_user(struct store *store, int64_t uid, int64_t before_ms, int *rows)
{
	/* The older, the lower its seq, and there are no gaps: looks no further than ?3 events. The last one
	 * stays, whatever its age: it shows where the log ends. */
	enum err err = prune_rows(store, SLOT_EVENTS_PRUNE,
		"DELETE FROM events WHERE uid = ?1 AND seq < (SELECT coalesce((SELECT seq FROM events"
		" WHERE uid = ?1 AND seq <= first + ?3 AND now_ms >= ?2 ORDER BY seq LIMIT 1),"
		" min(first + ?3, last)) FROM (SELECT (SELECT min(seq) FROM events WHERE uid = ?1) AS first,"
		" (SELECT max(seq) FROM events WHERE uid = ?1) AS last))",
		uid, before_ms, rows);
	if (err)
		return err;
	return prune_rows(store, SLOT_KEYS_PRUNE,
		"DELETE FROM keys WHERE uid = ?1 AND key IN"
		" (SELECT key FROM keys WHERE uid = ?1 AND now_ms < ?2 LIMIT ?3)",
		uid, before_ms, rows);
}

static enum err next_user(struct store *store, int64_t *uid)
{
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_USER_NEXT, "SELECT uid FROM users WHERE uid > ? ORDER BY uid LIMIT 1");
	statement_bind_integer(&statement, *uid);
	enum err err = statement_row(&statement);
	if (!err)
		*uid = statement_integer(&statement);
	return err;
}

enum err store_prune(struct store *store, int64_t before_ms, int users, int64_t *uid)
{
	int rows = PRUNE_ROWS;
	int64_t user = *uid;
	for (int i = 0; i < users; i++) {
		enum err err = next_user(store, &user);
		if (err == ERR_NOT_FOUND) {
			user = 0;
			break;
		}
		if (!err)
			err = prune_user(store, user, before_ms, &rows);
		if (err)
			return err;
		if (rows == 0) {
			/* Perhaps there is more of this one: it comes next. 0 would say that the list has
			 * ended. */
			user = user > 1 ? user - 1 : -1;
			break;
		}
	}
	*uid = user;
	return OK;
}
