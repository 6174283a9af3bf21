#include "server/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LISTS = 1 << VIEW_SESSIONS | 1 << VIEW_GROUPS,
	ANALYTICS = 1 << VIEW_ANALYTICS,
	EVENTS = 1 << VIEW_EVENTS,
	LIMIT_MAX = 100,
	LIMIT_DEFAULT = 20,
	/* So that page times limit, and any offset, fit into an int. */
	PAGE_MAX = 10000000,
	OFFSET_MAX = 1000000000,
	/* Fewer than would overflow. */
	NUMBER_DIGITS = 15,
	NAME_BYTES = 64
};

/* A query as far as it has been read. */
struct reading {
	struct view_query *view;
	const char *epoch, *seq, *tag;
	int64_t limit, page, offset, wait_ms; /* page 0, offset -1: not given */
};

/* `name` is the parameter's, for refusals. */
typedef enum err take_fn(
	struct reading *reading, const char *name, const char *value, struct refusal *ret_why);

static enum err take_integer(
	const char *name, const char *value, int64_t min, int64_t max, int64_t *ret, struct refusal *ret_why)
{
	size_t digits = strspn(value, "0123456789");
	bool plain = digits >= 1 && digits <= NUMBER_DIGITS && value[digits] == '\0';
	int64_t number = plain ? strtoll(value, NULL, 10) : -1;
	if (!plain || number < min || number > max)
		return refuse(ret_why, ERR_BAD_REQUEST, name, "%s must be a number from %lld to %lld", name,
			(long long)min, (long long)max);
	*ret = number;
	return OK;
}

static enum err take_limit(
	struct reading *reading, const char *name, const char *value, struct refusal *ret_why)
{
	return take_integer(name, value, 1, LIMIT_MAX, &reading->limit, ret_why);
}

static enum err take_page(
	struct reading *reading, const char *name, const char *value, struct refusal *ret_why)
{
	return take_integer(name, value, 1, PAGE_MAX, &reading->page, ret_why);
}

static enum err take_offset(
	struct reading *reading, const char *name, const char *value, struct refusal *ret_why)
{
	return take_integer(name, value, 0, OFFSET_MAX, &reading->offset, ret_why);
}

static enum err take_wait(
	struct reading *reading, const char *name, const char *value, struct refusal *ret_why)
{
	return take_integer(name, value, 0, QUERY_WAIT_MS, &reading->wait_ms, ret_why);
}

static enum err take_period(
	struct reading *reading, const char *name, const char *value, struct refusal *ret_why)
{
	if (analytics_period_parse(value, &reading->view->analytics.period))
		return OK;
	return refuse(ret_why, ERR_BAD_REQUEST, name, "%s must be daily, weekly or monthly", name);
}

static enum err take_day(
	const char *name, const char *value, bool *ret_has, int32_t *ret, struct refusal *ret_why)
{
	*ret_has = day_parse(value, ret);
	if (*ret_has)
		return OK;
	return refuse(ret_why, ERR_BAD_REQUEST, name, "%s must be a day, YYYY-MM-DD", name);
}

static enum err take_from(
	struct reading *reading, const char *name, const char *value, struct refusal *ret_why)
{
	struct analytics_query *query = &reading->view->analytics;
	return take_day(name, value, &query->has_from, &query->from, ret_why);
}

static enum err take_to(struct reading *reading, const char *name, const char *value, struct refusal *ret_why)
{
	struct analytics_query *query = &reading->view->analytics;
	return take_day(name, value, &query->has_to, &query->to, ret_why);
}

static enum err take_uuid(const char *name, const char *value, struct uuid *ret, struct refusal *ret_why)
{
	if (uuid_parse(value, ret) && !uuid_is_nil(ret))
		return OK;
	return refuse(ret_why, ERR_BAD_REQUEST, name, "%s must be a UUID", name);
}

static enum err take_group(
	struct reading *reading, const char *name, const char *value, struct refusal *ret_why)
{
	return take_uuid(name, value, &reading->view->group, ret_why);
}

static enum err take_session(
	struct reading *reading, const char *name, const char *value, struct refusal *ret_why)
{
	return take_uuid(name, value, &reading->view->session, ret_why);
}

