/* The event log and the idempotency keys, and their pruning. */
#include "store/statement.h"
#include "store/store.h"

/* Deleted in one transaction, so that nobody waits long for it. */
#define PRUNE_ROWS 200

/* What the audit log has for ever; its row's number is the event's. */
static enum err add_audit(struct store *store, int64_t uid, const struct audit_row *row)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_AUDIT_ADD,
		"INSERT INTO audit (uid, seq, at_ms, entity, id, action, origin)"
		" VALUES (?, ?, ?, ?, ?, ?, ?)");
	statement_bind_integer(&statement, uid);
	statement_bind_integer(&statement, row->seq);
	statement_bind_integer(&statement, row->at_ms);
	statement_bind_integer(&statement, row->entity);
	statement_bind_uuid_or_null(&statement, &row->id);
	statement_bind_string(&statement, row->action);
	statement_bind_string(&statement, row->origin);
	return statement_run(&statement);
}

enum err store_event_add(struct store *store, int64_t uid, const struct audit_row *row, uint32_t tag,
	int64_t now_ms, const char *body, size_t len)
{
	enum err err = add_audit(store, uid, row);
	if (err)
		return err;
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_EVENT_ADD, "INSERT INTO events (row, tag, now_ms, body) VALUES (?, ?, ?, ?)");
	statement_bind_integer(&statement, sqlite3_last_insert_rowid(store->db));
	statement_bind_integer(&statement, tag);
	statement_bind_integer(&statement, now_ms);
	statement_bind_text(&statement, body, len);
	recent_note_event(store->recent, uid, row->seq, tag, now_ms);
	return statement_run(&statement);
}

#define LOG " FROM audit a CROSS JOIN events e ON e.row = a.row WHERE a.uid = ? AND a.seq "

enum err store_event_tag(struct store *store, int64_t uid, int64_t seq, uint32_t *ret)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_EVENT_TAG, "SELECT e.tag" LOG "= ?");
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
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_EVENTS_AFTER, "SELECT a.seq, e.tag, e.body" LOG "> ? ORDER BY a.seq");
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

/* The first and the last seq of the user's log; ERR_NOT_FOUND: there is none. */
static enum err log_ends(struct store *store, int64_t uid, int64_t *ret_first, int64_t *ret_last)
{
	/* The first row along the index: for min() with a condition on it SQLite would read all of them. */
	STATEMENT_AUTO statement = statement_get(store, SLOT_LOG_ENDS,
		"SELECT seq, (SELECT max(seq) FROM audit WHERE uid = ?1) FROM audit WHERE uid = ?1"
		" ORDER BY seq LIMIT 1");
	statement_bind_integer(&statement, uid);
	enum err err = statement_row(&statement);
	if (err)
		return err;
	*ret_first = statement_integer(&statement);
	*ret_last = statement_integer(&statement);
	return OK;
}

/* Whether the event is there, and was made at since_ms or later. */
static enum err is_kept(struct store *store, int64_t uid, int64_t seq, int64_t since_ms, bool *ret)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_EVENT_KEPT, "SELECT e.now_ms >= ?" LOG "= ?");
	statement_bind_integer(&statement, since_ms);
	statement_bind_integer(&statement, uid);
	statement_bind_integer(&statement, seq);
	enum err err = statement_row(&statement);
	if (err && err != ERR_NOT_FOUND)
		return err;
	*ret = !err && statement_integer(&statement) != 0;
	return OK;
}

/* The first one of [first, end) that is kept so, or the end: seqs have no gaps, and the older ones go first.
 */
static enum err find_kept(
	struct store *store, int64_t uid, int64_t first, int64_t end, int64_t since_ms, int64_t *ret)
{
	while (first < end) {
		int64_t middle = first + (end - first) / 2;
		bool kept = false;
		enum err err = is_kept(store, uid, middle, since_ms, &kept);
		if (err)
			return err;
		if (kept)
			end = middle;
		else
			first = middle + 1;
	}
	*ret = first;
	return OK;
}

/* Looks no further than *rows events. The last one stays, whatever its age: it shows where the log ends. */
static enum err prune_events(struct store *store, int64_t uid, int64_t before_ms, int *rows)
{
	int64_t first = 0, last = 0;
	enum err err = log_ends(store, uid, &first, &last);
	if (!err)
		err = find_kept(store, uid, first, last, INT64_MIN, &first);
	if (!err)
		err = find_kept(
			store, uid, first, last - first < *rows ? last : first + *rows, before_ms, &last);
	if (err || first == last)
		return err == ERR_NOT_FOUND ? OK : err;
	STATEMENT_AUTO statement = statement_get(store, SLOT_EVENTS_PRUNE,
		"DELETE FROM events WHERE row IN (SELECT row FROM audit WHERE uid = ? AND seq >= ? AND seq < "
		"?)");
	statement_bind_integer(&statement, uid);
	statement_bind_integer(&statement, first);
	statement_bind_integer(&statement, last);
	*rows -= (int)(last - first);
	return statement_run(&statement);
}

static enum err prune_keys(struct store *store, int64_t uid, int64_t before_ms, int *rows)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_KEYS_PRUNE,
		"DELETE FROM keys WHERE rowid IN"
		" (SELECT rowid FROM keys WHERE uid = ? AND now_ms < ? LIMIT ?)");
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
	enum err err = prune_events(store, uid, before_ms, rows);
	return err ? err : prune_keys(store, uid, before_ms, rows);
}

static enum err next_user(struct store *store, int64_t *uid)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_USER_NEXT,
		"SELECT uid FROM users WHERE uid > ? AND " USER_LIVES " ORDER BY uid LIMIT 1");
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
