/* Standard output, standard error and the terminal behind them. The only one that prints. Knows no session.
 */
#ifndef LOCKSTEP_CLI_TERM_H
#define LOCKSTEP_CLI_TERM_H

#include "protocol/text.h"

#include <stdbool.h>

/* Writes all of it at once. When nobody reads any more the program ends, with 0; when the disk is full, with
 * 1. */
void term_print(const struct text *text);
/* One line of it, made clean. */
void term_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Reads one line: of the file, or of standard input where that is NULL; from a terminal after a prompt,
 * without showing it. False: it has said why there is none, or none that fits. */
bool term_read_secret(const char *prompt, const char *file, char *ret, size_t room);
/* One line on standard error, made clean, behind the program's name. */
void term_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same, and below it lines, which are clean. */
void term_list(const struct text *lines, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Columns of the terminal on standard output; a generous number when it is none. */
int term_columns(void);

#endif
