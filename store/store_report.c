/* What the reports of a project are made of. */
#include "store/statement.h"
#include "store/store.h"

#include <assert.h>
#include <stdlib.h>

static_assert(KIND_WORK == 2, "the statements know it by number");

/* As far as it has been loaded. What belongs to sessions is read in their order; `at` follows along. */
struct report {
	struct store *store;
	int64_t uid, now_ms;
	const struct uuid *group;
	struct text sessions, tasks, intervals;
	struct text open; /* intervals that are not among the others yet; each is its session's last */
	size_t open_at;
	uint32_t at;
	struct project_counts counts;
};

#define SESSIONS       " FROM sessions s INDEXED BY sessions_work"
#define OF_PROJECT     " WHERE s.uid = ?1 AND s.\"group\" = ?2 AND s.kind = 2"
#define IN_THEIR_ORDER " ORDER BY s.started_at_ms DESC, s.id DESC"

static struct statement get_of_group(struct report *report, enum slot slot, const char *sql)
{
	struct statement statement = statement_get(report->store, slot, sql);
	statement_bind_integer(&statement, report->uid);
	statement_bind_uuid(&statement, report->group);
	return statement;
}

static struct project_session *session_at(const struct report *report, uint32_t index)
{
	assert(index < report->sessions.len / sizeof(struct project_session));
	return &((struct project_session *)(void *)report->sessions.data)[index];
}

/* Reads the id of a session, which is that of the row before or a later one. */
static uint32_t read_index(struct report *report, struct statement *statement)
{
	struct uuid id;
	statement_uuid(statement, &id);
	while (!uuid_equal(&session_at(report, report->at)->id, &id))
		report->at++;
	return report->at;
}

static enum err load_sessions(struct report *report)
{
	STATEMENT_AUTO statement = get_of_group(report, SLOT_PROJECT_SESSIONS,
		"SELECT s.id, s.started_at_ms, s.state, s.running_since_ms" SESSIONS OF_PROJECT
			IN_THEIR_ORDER);
	enum err err;
	for (uint32_t i = 0; !(err = statement_row(&statement)); i++) {
		struct project_session session = {0};
		statement_uuid(&statement, &session.id);
		session.started_at_ms = statement_integer(&statement);
		text_append(&report->sessions, &session, sizeof(session));
		struct analytics_interval open = {.session = i, .end_ms = report->now_ms};
		bool running = statement_integer(&statement) == STATE_RUNNING;
		open.start_ms = statement_integer(&statement);
		if (running && open.start_ms < open.end_ms)
			text_append(&report->open, &open, sizeof(open));
	}
	return err == ERR_NOT_FOUND ? OK : err;
}

static void add_interval(struct report *report, const struct analytics_interval *interval)
{
	text_append(&report->intervals, interval, sizeof(*interval));
	session_at(report, interval->session)->time_ms += interval->end_ms - interval->start_ms;
}

/* The open ones of the sessions up to `end`. */
static void add_open(struct report *report, size_t end)
{
	const struct analytics_interval *open = (const void *)report->open.data;
	size_t count = report->open.len / sizeof(*open);
	for (; report->open_at < count && open[report->open_at].session < end; report->open_at++)
		add_interval(report, &open[report->open_at]);
}

/* The closed ones lie within their session, which lasts a day at most: that bounds what is looked at. */
static enum err load_intervals(struct report *report)
{
	STATEMENT_AUTO statement = get_of_group(report, SLOT_PROJECT_INTERVALS,
		"SELECT s.id, i.start_ms, i.end_ms" SESSIONS " CROSS JOIN intervals i ON i.uid = s.uid"
		" AND i.session = s.id AND i.end_ms > s.started_at_ms"
		" AND i.end_ms <= CASE s.ended_at_ms WHEN 0 THEN 1 << 62 ELSE s.ended_at_ms END" OF_PROJECT
			IN_THEIR_ORDER ", i.end_ms");
	enum err err;
	report->at = 0;
	while (!(err = statement_row(&statement))) {
		struct analytics_interval interval = {.session = read_index(report, &statement)};
		interval.start_ms = statement_integer(&statement);
		interval.end_ms = statement_integer(&statement);
		add_open(report, interval.session);
		add_interval(report, &interval);
	}
	add_open(report, SIZE_MAX);
	return err == ERR_NOT_FOUND ? OK : err;
}

