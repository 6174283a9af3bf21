/* What is printed of the tables of options and subcommands for people to keep: the manual pages, and a file
 * of defaults. Knows the tables, roff, and what else there is to be said of the program; reads nothing. */
#ifndef LOCKSTEP_SERVER_MANUAL_H
#define LOCKSTEP_SERVER_MANUAL_H

#include "protocol/text.h"

/* lockstepd(8), as roff. */
void manual_append_program(struct text *out);
/* lockstep.conf(5), as roff. */
void manual_append_file(struct text *out);
/* A configuration file in which every option is a comment: its default, or an example where there is none. */
void manual_append_defaults(struct text *out);

#endif
