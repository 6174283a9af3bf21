/* What store.h promises of the audit log, and what a file of the first version becomes. */
#include "tests/support/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/store_equal.h"

static const char origin[] = "{\"client\":\"phone\",\"via\":\"ws\"}";

static struct audit_row row_of(int64_t seq)
{
	struct audit_row row = {.seq = seq,
		.at_ms = T0 + 10 * seq,
		.action = seq % 2 ? "start" : "session_completed",
		.entity = (enum entity)(1 + seq % (ENTITY_COUNT - 1)),
		.origin = seq % 5 ? origin : "{}"};
	if (seq % 3)
		row.id = store_fixture_id((unsigned)seq);
	return row;
}

static void add_rows(struct store_world *world, int64_t uid, int64_t first, int64_t last)
{
	for (int64_t seq = first; seq <= last; seq++) {
		struct audit_row row = row_of(seq);
		assert_int_equal(store_event_add(world->store, uid, &row, 1, row.at_ms, "{}", 2), OK);
	}
}

struct reading {
	int64_t next, stop_after;
};

static enum err read_row(void *context, const struct audit_row *row)
{
	struct reading *reading = context;
	struct audit_row wanted = row_of(reading->next);
	assert_int_equal(row->seq, wanted.seq);
	assert_int_equal(row->at_ms, wanted.at_ms);
	assert_string_equal(row->action, wanted.action);
	assert_int_equal(row->entity, wanted.entity);
	assert_ids_equal(&row->id, &wanted.id);
	assert_string_equal(row->origin, wanted.origin);
	reading->next--;
	return --reading->stop_after == 0 ? ERR_NOT_FOUND : OK;
}

/* Rows first, first - 1, … last; none when first is less. */
static void assert_rows(struct store_world *world, int64_t uid, int64_t limit, int64_t offset, int64_t total,
	int64_t first, int64_t last)
{
	struct reading reading = {.next = first};
	int64_t counted = -1;
	assert_int_equal(
		store_audit_list(world->store, uid, limit, offset, &counted, read_row, &reading), OK);
	assert_int_equal(counted, total);
	assert_int_equal(reading.next, last - 1);
}

static void test_rows_are_listed(void **state)
{
	struct store_world *world = *state;
	assert_rows(world, world->anna, 10, 0, 0, 0, 1);
	add_rows(world, world->anna, 1, 25);
	add_rows(world, world->ben, 4, 6);
	store_world_reopen(world);
	assert_rows(world, world->anna, 100, 0, 25, 25, 1);
	assert_rows(world, world->anna, 10, 0, 25, 25, 16);
	assert_rows(world, world->anna, 10, 20, 25, 5, 1);
	assert_rows(world, world->anna, 10, 25, 25, 0, 1);
	assert_rows(world, world->anna, 0, 3, 25, 22, 23);
	assert_rows(world, world->anna, INT64_MAX, INT64_MAX, 25, 0, 1);
	/* The first ones may have been pruned before there was an audit log. */
	assert_rows(world, world->ben, 2, 0, 3, 6, 5);
	assert_rows(world, world->ben, 2, 2, 3, 4, 4);
	struct reading reading = {.next = 25, .stop_after = 3};
	int64_t total = 0;
	assert_int_equal(
		store_audit_list(world->store, world->anna, 9, 0, &total, read_row, &reading), ERR_NOT_FOUND);
	assert_int_equal(reading.next, 22);
}

static void test_nothing_changes_a_row(void **state)
{
	struct store_world *world = *state;
	static const char *const attempts[] = {
		"DELETE FROM audit",
		"DELETE FROM audit WHERE seq = 2",
		"UPDATE audit SET action = 'pause' WHERE seq = 2",
		"UPDATE audit SET seq = seq + 100",
		"INSERT INTO audit (uid, seq, at_ms, entity, action, origin) VALUES (1, 2, 0, 1, 'x', '{}')"
		" ON CONFLICT DO UPDATE SET action = 'x'",
	};
	TEXT_AUTO before = {0};
	add_rows(world, world->anna, 1, 5);
	store_world_commit(world);
	assert_int_equal(store_fixture_dump(world->store, &before), OK);
	for (size_t i = 0; i < sizeof(attempts) / sizeof(*attempts); i++) {
		TEXT_AUTO after = {0};
		assert_int_equal(statement_execute(world->store, attempts[i]), ERR_INTERNAL);
		assert_non_null(strstr(store_message(world->store), "the audit log is append-only"));
		store_rollback(world->store);
		assert_int_equal(store_begin(world->store), OK);
		assert_int_equal(store_fixture_dump(world->store, &after), OK);
		assert_string_equal(after.data, before.data);
	}
	/* Nor is one added twice. */
	struct audit_row row = row_of(5);
	assert_int_equal(store_event_add(world->store, world->anna, &row, 1, T0, "{}", 2), ERR_INTERNAL);
}

