/* Finding what a command names: its target, and the other entities that it mentions. Engine thread only. */
#ifndef LOCKSTEP_SERVER_TARGET_H
#define LOCKSTEP_SERVER_TARGET_H

#include "server/road.h"

/* One command on its way. A refusal ends it with err OK and outcome->why set: walk_refused tells. */
struct walk {
	struct turn *turn;
	const struct errand *errand;
	const struct command *command;
	const struct command_row *row;
	struct outcome *outcome;
	int64_t at_ms;
	int64_t version; /* the target's; 0 for what is to be added */
	/* What was found: the target, by row->target, what the command mentions, and the session of a task.
	 */
	struct session session;
	struct group group;
	struct task task;
	struct problem problem;
	struct plan plan;
};

static inline bool walk_refused(const struct walk *walk)
{
	return walk->outcome->why.code != OK;
}

/* Loads all of it, and chooses the id of what is to be added. What isn't there, or isn't to be had, is
 * refused in walk->outcome->why. */
enum err target_find(struct walk *walk) MUST_CHECK;

/* Appends the entity that the outcome is about as it now is, in that shape. */
enum err target_encode(struct turn *turn, struct text *out, enum shape shape, enum entity entity,
	const struct uuid *id) MUST_CHECK;

#endif
