#include "server/query.h"

#include "server/shape.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LIMIT_MAX = 100,
	LIMIT_DEFAULT = 20,
	/* So that page times limit, and any offset, fit into an int. */
	PAGE_MAX = 10000000,
	OFFSET_MAX = 1000000000,
	/* Fewer than would overflow. */
	NUMBER_DIGITS = 15,
	NAME_BYTES = 64
};

enum parameter {
	LIMIT,
	PAGE,
	OFFSET,
	PERIOD,
	FROM,
	TO,
	GROUP,
	SESSION,
	KIND,
	EPOCH,
	SEQ,
	TAG,
	WAIT_MS,
	SESSION_KIND,
	STATUS,
	START_DATE,
	END_DATE,
	PLAN,
	COMPLETED,
	DATE_FROM,
	DATE_TO,
	SORT,
	ORDER,
	QUEST,
	QUEST_STATUS,
	WORK_STATUS,
	PARAMETER_COUNT
};

struct parameter_row {
	const char *name;
	unsigned views; /* where it may stand, bits */
	unsigned kinds; /* of sessions that it is about, bits; 0: any */
	bool (*read)(const struct parameter_row *row, const char *text, struct value *ret);
	const char *what;         /* it must be, for refusals */
	const char *const *words; /* NULL ends them */
	int64_t min, max;
};

/* A query as far as it has been read. Words are kept as their numbers. */
struct reading {
	struct view_query *view;
	struct value values[PARAMETER_COUNT];
};

/* How values are read. */

static bool read_number(const struct parameter_row *row, const char *text, struct value *ret)
{
	size_t digits = strspn(text, "0123456789");
	bool plain = digits >= 1 && digits <= NUMBER_DIGITS && text[digits] == '\0';
	ret->number = plain ? strtoll(text, NULL, 10) : -1;
	return plain && ret->number >= row->min && ret->number <= row->max;
}

static bool read_word(const struct parameter_row *row, const char *text, struct value *ret)
{
	for (ret->number = 0; row->words[ret->number]; ret->number++) {
		if (strcmp(text, row->words[ret->number]) == 0)
			return true;
	}
	return false;
}

/* rest.md: "never timers". */
static bool read_session_kind(const struct parameter_row *row, const char *text, struct value *ret)
{
	return read_word(row, text, ret) && ret->number != KIND_TIMER;
}

static bool read_period(const struct parameter_row *row, const char *text, struct value *ret)
{
	enum analytics_period period = ANALYTICS_DAILY;
	(void)row;
	bool known = analytics_period_parse(text, &period);
	ret->number = period;
	return known;
}

static bool read_day(const struct parameter_row *row, const char *text, struct value *ret)
{
	int32_t day = 0;
	(void)row;
	bool real = day_parse(text, &day);
	ret->number = day;
	return real;
}

static bool read_uuid(const struct parameter_row *row, const char *text, struct value *ret)
{
	(void)row;
	return uuid_parse(text, &ret->id) && !uuid_is_nil(&ret->id);
}

static bool read_text(const struct parameter_row *row, const char *text, struct value *ret)
{
	(void)row;
	ret->text = text;
	return true;
}

/* The parameters. */

#define BIT(n)           (1U << (n))
#define SESSIONS         BIT(VIEW_SESSIONS)
#define FOCUS_SESSIONS   BIT(VIEW_FOCUS_SESSIONS)
#define PROJECT_SESSIONS BIT(VIEW_PROJECT_SESSIONS)
#define ANALYTICS        BIT(VIEW_ANALYTICS)
#define PROJECT_TIME     BIT(VIEW_PROJECT_TIME)
#define EVENTS           BIT(VIEW_EVENTS)
#define OTHER_LISTS                                                                                     \
	(BIT(VIEW_TIMERS) | BIT(VIEW_GROUPS) | BIT(VIEW_TASKS) | BIT(VIEW_PROBLEMS) | BIT(VIEW_PLANS) | \
		BIT(VIEW_AUDIT) | BIT(VIEW_DEVICES))
#define PAGED    (SESSIONS | PROJECT_SESSIONS | OTHER_LISTS)
#define FOCUS    BIT(KIND_FOCUS)
#define TRAINING BIT(KIND_TRAINING)

