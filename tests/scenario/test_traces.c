/* Plays every trace of tests/scenario/traces (server/trace.h) against the real road and a real store, in
 * virtual time. */
#include "server/trace.h"
#include "tests/support/player.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void tell(void *context, int line, const char *text)
{
	print_error("%s:%d: %s\n", (const char *)context, line, text);
}

static void play(void **state)
{
	struct player player;
	const struct trace_ears ears = {.context = *state, .fault = tell};
	FILE *file = fopen(*state, "re");
	assert_non_null(file);
	player_init(&player);
	int faults = trace_play(file, player.fixture.path, &player.replay, &ears);
	fclose(file);
	player_finish(&player);
	assert_int_equal(faults, 0);
}

static int is_trace(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');
	return dot && strcmp(dot, ".trace") == 0;
}

int main(void)
{
	static const char dir[] = "tests/scenario/traces";
	struct dirent **entries;
	int count = scandir(dir, &entries, is_trace, alphasort);
	if (count <= 0)
		return 1;
	struct CMUnitTest *tests = calloc((size_t)count, sizeof(*tests));
	if (!tests)
		abort();
	for (int i = 0; i < count; i++) {
		char *path;
		if (asprintf(&path, "%s/%s", dir, entries[i]->d_name) < 0)
			abort();
		tests[i] = (struct CMUnitTest){.name = path, .test_func = play, .initial_state = path};
		free(entries[i]);
	}
	free(entries);
	int failed = _cmocka_run_group_tests("traces", tests, (size_t)count, NULL, NULL);
	for (int i = 0; i < count; i++)
		free(tests[i].initial_state);
	free(tests);
	return failed;
}
