/* `lockstep console`: what is typed goes out, what comes in is shown. On a terminal with history and
 * completion; from a pipe it ends when all that was sent is answered. */
#include "examples/cli/clean.h"
#include "examples/cli/console_frame.h"
#include "examples/cli/console_line.h"
#include "examples/cli/link.h"
#include "examples/cli/now.h"
#include "examples/cli/seconds.h"
#include "examples/cli/term.h"
#include "examples/cli/verbs.h"

#include <ev.h>
#include <histedit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HISTORY_LINES 1000
#define PROMPT        "> "
#define WELCOME                                                                               \
	"A message is JSON, or short: start session=… ; Tab completes, also ids by title. " \
	"{\"type\":\"help\"} lists them.\n"                                                   \
	":raw, :pretty, :drop (lose the connection), :quit\n"

struct console {
	struct ev_loop *ev;
	struct link *link;
	struct replica replica;
	struct config_token token;
	enum link_phase phase;
	struct frame_style style;
	bool raw, typing; /* on a terminal */
	bool watched;     /* what is shown is on one */
	bool resuming;
	EditLine *edit;
	History *history;
	char history_file[CONFIG_PATH];
	struct ev_io input;
	struct ev_signal interrupt, terminate;
	struct ev_timer patience;
	struct text piped;        /* read, and not yet sent */
	bool ended;               /* nothing more will be typed */
	int64_t last_id, waiting; /* for answers */
	enum code code;
};

/* Above the line that is being typed, which stays as it is. */
static void show(struct console *console, const struct text *text)
{
	TEXT_AUTO out = {0};
	if (console->typing)
		text_append_string(&out, "\r\033[K");
	text_append(&out, text->data, text->len);
	term_print(&out);
	if (console->typing)
		el_set(console->edit, EL_REFRESH);
}

static void show_note(struct console *console, const char *note, const char *more)
{
	TEXT_AUTO out = {0};
	text_append_format(&out, "-- %s%s", note, more[0] ? ": " : "");
	clean_append(&out, more);
	text_append_string(&out, "\n");
	show(console, &out);
}

static void append_raw(
	const struct console *console, struct text *out, bool sent, const char *bytes, size_t len)
{
	TEXT_AUTO line = {0};
	text_append(&line, bytes, len);
	if (console->edit)
		text_append_string(out, sent ? "→ " : "← ");
	if (console->watched)
		clean_append(out, line.data);
	else
		text_append(out, bytes, len);
	text_append_string(out, "\n");
}

static void append_pretty(const struct console *console, struct text *out, bool sent, const cJSON *tree)
{
	char time[NOW_INSTANT];
	now_format_instant(now_wall_ms(), time);
	text_append_format(out, "%s %s ", sent ? "→" : "←", time);
	console_frame_append(out, tree, &console->style);
}

static void show_frame(struct console *console, bool sent, const cJSON *tree, const char *bytes, size_t len)
{
	TEXT_AUTO out = {0};
	if (console->raw)
		append_raw(console, &out, sent, bytes, len);
	else
		append_pretty(console, &out, sent, tree);
	show(console, &out);
}

static void end(struct console *console, enum code code)
{
	console->code = code;
	ev_break(console->ev, EVBREAK_ALL);
}

/* --- What comes in --- */

static const char *text_of(const cJSON *message, const char *name)
{
	const cJSON *item = json_get(message, name);
	return cJSON_IsString(item) ? item->valuestring : "";
}

/* Of those to a `resume` it is `live`, the last. */
static bool is_answer(const cJSON *message)
{
	static const char *const types[] = {"result", "help", "time", "live", "snapshot"};
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (strcmp(text_of(message, "type"), types[i]) == 0)
			return strcmp(types[i], "snapshot") != 0 || json_get(message, "id");
	}
	return false;
}

static void ask_again(struct console *console)
{
	TEXT_AUTO resume = {0};
	TEXT_AUTO position = {0};
	replica_append_position(&console->replica, &position);
	if (position.len < 2 || console->resuming)
		return;
	console->resuming = true;
	console->waiting++;
	text_append_string(&resume, "{\"type\":\"resume\",");
	text_append_string(&resume, position.data + 1);
	link_send(console->link, resume.data);
	show_note(console, "something was missed", "resume was sent");
}

