#include "examples/widget/model.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

#define SECOND INT64_C(1000)

enum phase { PHASE_CONNECTING, PHASE_LIVE, PHASE_OFFLINE, PHASE_REFUSED, PHASE_COUNT };
static const char *const phase_names[PHASE_COUNT] = {"connecting", "live", "offline", "refused"};

struct item {
	char *id, *title, *group;
	bool running, active, starts_again, next;
	int64_t initial_ms, left_ms, target_ms; /* negative: none */
	int64_t elapsed_ms;
};

struct model {
	enum phase phase;
	char *lost;       /* why no lines come; NULL while they do */
	int64_t since_ms; /* when it was last in step, by the server's clock; 0: never */
	int64_t now_ms;   /* the server's clock at mono_ms */
	int64_t mono_ms;
	GPtrArray *items; /* struct item */
	char *main_id;    /* what runs, else what is next; NULL: nothing */
};

static void item_destroy(void *data)
{
	struct item *item = data;
	g_free(item->id);
	g_free(item->title);
	g_free(item->group);
	g_free(item);
}

struct model *model_create(void)
{
	struct model *model = g_new0(struct model, 1);
	model->items = g_ptr_array_new_with_free_func(item_destroy);
	return model;
}

void model_destroy(struct model *model)
{
	if (!model)
		return;
	g_free(model->lost);
	g_free(model->main_id);
	g_ptr_array_unref(model->items);
	g_free(model);
}

/* --- Reading --- */

/* cJSON lets through what GTK doesn't. */
static char *text_of(const cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
	return text ? g_utf8_make_valid(text, -1) : NULL;
}

/* A number of seconds, with decimals, or of ms that is there, times `unit`; else negative. */
static int64_t span_of(const cJSON *object, const char *name, int64_t unit)
{
	const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, name);
	/* Beyond 2^53 a double is no count any more. */
	if (!cJSON_IsNumber(number) ||
		!(number->valuedouble >= 0 && number->valuedouble <= 9007199254740992.0 / SECOND))
		return -1;
	return (int64_t)(number->valuedouble * (double)unit + 0.5);
}

static bool is(const cJSON *object, const char *name, const char *value)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
	return text && strcmp(text, value) == 0;
}

/* NULL when it has no id. */
static struct item *item_read(const cJSON *object)
{
	char *id = text_of(object, "id");
	if (!id)
		return NULL;
	struct item *item = g_new0(struct item, 1);
	item->id = id;
	item->title = text_of(object, "title");
	item->group = text_of(object, "group");
	item->running = is(object, "state", "RUNNING");
	item->active = is(object, "status", "active");
	item->starts_again = is(object, "kind", "timer");
	item->initial_ms = span_of(object, "initialSeconds", SECOND);
	item->left_ms = span_of(object, "leftSeconds", SECOND);
	item->elapsed_ms = MAX(0, span_of(object, "elapsedSeconds", SECOND));
	item->target_ms = span_of(object, "targetTimeMs", 1);
	return item;
}

static int compare_items(const void *one, const void *other)
{
	const struct item *a = *(const struct item *const *)one, *b = *(const struct item *const *)other;
	if (a->running != b->running)
		return a->running ? -1 : 1;
	if (a->next != b->next)
		return a->next ? -1 : 1;
	int by_title = g_utf8_collate(a->title ? a->title : "", b->title ? b->title : "");
	return by_title ? by_title : strcmp(a->id, b->id);
}

static bool items_read(const cJSON *line, GPtrArray *items)
{
	const cJSON *sessions = cJSON_GetObjectItemCaseSensitive(line, "sessions");
	const cJSON *session;
	cJSON_ArrayForEach (session, sessions) {
		struct item *item = item_read(session);
		if (!item)
			return false;
		item->next = is(line, "next", item->id);
		g_ptr_array_add(items, item);
	}
	g_ptr_array_sort(items, compare_items);
	return cJSON_IsArray(sessions);
}

static bool phase_read(const cJSON *line, enum phase *ret)
{
	for (enum phase phase = 0; phase < PHASE_COUNT; phase++)
		if (is(line, "phase", phase_names[phase])) {
			*ret = phase;
			return true;
		}
	return false;
}

bool model_read(struct model *model, const char *line, int64_t mono_ms)
{
	cJSON *object = cJSON_ParseWithOpts(line, NULL, true);
	GPtrArray *items = g_ptr_array_new_with_free_func(item_destroy);
	int64_t now_ms = span_of(object, "nowMs", 1);
	enum phase phase = PHASE_OFFLINE;
	bool good = phase_read(object, &phase) && now_ms >= 0 && items_read(object, items);
	if (good) {
		if (model->phase == PHASE_LIVE || phase == PHASE_LIVE)
			model->since_ms = now_ms;
		model->phase = phase;
		model->now_ms = now_ms;
		model->mono_ms = mono_ms;
		g_clear_pointer(&model->lost, g_free);
		g_free(model->main_id);
		model->main_id = text_of(object, "current");
		if (!model->main_id)
			model->main_id = text_of(object, "next");
		GPtrArray *old = model->items;
		model->items = items;
		items = old;
	}
	g_ptr_array_unref(items);
	cJSON_Delete(object);
	return good;
}

static int64_t server_ms(const struct model *model, int64_t mono_ms)
{
	return model->now_ms + (mono_ms - model->mono_ms);
}

void model_lose(struct model *model, const char *why, int64_t mono_ms)
{
	if (!model->lost && model->phase == PHASE_LIVE)
		model->since_ms = server_ms(model, mono_ms);
	char *copy = g_strdup(why);
	g_free(model->lost);
	model->lost = copy;
	if (model->phase == PHASE_LIVE)
		model->phase = PHASE_OFFLINE;
}

