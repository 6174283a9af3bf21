#include "protocol/problem.h"

#include <string.h>

const char *const severity_names[SEVERITY_COUNT + 1] = {
	[SEVERITY_MINOR] = "Minor",
	[SEVERITY_MODERATE] = "Moderate",
	[SEVERITY_MAJOR] = "Major",
	[SEVERITY_CRITICAL] = "Critical",
};

static enum err take_fields(
	const struct command *command, int64_t at_ms, struct problem *problem, struct refusal *ret_why)
{
	const char *discovery = field_rows[FIELD_DISCOVERY_MS].name;
	command_copy_text(
		command, FIELD_PROBLEM_DESCRIPTION, problem->description, sizeof(problem->description));
	command_copy_text(command, FIELD_SOLUTION_PLAN, problem->solution, sizeof(problem->solution));
	problem->severity =
		(enum severity)command_number(command, FIELD_SEVERITY, problem->severity, problem->severity);
	problem->cost_impact =
		command_number(command, FIELD_COST_IMPACT, problem->cost_impact, PROBLEM_NO_IMPACT);
	problem->time_impact =
		command_number(command, FIELD_TIME_IMPACT, problem->time_impact, PROBLEM_NO_IMPACT);
	problem->common = command_flag(command, FIELD_IS_COMMON_PROBLEM, problem->common);
	problem->discovery_ms =
		command_number(command, FIELD_DISCOVERY_MS, problem->discovery_ms, problem->discovery_ms);
	if (command_has(command, FIELD_DISCOVERY_MS) && problem->discovery_ms > at_ms)
		return refuse(ret_why, ERR_BAD_REQUEST, discovery, "%s is in the future", discovery);
	return OK;
}

enum err problem_add(const struct command *command, const struct uuid *id, int64_t at_ms, struct problem *ret,
	struct refusal *ret_why)
{
	*ret = (struct problem){
		.id = *id,
		.version = 1,
		.cost_impact = PROBLEM_NO_IMPACT,
		.time_impact = PROBLEM_NO_IMPACT,
		.discovery_ms = at_ms,
		.created_at_ms = at_ms,
	};
	ret->group = command_uuid(command, FIELD_GROUP, ret->group);
	return take_fields(command, at_ms, ret, ret_why);
}

static bool same(const struct problem *a, const struct problem *b)
{
	return a->severity == b->severity && a->common == b->common && a->resolved == b->resolved &&
	       a->cost_impact == b->cost_impact && a->time_impact == b->time_impact &&
	       a->discovery_ms == b->discovery_ms && strcmp(a->description, b->description) == 0 &&
	       strcmp(a->solution, b->solution) == 0;
}

enum err problem_apply(const struct problem *problem, const struct command *command, int64_t at_ms,
	struct problem *ret, bool *ret_changed, struct refusal *ret_why)
{
	struct problem next = *problem;
	bool resolves = command->type == COMMAND_RESOLVE_PROBLEM;
	enum err err = take_fields(command, at_ms, &next, ret_why);
	if (err)
		return err;
	if (resolves && problem->resolved && !same(problem, &next))
		return refuse(ret_why, ERR_INVALID_STATE, NULL, "the problem has been resolved already");
	if (resolves && !problem->resolved) {
		next.resolved = true;
		next.resolved_at_ms = at_ms;
	}
	*ret_changed = !same(problem, &next);
	next.version += *ret_changed;
	*ret = next;
	return OK;
}
