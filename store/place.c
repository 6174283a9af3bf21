#include "store/place.h"

#include "store/maintain.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err fail(char ret_why[256], enum err err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static enum err fail(char ret_why[256], enum err err, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(ret_why, 256, format, args);
	va_end(args);
	return err;
}

enum err place_resolve(const char *path, char ret[PATH_MAX], char ret_why[256])
{
	if (realpath(path, ret))
		return OK;
	char copy[PATH_MAX], folder[PATH_MAX];
	snprintf(copy, sizeof(copy), "%s", path);
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	if (errno != ENOENT || !*name || !realpath(dirname(copy), folder))
		return fail(ret_why, ERR_UNAVAILABLE, "cannot open %.160s: %s", path, strerror(errno));
	int len = snprintf(ret, PATH_MAX, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, name);
	return len < PATH_MAX ? OK : fail(ret_why, ERR_UNAVAILABLE, "the path of the database is too long");
}

int place_open(const char *path)
{
	return open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
}

enum err place_lock(const char *path, int *ret_fd, char ret_why[256])
{
	/* An entry of our own beside the database: a lock on the file itself would meet SQLite's. */
	char name[PATH_MAX];
	enum err err = place_beside(path, ".lock", name, ret_why);
	if (err)
		return err;
	int fd = place_open(name);
	if (fd < 0)
		return fail(ret_why, ERR_UNAVAILABLE, "cannot open %.160s: %s", name, strerror(errno));
	/* Root may be the first to need it; what cannot be given away is a lock all the same. */
	bool given = store_give_owner(fd, path);
	(void)given;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		*ret_fd = fd;
		return OK;
	}
	if (errno == EWOULDBLOCK)
		err = fail(
			ret_why, ERR_CONFLICT, "another server uses this database (it holds %.160s)", name);
	else
		err = fail(ret_why, ERR_UNAVAILABLE, "cannot lock %.160s: %s", name, strerror(errno));
	close(fd);
	return err;
}

enum err place_beside(const char *path, const char *suffix, char ret[PATH_MAX], char ret_why[256])
{
	int len = snprintf(ret, PATH_MAX, "%s%s", path, suffix);
	return len < PATH_MAX ? OK : fail(ret_why, ERR_UNAVAILABLE, "the path is too long: %.160s", path);
}

enum err place_sync_folder(const char *path, char ret_why[256])
{
	char copy[PATH_MAX];
	snprintf(copy, sizeof(copy), "%s", path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool synced = fd >= 0 && fsync(fd) == 0;
	enum err err = synced ? OK
			      : fail(ret_why, ERR_INTERNAL, "cannot sync the folder of %.160s: %s", path,
					strerror(errno));
	if (fd >= 0)
		close(fd);
	return err;
}

bool store_give_owner(int fd, const char *path)
{
	struct stat owner;
	char folder[PATH_MAX];
	snprintf(folder, sizeof(folder), "%s", path);
	if (geteuid() != 0)
		return true;
	if (stat(path, &owner) != 0 && stat(dirname(folder), &owner) != 0)
		return false;
	return fchown(fd, owner.st_uid, owner.st_gid) == 0;
}
