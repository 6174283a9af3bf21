#include "examples/cli/term.h"

#include "examples/cli/clean.h"
#include "examples/cli/codes.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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

int term_columns(void)
{
	struct winsize size;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return COLUMNS_WITHOUT;
	return size.ws_col;
}
