#include "store/statement.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* SQLite knows ENOSPC as SQLITE_FULL, but a quota or a limit on the file's size only as a write that failed;
 * it keeps errno of that only for opening. */
static bool out_of_room(int rc, int number)
{
	return (rc & 0xff) == SQLITE_FULL ||
	       (rc == SQLITE_IOERR_WRITE && (number == EDQUOT || number == EFBIG));
}

static enum err error_of(int rc, int number)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_READONLY:
		return ERR_UNAVAILABLE;
	default:
		return out_of_room(rc, number) ? ERR_UNAVAILABLE : ERR_INTERNAL;
	}
}

static enum err note(struct store *store, enum err err)
{
	if (store->in_transaction && !store->failed)
		store->failed = err;
	return err;
}

enum err statement_error(struct store *store, int rc, const char *what)
{
	enum err err = error_of(rc, errno);
	snprintf(store->message, sizeof(store->message), "%s (%d) at: %s", sqlite3_errmsg(store->db), rc,
		what);
	return note(store, err);
}

enum err statement_damaged(struct statement *statement)
{
	struct store *store = statement->store;
	snprintf(store->message, sizeof(store->message), "a row is missing or damaged at: %s",
		sqlite3_sql(statement->stmt));
	return note(store, ERR_INTERNAL);
}

enum err statement_execute(struct store *store, const char *sql)
{
	int rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK ? OK : statement_error(store, rc, sql);
}

enum err statement_query(struct store *store, const char *sql, int64_t *ret)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*ret = sqlite3_column_int64(stmt, 0);
	enum err err = rc == SQLITE_ROW ? OK : statement_error(store, rc, sql);
	sqlite3_finalize(stmt);
	return err;
}

void statement_close_all(struct store *store)
{
	for (int slot = 0; slot < SLOT_COUNT; slot++) {
		sqlite3_finalize(store->statements[slot]);
		store->statements[slot] = NULL;
	}
}

struct statement statement_get(struct store *store, enum slot slot, const char *sql)
{
	struct statement statement = {.store = store, .err = store->failed};
	sqlite3_stmt **kept = &store->statements[slot];
	if (!*kept && !statement.err) {
		int rc = sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, kept, NULL);
		if (rc != SQLITE_OK)
			statement.err = statement_error(store, rc, sql);
	}
	assert(!*kept || !sqlite3_stmt_busy(*kept));
	statement.stmt = *kept;
	return statement;
}

void statement_finish(struct statement *statement)
{
	/* Its result is that of the last step, which was told then. The parameters stay: each use binds them
	 * all. */
	sqlite3_reset(statement->stmt);
}

static void check_bind(struct statement *statement, int rc)
{
	if (rc != SQLITE_OK)
		statement->err = statement_error(statement->store, rc, sqlite3_sql(statement->stmt));
}

void statement_bind_integer(struct statement *statement, int64_t value)
{
	if (!statement->err)
		check_bind(statement, sqlite3_bind_int64(statement->stmt, ++statement->bound, value));
}

void statement_bind_text(struct statement *statement, const char *data, size_t len)
{
	if (!statement->err)
		check_bind(statement, sqlite3_bind_text64(statement->stmt, ++statement->bound, data, len,
					      SQLITE_STATIC, SQLITE_UTF8));
}

void statement_bind_string(struct statement *statement, const char *value)
{
	statement_bind_text(statement, value, strlen(value));
}

void statement_bind_blob(struct statement *statement, const void *bytes, size_t len)
{
	if (!statement->err)
		check_bind(statement, sqlite3_bind_blob(statement->stmt, ++statement->bound, bytes, (int)len,
					      SQLITE_STATIC));
}

void statement_bind_uuid(struct statement *statement, const struct uuid *id)
{
	statement_bind_blob(statement, id->bytes, sizeof(id->bytes));
}

void statement_bind_null(struct statement *statement)
{
	if (!statement->err)
		check_bind(statement, sqlite3_bind_null(statement->stmt, ++statement->bound));
}

void statement_bind_text_or_null(struct statement *statement, const char *text)
{
	if (text)
		statement_bind_string(statement, text);
	else
		statement_bind_null(statement);
}

void statement_bind_uuid_or_null(struct statement *statement, const struct uuid *id)
{
	if (id && !uuid_is_nil(id))
		statement_bind_uuid(statement, id);
	else
		statement_bind_null(statement);
}

void statement_bind_integer_or_null(struct statement *statement, bool is, int64_t value)
{
	if (is)
		statement_bind_integer(statement, value);
	else
		statement_bind_null(statement);
}

