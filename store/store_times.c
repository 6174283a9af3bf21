/* Running time and goals. An open interval lies in `running`; it moves to `intervals` when it is closed. */
#include "store/statement.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

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

/* A work session lasts a day at most, and its intervals lie within it: that bounds what is looked at, however
 * long ago it was. */
enum err store_interval_sum(struct store *store, int64_t uid, const struct uuid *session, int64_t from_ms,
	int64_t to_ms, int64_t *ret_ms)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_INTERVAL_SUM,
		"SELECT coalesce(sum(min(end_ms, ?4) - max(start_ms, ?3)), 0) FROM"
		" (SELECT start_ms, end_ms FROM intervals WHERE uid = ?1 AND end_ms > ?3 AND end_ms <="
		" coalesce((SELECT nullif(ended_at_ms, 0) FROM sessions WHERE uid = ?1 AND id = ?2), 1 << 62)"
		" AND session = ?2 AND start_ms < ?4 UNION ALL"
		" SELECT start_ms, ?4 FROM running WHERE uid = ?1 AND session = ?2 AND start_ms < ?4)"
		" WHERE ?3 < ?4");
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, session);
	statement_bind_integer(&statement, from_ms);
	statement_bind_integer(&statement, to_ms);
	return statement_count(&statement, ret_ms);
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

/* The sessions that have been met, by number, in chains by hash. */
struct met {
	struct uuid id;
	uint32_t next; /* in the chain; MET_NONE ends it */
};
#define MET_NONE UINT32_MAX

struct index {
	struct met *met;
	uint32_t *chains; /* as many as there is room for */
	size_t count, room;
	uint64_t factors[4];
};

/* People choose their ids: with factors that nobody can know, no choice makes long chains. */
static enum err index_init(struct index *index, struct store *store)
{
	if (getrandom(index->factors, sizeof(index->factors), 0) == sizeof(index->factors))
		return OK;
	snprintf(store->message, sizeof(store->message), "no randomness");
	return ERR_INTERNAL;
}

static void index_finish(struct index *index)
{
	free(index->met);
	free(index->chains);
}

/* Multiply-add-shift over the id's four words. */
static uint32_t *index_chain(const struct index *index, const struct uuid *id)
{
	uint32_t words[4];
	uint64_t sum = 0;
	memcpy(words, id->bytes, sizeof(words));
	for (int i = 0; i < 4; i++)
		sum += index->factors[i] * words[i];
	return &index->chains[(sum >> 32) & (index->room - 1)];
}

static void index_grow(struct index *index)
{
	index->room = index->room ? 2 * index->room : 256;
	free(index->chains);
	index->met = reallocarray(index->met, index->room, sizeof(*index->met));
	index->chains = reallocarray(NULL, index->room, sizeof(*index->chains));
	if (!index->met || !index->chains)
		abort();
	memset(index->chains, 0xff, index->room * sizeof(*index->chains));
	for (uint32_t i = 0; i < index->count; i++) {
		uint32_t *chain = index_chain(index, &index->met[i].id);
		index->met[i].next = *chain;
		*chain = i;
	}
}

/* The session's number, or MET_NONE. */
static uint32_t index_find(const struct index *index, const struct uuid *id)
{
	uint32_t found = index->room ? *index_chain(index, id) : MET_NONE;
	while (found != MET_NONE && !uuid_equal(&index->met[found].id, id))
		found = index->met[found].next;
	return found;
}

static uint32_t index_meet(struct index *index, const struct uuid *id)
{
	uint32_t found = index_find(index, id);
	if (found != MET_NONE)
		return found;
	if (index->count == index->room)
		index_grow(index);
	uint32_t *chain = index_chain(index, id);
	index->met[index->count] = (struct met){*id, *chain};
	*chain = (uint32_t)index->count;
	return (uint32_t)index->count++;
}

/* What has been loaded; sessions are numbers of the index. */
struct loading {
	struct store *store;
	int64_t uid;
	struct index index;
	struct text sessions, intervals, goals;
};

static enum err load_goals(struct loading *loading)
{
	STATEMENT_AUTO statement = statement_get(loading->store, SLOT_GOALS_ALL,
		"SELECT session, at_ms, minutes FROM goals WHERE uid = ? ORDER BY session, at_ms");
	statement_bind_integer(&statement, loading->uid);
	enum err err;
	while (!(err = statement_row(&statement))) {
		struct uuid id;
		statement_uuid(&statement, &id);
		struct analytics_goal goal = {.session = index_meet(&loading->index, &id)};
		goal.at_ms = statement_integer(&statement);
		goal.minutes = (int32_t)statement_integer(&statement);
		text_append(&loading->goals, &goal, sizeof(goal));
	}
	return err == ERR_NOT_FOUND ? OK : err;
}

