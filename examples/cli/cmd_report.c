/* `lockstep report`: what was tracked, by session and day, and the goals. */
#include "examples/cli/clean.h"
#include "examples/cli/seconds.h"
#include "examples/cli/show.h"
#include "examples/cli/term.h"
#include "examples/cli/verbs.h"
#include "examples/cli/web.h"
#include "protocol/day.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than a week of days is no table; then there are totals alone. */
#define COLUMNS_MAX 7

struct times {
	int64_t days_ms[COLUMNS_MAX];
	int64_t all_ms;
};

struct row {
	char id[UUID_TEXT];
	char title[LIMIT_BYTES(LIMIT_TITLE_CHARS)];
	struct times times;
	int64_t goal_minutes;
};

struct report {
	const struct args *args;
	const struct config *config;
	struct config_token token;
	int64_t timeout_ms;
	const char *period;
	char from[DAY_TEXT], to[DAY_TEXT];
	size_t columns; /* of days; 0: totals alone */
	char heads[COLUMNS_MAX][16];
	struct row *rows;
	size_t row_count;
	struct times sum, together;
};

/* --- Asking --------------------------------------------------------------------------------------------- */

static enum code ask(const struct report *report, const char *path, cJSON **ret)
{
	struct web_request request = {"GET", path, NULL, report->token.text, report->timeout_ms};
	return web_ask(report->config, &request, ret);
}

static enum code ask_today(const struct report *report, int32_t *ret)
{
	JSON_AUTO *me = NULL;
	enum code code = ask(report, "/me", &me);
	const cJSON *day = json_get(me, "day");
	if (code || (cJSON_IsString(day) && day_parse(day->valuestring, ret)))
		return code;
	term_say("%s does not say what day it is", report->config->url);
	return CODE_REFUSED;
}

/* Monday to Sunday, or the first to the last of the month. */
static enum code choose_range(struct report *report)
{
	const struct args *args = report->args;
	int32_t today;
	report->period = args->values[ARG_MONTH] ? "monthly" : "daily";
	if (args->values[ARG_FROM]) {
		snprintf(report->from, DAY_TEXT, "%s", args->values[ARG_FROM]);
		snprintf(report->to, DAY_TEXT, "%s", args->values[ARG_TO]);
		return CODE_OK;
	}
	enum code code = ask_today(report, &today);
	if (code)
		return code;
	bool day = args->values[ARG_DAY] || args->values[ARG_MONTH];
	int32_t from = day ? today : today - day_weekday(today) + 1;
	day_format(from < 0 ? 0 : from, report->from);
	day_format(day ? today : from + 6, report->to);
	return CODE_OK;
}

static enum code ask_analytics(struct report *report, cJSON **ret)
{
	char path[160];
	enum code code = choose_range(report);
	snprintf(path, sizeof(path), "/v1/analytics?period=%s&from=%s&to=%s", report->period, report->from,
		report->to);
	return code ? code : ask(report, path, ret);
}

/* --- Reading -------------------------------------------------------------------------------------------- */

static const char *text_of(const cJSON *object, const char *name)
{
	const cJSON *item = json_get(object, name);
	return cJSON_IsString(item) ? item->valuestring : "";
}

static int64_t ms_of(const cJSON *object, const char *name)
{
	const cJSON *item = json_get(object, name);
	return cJSON_IsNumber(item) ? llround(item->valuedouble * MINUTE_MS) : 0;
}

static void add(struct report *report, struct times *times, size_t column, int64_t ms)
{
	if (column < report->columns)
		times->days_ms[column] += ms;
	times->all_ms += ms;
}

static struct row *row_of(struct report *report, const cJSON *session)
{
	const char *id = text_of(session, "session"), *title = text_of(session, "title");
	for (size_t i = 0; i < report->row_count; i++) {
		if (strcmp(report->rows[i].id, id) == 0)
			return &report->rows[i];
	}
	report->rows = realloc(report->rows, (report->row_count + 1) * sizeof(*report->rows));
	if (!report->rows)
		abort();
	struct row *row = &report->rows[report->row_count++];
	*row = (struct row){0};
	snprintf(row->id, sizeof(row->id), "%s", id);
	clean_copy(*title ? title : text_of(session, "kind"), row->title, sizeof(row->title));
	return row;
}

static void read_period(struct report *report, const cJSON *period, size_t column)
{
	static const char *const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
	const cJSON *session;
	int32_t day;
	int64_t goal;
	if (column < report->columns && day_parse(text_of(period, "from"), &day))
		snprintf(report->heads[column], sizeof(report->heads[column]), "%s %.2s",
			names[day_weekday(day) - 1], text_of(period, "from") + 8);
	add(report, &report->sum, column, ms_of(period, "sumMinutes"));
	add(report, &report->together, column, ms_of(period, "unionMinutes"));
	cJSON_ArrayForEach (session, json_get(period, "sessions")) {
		struct row *row = row_of(report, session);
		add(report, &row->times, column, ms_of(session, "minutes"));
		if (json_integer(json_get(session, "goalMinutes"), &goal))
			row->goal_minutes += goal;
	}
}

