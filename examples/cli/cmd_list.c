/* `lockstep list`: what there is. */
#include "examples/cli/show.h"
#include "examples/cli/term.h"
#include "examples/cli/verbs.h"
#include "examples/cli/visit.h"

#include <stdlib.h>
#include <string.h>

/* What runs first, then what is open, then what is done; each by its title. */
static int rank(const struct session *session)
{
	return session->state == STATE_RUNNING ? 0 : session->status == STATUS_ACTIVE ? 1 : 2;
}

static int compare(const void *a, const void *b)
{
	const struct session *one = a, *other = b;
	int by_rank = rank(one) - rank(other);
	return by_rank ? by_rank : strcasecmp(show_title(one), show_title(other));
}

static const char *word_of(const struct session *session)
{
	if (session->state == STATE_RUNNING)
		return "running";
	if (session->status != STATUS_ACTIVE)
		return session_status_name(session->status);
	return session->elapsed_ms ? "paused" : "";
}

static void add_minutes(struct table *table, int64_t minutes, bool given)
{
	TEXT_AUTO cell = {0};
	if (given)
		show_minutes(&cell, minutes);
	table_add(table, given ? cell.data : "");
}

static void add_row(
	struct table *table, const struct replica *replica, const struct session *session, int64_t now_ms)
{
	const struct group *group = replica_group(replica, &session->group);
	int64_t day_ms = replica_day_start(replica, now_ms);
	TEXT_AUTO clock = {0};
	show_clock(&clock, show_seconds(session, now_ms));
	table_add(table, show_title(session));
	table_add(table, session->kind == KIND_TIMER ? "" : session_kind_name(session->kind));
	table_add(table, group ? group->name : "");
	table_add(table, word_of(session));
	table_add(table, clock.data);
	add_minutes(table, session_tracked_ms(session, day_ms, now_ms) / MINUTE_MS, true);
	add_minutes(table, session->daily_goal_minutes, session->daily_goal_minutes > 0);
}

static void append_table(struct text *out, const struct replica *replica, int64_t now_ms, bool all)
{
	static const char *const heads[] = {"TITLE", "KIND", "GROUP", "STATE", "LEFT", "TODAY", "GOAL"};
	struct table table = {.width = 7, .right = 1 << 4 | 1 << 5 | 1 << 6};
	for (size_t i = 0; i < table.width; i++)
		table_add(&table, heads[i]);
	for (size_t i = 0; i < replica->session_count; i++) {
		if (all || replica->sessions[i].status == STATUS_ACTIVE)
			add_row(&table, replica, &replica->sessions[i], now_ms);
	}
	table_append(&table, term_columns(), out);
	table_finish(&table);
}

static void append_json(struct text *out, const struct replica *replica, int64_t now_ms, bool all)
{
	const char *comma = "";
	text_append_string(out, "[");
	for (size_t i = 0; i < replica->session_count; i++) {
		if (!all && replica->sessions[i].status != STATUS_ACTIVE)
			continue;
		text_append_string(out, comma);
		show_json(out, replica, &replica->sessions[i], now_ms);
		comma = ",";
	}
	text_append_string(out, "]\n");
}

static void append_names(struct text *out, const struct replica *replica, bool all)
{
	for (size_t i = 0; i < replica->session_count; i++) {
		const struct session *session = &replica->sessions[i];
		if (all || session->status == STATUS_ACTIVE)
			text_append_format(out, "%s\n", show_title(session));
	}
}

static void print(const struct args *args, const struct mirror *mirror)
{
	const struct replica *replica = &mirror->replica;
	bool all = args->values[ARG_ALL];
	TEXT_AUTO out = {0};
	if (replica->session_count)
		qsort(replica->sessions, replica->session_count, sizeof(*replica->sessions), compare);
	if (args->values[ARG_JSON])
		append_json(&out, replica, mirror_now_ms(mirror), all);
	else if (args->values[ARG_NAMES])
		append_names(&out, replica, all);
	else
		append_table(&out, replica, mirror_now_ms(mirror), all);
	term_print(&out);
}

enum code verb_list(const struct args *args, const struct config *config)
{
	struct visit visit;
	enum code code = visit_begin(&visit, args, config);
	if (code)
		return code;
	print(args, &visit.mirror);
	visit_end(&visit);
	return CODE_OK;
}
