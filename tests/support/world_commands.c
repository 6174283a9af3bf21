#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/world.h"

#define TIMERS 8

static void append(struct text *out, const char *field, unsigned entity, unsigned number)
{
	text_append_format(out, ",\"%s\":\"00000000-0000-7000-8000-%04x%08x\"", field, entity, number);
}

/* Of what is added: an id that nothing has. */
static void append_new(struct world *world, struct text *out, enum entity entity)
{
	append(out, entity_name(entity), entity, ++world->given[entity]);
}

/* Which of the things that the speaker knows a command is more likely to be about. */
typedef bool prefers_fn(const cJSON *entity);

static bool is_open(const cJSON *entity)
{
	const char *status = get_string(entity, "status");
	bool over = strcmp(status, "completed") == 0 || strcmp(status, "abandoned") == 0 ||
		    strcmp(status, "Completed") == 0;
	return !over && !get_bool(entity, "isDeleted") && !get_bool(entity, "resolved");
}

static bool is_open_work(const cJSON *session)
{
	return is_open(session) && strcmp(get_string(session, "kind"), "work") == 0;
}

static bool is_open_focus(const cJSON *session)
{
	return is_open(session) && strcmp(get_string(session, "kind"), "focus") == 0;
}

static bool is_deleted(const cJSON *entity)
{
	return get_bool(entity, "isDeleted");
}

/* One of them, each as likely as the others; NULL: there is none. */
static const char *draw_known(struct world *world, enum entity entity, prefers_fn *prefers)
{
	const cJSON *known;
	const char *chosen = NULL;
	uint64_t seen = 0;
	cJSON_ArrayForEach (known, world->speaker->entities[entity]) {
		if ((!prefers || prefers(known)) && world_draw(world, ++seen) == 0)
			chosen = known->string;
	}
	return chosen;
}

/* Mostly of one that is open, sometimes of any, or of what may not be there. */
static void append_one(struct world *world, struct text *out, enum entity entity, prefers_fn *prefers)
{
	const char *id = draw_known(world, entity, world_chance(world, 75) ? prefers : NULL);
	if (id && world_chance(world, 92))
		text_append_format(out, ",\"%s\":\"%s\"", entity_name(entity), id);
	else
		append(out, entity_name(entity), entity, world->given[entity]);
}

static void append_id(struct world *world, struct text *out, enum entity entity)
{
	append_one(world, out, entity, is_open);
}

static void append_session(struct world *world, struct text *out)
{
	append_id(world, out, ENTITY_SESSION);
}

static void append_at(struct world *world, struct text *out)
{
	static const int64_t spans_ms[] = {MINUTE_MS, HOUR_MS, 8 * DAY_MS, 12 * HOUR_MS};
	if (world_chance(world, 45))
		return;
	int64_t back_ms = world_draw_ms(world, spans_ms[world_draw(world, 4)]);
	if (world_chance(world, 5))
		back_ms = -back_ms;
	text_append_format(out, ",\"atMs\":%" PRId64, world->player.replay.now_ms - back_ms);
}

/* An instant of the last 26 hours, or a little in the future. */
static void maybe_instant(struct world *world, struct text *out, const char *field)
{
	static const int64_t spans_ms[] = {HOUR_MS, 26 * HOUR_MS, -MINUTE_MS};
	if (world_chance(world, 40))
		return;
	int64_t span_ms = spans_ms[world_draw(world, 20) % 7 % 3];
	int64_t back_ms = span_ms > 0 ? world_draw_ms(world, span_ms) : span_ms;
	text_append_format(out, ",\"%s\":%" PRId64, field, world->player.replay.now_ms - back_ms);
}

static void maybe_text(struct world *world, struct text *out, const char *field)
{
	static const char *const texts[] = {"", "a", "b", "ü\\n\\\""};
	if (world_chance(world, 35))
		text_append_format(out, ",\"%s\":\"%s\"", field, texts[world_draw(world, 4)]);
}

static void maybe_flag(struct world *world, struct text *out, const char *field)
{
	if (world_chance(world, 30))
		text_append_format(out, ",\"%s\":%s", field, world_chance(world, 50) ? "true" : "false");
}

static void maybe_group(struct world *world, struct text *out)
{
	if (world_chance(world, 30))
		append_id(world, out, ENTITY_GROUP);
}

