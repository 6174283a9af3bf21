/* Who the process is. Knows the system's users only. */
#ifndef LOCKSTEP_SERVER_PRIVILEGES_H
#define LOCKSTEP_SERVER_PRIVILEGES_H

#include "protocol/errors.h"

/* Root becomes the user of that name for good, with its groups; NULL: stays who it is. ERR_BAD_REQUEST: there
 * is no such user, or the process isn't root; ERR_INTERNAL: the system refused. *ret_why says why in one
 * line. */
enum err privileges_drop(const char *name, char ret_why[256]) MUST_CHECK;

/* ERR_BAD_REQUEST: there is no user of that name. NULL is fine. */
enum err privileges_check(const char *name, char ret_why[256]) MUST_CHECK;

#endif
