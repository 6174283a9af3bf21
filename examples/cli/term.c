#include "examples/cli/term.h"

#include "examples/cli/clean.h"
#include "examples/cli/codes.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* Where there is no terminal, nothing is cut. */
#define COLUMNS_WITHOUT 100000

static void write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t done = write(fd, bytes, len);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0 && errno == EPIPE)
			_exit(CODE_OK);
		if (done < 0) {
			fprintf(stderr, "lockstep: writing: %s\n", strerror(errno));
			_exit(CODE_REFUSED);
		}
		bytes += done;
		len -= (size_t)done;
	}
}

void term_print(const struct text *text)
{
	write_all(STDOUT_FILENO, text->data, text->len);
}

void term_line(const char *format, ...)
{
	char line[2048];
	va_list args;
	TEXT_AUTO clean = {0};
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	clean_append(&clean, line);
	text_append_string(&clean, "\n");
	term_print(&clean);
}

static void say(const char *format, va_list args)
{
	char line[2048];
	TEXT_AUTO clean = {0};
	vsnprintf(line, sizeof(line), format, args);
	text_append_string(&clean, "lockstep: ");
	clean_append(&clean, line);
	text_append_string(&clean, "\n");
	fwrite(clean.data, 1, clean.len, stderr);
}

void term_say(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	say(format, args);
	va_end(args);
}

void term_list(const struct text *lines, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	say(format, args);
	va_end(args);
	fwrite(lines->data, 1, lines->len, stderr);
}

/* --- Reading -------------------------------------------------------------------------------------------- */

/* Without the line's end; false when there is none, or it is too long. */
static bool read_line(FILE *from, char *ret, size_t room)
{
	if (!fgets(ret, (int)room, from))
		return false;
	size_t len = strcspn(ret, "\r\n");
	bool whole = ret[len] || len + 1 < room;
	ret[len] = '\0';
	return whole && len;
}

/* How the terminal was, for whoever interrupts the question. */
static struct termios shown;

static void on_interrupt(int number)
{
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	signal(number, SIG_DFL);
	raise(number);
}

/* What is typed is not shown; the terminal is put right again, also when it is interrupted. */
static bool read_hidden(const char *prompt, char *ret, size_t room)
{
	struct sigaction interrupt = {.sa_handler = on_interrupt, .sa_flags = SA_NODEFER}, before;
	struct termios hidden;
	if (tcgetattr(STDIN_FILENO, &shown) != 0)
		return false;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	sigaction(SIGINT, &interrupt, &before);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	/* Only now: who is quick would be shown, or lost with what is flushed. */
	fputs(prompt, stderr);
	bool good = read_line(stdin, ret, room);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	sigaction(SIGINT, &before, NULL);
	fputs("\n", stderr);
	return good;
}

bool term_read_secret(const char *prompt, const char *file, char *ret, size_t room)
{
	bool good;
	FILE *from = file ? fopen(file, "re") : stdin;
	if (!from) {
		term_say("%s: %s", file, strerror(errno));
		return false;
	}
	if (!file && isatty(STDIN_FILENO))
		good = read_hidden(prompt, ret, room);
	else
		good = read_line(from, ret, room);
	if (file)
		fclose(from);
	if (!good)
		term_say("there is no token in %s", file ? file : "standard input");
	return good;
}

int term_columns(void)
{
	struct winsize size;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return COLUMNS_WITHOUT;
	return size.ws_col;
}
