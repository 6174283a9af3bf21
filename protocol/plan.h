/* A training plan as a plain value, and what its commands do. Pure. Rules: domain.md section 5. */
#ifndef LOCKSTEP_PROTOCOL_PLAN_H
#define LOCKSTEP_PROTOCOL_PLAN_H

#include "protocol/command.h"

struct plan {
	struct uuid id;
	int64_t version;
	bool deleted, has_sessions;
	int64_t created_at_ms, updated_at_ms;
	const char *structure; /* minified JSON object; borrowed from the command or the store */
	char name[LIMIT_BYTES(LIMIT_NAME_CHARS)];
};

void plan_add(const struct command *command, const struct uuid *id, int64_t at_ms, struct plan *ret);
/* editPlan and deletePlan. True, with the plan after it, if it changes. */
bool plan_apply(const struct plan *plan, const struct command *command, int64_t at_ms, struct plan *ret);
/* A session was made from it. True, with the plan after it, if it was the first one. */
bool plan_use(const struct plan *plan, int64_t at_ms, struct plan *ret);

#endif
