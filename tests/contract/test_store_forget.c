/* What store.h promises of deleting a person: nothing of theirs is left, nothing of anybody else's is
 * touched, and whatever interrupts it, it goes on. */
#include "tests/support/store_fixture.h"

#include "store/maintain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REWRITE_NEVER 0
/* More than one slice of the log. */
#define EVENTS 650

static const unsigned char random_bytes[16] = {0xab, 1, 2, 3};

/* Everything that anybody can have, and for Anna a long log and a device. */
static void fill(struct store *store)
{
	bool at_commit;
	struct device phone = {.id = store_fixture_id(900), .created_at_ms = T0, .name = "Annas Telefon"};
	struct fingerprint fingerprint = {{1, 2, 3}};
	for (int step = 0; step < STORE_SCRIPT_STEPS; step++)
		assert_int_equal(store_script_step(store, step, &at_commit), OK);
	assert_int_equal(store_begin(store), OK);
	assert_int_equal(store_device_add(store, 1, &phone, &fingerprint), OK);
	struct user anna;
	assert_int_equal(store_user_load(store, 1, T0, &anna), OK);
	for (int64_t seq = anna.seq + 1; seq <= EVENTS; seq++) {
		struct audit_row row = {.seq = seq,
			.at_ms = T0 + seq,
			.action = "start",
			.entity = ENTITY_SESSION,
			.id = store_fixture_id(1),
			.origin = "{\"via\":\"ws\",\"client\":\"Annas Telefon\",\"key\":\"anna:7\"}"};
		assert_int_equal(store_event_add(store, 1, &row, 7, T0, "{\"title\":\"Annas Tee\"}", 21), OK);
	}
	assert_int_equal(store_commit(store), OK);
}

static int set_up(void **state)
{
	static struct store_fixture fixture;
	store_fixture_init(&fixture);
	fill(fixture.store);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	store_fixture_finish(*state);
	return 0;
}

static int64_t count_of(struct store *store, const char *sql)
{
	int64_t count = -1;
	assert_int_equal(statement_query(store, sql, &count), OK);
	return count;
}

/* Of every table that has a uid, but users and audit: the rows of that user. */
static int64_t rows_of(struct store *store, int64_t uid)
{
	static const char tables[] =
		"SELECT t.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c ON c.name = 'uid'"
		" WHERE t.type = 'table' AND t.name NOT IN ('users', 'audit')";
	sqlite3_stmt *stmt = NULL;
	int64_t rows = 0;
	int found = 0;
	assert_int_equal(sqlite3_prepare_v2(store->db, tables, -1, &stmt, NULL), SQLITE_OK);
	for (; sqlite3_step(stmt) == SQLITE_ROW; found++) {
		char sql[128];
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM \"%s\" WHERE uid = %d",
			(const char *)sqlite3_column_text(stmt, 0), (int)uid);
		rows += count_of(store, sql);
	}
	sqlite3_finalize(stmt);
	assert_true(found >= 16);
	char sql[128];
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM audit JOIN events USING (row) WHERE uid = %d",
		(int)uid);
	return rows + count_of(store, sql);
}

static int64_t begin(struct store *store, const char *user_id)
{
	int64_t uid = 0;
	assert_int_equal(store_begin(store), OK);
	assert_int_equal(store_forget_begin(store, user_id, random_bytes, &uid), OK);
	assert_int_equal(store_commit(store), OK);
	return uid;
}

static struct forgetting next(struct store *store)
{
	struct forgetting forgetting;
	assert_int_equal(store_begin(store), OK);
	assert_int_equal(store_forget_next(store, &forgetting), OK);
	store_rollback(store);
	return forgetting;
}

static bool slice(struct store *store, struct forgetting *forgetting)
{
	bool done = false;
	assert_int_equal(store_begin(store), OK);
	assert_int_equal(store_forget_slice(store, forgetting, &done), OK);
	assert_int_equal(store_commit(store), OK);
	return done;
}

static void end(struct store *store, int64_t uid)
{
	assert_int_equal(store_begin(store), OK);
	assert_int_equal(store_forget_end(store, uid), OK);
	assert_int_equal(store_commit(store), OK);
}

/* All of it; returns what it said at the end. */
static struct forgetting forget(struct store *store, const char *user_id, int64_t rewrite_bytes)
{
	bool rewritten;
	begin(store, user_id);
	struct forgetting forgetting = next(store);
	while (!slice(store, &forgetting)) {
	}
	assert_int_equal(store_forget_wipe(store, rewrite_bytes, &rewritten), OK);
	assert_int_equal(rewritten, rewrite_bytes > 0);
	end(store, forgetting.uid);
	return forgetting;
}