/* What runs now comes last; the closed ones have no end in the future, and come as the table has them. */
static enum err load_intervals(struct loading *loading, const int64_t span[3], bool only_met)
{
	STATEMENT_AUTO statement = statement_get(loading->store, SLOT_INTERVALS_TOUCHING,
		"SELECT session, start_ms, end_ms FROM intervals"
		" WHERE uid = ?1 AND end_ms > ?2 AND start_ms < ?3"
		" UNION ALL SELECT session, start_ms, ?4 FROM running"
		" WHERE uid = ?1 AND ?4 > max(?2, start_ms) AND start_ms < ?3");
	statement_bind_integer(&statement, loading->uid);
	for (int i = 0; i < 3; i++)
		statement_bind_integer(&statement, span[i]);
	enum err err;
	while (!(err = statement_row(&statement))) {
		struct uuid id;
		statement_uuid(&statement, &id);
		struct analytics_interval interval = {.session = only_met ? index_find(&loading->index, &id)
									  : index_meet(&loading->index, &id)};
		if (interval.session == MET_NONE)
			continue;
		interval.start_ms = statement_integer(&statement);
		interval.end_ms = statement_integer(&statement);
		text_append(&loading->intervals, &interval, sizeof(interval));
	}
	return err == ERR_NOT_FOUND ? OK : err;
}

static enum err load_session(struct loading *loading, const struct uuid *id)
{
	STATEMENT_AUTO statement = statement_get(loading->store, SLOT_SESSION_TIMED,
		"SELECT kind, \"group\", title FROM sessions WHERE uid = ? AND id = ?");
	statement_bind_integer(&statement, loading->uid);
	statement_bind_uuid(&statement, id);
	enum err err = statement_row(&statement);
	if (err)
		return err == ERR_NOT_FOUND ? ERR_INTERNAL : err;
	struct timed_session session = {.id = *id, .kind = (enum session_kind)statement_integer(&statement)};
	statement_uuid(&statement, &session.group);
	session.title = statement_kept(&statement);
	text_append(&loading->sessions, &session, sizeof(session));
	return OK;
}

static int compare_met(const void *a, const void *b)
{
	const struct met *left = a, *right = b;
	return memcmp(left->id.bytes, right->id.bytes, sizeof(left->id.bytes));
}

/* Orders the index by id: a number is then a place in that order. The chains are of no use any more. */
static void sort_sessions(struct loading *loading)
{
	struct met *met = loading->index.met;
	size_t count = loading->index.count;
	struct analytics_interval *intervals = (struct analytics_interval *)(void *)loading->intervals.data;
	struct analytics_goal *goals = (struct analytics_goal *)(void *)loading->goals.data;
	uint32_t *order = loading->index.chains;
	for (uint32_t i = 0; i < count; i++)
		met[i].next = i;
	if (count)
		qsort(met, count, sizeof(*met), compare_met);
	for (uint32_t i = 0; i < count; i++)
		order[met[i].next] = i;
	for (size_t i = 0; i < loading->intervals.len / sizeof(*intervals); i++)
		intervals[i].session = order[intervals[i].session];
	for (size_t i = 0; i < loading->goals.len / sizeof(*goals); i++)
		goals[i].session = order[goals[i].session];
}

static enum err load_sessions(struct loading *loading)
{
	sort_sessions(loading);
	enum err err = OK;
	for (size_t i = 0; i < loading->index.count && !err; i++)
		err = load_session(loading, &loading->index.met[i].id);
	return err;
}

static enum err load(
	struct store *store, int64_t uid, const int64_t span[3], bool only_goals, struct store_times *ret)
{
	struct loading loading = {.store = store, .uid = uid};
	enum err err = index_init(&loading.index, store);
	if (!err)
		err = load_goals(&loading);
	if (!err)
		err = load_intervals(&loading, span, only_goals);
	if (!err)
		err = load_sessions(&loading);
	index_finish(&loading.index);
	struct store_times times = {
		.sessions = (struct timed_session *)(void *)loading.sessions.data,
		.session_count = loading.sessions.len / sizeof(*times.sessions),
		.intervals = (struct analytics_interval *)(void *)loading.intervals.data,
		.interval_count = loading.intervals.len / sizeof(*times.intervals),
		.goals = (struct analytics_goal *)(void *)loading.goals.data,
		.goal_count = loading.goals.len / sizeof(*times.goals),
	};
	if (err)
		store_times_finish(&times);
	else
		*ret = times;
	return err;
}

enum err store_times_load(struct store *store, int64_t uid, int64_t from_ms, int64_t to_ms, int64_t now_ms,
	struct store_times *ret)
{
	return load(store, uid, (int64_t[]){from_ms, to_ms, now_ms}, false, ret);
}

enum err store_times_load_goals(struct store *store, int64_t uid, int64_t from_ms, int64_t to_ms,
	int64_t now_ms, struct store_times *ret)
{
	return load(store, uid, (int64_t[]){from_ms, to_ms, now_ms}, true, ret);
}

void store_times_finish(struct store_times *times)
{
	free(times->sessions);
	free(times->intervals);
	free(times->goals);
	*times = (struct store_times){0};
}
