/* The only logger: one line an event on stderr, as text or JSON. Never give it a token. */
#ifndef LOCKSTEP_SERVER_LOG_H
#define LOCKSTEP_SERVER_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Lines above `level` are dropped. Until this was called: text, LOG_LEVEL_INFO. Any thread. */
void log_init(enum log_level level, bool json);
/* By name: "error", "warn", "info", "debug". False for another. */
bool log_level_parse(const char *name, enum log_level *ret);
const char *log_level_name(enum log_level level);

/* One line; what is no printable ASCII is escaped, what is over 1 KiB is cut. Any thread. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One line of libwebsockets' own log, with its newline; at most a few in ten seconds get through. What it
 * calls an error is mostly a peer's doing, and stands here as a warning. Loop thread. */
void log_library(bool error, const char *line);

#endif
