/* Device tokens: who holds one is found by the token's fingerprint, the token itself is nowhere. */
#include "store/statement.h"
#include "store/store.h"

#define DEVICE_FIELDS(F, X)  F(scope) X(created_at_ms) X(last_used_ms) X(name)
#define DEVICE_COLUMN(field) COLUMN(struct device, field),
static const struct column device_columns[] = {DEVICE_FIELDS(DEVICE_COLUMN, DEVICE_COLUMN)};
#define DEVICE_COLUMNS (sizeof(device_columns) / sizeof(*device_columns))
#define NAMES          SQL_NAMES(DEVICE_FIELDS)
#define VALUES         SQL_PARAMETERS(DEVICE_FIELDS)

static void read_device(struct statement *statement, struct device *ret)
{
	statement_uuid(statement, &ret->id);
	statement_columns(statement, device_columns, DEVICE_COLUMNS, ret);
}

enum err store_device_add(
	struct store *store, int64_t uid, const struct device *device, const struct fingerprint *fingerprint)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_DEVICE_ADD,
		"INSERT INTO devices (uid, id, fingerprint, " NAMES ") VALUES (?, ?, ?, " VALUES ")");
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, &device->id);
	statement_bind_blob(&statement, fingerprint->bytes, sizeof(fingerprint->bytes));
	statement_bind_columns(&statement, device_columns, DEVICE_COLUMNS, device);
	return statement_run(&statement);
}

enum err store_device_find(
	struct store *store, const struct fingerprint *fingerprint, int64_t *ret_uid, struct device *ret)
{
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_DEVICE_FIND, "SELECT uid, id, " NAMES " FROM devices WHERE fingerprint = ?");
	statement_bind_blob(&statement, fingerprint->bytes, sizeof(fingerprint->bytes));
	enum err err = statement_row(&statement);
	if (err)
		return err;
	*ret_uid = statement_integer(&statement);
	read_device(&statement, ret);
	return OK;
}

enum err store_device_load(struct store *store, int64_t uid, const struct uuid *id, struct device *ret)
{
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_DEVICE_LOAD, "SELECT id, " NAMES " FROM devices WHERE uid = ? AND id = ?");
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, id);
	enum err err = statement_row(&statement);
	if (!err)
		read_device(&statement, ret);
	return err;
}

enum err store_device_used(struct store *store, int64_t uid, const struct uuid *id, int64_t at_ms)
{
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_DEVICE_USED, "UPDATE devices SET last_used_ms = ? WHERE uid = ? AND id = ?");
	statement_bind_integer(&statement, at_ms);
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, id);
	return statement_run(&statement);
}

enum err store_device_remove(struct store *store, int64_t uid, const struct uuid *id)
{
	STATEMENT_AUTO statement =
		statement_get(store, SLOT_DEVICE_REMOVE, "DELETE FROM devices WHERE uid = ? AND id = ?");
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, id);
	return statement_run(&statement);
}

enum err store_device_each(struct store *store, int64_t uid, store_device_fn *fn, void *context)
{
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_DEVICES_ALL, "SELECT id, " NAMES " FROM devices WHERE uid = ? ORDER BY id");
	statement_bind_integer(&statement, uid);
	enum err err;
	while (!(err = statement_row(&statement))) {
		struct device device;
		read_device(&statement, &device);
		err = fn(context, &device);
		if (err)
			return err;
	}
	return err == ERR_NOT_FOUND ? OK : err;
}

enum err store_device_count(struct store *store, int64_t uid, int64_t *ret)
{
	STATEMENT_AUTO statement =
		statement_get(store, SLOT_DEVICES_COUNT, "SELECT count(*) FROM devices WHERE uid = ?");
	statement_bind_integer(&statement, uid);
	return statement_count(&statement, ret);
}
