#include "examples/cli/seconds.h"

#include "examples/cli/term.h"

#include <stddef.h>
#include <stdlib.h>

#define DEFAULT_MS 10000
#define MAX        3600.

bool seconds_of(const struct args *args, int64_t *ret_ms)
{
	const char *given = args->values[ARG_TIMEOUT];
	char *end;
	*ret_ms = DEFAULT_MS;
	if (!given)
		return true;
	double seconds = strtod(given, &end);
	if (end == given || *end || !(seconds > 0 && seconds <= MAX)) {
		term_say("--timeout %s: seconds, up to %.0f", given, MAX);
		return false;
	}
	*ret_ms = (int64_t)(seconds * 1000);
	return true;
}