/* Events go, their rows stay. */
static void test_rows_outlive_their_events(void **state)
{
	struct store_world *world = *state;
	add_rows(world, world->anna, 1, 5);
	struct pruning at = {0};
	assert_int_equal(store_prune(world->store, INT64_MAX, INT64_MAX, &at), OK);
	uint32_t tag;
	assert_int_equal(store_event_tag(world->store, world->anna, 4, &tag), ERR_NOT_FOUND);
	assert_rows(world, world->anna, 100, 0, 5, 5, 1);
}

/* --- a file of the first version --- */

static const char version_1[] =
	"CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE users (uid INTEGER PRIMARY KEY, issuer TEXT NOT NULL, subject TEXT NOT"
	" NULL, user_id TEXT NOT NULL UNIQUE, created_at_ms INTEGER NOT NULL, version INTEGER NOT"
	" NULL, seq INTEGER NOT NULL, tag INTEGER NOT NULL, clock_ms INTEGER NOT NULL,"
	" reset_due_ms INTEGER NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL, UNIQUE (issuer,"
	" subject)) STRICT;"
	"CREATE TABLE day_rules (uid INTEGER NOT NULL REFERENCES users, from_ms INTEGER NOT NULL,"
	" from_day INTEGER NOT NULL, reset_minutes INTEGER NOT NULL, zone TEXT NOT NULL, PRIMARY"
	" KEY (uid, from_ms)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE groups (uid INTEGER NOT NULL REFERENCES users, id BLOB NOT NULL, version"
	" INTEGER NOT NULL, deleted INTEGER NOT NULL, created_at_ms INTEGER NOT NULL,"
	" updated_at_ms INTEGER NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL, PRIMARY"
	" KEY (uid, id)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX groups_shown ON groups (uid, created_at_ms, id) WHERE deleted = 0;"
	"CREATE TABLE sessions (uid INTEGER NOT NULL REFERENCES users, id BLOB NOT NULL, version"
	" INTEGER NOT NULL, kind INTEGER NOT NULL, state INTEGER NOT NULL, status INTEGER NOT"
	" NULL, deleted INTEGER NOT NULL, no_goal INTEGER NOT NULL, daily_goal_minutes INTEGER NOT"
	" NULL, \"group\" BLOB, initial_ms INTEGER NOT NULL, elapsed_ms INTEGER NOT NULL,"
	" running_since_ms INTEGER NOT NULL, clock_ms INTEGER NOT NULL, started_at_ms INTEGER NOT"
	" NULL, ended_at_ms INTEGER NOT NULL, created_at_ms INTEGER NOT NULL, updated_at_ms"
	" INTEGER NOT NULL, pauses INTEGER NOT NULL, tracked_day_ms INTEGER NOT NULL, tracked_ms"
	" INTEGER NOT NULL, title TEXT NOT NULL, PRIMARY KEY (uid, id), FOREIGN KEY (uid, \"group\")"
	" REFERENCES groups) STRICT, WITHOUT ROWID;"
	"CREATE INDEX sessions_shown ON sessions (uid, created_at_ms, id, kind) WHERE deleted = 0"
	" AND (kind = 0 OR status = 0);"
	"CREATE TABLE running (uid INTEGER NOT NULL, session BLOB NOT NULL, start_ms INTEGER NOT"
	" NULL, PRIMARY KEY (uid, session)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE intervals (uid INTEGER NOT NULL, end_ms INTEGER NOT NULL, session BLOB NOT"
	" NULL, start_ms INTEGER NOT NULL, PRIMARY KEY (uid, end_ms, session)) STRICT, WITHOUT"
	" ROWID;"
	"CREATE TABLE goals (uid INTEGER NOT NULL, session BLOB NOT NULL, at_ms INTEGER NOT NULL,"
	" minutes INTEGER NOT NULL, PRIMARY KEY (uid, session, at_ms)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE due (uid INTEGER NOT NULL, at_ms INTEGER NOT NULL, rank INTEGER NOT NULL,"
	" session BLOB NOT NULL, PRIMARY KEY (uid, at_ms, rank, session)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX due_next ON due (at_ms, rank, session);"
	"CREATE TABLE events (uid INTEGER NOT NULL, seq INTEGER NOT NULL, tag INTEGER NOT NULL,"
	" now_ms INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (uid, seq)) STRICT;"
	"CREATE TABLE keys (uid INTEGER NOT NULL, key TEXT NOT NULL, now_ms INTEGER NOT NULL,"
	" asked TEXT NOT NULL, result TEXT NOT NULL, PRIMARY KEY (uid, key)) STRICT, WITHOUT"
	" ROWID;"
	"PRAGMA application_id = 1280004948; PRAGMA user_version = 1; PRAGMA journal_mode = WAL;";

