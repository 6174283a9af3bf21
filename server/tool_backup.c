#include "server/tool.h"

#include "server/key_copy.h"
#include "store/maintain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The key first: when the database has its name, all of it is there. */
static enum err back_up(const char *db, const char *to, int64_t *ret_bytes, char ret_why[256])
{
	bool made;
	enum err err = key_copy(db, to, NULL, &made, ret_why);
	if (err)
		return err;
	err = store_backup(db, to, ret_bytes, ret_why);
	if (err && made)
		key_remove(to);
	return err;
}

int tool_backup(const struct tool *tool, int argc, char *const *argv)
{
	const char *db = NULL, *to = NULL;
	const struct tool_flag flags[] = {{"db", &db, true}, {"to", &to, true}};
	char why[256];
	int64_t bytes;
	if (!tool_read_flags(tool, argc, argv, flags, sizeof(flags) / sizeof(*flags)))
		return EXIT_USAGE;
	if (back_up(db, to, &bytes, why))
		return tool_complain(EXIT_RUNTIME, why);
	bool has_key = key_is_there(to);
	printf("backed up %s to %s: %" PRId64 " bytes%s%s%s\n", db, to, bytes,
		has_key ? ", and its key to " : "", has_key ? to : "", has_key ? ".key" : "");
	return fflush(stdout) == 0 ? EXIT_SUCCESS : tool_complain(EXIT_RUNTIME, strerror(errno));
}