/* --- Showing --- */

bool model_in_step(const struct model *model)
{
	return model->phase == PHASE_LIVE;
}

static char *clock_text(int64_t seconds)
{
	int64_t minutes = seconds / 60;
	if (minutes < 60)
		return g_strdup_printf("%02d:%02d", (int)minutes, (int)(seconds % 60));
	return g_strdup_printf(
		"%" PRId64 ":%02d:%02d", minutes / 60, (int)(minutes % 60), (int)(seconds % 60));
}

/* The time of day where the person sits. */
static char *day_time(int64_t ms)
{
	GDateTime *instant = g_date_time_new_from_unix_local(ms / SECOND);
	char *text = instant ? g_date_time_format(instant, "%H:%M") : g_strdup("?");
	if (instant)
		g_date_time_unref(instant);
	return text;
}

static char *trouble_text(const struct model *model)
{
	if (model->phase == PHASE_LIVE)
		return NULL;
	if (model->lost)
		return g_strdup(model->lost);
	if (model->phase == PHASE_REFUSED)
		return g_strdup("Not signed in: run “lockstep login” in a terminal");
	if (model->since_ms) {
		char *since = day_time(model->since_ms);
		char *text = g_strdup_printf("Offline since %s", since);
		g_free(since);
		return text;
	}
	return g_strdup(model->phase == PHASE_CONNECTING ? "Connecting…" : "Offline");
}

static enum verb verb_of(const struct item *item)
{
	if (item->running)
		return VERB_PAUSE;
	return item->active || item->starts_again ? VERB_START : VERB_NONE;
}

static char *standing_text(const struct item *item)
{
	if (!item->active)
		return g_strdup("done");
	if (!item->running)
		return g_strdup(item->elapsed_ms > 0 ? "paused" : "ready");
	if (item->target_ms < 0)
		return g_strdup("running");
	char *end = day_time(item->target_ms);
	char *text = g_strdup_printf("until %s", end);
	g_free(end);
	return text;
}

static char *note_text(const struct item *item)
{
	char *text = standing_text(item);
	if (!item->group)
		return text;
	char *both = g_strdup_printf("%s · %s", item->group, text);
	g_free(text);
	return both;
}

/* How a session stands at an instant. */
struct standing {
	int64_t left_ms; /* negative: it counts up */
	int64_t elapsed_ms;
};

static struct standing stand(const struct model *model, const struct item *item, int64_t mono_ms)
{
	int64_t passed = item->running ? mono_ms - model->mono_ms : 0;
	struct standing now = {.left_ms = item->left_ms, .elapsed_ms = item->elapsed_ms + passed};
	if (item->running && item->target_ms >= 0)
		now.left_ms = MAX(0, item->target_ms - server_ms(model, mono_ms));
	return now;
}

/* What is left is rounded up: it is over when 00:00 is shown. */
static int64_t shown_seconds(struct standing now)
{
	return now.left_ms >= 0 ? (now.left_ms + SECOND - 1) / SECOND : now.elapsed_ms / SECOND;
}

static struct shown *show(const struct model *model, const struct item *item, int64_t mono_ms)
{
	struct standing now = stand(model, item, mono_ms);
	struct shown *shown = g_new0(struct shown, 1);
	shown->tone = !item->active ? TONE_DONE : item->running ? TONE_RUNNING : TONE_PAUSED;
	shown->id = g_strdup(item->id);
	shown->title = item->title && *item->title ? g_strdup(item->title) : g_strdup("Untitled");
	shown->time = clock_text(shown_seconds(now));
	shown->note = note_text(item);
	shown->fraction = item->initial_ms > 0 && now.left_ms >= 0
				  ? CLAMP(1 - (double)now.left_ms / (double)item->initial_ms, 0, 1)
				  : -1;
	shown->verb = verb_of(item);
	return shown;
}

/* Until another second is shown; -1: never. */
static int64_t change_ms(const struct model *model, const struct item *item, int64_t mono_ms)
{
	struct standing now = stand(model, item, mono_ms);
	if (!item->running || now.left_ms == 0)
		return -1;
	return now.left_ms > 0 ? (now.left_ms - 1) % SECOND + 1 : SECOND - now.elapsed_ms % SECOND;
}

static void shown_destroy(void *data)
{
	struct shown *shown = data;
	g_free(shown->id);
	g_free(shown->title);
	g_free(shown->time);
	g_free(shown->note);
	g_free(shown);
}

static void show_others(const struct model *model, struct view *view, int64_t mono_ms)
{
	for (guint i = 0; i < model->items->len; i++) {
		const struct item *item = g_ptr_array_index(model->items, i);
		if (g_strcmp0(item->id, model->main_id) != 0)
			g_ptr_array_add(view->others, show(model, item, mono_ms));
	}
}

struct view *model_view(const struct model *model, int64_t mono_ms)
{
	struct view *view = g_new0(struct view, 1);
	view->trouble = trouble_text(model);
	view->others = g_ptr_array_new_with_free_func(shown_destroy);
	view->known = model->since_ms > 0;
	view->next_ms = -1;
	for (guint i = 0; i < model->items->len; i++) {
		const struct item *item = g_ptr_array_index(model->items, i);
		if (!view->main && g_strcmp0(item->id, model->main_id) == 0)
			view->main = show(model, item, mono_ms);
		int64_t change = change_ms(model, item, mono_ms);
		if (change >= 0 && (view->next_ms < 0 || change < view->next_ms))
			view->next_ms = change;
	}
	show_others(model, view, mono_ms);
	return view;
}

void view_destroy(struct view *view)
{
	if (!view)
		return;
	if (view->main)
		shown_destroy(view->main);
	g_ptr_array_unref(view->others);
	g_free(view->trouble);
	g_free(view);
}
