#include "server/manual.h"

#include "server/options_table.h"
#include "server/tool.h"

#include <ctype.h>
#include <inttypes.h>

/* --- An option in sentences ---------------------------------------------------------------------------- */

/* The line of --help becomes a sentence. */
static void append_sentence(struct text *out, const char *line)
{
	size_t at = out->len;
	text_append_format(out, "%s.", line);
	out->data[at] = (char)toupper((unsigned char)out->data[at]);
}

static void append_bounds(struct text *out, const struct option_row *row)
{
	if (row->kind == KIND_NUMBER || row->kind == KIND_PAIR)
		text_append_format(out, " From %" PRId64 " to %" PRId64 ".", row->min, row->max);
}

/* All that there is to say of it, but for its default. */
static void describe(struct text *out, const struct option_row *row)
{
	append_sentence(out, row->help);
	if (row->unset)
		text_append_format(out, " Without it: %s.", row->unset);
	append_bounds(out, row);
	if (row->more)
		text_append_format(out, " %s", row->more);
	if (row->live)
		text_append_string(out, " SIGHUP changes it at once.");
}

/* Those that can stand in a file, or all of them, under the titles of their groups; `title` is what stands
 * around one. */
static void append_groups(struct text *out, bool in_file, const char *const title[2],
	void (*append)(struct text *out, const struct option_row *row, bool in_file))
{
	for (int group = 0; group < GROUP_COUNT; group++) {
		bool titled = false;
		for (size_t i = 0; i < option_row_count; i++) {
			const struct option_row *row = &option_rows[i];
			if ((int)row->group != group || (in_file && row->where != WHERE_ANY))
				continue;
			if (!titled)
				text_append_format(
					out, "%s%s%s", title[0], option_group_titles[group], title[1]);
			titled = true;
			append(out, row, in_file);
		}
	}
}

/* --- A file of defaults -------------------------------------------------------------------------------- */

#define COMMENT_COLUMNS 78

/* As comments, broken where there are blanks. The reader of such files has a limit of 198 bytes a line. */
static void append_comment(struct text *out, const char *text)
{
	while (*text) {
		size_t len = strlen(text), room = COMMENT_COLUMNS - strlen("# ");
		if (len > room) {
			for (len = room; len > 1 && text[len] != ' ';)
				len--;
		}
		text_append_format(out, "# %.*s\n", (int)len, text);
		text += len + (text[len] == ' ');
	}
}

static void append_default(struct text *out, const struct option_row *row, bool in_file)
{
	TEXT_AUTO sentences = {0};
	char normal[OPTION_DEFAULT_BYTES];
	(void)in_file;
	option_default(row, normal);
	describe(&sentences, row);
	text_append_string(out, "\n");
	append_comment(out, sentences.data);
	if (!*normal)
		text_append_string(out, "# For example:\n");
	text_append_format(out, "#%s = %s\n", row->name, *normal ? normal : row->sample);
}

void manual_append_defaults(struct text *out)
{
	text_append_string(out,
		"# The configuration of lockstepd; see lockstep.conf(5).\n"
		"#\n"
		"# Each option stands here as a comment: with its default, or with an example\n"
		"# where there is none. Flags and LOCKSTEP_* variables override this file.\n"
		"# `lockstepd --check --config FILE` says whether it is good; on SIGHUP it is\n"
		"# read again, and the log says what changed.\n");
	append_groups(out, true, (const char *[]){"\n\n# --- ", " ---\n"}, append_default);
}

/* --- Roff ---------------------------------------------------------------------------------------------- */

/* In a file it is `name = value`, and a flag without an argument is on or off. */
static void append_term(struct text *out, const struct option_row *row, bool in_file)
{
	text_append_string(out, in_file ? ".TP\n\\fB" : ".TP\n\\fB\\-\\-");
	text_append_roff(out, row->name);
	text_append_string(out, "\\fR");
	if (row->argument || in_file) {
		text_append_string(out, in_file ? " = \\fI" : " \\fI");
		text_append_roff(out, row->argument ? row->argument : "on|off");
		text_append_string(out, "\\fR");
	}
	text_append_string(out, "\n");
}

