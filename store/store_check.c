/* The check of a database: what SQLite knows of its pages, whether its tables are ours, and what must hold of
 * their rows. */
#include "store/maintain.h"

#include "store/connection.h"
#include "store/invariants.h"
#include "store/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Told of one thing that is wrong; then how many there are does not matter. */
#define FAULTS_EACH 5

struct check {
	struct store *store;
	store_fault_fn *fn;
	void *context;
	struct text line;
};

/* SQLite says some things in several lines. */
static void tell(struct check *check)
{
	for (char *end; (end = strchr(check->line.data, '\n'));)
		*end = ' ';
	check->fn(check->context, check->line.data);
	text_clear(&check->line);
}

/* What cannot be read any more is a fault of its own, and the rest is looked at all the same. Else the error.
 */
static enum err tell_error(struct check *check, int rc, const char *what)
{
	int primary = rc & 0xff;
	if (primary != SQLITE_CORRUPT && primary != SQLITE_NOTADB && primary != SQLITE_ERROR)
		return statement_error(check->store, rc, what);
	text_append_format(&check->line, "damaged: %s, at: %s", sqlite3_errmsg(check->store->db), what);
	tell(check);
	return OK;
}

typedef void put_fn(struct text *line, sqlite3_stmt *stmt);

/* Each row of the query is a fault; after a few it's enough. */
static enum err tell_rows(struct check *check, const char *sql, const char *says, put_fn *put)
{
	sqlite3_stmt *stmt = NULL;
	int count = 0;
	int rc = sqlite3_prepare_v2(check->store->db, sql, -1, &stmt, NULL);
	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(stmt);
		if (rc != SQLITE_ROW || count == FAULTS_EACH)
			break;
		text_append_string(&check->line, says);
		put(&check->line, stmt);
		if (check->line.len) {
			count++;
			tell(check);
		}
	}
	if (rc == SQLITE_ROW) {
		text_append_format(&check->line, "%s: and more", says);
		tell(check);
	}
	enum err err = rc == SQLITE_ROW || rc == SQLITE_DONE ? OK : tell_error(check, rc, says);
	sqlite3_finalize(stmt);
	return err;
}

/* Nothing for "ok". */
static void put_integrity(struct text *line, sqlite3_stmt *stmt)
{
	const char *found = (const char *)sqlite3_column_text(stmt, 0);
	if (found && strcmp(found, "ok") == 0)
		text_clear(line);
	else
		text_append_format(line, ": %s", found ? found : "");
}

static void put_reference(struct text *line, sqlite3_stmt *stmt)
{
	text_append_format(line, ": %s to %s", (const char *)sqlite3_column_text(stmt, 0),
		(const char *)sqlite3_column_text(stmt, 2));
}

static void put_row(struct text *line, sqlite3_stmt *stmt)
{
	const char *separator = ": ";
	if (sqlite3_column_type(stmt, 0) != SQLITE_NULL) {
		text_append_format(
			line, "%suser %" PRId64, separator, (int64_t)sqlite3_column_int64(stmt, 0));
		separator = ", ";
	}
	struct uuid id;
	const void *bytes = sqlite3_column_blob(stmt, 1);
	if (bytes && sqlite3_column_bytes(stmt, 1) == sizeof(id.bytes)) {
		char text[UUID_TEXT];
		memcpy(id.bytes, bytes, sizeof(id.bytes));
		uuid_format(&id, text);
		text_append_format(line, "%s%s", separator, text);
		separator = ", ";
	}
	const char *word = (const char *)sqlite3_column_text(stmt, 2);
	if (word)
		text_append_format(line, "%s%s", separator, word);
}

/* What a new database has, this one must have, neither more nor less: an index, or a trigger that keeps the
 * audit log. SQLite's own tables are its own affair; so are the spaces and quotes that it leaves where a step
 * from one version to the next has changed a table. */
static enum err list_objects(struct store *store, struct text *ret)
{
	static const char sql[] = "SELECT type || ' ' || name || ' ' || replace(replace(replace(replace(sql, "
				  "' ', ''), '\"', ''),"
				  " char(9), ''), char(10), '') FROM sqlite_schema"
				  " WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);
	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(stmt);
		if (rc != SQLITE_ROW)
			break;
		text_append_string(ret, (const char *)sqlite3_column_text(stmt, 0));
		text_append_string(ret, "\n");
	}
	enum err err = rc == SQLITE_DONE ? OK : statement_error(store, rc, sql);
	sqlite3_finalize(stmt);
	return err;
}

static enum err list_wanted(struct text *ret, char ret_why[256])
{
	struct store *fresh = connection_make();
	enum err err = connection_open(fresh, ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, NULL);
	if (!err)
		err = schema_migrate(fresh);
	if (!err)
		err = list_objects(fresh, ret);
	if (err)
		memcpy(ret_why, fresh->message, sizeof(fresh->message));
	store_close(fresh);
	return err;
}

static enum err check_schema(struct check *check)
{
	TEXT_AUTO wanted = {0};
	TEXT_AUTO found = {0};
	enum err err = list_wanted(&wanted, check->store->message);
	if (!err)
		err = list_objects(check->store, &found);
	if (err || (found.data && strcmp(found.data, wanted.data) == 0))
		return err;
	text_append_string(
		&check->line, "the tables, indexes and triggers are not those of this program's version");
	tell(check);
	return OK;
}

static enum err check_pages(struct check *check)
{
	enum err err = tell_rows(check, "PRAGMA integrity_check(20)", "damaged", put_integrity);
	return err ? err
		   : tell_rows(check, "PRAGMA foreign_key_check", "a row refers to what is not there",
			     put_reference);
}

static enum err check_epoch(struct check *check)
{
	static const char sql[] =
		"SELECT NULL, NULL, NULL WHERE NOT EXISTS (SELECT 1 FROM meta WHERE name = 'epoch'"
		" AND typeof(value) = 'text' AND length(value) = 32 AND value NOT GLOB '*[^0-9a-f]*')";
	return tell_rows(check, sql, "the log has no epoch", put_row);
}

/* Of who is being deleted nothing of the kind must hold; of who has been, that nothing is left. */
static enum err tell_invariant(struct check *check, const struct invariant *row)
{
	TEXT_AUTO sql = {0};
	text_append_format(&sql,
		"WITH fault (uid, id, word) AS (%s) SELECT uid, id, word FROM fault"
		" WHERE uid IS NULL OR uid NOT IN (SELECT uid FROM users WHERE NOT (" USER_LIVES "))",
		row->sql);
	return tell_rows(check, sql.data, row->says, put_row);
}

enum err store_check(struct store *store, store_fault_fn *fn, void *context)
{
	struct check check = {.store = store, .fn = fn, .context = context};
	enum err err = invariants_teach(store);
	if (!err)
		err = check_pages(&check);
	if (!err)
		err = check_schema(&check);
	if (!err)
		err = check_epoch(&check);
	for (const struct invariant *row = invariants; !err && row->says; row++)
		err = tell_invariant(&check, row);
	text_finish(&check.line);
	return err;
}

enum err store_count_rows(struct store *store, struct text *out)
{
	static const char *const tables[] = {
		"users", "sessions", "groups", "tasks", "problems", "plans", "intervals", "events", "audit"};
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		char sql[64];
		int64_t count = 0;
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", tables[i]);
		enum err err = statement_query(store, sql, &count);
		if (err)
			return err;
		text_append_format(out, "%s%" PRId64 " %s", i ? ", " : "", count, tables[i]);
	}
	return OK;
}
