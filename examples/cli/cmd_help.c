/* `lockstep help`: what the tables say. */
#include "examples/cli/manual.h"
#include "examples/cli/term.h"
#include "examples/cli/verbs.h"
#include "examples/cli/watch_format.h"
#include "protocol/text.h"

#include <stdio.h>
#include <string.h>

static const char exit_codes[] = "0   done; status: something runs\n"
				 "1   the server refused; its message is on standard error\n"
				 "2   the command line makes no sense\n"
				 "3   nothing, or more than one thing, is called that; status: nothing runs\n"
				 "4   not signed in, or the token was refused\n"
				 "5   no connection, or no answer in time\n"
				 "78  the configuration or the token file is no good\n";

static void append_arg(struct text *out, const struct arg_row *row)
{
	char name[64];
	snprintf(name, sizeof(name), "--%s%s%s", row->name, row->value ? " " : "",
		row->value ? row->value : "");
	text_append_format(out, "  %-22s %s\n", name, row->help);
}

static void append_args(struct text *out, uint64_t args)
{
	for (int i = 0; i < ARG_COUNT; i++) {
		if (args & ARG_BIT(i))
			append_arg(out, &arg_rows[i]);
	}
}

static void append_verb(struct text *out, const struct verb *verb)
{
	text_append_format(out, "usage: lockstep %s%s%s [OPTION…]\n\n%s\n\n", verb->name,
		*verb->words ? " " : "", verb->words, verb->help ? verb->help : "for programs");
	append_args(out, verb->args | ARGS_COMMON);
	if (!(verb->args & ARG_BIT(ARG_FORMAT)))
		return;
	text_append_string(out, "\nFORMAT is one of:\n");
	for (size_t i = 0; i < watch_format_count; i++)
		text_append_format(out, "  %-22s %s\n", watch_formats[i].name, watch_formats[i].help);
}

static void append_all(struct text *out)
{
	char usage[96];
	text_append_string(out, "usage: lockstep COMMAND [OPTION…]\n\n");
	for (size_t i = 0; i < verb_count; i++) {
		if (!verbs[i].help)
			continue;
		snprintf(usage, sizeof(usage), "%s %s", verbs[i].name, verbs[i].words);
		text_append_format(out, "  %-42s %s\n", usage, verbs[i].help);
	}
	text_append_string(out,
		"\nA NAME is a title or the beginning of one, in upper or lower case, or of an id.\n"
		"A LENGTH is 25m, 1h30m, 90s, 1:30:00, or minutes.\n\n");
	append_args(out, ARGS_COMMON | ARG_BIT(ARG_VERSION));
	text_append_string(out, "\nlockstep help COMMAND tells more of it.\n");
}

enum code verb_help(const struct args *args, const struct config *config)
{
	const char *topic = args->count > 1 ? args->words[1] : NULL;
	const struct verb *verb = topic ? verb_find(topic) : NULL;
	TEXT_AUTO out = {0};
	(void)config;
	if (!topic)
		append_all(&out);
	else if (verb)
		append_verb(&out, verb);
	else if (strcmp(topic, "exit-codes") == 0)
		text_append_string(&out, exit_codes);
	else if (strcmp(topic, "manual") == 0)
		manual_append(&out, exit_codes);
	else {
		term_say("there is no command %s; see: lockstep help", topic);
		return CODE_USAGE;
	}
	term_print(&out);
	return CODE_OK;
}
