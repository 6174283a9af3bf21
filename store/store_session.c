/* Sessions. */
#include "store/store_kind.h"

#include <assert.h>

/* What indexes are made of: these seldom change. */
/* clang-format off */
#define LISTED_FIELDS(F, X) \
	F(kind) X(status) X(deleted) X(group) X(started_at_ms) X(created_at_ms)
#define SESSION_FIELDS(F, X) \
	F(version) X(state) X(no_goal) X(daily_goal_minutes) X(initial_ms) X(elapsed_ms) X(running_since_ms) \
	X(clock_ms) X(ended_at_ms) X(updated_at_ms) X(pauses) X(tracked_day_ms) X(tracked_ms) X(title)
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
static_assert(
	KIND_TIMER == 0 && KIND_FOCUS == 1 && KIND_WORK == 2 && KIND_TRAINING == 3 && STATUS_ACTIVE == 0,
	"the schema knows them by number");

static enum err read_session(struct statement *statement, int64_t uid, struct session *ret)
{
	statement_uuid(statement, &ret->id);
	statement_columns(statement, listed_columns, LISTED_COLUMNS, ret);
	statement_columns(statement, session_columns, SESSION_COLUMNS, ret);
	return store_kind_load(statement->store, uid, ret);
}

enum err store_session_load(struct store *store, int64_t uid, const struct uuid *id, struct session *ret)
{
	if (recent_timer(store->recent, uid, id, ret))
		return OK;
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_SESSION_LOAD, "SELECT id, " NAMES " FROM sessions WHERE uid = ? AND id = ?");
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, id);
	enum err err = statement_row(&statement);
	if (!err)
		err = read_session(&statement, uid, ret);
	if (!err && ret->kind == KIND_TIMER)
		recent_keep_timer(store->recent, uid, ret);
	return err;
}

/* Most writes leave the listed fields alone: an update that names none of them touches no index. */
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

static enum err insert_session(struct store *store, int64_t uid, const struct session *session)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_SESSION_WRITE,
		"INSERT INTO sessions (uid, id, " NAMES ") VALUES (?, ?, " VALUES ")"
		" ON CONFLICT (uid, id) DO UPDATE SET " EXCLUDED);
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, &session->id);
	statement_bind_columns(&statement, listed_columns, LISTED_COLUMNS, session);
	statement_bind_columns(&statement, session_columns, SESSION_COLUMNS, session);
	enum err err = statement_run(&statement);
	/* Beside its key there is one unique index. */
	bool second = err && sqlite3_extended_errcode(store->db) == SQLITE_CONSTRAINT_UNIQUE;
	return second ? ERR_CONFLICT : err;
}

enum err store_session_write(struct store *store, int64_t uid, const struct session *session)
{
	enum err err = update_session(store, uid, session);
	if (err == ERR_NOT_FOUND)
		err = insert_session(store, uid, session);
	if (!err && session->kind == KIND_TIMER)
		recent_keep_timer(store->recent, uid, session);
	return err ? err : store_kind_write(store, uid, session);
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
	statement_bind_uuid_or_null(&statement, group);
	enum err err;
	while (!(err = statement_row(&statement))) {
		struct session session;
		err = read_session(&statement, uid, &session);
		if (!err)
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
	return statement_count(&statement, ret);
}

enum err store_session_active(
	struct store *store, int64_t uid, enum session_kind kind, int64_t *ret_count, struct uuid *ret_id)
{
	/* With max(), the other column is of the row that has it. */
	STATEMENT_AUTO statement = statement_get(store, SLOT_SESSIONS_ACTIVE,
		"SELECT count(*), id, max(started_at_ms) FROM " SHOWN " AND kind = ?2 AND status = 0");
	statement_bind_integer(&statement, uid);
	statement_bind_integer(&statement, kind);
	enum err err = statement_row(&statement);
	if (err)
		return err;
	*ret_count = statement_integer(&statement);
	statement_uuid(&statement, ret_id);
	return OK;
}

enum err store_session_working(struct store *store, int64_t uid, const struct uuid *group, int64_t *ret_count)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_SESSIONS_WORKING,
		"SELECT count(*) FROM " SHOWN " AND kind = 2 AND status = 0 AND \"group\" = ?2");
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, group);
	return statement_count(&statement, ret_count);
}
