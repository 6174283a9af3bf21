/* Where a database lies: the one name of its file, the lock beside it, and its folder. Knows paths and files;
 * knows no SQLite. For the files of store/ alone. Each puts what fails into *ret_why, in one line. */
#ifndef LOCKSTEP_STORE_PLACE_H
#define LOCKSTEP_STORE_PLACE_H

#include "protocol/errors.h"

#include <limits.h>
#include <sys/types.h>

/* The one name of the file, which need not be there yet, so that everybody locks the same entry, whichever
 * way it was told. */
enum err place_resolve(const char *path, char ret[PATH_MAX], char ret_why[256]) MUST_CHECK;
/* A file of 0600 to read and write, made if it isn't there; -1 with errno. */
int place_open(const char *path);
/* Holds `<path>.lock`, of a resolved path, until *ret_fd is closed: whoever writes to the database does.
 * ERR_CONFLICT: a server does now. */
enum err place_lock(const char *path, int *ret_fd, char ret_why[256]) MUST_CHECK;
/* The path with something behind it. ERR_UNAVAILABLE: it becomes too long. */
enum err place_beside(const char *path, const char *suffix, char ret[PATH_MAX], char ret_why[256]) MUST_CHECK;
/* Waits until the names in the folder that the path is in are on disk. */
enum err place_sync_folder(const char *path, char ret_why[256]) MUST_CHECK;

#endif
