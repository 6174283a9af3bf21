#include "store/schema.h"

#include <inttypes.h>
#include <stdio.h>

/* "LKST": tells the file from any other program's. */
#define APPLICATION_ID 0x4c4b5354

#define AUDIT_NO_UPDATE                                         \
	"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit" \
	" BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;"
#define AUDIT_NO_DELETE                                         \
	"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit" \
	" BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;"

/* Only ever append: step n brings a file from user_version n to n + 1.
 *
 * Rows of one user lie together, so that the commands of one user share pages. Instants are milliseconds, ids
 * are 16 bytes, a nil id is NULL unless it is part of a key. */
static const char *const migrations[] = {
	"CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;"

	"CREATE TABLE users (uid INTEGER PRIMARY KEY, issuer TEXT NOT NULL, subject TEXT NOT NULL,"
	" user_id TEXT NOT NULL UNIQUE, created_at_ms INTEGER NOT NULL, version INTEGER NOT NULL,"
	" seq INTEGER NOT NULL, tag INTEGER NOT NULL, clock_ms INTEGER NOT NULL, reset_due_ms INTEGER NOT "
	"NULL,"
	" name TEXT NOT NULL, email TEXT NOT NULL, UNIQUE (issuer, subject)) STRICT;"

	"CREATE TABLE day_rules (uid INTEGER NOT NULL REFERENCES users, from_ms INTEGER NOT NULL,"
	" from_day INTEGER NOT NULL, reset_minutes INTEGER NOT NULL, zone TEXT NOT NULL,"
	" PRIMARY KEY (uid, from_ms)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE groups (uid INTEGER NOT NULL REFERENCES users, id BLOB NOT NULL, version INTEGER NOT "
	"NULL,"
	" deleted INTEGER NOT NULL, created_at_ms INTEGER NOT NULL, updated_at_ms INTEGER NOT NULL,"
	" name TEXT NOT NULL, description TEXT NOT NULL, PRIMARY KEY (uid, id)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX groups_shown ON groups (uid, created_at_ms, id) WHERE deleted = 0;"

	"CREATE TABLE sessions (uid INTEGER NOT NULL REFERENCES users, id BLOB NOT NULL, version INTEGER NOT "
	"NULL,"
	" kind INTEGER NOT NULL, state INTEGER NOT NULL, status INTEGER NOT NULL, deleted INTEGER NOT NULL,"
	" no_goal INTEGER NOT NULL, daily_goal_minutes INTEGER NOT NULL, \"group\" BLOB,"
	" initial_ms INTEGER NOT NULL, elapsed_ms INTEGER NOT NULL, running_since_ms INTEGER NOT NULL,"
	" clock_ms INTEGER NOT NULL, started_at_ms INTEGER NOT NULL, ended_at_ms INTEGER NOT NULL,"
	" created_at_ms INTEGER NOT NULL, updated_at_ms INTEGER NOT NULL, pauses INTEGER NOT NULL,"
	" tracked_day_ms INTEGER NOT NULL, tracked_ms INTEGER NOT NULL, title TEXT NOT NULL,"
	" PRIMARY KEY (uid, id), FOREIGN KEY (uid, \"group\") REFERENCES groups) STRICT, WITHOUT ROWID;"
	/* Few of a user's sessions are shown, however many have ended. 0 is KIND_TIMER and STATUS_ACTIVE. */
	"CREATE INDEX sessions_shown ON sessions (uid, created_at_ms, id, kind)"
	" WHERE deleted = 0 AND (kind = 0 OR status = 0);"

	/* The open intervals, and the closed ones by their end: what touches a span is then one stretch. */
	"CREATE TABLE running (uid INTEGER NOT NULL, session BLOB NOT NULL, start_ms INTEGER NOT NULL,"
	" PRIMARY KEY (uid, session)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE intervals (uid INTEGER NOT NULL, end_ms INTEGER NOT NULL, session BLOB NOT NULL,"
	" start_ms INTEGER NOT NULL, PRIMARY KEY (uid, end_ms, session)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE goals (uid INTEGER NOT NULL, session BLOB NOT NULL, at_ms INTEGER NOT NULL,"
	" minutes INTEGER NOT NULL, PRIMARY KEY (uid, session, at_ms)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE due (uid INTEGER NOT NULL, at_ms INTEGER NOT NULL, rank INTEGER NOT NULL,"
	" session BLOB NOT NULL, PRIMARY KEY (uid, at_ms, rank, session)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX due_next ON due (at_ms, rank, session);"

	/* Not clustered by user: bodies are long, and a log that only grows at its end has full pages. */
	"CREATE TABLE events (uid INTEGER NOT NULL, seq INTEGER NOT NULL, tag INTEGER NOT NULL,"
	" now_ms INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (uid, seq)) STRICT;"

	"CREATE TABLE keys (uid INTEGER NOT NULL, key TEXT NOT NULL, now_ms INTEGER NOT NULL,"
	" asked TEXT NOT NULL, result TEXT NOT NULL, PRIMARY KEY (uid, key)) STRICT, WITHOUT ROWID;",

	/* What only sessions of one kind have: a timer's row stays as short as it was. Long texts come last,
	 * and tables that have them keep their rowid: searching a tree of whole rows would read the texts of
	 * every row on its way. */
	"CREATE TABLE focus (uid INTEGER NOT NULL, id BLOB NOT NULL, type INTEGER NOT NULL, task BLOB,"
	" distractions INTEGER NOT NULL, quality_rating INTEGER NOT NULL, score INTEGER NOT NULL,"
	" reviewed INTEGER NOT NULL, abandon_reason TEXT, task_progress TEXT, progress_made TEXT,"
	" PRIMARY KEY (uid, id), FOREIGN KEY (uid, id) REFERENCES sessions) STRICT;"
	"CREATE TABLE pauses (uid INTEGER NOT NULL, session BLOB NOT NULL, n INTEGER NOT NULL,"
	" paused_at_ms INTEGER NOT NULL, resumed_at_ms INTEGER NOT NULL, reason TEXT,"
	" PRIMARY KEY (uid, session, n)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE work (uid INTEGER NOT NULL, id BLOB NOT NULL, helper_present INTEGER NOT NULL,"
	" planned_tasks TEXT, tools_needed TEXT, parts_to_install TEXT, notes TEXT,"
	" PRIMARY KEY (uid, id), FOREIGN KEY (uid, id) REFERENCES sessions) STRICT;"
	"CREATE TABLE training (uid INTEGER NOT NULL, id BLOB NOT NULL, plan BLOB NOT NULL,"
	" date INTEGER NOT NULL, structure TEXT, PRIMARY KEY (uid, id),"
	" FOREIGN KEY (uid, id) REFERENCES sessions, FOREIGN KEY (uid, plan) REFERENCES plans) STRICT;"
	"CREATE INDEX training_dates ON training (uid, date, id, plan);"

	/* One active focus session and one active training session of a user, whatever the program believes:
	 * 1 and 3 are KIND_FOCUS and KIND_TRAINING, 2 is KIND_WORK. */
	"CREATE UNIQUE INDEX sessions_one_active ON sessions (uid, kind)"
	" WHERE status = 0 AND deleted = 0 AND kind IN (1, 3);"
	/* All that a list looks at, even what is the same in each row: so counting reads the index alone. */
	"CREATE INDEX sessions_history ON sessions (uid, started_at_ms, id, kind, status, \"group\", deleted)"
	" WHERE deleted = 0 AND kind <> 0;"
	"CREATE INDEX sessions_work ON sessions (uid, \"group\", started_at_ms, id) WHERE kind = 2;"

	"CREATE TABLE tasks (uid INTEGER NOT NULL, id BLOB NOT NULL, session BLOB NOT NULL,"
	" version INTEGER NOT NULL, deleted INTEGER NOT NULL, completed INTEGER NOT NULL,"
	" quality INTEGER NOT NULL, rework INTEGER NOT NULL, start_ms INTEGER NOT NULL,"
	" completed_at_ms INTEGER NOT NULL, created_at_ms INTEGER NOT NULL,"
	" description TEXT NOT NULL, challenges TEXT, PRIMARY KEY (uid, id),"
	" FOREIGN KEY (uid, session) REFERENCES sessions) STRICT;"
	"CREATE INDEX tasks_shown ON tasks (uid, session, created_at_ms, id) WHERE deleted = 0;"

	"CREATE TABLE problems (uid INTEGER NOT NULL, id BLOB NOT NULL, \"group\" BLOB NOT NULL,"
	" version INTEGER NOT NULL, severity INTEGER NOT NULL, common INTEGER NOT NULL,"
	" resolved INTEGER NOT NULL, cost_impact INTEGER NOT NULL, time_impact INTEGER NOT NULL,"
	" discovery_ms INTEGER NOT NULL, resolved_at_ms INTEGER NOT NULL, created_at_ms INTEGER NOT NULL,"
	" description TEXT NOT NULL, solution TEXT NOT NULL, PRIMARY KEY (uid, id),"
	" FOREIGN KEY (uid, \"group\") REFERENCES groups) STRICT;"
	"CREATE INDEX problems_of ON problems (uid, \"group\", discovery_ms, id);"
	"CREATE INDEX problems_open ON problems (uid, \"group\") WHERE resolved = 0;"

	"CREATE TABLE plans (uid INTEGER NOT NULL REFERENCES users, id BLOB NOT NULL,"
	" version INTEGER NOT NULL, deleted INTEGER NOT NULL, has_sessions INTEGER NOT NULL,"
	" created_at_ms INTEGER NOT NULL, updated_at_ms INTEGER NOT NULL, name TEXT NOT NULL,"
	" structure TEXT NOT NULL, PRIMARY KEY (uid, id)) STRICT;"
	"CREATE INDEX plans_shown ON plans (uid, created_at_ms, id) WHERE deleted = 0;"

	/* Each event that is still kept leaves its row, as later ones will: 1, 2 and 3 are ENTITY_SESSION,
	 * ENTITY_GROUP and ENTITY_USER. An id is found by its digits; SQL cannot make bytes of them. */
	"CREATE TABLE audit (uid INTEGER NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
	" entity INTEGER NOT NULL, id BLOB, action TEXT NOT NULL, origin TEXT NOT NULL,"
	" PRIMARY KEY (uid, seq)) STRICT, WITHOUT ROWID;"
	"CREATE TEMP TABLE named AS SELECT uid, id, lower(hex(id)) AS digits FROM sessions"
	" UNION ALL SELECT uid, id, lower(hex(id)) FROM groups;"
	"CREATE INDEX temp.named_digits ON named (uid, digits);"
	"INSERT INTO audit (uid, seq, at_ms, entity, id, action, origin)"
	" SELECT e.uid, e.seq, e.body ->> '$.atMs', CASE WHEN e.body -> '$.group' IS NOT NULL THEN 2"
	" WHEN e.body -> '$.session' IS NOT NULL THEN 1 ELSE 3 END, n.id, e.body ->> '$.event',"
	" e.body -> '$.origin' FROM events e LEFT JOIN named n ON n.uid = e.uid"
	" AND n.digits = replace(coalesce(e.body ->> '$.group.id', e.body ->> '$.session.id'), '-', '');"
	"DROP TABLE temp.named;" AUDIT_NO_UPDATE AUDIT_NO_DELETE,

	/* 3: tokens that people make for their devices; of a token's text only the SHA-256 is kept. */
	"CREATE TABLE devices (uid INTEGER NOT NULL REFERENCES users, id BLOB NOT NULL,"
	" fingerprint BLOB NOT NULL UNIQUE, scope INTEGER NOT NULL, created_at_ms INTEGER NOT NULL,"
	" last_used_ms INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (uid, id)) STRICT, WITHOUT ROWID;"
	/* Counting, before each thing that is added, asks for what is the same in all of an index's rows:
	 * with it in the index the rows, which may be long, are left alone. */
	"DROP INDEX groups_shown;"
	"CREATE INDEX groups_shown ON groups (uid, created_at_ms, id, deleted) WHERE deleted = 0;"
	"DROP INDEX plans_shown;"
	"CREATE INDEX plans_shown ON plans (uid, created_at_ms, id, deleted) WHERE deleted = 0;"
	"DROP INDEX tasks_shown;"
	"CREATE INDEX tasks_shown ON tasks (uid, session, created_at_ms, id, deleted) WHERE deleted = 0;"
	"DROP INDEX problems_open;"
	"CREATE INDEX problems_open ON problems (uid, \"group\", resolved) WHERE resolved = 0;"
	"DROP INDEX sessions_shown;"
	"CREATE INDEX sessions_shown ON sessions (uid, created_at_ms, id, kind, deleted, status)"
	" WHERE deleted = 0 AND (kind = 0 OR status = 0);",

	/* 4: what is only ever added to lies in the order in which it came, so that pages fill up one after
	 * the other; in a user's own place there is just an index. An event is found through its row in the
	 * audit log, which has the same number; keys have their instant in the index, where pruning looks for
	 * it. */
	"DROP TRIGGER audit_no_update;"
	"DROP TRIGGER audit_no_delete;"
	"ALTER TABLE audit RENAME TO old_audit;"
	"ALTER TABLE events RENAME TO old_events;"
	"ALTER TABLE keys RENAME TO old_keys;"
	"CREATE TABLE audit (row INTEGER PRIMARY KEY, uid INTEGER NOT NULL, seq INTEGER NOT NULL,"
	" at_ms INTEGER NOT NULL, entity INTEGER NOT NULL, id BLOB, action TEXT NOT NULL,"
	" origin TEXT NOT NULL, UNIQUE (uid, seq)) STRICT;"
	"INSERT INTO audit (uid, seq, at_ms, entity, id, action, origin)"
	" SELECT uid, seq, at_ms, entity, id, action, origin FROM old_audit ORDER BY uid, "
	"seq;" AUDIT_NO_UPDATE AUDIT_NO_DELETE
	"CREATE TABLE events (row INTEGER PRIMARY KEY, tag INTEGER NOT NULL, now_ms INTEGER NOT NULL,"
	" body TEXT NOT NULL) STRICT;"
	"INSERT INTO events (row, tag, now_ms, body) SELECT a.row, e.tag, e.now_ms, e.body"
	" FROM audit a CROSS JOIN old_events e ON e.uid = a.uid AND e.seq = a.seq ORDER BY a.row;"
	"CREATE TABLE keys (uid INTEGER NOT NULL, key TEXT NOT NULL, now_ms INTEGER NOT NULL,"
	" asked TEXT NOT NULL, result TEXT NOT NULL) STRICT;"
	"INSERT INTO keys (uid, key, now_ms, asked, result)"
	" SELECT uid, key, now_ms, asked, result FROM old_keys ORDER BY uid, key;"
	"CREATE INDEX keys_of ON keys (uid, key, now_ms);"
	"DROP TABLE old_audit;"
	"DROP TABLE old_events;"
	"DROP TABLE old_keys;",

	/* 5: where a user's log ends is read off its last event, which is always kept. So a command leaves
	 * the user's row alone. */
	"ALTER TABLE users DROP COLUMN seq;"
	"ALTER TABLE users DROP COLUMN tag;"
	"ALTER TABLE users DROP COLUMN clock_ms;",
};
#define VERSION ((int64_t)(sizeof(migrations) / sizeof(*migrations)))