static enum err read_task(struct report *report, struct statement *statement)
{
	struct project_task task = {.session = read_index(report, statement)};
	statement_uuid(statement, &task.id);
	task.start_ms = statement_integer(statement);
	int64_t completed_at_ms = statement_integer(statement);
	task.description = statement_kept(statement);
	bool completed = statement_integer(statement) != 0;
	int64_t quality = statement_integer(statement);
	bool rework = statement_integer(statement) != 0;
	if (quality < 0 || quality >= QUALITY_COUNT)
		return statement_damaged(statement);
	task.end_ms = completed ? completed_at_ms : report->now_ms;
	text_append(&report->tasks, &task, sizeof(task));
	report->counts.tasks++;
	report->counts.tasks_completed += completed;
	report->counts.tasks_rework += completed && rework;
	report->counts.by_quality[quality] += completed;
	return OK;
}

static enum err load_tasks(struct report *report)
{
	STATEMENT_AUTO statement = get_of_group(report, SLOT_PROJECT_TASKS,
		"SELECT s.id, t.id, t.start_ms, t.completed_at_ms, t.description, t.completed, t.quality,"
		" t.rework" SESSIONS " CROSS JOIN tasks t INDEXED BY tasks_shown"
		" ON t.uid = s.uid AND t.session = s.id AND t.deleted = 0" OF_PROJECT IN_THEIR_ORDER
		", t.created_at_ms, t.id");
	enum err err;
	report->at = 0;
	while (!(err = statement_row(&statement))) {
		err = read_task(report, &statement);
		if (err)
			return err;
	}
	return err == ERR_NOT_FOUND ? OK : err;
}

static enum err count_problems(struct report *report)
{
	struct project_counts *counts = &report->counts;
	STATEMENT_AUTO statement = get_of_group(report, SLOT_PROJECT_PROBLEM_COUNTS,
		"SELECT resolved, severity, count(*), sum(max(cost_impact, 0)), sum(max(time_impact, 0))"
		" FROM problems INDEXED BY problems_of WHERE uid = ? AND \"group\" = ? GROUP BY 1, 2");
	enum err err;
	while (!(err = statement_row(&statement))) {
		bool resolved = statement_integer(&statement) != 0;
		int64_t severity = statement_integer(&statement);
		int64_t count = statement_integer(&statement);
		if (severity < 0 || severity >= SEVERITY_COUNT)
			return statement_damaged(&statement);
		counts->problems_resolved += resolved ? count : 0;
		counts->problems_open += resolved ? 0 : count;
		counts->by_severity[severity] += count;
		counts->cost_hundredths += statement_integer(&statement);
		counts->time_hundredths += statement_integer(&statement);
	}
	return err == ERR_NOT_FOUND ? OK : err;
}

enum err store_project_load(
	struct store *store, int64_t uid, const struct uuid *group, int64_t now_ms, struct store_project *ret)
{
	struct report report = {.store = store, .uid = uid, .now_ms = now_ms, .group = group};
	enum err err = load_sessions(&report);
	if (!err)
		err = load_intervals(&report);
	if (!err)
		err = load_tasks(&report);
	if (!err)
		err = count_problems(&report);
	struct store_project project = {
		.sessions = (struct project_session *)(void *)report.sessions.data,
		.session_count = report.sessions.len / sizeof(*project.sessions),
		.tasks = (struct project_task *)(void *)report.tasks.data,
		.task_count = report.tasks.len / sizeof(*project.tasks),
		.intervals = (struct analytics_interval *)(void *)report.intervals.data,
		.interval_count = report.intervals.len / sizeof(*project.intervals),
		.counts = report.counts,
	};
	text_finish(&report.open);
	if (err)
		store_project_finish(&project);
	else
		*ret = project;
	return err;
}

void store_project_finish(struct store_project *project)
{
	free(project->sessions);
	free(project->tasks);
	free(project->intervals);
	*project = (struct store_project){0};
}
