#include "server/key_copy.h"

#include "store/maintain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A key takes about 240; what is longer is none. */
#define KEY_BYTES_MAX 8192

struct key_file {
	char path[PATH_MAX];
	ssize_t len; /* -1: it cannot be read; errno says why */
	char bytes[KEY_BYTES_MAX + 1];
};

static enum err fail(char ret_why[256], const char *what, const char *path)
{
	snprintf(ret_why, 256, "cannot %s %.160s: %s", what, path, strerror(errno));
	return ERR_UNAVAILABLE;
}

static void name(const char *db, struct key_file *ret)
{
	snprintf(ret->path, sizeof(ret->path), "%s.key", db);
}

static void load(struct key_file *file)
{
	int fd = open(file->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	file->len = fd < 0 ? -1 : read(fd, file->bytes, sizeof(file->bytes));
	int error = file->len > KEY_BYTES_MAX ? EFBIG : errno;
	if (error == EFBIG)
		file->len = -1;
	if (fd >= 0)
		close(fd);
	errno = error;
}

static bool is_same(const struct key_file *one, const struct key_file *other)
{
	return one->len == other->len && memcmp(one->bytes, other->bytes, (size_t)one->len) == 0;
}

/* `owned_as`: a database, or NULL where whoever runs this is to have it. */
static enum err write_part(
	const char *part, const struct key_file *from, const char *owned_as, char ret_why[256])
{
	unlink(part);
	int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write(fd, from->bytes, (size_t)from->len) == from->len &&
		  (!owned_as || store_give_owner(fd, owned_as)) && fsync(fd) == 0;
	enum err err = ok ? OK : fail(ret_why, "write", part);
	if (fd >= 0)
		close(fd);
	return err;
}

static enum err make_way(const struct key_file *there, const char *kept, char ret_why[256])
{
	struct key_file aside;
	if (!kept) {
		snprintf(ret_why, 256, "%.180s is there already, and is another key", there->path);
		return ERR_CONFLICT;
	}
	name(kept, &aside);
	if (link(there->path, aside.path) == 0)
		return OK;
	/* It may have got that name when this was begun before. */
	int error = errno;
	load(&aside);
	if (error == EEXIST && is_same(there, &aside))
		return OK;
	errno = error;
	return fail(ret_why, "keep the old key as", aside.path);
}

enum err key_copy(const char *from, const char *to, const char *kept, bool *ret_made, char ret_why[256])
{
	struct key_file source, target;
	char part[PATH_MAX + 8];
	*ret_made = false;
	name(from, &source);
	name(to, &target);
	load(&source);
	if (source.len < 0)
		return errno == ENOENT ? OK : fail(ret_why, "read", source.path);
	load(&target);
	if (target.len < 0 && errno != ENOENT)
		return fail(ret_why, "read", target.path);
	if (is_same(&source, &target))
		return OK;
	enum err err = target.len < 0 ? OK : make_way(&target, kept, ret_why);
	snprintf(part, sizeof(part), "%s.part", target.path);
	if (!err)
		err = write_part(part, &source, kept ? to : NULL, ret_why);
	if (!err && rename(part, target.path) != 0)
		err = fail(ret_why, "write", target.path);
	*ret_made = !err;
	return err;
}

bool key_is_there(const char *db)
{
	struct key_file file;
	name(db, &file);
	return access(file.path, F_OK) == 0;
}

void key_remove(const char *db)
{
	struct key_file file;
	name(db, &file);
	unlink(file.path);
}
