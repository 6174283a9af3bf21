/* A connection to a SQLite file, set up as each of ours is. Knows sqlite3's settings; knows no table. For the
 * files of store/ alone. */
#ifndef LOCKSTEP_STORE_CONNECTION_H
#define LOCKSTEP_STORE_CONNECTION_H

#include "store/statement.h"

/* A store that has nothing open yet; store_close ends it, however far it got. */
struct store *connection_make(void);
/* Opens the file with SQLite's flags, through that layer or, with NULL, its usual one. */
enum err connection_open(struct store *store, const char *path, int flags, const char *layer) MUST_CHECK;
/* What goes wrong beside SQLite: notes the words, returns `err`. */
enum err connection_fail(struct store *store, enum err err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The identity of the log: made once, by the first to ask. */
enum err connection_load_epoch(struct store *store) MUST_CHECK;
/* A new identity for the log: whoever knows the old one gets a snapshot. Within a transaction or not. */
enum err connection_new_epoch(struct store *store) MUST_CHECK;

#endif
