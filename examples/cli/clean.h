/* Texts that others wrote, made fit for a terminal: what is no character, controls it or turns the writing's
 * direction becomes U+FFFD. Knows UTF-8; knows no terminal. */
#ifndef LOCKSTEP_CLI_CLEAN_H
#define LOCKSTEP_CLI_CLEAN_H

#include "protocol/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The code point at *at, which moves behind it; U+FFFD for a byte that begins none. *at must not be the end.
 */
uint32_t clean_next(const char **at);
/* Whether all of it is UTF-8. */
bool clean_is_utf8(const char *text);
/* Appends the text made clean. */
void clean_append(struct text *out, const char *text);
/* The same into a room, cut at a character's end. */
void clean_copy(const char *text, char *ret, size_t room);

#endif