/* Anna has a group, a timer in it and one that is deleted; her first two events have been pruned. */
static const char history_1[] =
	"INSERT INTO meta VALUES ('epoch', '0123456789abcdef0123456789abcdef');"
	"INSERT INTO users VALUES (1, 'https://issuer.example', 'anna', 'anna', 5, 9, 8, 42, 1700000001008, "
	"0, 'Anna',"
	" 'anna@example.org'), (2, 'https://issuer.example', 'ben', 'ben', 5, 1, 1, 42, 1700000001001, 0, "
	"'Ben', '');"
	"INSERT INTO day_rules VALUES (1, -9223372036854775808, 0, 240, 'Europe/Berlin'),"
	" (2, -9223372036854775808, 0, 0, 'UTC');"
	"INSERT INTO groups VALUES (1, x'018b0000000000000000000000000032', 2, 1, 5, 6, 'House', 'A big "
	"one');"
	"INSERT INTO sessions VALUES"
	" (1, x'018b0000000000000000000000000001', 3, 0, 1, 0, 0, 0, 30, "
	"x'018b0000000000000000000000000032', 1500000,"
	" 7, 1700000000300, 1700000000300, 1700000000300, 0, 5, 6, 1, 1, 7, 'Read'),"
	" (1, x'abcdef00000000000000000000000002', 3, 0, 0, 1, 1, 1, 0, NULL, -1, 0, 0, 5, 0, 5, 5, 6, 0, 0, "
	"0,"
	" 'Count'), (2, x'018b0000000000000000000000000001', 1, 0, 0, 0, 0, 1, 0, NULL, -1, 0, 0, 5, 0, 0, "
	"5, 5, 0, 0,"
	" 0, 'Ben''s');"
	"INSERT INTO running VALUES (1, x'018b0000000000000000000000000001', 1700000000300);"
	"INSERT INTO intervals VALUES (1, 1700000000200, x'018b0000000000000000000000000001', 1700000000193);"
	"INSERT INTO goals VALUES (1, x'018b0000000000000000000000000001', 5, 30);"
	"INSERT INTO due VALUES (1, 1700001500293, 1, x'018b0000000000000000000000000001');"
	"INSERT INTO keys VALUES (1, 'tab:1', 1700000000300, '{}', '\"seq\":3');";

/* As that version wrote them. */
static const struct {
	int64_t uid, seq;
	const char *event, *origin, *entities;
	enum entity entity;
	const char *id; /* NULL: none */
} events_1[] = {
	{1, 3, "start",
		"{\"connectionId\":\"01890a5d-ac96-774b-bcce-b302099a8057\",\"client\":\"phone\","
		"\"key\":\"tab:1\",\"via\":\"ws\"}",
		",\"domainEvent\":\"SessionStarted\",\"session\":{\"id\":\"018b0000-0000-0000-0000-"
		"000000000001\","
		"\"kind\":\"timer\",\"groupId\":\"018b0000-0000-0000-0000-000000000032\",\"title\":"
		"\"\\\"group\\\":1\"}",
		ENTITY_SESSION, "018b0000-0000-0000-0000-000000000001"},
	{1, 4, "deleteSession", "{\"via\":\"http\"}",
		",\"session\":{\"id\":\"abcdef00-0000-0000-0000-000000000002\"}", ENTITY_SESSION,
		"abcdef00-0000-0000-0000-000000000002"},
	{1, 5, "addGroup", "{\"client\":\"\\u00e4 \\\"x\\\" \xf0\x9f\x8d\x85\",\"via\":\"ws\"}",
		",\"group\":{\"id\":\"018b0000-0000-0000-0000-000000000032\",\"name\":\"House\"}",
		ENTITY_GROUP, "018b0000-0000-0000-0000-000000000032"},
	{1, 6, "deleteGroup", "{\"via\":\"ws\"}",
		",\"group\":{\"id\":\"018b0000-0000-0000-0000-000000000032\"},\"sessions\":[{\"id\":"
		"\"018b0000-0000-0000-0000-000000000001\"}]",
		ENTITY_GROUP, "018b0000-0000-0000-0000-000000000032"},
	{1, 7, "resetAll", "{\"via\":\"ws\"}",
		",\"sessions\":[{\"id\":\"018b0000-0000-0000-0000-000000000001\"}]", ENTITY_USER, NULL},
	{1, 8, "autoResetTimeChange", "{\"via\":\"ws\"}", ",\"user\":{\"id\":\"anna\",\"version\":9}",
		ENTITY_USER, NULL},
	{2, 1, "addSession", "{\"via\":\"ws\"}",
		",\"session\":{\"id\":\"018b0000-0000-0000-0000-000000000001\"}", ENTITY_SESSION,
		"018b0000-0000-0000-0000-000000000001"},
};
#define EVENTS_1 (sizeof(events_1) / sizeof(*events_1))

