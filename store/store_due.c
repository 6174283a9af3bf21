/* What falls due. */
#include "store/statement.h"
#include "store/store.h"

#define COLUMNS "uid, at_ms, rank, session"

static void bind_due(struct statement *statement, const struct due *due)
{
	statement_bind_integer(statement, due->uid);
	statement_bind_integer(statement, due->at_ms);
	statement_bind_integer(statement, due->rank);
	statement_bind_uuid(statement, &due->session);
}

static enum err read_due(struct statement *statement, struct due *ret)
{
	enum err err = statement_row(statement);
	if (err)
		return err;
	ret->uid = statement_integer(statement);
	ret->at_ms = statement_integer(statement);
	ret->rank = (enum due_rank)statement_integer(statement);
	statement_uuid(statement, &ret->session);
	return OK;
}

enum err store_due_add(struct store *store, const struct due *due)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_DUE_ADD,
		"INSERT INTO due (" COLUMNS ") VALUES (?, ?, ?, ?) ON CONFLICT (" COLUMNS ") DO NOTHING");
	bind_due(&statement, due);
	recent_note_due(store->recent, due->uid, due->at_ms);
	return statement_run(&statement);
}

enum err store_due_remove(struct store *store, const struct due *due)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_DUE_REMOVE,
		"DELETE FROM due WHERE uid = ? AND at_ms = ? AND rank = ? AND session = ?");
	bind_due(&statement, due);
	return statement_run(&statement);
}

enum err store_due_first(struct store *store, int64_t uid, int64_t until_ms, struct due *ret)
{
	if (recent_is_quiet(store->recent, uid, until_ms))
		return ERR_NOT_FOUND;
	struct due due = {.at_ms = INT64_MAX};
	STATEMENT_AUTO statement = statement_get(store, SLOT_DUE_FIRST,
		"SELECT " COLUMNS " FROM due WHERE uid = ? ORDER BY at_ms, rank, session LIMIT 1");
	statement_bind_integer(&statement, uid);
	enum err err = read_due(&statement, &due);
	if (err && err != ERR_NOT_FOUND)
		return err;
	recent_keep_due(store->recent, uid, due.at_ms);
	if (err || due.at_ms > until_ms)
		return ERR_NOT_FOUND;
	*ret = due;
	return OK;
}

enum err store_due_next(struct store *store, struct due *ret)
{
	/* Along its index: the first row is the answer. */
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_DUE_NEXT, "SELECT " COLUMNS " FROM due ORDER BY at_ms, rank, session LIMIT 1");
	return read_due(&statement, ret);
}
