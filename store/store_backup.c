/* Backups. */
#include "store/maintain.h"

#include "store/copy.h"
#include "store/place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct target {
	char path[PATH_MAX], part[PATH_MAX];
	int fd;    /* of the part */
	bool held; /* nobody else writes it */
};

static enum err refuse_target(char ret_why[256], enum err err, const char *path, const char *what)
{
	snprintf(ret_why, 256, "%.180s %s", path, what);
	return err;
}

static enum err fail_target(char ret_why[256], const char *path)
{
	snprintf(ret_why, 256, "cannot write %.160s: %s", path, strerror(errno));
	return ERR_UNAVAILABLE;
}

/* SQLite would take a log that lies there for the copy's. */
static enum err check_free(const char *path, char ret_why[256])
{
	static const char *const suffixes[] = {"", "-wal", "-journal"};
	enum err err = OK;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes) && !err; i++) {
		char name[PATH_MAX];
		err = place_beside(path, suffixes[i], name, ret_why);
		if (!err && access(name, F_OK) == 0)
			err = refuse_target(ret_why, ERR_CONFLICT, name, "is there already");
	}
	return err;
}

/* Whose file it is may read it. */
static bool is_ours(const struct target *target)
{
	struct stat held;
	return fstat(target->fd, &held) == 0 && held.st_uid == geteuid();
}

/* Whoever held the part before may have given it its name meanwhile. */
static bool is_still_there(const struct target *target)
{
	struct stat held, named;
	return fstat(target->fd, &held) == 0 && stat(target->part, &named) == 0 &&
	       held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

static enum err open_target(const char *to, struct target *target, char ret_why[256])
{
	enum err err = place_resolve(to, target->path, ret_why);
	if (!err)
		err = place_beside(target->path, ".part", target->part, ret_why);
	if (!err)
		err = check_free(target->path, ret_why);
	if (err)
		return err;
	target->fd = place_open(target->part);
	if (target->fd < 0)
		return fail_target(ret_why, target->part);
	if (!is_ours(target))
		return refuse_target(ret_why, ERR_CONFLICT, target->part, "is another user's");
	if (flock(target->fd, LOCK_EX | LOCK_NB) != 0 || !is_still_there(target))
		return refuse_target(
			ret_why, ERR_CONFLICT, target->path, "is being written by another backup");
	target->held = true;
	return ftruncate(target->fd, 0) == 0 ? OK : fail_target(ret_why, target->part);
}

/* The server goes on checkpointing while the copy is looked at. */
static enum err fill_target(const char *path, const struct target *target, char ret_why[256])
{
	struct store *source, *copy;
	enum err err = copy_open_source(path, &source, ret_why);
	if (err)
		return err;
	err = copy_make(source, target->part, target->fd, &copy, ret_why);
	store_close(source);
	if (err)
		return err;
	err = copy_check(copy);
	if (err)
		snprintf(ret_why, 256, "%s", store_message(copy));
	store_close(copy);
	return err;
}

static enum err name_target(const struct target *target, int64_t *ret_bytes, char ret_why[256])
{
	struct stat stat;
	if (fsync(target->fd) != 0 || fstat(target->fd, &stat) != 0 ||
		rename(target->part, target->path) != 0)
		return fail_target(ret_why, target->path);
	*ret_bytes = stat.st_size;
	return place_sync_folder(target->path, ret_why);
}

enum err store_backup(const char *path, const char *to, int64_t *ret_bytes, char ret_why[256])
{
	struct target target = {.fd = -1};
	enum err err = open_target(to, &target, ret_why);
	if (!err)
		err = fill_target(path, &target, ret_why);
	if (!err)
		err = name_target(&target, ret_bytes, ret_why);
	if (err && target.held)
		unlink(target.part);
	if (target.fd >= 0)
		close(target.fd);
	return err;
}
