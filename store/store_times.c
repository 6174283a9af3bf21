/* Running time and goals. An open interval lies in `running`; it moves to `intervals` when it is closed. */
#include "store/statement.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

enum err store_interval_open(struct store *store, int64_t uid, const struct uuid *session, int64_t start_ms)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_RUNNING_ADD,
		"INSERT INTO running (uid, session, start_ms) VALUES (?, ?, ?)"
		" ON CONFLICT (uid, session) DO UPDATE SET start_ms = excluded.start_ms");
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, session);
	statement_bind_integer(&statement, start_ms);
	return statement_run(&statement);
}

static enum err add_interval(
	struct store *store, int64_t uid, const struct uuid *session, int64_t start_ms, int64_t end_ms)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_INTERVAL_ADD,
		"INSERT INTO intervals (uid, end_ms, session, start_ms) VALUES (?, ?, ?, ?)"
		" ON CONFLICT (uid, end_ms, session) DO UPDATE SET start_ms = excluded.start_ms");
	statement_bind_integer(&statement, uid);
	statement_bind_integer(&statement, end_ms);
	statement_bind_uuid(&statement, session);
	statement_bind_integer(&statement, start_ms);
	return statement_run(&statement);
}

enum err store_interval_close(
	struct store *store, int64_t uid, const struct uuid *session, int64_t start_ms, int64_t end_ms)
{
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_RUNNING_REMOVE, "DELETE FROM running WHERE uid = ? AND session = ?");
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, session);
	enum err err = statement_run(&statement);
	if (err || end_ms <= start_ms)
		return err;
	return add_interval(store, uid, session, start_ms, end_ms);
}

enum err store_interval_last(struct store *store, int64_t uid, int64_t before_ms, int64_t *ret_end_ms)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_INTERVAL_LAST,
		"SELECT coalesce(max(end_ms), 0) FROM intervals WHERE uid = ? AND end_ms <= ?");
	statement_bind_integer(&statement, uid);
	statement_bind_integer(&statement, before_ms);
	enum err err = statement_row(&statement);
	if (!err)
		*ret_end_ms = statement_integer(&statement);
	return err;
}

enum err store_interval_any(struct store *store, int64_t uid, int64_t from_ms, bool *ret)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_INTERVAL_ANY,
		"SELECT EXISTS (SELECT 1 FROM running WHERE uid = ?1)"
		" OR EXISTS (SELECT 1 FROM intervals WHERE uid = ?1 AND end_ms > ?2)");
	statement_bind_integer(&statement, uid);
	statement_bind_integer(&statement, from_ms);
	enum err err = statement_row(&statement);
	if (!err)
		*ret = statement_integer(&statement) != 0;
	return err;
}

enum err store_goal_set(
	struct store *store, int64_t uid, const struct uuid *session, int64_t at_ms, int32_t minutes)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_GOAL_SET,
		"INSERT INTO goals (uid, session, at_ms, minutes) VALUES (?, ?, ?, ?)"
		" ON CONFLICT (uid, session, at_ms) DO UPDATE SET minutes = excluded.minutes");
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, session);
	statement_bind_integer(&statement, at_ms);
	statement_bind_integer(&statement, minutes);
	return statement_run(&statement);
}

/* Parameters: uid, from, to, now. What runs now, and the closed ones, which have no end in the future. */
#define TOUCHING(columns)                                                                    \
	"SELECT " columns " FROM intervals WHERE uid = ?1 AND end_ms > ?2 AND start_ms < ?3" \
	" UNION ALL SELECT " columns                                                         \
	" FROM (SELECT session, start_ms, ?4 AS end_ms FROM running WHERE uid = ?1)"         \
	" WHERE end_ms > max(?2, start_ms) AND start_ms < ?3"

static struct statement get_timed(
	struct store *store, enum slot slot, const char *sql, int64_t uid, const int64_t span[3])
{
	struct statement statement = statement_get(store, slot, sql);
	statement_bind_integer(&statement, uid);
	for (int i = 0; i < 3; i++)
		statement_bind_integer(&statement, span[i]);
	return statement;
}

