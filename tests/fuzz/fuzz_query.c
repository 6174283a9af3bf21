/* query_read on any parameters of any view: the first byte says which view, the second which sessions a list
 * is about, the rest are the parameters with & between them. What it accepts is within its bounds, means what
 * the text says and means it in any order; what it refuses it names. */
#include "server/query.h"

#include <stdlib.h>
#include <string.h>

#define PARAMETERS_MAX 16
#define NOW_MS         INT64_C(1773136800000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is asked of which view. */
struct asked {
	enum view_kind view;
	unsigned kinds; /* of sessions, bits */
	const char *texts[PARAMETERS_MAX + 1];
	size_t count;
};

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_refusal(const struct asked *asked, const struct refusal *why)
{
	check(why->code == ERR_BAD_REQUEST && why->message[0]);
	check(memchr(why->field, '\0', sizeof(why->field)) != NULL);
	check(memchr(why->message, '\0', sizeof(why->message)) != NULL);
	bool nameless = false;
	for (size_t i = 0; i < asked->count; i++)
		nameless = nameless || !asked->texts[i][0] || asked->texts[i][0] == '=';
	check(why->field[0] || nameless);
	for (const char *at = why->field; *at; at++)
		check(*at > ' ' && *at <= '~');
}

static enum err read_asked(const struct asked *asked, struct view_query *ret, int64_t *ret_wait_ms)
{
	struct refusal why = {0};
	memset(ret, 0, sizeof(*ret));
	ret->kind = asked->view;
	ret->sessions.kinds = asked->kinds;
	*ret_wait_ms = -1;
	enum err err = query_read(asked->texts, asked->count, ret, ret_wait_ms, &why);
	check(err == why.code);
	if (err)
		check_refusal(asked, &why);
	check((*ret_wait_ms >= 0) == !err);
	return err;
}

/* What the parameter's text says, or NULL. One without "=" says nothing, and is there. */
static const char *given(const struct asked *asked, const char *name)
{
	size_t len = strlen(name);
	for (size_t i = 0; i < asked->count; i++) {
		const char *text = asked->texts[i];
		if (strcspn(text, "=") == len && strncmp(text, name, len) == 0)
			return text + len + (text[len] == '=');
	}
	return NULL;
}

static int64_t given_number(const struct asked *asked, const char *name, int64_t otherwise)
{
	const char *text = given(asked, name);
	return text ? strtoll(text, NULL, 10) : otherwise;
}

static void check_day(const struct asked *asked, const char *name, bool has, int32_t day)
{
	char text[DAY_TEXT];
	const char *said = given(asked, name);
	check(has == (said != NULL));
	if (!said)
		return;
	check(day >= 0 && day <= DAY_LAST);
	day_format(day, text);
	check(strcmp(text, said) == 0);
}

static void check_page(const struct asked *asked, const struct view_query *view)
{
	int64_t page = given_number(asked, "page", 0);
	check(view->limit >= 1 && view->limit <= 100 && view->offset >= 0);
	check(view->limit == given_number(asked, "limit", 20));
	check(!page || view->offset == (page - 1) * view->limit);
	check(page || view->offset == given_number(asked, "offset", 0));
}

/* The days of a user far from UTC are asked for as whole periods, as the engine does. */
static void check_analytics(const struct asked *asked, const struct view_query *view)
{
	struct day_rule rule = {.from_ms = DAY_RULE_FOREVER, .reset_minutes = 240, .zone = "Pacific/Apia"};
	struct analytics_range range;
	struct refusal why = {0};
	check_day(asked, "from", view->analytics.has_from, view->analytics.from);
	check_day(asked, "to", view->analytics.has_to, view->analytics.to);
	check(view->has_kind == (given(asked, "kind") != NULL));
	check(!view->has_kind || strcmp(given(asked, "kind"), session_kind_name(view->kind_filter)) == 0);
	if (analytics_range_make(&view->analytics, &rule, 1, NOW_MS, &range, &why)) {
		check(why.code == ERR_BAD_REQUEST && why.field[0]);
		return;
	}
	check(range.from >= 0 && range.from <= range.to && range.to <= DAY_LAST);
	check(range.from_ms < range.to_ms && range.to - range.from < ANALYTICS_DAYS);
	check(!view->analytics.has_from || range.from <= view->analytics.from);
	check(!view->analytics.has_to || range.to >= view->analytics.to);
}

