/* Groups. */
#include "store/statement.h"
#include "store/store.h"

#define GROUP_FIELDS(F, X)  F(version) X(deleted) X(created_at_ms) X(updated_at_ms) X(name) X(description)
#define GROUP_COLUMN(field) COLUMN(struct group, field),
static const struct column group_columns[] = {GROUP_FIELDS(GROUP_COLUMN, GROUP_COLUMN)};
#define GROUP_COLUMNS (sizeof(group_columns) / sizeof(*group_columns))
#define NAMES         SQL_NAMES(GROUP_FIELDS)
#define VALUES        SQL_PARAMETERS(GROUP_FIELDS)
#define EXCLUDED      SQL_SETS_EXCLUDED(GROUP_FIELDS)

static void read_group(struct statement *statement, struct group *ret)
{
	statement_uuid(statement, &ret->id);
	statement_columns(statement, group_columns, GROUP_COLUMNS, ret);
}

enum err store_group_load(struct store *store, int64_t uid, const struct uuid *id, struct group *ret)
{
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_GROUP_LOAD, "SELECT id, " NAMES " FROM groups WHERE uid = ? AND id = ?");
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, id);
	enum err err = statement_row(&statement);
	if (!err)
		read_group(&statement, ret);
	return err;
}

enum err store_group_write(struct store *store, int64_t uid, const struct group *group)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_GROUP_WRITE,
		"INSERT INTO groups (uid, id, " NAMES ") VALUES (?, ?, " VALUES ")"
		" ON CONFLICT (uid, id) DO UPDATE SET " EXCLUDED);
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, &group->id);
	statement_bind_columns(&statement, group_columns, GROUP_COLUMNS, group);
	return statement_run(&statement);
}

enum err store_group_each(struct store *store, int64_t uid, store_group_fn *fn, void *context)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_GROUPS_SHOWN,
		"SELECT id, " NAMES " FROM groups INDEXED BY groups_shown WHERE uid = ? AND deleted = 0"
		" ORDER BY created_at_ms, id");
	statement_bind_integer(&statement, uid);
	enum err err;
	while (!(err = statement_row(&statement))) {
		struct group group;
		read_group(&statement, &group);
		err = fn(context, &group);
		if (err)
			return err;
	}
	return err == ERR_NOT_FOUND ? OK : err;
}

enum err store_group_count(struct store *store, int64_t uid, int64_t *ret)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_GROUPS_COUNT,
		"SELECT count(*) FROM groups INDEXED BY groups_shown WHERE uid = ? AND deleted = 0");
	statement_bind_integer(&statement, uid);
	enum err err = statement_row(&statement);
	if (!err)
		*ret = statement_integer(&statement);
	return err;
}