/* Of these the first is meant when nothing is said. */
static const char *const sorts[] = {"started_at", "date", NULL};
static const char *const orders[] = {"desc", "asc", NULL};
static const char *const booleans[] = {"false", "true", NULL};

/* clang-format off */
#define NUMBER(name_, views_, min_, max_) \
	{.name = name_, .views = views_, .read = read_number, .min = min_, .max = max_}
#define DAY(name_, views_, kinds_) \
	{.name = name_, .views = views_, .kinds = kinds_, .read = read_day, .what = "a day, YYYY-MM-DD"}
#define ID(name_, views_, kinds_) \
	{.name = name_, .views = views_, .kinds = kinds_, .read = read_uuid, .what = "a UUID"}
#define WORD(name_, views_, kinds_, words_, what_) \
	{.name = name_, .views = views_, .kinds = kinds_, .read = read_word, .words = words_, .what = what_}
#define TEXT(name_, views_) \
	{.name = name_, .views = views_, .read = read_text}

static const struct parameter_row rows[PARAMETER_COUNT] = {
	[LIMIT] = NUMBER("limit", PAGED | FOCUS_SESSIONS, 1, LIMIT_MAX),
	[PAGE] = NUMBER("page", PAGED, 1, PAGE_MAX),
	[OFFSET] = NUMBER("offset", PAGED, 0, OFFSET_MAX),
	[PERIOD] = {.name = "period", .views = ANALYTICS, .read = read_period, .what = "daily, weekly or monthly"},
	[FROM] = DAY("from", ANALYTICS | PROJECT_TIME | SESSIONS, 0),
	[TO] = DAY("to", ANALYTICS | PROJECT_TIME | SESSIONS, 0),
	[GROUP] = ID("group", ANALYTICS, 0),
	[SESSION] = ID("session", ANALYTICS, 0),
	[KIND] = WORD("kind", ANALYTICS, 0, session_kind_names, "timer, focus, work or training"),
	[EPOCH] = TEXT("epoch", EVENTS),
	[SEQ] = TEXT("seq", EVENTS),
	[TAG] = TEXT("tag", EVENTS),
	[WAIT_MS] = NUMBER("waitMs", EVENTS, 0, QUERY_WAIT_MS),
	[SESSION_KIND] = {.name = "kind", .views = SESSIONS, .read = read_session_kind, .words = session_kind_names,
		.what = "focus, work or training"},
	[STATUS] = WORD("status", SESSIONS, FOCUS, session_status_names, "active, completed or abandoned"),
	[START_DATE] = DAY("startDate", SESSIONS, FOCUS),
	[END_DATE] = DAY("endDate", SESSIONS, FOCUS),
	[PLAN] = ID("plan_id", SESSIONS, TRAINING),
	[COMPLETED] = WORD("completed", SESSIONS, TRAINING, booleans, "true or false"),
	[DATE_FROM] = DAY("date_from", SESSIONS, TRAINING),
	[DATE_TO] = DAY("date_to", SESSIONS, TRAINING),
	[SORT] = WORD("sort", SESSIONS, 0, sorts, "date or started_at"),
	[ORDER] = WORD("order", SESSIONS, 0, orders, "asc or desc"),
	[QUEST] = ID("quest_id", FOCUS_SESSIONS, 0),
	[QUEST_STATUS] = WORD("status", FOCUS_SESSIONS, 0, shape_quest_statuses, "active, completed or cancelled"),
	[WORK_STATUS] = WORD("status", PROJECT_SESSIONS, 0, shape_work_statuses, "InProgress or Completed"),
};
/* clang-format on */

/* What stands before the "=", cut where no name of ours would end, and fit to be told; returns its whole
 * length. */
static size_t read_name(const char *text, char ret[NAME_BYTES])
{
	size_t len = strcspn(text, "=");
	snprintf(ret, NAME_BYTES, "%.*s", (int)(len < NAME_BYTES ? len : NAME_BYTES), text);
	for (char *at = ret; *at; at++) {
		if (*at <= ' ' || *at > '~')
			*at = '?';
	}
	return len;
}

