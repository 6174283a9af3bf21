/* Standard output, standard error and the terminal behind them. The only one that prints. Knows no session.
 */
#ifndef LOCKSTEP_CLI_TERM_H
#define LOCKSTEP_CLI_TERM_H

#include "protocol/text.h"

/* Writes all of it at once. When nobody reads any more the program ends, with 0; when the disk is full, with
 * 1. */
void term_print(const struct text *text);
/* One line on standard error, made clean, behind the program's name. */
void term_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same, and below it lines, which are clean. */
void term_list(const struct text *lines, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Columns of the terminal on standard output; a generous number when it is none. */
int term_columns(void);

#endif
