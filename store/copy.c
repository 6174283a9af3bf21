#include "store/copy.h"

#include "store/connection.h"
#include "store/maintain.h"
#include "store/schema.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* A server that starts or ends holds the file for a moment. */
#define BUSY_MS 5000
/* Four megabytes. */
#define PIECE_PAGES 2048

/* Words that outlive the store. */
static enum err give_up(struct store *store, enum err err, char ret_why[256])
{
	memcpy(ret_why, store->message, sizeof(store->message));
	store_close(store);
	return err;
}

static enum err check_source(struct store *store)
{
	int64_t objects = 0;
	sqlite3_busy_timeout(store->db, BUSY_MS);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	enum err err = statement_execute(store, "PRAGMA mmap_size = 0");
	if (!err)
		err = schema_check(store);
	if (!err)
		err = statement_query(store, "SELECT count(*) FROM sqlite_schema", &objects);
	if (!err && !objects)
		err = connection_fail(store, ERR_INVALID_STATE, "there is nothing in it");
	return err;
}

enum err copy_open_source(const char *path, struct store **ret, char ret_why[256])
{
	struct store *store = connection_make();
	enum err err = connection_open(store, path, SQLITE_OPEN_READONLY, NULL);
	if (!err)
		err = check_source(store);
	if (err) {
		char what[256];
		memcpy(what, store->message, sizeof(what));
		snprintf(store->message, sizeof(store->message), "cannot read %.120s: %.110s", path, what);
		return give_up(store, err, ret_why);
	}
	*ret = store;
	return OK;
}

enum err store_open_reading(const char *path, struct store **ret, char ret_why[256])
{
	struct store *store;
	enum err err = copy_open_source(path, &store, ret_why);
	if (err)
		return err;
	err = schema_check_current(store);
	if (err)
		return give_up(store, err, ret_why);
	*ret = store;
	return OK;
}

/* Within a read transaction of the source's: writers beside it don't make it begin anew. */
static int step_all(sqlite3_backup *backup, int fd)
{
	int rc = SQLITE_OK;
	while (rc == SQLITE_OK) {
		rc = sqlite3_backup_step(backup, PIECE_PAGES);
		/* What the disk makes of it, the sync at the end tells. */
		(void)sync_file_range(fd, 0, 0,
			SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
	}
	return rc;
}

static enum err copy_pages(struct store *source, struct store *copy, int fd)
{
	enum err err = statement_execute(source, "BEGIN; PRAGMA schema_version");
	if (err)
		return connection_fail(copy, err, "%s", source->message);
	sqlite3_backup *backup = sqlite3_backup_init(copy->db, "main", source->db, "main");
	int rc = backup ? step_all(backup, fd) : sqlite3_extended_errcode(copy->db);
	sqlite3_backup_finish(backup);
	err = rc == SQLITE_DONE ? OK : statement_error(copy, rc, "copying the database");
	if (!err)
		err = statement_execute(source, "COMMIT");
	return err;
}

/* The source's header says that there is a log: the copy, a file alone, must do without, wherever it is put.
 * Held exclusively, it needs no shared memory. */
static enum err copy_all(struct store *source, struct store *copy, int fd)
{
	int64_t alone = 0;
	enum err err = statement_execute(copy,
		"PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY");
	if (!err)
		err = copy_pages(source, copy, fd);
	if (!err)
		err = statement_execute(copy, "PRAGMA journal_mode = MEMORY");
	if (!err)
		err = statement_query(
			copy, "SELECT journal_mode = 'memory' FROM pragma_journal_mode", &alone);
	if (!err && !alone)
		err = connection_fail(copy, ERR_INTERNAL, "the copy keeps its write-ahead log");
	return err;
}

enum err copy_make(struct store *source, const char *to, int fd, struct store **ret, char ret_why[256])
{
	struct store *copy = connection_make();
	enum err err = connection_open(copy, to, SQLITE_OPEN_READWRITE, NULL);
	if (!err)
		err = copy_all(source, copy, fd);
	if (err)
		return give_up(copy, err, ret_why);
	*ret = copy;
	return OK;
}

enum err copy_check(struct store *copy)
{
	static const char sql[] = "SELECT integrity_check FROM pragma_integrity_check(1)";
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(copy->db, sql, -1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	enum err err = OK;
	const char *found = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
	if (!found)
		err = statement_error(copy, rc, "integrity_check");
	else if (strcmp(found, "ok") != 0)
		err = connection_fail(copy, ERR_INTERNAL, "the copy is damaged: %s", found);
	sqlite3_finalize(stmt);
	return err;
}
