#include "store/connection.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct store *connection_make(void)
{
	struct store *store = calloc(1, sizeof(*store));
	if (!store)
		abort();
	store->lock_fd = store->log_fd = store->checkpoint.fd = -1;
	store->recent = recent_create();
	return store;
}

enum err connection_fail(struct store *store, enum err err, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(store->message, sizeof(store->message), format, args);
	va_end(args);
	/* What SQLite's integrity check finds has several lines. */
	for (char *end; (end = strchr(store->message, '\n'));)
		*end = ' ';
	return err;
}

enum err connection_open(struct store *store, const char *path, int flags, const char *layer)
{
	flags |= SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
	int rc = sqlite3_open_v2(path, &store->db, flags, layer);
	if (!store->db)
		return connection_fail(store, ERR_INTERNAL, "no memory for the database");
	if (rc != SQLITE_OK)
		return statement_error(store, rc, path);
	static const struct {
		int option, value;
	} config[] = {
		{SQLITE_DBCONFIG_DEFENSIVE, 1},
		{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
		{SQLITE_DBCONFIG_ENABLE_FKEY, 1},
		{SQLITE_DBCONFIG_DQS_DDL, 0},
		{SQLITE_DBCONFIG_DQS_DML, 0},
	};
	for (size_t i = 0; i < sizeof(config) / sizeof(*config); i++) {
		int now = -1;
		rc = sqlite3_db_config(store->db, config[i].option, config[i].value, &now);
		if (rc != SQLITE_OK || now != config[i].value)
			return connection_fail(
				store, ERR_INTERNAL, "this SQLite lacks option %d", config[i].option);
	}
	return OK;
}

static enum err write_epoch(struct store *store, const char *conflict)
{
	unsigned char random[16];
	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return connection_fail(store, ERR_INTERNAL, "no randomness: %s", strerror(errno));
	char sql[160], hex[33];
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(hex + 2 * i, 3, "%02x", random[i]);
	snprintf(sql, sizeof(sql), "INSERT INTO meta (name, value) VALUES ('epoch', '%s') ON CONFLICT %s",
		hex, conflict);
	return statement_execute(store, sql);
}

enum err connection_new_epoch(struct store *store)
{
	return write_epoch(store, "(name) DO UPDATE SET value = excluded.value");
}

enum err connection_load_epoch(struct store *store)
{
	enum err err = write_epoch(store, "DO NOTHING");
	if (err)
		return err;
	static const char select[] = "SELECT value FROM meta WHERE name = 'epoch'";
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(store->db, select, -1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		snprintf(
			store->epoch, sizeof(store->epoch), "%s", (const char *)sqlite3_column_text(stmt, 0));
	else
		err = statement_error(store, rc, select);
	sqlite3_finalize(stmt);
	return err;
}