static void bind_column(struct statement *statement, const struct column *column, const char *field)
{
	switch (column->type) {
	case COLUMN_INT64:
		statement_bind_integer(statement, *(const int64_t *)(const void *)field);
		return;
	case COLUMN_INT32:
		statement_bind_integer(statement, *(const int32_t *)(const void *)field);
		return;
	case COLUMN_UINT32:
		statement_bind_integer(statement, *(const uint32_t *)(const void *)field);
		return;
	case COLUMN_BOOL:
		statement_bind_integer(statement, *(const bool *)field);
		return;
	case COLUMN_UUID:
		if (uuid_is_nil((const struct uuid *)field))
			statement_bind_null(statement);
		else
			statement_bind_uuid(statement, (const struct uuid *)field);
		return;
	case COLUMN_STRING:
		statement_bind_string(statement, field);
		return;
	case COLUMN_TEXT:
		statement_bind_text_or_null(statement, *(const char *const *)(const void *)field);
		return;
	}
}

void statement_bind_columns(
	struct statement *statement, const struct column *columns, size_t count, const void *object)
{
	for (size_t i = 0; i < count; i++)
		bind_column(statement, &columns[i], (const char *)object + columns[i].offset);
}

enum err statement_row(struct statement *statement)
{
	if (statement->err)
		return statement->err;
	statement->column = 0;
	int rc = sqlite3_step(statement->stmt);
	if (rc == SQLITE_ROW)
		return OK;
	statement->err = rc == SQLITE_DONE
				 ? ERR_NOT_FOUND
				 : statement_error(statement->store, rc, sqlite3_sql(statement->stmt));
	return statement->err;
}

enum err statement_count(struct statement *statement, int64_t *ret)
{
	enum err err = statement_row(statement);
	if (!err)
		*ret = statement_integer(statement);
	return err;
}

enum err statement_run(struct statement *statement)
{
	assert(statement->store->in_transaction);
	enum err err = statement_row(statement);
	assert(err);
	return err == ERR_NOT_FOUND ? OK : err;
}

int64_t statement_integer(struct statement *statement)
{
	return sqlite3_column_int64(statement->stmt, statement->column++);
}

void statement_uuid(struct statement *statement, struct uuid *ret)
{
	const void *bytes = sqlite3_column_blob(statement->stmt, statement->column);
	bool whole = sqlite3_column_bytes(statement->stmt, statement->column++) == (int)sizeof(ret->bytes);
	*ret = (struct uuid){0};
	if (bytes && whole)
		memcpy(ret->bytes, bytes, sizeof(ret->bytes));
}

const char *statement_text(struct statement *statement, size_t *ret_len)
{
	const char *text = (const char *)sqlite3_column_text(statement->stmt, statement->column);
	*ret_len = (size_t)sqlite3_column_bytes(statement->stmt, statement->column++);
	return text ? text : "";
}

const char *statement_kept(struct statement *statement)
{
	size_t len;
	bool none = sqlite3_column_type(statement->stmt, statement->column) == SQLITE_NULL;
	const char *text = statement_text(statement, &len);
	return none ? NULL : arena_copy(&statement->store->arena, text, len);
}

void statement_string(struct statement *statement, char *ret, size_t room)
{
	size_t len;
	const char *text = statement_text(statement, &len);
	if (len >= room)
		len = room - 1;
	memcpy(ret, text, len);
	ret[len] = '\0';
}

static void read_column(struct statement *statement, const struct column *column, char *field)
{
	switch (column->type) {
	case COLUMN_INT64:
		*(int64_t *)(void *)field = statement_integer(statement);
		return;
	case COLUMN_INT32:
		*(int32_t *)(void *)field = (int32_t)statement_integer(statement);
		return;
	case COLUMN_UINT32:
		*(uint32_t *)(void *)field = (uint32_t)statement_integer(statement);
		return;
	case COLUMN_BOOL:
		*(bool *)field = statement_integer(statement) != 0;
		return;
	case COLUMN_UUID:
		statement_uuid(statement, (struct uuid *)field);
		return;
	case COLUMN_STRING:
		statement_string(statement, field, column->size);
		return;
	case COLUMN_TEXT:
		*(const char **)(void *)field = statement_kept(statement);
		return;
	}
}

void statement_columns(struct statement *statement, const struct column *columns, size_t count, void *object)
{
	for (size_t i = 0; i < count; i++)
		read_column(statement, &columns[i], (char *)object + columns[i].offset);
}
