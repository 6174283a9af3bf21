#include "server/tool.h"

#include "auth/local.h"
#include "server/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct wish {
	const char *db, *user, *name, *email, *minutes;
};

static int print_token(const struct local *local, const struct wish *wish)
{
	char *end;
	char *token;
	struct refusal why;
	errno = 0;
	long long minutes = strtoll(wish->minutes, &end, 10);
	if (errno || *end || end == wish->minutes)
		return tool_complain(EXIT_USAGE, "token: --minutes must be a number");
	if (local_mint(local, wish->user, wish->name, wish->email, clock_wall_ms(), minutes, &token, &why))
		return tool_complain(EXIT_USAGE, why.message);
	printf("%s\n", token);
	free(token);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : tool_complain(EXIT_RUNTIME, strerror(errno));
}

int tool_token(const struct tool *tool, int argc, char *const *argv)
{
	struct wish wish = {.minutes = "60"};
	const struct tool_flag flags[] = {
		{"db", &wish.db, true},
		{"user", &wish.user, true},
		{"name", &wish.name, false},
		{"email", &wish.email, false},
		{"minutes", &wish.minutes, false},
	};
	struct local *local;
	struct refusal why;
	if (!tool_read_flags(tool, argc, argv, flags, sizeof(flags) / sizeof(*flags)))
		return EXIT_USAGE;
	if (local_open(wish.db, &local, &why))
		return tool_complain(EXIT_RUNTIME, why.message);
	int exit_code = print_token(local, &wish);
	local_destroy(local);
	return exit_code;
}
