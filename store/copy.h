/* A whole database as one read transaction sees it, put into a file of its own. Knows SQLite's backup; knows
 * no table. For the files of store/ alone. */
#ifndef LOCKSTEP_STORE_COPY_H
#define LOCKSTEP_STORE_COPY_H

#include "store/statement.h"

/* Opens the database for reading, waiting a little for a server that starts or ends: ERR_INVALID_STATE if it
 * is none of ours, or of a version that isn't known yet. An older one will do. */
enum err copy_open_source(const char *path, struct store **ret, char ret_why[256]) MUST_CHECK;
/* Fills the empty file `to`, of which the caller has the descriptor; it has no write-ahead log. *ret is
 * connected to it, and may change it. Its pages are handed to the disk piece by piece, so that nobody's sync
 * has to wait for all of them; but nothing is synced. */
enum err copy_make(
	struct store *source, const char *to, int fd, struct store **ret, char ret_why[256]) MUST_CHECK;
/* SQLite's integrity check. ERR_INTERNAL, with the first thing that it found. */
enum err copy_check(struct store *copy) MUST_CHECK;

#endif
