#include "examples/cli/args.h"

#include "examples/cli/clean.h"
#include "examples/cli/term.h"

#include <getopt.h>
#include <stddef.h>

const struct arg_row arg_rows[ARG_COUNT] = {
	[ARG_URL] = {"url", "URL", "the server, http://127.0.0.1:8080 for example"},
	[ARG_TIMEOUT] = {"timeout", "SECONDS", "how long to try (10)"},
	[ARG_HELP] = {"help", NULL, "this text"},
	[ARG_VERSION] = {"version", NULL, "say which version this is"},
	[ARG_JSON] = {"json", NULL, "print JSON, for scripts"},
	[ARG_ALL] = {"all", NULL, "all of them"},
	[ARG_NAMES] = {"names", NULL, "print names alone, one a line"},
	[ARG_FORMAT] = {"format", "FORMAT", "how to print it"},
	[ARG_RAW] = {"raw", NULL, "messages as they are, each on its line"},
	[ARG_ONCE] = {"once", NULL, "print it once and end"},
	[ARG_GOAL] = {"goal", "LENGTH", "how much of it a day, or none"},
	[ARG_GROUP] = {"group", "GROUP", "put it into this group"},
	[ARG_START] = {"start", NULL, "and start it"},
	[ARG_LENGTH] = {"length", "LENGTH", "how long it runs; none counts up"},
	[ARG_REASON] = {"reason", "TEXT", "why"},
	[ARG_PROGRESS] = {"progress", "TEXT", "what has come of it"},
	[ARG_RATING] = {"rating", "1-5", "how good it was"},
	[ARG_TOKEN_FILE] = {"token-file", "FILE", "read the token from there; - is standard input"},
	[ARG_DEV] = {"dev", "USER", "as anybody, at a server that runs with --dev"},
	[ARG_KEEP] = {"keep", NULL, "use the token itself, and make none for this device"},
	[ARG_DAY] = {"day", NULL, "today"},
	[ARG_WEEK] = {"week", NULL, "this week, day by day (this is what you get)"},
	[ARG_MONTH] = {"month", NULL, "this month"},
	[ARG_FROM] = {"from", "YYYY-MM-DD", "from this day on"},
	[ARG_TO] = {"to", "YYYY-MM-DD", "up to this day"},
};

/* What is typed goes to the server, which speaks nothing else. */
static bool check_utf8(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!clean_is_utf8(argv[i])) {
			term_say("%s is not UTF-8", argv[i]);
			return false;
		}
	}
	return true;
}

bool args_parse(int argc, char **argv, struct args *ret)
{
	struct option options[ARG_COUNT + 1] = {0};
	int found;
	*ret = (struct args){0};
	if (!check_utf8(argc, argv))
		return false;
	for (int i = 0; i < ARG_COUNT; i++) {
		options[i].name = arg_rows[i].name;
		options[i].has_arg = arg_rows[i].value ? required_argument : no_argument;
		options[i].val = 256 + i;
	}
	opterr = 0;
	while ((found = getopt_long(argc, argv, ":hV", options, NULL)) != -1) {
		/* Of those of one letter more than one may stand in a word. */
		if (found == '?' && optopt > 0 && optopt < 256) {
			term_say("-%c is no option; see: lockstep help", optopt);
			return false;
		}
		if (found == '?' || found == ':') {
			term_say(found == '?' ? "%s is no option; see: lockstep help" : "%s needs a value",
				argv[optind - 1]);
			return false;
		}
		int arg = found == 'h' ? ARG_HELP : found == 'V' ? ARG_VERSION : found - 256;
		ret->values[arg] = optarg ? optarg : "";
	}
	ret->count = argc - optind;
	ret->words = argv + optind;
	return true;
}

bool args_allow(const struct args *args, uint64_t allowed)
{
	for (int i = 0; i < ARG_COUNT; i++) {
		if (args->values[i] && !(allowed & ARG_BIT(i))) {
			term_say("--%s does not go with %s", arg_rows[i].name, args->words[0]);
			return false;
		}
	}
	return true;
}
