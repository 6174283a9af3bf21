/* Reads paths of databases, a line each, opens each with the real store and prints what it holds as a line of
 * JSON: of every user the log, the keys and the snapshot. What cannot be opened is {"error":why}. */
#include "server/sync.h"
#include "store/statement.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sqlite3_stmt *prepare(struct store *store, const char *sql, int64_t uid)
{
	sqlite3_stmt *stmt;
	if (sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return NULL;
	sqlite3_bind_int64(stmt, 1, uid);
	return stmt;
}

static const char *column(sqlite3_stmt *stmt, int at)
{
	const char *text = (const char *)sqlite3_column_text(stmt, at);
	return text ? text : "";
}

static bool is_sound(struct store *store)
{
	int64_t ok = 0;
	static const char sql[] = "SELECT integrity_check = 'ok' FROM pragma_integrity_check";
	return statement_query(store, sql, &ok) == OK && ok == 1;
}

static void put_events(struct store *store, int64_t uid, struct text *out)
{
	sqlite3_stmt *stmt =
		prepare(store, "SELECT body FROM events NATURAL JOIN audit WHERE uid = ? ORDER BY seq", uid);
	text_append_string(out, ",\"events\":[");
	for (int n = 0; sqlite3_step(stmt) == SQLITE_ROW; n++) {
		text_append_string(out, n ? "," : "");
		text_append_string(out, column(stmt, 0));
	}
	text_append_string(out, "]");
	sqlite3_finalize(stmt);
}

/* A kept result is the inside of an object. */
static void put_keys(struct store *store, int64_t uid, struct text *out)
{
	sqlite3_stmt *stmt = prepare(store, "SELECT key, result FROM keys WHERE uid = ?", uid);
	text_append_string(out, ",\"keys\":{");
	for (int n = 0; sqlite3_step(stmt) == SQLITE_ROW; n++) {
		text_append_string(out, n ? "," : "");
		text_append_json(out, column(stmt, 0));
		text_append_format(out, ":{%s}", column(stmt, 1));
	}
	text_append_string(out, "}");
	sqlite3_finalize(stmt);
}

static enum err put_user(struct pass *pass, int64_t uid, struct text *out)
{
	struct turn turn;
	enum err err = turn_begin(&turn, pass, uid);
	if (err)
		return err;
	text_append_string(out, "{\"userId\":");
	text_append_json(out, turn.user.user_id);
	text_append_format(
		out, ",\"seq\":%" PRId64 ",\"tag\":\"%08" PRIx32 "\"", turn.user.seq, turn.user.tag);
	put_events(pass->store, uid, out);
	put_keys(pass->store, uid, out);
	text_append_string(out, ",\"snapshot\":");
	err = sync_encode_snapshot(&turn, NULL, SYNC_ASKED, out);
	text_append_string(out, "}");
	return err;
}

static enum err put_users(struct store *store, struct text *out)
{
	struct pass pass = {.store = store, .now_ms = 1};
	sqlite3_stmt *stmt = prepare(store, "SELECT uid FROM users WHERE uid > ?", 0);
	enum err err = OK;
	int rc;
	for (int n = 0; (rc = sqlite3_step(stmt)) == SQLITE_ROW && !err; n++) {
		text_append_string(out, n ? "," : "");
		err = put_user(&pass, sqlite3_column_int64(stmt, 0), out);
	}
	if (!err && rc != SQLITE_DONE)
		err = statement_error(store, rc, "users");
	sqlite3_finalize(stmt);
	return err;
}

static enum err put_store(struct store *store, struct text *out)
{
	text_append_format(out, "{\"epoch\":\"%s\",\"sound\":%s,\"users\":[", store_epoch(store),
		is_sound(store) ? "true" : "false");
	enum err err = store_begin(store);
	if (err)
		return err;
	err = put_users(store, out);
	store_rollback(store);
	text_append_string(out, "]}");
	return err;
}

static void put_error(struct text *out, const char *why)
{
	text_clear(out);
	text_append_string(out, "{\"error\":");
	text_append_json(out, why);
	text_append_string(out, "}");
}

/* Says nothing before it has closed the store: closing deletes files by their names, and who hears of it may
 * put others there. */
static void look(const char *path)
{
	TEXT_AUTO out = {0};
	struct store *store = NULL;
	char why[256] = "";
	if (store_open(path, &store, why))
		put_error(&out, why);
	else if (put_store(store, &out))
		put_error(&out, store_message(store));
	store_close(store);
	printf("%.*s\n", (int)out.len, out.data);
	fflush(stdout);
}

int main(void)
{
	char *line = NULL;
	size_t room = 0;
	while (getline(&line, &room, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		look(line);
	}
	free(line);
	return 0;
}
