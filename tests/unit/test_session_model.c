/* Sessions and tasks against a naive model: random commands in virtual time, every value compared after each
 * step. An argument is the number of seeds to play, in place of SEEDS. */
#include "tests/support/pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define SEEDS          5
#define STEPS_PER_SEED 100000

static void run_seed(uint64_t seed)
{
	struct source source = source_of_seed(seed);
	pair_begin(&source);
	for (int i = 0; i < STEPS_PER_SEED; i++)
		pair_step();
}

static void seeds_agree_with_model(void **state)
{
	const uint64_t *seeds = *state;
	for (uint64_t seed = 1; seed <= *seeds; seed++)
		run_seed(seed);
}

int main(int argc, char **argv)
{
	static uint64_t seeds;
	seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : SEEDS;
	const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(seeds_agree_with_model, &seeds)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
