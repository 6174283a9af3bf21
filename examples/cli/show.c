#include "examples/cli/show.h"

#include "examples/cli/clean.h"
#include "protocol/member.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

void show_clock(struct text *out, int64_t seconds)
{
	if (seconds >= 3600)
		text_append_format(out, "%" PRId64 ":%02d:%02d", seconds / 3600, (int)(seconds / 60 % 60),
			(int)(seconds % 60));
	else
		text_append_format(out, "%d:%02d", (int)(seconds / 60), (int)(seconds % 60));
}

void show_minutes(struct text *out, int64_t minutes)
{
	text_append_format(out, "%" PRId64 ":%02d", minutes / 60, (int)(minutes % 60));
}

int64_t show_seconds(const struct session *session, int64_t now_ms)
{
	int64_t left_ms = session_left_ms(session, now_ms);
	if (left_ms != SESSION_NO_LENGTH)
		return (left_ms + 999) / 1000;
	return session_elapsed_ms(session, now_ms) / 1000;
}

int64_t show_next_ms(const struct session *session, int64_t now_ms)
{
	int64_t left_ms = session_left_ms(session, now_ms);
	if (session->state != STATE_RUNNING || left_ms == 0)
		return 0;
	if (left_ms == SESSION_NO_LENGTH)
		return now_ms + 1000 - session_elapsed_ms(session, now_ms) % 1000;
	return now_ms + (left_ms - 1) % 1000 + 1;
}

const char *show_title(const struct session *session)
{
	return *session->title ? session->title : session_kind_name(session->kind);
}

void show_json(struct text *out, const struct replica *replica, const struct session *session, int64_t now_ms)
{
	const struct group *group = replica_group(replica, &session->group);
	bool has_length = session->initial_ms != SESSION_NO_LENGTH;
	int64_t target_ms = session_target_ms(session);
	int64_t day_ms = replica_day_start(replica, now_ms);
	text_append_string(out, "{");
	member_id(out, "id", &session->id);
	member_string(out, "kind", session_kind_name(session->kind));
	member_string(out, "title", session->title);
	member_text(out, "group", group ? group->name : NULL);
	member_string(out, "state", session_state_name(session->state));
	member_string(out, "status", session_status_name(session->status));
	member_seconds_if(out, "initialSeconds", has_length, session->initial_ms);
	member_seconds_if(out, "leftSeconds", has_length, session_left_ms(session, now_ms));
	member_seconds(out, "elapsedSeconds", session_elapsed_ms(session, now_ms));
	member_integer_if(out, "targetTimeMs", target_ms != 0, target_ms);
	member_seconds(out, "trackedSeconds", session_tracked_ms(session, day_ms, now_ms));
	member_integer_if(out, "goalMinutes", session->daily_goal_minutes != 0, session->daily_goal_minutes);
	text_append_string(out, "}");
}

/* --- Tables --------------------------------------------------------------------------------------------- */

static int columns_of(uint32_t code)
{
	int columns = wcwidth((wchar_t)code);
	return columns < 0 ? 1 : columns;
}

int show_columns(const char *text)
{
	int columns = 0;
	while (*text)
		columns += columns_of(clean_next(&text));
	return columns;
}

void table_add(struct table *table, const char *cell)
{
	if ((table->count & (table->count - 1)) == 0) {
		size_t room = table->count ? table->count * 2 : 1;
		table->cells = realloc(table->cells, room * sizeof(*table->cells));
	}
	char *copy = strdup(cell);
	if (!table->cells || !copy)
		abort();
	table->cells[table->count++] = copy;
}

/* At most `columns` of it, with a sign where something is missing. */
static void append_cut(struct text *out, const char *cell, int columns)
{
	if (show_columns(cell) <= columns) {
		text_append_string(out, cell);
		return;
	}
	const char *end = cell, *next = cell;
	int taken = 0;
	while (*next) {
		taken += columns_of(clean_next(&next));
		if (taken > columns - 1)
			break;
		end = next;
	}
	text_append(out, cell, (size_t)(end - cell));
	text_append_string(out, "…");
}

static int widest(const struct table *table, size_t column)
{
	int most = 0;
	for (size_t at = column; at < table->count; at += table->width) {
		int columns = show_columns(table->cells[at]);
		most = columns > most ? columns : most;
	}
	return most;
}

static void append_cell(struct text *out, const char *cell, int columns, bool right, bool last)
{
	TEXT_AUTO cut = {0};
	append_cut(&cut, cell, columns);
	int blank = cut.data ? columns - show_columns(cut.data) : columns;
	if (right)
		text_append_format(out, "%*s", blank, "");
	text_append(out, cut.data ? cut.data : "", cut.len);
	if (!right)
		text_append_format(out, "%*s", blank, "");
	if (!last)
		text_append_string(out, "  ");
}

/* No blanks at the end of a line. */
static void end_line(struct text *out)
{
	while (out->len && out->data[out->len - 1] == ' ')
		out->len--;
	text_append_string(out, "\n");
}

#define TABLE_WIDTH_MAX 12
#define FIRST_MIN       8

void table_append(const struct table *table, int columns, struct text *out)
{
	int widths[TABLE_WIDTH_MAX] = {0}, all = 0;
	for (size_t i = 0; i < table->width; i++) {
		widths[i] = widest(table, i);
		all += widths[i] + (i ? 2 : 0);
	}
	if (all > columns)
		widths[0] -= all - columns;
	if (widths[0] < FIRST_MIN)
		widths[0] = FIRST_MIN;
	for (size_t at = 0; at < table->count; at++) {
		size_t column = at % table->width;
		append_cell(out, table->cells[at], widths[column], table->right >> column & 1,
			column == table->width - 1);
		if (column == table->width - 1)
			end_line(out);
	}
}

void table_finish(struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	*table = (struct table){0};
}
