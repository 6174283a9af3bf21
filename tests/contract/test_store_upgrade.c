/* A file of version 3 answers in this one what it answered then. */
#include "tests/support/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The tables as version 3 had them, with the rows of this one. */
static const char to_version_3[] =
	"ALTER TABLE users ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE users ADD COLUMN tag INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE users ADD COLUMN clock_ms INTEGER NOT NULL DEFAULT 0;"
	"CREATE TABLE audit_3 (uid INTEGER NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
	" entity INTEGER NOT NULL, id BLOB, action TEXT NOT NULL, origin TEXT NOT NULL,"
	" PRIMARY KEY (uid, seq)) STRICT, WITHOUT ROWID;"
	"INSERT INTO audit_3 SELECT uid, seq, at_ms, entity, id, action, origin FROM audit;"
	"CREATE TABLE events_3 (uid INTEGER NOT NULL, seq INTEGER NOT NULL, tag INTEGER NOT NULL,"
	" now_ms INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (uid, seq)) STRICT;"
	"INSERT INTO events_3 SELECT uid, seq, tag, now_ms, body FROM events NATURAL JOIN audit ORDER BY row;"
	"CREATE TABLE keys_3 (uid INTEGER NOT NULL, key TEXT NOT NULL, now_ms INTEGER NOT NULL,"
	" asked TEXT NOT NULL, result TEXT NOT NULL, PRIMARY KEY (uid, key)) STRICT, WITHOUT ROWID;"
	"INSERT INTO keys_3 SELECT uid, key, now_ms, asked, result FROM keys;"
	"DROP TABLE audit; DROP TABLE events; DROP TABLE keys;"
	"ALTER TABLE audit_3 RENAME TO audit; ALTER TABLE events_3 RENAME TO events;"
	"ALTER TABLE keys_3 RENAME TO keys;"
	"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit"
	" BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;"
	"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit"
	" BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;"
	"PRAGMA user_version = 3;";

static void must(struct store *store, enum err err)
{
	if (err)
		fail_msg("%s", store_message(store));
}

static void add_event(struct store *store, int64_t uid, int64_t seq)
{
	char body[64];
	int len = snprintf(body, sizeof(body), "{\"user\":%d,\"seq\":%d}", (int)uid, (int)seq);
	must(store, store_fixture_event(store, uid, seq, 1000U * (uint32_t)uid + (uint32_t)seq, T0 + seq,
			    body, (size_t)len));
}

static void add_key(struct store *store, int64_t uid, int n)
{
	TEXT_AUTO asked = {0};
	TEXT_AUTO result = {0};
	char key[32];
	snprintf(key, sizeof(key), "tab%d:%d", (int)uid, n);
	text_append_format(&asked, "{\"asked\":%d}", n);
	text_append_format(&result, "\"user\":%d,\"n\":%d", (int)uid, n);
	must(store, store_key_add(store, uid, key, T0 + n, &asked, &result));
}

/* Two people's logs and keys, of which the old ones are pruned. */
static void live(struct store *store)
{
	bool at_commit;
	for (int step = 0; step < STORE_SCRIPT_STEPS; step++)
		must(store, store_script_step(store, step, &at_commit));
	must(store, store_begin(store));
	int64_t first = 0;
	must(store, statement_query(store, "SELECT max(seq) + 1 FROM audit", &first));
	for (int64_t seq = first; seq < first + 60; seq++)
		add_event(store, 1, seq);
	must(store, statement_query(store, "SELECT max(seq) + 1 FROM audit WHERE uid = 2", &first));
	for (int64_t seq = first; seq < first + 20; seq++)
		add_event(store, 2, seq);
	for (int n = 0; n < 60; n++)
		add_key(store, 1 + n % 2, n);
	struct pruning at = {0};
	do
		must(store, store_prune(store, T0 + 30, INT64_MAX, &at));
	while (!at.done);
	must(store, store_commit(store));
}