static enum err take_kind(
	struct reading *reading, const char *name, const char *value, struct refusal *ret_why)
{
	reading->view->has_kind = session_kind_find(value, &reading->view->kind_filter);
	if (reading->view->has_kind)
		return OK;
	return refuse(ret_why, ERR_BAD_REQUEST, name, "%s must be timer, focus, work or training", name);
}

static enum err take_epoch(
	struct reading *reading, const char *name, const char *value, struct refusal *ret_why)
{
	(void)name, (void)ret_why;
	reading->epoch = value;
	return OK;
}

static enum err take_seq(
	struct reading *reading, const char *name, const char *value, struct refusal *ret_why)
{
	(void)name, (void)ret_why;
	reading->seq = value;
	return OK;
}

static enum err take_tag(
	struct reading *reading, const char *name, const char *value, struct refusal *ret_why)
{
	(void)name, (void)ret_why;
	reading->tag = value;
	return OK;
}

static const struct parameter_row {
	const char *name;
	unsigned views; /* bits of enum view_kind: where it may stand */
	take_fn *take;
} parameters[] = {
	{"limit", LISTS, take_limit},
	{"page", LISTS, take_page},
	{"offset", LISTS, take_offset},
	{"period", ANALYTICS, take_period},
	{"from", ANALYTICS, take_from},
	{"to", ANALYTICS, take_to},
	{"group", ANALYTICS, take_group},
	{"session", ANALYTICS, take_session},
	{"kind", ANALYTICS, take_kind},
	{"epoch", EVENTS, take_epoch},
	{"seq", EVENTS, take_seq},
	{"tag", EVENTS, take_tag},
	{"waitMs", EVENTS, take_wait},
};
#define PARAMETERS (sizeof(parameters) / sizeof(parameters[0]))

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

static enum err take_parameter(
	struct reading *reading, const char *text, unsigned *seen, struct refusal *ret_why)
{
	char name[NAME_BYTES];
	size_t len = read_name(text, name);
	for (size_t i = 0; i < PARAMETERS; i++) {
		const struct parameter_row *row = &parameters[i];
		if (strcmp(name, row->name) != 0 || !(row->views & 1U << reading->view->kind))
			continue;
		if (*seen & 1U << i)
			return refuse(ret_why, ERR_BAD_REQUEST, name, "%s is given twice", name);
		*seen |= 1U << i;
		return row->take(reading, name, text[len] ? text + len + 1 : "", ret_why);
	}
	return refuse(ret_why, ERR_BAD_REQUEST, name, "there is no parameter %s here", name);
}

/* Both count; together they must mean the same. */
static enum err place_page(const struct reading *reading, struct refusal *ret_why)
{
	int64_t of_page = (reading->page - 1) * reading->limit;
	if (reading->page && reading->offset >= 0 && reading->offset != of_page)
		return refuse(ret_why, ERR_BAD_REQUEST, "offset", "page and offset differ");
	if (reading->page)
		reading->view->offset = (int)of_page;
	else if (reading->offset >= 0)
		reading->view->offset = (int)reading->offset;
	reading->view->limit = (int)reading->limit;
	return OK;
}

enum err query_read(const char *const *texts, size_t count, struct view_query *view, int64_t *ret_wait_ms,
	struct refusal *ret_why)
{
	struct reading reading = {.view = view, .limit = LIMIT_DEFAULT, .offset = -1};
	unsigned seen = 0;
	enum err err = OK;
	for (size_t i = 0; i < count && !err; i++)
		err = take_parameter(&reading, texts[i], &seen, ret_why);
	if (!err)
		err = place_page(&reading, ret_why);
	if (!err && (reading.epoch || reading.seq || reading.tag))
		err = decode_position(reading.epoch, reading.seq, reading.tag, &view->position, ret_why);
	*ret_wait_ms = reading.wait_ms;
	return err;
}

enum err query_refuse(const char *const *texts, size_t count, struct refusal *ret_why)
{
	char name[NAME_BYTES];
	if (!count)
		return OK;
	read_name(texts[0], name);
	return refuse(ret_why, ERR_BAD_REQUEST, name, "there is no parameter %s here", name);
}