static enum err refuse_file(struct store *store, const char *why)
{
	snprintf(store->message, sizeof(store->message), "%s", why);
	return ERR_INVALID_STATE;
}

enum err schema_check_ours(struct store *store)
{
	int64_t id = 0, version = 0, objects = 0;
	enum err err = statement_query(store, "PRAGMA application_id", &id);
	if (!err)
		err = statement_query(store, "PRAGMA user_version", &version);
	if (!err)
		err = statement_query(store, "SELECT count(*) FROM sqlite_schema", &objects);
	if (err)
		return err;
	bool empty = !id && !version && !objects;
	return empty || id == APPLICATION_ID ? OK : refuse_file(store, "the file is not a Lockstep database");
}

enum err schema_check(struct store *store)
{
	int64_t version = 0;
	enum err err = schema_check_ours(store);
	if (!err)
		err = statement_query(store, "PRAGMA user_version", &version);
	if (err || version <= VERSION)
		return err;
	char why[128];
	snprintf(why, sizeof(why),
		"the database is of version %" PRId64 ", this program knows versions up to %" PRId64, version,
		VERSION);
	return refuse_file(store, why);
}

enum err schema_check_current(struct store *store)
{
	int64_t version = 0;
	enum err err = statement_query(store, "PRAGMA user_version", &version);
	if (err || version == VERSION)
		return err;
	char why[128];
	snprintf(why, sizeof(why),
		"it is of version %" PRId64 ", older than this program's %" PRId64
		", which a server's start brings it to",
		version, VERSION);
	return refuse_file(store, why);
}

static enum err migrate_step(struct store *store, int64_t version)
{
	char stamp[96];
	snprintf(stamp, sizeof(stamp),
		"PRAGMA application_id = %d; PRAGMA user_version = %" PRId64 "; COMMIT", APPLICATION_ID,
		version + 1);
	enum err err = statement_execute(store, "BEGIN IMMEDIATE");
	if (!err)
		err = statement_execute(store, migrations[version]);
	if (!err)
		err = statement_execute(store, stamp);
	return err; /* closing rolls back */
}

enum err schema_migrate(struct store *store)
{
	int64_t version = 0;
	enum err err = statement_query(store, "PRAGMA user_version", &version);
	for (; !err && version < VERSION; version++)
		err = migrate_step(store, version);
	return err;
}

enum err schema_lift_audit(struct store *store)
{
	return statement_execute(store, "DROP TRIGGER audit_no_update");
}

enum err schema_guard_audit(struct store *store)
{
	return statement_execute(store, AUDIT_NO_UPDATE);
}