static enum err refuse_value(const struct parameter_row *row, struct refusal *ret_why)
{
	if (row->what)
		return refuse(ret_why, ERR_BAD_REQUEST, row->name, "%s must be %s", row->name, row->what);
	return refuse(ret_why, ERR_BAD_REQUEST, row->name, "%s must be a number from %" PRId64 " to %" PRId64,
		row->name, row->min, row->max);
}

/* "A filter that only one document has implies it; filters that imply different kinds are 400." */
static enum err narrow_kinds(
	struct view_query *view, const char *name, unsigned kinds, struct refusal *ret_why)
{
	view->sessions.kinds &= kinds;
	if (view->sessions.kinds)
		return OK;
	return refuse(ret_why, ERR_BAD_REQUEST, name, "%s is for sessions of another kind", name);
}

static enum err take_value(
	struct reading *reading, enum parameter parameter, const char *text, struct refusal *ret_why)
{
	const struct parameter_row *row = &rows[parameter];
	struct value *value = &reading->values[parameter];
	if (value->given)
		return refuse(ret_why, ERR_BAD_REQUEST, row->name, "%s is given twice", row->name);
	value->given = true;
	if (!row->read(row, text, value))
		return refuse_value(row, ret_why);
	unsigned kinds = parameter == SORT && value->number ? TRAINING : row->kinds;
	return kinds ? narrow_kinds(reading->view, row->name, kinds, ret_why) : OK;
}

static enum err take_parameter(struct reading *reading, const char *text, struct refusal *ret_why)
{
	char name[NAME_BYTES];
	size_t len = read_name(text, name);
	for (int i = 0; i < PARAMETER_COUNT; i++) {
		if (strcmp(name, rows[i].name) == 0 && (rows[i].views & BIT(reading->view->kind)))
			return take_value(
				reading, (enum parameter)i, text + len + (text[len] == '='), ret_why);
	}
	return refuse(ret_why, ERR_BAD_REQUEST, name, "there is no parameter %s here", name);
}

/* Where the values belong. */

static int64_t number_of(const struct reading *reading, enum parameter parameter, int64_t otherwise)
{
	const struct value *value = &reading->values[parameter];
	return value->given ? value->number : otherwise;
}

static struct uuid id_of(const struct reading *reading, enum parameter parameter)
{
	const struct value *value = &reading->values[parameter];
	return value->given ? value->id : (struct uuid){0};
}

static const char *text_of(const struct reading *reading, enum parameter parameter)
{
	const struct value *value = &reading->values[parameter];
	return value->given ? value->text : NULL;
}

/* Both count; together they must mean the same. */
static enum err place_page(const struct reading *reading, struct refusal *ret_why)
{
	int64_t limit = number_of(reading, LIMIT, LIMIT_DEFAULT);
	int64_t of_page = (number_of(reading, PAGE, 1) - 1) * limit;
	int64_t offset = number_of(reading, OFFSET, of_page);
	if (reading->values[PAGE].given && offset != of_page)
		return refuse(ret_why, ERR_BAD_REQUEST, rows[OFFSET].name, "page and offset differ");
	reading->view->limit = (int)limit;
	reading->view->offset = (int)offset;
	return OK;
}

static enum err place_position(const struct reading *reading, struct refusal *ret_why)
{
	const char *epoch = text_of(reading, EPOCH), *seq = text_of(reading, SEQ);
	const char *tag = text_of(reading, TAG);
	if (!epoch && !seq && !tag)
		return OK;
	return decode_position(epoch, seq, tag, &reading->view->position, ret_why);
}

static enum err check_days(
	const struct reading *reading, enum parameter from, enum parameter to, struct refusal *ret_why)
{
	if (number_of(reading, from, INT64_MIN) <= number_of(reading, to, INT64_MAX))
		return OK;
	return refuse(ret_why, ERR_BAD_REQUEST, rows[to].name, "%s comes before %s", rows[to].name,
		rows[from].name);
}

