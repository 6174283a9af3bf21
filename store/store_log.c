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

/* Those of a table behind *row that are looked at in one go: how many, the last one of them, and whether the
 * next one is young enough to stay, as all are that came after it. One that is of the future is of a clock
 * that was wrong: it says nothing of those behind it. */
struct stretch {
	int64_t rows, last;
	bool ends;
};

static enum err look(
	struct statement *statement, int64_t before_ms, int64_t now_ms, int rows, struct stretch *ret)
{
	enum err err = OK;
	while (ret->rows < rows && !(err = statement_row(statement))) {
		int64_t row = statement_integer(statement);
		int64_t made_ms = statement_integer(statement);
		ret->ends = made_ms >= before_ms && made_ms <= now_ms;
		if (ret->ends)
			return OK;
		ret->last = row;
		ret->rows++;
	}
	ret->ends = err == ERR_NOT_FOUND;
	return ret->ends ? OK : err;
}

/* The last one of a user stays, whatever its age: it shows where the log ends. */
static enum err delete_events(struct store *store, int64_t after, int64_t last, int64_t before_ms)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_EVENTS_PRUNE,
		"DELETE FROM events WHERE row > ? AND row <= ? AND now_ms < ? AND EXISTS (SELECT 1 FROM "
		"audit a"
		" CROSS JOIN audit b ON b.uid = a.uid AND b.seq = a.seq + 1 WHERE a.row = events.row)");
	statement_bind_integer(&statement, after);
	statement_bind_integer(&statement, last);
	statement_bind_integer(&statement, before_ms);
	return statement_run(&statement);
}

static enum err delete_keys(struct store *store, int64_t after, int64_t last, int64_t before_ms)
{
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_KEYS_PRUNE, "DELETE FROM keys WHERE rowid > ? AND rowid <= ? AND now_ms < ?");
	statement_bind_integer(&statement, after);
	statement_bind_integer(&statement, last);
	statement_bind_integer(&statement, before_ms);
	return statement_run(&statement);
}

static enum err look_at_events(
	struct store *store, int64_t before_ms, int64_t now_ms, const struct pruning *at, struct stretch *ret)
{
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_EVENTS_OLDEST, "SELECT row, now_ms FROM events WHERE row > ? ORDER BY row");
	statement_bind_integer(&statement, at->event);
	return look(&statement, before_ms, now_ms, PRUNE_ROWS, ret);
}

static enum err look_at_keys(struct store *store, int64_t before_ms, int64_t now_ms, const struct pruning *at,
	int rows, struct stretch *ret)
{
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_KEYS_OLDEST, "SELECT rowid, now_ms FROM keys WHERE rowid > ? ORDER BY rowid");
	statement_bind_integer(&statement, at->key);
	return look(&statement, before_ms, now_ms, rows, ret);
}

enum err store_prune(struct store *store, int64_t before_ms, int64_t now_ms, struct pruning *at)
{
	struct stretch events = {.last = at->event}, keys = {.last = at->key};
	enum err err = look_at_events(store, before_ms, now_ms, at, &events);
	if (!err)
		err = look_at_keys(store, before_ms, now_ms, at, PRUNE_ROWS - (int)events.rows, &keys);
	if (!err && events.rows)
		err = delete_events(store, at->event, events.last, before_ms);
	if (!err && keys.rows)
		err = delete_keys(store, at->key, keys.last, before_ms);
	if (err)
		return err;
	*at = (struct pruning){.event = events.last, .key = keys.last, .done = events.ends && keys.ends};
	return OK;
}
