/* `lockstepd --check`: what can be known of a configuration without being in a running server's way. Knows
 * what a start would try first; opens no database, no listener, and asks nobody for keys. */
#ifndef LOCKSTEP_SERVER_CHECK_H
#define LOCKSTEP_SERVER_CHECK_H

#include "server/options.h"

/* Says on stdout that it is good, and what was told; on stderr in one line why it isn't, and, a line each,
 * what is not wrong and yet may not be meant. Root becomes the options' user for it, for good. Returns the
 * exit code. */
int check_run(const struct options *options);

#endif
