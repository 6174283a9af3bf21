/* lockstep: the person's timers and sessions from a terminal. */
#include "examples/cli/term.h"
#include "examples/cli/verbs.h"

#include <locale.h>
#include <signal.h>
#include <stddef.h>

static enum code print_version(void)
{
	TEXT_AUTO out = {0};
	text_append_string(&out, "lockstep " LOCKSTEP_VERSION "\n");
	term_print(&out);
	return CODE_OK;
}

static enum code print_help(char *verb)
{
	char *words[] = {"help", verb};
	struct args args = {.count = verb ? 2 : 1, .words = words};
	return verb_help(&args, NULL);
}

static enum code run(const struct args *args)
{
	const struct verb *verb = verb_find(args->words[0]);
	struct config config;
	if (!verb) {
		term_say("there is no command %s; see: lockstep help", args->words[0]);
		return CODE_USAGE;
	}
	if (args->values[ARG_HELP])
		return print_help(args->words[0]);
	if (!args_allow(args, verb->args | ARGS_COMMON))
		return CODE_USAGE;
	if (args->count - 1 < verb->min || args->count - 1 > verb->max) {
		term_say("usage: lockstep %s %s", verb->name, verb->words);
		return CODE_USAGE;
	}
	if (verb->local)
		return verb->run(args, NULL);
	enum code code = config_load(args->values[ARG_URL], &config);
	return code ? code : verb->run(args, &config);
}

int main(int argc, char **argv)
{
	struct args args;
	/* A pipe that nobody reads is noticed where it is written to. */
	signal(SIGPIPE, SIG_IGN);
	/* For the width of characters; what is printed is UTF-8 in any case. */
	setlocale(LC_CTYPE, "C.UTF-8");
	if (!args_parse(argc, argv, &args))
		return CODE_USAGE;
	if (args.values[ARG_VERSION])
		return (int)print_version();
	if (args.count)
		return (int)run(&args);
	enum code code = print_help(NULL);
	return args.values[ARG_HELP] ? (int)code : CODE_USAGE;
}
