#include "examples/cli/verbs.h"

#include <string.h>

#define BIT(name) ARG_BIT(ARG_##name)

/* clang-format off */
const struct verb verbs[] = {
	{"list", "", "what there is: timers and whatever is active",
		BIT(ALL) | BIT(JSON) | BIT(NAMES), 0, 0, verb_list, false},
	{"watch", "", "a line whenever something changes, for ever: for status bars and scripts",
		BIT(FORMAT) | BIT(ONCE), 0, 0, verb_watch, false},
	{"help", "[COMMAND]", "what there is, or what a command takes; exit-codes",
		0, 0, 1, verb_help, true},
};
/* clang-format on */
const size_t verb_count = sizeof(verbs) / sizeof(verbs[0]);

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < verb_count; i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	return NULL;
}
