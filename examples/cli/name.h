/* Which of several things a person means by a word: by its name, the beginning of it, or of its id. Pure. */
#ifndef LOCKSTEP_CLI_NAME_H
#define LOCKSTEP_CLI_NAME_H

#include "protocol/text.h"
#include "protocol/uuid.h"

#include <stdbool.h>
#include <stddef.h>

struct name_candidate {
	const char *name;
	struct uuid id;
	bool preferred; /* among several of the same fit these count alone, when there are any */
};

/* Whether `name` begins with `word`, upper and lower case alike; then *ret_rest is what is behind. */
bool name_begins_with(const char *name, const char *word, const char **ret_rest);

#define NAME_NONE ((size_t)-1)
#define NAME_MANY ((size_t)-2)

/* The index of the one that is meant. A name that is the word wins over those that are in another case, these
 * over those that begin with it, and these over ids that begin with it (at least four characters). NAME_NONE;
 * or NAME_MANY, with their names and ids appended to `out`, a line each. */
size_t name_find(const struct name_candidate *candidates, size_t count, const char *word, struct text *out);

#endif