static void test_all_of_theirs_goes(void **state)
{
	struct store_fixture *fixture = *state;
	struct store *store = fixture->store;
	int64_t sessions = count_of(store, "SELECT count(*) FROM sessions WHERE uid = 1");
	int64_t events = count_of(store, "SELECT count(*) FROM audit JOIN events USING (row) WHERE uid = 1");
	assert_true(events > 600 && rows_of(store, 1) > events && rows_of(store, 2) > 0);
	struct forgetting forgetting = forget(store, "anna", REWRITE_NEVER);
	assert_int_equal(rows_of(store, 1), 0);
	assert_int_equal(forgetting.gone[FORGET_SESSIONS], sessions);
	assert_int_equal(forgetting.gone[FORGET_EVENTS], events);
	assert_int_equal(forgetting.gone[FORGET_DEVICES], 1);
	assert_int_equal(forgetting.gone[FORGET_PLANS], 1);
	assert_int_equal(forgetting.audit_rows, EVENTS);
	assert_string_equal(forgetting.pseudonym, "deleted-ab010203000000000000000000000000");
}

static void test_the_audit_log_stays_under_a_pseudonym(void **state)
{
	struct store_fixture *fixture = *state;
	struct store *store = fixture->store;
	int64_t sum = count_of(store, "SELECT sum(seq * at_ms + entity) FROM audit WHERE uid = 1");
	forget(store, "anna", REWRITE_NEVER);
	assert_int_equal(count_of(store, "SELECT count(*) FROM audit WHERE uid = 1"), EVENTS);
	assert_int_equal(count_of(store, "SELECT sum(seq * at_ms + entity) FROM audit WHERE uid = 1"), sum);
	assert_int_equal(
		count_of(store, "SELECT count(*) FROM audit WHERE uid = 1 AND origin = '{\"via\":\"ws\"}'"),
		EVENTS);
	assert_int_equal(
		count_of(store,
			"SELECT count(*) FROM users WHERE uid = 1 AND issuer = 'deleted'"
			" AND subject = user_id AND user_id LIKE 'deleted-________________________________'"
			" AND name = '' AND email = ''"),
		1);
	/* And nobody changes it, as ever. */
	assert_int_equal(store_begin(store), OK);
	assert_int_equal(statement_execute(store, "UPDATE audit SET origin = '{}'"), ERR_INTERNAL);
	store_rollback(store);
	assert_int_equal(store_begin(store), OK);
	assert_int_equal(statement_execute(store, "DELETE FROM audit WHERE uid = 1"), ERR_INTERNAL);
	store_rollback(store);
}

static void test_nobody_elses_is_touched(void **state)
{
	struct store_fixture *fixture = *state;
	TEXT_AUTO before = {0};
	TEXT_AUTO after = {0};
	assert_int_equal(store_fixture_dump_user(fixture->store, 2, &before), OK);
	int64_t events =
		count_of(fixture->store, "SELECT count(*) FROM audit JOIN events USING (row) WHERE uid = 2");
	forget(fixture->store, "anna", INT64_MAX);
	store_fixture_reopen(fixture);
	assert_int_equal(store_fixture_dump_user(fixture->store, 2, &after), OK);
	assert_true(before.len > 1000);
	assert_string_equal(before.data, after.data);
	assert_int_equal(
		count_of(fixture->store, "SELECT count(*) FROM audit JOIN events USING (row) WHERE uid = 2"),
		events);
}

static void test_they_are_found_no_more(void **state)
{
	struct store_fixture *fixture = *state;
	struct store *store = fixture->store;
	struct user user;
	struct due due;
	int64_t uid;
	char pseudonym[FORGET_PSEUDONYM_BYTES];
	/* In memory too. */
	assert_int_equal(store_begin(store), OK);
	assert_int_equal(store_user_load(store, 1, T0, &user), OK);
	store_rollback(store);
	begin(store, "anna");
	memcpy(pseudonym, next(store).pseudonym, sizeof(pseudonym));
	assert_int_equal(store_begin(store), OK);
	assert_int_equal(store_user_load(store, 1, T0, &user), ERR_NOT_FOUND);
	assert_int_equal(store_user_find(store, STORE_ISSUER, "anna", &user), ERR_NOT_FOUND);
	assert_false(store_user_id_taken(store, "anna"));
	assert_int_equal(store_forget_begin(store, "anna", random_bytes, &uid), ERR_NOT_FOUND);
	assert_int_equal(store_forget_begin(store, pseudonym, random_bytes, &uid), ERR_NOT_FOUND);
	while (!store_due_next(store, &due)) {
		assert_int_not_equal(due.uid, 1);
		assert_int_equal(store_due_remove(store, &due), OK);
	}
	store_rollback(store);
}