/* The sessions, ascending by id. */
static enum err load_sessions(struct store *store, int64_t uid, const int64_t span[3], struct text *ret)
{
	STATEMENT_AUTO statement = get_timed(store, SLOT_TIMED_IDS,
		"SELECT session FROM (" TOUCHING("session") " UNION SELECT session FROM goals WHERE uid = ?1)"
							    " ORDER BY session",
		uid, span);
	enum err err;
	while (!(err = statement_row(&statement))) {
		struct uuid id;
		struct session session;
		statement_uuid(&statement, &id);
		err = store_session_load(store, uid, &id, &session);
		if (err)
			return err == ERR_NOT_FOUND ? ERR_INTERNAL : err;
		text_append(ret, &session, sizeof(session));
	}
	return err == ERR_NOT_FOUND ? OK : err;
}

static int compare_id(const void *key, const void *session)
{
	return memcmp(key, ((const struct session *)session)->id.bytes, sizeof(struct uuid));
}

/* Reads an id; it is one of those that load_sessions found. */
static uint32_t read_index(struct statement *statement, const struct text *sessions)
{
	struct uuid id;
	statement_uuid(statement, &id);
	const struct session *found =
		bsearch(id.bytes, sessions->data, sessions->len / sizeof(*found), sizeof(*found), compare_id);
	return (uint32_t)(found - (const struct session *)(const void *)sessions->data);
}

static enum err load_intervals(struct store *store, int64_t uid, const int64_t span[3],
	const struct text *sessions, struct text *ret)
{
	STATEMENT_AUTO statement = get_timed(store, SLOT_INTERVALS_TOUCHING,
		TOUCHING("session, start_ms, end_ms") " ORDER BY start_ms, session", uid, span);
	enum err err;
	while (!(err = statement_row(&statement))) {
		struct analytics_interval interval = {.session = read_index(&statement, sessions)};
		interval.start_ms = statement_integer(&statement);
		interval.end_ms = statement_integer(&statement);
		text_append(ret, &interval, sizeof(interval));
	}
	return err == ERR_NOT_FOUND ? OK : err;
}

static enum err load_goals(struct store *store, int64_t uid, const struct text *sessions, struct text *ret)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_GOALS_ALL,
		"SELECT session, at_ms, minutes FROM goals WHERE uid = ? ORDER BY session, at_ms");
	statement_bind_integer(&statement, uid);
	enum err err;
	while (!(err = statement_row(&statement))) {
		struct analytics_goal goal = {.session = read_index(&statement, sessions)};
		goal.at_ms = statement_integer(&statement);
		goal.minutes = (int32_t)statement_integer(&statement);
		text_append(ret, &goal, sizeof(goal));
	}
	return err == ERR_NOT_FOUND ? OK : err;
}

enum err store_times_load(struct store *store, int64_t uid, int64_t from_ms, int64_t to_ms, int64_t now_ms,
	struct store_times *ret)
{
	const int64_t span[3] = {from_ms, to_ms, now_ms};
	struct text sessions = {0}, intervals = {0}, goals = {0};
	enum err err = load_sessions(store, uid, span, &sessions);
	if (!err)
		err = load_intervals(store, uid, span, &sessions, &intervals);
	if (!err)
		err = load_goals(store, uid, &sessions, &goals);
	struct store_times times = {
		.sessions = (struct session *)(void *)sessions.data,
		.session_count = sessions.len / sizeof(*times.sessions),
		.intervals = (struct analytics_interval *)(void *)intervals.data,
		.interval_count = intervals.len / sizeof(*times.intervals),
		.goals = (struct analytics_goal *)(void *)goals.data,
		.goal_count = goals.len / sizeof(*times.goals),
	};
	if (err)
		store_times_finish(&times);
	else
		*ret = times;
	return err;
}

void store_times_finish(struct store_times *times)
{
	free(times->sessions);
	free(times->intervals);
	free(times->goals);
	*times = (struct store_times){0};
}