static void execute(sqlite3 *db, const char *sql)
{
	char *why = NULL;
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s", why);
}

static void add_event_1(sqlite3 *db, size_t i)
{
	TEXT_AUTO body = {0};
	sqlite3_stmt *stmt = NULL;
	text_append_format(&body,
		"{\"type\":\"event\",\"seq\":%" PRId64
		",\"tag\":\"0000002a\",\"event\":\"%s\",\"atMs\":%" PRId64 ",\"nowMs\":%" PRId64
		",\"origin\":%s%s}",
		events_1[i].seq, events_1[i].event, (int64_t)T0 + events_1[i].seq,
		(int64_t)T0 + 1000 + events_1[i].seq, events_1[i].origin, events_1[i].entities);
	assert_int_equal(
		sqlite3_prepare_v2(db, "INSERT INTO events VALUES (?, ?, 42, ?, ?)", -1, &stmt, NULL),
		SQLITE_OK);
	sqlite3_bind_int64(stmt, 1, events_1[i].uid);
	sqlite3_bind_int64(stmt, 2, events_1[i].seq);
	sqlite3_bind_int64(stmt, 3, T0 + 1000 + events_1[i].seq);
	sqlite3_bind_text(stmt, 4, body.data, -1, SQLITE_TRANSIENT);
	assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
	sqlite3_finalize(stmt);
}

/* What the tables had that are others now. */
static const struct {
	const char *table, *select;
} changed[] = {
	{"events", "SELECT uid, seq, tag, now_ms, body FROM events NATURAL JOIN audit"},
	{"users",
		"SELECT uid, issuer, subject, user_id, created_at_ms, version, max(seq), tag, now_ms,"
		" reset_due_ms, name, email FROM users NATURAL JOIN audit NATURAL JOIN events GROUP BY uid"},
};

/* All rows of the tables that there were then. */
static void dump_1(sqlite3 *db, bool migrated, struct text *ret)
{
	static const char *const tables[] = {"meta", "users", "day_rules", "groups", "sessions", "running",
		"intervals", "goals", "due", "events", "keys"};
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		sqlite3_stmt *stmt = NULL;
		char sql[256];
		snprintf(sql, sizeof(sql), "SELECT * FROM %s ORDER BY 1, 2", tables[i]);
		for (size_t n = 0; migrated && n < sizeof(changed) / sizeof(*changed); n++)
			if (strcmp(tables[i], changed[n].table) == 0)
				snprintf(sql, sizeof(sql), "%s ORDER BY 1, 2", changed[n].select);
		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
		for (int rows = 0; sqlite3_step(stmt) == SQLITE_ROW; rows++) {
			text_append_format(ret, "\n%s %d", tables[i], rows);
			for (int column = 0; column < sqlite3_column_count(stmt); column++) {
				const unsigned char *bytes = sqlite3_column_blob(stmt, column);
				text_append_format(ret, "|%d:", sqlite3_column_type(stmt, column));
				for (int at = 0; at < sqlite3_column_bytes(stmt, column); at++)
					text_append_format(ret, "%02x", bytes[at]);
			}
		}
		sqlite3_finalize(stmt);
	}
}

static void make_file_1(struct store_fixture *fixture, struct text *ret_dump)
{
	sqlite3 *db = NULL;
	store_fixture_init_in(fixture, store_fixture_where());
	assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
	execute(db, version_1);
	execute(db, history_1);
	for (size_t i = 0; i < EVENTS_1; i++)
		add_event_1(db, i);
	dump_1(db, false, ret_dump);
	sqlite3_close(db);
}