static enum err tell_event(void *context, int64_t seq, uint32_t tag, const char *body, size_t len)
{
	text_append_format(context, "event %" PRId64 " %u ", seq, tag);
	text_append(context, body, len);
	text_append_string(context, "\n");
	return OK;
}

static enum err tell_audit(void *context, const struct audit_row *row)
{
	char id[UUID_TEXT];
	uuid_format(&row->id, id);
	text_append_format(context, "audit %" PRId64 " %" PRId64 " %s %d %s %s\n", row->seq, row->at_ms,
		row->action, (int)row->entity, id, row->origin);
	return OK;
}

static void tell_keys(struct store *store, int64_t uid, struct text *ret)
{
	for (int n = 0; n < 60; n++) {
		TEXT_AUTO asked = {0};
		TEXT_AUTO result = {0};
		char key[32];
		snprintf(key, sizeof(key), "tab%d:%d", (int)uid, n);
		if (store_key_find(store, uid, key, &asked, &result) == OK)
			text_append_format(ret, "key %s %s %s\n", key, asked.data, result.data);
	}
}

/* All that the store answers of the log. */
static void tell(struct store *store, struct text *ret)
{
	for (int64_t uid = 1; uid <= 2; uid++) {
		int64_t total = 0;
		must(store, store_event_each(store, uid, 0, tell_event, ret));
		must(store, store_audit_list(store, uid, 1000, 0, &total, tell_audit, ret));
		text_append_format(ret, "in all %" PRId64 "\n", total);
		tell_keys(store, uid, ret);
	}
}

static void go_back(const struct store_fixture *fixture)
{
	sqlite3 *db = NULL;
	char *why = NULL;
	assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
	if (sqlite3_exec(db, to_version_3, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s", why);
	sqlite3_close(db);
}

static void test_version_3_is_brought_up(void **state)
{
	(void)state;
	struct store_fixture fixture;
	TEXT_AUTO before = {0};
	TEXT_AUTO after = {0};
	store_fixture_init(&fixture);
	live(fixture.store);
	tell(fixture.store, &before);
	assert_true(before.len > 4000);
	store_fixture_close(&fixture);
	go_back(&fixture);
	store_fixture_open(&fixture);
	tell(fixture.store, &after);
	assert_string_equal(after.data, before.data);
	int64_t sound = 0;
	must(fixture.store, statement_query(fixture.store,
				    "SELECT integrity_check = 'ok' FROM pragma_integrity_check", &sound));
	assert_int_equal(sound, 1);
	store_fixture_finish(&fixture);
}

/* What comes then is told after what was there, and is pruned as ever. */
static void test_version_3_goes_on(void **state)
{
	(void)state;
	struct store_fixture fixture;
	store_fixture_init(&fixture);
	live(fixture.store);
	store_fixture_close(&fixture);
	go_back(&fixture);
	store_fixture_open(&fixture);
	struct store *store = fixture.store;
	TEXT_AUTO told = {0};
	int64_t last = 0;
	struct pruning at = {0};
	must(store, statement_query(store, "SELECT max(seq) FROM audit WHERE uid = 2", &last));
	must(store, store_begin(store));
	add_event(store, 2, last + 1);
	add_key(store, 2, 101);
	do
		must(store, store_prune(store, INT64_MAX, INT64_MAX, &at));
	while (!at.done);
	must(store, store_commit(store));
	must(store, store_event_each(store, 2, 0, tell_event, &told));
	char wanted[96];
	snprintf(wanted, sizeof(wanted), "event %d %d {\"user\":2,\"seq\":%d}\n", (int)last + 1,
		2000 + (int)last + 1, (int)last + 1);
	assert_string_equal(told.data, wanted);
	int64_t keys = -1;
	must(store, statement_query(store, "SELECT count(*) FROM keys", &keys));
	assert_int_equal(keys, 0);
	store_fixture_finish(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version_3_is_brought_up),
		cmocka_unit_test(test_version_3_goes_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
