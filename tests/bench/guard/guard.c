/* Runs a path for callgrind, which writes a profile of what is counted; guard.py reads it. By itself that
 * only shows that it runs. Without a path it says what its libraries are called, and then the paths, a line
 * each.
 *
 *     valgrind --tool=callgrind --instr-atstart=no --collect-atstart=no guard [path]
 */
#include "tests/bench/guard/guard.h"

#include <gnu/libc-version.h>
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

void guard_begin(void)
{
	CALLGRIND_TOGGLE_COLLECT;
}

void guard_end(void)
{
	CALLGRIND_TOGGLE_COLLECT;
}

void guard_must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "guard: %s\n", what);
	exit(1);
}

static void count(const struct guard_path *path)
{
	char title[64];
	void *state = path->create();
	for (int i = 0; i < path->runs; i++)
		path->run(state);
	CALLGRIND_START_INSTRUMENTATION;
	for (int i = 0; i < path->runs; i++)
		path->run(state);
	CALLGRIND_STOP_INSTRUMENTATION;
	snprintf(title, sizeof(title), "%d", path->runs * path->units);
	CALLGRIND_DUMP_STATS_AT(title);
	path->destroy(state);
}

static const struct guard_path *const lists[] = {
	guard_pure, guard_road, guard_sync, guard_fanout, guard_token, NULL};

static void list_paths(void)
{
	printf("gcc %s, glibc %s, SQLite %s, OpenSSL %s\n", __VERSION__, gnu_get_libc_version(),
		sqlite3_libversion(), OpenSSL_version(OPENSSL_VERSION_STRING));
	for (size_t i = 0; lists[i]; i++) {
		for (const struct guard_path *path = lists[i]; path->name; path++)
			puts(path->name);
	}
}

int main(int argc, char **argv)
{
	if (argc == 1)
		list_paths();
	for (size_t i = 0; argc > 1 && lists[i]; i++) {
		for (const struct guard_path *path = lists[i]; path->name; path++) {
			if (strcmp(argv[1], path->name) == 0)
				count(path);
		}
	}
	return 0;
}
