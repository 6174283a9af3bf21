/* What can be read over HTTP, each as a body: state, events, lists, analytics. Engine thread only. */
#ifndef LOCKSTEP_SERVER_VIEWS_H
#define LOCKSTEP_SERVER_VIEWS_H

#include "server/turn.h"

/* One of them. Appends the body; the rest as view_encode. */
typedef enum err view_fn(struct turn *turn, const struct view_query *query, struct text *out, bool *ret_waits,
	struct refusal *ret_why);

/* Appends the body. What the client asked wrongly is in *ret_why. *ret_waits: VIEW_EVENTS found nothing yet.
 */
enum err view_encode(struct turn *turn, const struct view_query *query, struct text *out, bool *ret_waits,
	struct refusal *ret_why) MUST_CHECK;

#endif
