/* Sessions. */
#include "store/statement.h"
#include "store/store.h"

#include <assert.h>

/* What the index of the shown ones is made of: these seldom change. */
/* clang-format off */
#define LISTED_FIELDS(F, X) F(kind) X(status) X(deleted) X(created_at_ms)
#define SESSION_FIELDS(F, X) \
	F(version) X(state) X(no_goal) X(daily_goal_minutes) X(group) X(initial_ms) X(elapsed_ms) \
	X(running_since_ms) X(clock_ms) X(started_at_ms) X(ended_at_ms) X(updated_at_ms) X(pauses) \
	X(tracked_day_ms) X(tracked_ms) X(title)
/* clang-format on */

#define SESSION_COLUMN(field) COLUMN(struct session, field),
static const struct column listed_columns[] = {LISTED_FIELDS(SESSION_COLUMN, SESSION_COLUMN)};
static const struct column session_columns[] = {SESSION_FIELDS(SESSION_COLUMN, SESSION_COLUMN)};
#define LISTED_COLUMNS  (sizeof(listed_columns) / sizeof(*listed_columns))
#define SESSION_COLUMNS (sizeof(session_columns) / sizeof(*session_columns))

#define NAMES    SQL_NAMES(LISTED_FIELDS) ", " SQL_NAMES(SESSION_FIELDS)
#define VALUES   SQL_PARAMETERS(LISTED_FIELDS) ", " SQL_PARAMETERS(SESSION_FIELDS)
#define EXCLUDED SQL_SETS_EXCLUDED(LISTED_FIELDS) ", " SQL_SETS_EXCLUDED(SESSION_FIELDS)

/* As the index has it, so that SQLite sees that it fits. It wouldn't take it for counting by itself. */
#define SHOWN                                \
	"sessions INDEXED BY sessions_shown" \
	" WHERE uid = ?1 AND deleted = 0 AND (kind = 0 OR status = 0)"
#define TIMERS SHOWN " AND kind = 0"
static_assert(KIND_TIMER == 0 && STATUS_ACTIVE == 0, "the schema knows them by number");

static void read_session(struct statement *statement, struct session *ret)
{
	statement_uuid(statement, &ret->id);
	statement_columns(statement, listed_columns, LISTED_COLUMNS, ret);
	statement_columns(statement, session_columns, SESSION_COLUMNS, ret);
}

enum err store_session_load(struct store *store, int64_t uid, const struct uuid *id, struct session *ret)
{
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_SESSION_LOAD, "SELECT id, " NAMES " FROM sessions WHERE uid = ? AND id = ?");
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, id);
	enum err err = statement_row(&statement);
	if (!err)
		read_session(&statement, ret);
	return err;
}

/* Most writes leave the listed fields alone: an update that names none of them doesn't touch the index. */
static enum err update_session(struct store *store, int64_t uid, const struct session *session)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_SESSION_UPDATE,
		"UPDATE sessions SET " SQL_SETS(SESSION_FIELDS) " WHERE uid = ? AND id = ?" SQL_ALL_EQUAL(
			LISTED_FIELDS));
	statement_bind_columns(&statement, session_columns, SESSION_COLUMNS, session);
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, &session->id);
	statement_bind_columns(&statement, listed_columns, LISTED_COLUMNS, session);
	enum err err = statement_run(&statement);
	if (err)
		return err;
	return sqlite3_changes(store->db) ? OK : ERR_NOT_FOUND;
}

enum err store_session_write(struct store *store, int64_t uid, const struct session *session)
{
	enum err err = update_session(store, uid, session);
	if (err != ERR_NOT_FOUND)
		return err;
	STATEMENT_AUTO statement = statement_get(store, SLOT_SESSION_WRITE,
		"INSERT INTO sessions (uid, id, " NAMES ") VALUES (?, ?, " VALUES ")"
		" ON CONFLICT (uid, id) DO UPDATE SET " EXCLUDED);
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, &session->id);
	statement_bind_columns(&statement, listed_columns, LISTED_COLUMNS, session);
	statement_bind_columns(&statement, session_columns, SESSION_COLUMNS, session);
	return statement_run(&statement);
}

#define EACH(which) \
	"SELECT id, " NAMES " FROM " which " AND (?2 IS NULL OR \"group\" = ?2) ORDER BY created_at_ms, id"
#define COUNT(which) "SELECT count(*) FROM " which

static const struct {
	enum slot each_slot, count_slot;
	const char *each, *count;
} queries[] = {
	[SESSIONS_SHOWN] = {SLOT_SESSIONS_SHOWN, SLOT_SESSIONS_SHOWN_COUNT, EACH(SHOWN), COUNT(SHOWN)},
	[SESSIONS_TIMERS] = {SLOT_SESSIONS_TIMERS, SLOT_SESSIONS_TIMERS_COUNT, EACH(TIMERS), COUNT(TIMERS)},
};

enum err store_session_each(struct store *store, int64_t uid, enum store_sessions which,
	const struct uuid *group, store_session_fn *fn, void *context)
{
	STATEMENT_AUTO statement = statement_get(store, queries[which].each_slot, queries[which].each);
	statement_bind_integer(&statement, uid);
	if (group)
		statement_bind_uuid(&statement, group);
	else
		statement_bind_null(&statement);
	enum err err;
	while (!(err = statement_row(&statement))) {
		struct session session;
		read_session(&statement, &session);
		err = fn(context, &session);
		if (err)
			return err;
	}
	return err == ERR_NOT_FOUND ? OK : err;
}

enum err store_session_count(struct store *store, int64_t uid, enum store_sessions which, int64_t *ret)
{
	STATEMENT_AUTO statement = statement_get(store, queries[which].count_slot, queries[which].count);
	statement_bind_integer(&statement, uid);
	enum err err = statement_row(&statement);
	if (!err)
		*ret = statement_integer(&statement);
	return err;
}