static void place_analytics(const struct reading *reading)
{
	struct view_query *view = reading->view;
	view->analytics.period = (enum analytics_period)number_of(reading, PERIOD, ANALYTICS_DAILY);
	view->analytics.has_from = reading->values[FROM].given;
	view->analytics.from = (int32_t)number_of(reading, FROM, 0);
	view->analytics.has_to = reading->values[TO].given;
	view->analytics.to = (int32_t)number_of(reading, TO, 0);
	view->has_kind = reading->values[KIND].given;
	view->kind_filter = (enum session_kind)number_of(reading, KIND, 0);
	view->group = id_of(reading, GROUP);
	view->session = id_of(reading, SESSION);
}

/* A list has one of the statuses' parameters at most. */
static void place_sessions(const struct reading *reading)
{
	struct session_query *query = &reading->view->sessions;
	int64_t status = number_of(reading, STATUS,
		number_of(reading, QUEST_STATUS, number_of(reading, WORK_STATUS, STATUS_COUNT)));
	query->has_status = status != STATUS_COUNT;
	query->status = query->has_status ? (enum session_status)status : STATUS_ACTIVE;
	query->has_completed = reading->values[COMPLETED].given;
	query->completed = number_of(reading, COMPLETED, false);
	query->by_date = number_of(reading, SORT, false);
	query->ascending = number_of(reading, ORDER, false);
	query->group = id_of(reading, QUEST);
	query->plan = id_of(reading, PLAN);
	/* 001's words for its own kind, and those that imply none: `from` of a report is the report's. */
	bool plain = reading->view->kind == VIEW_SESSIONS;
	query->has_from = reading->values[START_DATE].given || (plain && reading->values[FROM].given);
	query->from = (int32_t)number_of(reading, START_DATE, plain ? number_of(reading, FROM, 0) : 0);
	query->has_to = reading->values[END_DATE].given || (plain && reading->values[TO].given);
	query->to = (int32_t)number_of(reading, END_DATE, plain ? number_of(reading, TO, 0) : 0);
	query->has_date_from = reading->values[DATE_FROM].given;
	query->date_from = (int32_t)number_of(reading, DATE_FROM, 0);
	query->has_date_to = reading->values[DATE_TO].given;
	query->date_to = (int32_t)number_of(reading, DATE_TO, 0);
}

/* What is wrong only when all of it is known. */
static enum err check_sessions(const struct reading *reading, struct refusal *ret_why)
{
	const struct value *kind = &reading->values[SESSION_KIND];
	/* Who mixes the two spellings is told, too. */
	static const enum parameter spans[][2] = {
		{START_DATE, END_DATE}, {FROM, TO}, {START_DATE, TO}, {FROM, END_DATE}, {DATE_FROM, DATE_TO}};
	enum err err = OK;
	for (size_t i = 0; i < sizeof(spans) / sizeof(*spans) && !err; i++)
		err = check_days(reading, spans[i][0], spans[i][1], ret_why);
	if (!err && kind->given)
		err = narrow_kinds(reading->view, rows[SESSION_KIND].name, BIT(kind->number), ret_why);
	return err;
}

enum err query_read(const char *const *texts, size_t count, struct view_query *view, int64_t *ret_wait_ms,
	struct refusal *ret_why)
{
	struct reading reading = {.view = view};
	enum err err = OK;
	for (size_t i = 0; i < count && !err; i++)
		err = take_parameter(&reading, texts[i], ret_why);
	if (!err)
		err = place_page(&reading, ret_why);
	if (!err)
		err = place_position(&reading, ret_why);
	/* Analytics widen their days to whole periods first. */
	if (!err && view->kind == VIEW_PROJECT_TIME)
		err = check_days(&reading, FROM, TO, ret_why);
	if (!err && view->kind == VIEW_SESSIONS)
		err = check_sessions(&reading, ret_why);
	if (err)
		return err;
	place_sessions(&reading);
	place_analytics(&reading);
	*ret_wait_ms = number_of(&reading, WAIT_MS, 0);
	return OK;
}

enum err query_refuse(const char *const *texts, size_t count, struct refusal *ret_why)
{
	char name[NAME_BYTES];
	if (!count)
		return OK;
	read_name(texts[0], name);
	return refuse(ret_why, ERR_BAD_REQUEST, name, "there is no parameter %s here", name);
}
