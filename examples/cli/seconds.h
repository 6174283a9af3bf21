/* --timeout, as every command takes it. Knows the command line only. */
#ifndef LOCKSTEP_CLI_SECONDS_H
#define LOCKSTEP_CLI_SECONDS_H

#include "examples/cli/args.h"

/* How long to try, in ms. False: it has said what is wrong with it. */
MUST_USE bool seconds_of(const struct args *args, int64_t *ret_ms);

#endif
