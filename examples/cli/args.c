#include "examples/cli/args.h"

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
	[ARG_ONCE] = {"once", NULL, "print it once and end"},
};

bool args_parse(int argc, char **argv, struct args *ret)
{
	struct option options[ARG_COUNT + 1] = {0};
	int found;
	*ret = (struct args){0};
	for (int i = 0; i < ARG_COUNT; i++) {
		options[i].name = arg_rows[i].name;
		options[i].has_arg = arg_rows[i].value ? required_argument : no_argument;
		options[i].val = 256 + i;
	}
	opterr = 0;
	while ((found = getopt_long(argc, argv, ":hV", options, NULL)) != -1) {
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