static void send_piped(struct console *console);

static void on_message(void *context, const cJSON *tree, const char *bytes, size_t len)
{
	struct console *console = context;
	show_frame(console, false, tree, bytes, len);
	if (strcmp(text_of(tree, "type"), "live") == 0)
		console->resuming = false;
	if (replica_take(&console->replica, tree) == REPLICA_GAP)
		ask_again(console);
	if (is_answer(tree) && console->waiting)
		console->waiting--;
	if (!console->edit)
		send_piped(console);
}

static void on_phase(void *context, enum link_phase phase, const char *why)
{
	struct console *console = context;
	bool news = phase != console->phase;
	console->phase = phase;
	if (news && (phase == LINK_OFFLINE || phase == LINK_REFUSED))
		show_note(console, link_phase_name(phase), why);
	if (!console->edit && phase == LINK_REFUSED)
		end(console, CODE_TOKEN);
	else if (!console->edit && phase == LINK_OFFLINE)
		end(console, CODE_OFFLINE);
	else if (!console->edit && phase == LINK_LIVE)
		send_piped(console);
}

static const char *token_of(void *context)
{
	struct console *console = context;
	return console->token.text;
}

static void append_position(void *context, struct text *out)
{
	struct console *console = context;
	replica_append_position(&console->replica, out);
}

/* --- What is typed --- */

/* How often the message will be answered: of a batch each command is. */
static int answers_to(const cJSON *message)
{
	if (strcmp(text_of(message, "type"), "batch") == 0)
		return cJSON_GetArraySize(json_get(message, "commands"));
	return 1;
}

static void send_line(struct console *console, const char *line)
{
	TEXT_AUTO message = {0};
	TEXT_AUTO why = {0};
	JSON_AUTO *tree = NULL;
	struct refusal refusal;
	if (!console_line_message(line, console->last_id + 1, &message, &why)) {
		show_note(console, "not sent", why.data);
		return;
	}
	if (console->phase != LINK_LIVE) {
		show_note(console, "not sent", "there is no connection");
		return;
	}
	console->last_id++;
	link_send(console->link, message.data);
	/* What can't be read here is refused there, once. */
	bool read = !json_parse_within(message.data, message.len, LINK_JSON_DEPTH, &tree, &refusal);
	console->waiting += answers_to(tree);
	if (read && console->edit)
		show_frame(console, true, tree, message.data, message.len);
}

static void drop(struct console *console)
{
	link_drop(console->link, "as was asked for");
}

static void go_raw(struct console *console)
{
	console->raw = true;
}

static void go_pretty(struct console *console)
{
	console->raw = false;
}

static void quit(struct console *console)
{
	end(console, CODE_OK);
}

static void take_line(struct console *console, const char *line)
{
	static const struct {
		const char *name;
		void (*run)(struct console *console);
	} own[] = {{":raw", go_raw}, {":pretty", go_pretty}, {":drop", drop}, {":quit", quit}};
	line += strspn(line, " \t");
	if (line[0] != ':') {
		if (line[0])
			send_line(console, line);
		return;
	}
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
		if (strcmp(line, own[i].name) == 0) {
			own[i].run(console);
			return;
		}
	}
	show_note(console, "there is no such command", line);
}

/* Without a terminal: whole lines, once there is somebody to send them to. */
static void send_piped(struct console *console)
{
	char *newline;
	while (console->phase == LINK_LIVE && console->piped.len &&
		((newline = memchr(console->piped.data, '\n', console->piped.len)) || console->ended)) {
		size_t len = newline ? (size_t)(newline - console->piped.data) : console->piped.len;
		TEXT_AUTO line = {0};
		TEXT_AUTO rest = {0};
		text_append(&line, console->piped.data, len);
		text_append(&rest, console->piped.data + len, console->piped.len - len);
		if (newline) {
			text_clear(&console->piped);
			text_append(&console->piped, rest.data + 1, rest.len - 1);
		} else {
			text_clear(&console->piped);
		}
		if (line.len)
			take_line(console, line.data);
	}
	if (console->ended && !console->waiting && console->phase == LINK_LIVE)
		end(console, CODE_OK);
}

