/* The control face, as a tool sees it: a unix socket beside the database on which a running server is asked
 * for what only it can do. Knows one request and its answer; knows no database.
 *
 * Who may open the file may ask: it is made with mode 0600, and the kernel asks for the right to write when
 * somebody connects. */
#ifndef LOCKSTEP_SERVER_CONTROL_H
#define LOCKSTEP_SERVER_CONTROL_H

#include "protocol/errors.h"
#include "protocol/text.h"

/* Behind the database's one name (store_beside). */
#define CONTROL_SUFFIX ".control"
/* {"user":"<its id>"}: 200 with a line of what went when all of it is gone; 404: there is none. */
#define CONTROL_DELETE_USER "/control/delete-user"

/* Posts the JSON body to the socket at `path` and waits for the whole answer. ERR_NOT_FOUND: nobody listens
 * there. ERR_UNAVAILABLE: the server went before it had answered, or what came is no answer. */
enum err control_ask(const char *path, const char *route, const struct text *body, int *ret_status,
	struct text *ret_body, char ret_why[256]) MUST_CHECK;

#endif
