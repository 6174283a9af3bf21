#include "store/store.h"

#include "store/connection.h"
#include "store/gather.h"
#include "store/place.h"
#include "store/schema.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* SQLite gives its other files the mode of this one. Under our lock nobody of this process has it open;
 * closing it would drop SQLite's locks. */
static enum err make_file(struct store *store, const char *path)
{
	int fd = place_open(path);
	if (fd < 0)
		return connection_fail(
			store, ERR_UNAVAILABLE, "cannot open %.160s: %s", path, strerror(errno));
	close(fd);
	return OK;
}

static int on_commit(void *context, sqlite3 *db, const char *name, int pages)
{
	(void)db;
	(void)name;
	((struct store *)context)->wal_pages = pages;
	return SQLITE_OK;
}

static enum err connect_file(struct store *store, const char *path)
{
	/* To count its memory, which nobody asks for, SQLite takes a lock for every piece. It can be told
	 * before its first use in the process only; later it goes on counting. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (gather_register())
		return connection_fail(store, ERR_INTERNAL, "SQLite takes no layer for its files");
	return connection_open(store, path, SQLITE_OPEN_READWRITE, GATHER_VFS);
}

/* What must hold is read back: SQLite ignores a pragma that it doesn't know or cannot follow. */
static enum err configure(struct store *store)
{
	static const struct {
		const char *set, *get;
		int64_t want;
	} settings[] = {
		{"PRAGMA synchronous = FULL", "PRAGMA synchronous", 2},
		{"PRAGMA foreign_keys = ON", "PRAGMA foreign_keys", 1},
		{"PRAGMA temp_store = MEMORY", "PRAGMA temp_store", 2},
		/* What is deleted is gone from the file too, and not just out of sight. */
		{"PRAGMA secure_delete = ON", "PRAGMA secure_delete", 1},
		{"PRAGMA busy_timeout = 0", "PRAGMA busy_timeout", 0},
		{"PRAGMA wal_autocheckpoint = 0", "PRAGMA wal_autocheckpoint", 0},
		{"PRAGMA mmap_size = 0", "PRAGMA mmap_size", 0},
		{"PRAGMA cache_size = -16384", "PRAGMA cache_size", -16384},
		{"PRAGMA page_size = 2048; PRAGMA journal_mode = WAL",
			"SELECT journal_mode = 'wal' FROM pragma_journal_mode", 1},
	};
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		int64_t value = -1;
		enum err err = statement_execute(store, settings[i].set);
		if (!err)
			err = statement_query(store, settings[i].get, &value);
		if (err)
			return err;
		if (value != settings[i].want)
			return connection_fail(store, ERR_INTERNAL, "%s has no effect", settings[i].set);
	}
	sqlite3_wal_hook(store->db, on_commit, store);
	return OK;
}

/* SQLite's own file of the log, and a descriptor of ours: no other thread touches what is SQLite's. */
static enum err open_log(struct store *store, const char *path)
{
	char name[PATH_MAX + 8];
	snprintf(name, sizeof(name), "%s-wal", path);
	store->log_fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (store->log_fd < 0)
		return connection_fail(
			store, ERR_UNAVAILABLE, "cannot open %.160s: %s", name, strerror(errno));
	int rc = sqlite3_file_control(store->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &store->log);
	return rc == SQLITE_OK ? OK : statement_error(store, rc, name);
}

enum err store_beside(const char *path, const char *suffix, char ret[PATH_MAX], char ret_why[256])
{
	char name[PATH_MAX];
	enum err err = place_resolve(path, name, ret_why);
	return err ? err : place_beside(name, suffix, ret, ret_why);
}

