#include "server/tool.h"

#include <assert.h>
#include <getopt.h>
#include <string.h>

/* A tool has a handful. */
#define FLAGS_MAX 16

/* clang-format off */
const struct tool tool_rows[] = {
	{"help", "[COMMAND | commands | conf | manual [conf]]",
		"print the options, a command's usage, what clients may say (JSON), a file of defaults, or a manual page as roff",
		tool_help},
	{"token", "--db FILE --user ID [--name N] [--email E] [--minutes 60]",
		"print a token of the server's own for that user", tool_token},
	{"backup", "--db FILE --to FILE",
		"copy a database to a file, beside a running server too", tool_backup},
	{"restore", "--db FILE --from FILE",
		"put a backup in a database's place; no server may use it", tool_restore},
	{"check-db", "--db FILE", "look whether a database is whole and all in it fits together",
		tool_check_db},
	{"delete-user", "--db FILE --user ID",
		"delete all that a user has, also while the server runs", tool_delete_user},
	{"replay", "[--db FILE] TRACE",
		"play a trace of commands in an empty database, or a copy of one, and say what comes of it",
		tool_replay},
	{"export", "--db FILE --user ID [--to FILE]", "write all that is kept of a person as JSON",
		tool_export},
	{0},
};
/* clang-format on */

const struct tool *tool_find(const char *name)
{
	for (const struct tool *tool = tool_rows; tool->name; tool++) {
		if (strcmp(tool->name, name) == 0)
			return tool;
	}
	return NULL;
}

void tool_print_usages(FILE *out)
{
	for (const struct tool *tool = tool_rows; tool->name; tool++)
		fprintf(out, "       lockstepd %s %s\n", tool->name, tool->usage);
}

int tool_complain(int exit_code, const char *why)
{
	fprintf(stderr, "lockstepd: %s\n", why);
	return exit_code;
}

static bool misuse(const struct tool *tool, const char *what, const char *flag)
{
	fprintf(stderr, "lockstepd: %s: %s%s; it is: lockstepd %s %s\n", tool->name, what, flag, tool->name,
		tool->usage);
	return false;
}

bool tool_read_flags(
	const struct tool *tool, int argc, char *const *argv, const struct tool_flag *flags, size_t count)
{
	struct option long_options[FLAGS_MAX + 1] = {0};
	int found;
	assert(count <= FLAGS_MAX);
	for (size_t i = 0; i < count; i++)
		long_options[i] = (struct option){flags[i].name, required_argument, NULL, (int)i + 256};
	/* Its name is NULL: the list ends there. */
	const struct tool_flag *alone = count && !flags[count - 1].name ? &flags[count - 1] : NULL;
	optind = 0;
	opterr = 0;
	while ((found = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
		if (found == ':')
			return misuse(tool, "a value is missing after ", argv[optind - 1]);
		if (found < 256)
			return misuse(tool, "unknown option ", argv[optind - 1]);
		*flags[found - 256].value = optarg;
	}
	if (alone && optind < argc)
		*alone->value = argv[optind++];
	if (optind < argc)
		return misuse(tool, "unknown argument ", argv[optind]);
	for (size_t i = 0; i < count; i++) {
		if (flags[i].needed && !*flags[i].value)
			return misuse(tool, flags[i].name ? "needs --" : "needs a file",
				flags[i].name ? flags[i].name : "");
	}
	return true;
}
