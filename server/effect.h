/* What each command does once nothing stands against it but state and limits: its writes, its event, its
 * result's fields. Engine thread only. */
#ifndef LOCKSTEP_SERVER_EFFECT_H
#define LOCKSTEP_SERVER_EFFECT_H

#include "server/road.h"

/* One command on its way. A refusal ends it with err OK and outcome->why set: walk_refused tells. */
struct walk {
	struct turn *turn;
	const struct errand *errand;
	const struct command *command;
	const struct command_row *row;
	struct outcome *outcome;
	int64_t at_ms;
	struct session session; /* the target, by row->target */
	struct group group;
};

static inline bool walk_refused(const struct walk *walk)
{
	return walk->outcome->why.code != OK;
}

/* Does what the command says. What state or limits refuse is in walk->outcome->why. */
enum err effect_take(struct walk *walk) MUST_CHECK;

#endif