static int compare(const void *a, const void *b)
{
	const struct row *one = a, *other = b;
	if (one->times.all_ms != other->times.all_ms)
		return one->times.all_ms < other->times.all_ms ? 1 : -1;
	return strcasecmp(one->title, other->title);
}

static void read_periods(struct report *report, const cJSON *periods)
{
	const cJSON *period;
	size_t column = 0, count = (size_t)cJSON_GetArraySize(periods);
	report->columns = count > 1 && count <= COLUMNS_MAX ? count : 0;
	cJSON_ArrayForEach (period, periods)
		read_period(report, period, column++);
	if (report->row_count)
		qsort(report->rows, report->row_count, sizeof(*report->rows), compare);
}

/* --- Telling -------------------------------------------------------------------------------------------- */

static void add_time(struct table *table, int64_t ms, bool always)
{
	TEXT_AUTO cell = {0};
	if (ms || always)
		show_minutes(&cell, (ms + MINUTE_MS / 2) / MINUTE_MS);
	table_add(table, cell.len ? cell.data : "");
}

static void add_line(struct table *table, const struct report *report, const char *head,
	const struct times *times, int64_t goal_minutes)
{
	TEXT_AUTO goal = {0};
	table_add(table, head);
	for (size_t i = 0; i < report->columns; i++)
		add_time(table, times->days_ms[i], false);
	add_time(table, times->all_ms, true);
	if (goal_minutes) {
		show_minutes(&goal, goal_minutes);
		text_append_string(&goal, times->all_ms >= goal_minutes * MINUTE_MS ? " ✔" : "  ");
	}
	table_add(table, goal.len ? goal.data : "");
}

static void append_table(struct text *out, const struct report *report)
{
	struct table table = {.width = report->columns + 3, .right = ~1U};
	table_add(&table, "SESSION");
	for (size_t i = 0; i < report->columns; i++)
		table_add(&table, report->heads[i]);
	table_add(&table, "TIME");
	table_add(&table, "GOAL  ");
	for (size_t i = 0; i < report->row_count; i++) {
		const struct row *row = &report->rows[i];
		add_line(&table, report, row->title, &row->times, row->goal_minutes);
	}
	add_line(&table, report, "= sum", &report->sum, 0);
	add_line(&table, report, "= union", &report->together, 0);
	table_append(&table, term_columns(), out);
	table_finish(&table);
}

static void tell(struct report *report, const cJSON *answer)
{
	int64_t streak = 0;
	TEXT_AUTO out = {0}, json = {0};
	if (report->args->values[ARG_JSON]) {
		json_print(answer, &json);
		clean_append(&out, json.data);
		text_append_string(&out, "\n");
	} else {
		const char *from = text_of(answer, "from"), *to = text_of(answer, "to");
		read_periods(report, json_get(answer, "periods"));
		clean_append(&out, from);
		if (strcmp(from, to) != 0) {
			text_append_string(&out, " to ");
			clean_append(&out, to);
		}
		text_append_string(&out, "\n\n");
		append_table(&out, report);
		if (json_integer(json_get(answer, "streakDays"), &streak))
			text_append_format(&out, "\nstreak: %d day%s\n", (int)streak, streak == 1 ? "" : "s");
	}
	term_print(&out);
}

static bool check(const struct args *args)
{
	int32_t day;
	int ranges = !!args->values[ARG_DAY] + !!args->values[ARG_WEEK] + !!args->values[ARG_MONTH] +
		     (args->values[ARG_FROM] || args->values[ARG_TO]);
	if (ranges > 1 || !args->values[ARG_FROM] != !args->values[ARG_TO]) {
		term_say("report takes one of --day, --week, --month, or --from and --to");
		return false;
	}
	for (int arg = ARG_FROM; arg <= ARG_TO; arg++) {
		if (args->values[arg] && !day_parse(args->values[arg], &day)) {
			term_say("--%s %s: expected YYYY-MM-DD", arg_rows[arg].name, args->values[arg]);
			return false;
		}
	}
	return true;
}

enum code verb_report(const struct args *args, const struct config *config)
{
	struct report report = {.args = args, .config = config};
	JSON_AUTO *answer = NULL;
	if (!check(args) || !seconds_of(args, &report.timeout_ms))
		return CODE_USAGE;
	enum code code = config_load_token(config, &report.token);
	if (!code)
		code = ask_analytics(&report, &answer);
	if (!code)
		tell(&report, answer);
	free(report.rows);
	return code;
}