static void on_patience(struct ev_loop *ev, struct ev_timer *timer, int events)
{
	(void)ev;
	(void)events;
	term_say("no answer in time");
	end(timer->data, CODE_OFFLINE);
}

static void on_pipe(struct ev_loop *ev, struct ev_io *io, int events)
{
	struct console *console = io->data;
	char bytes[4096];
	(void)events;
	ssize_t count = read(io->fd, bytes, sizeof(bytes));
	if (count > 0) {
		text_append(&console->piped, bytes, (size_t)count);
	} else {
		console->ended = true;
		ev_io_stop(ev, io);
		ev_timer_start(ev, &console->patience);
	}
	send_piped(console);
}

static void keep_line(struct console *console, const char *line)
{
	HistEvent event;
	/* A token belongs into no file but its own. */
	if (line[0] && !strstr(line, "token"))
		history(console->history, &event, H_ENTER, line);
}

/* One character was typed; the whole line comes with the last of it. */
static void on_key(struct ev_loop *ev, struct ev_io *io, int events)
{
	struct console *console = io->data;
	int count = 0;
	(void)ev;
	(void)events;
	const char *line = el_gets(console->edit, &count);
	if (!line || count <= 0) {
		end(console, CODE_OK);
		return;
	}
	if (line[count - 1] != '\n')
		return;
	TEXT_AUTO taken = {0};
	text_append(&taken, line, (size_t)count - 1);
	if (!taken.len)
		text_append_string(&taken, "");
	keep_line(console, taken.data);
	/* Only so does the editor begin a new line. */
	el_set(console->edit, EL_UNBUFFERED, 0);
	console->typing = false;
	take_line(console, taken.data);
	console->typing = true;
	el_set(console->edit, EL_UNBUFFERED, 1);
}

static void on_signal(struct ev_loop *ev, struct ev_signal *signal, int events)
{
	(void)ev;
	(void)events;
	end(signal->data, CODE_OK);
}

/* --- The line editor --- */

static size_t common_length(const struct completions *found)
{
	size_t len = strlen(found->items[0].text);
	for (size_t i = 1; i < found->count; i++) {
		size_t same = 0;
		while (same < len && found->items[i].text[same] == found->items[0].text[same])
			same++;
		len = same;
	}
	return len;
}

static void show_labels(struct console *console, const struct completions *found)
{
	TEXT_AUTO out = {0};
	for (size_t i = 0; i < found->count; i++)
		text_append_format(&out, "   %s\n", found->items[i].label);
	show(console, &out);
}

static unsigned char on_tab(EditLine *edit, int key)
{
	struct console *console;
	struct completions found;
	const LineInfo *info = el_line(edit);
	TEXT_AUTO line = {0};
	unsigned char done = CC_ERROR;
	(void)key;
	el_get(edit, EL_CLIENTDATA, &console);
	text_append(&line, info->buffer, (size_t)(info->lastchar - info->buffer));
	if (!line.len)
		text_append_string(&line, "");
	size_t cursor = (size_t)(info->cursor - info->buffer);
	console_line_complete(line.data, cursor, &console->replica, &found);
	if (found.count) {
		char *text = strndup(found.items[0].text, common_length(&found));
		size_t typed = cursor - found.from;
		bool more =
			text && (strlen(text) > typed || strncmp(text, line.data + found.from, typed) != 0);
		if (text && *text && (more || found.count == 1)) {
			el_deletestr(edit, (int)typed);
			el_insertstr(edit, text);
		}
		free(text);
		done = CC_REFRESH;
		if (found.count > 1)
			show_labels(console, &found);
	}
	completions_finish(&found);
	return done;
}

/* The editor's own way to end the input waits for one more key. */
static unsigned char on_end_of_input(EditLine *edit, int key)
{
	const LineInfo *info = el_line(edit);
	struct console *console;
	(void)key;
	el_get(edit, EL_CLIENTDATA, &console);
	if (info->lastchar > info->buffer)
		return CC_ERROR;
	end(console, CODE_OK);
	return CC_NORM;
}

