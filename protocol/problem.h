/* A problem found on a project as a plain value, and what its commands do. Pure. Rules: domain.md section 5.
 */
#ifndef LOCKSTEP_PROTOCOL_PROBLEM_H
#define LOCKSTEP_PROTOCOL_PROBLEM_H

#include "protocol/command.h"

/* 000's names. */
enum severity { SEVERITY_MINOR, SEVERITY_MODERATE, SEVERITY_MAJOR, SEVERITY_CRITICAL, SEVERITY_COUNT };
extern const char *const severity_names[SEVERITY_COUNT + 1]; /* NULL at the end */

#define PROBLEM_NO_IMPACT (-1)

struct problem {
	struct uuid id, group;
	int64_t version;
	enum severity severity;
	bool common, resolved;
	int64_t cost_impact, time_impact; /* hundredths, or PROBLEM_NO_IMPACT */
	int64_t discovery_ms, resolved_at_ms, created_at_ms;
	char description[LIMIT_BYTES(LIMIT_PROBLEM_CHARS)];
	char solution[LIMIT_BYTES(LIMIT_SOLUTION_CHARS)];
};

/* reportProblem: refuses a discovery in the future. */
enum err problem_add(const struct command *command, const struct uuid *id, int64_t at_ms, struct problem *ret,
	struct refusal *ret_why) MUST_CHECK;
/* editProblem and resolveProblem. *ret_changed false: it was so already. */
enum err problem_apply(const struct problem *problem, const struct command *command, int64_t at_ms,
	struct problem *ret, bool *ret_changed, struct refusal *ret_why) MUST_CHECK;

#endif
