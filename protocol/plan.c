#include "protocol/plan.h"

#include <string.h>

void plan_add(const struct command *command, const struct uuid *id, int64_t at_ms, struct plan *ret)
{
	*ret = (struct plan){.id = *id, .version = 1, .created_at_ms = at_ms, .updated_at_ms = at_ms};
	command_copy_text(command, FIELD_NAME, ret->name, sizeof(ret->name));
	ret->structure = command_text(command, FIELD_STRUCTURE, NULL);
}

static bool changed_at(const struct plan *plan, struct plan *next, int64_t at_ms)
{
	bool same = plan->deleted == next->deleted && plan->has_sessions == next->has_sessions &&
		    command_same_text(plan->structure, next->structure) &&
		    strcmp(plan->name, next->name) == 0;
	if (same)
		return false;
	next->version++;
	if (at_ms > next->updated_at_ms)
		next->updated_at_ms = at_ms;
	return true;
}

bool plan_apply(const struct plan *plan, const struct command *command, int64_t at_ms, struct plan *ret)
{
	*ret = *plan;
	command_copy_text(command, FIELD_NAME, ret->name, sizeof(ret->name));
	ret->structure = command_text(command, FIELD_STRUCTURE, plan->structure);
	if (command->type == COMMAND_DELETE_PLAN)
		ret->deleted = true;
	return changed_at(plan, ret, at_ms);
}

bool plan_use(const struct plan *plan, int64_t at_ms, struct plan *ret)
{
	*ret = *plan;
	ret->has_sessions = true;
	return changed_at(plan, ret, at_ms);
}