static char *prompt(EditLine *edit)
{
	static char text[] = PROMPT;
	(void)edit;
	return text;
}

static void open_history(struct console *console, const struct config *config)
{
	HistEvent event;
	console->history = history_init();
	if (!console->history)
		abort();
	snprintf(console->history_file, sizeof(console->history_file), "%.*s/history",
		(int)(sizeof(console->history_file) - sizeof("/history")), config->folder);
	history(console->history, &event, H_SETSIZE, HISTORY_LINES);
	history(console->history, &event, H_SETUNIQUE, 1);
	history(console->history, &event, H_LOAD, console->history_file);
}

static void open_editor(struct console *console, const struct config *config)
{
	open_history(console, config);
	console->edit = el_init("lockstep", stdin, stdout, stderr);
	if (!console->edit)
		abort();
	el_set(console->edit, EL_CLIENTDATA, console);
	el_set(console->edit, EL_PROMPT, prompt);
	el_set(console->edit, EL_EDITOR, "emacs");
	el_set(console->edit, EL_HIST, history, console->history);
	el_set(console->edit, EL_ADDFN, "complete", "what may come next", on_tab);
	el_set(console->edit, EL_BIND, "^I", "complete", NULL);
	el_set(console->edit, EL_ADDFN, "leave", "end the program", on_end_of_input);
	el_set(console->edit, EL_BIND, "^D", "leave", NULL);
	el_source(console->edit, NULL);
	el_set(console->edit, EL_UNBUFFERED, 1);
}

static void close_editor(struct console *console)
{
	HistEvent event;
	mode_t mask = umask(077);
	el_set(console->edit, EL_UNBUFFERED, 0);
	history(console->history, &event, H_SAVE, console->history_file);
	umask(mask);
	history_end(console->history);
	el_end(console->edit);
	TEXT_AUTO newline = {0};
	text_append_string(&newline, "\n");
	term_print(&newline);
}

static void start(struct console *console, int64_t timeout_ms)
{
	ev_io_init(&console->input, console->edit ? on_key : on_pipe, STDIN_FILENO, EV_READ);
	ev_timer_init(&console->patience, on_patience, (double)timeout_ms / 1000., 0.);
	ev_signal_init(&console->interrupt, on_signal, SIGINT);
	ev_signal_init(&console->terminate, on_signal, SIGTERM);
	console->input.data = console->patience.data = console;
	console->interrupt.data = console->terminate.data = console;
	ev_io_start(console->ev, &console->input);
	ev_signal_start(console->ev, &console->interrupt);
	ev_signal_start(console->ev, &console->terminate);
}

static enum code run(struct console *console, const struct config *config, int64_t timeout_ms)
{
	static const struct link_hooks hooks = {on_message, on_phase, token_of, append_position};
	struct link_options options = {&config->address, config->name, config->ca, &hooks, console};
	TEXT_AUTO welcome = {0};
	text_append_string(&welcome, WELCOME);
	console->ev = ev_loop_new(EVFLAG_AUTO);
	console->link = console->ev ? link_create(console->ev, &options) : NULL;
	if (!console->link)
		abort();
	if (console->typing) {
		term_print(&welcome);
		open_editor(console, config);
	}
	start(console, timeout_ms);
	ev_run(console->ev, 0);
	if (console->typing)
		close_editor(console);
	link_destroy(console->link);
	ev_loop_destroy(console->ev);
	replica_finish(&console->replica);
	text_finish(&console->piped);
	return console->code;
}

enum code verb_console(const struct args *args, const struct config *config)
{
	bool typing = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	struct console console = {.phase = LINK_CONNECTING,
		.raw = args->values[ARG_RAW],
		.typing = typing,
		.watched = isatty(STDOUT_FILENO)};
	int64_t timeout_ms;
	console.style =
		(struct frame_style){.color = typing && !getenv("NO_COLOR"), .columns = term_columns()};
	if (!seconds_of(args, &timeout_ms))
		return CODE_USAGE;
	enum code code = config_load_token(config, &console.token);
	return code ? code : run(&console, config, timeout_ms);
}