static void test_who_comes_again_is_somebody_new(void **state)
{
	struct store_fixture *fixture = *state;
	struct store *store = fixture->store;
	begin(store, "anna"); /* and nothing more yet */
	struct user anna = store_fixture_user("anna"), found;
	assert_int_equal(store_begin(store), OK);
	assert_int_equal(store_user_add(store, STORE_ISSUER, "anna", &anna), OK);
	assert_int_not_equal(anna.uid, 1);
	assert_int_equal(store_user_find(store, STORE_ISSUER, "anna", &found), OK);
	assert_int_equal(found.uid, anna.uid);
	assert_int_equal(found.seq, 0);
	assert_int_equal(store_commit(store), OK);
	struct forgetting forgetting = next(store);
	while (!slice(store, &forgetting)) {
	}
	assert_int_equal(rows_of(store, anna.uid), 1); /* the rule of her days */
	/* She goes too, under another pseudonym. */
	int64_t uid;
	assert_int_equal(store_begin(store), OK);
	assert_int_equal(store_forget_begin(store, "anna", (const unsigned char[16]){9}, &uid), OK);
	assert_int_equal(uid, anna.uid);
	assert_int_equal(store_commit(store), OK);
}

static void test_it_goes_on_after_any_end(void **state)
{
	struct store_fixture *fixture = *state;
	int slices = 0;
	begin(fixture->store, "anna");
	for (bool done = false; !done; slices++) {
		store_fixture_reopen(fixture);
		struct forgetting forgetting = next(fixture->store);
		/* As many as were done before, and one more. */
		for (int i = 0; i <= slices && !done; i++)
			done = slice(fixture->store, &forgetting);
	}
	assert_true(slices > EVENTS / 200);
	assert_int_equal(rows_of(fixture->store, 1), 0);
	end(fixture->store, 1);
	struct forgetting nobody;
	assert_int_equal(store_begin(fixture->store), OK);
	assert_int_equal(store_forget_next(fixture->store, &nobody), ERR_NOT_FOUND);
	store_rollback(fixture->store);
}

static void test_what_is_rolled_back_is_done_again(void **state)
{
	struct store_fixture *fixture = *state;
	struct store *store = fixture->store;
	begin(store, "anna");
	struct forgetting forgetting = next(store), before;
	int64_t events = count_of(store, "SELECT count(*) FROM audit JOIN events USING (row) WHERE uid = 1");
	bool done = false;
	while (!done) {
		before = forgetting;
		assert_int_equal(store_begin(store), OK);
		assert_int_equal(store_forget_slice(store, &forgetting, &done), OK);
		store_rollback(store);
		forgetting = before;
		done = slice(store, &forgetting);
	}
	assert_int_equal(rows_of(store, 1), 0);
	assert_int_equal(forgetting.gone[FORGET_EVENTS], events);
}

static void count_left(void *context, const char *line)
{
	*(int *)context += strstr(line, "who was deleted") != NULL;
}

/* What check-db says of who was deleted: so many lines. */
static void assert_left(struct store *store, int lines)
{
	int left = 0;
	assert_int_equal(store_check(store, count_left, &left), OK);
	assert_int_equal(left, lines);
}

static void test_what_is_left_is_found_by_the_check(void **state)
{
	static const char *const rows[] = {
		"INSERT INTO groups SELECT 1, id, version, deleted, 1, 1, name, '' FROM groups WHERE uid = 2",
		"INSERT INTO goals VALUES (1, zeroblob(16), 1, 1)",
		"INSERT INTO keys VALUES (1, 'k', 1, '', '')",
		"INSERT INTO events SELECT row, 1, 1, '{}' FROM audit WHERE uid = 1 AND seq = 7",
		"INSERT INTO audit VALUES (NULL, 1, 999, 1, 1, NULL, 'x', "
		"'{\"via\":\"ws\",\"client\":\"x\"}')",
		"INSERT INTO audit VALUES (NULL, 1, 999, 1, 1, NULL, 'x', 'x')",
	};
	struct store_fixture *fixture = *state;
	struct store *store = fixture->store;
	struct group group = store_fixture_group(51);
	assert_int_equal(store_begin(store), OK);
	assert_int_equal(store_group_write(store, 2, &group), OK);
	assert_int_equal(store_commit(store), OK);
	begin(store, "anna");
	assert_left(store, 0); /* not yet */
	struct forgetting forgetting = next(store);
	while (!slice(store, &forgetting)) {
	}
	end(store, 1);
	assert_left(store, 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(store_begin(store), OK);
		assert_int_equal(statement_execute(store, rows[i]), OK);
		assert_left(store, 1);
		store_rollback(store);
	}
}

