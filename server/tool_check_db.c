#include "server/tool.h"

#include "store/maintain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Some of each fault are told; here is how many lines that made. */
static void print_fault(void *context, const char *line)
{
	++*(int *)context;
	printf("%s\n", line);
}

static int report(struct store *store, int faults)
{
	TEXT_AUTO counts = {0};
	if (faults) {
		char why[64];
		snprintf(why, sizeof(why), "check-db: %d fault%s", faults, faults > 1 ? "s" : "");
		fflush(stdout);
		return tool_complain(EXIT_RUNTIME, why);
	}
	if (store_count_rows(store, &counts))
		return tool_complain(EXIT_RUNTIME, store_message(store));
	printf("ok: %s\n", counts.data);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : tool_complain(EXIT_RUNTIME, strerror(errno));
}

int tool_check_db(const struct tool *tool, int argc, char *const *argv)
{
	const char *db = NULL;
	const struct tool_flag flags[] = {{"db", &db, true}};
	struct store *store;
	char why[256];
	int faults = 0;
	if (!tool_read_flags(tool, argc, argv, flags, sizeof(flags) / sizeof(*flags)))
		return EXIT_USAGE;
	if (store_open_reading(db, &store, why))
		return tool_complain(EXIT_RUNTIME, why);
	enum err err = store_check(store, print_fault, &faults);
	int exit_code = err ? tool_complain(EXIT_RUNTIME, store_message(store)) : report(store, faults);
	store_close(store);
	return exit_code;
}
