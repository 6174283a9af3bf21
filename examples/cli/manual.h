/* The manual page, lockstep(1), made from the tables that running and help are made from. */
#ifndef LOCKSTEP_CLI_MANUAL_H
#define LOCKSTEP_CLI_MANUAL_H

#include "protocol/text.h"

/* Appends the page's roff source. exit_codes: a code and what it says on each line. */
void manual_append(struct text *out, const char *exit_codes);

#endif
