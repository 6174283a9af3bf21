#include "server/log.h"

#include "server/clock.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LINE_BYTES 1024
/* The library can log without bound (a full descriptor table, a hostile peer): so many lines in so long. */
#define LIBRARY_LINES     5
#define LIBRARY_WINDOW_MS 10000

/* Read by all threads. */
static struct {
	atomic_uint level;
	atomic_bool json;
} settings = {LOG_LEVEL_INFO, false};

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};

void log_init(enum log_level level, bool json)
{
	settings.level = level;
	settings.json = json;
}

const char *log_level_name(enum log_level level)
{
	return level_names[level];
}

bool log_level_parse(const char *name, enum log_level *ret)
{
	for (int i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++) {
		if (strcmp(name, level_names[i]) == 0) {
			*ret = (enum log_level)i;
			return true;
		}
	}
	return false;
}

/* Room for one byte, escaped. */
#define ESCAPED_BYTES 7

/* Appends one byte of a message, so that a line stays a line and a terminal is not told anything: above
 * ASCII, too, there are characters that are orders to it, and a cut or a peer may leave what is no UTF-8. In
 * JSON each byte of a character stands for itself. */
static size_t escape_byte(char *out, unsigned char byte)
{
	bool plain = byte >= 0x20 && byte < 0x7f && !(settings.json && (byte == '"' || byte == '\\'));
	if (!plain)
		return (size_t)snprintf(out, ESCAPED_BYTES, settings.json ? "\\u%04x" : "\\x%02x", byte);
	*out = (char)byte;
	return 1;
}

static void escape(char *out, const char *message)
{
	for (; *message; message++)
		out += escape_byte(out, (unsigned char)*message);
	*out = '\0';
}

static void format_time(char ret[32])
{
	int64_t now_ms = clock_wall_ms();
	time_t seconds = (time_t)(now_ms / 1000);
	struct tm parts;
	gmtime_r(&seconds, &parts);
	size_t len = strftime(ret, 32, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(ret + len, 32 - len, ".%03dZ", (int)(now_ms % 1000));
}

/* One write for the whole line: lines of several threads don't mix. */
static void emit(enum log_level level, const char *message)
{
	char when[32];
	char text[LINE_BYTES * ESCAPED_BYTES];
	format_time(when);
	escape(text, message);
	if (settings.json)
		fprintf(stderr, "{\"time\":\"%s\",\"level\":\"%s\",\"message\":\"%s\"}\n", when,
			level_names[level], text);
	else
		fprintf(stderr, "%s %s %s\n", when, level_names[level], text);
}

static void log_line(enum log_level level, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));
static void log_line(enum log_level level, const char *format, va_list arguments)
{
	char message[LINE_BYTES];
	if (level > settings.level)
		return;
	vsnprintf(message, sizeof(message), format, arguments);
	emit(level, message);
}

void log_error(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	log_line(LOG_LEVEL_ERROR, format, arguments);
	va_end(arguments);
}

void log_warn(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	log_line(LOG_LEVEL_WARN, format, arguments);
	va_end(arguments);
}

void log_info(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	log_line(LOG_LEVEL_INFO, format, arguments);
	va_end(arguments);
}

void log_debug(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	log_line(LOG_LEVEL_DEBUG, format, arguments);
	va_end(arguments);
}

void log_library(bool error, const char *line)
{
	static int64_t window_ms;
	static int lines;
	int64_t now_ms = clock_monotonic_ms();
	if (now_ms - window_ms >= LIBRARY_WINDOW_MS) {
		if (lines > LIBRARY_LINES)
			log_warn("libwebsockets: %d more lines were left out", lines - LIBRARY_LINES);
		window_ms = now_ms;
		lines = 0;
	}
	if (++lines > LIBRARY_LINES)
		return;
	int len = (int)strcspn(line, "\n");
	if (error)
		log_warn("libwebsockets: %.*s", len, line);
	else
		log_debug("libwebsockets: %.*s", len, line);
}
