#include "examples/cli/verbs.h"

#include <string.h>

#define BIT(name) ARG_BIT(ARG_##name)

/* clang-format off */
const struct verb verbs[] = {
	{"login", "", "sign in: asks for a token, and keeps one for this device",
		BIT(TOKEN_FILE) | BIT(DEV) | BIT(KEEP), 0, 0, verb_login, false},
	{"logout", "", "sign out, and revoke this device's token",
		0, 0, 0, verb_logout, false},
	{"status", "", "what runs, what is left, today, next",
		BIT(JSON), 0, 0, verb_status, false},
	{"list", "", "what there is: timers and whatever is active",
		BIT(ALL) | BIT(JSON) | BIT(NAMES), 0, 0, verb_list, false},
	{"add", "TITLE [LENGTH]", "add a timer; without a length it counts up",
		BIT(GOAL) | BIT(GROUP) | BIT(START) | BIT(JSON), 1, 2, verb_add, false},
	{"start", "[NAME]", "start it, or what was used last",
		BIT(JSON), 0, 1, verb_start, false},
	{"pause", "[NAME]", "pause it, or the only one that runs",
		BIT(REASON) | BIT(JSON), 0, 1, verb_pause, false},
	{"toggle", "[NAME]", "pause it if it runs, start it if not; or what ends first, or was used last",
		BIT(JSON), 0, 1, verb_toggle, false},
	{"reset", "NAME|--all", "back to its beginning; what was tracked stays",
		BIT(ALL) | BIT(JSON), 0, 1, verb_reset, false},
	{"done", "[NAME]", "complete it, or the only one that runs",
		BIT(JSON), 0, 1, verb_done, false},
	{"delete", "NAME", "delete it; what was tracked stays",
		BIT(JSON), 1, 1, verb_delete, false},
	{"restore", "NAME", "bring back what was deleted, by its title or its whole id",
		BIT(JSON), 1, 1, verb_restore, false},
	{"rename", "NAME TITLE", "call it something else",
		BIT(JSON), 2, 2, verb_rename, false},
	{"move", "NAME GROUP|-", "put it into a group, or out of any",
		BIT(JSON), 2, 2, verb_move, false},
	{"edit", "NAME", "change its length or goal",
		BIT(LENGTH) | BIT(GOAL) | BIT(JSON), 1, 1, verb_edit, false},
	{"focus", "[pomodoro|short|long|LENGTH] [TITLE]", "focus; then pause, resume, done, abandon or distraction",
		BIT(REASON) | BIT(PROGRESS) | BIT(RATING) | BIT(JSON), 0, 2, verb_focus, false},
	{"report", "", "what was tracked, by session, and the goals",
		BIT(DAY) | BIT(WEEK) | BIT(MONTH) | BIT(FROM) | BIT(TO) | BIT(JSON), 0, 0, verb_report, false},
	{"watch", "", "a line whenever something changes, for ever: for status bars and scripts",
		BIT(FORMAT) | BIT(ONCE), 0, 0, verb_watch, false},
	{"console", "", "a prompt for the server's own messages, for debugging",
		BIT(RAW), 0, 0, verb_console, false},
	{"help", "[COMMAND]", "what there is, or what a command takes; exit-codes; manual: lockstep(1)",
		0, 0, 1, verb_help, true},
	{"complete", "-- WORD…", NULL,
		0, 1, 1000, verb_complete, true},
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