static void append_option(struct text *out, const struct option_row *row, bool in_file)
{
	TEXT_AUTO sentences = {0};
	char normal[OPTION_DEFAULT_BYTES];
	option_default(row, normal);
	describe(&sentences, row);
	append_term(out, row, in_file);
	text_append_roff(out, sentences.data);
	if (*normal) {
		text_append_string(out, "\nDefault: ");
		text_append_roff(out, normal);
		text_append_string(out, ".");
	}
	text_append_string(out, "\n");
}

static void append_options(struct text *out, bool in_file)
{
	append_groups(out, in_file, (const char *[]){".SS ", "\n"}, append_option);
}

static void append_head(
	struct text *out, const char *title, const char *of, const char *name, const char *what)
{
	text_append_format(out, ".TH %s \"\" \"Lockstep " LOCKSTEP_VERSION "\" \"%s\"\n", title, of);
	text_append_format(out, ".SH NAME\n%s \\- %s\n", name, what);
}

/* --- The pages ----------------------------------------------------------------------------------------- */

/* A term and what it means. */
struct term {
	const char *name, *meaning;
};

static void append_terms(struct text *out, const char *title, const struct term *terms, size_t count)
{
	text_append_format(out, ".SH %s\n", title);
	for (size_t i = 0; i < count; i++) {
		text_append_string(out, ".TP\n\\fB");
		text_append_roff(out, terms[i].name);
		text_append_string(out, "\\fR\n");
		text_append_roff(out, terms[i].meaning);
		text_append_string(out, "\n");
	}
}

static const struct term files[] = {
	{"/etc/lockstep/lockstep.conf", "The configuration of an installed server; see lockstep.conf(5)."},
	{"lockstep.db", "The database: everything."},
	{"lockstep.db-wal, lockstep.db-shm", "SQLite's own, there while the server runs."},
	{"lockstep.db.key", "The key of the server's own tokens. Whoever has it can be anybody."},
	{"lockstep.db.control", "There while a server runs: what delete-user asks it by. Its owner's alone."},
	{"lockstep.db.lock",
		"Held while a server runs: a second one on the same database ends with exit code 1."},
};

static const struct term signals[] = {
	{"SIGTERM, SIGINT",
		"Listeners close, every socket is told that the server goes away, what is under way is "
		"committed, and the program ends within ten seconds; at once on a second signal."},
	{"SIGHUP",
		"The configuration, the certificate and the files of keys are read again. The log says what "
		"changed, and what of it needs a restart. A configuration that is wrong is logged, and the "
		"old one stays."},
};

static const struct term exits[] = {
	{"0", "It ended as asked."},
	{"1", "It could not go on, or do what was asked: a second server on the database, a disk error whose "
	      "outcome is unknown, damage that check-db found."},
	{"2", "A wrong command line."},
	{"78", "A wrong configuration."},
};

static const struct term environment[] = {
	{"LOCKSTEP_...",
		"Each option: LOCKSTEP_MAX_TIMERS for --max-timers. What may be repeated has commas between. "
		"Variables override the configuration file, and flags override both."},
	{"NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID",
		"Set by systemd for a unit of Type=notify: it is told when the server is ready, reloads and "
		"stops, how many are connected, and, with WatchdogSec=, that both the sockets' and the "
		"database's thread are at work."},
	{"LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES",
		"Set by systemd for a unit with a socket unit: these sockets are served in the place of "
		"--listen."},
};

#define TERMS(list) (list), sizeof(list) / sizeof(*(list))

