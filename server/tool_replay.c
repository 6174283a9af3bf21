#include "server/tool.h"

#include "server/trace.h"
#include "store/maintain.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WHY_BYTES = 256, PATH_BYTES = 512 };

/* Where it is played: a folder that nobody else has. */
struct place {
	char folder[PATH_BYTES - 16];
	char db[PATH_BYTES];
};

static bool make_place(struct place *place, char ret_why[WHY_BYTES])
{
	const char *where = getenv("TMPDIR");
	int len = snprintf(place->folder, sizeof(place->folder), "%s/lockstep-replay-XXXXXX",
		where && *where ? where : "/tmp");
	if (len >= (int)sizeof(place->folder) || !mkdtemp(place->folder)) {
		snprintf(ret_why, WHY_BYTES, "no folder can be made in TMPDIR: %s", strerror(errno));
		return false;
	}
	snprintf(place->db, sizeof(place->db), "%s/db", place->folder);
	return true;
}

static void remove_place(const struct place *place)
{
	DIR *folder = opendir(place->folder);
	struct dirent *entry;
	while (folder && (entry = readdir(folder))) {
		if (entry->d_type == DT_REG)
			unlinkat(dirfd(folder), entry->d_name, 0);
	}
	if (folder)
		closedir(folder);
	rmdir(place->folder);
}

static void print_line(void *context, const char *text)
{
	(void)context;
	puts(text);
}

static void print_fault(void *context, int line, const char *text)
{
	fprintf(stderr, "%s:%d: %s\n", (const char *)context, line, text);
}

static enum err open_replay(struct replay *replay, const char *from, const struct place *place, char *ret_why)
{
	int64_t bytes;
	enum err err = from ? store_backup(from, place->db, &bytes, ret_why) : OK;
	*replay = (struct replay){0};
	return err ? err : replay_open(replay, place->db, ret_why);
}

/* `from`: on a copy of that database; NULL: on an empty one. */
static int play(FILE *file, const char *name, const char *from, const struct place *place)
{
	const struct trace_ears ears = {(void *)name, print_line, print_fault};
	struct replay replay;
	char why[WHY_BYTES];
	int faults = 0;
	enum err err = open_replay(&replay, from, place, why);
	if (!err)
		faults = trace_play(file, place->db, &replay, &ears);
	replay_close(&replay);
	if (err)
		return tool_complain(EXIT_RUNTIME, why);
	if (fflush(stdout) != 0)
		return tool_complain(EXIT_RUNTIME, strerror(errno));
	return faults ? EXIT_RUNTIME : EXIT_SUCCESS;
}

int tool_replay(const struct tool *tool, int argc, char *const *argv)
{
	const char *name = NULL, *from = NULL;
	const struct tool_flag flags[] = {{"db", &from, false}, {NULL, &name, true}};
	struct place place;
	char why[WHY_BYTES];
	if (!tool_read_flags(tool, argc, argv, flags, sizeof(flags) / sizeof(*flags)))
		return EXIT_USAGE;
	FILE *file = fopen(name, "re");
	if (!file) {
		snprintf(why, sizeof(why), "%.160s: %s", name, strerror(errno));
		return tool_complain(EXIT_RUNTIME, why);
	}
	int exit_code = EXIT_RUNTIME;
	if (make_place(&place, why)) {
		exit_code = play(file, name, from, &place);
		remove_place(&place);
	} else {
		tool_complain(exit_code, why);
	}
	fclose(file);
	return exit_code;
}
