/* The local issuer's key goes with its database: `<db>.key`. Knows files; knows nothing of keys. */
#ifndef LOCKSTEP_SERVER_KEY_COPY_H
#define LOCKSTEP_SERVER_KEY_COPY_H

#include "protocol/errors.h"

/* Puts a copy of `<from>.key` at `<to>.key`, 0600 and on disk. *ret_made false: there is none, or the same is
 * there already. Another one that is there is ERR_CONFLICT. With `kept`, the copy is the one to be used: it
 * belongs to whom the database does, and another one becomes `<kept>.key` and makes way. *ret_why says what
 * failed in one line. */
enum err key_copy(
	const char *from, const char *to, const char *kept, bool *ret_made, char ret_why[256]) MUST_CHECK;
/* Whether there is a `<db>.key`. */
bool key_is_there(const char *db);
void key_remove(const char *db);

#endif