enum err store_open(const char *path, struct store **ret, char ret_why[256])
{
	struct store *store = connection_make();
	char name[PATH_MAX];
	enum err err = place_resolve(path, name, store->message);
	if (err)
		goto fail;
	err = place_lock(name, &store->lock_fd, store->message);
	if (err)
		goto fail;
	err = make_file(store, name);
	if (err)
		goto fail;
	err = connect_file(store, name);
	if (err)
		goto fail;
	err = schema_check(store);
	if (err)
		goto fail;
	err = configure(store);
	if (err)
		goto fail;
	err = schema_migrate(store);
	if (err)
		goto fail;
	err = connection_load_epoch(store);
	if (err)
		goto fail;
	err = open_log(store, name);
	if (err)
		goto fail;
	checkpoint_open(&store->checkpoint, name);
	*ret = store;
	return OK;
fail:
	snprintf(ret_why, sizeof(store->message), "%s", store->message);
	store_close(store);
	return err;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	statement_close_all(store);
	checkpoint_end(&store->checkpoint);
	if (store->db && store->epoch[0] && !store->checkpoint.failed)
		sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_close(store->db);
	checkpoint_close(&store->checkpoint);
	if (store->log_fd >= 0)
		close(store->log_fd);
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	arena_finish(&store->arena);
	recent_destroy(store->recent);
	free(store);
}

const char *store_message(const struct store *store)
{
	return store->message;
}

const char *store_epoch(const struct store *store)
{
	return store->epoch;
}

static enum err begin(struct store *store, enum slot slot, const char *sql)
{
	assert(!store->in_transaction);
	STATEMENT_AUTO statement = statement_get(store, slot, sql);
	enum err err = statement_row(&statement);
	if (err != ERR_NOT_FOUND)
		return err;
	store->in_transaction = true;
	return OK;
}

enum err store_begin(struct store *store)
{
	return begin(store, SLOT_BEGIN, "BEGIN IMMEDIATE");
}

enum err store_begin_reading(struct store *store)
{
	return begin(store, SLOT_BEGIN_READING, "BEGIN");
}

bool store_wrote(const struct store *store)
{
	return sqlite3_txn_state(store->db, NULL) == SQLITE_TXN_WRITE;
}

void store_rollback(struct store *store)
{
	store->in_transaction = false;
	store->failed = OK;
	arena_clear(&store->arena);
	recent_clear(store->recent);
	if (sqlite3_get_autocommit(store->db))
		return; /* SQLite has done it by itself */
	char message[sizeof(store->message)];
	memcpy(message, store->message, sizeof(message));
	STATEMENT_AUTO statement = statement_get(store, SLOT_ROLLBACK, "ROLLBACK");
	/* Undoing needs no room and no writing; should it fail, the next begin says so. */
	(void)!statement_row(&statement);
	memcpy(store->message, message, sizeof(message));
}

enum err store_commit(struct store *store)
{
	assert(store->in_transaction);
	STATEMENT_AUTO statement = statement_get(store, SLOT_COMMIT, "COMMIT");
	enum err err = statement_row(&statement);
	if (err != ERR_NOT_FOUND) {
		store_rollback(store);
		return err;
	}
	store->in_transaction = false;
	arena_clear(&store->arena);
	return OK;
}

enum err store_commit_unsynced(struct store *store, bool *ret_left)
{
	gather_leave_syncs(store->log, true);
	enum err err = store_commit(store);
	gather_leave_syncs(store->log, false);
	if (!err)
		*ret_left = gather_has_left(store->log);
	return err;
}

enum err store_sync(const struct store *store)
{
	return fdatasync(store->log_fd) == 0 ? OK : ERR_INTERNAL;
}

enum err store_checkpoint(struct store *store, bool idle)
{
	assert(!store->in_transaction);
	int pages = store->wal_pages;
	if (checkpoint_run(&store->checkpoint, store->db, &store->wal_pages, idle)) {
		store->checkpoints += pages > 0 && store->wal_pages == 0;
		return OK;
	}
	return connection_fail(store, ERR_INTERNAL, "a sync of a checkpoint failed");
}

int64_t store_checkpoints(const struct store *store)
{
	return store->checkpoints;
}

void store_give_up(struct store *store)
{
	checkpoint_give_up(&store->checkpoint, store->db);
}

enum err store_probe(struct store *store)
{
	enum err err = store_begin(store);
	if (err)
		return err;
	STATEMENT_AUTO statement = statement_get(store, SLOT_PROBE,
		"INSERT INTO meta (name, value) VALUES ('probe', 0) ON CONFLICT (name) DO UPDATE SET value = "
		"0");
	err = statement_run(&statement);
	statement_finish(&statement);
	if (!err)
		return store_commit(store);
	store_rollback(store);
	return err;
}
