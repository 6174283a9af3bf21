#include "examples/cli/name.h"

#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "examples/cli/clean.h"

/* Fewer of an id are met by chance. */
#define ID_CHARS_MIN 4

/* How well the word fits; the lesser the better. */
enum fit { FIT_SAME, FIT_CASE, FIT_BEGINNING, FIT_ID, FIT_NONE };

bool name_begins_with(const char *name, const char *word, const char **ret_rest)
{
	while (*word) {
		if (!*name || towlower((wint_t)clean_next(&name)) != towlower((wint_t)clean_next(&word)))
			return false;
	}
	*ret_rest = name;
	return true;
}

static enum fit fit_of(const struct name_candidate *candidate, const char *word)
{
	char id[UUID_TEXT];
	const char *rest;
	uuid_format(&candidate->id, id);
	if (strcmp(candidate->name, word) == 0)
		return FIT_SAME;
	if (name_begins_with(candidate->name, word, &rest))
		return *rest ? FIT_BEGINNING : FIT_CASE;
	return strlen(word) >= ID_CHARS_MIN && name_begins_with(id, word, &rest) ? FIT_ID : FIT_NONE;
}

static bool counts(const struct name_candidate *candidate, const char *word, enum fit best, bool preferred)
{
	return fit_of(candidate, word) == best && (candidate->preferred || !preferred);
}

static void append_candidate(struct text *out, const struct name_candidate *candidate)
{
	char id[UUID_TEXT];
	uuid_format(&candidate->id, id);
	text_append_format(out, "  %s  %s\n", id, candidate->name);
}

size_t name_find(const struct name_candidate *candidates, size_t count, const char *word, struct text *out)
{
	enum fit best = FIT_NONE;
	bool preferred = false;
	size_t found = NAME_NONE;
	for (size_t i = 0; i < count; i++) {
		enum fit fit = fit_of(&candidates[i], word);
		if (fit < best)
			preferred = false;
		if (fit <= best && fit < FIT_NONE) {
			best = fit;
			preferred |= candidates[i].preferred;
		}
	}
	if (best == FIT_NONE || !*word)
		return NAME_NONE;
	for (size_t i = 0; i < count; i++) {
		if (counts(&candidates[i], word, best, preferred))
			found = found == NAME_NONE ? i : NAME_MANY;
	}
	for (size_t i = 0; i < count && found == NAME_MANY; i++) {
		if (counts(&candidates[i], word, best, preferred))
			append_candidate(out, &candidates[i]);
	}
	return found;
}
