/* Random commands of two users about everything there is, with their keys, batches and offline instants, over
 * days of virtual time with restarts and a clock that steps back. After each step everything that must always
 * hold is looked at: what each client makes of its events, what the database holds, and that the two agree.
 * Arguments are the number of steps, in place of STEPS, and another seed. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/world.h"

#define STEPS 1200

static unsigned long steps = STEPS, seed;

static void play_random(void **state)
{
	const int64_t *start_ms = *state;
	struct world world;
	world_init(&world, *start_ms, source_of_seed((uint64_t)*start_ms + seed));
	world_limit(&world);
	for (unsigned long i = 0; i < steps; i++)
		world_step(&world);
	world_check_logs(&world);
	for (int i = 0; i < 2; i++)
		print_message("%s: %" PRId64 " events\n", world.clients[i].user, world.clients[i].seq);
	world_finish(&world);
}

int main(int argc, char **argv)
{
	steps = argc > 1 ? strtoul(argv[1], NULL, 10) : STEPS;
	seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	/* Before a clock change in spring, before one in autumn, and on a leap day. */
	static int64_t starts_ms[] = {1774598400000, 1792749600000, 1835395200000};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(play_random, &starts_ms[0]),
		cmocka_unit_test_prestate(play_random, &starts_ms[1]),
		cmocka_unit_test_prestate(play_random, &starts_ms[2]),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
