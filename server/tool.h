/* The subcommands, `lockstepd NAME …`: a table of them, and what they share. A new one is a row in tool.c and
 * a file of its own. */
#ifndef LOCKSTEP_SERVER_TOOL_H
#define LOCKSTEP_SERVER_TOOL_H

#include "protocol/errors.h"
#include "server/options.h"

enum { EXIT_RUNTIME = 1 }; /* beside enum options_exit: operations.md */

struct tool {
	const char *name;
	const char *usage; /* what follows the name */
	const char *help;  /* what it does, in a line */
	/* argv[0] is the name. Returns the exit code. */
	int (*run)(const struct tool *tool, int argc, char *const *argv);
};
extern const struct tool tool_rows[]; /* one without a name ends them */

/* NULL: there is none of that name. */
const struct tool *tool_find(const char *name);
/* "       lockstepd token --db FILE …", a line each. */
void tool_print_usages(FILE *out);

/* --name VALUE. Those that are not given keep what was in *value. */
struct tool_flag {
	const char *name;   /* NULL, the last one's: what stands alone, such as a file */
	const char **value; /* becomes one of argv's */
	bool needed;
};
/* False, with a line on stderr: unknown, without its value, or one that is needed is missing. */
bool tool_read_flags(const struct tool *tool, int argc, char *const *argv, const struct tool_flag *flags,
	size_t count) MUST_CHECK;

/* Says in one line on stderr what is wrong where there is no log. Returns the exit code. */
int tool_complain(int exit_code, const char *why);

/* The rows' functions, each in tool_NAME.c. */
int tool_help(const struct tool *tool, int argc, char *const *argv);
int tool_token(const struct tool *tool, int argc, char *const *argv);
int tool_backup(const struct tool *tool, int argc, char *const *argv);
int tool_restore(const struct tool *tool, int argc, char *const *argv);
int tool_check_db(const struct tool *tool, int argc, char *const *argv);
int tool_delete_user(const struct tool *tool, int argc, char *const *argv);
int tool_replay(const struct tool *tool, int argc, char *const *argv);
int tool_export(const struct tool *tool, int argc, char *const *argv);

#endif
