/* All that is kept of a person, as JSON. Knows the store and the shapes; knows no command line. */
#ifndef LOCKSTEP_SERVER_EXPORT_H
#define LOCKSTEP_SERVER_EXPORT_H

#include "store/maintain.h"

#include <stdio.h>

/* Writes the person with that user id, as they are at now_ms, within one read transaction. Piece by piece:
 * memory doesn't grow with what they have. ERR_NOT_FOUND: nobody has that id. ERR_UNAVAILABLE with errno:
 * `file` takes no more. Else the store says what is wrong. */
enum err export_write(struct store *store, const char *user_id, int64_t now_ms, FILE *file) MUST_CHECK;

#endif