static void append_tools(struct text *out)
{
	text_append_string(out, ".SH COMMANDS\n");
	for (const struct tool *tool = tool_rows; tool->name; tool++) {
		text_append_string(out, ".TP\n\\fBlockstepd ");
		text_append_roff(out, tool->name);
		text_append_string(out, "\\fR ");
		text_append_roff(out, tool->usage);
		text_append_string(out, "\n");
		TEXT_AUTO sentence = {0};
		append_sentence(&sentence, tool->help);
		text_append_roff(out, sentence.data);
		text_append_string(out, "\n");
	}
}

void manual_append_program(struct text *out)
{
	append_head(out, "LOCKSTEPD 8", "System Administration", "lockstepd",
		"serves timers and work sessions, in step on every screen");
	text_append_string(out,
		".SH SYNOPSIS\n.B lockstepd\n[\\fIOPTION\\fR...]\n.br\n.B lockstepd\n"
		"\\fICOMMAND\\fR [\\fIARGUMENT\\fR...]\n"
		".SH DESCRIPTION\n"
		"Lockstep keeps a person's timers and work sessions in step on every screen. This "
		"is its server:\nit keeps everything in one SQLite database, and serves a page, a "
		"WebSocket protocol and an HTTP API.\n"
		".PP\n"
		"An option can stand on the command line, in the environment, or in the file that "
		"\\fB\\-\\-config\\fR names;\nthe first of these that has it counts.\n"
		".SH OPTIONS\n");
	append_options(out, false);
	append_tools(out);
	append_terms(out, "ENVIRONMENT", TERMS(environment));
	append_terms(out, "FILES", TERMS(files));
	append_terms(out, "SIGNALS", TERMS(signals));
	append_terms(out, "EXIT STATUS", TERMS(exits));
	text_append_string(out, ".SH EXAMPLES\n"
				".nf\n"
				"lockstepd \\-\\-dev\n"
				"lockstepd \\-\\-config /etc/lockstep/lockstep.conf \\-\\-check\n"
				"lockstepd \\-\\-db lockstep.db \\-\\-listen unix:/run/lockstep/http.sock\n"
				"lockstepd token \\-\\-db lockstep.db \\-\\-user alice\n"
				"lockstepd backup \\-\\-db lockstep.db \\-\\-to lockstep.backup\n"
				".fi\n"
				".SH SEE ALSO\n"
				".BR lockstep (1),\n.BR lockstep.conf (5)\n");
}

void manual_append_file(struct text *out)
{
	append_head(out, "LOCKSTEP.CONF 5", "File Formats", "lockstep.conf", "configuration of lockstepd");
	text_append_string(out,
		".SH SYNOPSIS\n.I /etc/lockstep/lockstep.conf\n"
		".SH DESCRIPTION\n"
		"The file that \\fBlockstepd \\-\\-config\\fR names. Each line is "
		"\\fIname\\fR = \\fIvalue\\fR.\n"
		"Lines that begin with # or ; are comments, and so is what follows a ; that "
		"stands behind a blank.\nA line has at most 198 bytes, and there are no "
		"sections.\n"
		"An option that may be repeated has a line for each value.\n"
		".PP\n"
		"Environment variables override the file, and flags override both: what may be "
		"repeated is then\nreplaced as a whole.\n"
		"A name that is no option, or a value that is not allowed, is told of in one line, "
		"and the server\ndoes not start; on SIGHUP the old configuration stays.\n"
		"\\fBlockstepd \\-\\-check \\-\\-config\\fR \\fIFILE\\fR says whether a file is "
		"good, and \\fBlockstepd help conf\\fR\nprints one in which every option is a "
		"comment.\n"
		".SH OPTIONS\n");
	append_options(out, true);
	text_append_string(out, ".SH EXAMPLES\n"
				".nf\n"
				"db = /var/lib/lockstep/lockstep.db\n"
				"listen = unix:/run/lockstep/http.sock\n"
				"oidc\\-issuer = https://id.example.org/realms/home\n"
				"oidc\\-audience = lockstep\n"
				"keep\\-events = 30\n"
				".fi\n"
				".SH SEE ALSO\n.BR lockstepd (8)\n");
}
