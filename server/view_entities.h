/* Single entities as JSON (rest.md), in whichever shape, and finding them. What isn't there, is deleted or
 * belongs to another path is refused in *ret_why, with OK. Engine thread only. */
#ifndef LOCKSTEP_SERVER_VIEW_ENTITIES_H
#define LOCKSTEP_SERVER_VIEW_ENTITIES_H

#include "server/views.h"

/* By query->id. */
view_fn view_session, view_group, view_task, view_problem, view_plan;

/* A session of one of these kinds (bits 1 << enum session_kind). */
enum err view_find_session(const struct turn *turn, const struct uuid *id, unsigned kinds,
	struct session *ret, struct refusal *ret_why) MUST_CHECK;
/* A group; `noun` is what its path calls one. */
enum err view_find_group(const struct turn *turn, const struct uuid *id, const char *noun, struct group *ret,
	struct refusal *ret_why) MUST_CHECK;

#endif