static void append_structure(struct world *world, struct text *out)
{
	static const char *const structures[] = {"{}", "{\"sets\":[1,2.5]}", "{\"a\":{\"b\":\"ü\"}}"};
	text_append_format(out, ",\"structure\":%s", structures[world_draw(world, 3)]);
}

/* Sessions. */

static void append_timer_fields(struct world *world, struct text *out)
{
	if (world_chance(world, 60))
		text_append_format(out, ",\"initialDuration\":%d", 1 + (int)world_draw(world, 7200));
	else if (world_chance(world, 30))
		text_append_string(out, ",\"initialDuration\":null");
	if (world_chance(world, 40))
		text_append_format(out, ",\"dailyGoalMinutes\":%d", 1 + (int)world_draw(world, 3));
	else if (world_chance(world, 20))
		text_append_string(out, ",\"dailyGoalMinutes\":null");
	maybe_flag(world, out, "noGoal");
}

static void append_work_fields(struct world *world, struct text *out)
{
	static const char *const lists[] = {"plannedTasks", "toolsNeeded", "partsToInstall"};
	for (size_t i = 0; i < 3; i++) {
		if (world_chance(world, 30))
			text_append_format(out, ",\"%s\":%s", lists[i],
				world_chance(world, 40) ? "[]" : "[\"a\",\"ü\"]");
	}
	maybe_flag(world, out, "helperPresent");
	maybe_text(world, out, "notes");
}

static void ask_timer(struct world *world, struct text *out)
{
	append(out, "session", 0, (unsigned)world_draw(world, TIMERS));
	text_append_format(out, ",\"title\":\"T%d\"", (int)world_draw(world, 4));
	append_timer_fields(world, out);
	maybe_group(world, out);
}

static void ask_focus(struct world *world, struct text *out)
{
	static const char *const types[] = {"pomodoro", "short", "long"};
	append_new(world, out, ENTITY_SESSION);
	text_append_string(out, ",\"kind\":\"focus\"");
	if (world_chance(world, 50))
		text_append_format(out, ",\"sessionType\":\"%s\"", types[world_draw(world, 3)]);
	else
		text_append_format(out, ",\"sessionType\":\"custom\",\"plannedMinutes\":%d",
			5 + (int)world_draw(world, 116));
	maybe_group(world, out);
	if (world_chance(world, 20))
		append_id(world, out, ENTITY_TASK);
}

static void ask_work(struct world *world, struct text *out)
{
	append_new(world, out, ENTITY_SESSION);
	text_append_string(out, ",\"kind\":\"work\"");
	append_id(world, out, ENTITY_GROUP);
	maybe_instant(world, out, "startMs");
	append_work_fields(world, out);
}

static void ask_training(struct world *world, struct text *out)
{
	append_new(world, out, ENTITY_SESSION);
	text_append_string(out, ",\"kind\":\"training\",\"date\":\"2026-03-10\"");
	append_id(world, out, ENTITY_PLAN);
	if (world_chance(world, 40))
		append_structure(world, out);
	maybe_group(world, out);
}

/* Fields of one kind; whether it is that of the session is chance. */
static void ask_edit(struct world *world, struct text *out)
{
	uint64_t kind = world_draw(world, 3);
	append_session(world, out);
	if (kind == 0)
		append_timer_fields(world, out);
	else if (kind == 1)
		append_work_fields(world, out);
	else
		append_structure(world, out);
}

static void ask_distraction(struct world *world, struct text *out)
{
	append_one(world, out, ENTITY_SESSION, is_open_focus);
}

static void ask_restore(struct world *world, struct text *out)
{
	append_one(world, out, ENTITY_SESSION, is_deleted);
}

static void ask_pause(struct world *world, struct text *out)
{
	append_session(world, out);
	maybe_text(world, out, "reason");
}

static void ask_complete(struct world *world, struct text *out)
{
	append_session(world, out);
	if (world_chance(world, 70))
		return;
	if (world_chance(world, 20)) {
		append_structure(world, out);
		return;
	}
	text_append_format(out, ",\"qualityRating\":%d", 1 + (int)world_draw(world, 5));
	maybe_text(world, out, "taskProgress");
	if (world_chance(world, 30))
		text_append_format(out, ",\"focusScore\":%d", (int)world_draw(world, 101));
}

static void ask_abandon(struct world *world, struct text *out)
{
	append_session(world, out);
	maybe_text(world, out, "reason");
	maybe_text(world, out, "progressMade");
}

