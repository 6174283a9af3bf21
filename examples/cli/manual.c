#include "examples/cli/manual.h"

#include "examples/cli/verbs.h"
#include "examples/cli/watch_format.h"

#include <string.h>

static const char introduction[] =
	".SH DESCRIPTION\n"
	"Lockstep keeps timers and work sessions in step on every screen of a person. This is its client for "
	"terminals,\n"
	"scripts and status bars: each command connects to the server, does one thing and ends, but for\n"
	".BR watch ,\n"
	"which follows the server for ever, and\n"
	".BR console ,\n"
	"which ends when it is told to. A command whose connection is lost before it is answered is sent "
	"again under the\n"
	"same key, and never applied twice.\n"
	".PP\n"
	"A NAME is a title or the beginning of one, in upper or lower case, or the beginning of an id.\n"
	"A LENGTH is 25m, 1h30m, 90s, 1:30:00, or minutes.\n";

static const char files[] =
	".SH FILES\n"
	".TP\n.I $XDG_CONFIG_HOME/lockstep/config\n"
	"Lines of\n.BR url= ,\n.BR name= \" (what others see of this client) and \" ca=\n"
	"(a file with the certificates to believe). Without XDG_CONFIG_HOME it is below\n.IR ~/.config .\n"
	".TP\n.I $XDG_CONFIG_HOME/lockstep/token\n"
	"What\n.B login\nkeeps; refused when others may read it.\n"
	".TP\n.I $XDG_CONFIG_HOME/lockstep/history\n"
	"What was typed into the console.\n"
	".SH ENVIRONMENT\n"
	".TP\n.B LOCKSTEP_URL\nThe server; before the configuration file's.\n"
	".TP\n.B LOCKSTEP_TOKEN\nThe token to sign in with; before the token file's.\n"
	".TP\n.B NO_COLOR\nWhen set, the console shows no colours.\n";

static const char examples[] = ".SH EXAMPLES\n"
			       ".nf\n"
			       "lockstep login --url https://lockstep.example\n"
			       "lockstep add Read 25m --goal 1h --start\n"
			       "lockstep pause\n"
			       "lockstep focus 45m \"Chapter one\"\n"
			       "lockstep report --week\n"
			       "lockstep watch --format waybar\n"
			       "lockstep status --json | jq -r .current\n"
			       ".fi\n"
			       ".SH SEE ALSO\n"
			       "The server's protocol, docs/protocol.md beside its sources.\n";

static void append_options(struct text *out, uint64_t args)
{
	for (int i = 0; i < ARG_COUNT; i++) {
		const struct arg_row *row = &arg_rows[i];
		if (!(args & ARG_BIT(i)))
			continue;
		text_append_string(out, ".TP\n\\fB\\-\\-");
		text_append_roff(out, row->name);
		text_append_string(out, "\\fR");
		if (row->value)
			text_append_format(out, " \\fI%s\\fR", row->value);
		text_append_string(out, "\n");
		text_append_roff(out, row->help);
		text_append_string(out, "\n");
	}
}

static void append_verb(struct text *out, const struct verb *verb)
{
	text_append_format(out, ".SS \"%s %s\"\n", verb->name, verb->words);
	text_append_roff(out, verb->help);
	text_append_string(out, "\n");
	append_options(out, verb->args);
	for (size_t i = 0; i < watch_format_count && verb->args & ARG_BIT(ARG_FORMAT); i++) {
		text_append_format(out, ".TP\nFORMAT \\fB%s\\fR\n", watch_formats[i].name);
		text_append_roff(out, watch_formats[i].help);
		text_append_string(out, "\n");
	}
}

static void append_codes(struct text *out, const char *line)
{
	text_append_string(out, ".SH EXIT STATUS\n");
	while (*line) {
		size_t code = strcspn(line, " "), len = strcspn(line, "\n");
		TEXT_AUTO meaning = {0};
		text_append(&meaning, line + code, len - code);
		text_append_format(out, ".TP\n.B %.*s\n", (int)code, line);
		text_append_roff(out, meaning.data + strspn(meaning.data, " "));
		text_append_string(out, "\n");
		line += len + (line[len] == '\n');
	}
}

void manual_append(struct text *out, const char *exit_codes)
{
	text_append_string(out, ".TH LOCKSTEP 1 \"\" \"Lockstep " LOCKSTEP_VERSION "\" \"User Commands\"\n"
				".SH NAME\nlockstep \\- timers and work sessions, in step on every screen\n"
				".SH SYNOPSIS\n.B lockstep\n\\fICOMMAND\\fR [\\fIOPTION\\fR...]\n");
	text_append_string(out, introduction);
	text_append_string(out, ".SH COMMANDS\n");
	for (size_t i = 0; i < verb_count; i++) {
		if (verbs[i].help)
			append_verb(out, &verbs[i]);
	}
	text_append_string(out, ".SH OPTIONS OF EVERY COMMAND\n");
	append_options(out, ARGS_COMMON | ARG_BIT(ARG_VERSION));
	append_codes(out, exit_codes);
	text_append_string(out, files);
	text_append_string(out, examples);
}
