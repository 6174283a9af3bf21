/* Restoring. What was there is folded into one file and kept under another name; the new file takes its place
 * by one rename: a power cut leaves the one or the other. */
#include "store/maintain.h"

#include "store/connection.h"
#include "store/copy.h"
#include "store/place.h"
#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More of those that were there before are kept by hand. */
#define KEPT_MAX 99

/* What may lie beside a database, and is part of it. */
static const char *const logs[] = {"-wal", "-journal"};
#define LOGS (sizeof(logs) / sizeof(*logs))

struct restore {
	char path[PATH_MAX], fresh[PATH_MAX], kept[PATH_MAX];
	int lock_fd;
	bool is_there;
	struct store *old; /* holds it against readers; NULL: there is none, or none that can be read */
};

static enum err fail(char ret_why[256], const char *what, const char *path)
{
	snprintf(ret_why, 256, "cannot %s %.160s: %s", what, path, strerror(errno));
	return ERR_UNAVAILABLE;
}

static bool is_same_file(const char *one, const char *other)
{
	struct stat a, b;
	return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* The new file. */

struct first_fault {
	char line[160];
	int count;
};

static void note_fault(void *context, const char *line)
{
	struct first_fault *first = context;
	if (!first->count++)
		snprintf(first->line, sizeof(first->line), "%s", line);
}

static enum err verify(struct store *fresh)
{
	struct first_fault first = {0};
	enum err err = store_check(fresh, note_fault, &first);
	if (err || !first.count)
		return err;
	return connection_fail(fresh, ERR_INTERNAL, "it is not whole: %s", first.line);
}

static enum err fill(const struct restore *restore, const char *from, int fd, char ret_why[256])
{
	struct store *source, *fresh;
	enum err err = copy_open_source(from, &source, ret_why);
	if (err)
		return err;
	err = copy_make(source, restore->fresh, fd, &fresh, ret_why);
	store_close(source);
	if (err)
		return err;
	err = copy_check(fresh);
	if (!err)
		err = schema_migrate(fresh);
	if (!err)
		err = verify(fresh);
	if (!err)
		err = connection_new_epoch(fresh);
	if (err)
		snprintf(ret_why, 256, "%.100s is not restored: %.130s", from, store_message(fresh));
	store_close(fresh);
	return err;
}

static enum err make_fresh(const struct restore *restore, const char *from, char ret_why[256])
{
	unlink(restore->fresh);
	int fd = open(restore->fresh, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(ret_why, "write", restore->fresh);
	bool given = store_give_owner(fd, restore->path);
	enum err err = given ? fill(restore, from, fd, ret_why) : fail(ret_why, "give away", restore->fresh);
	if (!err && fsync(fd) != 0)
		err = fail(ret_why, "sync", restore->fresh);
	close(fd);
	return err;
}

/* The old one. */

/* What it holds may be all that there is: only what is damaged is taken as it stands. */
static bool is_damage(struct store *old)
{
	switch (sqlite3_errcode(old->db) & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_IOERR:
		return true;
	default:
		return false;
	}
}

/* All of it into one file, with neither a log nor a journal beside it; and nobody reads until the other has
 * its name. */
static enum err fold(struct store *old)
{
	int64_t alone = 0;
	sqlite3_db_config(old->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	enum err err = schema_check_ours(old);
	if (!err)
		err = statement_execute(old, "PRAGMA journal_mode = DELETE");
	if (!err)
		err = statement_query(old, "SELECT journal_mode = 'delete' FROM pragma_journal_mode", &alone);
	if (!err && !alone)
		err = connection_fail(old, ERR_UNAVAILABLE, "somebody reads it");
	return err ? err : statement_execute(old, "BEGIN EXCLUSIVE");
}

static enum err hold_old(struct restore *restore, char ret_why[256])
{
	struct store *old = connection_make();
	enum err err = connection_open(old, restore->path, SQLITE_OPEN_READWRITE, NULL);
	if (!err)
		err = fold(old);
	if (!err) {
		restore->old = old;
		return OK;
	}
	bool damaged = old->db && err != ERR_INVALID_STATE && is_damage(old);
	if (!damaged)
		snprintf(ret_why, 256, "cannot put %.100s aside: %.130s", restore->path, old->message);
	store_close(old);
	return damaged ? OK : err;
}

/* The first name that is free, or was given to this very file by a restore that ended in the middle. */
static enum err choose_kept(struct restore *restore, char ret_why[256])
{
	for (int n = 1; n <= KEPT_MAX; n++) {
		char suffix[32];
		snprintf(suffix, sizeof(suffix), n > 1 ? ".before-restore-%d" : ".before-restore", n);
		enum err err = place_beside(restore->path, suffix, restore->kept, ret_why);
		if (err)
			return err;
		if (access(restore->kept, F_OK) != 0 || is_same_file(restore->kept, restore->path))
			return OK;
	}
	snprintf(ret_why, 256, "too many are kept like %.160s", restore->kept);
	return ERR_CONFLICT;
}

/* The i-th log's name beside the old database, and where that is kept. */
static enum err name_log(
	const struct restore *restore, size_t i, char from[PATH_MAX], char to[PATH_MAX], char ret_why[256])
{
	enum err err = place_beside(restore->path, logs[i], from, ret_why);
	return err ? err : place_beside(restore->kept, logs[i], to, ret_why);
}

/* A log that lies where the old one is kept, of one that was kept before, would be taken for its own. One may
 * have come there from here, by a restore that ended in the middle. */
static enum err check_kept(const struct restore *restore, char ret_why[256])
{
	char from[PATH_MAX], to[PATH_MAX];
	enum err err = OK;
	for (size_t i = 0; i < LOGS && !err; i++) {
		err = name_log(restore, i, from, to, ret_why);
		if (err || access(to, F_OK) != 0 || (!restore->old && access(from, F_OK) != 0))
			continue;
		errno = EEXIST;
		err = fail(ret_why, "keep what was there beside", to);
	}
	return err;
}

/* What stands beside a database that could not be folded goes with it. */
static enum err move_beside(const struct restore *restore, char ret_why[256])
{
	char from[PATH_MAX], to[PATH_MAX];
	enum err err = OK;
	for (size_t i = 0; i < LOGS && !err; i++) {
		err = name_log(restore, i, from, to, ret_why);
		if (!err && rename(from, to) != 0 && errno != ENOENT)
			err = fail(ret_why, "put aside", from);
	}
	if (!err)
		err = place_beside(restore->path, "-shm", from, ret_why);
	if (!err && unlink(from) != 0 && errno != ENOENT)
		err = fail(ret_why, "remove", from);
	return err;
}

static enum err keep_old(const struct restore *restore, char ret_why[256])
{
	enum err err = restore->old ? OK : move_beside(restore, ret_why);
	if (err || !restore->is_there)
		return err;
	if (link(restore->path, restore->kept) != 0 && !is_same_file(restore->path, restore->kept))
		return fail(ret_why, "keep what was there as", restore->kept);
	return place_sync_folder(restore->path, ret_why);
}

enum err store_restore_begin(const char *path, const char *from, struct restore **ret, char ret_why[256])
{
	struct restore *restore = calloc(1, sizeof(*restore));
	if (!restore)
		abort();
	restore->lock_fd = -1;
	enum err err = place_resolve(path, restore->path, ret_why);
	if (!err && is_same_file(restore->path, from)) {
		snprintf(ret_why, 256, "%.200s is the database itself", from);
		err = ERR_CONFLICT;
	}
	if (!err)
		err = place_lock(restore->path, &restore->lock_fd, ret_why);
	if (!err)
		err = place_beside(restore->path, ".restore", restore->fresh, ret_why);
	if (!err)
		err = make_fresh(restore, from, ret_why);
	if (!err)
		err = choose_kept(restore, ret_why);
	restore->is_there = access(restore->path, F_OK) == 0;
	if (!err && restore->is_there)
		err = hold_old(restore, ret_why);
	if (!err)
		err = check_kept(restore, ret_why);
	if (err)
		store_restore_end(restore);
	else
		*ret = restore;
	return err;
}

const char *store_restore_kept(const struct restore *restore)
{
	return restore->kept;
}

enum err store_restore_finish(struct restore *restore, bool *ret_kept, char ret_why[256])
{
	enum err err = keep_old(restore, ret_why);
	if (!err && rename(restore->fresh, restore->path) != 0)
		err = fail(ret_why, "put in its place", restore->fresh);
	if (!err)
		err = place_sync_folder(restore->path, ret_why);
	*ret_kept = !err && restore->is_there;
	return err;
}

void store_restore_end(struct restore *restore)
{
	if (!restore)
		return;
	store_close(restore->old);
	/* Not there any more when it has its place. */
	if (restore->lock_fd >= 0) {
		unlink(restore->fresh);
		close(restore->lock_fd);
	}
	free(restore);
}