static void ask_rename(struct world *world, struct text *out)
{
	append_session(world, out);
	if (world_chance(world, 20))
		text_append_string(out, ",\"title\":null");
	else
		text_append_format(out, ",\"title\":\"T%d\"", (int)world_draw(world, 4));
}

static void ask_move(struct world *world, struct text *out)
{
	append_session(world, out);
	if (world_chance(world, 30))
		text_append_string(out, ",\"group\":null");
	else
		append_id(world, out, ENTITY_GROUP);
}

/* The user's day, and groups. */

static void ask_day_rule(struct world *world, struct text *out)
{
	static const char *const zones[] = {"UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia",
		"Asia/Kolkata", "America/Santiago"};
	if (world_chance(world, 60))
		text_append_format(out, ",\"timeZone\":\"%s\"", zones[world_draw(world, 6)]);
	if (world_chance(world, 60))
		text_append_format(out, ",\"sessionsResetTime\":\"%02d:%02d\"", (int)world_draw(world, 24),
			30 * (int)world_draw(world, 2));
}

static void ask_new_group(struct world *world, struct text *out)
{
	append_new(world, out, ENTITY_GROUP);
	text_append_format(out, ",\"name\":\"G%d\"", (int)world_draw(world, 3));
}

static void ask_group(struct world *world, struct text *out)
{
	append_id(world, out, ENTITY_GROUP);
}

static void ask_edit_group(struct world *world, struct text *out)
{
	ask_group(world, out);
	text_append_format(out, ",\"name\":\"G%d\"", (int)world_draw(world, 3));
	maybe_text(world, out, "description");
}

/* Tasks, problems, plans. */

static void ask_new_task(struct world *world, struct text *out)
{
	append_one(world, out, ENTITY_SESSION, is_open_work);
	append_new(world, out, ENTITY_TASK);
	text_append_format(out, ",\"description\":\"D%d\"", (int)world_draw(world, 3));
	maybe_instant(world, out, "startMs");
}

static void ask_task(struct world *world, struct text *out)
{
	append_id(world, out, ENTITY_TASK);
}

static void ask_edit_task(struct world *world, struct text *out)
{
	ask_task(world, out);
	if (world_chance(world, 50))
		text_append_format(out, ",\"description\":\"D%d\"", (int)world_draw(world, 3));
	maybe_text(world, out, "challengesEncountered");
}

static void ask_complete_task(struct world *world, struct text *out)
{
	ask_task(world, out);
	text_append_format(out, ",\"qualityResult\":\"%s\"", quality_names[world_draw(world, QUALITY_COUNT)]);
	maybe_text(world, out, "challengesEncountered");
	maybe_flag(world, out, "reworkNeeded");
}

static void append_problem_fields(struct world *world, struct text *out)
{
	static const char *const impacts[] = {"null", "0", "12.5", "0.07"};
	if (world_chance(world, 40))
		text_append_format(out, ",\"costImpact\":%s", impacts[world_draw(world, 4)]);
	if (world_chance(world, 40))
		text_append_format(out, ",\"timeImpact\":%s", impacts[world_draw(world, 4)]);
	maybe_text(world, out, "solutionPlan");
	maybe_flag(world, out, "isCommonProblem");
	if (world_chance(world, 30))
		maybe_instant(world, out, "discoveryMs");
}

static void ask_new_problem(struct world *world, struct text *out)
{
	append_id(world, out, ENTITY_GROUP);
	append_new(world, out, ENTITY_PROBLEM);
	text_append_format(out, ",\"description\":\"It is broken\",\"severity\":\"%s\"",
		severity_names[world_draw(world, SEVERITY_COUNT)]);
	append_problem_fields(world, out);
}

static void ask_edit_problem(struct world *world, struct text *out)
{
	append_id(world, out, ENTITY_PROBLEM);
	if (world_chance(world, 30))
		text_append_format(
			out, ",\"severity\":\"%s\"", severity_names[world_draw(world, SEVERITY_COUNT)]);
	append_problem_fields(world, out);
}

static void ask_resolve(struct world *world, struct text *out)
{
	append_id(world, out, ENTITY_PROBLEM);
	maybe_text(world, out, "solutionPlan");
}

static void ask_new_plan(struct world *world, struct text *out)
{
	append_new(world, out, ENTITY_PLAN);
	text_append_format(out, ",\"name\":\"P%d\"", (int)world_draw(world, 3));
	append_structure(world, out);
}

