/* Sessions as people and scripts read them. Appends to texts; prints nothing. */
#ifndef LOCKSTEP_CLI_SHOW_H
#define LOCKSTEP_CLI_SHOW_H

#include "examples/cli/replica.h"

/* 12:34, 1:02:03. */
void show_clock(struct text *out, int64_t seconds);
/* Hours and minutes: 0:35. */
void show_minutes(struct text *out, int64_t minutes);
/* The seconds that a session shows: those left, rounded up, so that it ends with the last one; or, where it
 * has no length, those gone by, rounded down. */
int64_t show_seconds(const struct session *session, int64_t now_ms);
/* When, after now_ms, it shows another second; 0: not by itself. */
int64_t show_next_ms(const struct session *session, int64_t now_ms);
/* Its title, or what it is where it has none. */
const char *show_title(const struct session *session);
/* One session as a JSON object, its times as of now_ms. */
void show_json(
	struct text *out, const struct replica *replica, const struct session *session, int64_t now_ms);

/* A table: columns as wide as their widest cell, the first one cut when a line would be longer than
 * `columns`. Cells are a row after the other, `width` of them each; numbers, by `right`'s bits, are to the
 * right. */
struct table {
	char **cells;
	size_t count;
	size_t width;
	unsigned right;
};
/* Adds the next cell. */
void table_add(struct table *table, const char *cell);
void table_append(const struct table *table, int columns, struct text *out);
void table_finish(struct table *table);
/* Columns that a text takes on a terminal. */
int show_columns(const char *text);

#endif