struct reading_1 {
	int64_t uid;
	size_t left; /* rows before this one are still to come, in their order */
};

static enum err read_row_1(void *context, const struct audit_row *row)
{
	struct reading_1 *reading = context;
	do {
		assert_true(reading->left > 0);
		reading->left--;
	} while (events_1[reading->left].uid != reading->uid);
	size_t i = reading->left;
	struct uuid id = {0};
	assert_true(!events_1[i].id || uuid_parse(events_1[i].id, &id));
	assert_int_equal(row->seq, events_1[i].seq);
	assert_int_equal(row->at_ms, T0 + events_1[i].seq);
	assert_string_equal(row->action, events_1[i].event);
	assert_int_equal(row->entity, events_1[i].entity);
	assert_ids_equal(&row->id, &id);
	assert_string_equal(row->origin, events_1[i].origin);
	return OK;
}

static void assert_migrated(struct store_fixture *fixture, const struct text *before)
{
	TEXT_AUTO after = {0};
	struct store *store = fixture->store;
	dump_1(store->db, true, &after);
	assert_string_equal(after.data, before->data);
	assert_string_equal(store_epoch(store), "0123456789abcdef0123456789abcdef");
	for (int64_t uid = 1; uid <= 2; uid++) {
		struct reading_1 reading = {.uid = uid, .left = EVENTS_1};
		int64_t total = 0;
		assert_int_equal(store_audit_list(store, uid, 100, 0, &total, read_row_1, &reading), OK);
		assert_int_equal(total, uid == 1 ? 6 : 1);
	}
	int64_t sound = 0;
	assert_int_equal(
		statement_query(store, "SELECT integrity_check = 'ok' FROM pragma_integrity_check", &sound),
		OK);
	assert_int_equal(sound, 1);
}

static void test_first_version_is_brought_up(void **state)
{
	(void)state;
	struct store_fixture fixture;
	TEXT_AUTO before = {0};
	make_file_1(&fixture, &before);
	for (int i = 0; i < 2; i++) {
		store_fixture_open(&fixture);
		assert_migrated(&fixture, &before);
		store_fixture_close(&fixture);
	}
	store_fixture_open(&fixture);
	struct uuid id = store_fixture_id(1), group = store_fixture_id(50);
	struct session session;
	assert_int_equal(store_session_load(fixture.store, 1, &id, &session), OK);
	assert_string_equal(session.title, "Read");
	assert_ids_equal(&session.group, &group);
	assert_int_equal(session.state, STATE_RUNNING);
	/* It goes on as any other. */
	assert_int_equal(store_begin(fixture.store), OK);
	struct session focus = store_fixture_session_of(KIND_FOCUS, 7);
	struct audit_row row = row_of(9);
	assert_int_equal(store_session_write(fixture.store, 1, &focus), OK);
	assert_int_equal(store_event_add(fixture.store, 1, &row, 1, row.at_ms, "{}", 2), OK);
	assert_int_equal(store_commit(fixture.store), OK);
	store_fixture_finish(&fixture);
}

/* Both versions of a file have the same tables and indexes in the end. */
static void read_schema(struct store *store, struct text *ret)
{
	sqlite3_stmt *stmt = NULL;
	assert_int_equal(sqlite3_prepare_v2(store->db,
				 "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY 1", -1,
				 &stmt, NULL),
		SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		text_append_format(ret, "%s: %s\n", (const char *)sqlite3_column_text(stmt, 0),
			(const char *)sqlite3_column_text(stmt, 1));
	sqlite3_finalize(stmt);
}

static void test_first_version_is_what_it_was(void **state)
{
	(void)state;
	struct store_fixture old, new;
	TEXT_AUTO unused = {0};
	TEXT_AUTO old_schema = {0};
	TEXT_AUTO new_schema = {0};
	make_file_1(&old, &unused);
	store_fixture_open(&old);
	store_fixture_init(&new);
	read_schema(old.store, &old_schema);
	read_schema(new.store, &new_schema);
	assert_string_equal(old_schema.data, new_schema.data);
	store_fixture_finish(&old);
	store_fixture_finish(&new);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_world_set_up, store_world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rows_are_listed),
		TEST(test_nothing_changes_a_row),
		TEST(test_rows_outlive_their_events),
		cmocka_unit_test(test_first_version_is_brought_up),
		cmocka_unit_test(test_first_version_is_what_it_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