static void ask_plan(struct world *world, struct text *out)
{
	append_id(world, out, ENTITY_PLAN);
}

static void ask_edit_plan(struct world *world, struct text *out)
{
	ask_plan(world, out);
	if (world_chance(world, 50))
		text_append_format(out, ",\"name\":\"P%d\"", (int)world_draw(world, 3));
	if (world_chance(world, 60))
		append_structure(world, out);
}

/* By how often they are drawn. */
static const struct row {
	int weight;
	const char *name;
	void (*ask)(struct world *world, struct text *out);
	bool plain; /* takes neither key nor ifVersion */
} rows[] = {
	{7, "start", append_session, false},
	{7, "pause", ask_pause, false},
	{1, "resetSession", append_session, false},
	{4, "complete", ask_complete, false},
	{2, "abandon", ask_abandon, false},
	{3, "distraction", ask_distraction, false},
	{3, "addSession", ask_timer, false},
	{5, "addSession", ask_focus, false},
	{5, "addSession", ask_work, false},
	{4, "addSession", ask_training, false},
	{4, "editSession", ask_edit, false},
	{1, "renameSession", ask_rename, false},
	{2, "moveSession", ask_move, false},
	{1, "deleteSession", append_session, false},
	{2, "restoreSession", ask_restore, false},
	{1, "resetAll", maybe_group, false},
	{1, "autoResetTimeChange", ask_day_rule, false},
	{4, "addGroup", ask_new_group, false},
	{1, "editGroup", ask_edit_group, false},
	{1, "deleteGroup", ask_group, false},
	{1, "getSession", append_session, true},
	{6, "addTask", ask_new_task, false},
	{3, "editTask", ask_edit_task, false},
	{4, "completeTask", ask_complete_task, false},
	{1, "deleteTask", ask_task, false},
	{4, "reportProblem", ask_new_problem, false},
	{3, "editProblem", ask_edit_problem, false},
	{2, "resolveProblem", ask_resolve, false},
	{3, "addPlan", ask_new_plan, false},
	{2, "editPlan", ask_edit_plan, false},
	{1, "deletePlan", ask_plan, false},
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static const struct row *draw_row(struct world *world)
{
	int sum = 0;
	for (size_t i = 0; i < ROW_COUNT; i++)
		sum += rows[i].weight;
	int left = (int)world_draw(world, (uint64_t)sum);
	size_t row = 0;
	while ((left -= rows[row].weight) >= 0)
		row++;
	return &rows[row];
}

static bool takes_version(const char *name)
{
	enum command_type type;
	return command_find(name, &type) && !(command_rows[type].flags & COMMAND_NO_VERSION);
}

void world_ask(struct world *world, struct client *client, struct asked *asked)
{
	int index = asked->count++;
	world->speaker = client;
	asked->commands[index].repeats = -1;
	asked->commands[index].key[0] = '\0';
	int old = (int)world_draw(world, WORLD_KEPT);
	if (client->kept[old].body && world_chance(world, 6)) {
		asked->commands[index].repeats = old;
		asked->commands[index].body = strdup(client->kept[old].body);
		return;
	}
	TEXT_AUTO body = {0};
	const struct row *row = draw_row(world);
	asked->commands[index].name = row->name;
	text_append_format(&body, "\"type\":\"%s\"", row->name);
	row->ask(world, &body);
	append_at(world, &body);
	if (!row->plain && takes_version(row->name) && world_chance(world, 8))
		text_append_format(&body, ",\"ifVersion\":%d", 1 + (int)world_draw(world, 12));
	if (!row->plain && world_chance(world, 40)) {
		snprintf(asked->commands[index].key, sizeof(asked->commands[index].key), "k%d",
			client->keys++);
		text_append_format(&body, ",\"key\":\"%s\"", asked->commands[index].key);
	}
	asked->commands[index].body = strdup(body.data);
}

void asked_encode(const struct asked *asked, bool batch, struct text *out)
{
	if (batch)
		text_append_string(out, "{\"type\":\"batch\",\"commands\":[");
	for (int i = 0; i < asked->count; i++)
		text_append_format(out, "%s{\"id\":%d,%s}", i ? "," : "", i, asked->commands[i].body);
	if (batch)
		text_append_string(out, "]}");
}

void asked_finish(struct asked *asked)
{
	for (int i = 0; i < asked->count; i++)
		free(asked->commands[i].body);
	asked->count = 0;
}
