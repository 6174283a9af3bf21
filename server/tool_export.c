#include "server/tool.h"

#include "server/clock.h"
#include "server/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct wish {
	const char *db, *user, *to;
};

static int complain_of(const char *what, const char *name, const char *why)
{
	char line[512];
	snprintf(line, sizeof(line), "%s %s%s%s", what, name, *why ? ": " : "", why);
	return tool_complain(EXIT_RUNTIME, line);
}

static int write_user(struct store *store, const struct wish *wish, FILE *file)
{
	errno = 0;
	enum err err = export_write(store, wish->user, clock_wall_ms(), file);
	if (err == ERR_NOT_FOUND)
		return complain_of("nobody here has the user id", wish->user, "");
	if (!err && fflush(file) == 0)
		return EXIT_SUCCESS;
	bool of_file = !err || ferror(file);
	return complain_of("cannot export", wish->user, of_file ? strerror(errno) : store_message(store));
}

/* Nothing that is there is written over. */
static int write_file(struct store *store, const struct wish *wish)
{
	int fd = open(wish->to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file)
		return complain_of("cannot write", wish->to, strerror(errno));
	int exit_code = write_user(store, wish, file);
	if (!exit_code && fsync(fd) != 0)
		exit_code = complain_of("cannot write", wish->to, strerror(errno));
	fclose(file);
	if (exit_code)
		unlink(wish->to);
	else
		printf("exported %s to %s\n", wish->user, wish->to);
	return exit_code;
}

int tool_export(const struct tool *tool, int argc, char *const *argv)
{
	struct wish wish = {0};
	const struct tool_flag flags[] = {
		{"db", &wish.db, true}, {"user", &wish.user, true}, {"to", &wish.to, false}};
	struct store *store;
	char why[256];
	if (!tool_read_flags(tool, argc, argv, flags, sizeof(flags) / sizeof(*flags)))
		return EXIT_USAGE;
	if (store_open_reading(wish.db, &store, why))
		return tool_complain(EXIT_RUNTIME, why);
	int exit_code = wish.to ? write_file(store, &wish) : write_user(store, &wish, stdout);
	store_close(store);
	return exit_code;
}
