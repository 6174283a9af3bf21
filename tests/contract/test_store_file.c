/* What store.h promises of transactions and of the file, and how the statements find their rows. */
#include "tests/support/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void run_script(struct store *store)
{
	for (int step = 0; step < STORE_SCRIPT_STEPS; step++) {
		bool at_commit;
		assert_int_equal(store_script_step(store, step, &at_commit), OK);
	}
}

static void test_rollback_undoes_everything(void **state)
{
	(void)state;
	struct store_fixture fixture;
	store_fixture_init(&fixture);
	TEXT_AUTO before = {0};
	TEXT_AUTO after = {0};
	run_script(fixture.store);
	assert_int_equal(store_fixture_dump(fixture.store, &before), OK);
	assert_int_equal(store_begin(fixture.store), OK);
	struct user user = store_fixture_user("carl");
	struct session session = store_fixture_session(700);
	struct day_rule rule = {.from_ms = 5, .zone = "UTC"};
	assert_int_equal(store_user_add(fixture.store, STORE_ISSUER, "carl", &user), OK);
	assert_int_equal(store_session_write(fixture.store, 1, &session), OK);
	session = store_fixture_session(1);
	session.version = 99;
	assert_int_equal(store_session_write(fixture.store, 1, &session), OK);
	assert_int_equal(store_rules_replace(fixture.store, 1, 0, &rule, 1), OK);
	assert_int_equal(store_fixture_event(fixture.store, 1, 99, 1, T0, "x", 1), OK);
	assert_int_equal(store_interval_open(fixture.store, 1, &session.id, T0), OK);
	struct pruning at = {0};
	assert_int_equal(store_prune(fixture.store, INT64_MAX, INT64_MAX, &at), OK);
	store_rollback(fixture.store);
	store_rollback(fixture.store);
	assert_int_equal(store_fixture_dump(fixture.store, &after), OK);
	assert_string_equal(after.data, before.data);
	store_fixture_reopen(&fixture);
	text_clear(&after);
	assert_int_equal(store_fixture_dump(fixture.store, &after), OK);
	assert_string_equal(after.data, before.data);
	store_fixture_finish(&fixture);
}

/* --- the file --- */

static unsigned mode_of(const struct store_fixture *fixture, const char *ending)
{
	struct stat status;
	char path[320];
	snprintf(path, sizeof(path), "%s%s", fixture->path, ending);
	assert_int_equal(stat(path, &status), 0);
	return status.st_mode & 07777;
}

static void test_files_are_private(void **state)
{
	(void)state;
	mode_t mask = umask(0);
	struct store_fixture fixture;
	store_fixture_init(&fixture);
	assert_int_equal(store_probe(fixture.store), OK);
	assert_int_equal(mode_of(&fixture, ""), 0600);
	assert_int_equal(mode_of(&fixture, "-wal"), 0600);
	assert_int_equal(mode_of(&fixture, "-shm"), 0600);
	assert_int_equal(mode_of(&fixture, ".lock"), 0600);
	umask(mask);
	store_fixture_finish(&fixture);
}

static void assert_setting(const struct store_fixture *fixture, const char *sql, int64_t wanted)
{
	int64_t value = -1;
	assert_int_equal(statement_query(fixture->store, sql, &value), OK);
	assert_int_equal(value, wanted);
}

