/* Bytes as what two people say over days: their messages go through decoding, the road and a real store, and
 * after each one their clients, the snapshot and the database must agree. Slow, since each input has a
 * database of its own: what only the pure core does is fuzz_commands' to find. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/world.h"

#define STEPS 60

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Before a clock change in spring, before one in autumn, and on a leap day. */
	static const int64_t starts_ms[] = {1774598400000, 1792749600000, 1835395200000};
	struct source source = source_of_bytes(data, size);
	int64_t start_ms = starts_ms[source_below(&source, 3)];
	struct world world;
	setenv("CMOCKA_TEST_ABORT", "1", true);
	world_init(&world, start_ms, source);
	world_limit(&world);
	for (int i = 0; i < STEPS && !source_empty(&world.source); i++)
		world_step(&world);
	world_check_logs(&world);
	world_finish(&world);
	return 0;
}
