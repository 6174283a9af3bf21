/* Bytes as a life: which session begins, how time goes by, what is said to it and when. The pure core and the
 * naive model go through it together, and must agree in every value after every step. */
#include "tests/support/pair.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Longer ones find nothing that shorter ones don't, and cost time. */
#define STEPS 400

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source source = source_of_bytes(data, size);
	/* What differs is said, and ends the process. */
	setenv("CMOCKA_TEST_ABORT", "1", true);
	pair_begin(&source);
	for (int i = 0; i < STEPS && !source_empty(&source); i++)
		pair_step();
	return 0;
}