static void check_sessions(const struct asked *asked, const struct view_query *view)
{
	const struct session_query *query = &view->sessions;
	check(!(query->kinds & ~asked->kinds) && query->kinds);
	/* 001's word, or the one that implies no kind; who says both means the former. */
	bool focus_from = given(asked, "startDate"), focus_to = given(asked, "endDate");
	check_day(asked, focus_from ? "startDate" : "from", query->has_from, query->from);
	check_day(asked, focus_to ? "endDate" : "to", query->has_to, query->to);
	check_day(asked, "date_from", query->has_date_from, query->date_from);
	check_day(asked, "date_to", query->has_date_to, query->date_to);
	check(!query->has_from || !query->has_to || query->from <= query->to);
	check(!query->has_date_from || !query->has_date_to || query->date_from <= query->date_to);
	check(query->has_status == (given(asked, "status") != NULL));
	check(uuid_is_nil(&query->plan) == (given(asked, "plan_id") == NULL));
	if (query->has_date_from || query->has_date_to || query->has_completed)
		check(query->kinds == 1U << KIND_TRAINING);
	if (query->has_status || focus_from || focus_to)
		check(query->kinds == 1U << KIND_FOCUS);
}

static void check_position(const struct asked *asked, const struct position *position)
{
	check(position->given == (given(asked, "epoch") != NULL));
	check(position->has_tag == (given(asked, "tag") != NULL) || !position->given ||
		strcmp(position->epoch, "?") == 0);
	check(memchr(position->epoch, '\0', sizeof(position->epoch)) != NULL);
	check(position->seq >= 0 && position->seq <= LIMIT_INTEGER);
	check(position->seq == given_number(asked, "seq", 0));
}

/* Without its holes. */
static bool same_view(struct view_query *a, struct view_query *b)
{
	struct position *p = &a->position, *q = &b->position;
	bool same = p->given == q->given && p->has_tag == q->has_tag && strcmp(p->epoch, q->epoch) == 0 &&
		    p->seq == q->seq && p->tag == q->tag;
	memset(p, 0, sizeof(*p));
	memset(q, 0, sizeof(*q));
	return same && memcmp(a, b, sizeof(*a)) == 0;
}

static void check_backwards(const struct asked *asked, enum err expected, struct view_query *view)
{
	struct asked backwards = *asked;
	struct view_query again;
	int64_t wait_ms;
	for (size_t i = 0; i < asked->count; i++)
		backwards.texts[i] = asked->texts[asked->count - 1 - i];
	check(read_asked(&backwards, &again, &wait_ms) == expected);
	check(expected || same_view(view, &again));
}

/* One more of what was good. */
static void check_more(const struct asked *asked, const char *text)
{
	struct asked more = *asked;
	struct view_query view;
	int64_t wait_ms;
	more.texts[more.count++] = text;
	check(read_asked(&more, &view, &wait_ms) == ERR_BAD_REQUEST);
}

static void check_asked(const struct asked *asked)
{
	struct view_query view;
	int64_t wait_ms;
	struct refusal why = {0};
	enum err err = read_asked(asked, &view, &wait_ms);
	check((query_refuse(asked->texts, asked->count, &why) == OK) == (asked->count == 0));
	if (!err) {
		check(wait_ms == given_number(asked, "waitMs", 0) && wait_ms <= QUERY_WAIT_MS);
		check_page(asked, &view);
		check_position(asked, &view.position);
		if (asked->view == VIEW_ANALYTICS)
			check_analytics(asked, &view);
		if (asked->view == VIEW_SESSIONS)
			check_sessions(asked, &view);
		for (size_t i = 0; i < asked->count; i++)
			check_more(asked, asked->texts[i]);
		check_more(asked, "colour=red");
	}
	check_backwards(asked, err, &view);
}

static void read_text(const uint8_t *data, char *text)
{
	struct asked asked = {.view = (enum view_kind)(data[0] % VIEW_COUNT)};
	unsigned any = (1U << KIND_COUNT) - 1;
	/* Only a list of sessions is about kinds, and then about some. */
	asked.kinds = asked.view == VIEW_SESSIONS ? (data[1] % any) + 1 : 0;
	while (text && *text && asked.count < PARAMETERS_MAX)
		asked.texts[asked.count++] = strsep(&text, "&");
	check_asked(&asked);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	char *text = malloc(size - 1);
	check(text);
	memcpy(text, data + 2, size - 2);
	text[size - 2] = '\0';
	read_text(data, text);
	free(text);
	return 0;
}
