#include "store/schema.h"

#include <inttypes.h>
#include <stdio.h>

/* "LKST": tells the file from any other program's. */
#define APPLICATION_ID 0x4c4b5354

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
};
#define VERSION ((int64_t)(sizeof(migrations) / sizeof(*migrations)))

static enum err refuse_file(struct store *store, const char *why)
{
	snprintf(store->message, sizeof(store->message), "%s", why);
	return ERR_INVALID_STATE;
}

enum err schema_check(struct store *store)
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
	if (!empty && id != APPLICATION_ID)
		return refuse_file(store, "the file is not a Lockstep database");
	if (version <= VERSION)
		return OK;
	char why[128];
	snprintf(why, sizeof(why),
		"the database is of version %" PRId64 ", this program knows versions up to %" PRId64, version,
		VERSION);
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
