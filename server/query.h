/* The parameters of a read over HTTP, read strictly: which there are, where each may stand, its bounds. Knows
 * names and numbers only. */
#ifndef LOCKSTEP_SERVER_QUERY_H
#define LOCKSTEP_SERVER_QUERY_H

#include "server/engine.h"

/* The longest a read of events may wait (protocol.md section 7). */
#define QUERY_WAIT_MS 30000

/* Reads parameters ("name=value", decoded) for view->kind into *view; *ret_wait_ms is how long an empty page
 * of events may wait. An unknown or repeated parameter, or a value out of its bounds, is refused, naming it.
 */
enum err query_read(const char *const *texts, size_t count, struct view_query *view, int64_t *ret_wait_ms,
	struct refusal *ret_why) MUST_CHECK;

/* For what takes no parameters: refuses the first one, if any. */
enum err query_refuse(const char *const *texts, size_t count, struct refusal *ret_why) MUST_CHECK;

#endif
