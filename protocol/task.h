/* A task of a work session as a plain value, and what its commands do. Pure. Rules: domain.md section 5. */
#ifndef LOCKSTEP_PROTOCOL_TASK_H
#define LOCKSTEP_PROTOCOL_TASK_H

#include "protocol/session.h"

/* How well it was done; 000's names. */
enum quality { QUALITY_EXCELLENT, QUALITY_GOOD, QUALITY_ACCEPTABLE, QUALITY_NEEDS_REWORK, QUALITY_COUNT };
extern const char *const quality_names[QUALITY_COUNT + 1]; /* NULL at the end */

struct task {
	struct uuid id, session;
	int64_t version;
	bool deleted, completed;
	enum quality quality; /* of a completed one */
	bool rework;
	int64_t start_ms, completed_at_ms, created_at_ms;
	/* Running time of its session since start_ms: up to completion, or up to when it was measured. */
	int64_t time_ms;
	const char *challenges; /* or NULL; borrowed from the command or the store */
	char description[LIMIT_BYTES(LIMIT_TASK_CHARS)];
};

/* "Pending" or "Completed". */
const char *task_status_name(const struct task *task);

/* addTask: refuses a session that takes none, or a start outside of it. */
enum err task_add(const struct command *command, const struct uuid *id, const struct session *session,
	int64_t at_ms, struct task *ret, struct refusal *ret_why) MUST_CHECK;
/* editTask, completeTask, deleteTask. time_ms is the running time of its session from its start to at_ms.
 * *ret_changed false: it was so already. */
enum err task_apply(const struct task *task, const struct session *session, const struct command *command,
	int64_t at_ms, int64_t time_ms, struct task *ret, bool *ret_changed,
	struct refusal *ret_why) MUST_CHECK;

#endif
