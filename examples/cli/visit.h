/* One visit to the server, as most commands make: come, find what is meant, say what shall be, tell what came
 * of it, go. Speaks to the person about whatever fails. */
#ifndef LOCKSTEP_CLI_VISIT_H
#define LOCKSTEP_CLI_VISIT_H

#include "examples/cli/args.h"
#include "examples/cli/mirror.h"

struct visit {
	const struct args *args;
	struct mirror mirror;
	int64_t until_ms; /* now_boot_ms() */
};

/* Which sessions are meant rather than others of the same name. */
enum visit_wish { VISIT_ANY, VISIT_RUNNING, VISIT_HALTED };

/* Live, and the replica is filled. On failure nothing is open. */
MUST_USE enum code visit_begin(struct visit *visit, const struct args *args, const struct config *config);
void visit_end(struct visit *visit);
/* How long is left of --timeout, at least a little. */
int64_t visit_left_ms(const struct visit *visit);
/* The session of that name; the pointer holds until the next command. CODE_NAME when there is none, or more
 * than one. */
MUST_USE enum code visit_find(
	const struct visit *visit, const char *name, enum visit_wish wish, const struct session **ret);
/* The only one that runs. */
MUST_USE enum code visit_find_running(const struct visit *visit, const struct session **ret);
MUST_USE enum code visit_find_group(const struct visit *visit, const char *name, struct uuid *ret);
/* Sends the command, given without its closing brace; CODE_REFUSED when the server refuses. */
MUST_USE enum code visit_do(struct visit *visit, const struct text *command, struct verdict *ret);
/* Begins a command about a session: {"type":"…","session":"…" */
void visit_append_command(struct text *out, const char *type, const struct uuid *session);
/* Says how the session of the verdict is now, as a line or with --json. */
void visit_tell(const struct visit *visit, const struct verdict *verdict);

#endif