static size_t occurrences(const struct store_fixture *fixture, const char *ending, const char *word)
{
	char path[192];
	TEXT_AUTO bytes = {0};
	snprintf(path, sizeof(path), "%s%s", fixture->path, ending);
	FILE *file = fopen(path, "rb");
	char piece[4096];
	size_t len, found = 0;
	if (!file)
		return 0;
	while ((len = fread(piece, 1, sizeof(piece), file)))
		text_append(&bytes, piece, len);
	fclose(file);
	for (const char *at = bytes.data;
		at && bytes.len &&
		(at = memmem(at, bytes.len - (size_t)(at - bytes.data), word, strlen(word)));
		at++)
		found++;
	return found;
}

static void test_no_byte_is_left(void **state)
{
	static const char *const words[] = {"Annas Tee", "Annas Telefon", "anna:7", "Name of anna",
		"anna@example.org", "Task 210", "Plan 60", "Group 50", "Problem 220", "Key at the neighbour"};
	static const char *const files[] = {"", "-wal", "-shm"};
	struct store_fixture *fixture = *state;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		assert_true(occurrences(fixture, "", words[i]) || occurrences(fixture, "-wal", words[i]));
	assert_true(occurrences(fixture, "-wal", "Name of ben"));
	forget(fixture->store, "anna", INT64_MAX);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		for (size_t file = 0; file < 3; file++)
			assert_int_equal(occurrences(fixture, files[file], words[i]), 0);
	}
	assert_int_equal(occurrences(fixture, "", "Name of ben"), 1);
}

static void test_a_reader_is_waited_for(void **state)
{
	struct store_fixture *fixture = *state;
	sqlite3 *reader = NULL;
	bool rewritten = false;
	begin(fixture->store, "anna");
	assert_int_equal(sqlite3_open(fixture->path, &reader), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM users", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(store_forget_wipe(fixture->store, REWRITE_NEVER, &rewritten), ERR_UNAVAILABLE);
	assert_int_equal(sqlite3_exec(reader, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(store_forget_wipe(fixture->store, REWRITE_NEVER, &rewritten), OK);
	assert_false(rewritten);
	sqlite3_close(reader);
	assert_int_equal(occurrences(fixture, "-wal", "Name of ben"), 0);
}

static void test_nobody_of_that_name(void **state)
{
	struct store_fixture *fixture = *state;
	TEXT_AUTO before = {0};
	TEXT_AUTO after = {0};
	int64_t uid;
	struct forgetting nobody;
	assert_int_equal(store_fixture_dump(fixture->store, &before), OK);
	assert_int_equal(store_begin(fixture->store), OK);
	assert_int_equal(store_forget_begin(fixture->store, "Anna", random_bytes, &uid), ERR_NOT_FOUND);
	assert_int_equal(store_forget_begin(fixture->store, "", random_bytes, &uid), ERR_NOT_FOUND);
	assert_int_equal(store_forget_next(fixture->store, &nobody), ERR_NOT_FOUND);
	assert_int_equal(store_commit(fixture->store), OK);
	assert_int_equal(store_fixture_dump(fixture->store, &after), OK);
	assert_string_equal(before.data, after.data);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all_of_theirs_goes),
		TEST(test_the_audit_log_stays_under_a_pseudonym),
		TEST(test_nobody_elses_is_touched),
		TEST(test_they_are_found_no_more),
		TEST(test_who_comes_again_is_somebody_new),
		TEST(test_it_goes_on_after_any_end),
		TEST(test_what_is_rolled_back_is_done_again),
		TEST(test_what_is_left_is_found_by_the_check),
		TEST(test_no_byte_is_left),
		TEST(test_a_reader_is_waited_for),
		TEST(test_nobody_of_that_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