static void test_settings(void **state)
{
	(void)state;
	struct store_fixture fixture;
	store_fixture_init(&fixture);
	for (int i = 0; i < 2; i++) {
		assert_setting(&fixture, "PRAGMA page_size", 2048);
		assert_setting(&fixture, "PRAGMA synchronous", 2);
		assert_setting(&fixture, "PRAGMA foreign_keys", 1);
		assert_setting(&fixture, "PRAGMA mmap_size", 0);
		assert_setting(&fixture, "PRAGMA busy_timeout", 0);
		assert_setting(&fixture, "PRAGMA wal_autocheckpoint", 0);
		assert_setting(&fixture, "PRAGMA trusted_schema", 0);
		assert_setting(&fixture, "PRAGMA user_version", 5);
		assert_setting(&fixture, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", 1);
		int defensive = 0;
		assert_int_equal(
			sqlite3_db_config(fixture.store->db, SQLITE_DBCONFIG_DEFENSIVE, -1, &defensive),
			SQLITE_OK);
		assert_int_equal(defensive, 1);
		store_fixture_reopen(&fixture);
	}
	store_fixture_finish(&fixture);
}

static void test_epoch(void **state)
{
	(void)state;
	struct store_fixture one, two;
	char epoch[33];
	store_fixture_init(&one);
	store_fixture_init(&two);
	snprintf(epoch, sizeof(epoch), "%s", store_epoch(one.store));
	assert_int_equal(strspn(epoch, "0123456789abcdef"), 32);
	assert_string_not_equal(epoch, store_epoch(two.store));
	run_script(one.store);
	store_fixture_reopen(&one);
	assert_string_equal(epoch, store_epoch(one.store));
	store_fixture_finish(&one);
	store_fixture_finish(&two);
}

/* A file of no bytes is a new one; what it holds after the script is there after opening it again. */
static void test_empty_file(void **state)
{
	(void)state;
	struct store_fixture fixture;
	TEXT_AUTO before = {0};
	TEXT_AUTO after = {0};
	store_fixture_init_in(&fixture, store_fixture_where());
	int fd = open(fixture.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	store_fixture_open(&fixture);
	run_script(fixture.store);
	assert_int_equal(store_fixture_dump(fixture.store, &before), OK);
	store_fixture_reopen(&fixture);
	assert_int_equal(store_fixture_dump(fixture.store, &after), OK);
	assert_true(before.len > 10000);
	assert_string_equal(after.data, before.data);
	store_fixture_finish(&fixture);
}

static void assert_refused(struct store_fixture *fixture, enum err wanted, const char *words)
{
	char why[256] = "";
	struct store *store = NULL;
	assert_int_equal(store_open(fixture->path, &store, why), wanted);
	assert_null(store);
	if (!strstr(why, words))
		fail_msg("\"%s\" doesn't say \"%s\"", why, words);
}

static void execute_on(const struct store_fixture *fixture, const char *sql)
{
	sqlite3 *db = NULL;
	assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void test_newer_version_is_refused(void **state)
{
	(void)state;
	struct store_fixture fixture;
	store_fixture_init(&fixture);
	store_fixture_close(&fixture);
	execute_on(&fixture, "PRAGMA user_version = 99");
	assert_refused(&fixture, ERR_INVALID_STATE, "version 99");
	execute_on(&fixture, "PRAGMA user_version = 5");
	store_fixture_open(&fixture);
	store_fixture_finish(&fixture);
}

static void test_foreign_files_are_refused(void **state)
{
	(void)state;
	struct store_fixture fixture;
	store_fixture_init_in(&fixture, store_fixture_where());
	execute_on(&fixture, "CREATE TABLE theirs (a)");
	assert_refused(&fixture, ERR_INVALID_STATE, "not a Lockstep database");
	/* It is as it was: no WAL, no tables of ours. */
	execute_on(&fixture, "DROP TABLE theirs");
	store_fixture_open(&fixture);
	store_fixture_close(&fixture);
	FILE *file = fopen(fixture.path, "w");
	assert_non_null(file);
	for (int i = 0; i < 1000; i++)
		fputs("no database", file);
	fclose(file);
	assert_refused(&fixture, ERR_INTERNAL, "not a database");
	store_fixture_finish(&fixture);
}

static void test_paths(void **state)
{
	(void)state;
	struct store_fixture fixture, lost;
	store_fixture_init_in(&fixture, store_fixture_where());
	lost = fixture;
	snprintf(lost.path, sizeof(lost.path), "%s/no/folder/db", fixture.folder);
	assert_refused(&lost, ERR_UNAVAILABLE, "no/folder");
	snprintf(lost.path, sizeof(lost.path), "%s", fixture.folder);
	assert_refused(&lost, ERR_UNAVAILABLE, "directory");
	snprintf(lost.path, sizeof(lost.path), "%s/", fixture.folder);
	assert_refused(&lost, ERR_UNAVAILABLE, "directory");
	lost.path[0] = '\0';
	assert_refused(&lost, ERR_UNAVAILABLE, "cannot open");
	/* A name in the working folder, and one that SQLite would take for something else. */
	char before[4096];
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(fixture.folder), 0);
	snprintf(lost.path, sizeof(lost.path), "file:db?mode=memory");
	store_fixture_open(&lost);
	store_fixture_close(&lost);
	assert_int_equal(access("file:db?mode=memory", F_OK), 0);
	assert_int_equal(unlink("file:db?mode=memory"), 0);
	assert_int_equal(unlink("file:db?mode=memory.lock"), 0);
	assert_int_equal(chdir(before), 0);
	store_close(NULL);
	char directory_lock[320];
	snprintf(directory_lock, sizeof(directory_lock), "%s.lock", fixture.folder);
	unlink(directory_lock);
	store_fixture_finish(&fixture);
}

/* --- plans --- */

static enum err skip_session(void *context, const struct session *session)
{
	(void)session;
	++*(int64_t *)context;
	return OK;
}

static enum err skip_group(void *context, const struct group *group)
{
	(void)group;
	++*(int64_t *)context;
	return OK;
}

static enum err skip_event(void *context, int64_t seq, uint32_t tag, const char *body, size_t len)
{
	(void)seq;
	(void)tag;
	(void)body;
	(void)len;
	++*(int64_t *)context;
	return OK;
}

static enum err skip_task(void *context, const struct task *task)
{
	(void)task;
	++*(int64_t *)context;
	return OK;
}

static enum err skip_problem(void *context, const struct problem *problem)
{
	(void)problem;
	++*(int64_t *)context;
	return OK;
}

static enum err skip_plan(void *context, const struct plan *plan)
{
	(void)plan;
	++*(int64_t *)context;
	return OK;
}

static enum err skip_audit(void *context, const struct audit_row *row)
{
	(void)row;
	++*(int64_t *)context;
	return OK;
}

/* In every order, of all sessions and of trainings by their plan. */
static void read_history(struct store *store)
{
	for (int i = 0; i < 8; i++) {
		struct session_filter filter = {.kinds = ~0U,
			.from_ms = INT64_MIN,
			.to_ms = INT64_MAX,
			.date_from = INT32_MIN,
			.date_to = INT32_MAX,
			.by_date = i & 2,
			.ascending = i & 4,
			.limit = 100};
		if (i & 1)
			filter.plan = store_fixture_id(60);
		int64_t seen = 0, counted;
		assert_int_equal(store_session_list(store, 1, &filter, &counted, skip_session, &seen), OK);
		assert_int_equal(seen, counted);
		assert_int_equal(seen, i & 1 ? 1 : 3);
	}
}

static void read_entities(struct store *store)
{
	int64_t seen = 0, counted;
	struct uuid group = store_fixture_id(50), work = store_fixture_id(200 + KIND_WORK);
	struct uuid task_id = store_fixture_id(210), problem_id = store_fixture_id(220);
	struct task task;
	struct problem problem;
	assert_int_equal(store_task_load(store, 1, &task_id, T0, &task), OK);
	assert_int_equal(store_task_each(store, 1, &work, T0, skip_task, &seen), OK);
	assert_int_equal(store_task_count(store, 1, &work, &counted), OK);
	assert_int_equal(seen, counted);
	assert_int_equal(store_interval_sum(store, 1, &work, T0, T0 + 9999, &counted), OK);
	assert_int_equal(store_problem_load(store, 1, &problem_id, &problem), OK);
	assert_int_equal(store_problem_count(store, 1, &group, &counted), OK);
	assert_int_equal(counted, 0);
	seen = 0;
	assert_int_equal(store_problem_list(store, 1, &group, 9, 0, &counted, skip_problem, &seen), OK);
	assert_int_equal(seen, counted);
	seen = 0;
	assert_int_equal(store_audit_list(store, 1, 100, 0, &counted, skip_audit, &seen), OK);
	assert_int_equal(seen, counted);
}

static void read_plans(struct store *store)
{
	struct uuid id = store_fixture_id(60);
	struct plan plan;
	int64_t counted;
	assert_int_equal(store_plan_load(store, 1, &id, &plan), OK);
	assert_int_equal(store_plan_count(store, 1, &counted), OK);
	for (int i = 0; i < 2; i++) {
		int64_t seen = 0;
		assert_int_equal(store_plan_list(store, 1, i, 9, 0, skip_plan, &seen), OK);
		assert_int_equal(seen, counted);
	}
}

static void read_project(struct store *store)
{
	struct uuid group = store_fixture_id(50), id;
	struct store_project project;
	int64_t count;
	assert_int_equal(store_session_active(store, 1, KIND_WORK, &count, &id), OK);
	assert_int_equal(store_session_working(store, 1, &group, &count), OK);
	assert_int_equal(store_project_load(store, 1, &group, T0, &project), OK);
	assert_int_equal(project.session_count, 1);
	assert_int_equal(project.task_count, 1);
	assert_int_equal(project.counts.problems_resolved, 1);
	store_project_finish(&project);
}

static void read_lists(struct store *store)
{
	int64_t seen, counted;
	for (int i = SESSIONS_SHOWN; i <= SESSIONS_TIMERS; i++) {
		enum store_sessions which = (enum store_sessions)i;
		seen = 0;
		assert_int_equal(store_session_each(store, 1, which, NULL, skip_session, &seen), OK);
		assert_int_equal(store_session_count(store, 1, which, &counted), OK);
		assert_int_equal(seen, counted);
	}
	seen = 0;
	assert_int_equal(store_group_each(store, 1, skip_group, &seen), OK);
	assert_int_equal(store_group_count(store, 1, &counted), OK);
	assert_int_equal(seen, counted);
	assert_int_equal(store_event_each(store, 1, 0, skip_event, &seen), OK);
}

static enum err pass_device(void *context, const struct device *device)
{
	(void)context, (void)device;
	return OK;
}

static void read_devices(struct store *store)
{
	struct device device = {.id = store_fixture_id(90), .name = "bar"};
	struct fingerprint fingerprint = {{1}};
	int64_t number;
	assert_int_equal(store_begin(store), OK);
	assert_int_equal(store_device_add(store, 1, &device, &fingerprint), OK);
	assert_int_equal(store_device_used(store, 1, &device.id, T0), OK);
	assert_int_equal(store_device_find(store, &fingerprint, &number, &device), OK);
	assert_int_equal(store_device_load(store, 1, &device.id, &device), OK);
	assert_int_equal(store_device_each(store, 1, pass_device, NULL), OK);
	assert_int_equal(store_device_count(store, 1, &number), OK);
	assert_int_equal(store_device_remove(store, 1, &device.id), OK);
	assert_int_equal(store_commit(store), OK);
}

/* Reading by every function, so that every statement is prepared. */
static void read_everything(struct store *store)
{
	struct user user;
	struct session session;
	struct group group;
	struct due due;
	struct store_times times;
	struct forgetting forgetting;
	struct day_rule *rules;
	size_t rule_count;
	int64_t number;
	uint32_t tag;
	bool any;
	TEXT_AUTO asked = {0};
	TEXT_AUTO result = {0};
	struct uuid id = store_fixture_id(1), group_id = store_fixture_id(50);
	assert_int_equal(store_user_find(store, STORE_ISSUER, "anna", &user), OK);
	assert_true(store_user_id_taken(store, "anna"));
	assert_int_equal(store_rules_load(store, 1, &rules, &rule_count), OK);
	free(rules);
	assert_int_equal(store_session_load(store, 1, &id, &session), OK);
	read_lists(store);
	read_history(store);
	read_entities(store);
	read_plans(store);
	read_project(store);
	read_devices(store);
	assert_int_equal(store_group_load(store, 1, &group_id, &group), OK);
	assert_int_equal(store_interval_last(store, 1, T0, &number), OK);
	assert_int_equal(store_interval_any(store, 1, T0, &any), OK);
	assert_int_equal(store_times_load(store, 1, 0, INT64_MAX, T0, &times), OK);
	store_times_finish(&times);
	assert_int_equal(store_due_first(store, 1, INT64_MAX, &due), OK);
	assert_int_equal(store_due_next(store, &due), OK);
	assert_int_equal(store_event_tag(store, 1, 6, &tag), OK);
	assert_int_equal(store_key_find(store, 1, "tab1:1", &asked, &result), ERR_NOT_FOUND); /* pruned */
	assert_int_equal(store_forget_next(store, &forgetting), ERR_NOT_FOUND);
	assert_int_equal(store_begin(store), OK);
	store_rollback(store);
	assert_int_equal(store_begin_reading(store), OK);
	assert_false(store_wrote(store));
	store_rollback(store);
	assert_int_equal(store_probe(store), OK);
}

/* A subquery's few rows may be gone through, a table never, but for the first row of the due ones. Nothing is
 * sorted but the trainings of one plan or of some dates. */
static bool plan_is_good(int slot, const char *detail)
{
	if (strncmp(detail, "USE TEMP B-TREE FOR ORDER BY", 28) == 0)
		return slot == SLOT_TRAININGS_NEWEST || slot == SLOT_TRAININGS_OLDEST;
	if (strncmp(detail, "SCAN ", 5) != 0 || strncmp(detail, "SCAN (", 6) == 0)
		return true;
	return strcmp(detail, "SCAN CONSTANT ROW") == 0 ||
	       (slot == SLOT_DUE_NEXT && strcmp(detail, "SCAN due USING COVERING INDEX due_next") == 0);
}

/* What counts before something is added leaves the rows, which may be long, alone. */
static bool count_is_good(int slot, const char *sql, const char *detail)
{
	bool counts = strncmp(sql, "SELECT count(*) FROM", 20) == 0 && slot != SLOT_SESSIONS_WORKING;
	return !counts || !strstr(detail, " USING INDEX ");
}

static void assert_plan(struct store *store, int slot)
{
	const char *sql = sqlite3_sql(store->statements[slot]);
	sqlite3_stmt *plan = NULL;
	TEXT_AUTO explain = {0};
	text_append_format(&explain, "EXPLAIN QUERY PLAN %s", sql);
	assert_int_equal(sqlite3_prepare_v2(store->db, explain.data, -1, &plan, NULL), SQLITE_OK);
	while (sqlite3_step(plan) == SQLITE_ROW) {
		const char *detail = (const char *)sqlite3_column_text(plan, 3);
		if (!plan_is_good(slot, detail) || !count_is_good(slot, sql, detail))
			fail_msg("%s\n%s", sql, detail);
	}
	sqlite3_finalize(plan);
}

static void test_no_statement_scans(void **state)
{
	(void)state;
	struct store_fixture fixture;
	store_fixture_init(&fixture);
	run_script(fixture.store);
	read_everything(fixture.store);
	for (int slot = 0; slot < SLOT_COUNT; slot++) {
		if (!fixture.store->statements[slot])
			fail_msg("nothing has used statement %d", slot);
		assert_plan(fixture.store, slot);
	}
	store_fixture_finish(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rollback_undoes_everything),
		cmocka_unit_test(test_files_are_private),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_epoch),
		cmocka_unit_test(test_empty_file),
		cmocka_unit_test(test_newer_version_is_refused),
		cmocka_unit_test(test_foreign_files_are_refused),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_no_statement_scans),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
