#include "server/tool.h"

#include "server/key_copy.h"
#include "store/maintain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct restored {
	bool kept, key;
	char kept_as[PATH_MAX];
};

/* The key before the database has its name: when it has, all of it is there. */
static enum err put_back(const char *db, const char *from, struct restored *ret, char ret_why[256])
{
	struct restore *restore = NULL;
	enum err err = store_restore_begin(db, from, &restore, ret_why);
	if (err)
		return err;
	snprintf(ret->kept_as, sizeof(ret->kept_as), "%s", store_restore_kept(restore));
	err = key_copy(from, db, ret->kept_as, &ret->key, ret_why);
	if (!err)
		err = store_restore_finish(restore, &ret->kept, ret_why);
	store_restore_end(restore);
	return err;
}

int tool_restore(const struct tool *tool, int argc, char *const *argv)
{
	const char *db = NULL, *from = NULL;
	const struct tool_flag flags[] = {{"db", &db, true}, {"from", &from, true}};
	struct restored restored = {0};
	char why[256];
	if (!tool_read_flags(tool, argc, argv, flags, sizeof(flags) / sizeof(*flags)))
		return EXIT_USAGE;
	if (put_back(db, from, &restored, why))
		return tool_complain(EXIT_RUNTIME, why);
	printf("restored %s from %s%s%s%s\n", db, from, restored.key ? ", with its key" : "",
		restored.kept ? "; what was there is " : "", restored.kept ? restored.kept_as : "");
	return fflush(stdout) == 0 ? EXIT_SUCCESS : tool_complain(EXIT_RUNTIME, strerror(errno));
}
