/* The store on real files: no room, killed by the system, in use by another server. */
#include "tests/support/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The children of these tests say it with their status. */
enum { CHILD_OK = 0, CHILD_FAILED = 1, CHILD_SKIPPED = 77 };

static enum err add_event(struct store *store, int64_t seq)
{
	char body[4000];
	memset(body, 'e', sizeof(body));
	return store_fixture_event(store, 1, seq, 1, T0 + seq, body, sizeof(body));
}

static enum err commit_event(struct store *store, int64_t seq)
{
	enum err err = store_begin(store);
	if (err)
		return err;
	err = add_event(store, seq);
	if (!err)
		return store_commit(store);
	store_rollback(store);
	return err;
}

/* Ten events in one transaction: it may fail anywhere. */
static enum err commit_ten(struct store *store, int64_t seq)
{
	enum err err = store_begin(store);
	for (int i = 0; !err && i < 10; i++)
		err = add_event(store, seq + i);
	if (!err)
		return store_commit(store);
	store_rollback(store);
	return err;
}

static enum err count_event(void *context, int64_t seq, uint32_t tag, const char *body, size_t len)
{
	(void)tag;
	(void)body;
	int64_t *last = context;
	if (seq != *last + 1 || len != 4000)
		return ERR_INTERNAL;
	*last = seq;
	return OK;
}

static int64_t last_event(struct store *store)
{
	int64_t last = 0;
	return store_event_each(store, 1, 0, count_event, &last) ? -1 : last;
}

/* Ends a child that finds something wrong. */
static void want(bool condition, const char *what, const struct store *store)
{
	if (condition)
		return;
	fprintf(stderr, "wrong: %s; the store says: %s\n", what, store ? store_message(store) : "");
	_exit(CHILD_FAILED);
}

/* Fills until there is no room, tries all the ways to fail, makes room, goes on. `room` changes how much
 * there is. */
static void fill_and_go_on(
	struct store *store, bool (*room)(bool more, const char *folder), const char *folder)
{
	want(room(false, folder), "less room", store);
	int64_t last = 0;
	enum err err;
	while (!(err = commit_event(store, last + 1)))
		last++;
	want(err == ERR_UNAVAILABLE, "the first failure is `unavailable`", store);
	want(last_event(store) == last, "nothing of it is there", store);
	want(commit_ten(store, last + 1) == ERR_UNAVAILABLE, "a long transaction fails too", store);
	for (int i = 0; i < 20; i++) {
		/* A checkpoint may have made room in the WAL. */
		err = i % 2 ? commit_event(store, last + 1) : commit_ten(store, last + 1);
		want(err == OK || err == ERR_UNAVAILABLE, "all or nothing", store);
		if (!err)
			last += i % 2 ? 1 : 10;
		want(last_event(store) == last, "all or nothing is there", store);
		store_fixture_checkpoint(store);
	}
	want(err == ERR_UNAVAILABLE, "in the end nothing goes", store);
	want(room(true, folder), "more room", store);
	want(store_probe(store) == OK, "it can write again", store);
	want(commit_ten(store, last + 1) == OK, "and does", store);
	want(last_event(store) == last + 10, "all is there", store);
}

static void run_child(int (*child)(void))
{
	int status;
	pid_t pid = fork();
	if (pid == 0)
		_exit(child());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == CHILD_SKIPPED)
		skip();
	assert_int_equal(WEXITSTATUS(status), CHILD_OK);
}

/* No file may grow beyond a limit; SQLite takes that for an I/O error. */
static bool room_by_limit(bool more, const char *folder)
{
	(void)folder;
	struct rlimit limit;
	if (getrlimit(RLIMIT_FSIZE, &limit) != 0)
		return false;
	limit.rlim_cur = more ? limit.rlim_max : 200000;
	signal(SIGXFSZ, SIG_IGN);
	return setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

static int fill_limited_file(void)
{
	struct store_fixture fixture;
	store_fixture_init(&fixture);
	fill_and_go_on(fixture.store, room_by_limit, fixture.folder);
	store_fixture_finish(&fixture);
	return CHILD_OK;
}

static void test_file_limit(void **state)
{
	(void)state;
	run_child(fill_limited_file);
}

/* A small disk of memory, on which a file of a megabyte comes and goes. */
static bool room_by_ballast(bool more, const char *folder)
{
	static const char zeros[65536];
	char path[320];
	snprintf(path, sizeof(path), "%s/ballast", folder);
	if (more)
		return unlink(path) == 0;
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	bool done = fd >= 0;
	for (int i = 0; done && i < 16; i++)
		done = write(fd, zeros, sizeof(zeros)) == sizeof(zeros);
	close(fd);
	return done;
}

static int fill_small_disk(void)
{
	struct store_fixture fixture;
	store_fixture_init_in(&fixture, store_fixture_where());
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("none", fixture.folder, "tmpfs", 0, "size=1500k") != 0) {
		rmdir(fixture.folder);
		return CHILD_SKIPPED;
	}
	store_fixture_open(&fixture);
	fill_and_go_on(fixture.store, room_by_ballast, fixture.folder);
	store_fixture_close(&fixture);
	umount(fixture.folder);
	rmdir(fixture.folder);
	return CHILD_OK;
}

static void test_disk_full(void **state)
{
	(void)state;
	run_child(fill_small_disk);
}

/* Commits and tells of each, until it is killed. */
static _Noreturn void commit_for_ever(struct store_fixture *fixture, int told)
{
	store_fixture_open(fixture);
	for (int64_t seq = last_event(fixture->store) + 1;; seq++) {
		if (commit_event(fixture->store, seq) || write(told, &seq, sizeof(seq)) != sizeof(seq))
			_exit(1);
		if (store_checkpoint(fixture->store, false))
			_exit(1);
	}
}

static int64_t kill_after(struct store_fixture *fixture, useconds_t delay)
{
	int ends[2], status;
	int64_t seq, last = 0;
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0)
		commit_for_ever(fixture, ends[1]);
	close(ends[1]);
	assert_int_equal(read(ends[0], &last, sizeof(last)), sizeof(last));
	usleep(delay);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	while (read(ends[0], &seq, sizeof(seq)) == sizeof(seq))
		last = seq;
	close(ends[0]);
	return last;
}

static void test_killed(void **state)
{
	(void)state;
	struct store_fixture fixture;
	store_fixture_init_in(&fixture, store_fixture_where());
	for (useconds_t delay = 0; delay < 200000; delay += 23456) {
		int64_t told = kill_after(&fixture, delay);
		store_fixture_open(&fixture);
		int64_t found = last_event(fixture.store);
		assert_true(found == told || found == told + 1);
		store_fixture_close(&fixture);
	}
	store_fixture_finish(&fixture);
}

static char shared_path[320];

static int open_shared(void)
{
	struct store *store = NULL;
	char why[256] = "";
	want(store_open(shared_path, &store, why) == ERR_CONFLICT && !store, "it is locked", NULL);
	want(strstr(why, "another server") && strstr(why, "db.lock"), why, NULL);
	return CHILD_OK;
}

static void test_second_server(void **state)
{
	(void)state;
	struct store_fixture fixture;
	char link[160];
	store_fixture_init(&fixture);
	snprintf(shared_path, sizeof(shared_path), "%s", fixture.path);
	assert_int_equal(open_shared(), CHILD_OK);
	run_child(open_shared);
	/* By another name of the same file. */
	snprintf(link, sizeof(link), "%s/link", fixture.folder);
	assert_int_equal(symlink("db", link), 0);
	snprintf(shared_path, sizeof(shared_path), "%s", link);
	run_child(open_shared);
	snprintf(shared_path, sizeof(shared_path), "%s/../%s/db", fixture.folder,
		strrchr(fixture.folder, '/') + 1);
	run_child(open_shared);
	/* The first one has lost nothing by that. */
	assert_int_equal(store_probe(fixture.store), OK);
	/* It goes with the process that held it. */
	store_fixture_reopen(&fixture);
	unlink(link);
	store_fixture_finish(&fixture);
}

/* Somebody else holds SQLite's own lock, a backup perhaps. */
static void test_busy(void **state)
{
	(void)state;
	struct store_fixture fixture;
	sqlite3 *other = NULL;
	store_fixture_init(&fixture);
	assert_int_equal(sqlite3_open(fixture.path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(store_begin(fixture.store), ERR_UNAVAILABLE);
	assert_int_equal(store_probe(fixture.store), ERR_UNAVAILABLE);
	assert_int_equal(last_event(fixture.store), 0);
	assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(store_probe(fixture.store), OK);
	/* A reader neither stops nor is disturbed by commits and checkpoints. */
	assert_int_equal(
		sqlite3_exec(other, "BEGIN; SELECT count(*) FROM events", NULL, NULL, NULL), SQLITE_OK);
	for (int64_t seq = 1; seq < 300; seq++) {
		assert_int_equal(commit_event(fixture.store, seq), OK);
		if (seq % 50 == 0)
			store_fixture_checkpoint(fixture.store);
	}
	sqlite3_close(other);
	store_fixture_reopen(&fixture);
	assert_int_equal(last_event(fixture.store), 299);
	store_fixture_finish(&fixture);
}

/* Reading goes on meanwhile, and what would write is told so. */
static void test_reading_while_busy(void **state)
{
	(void)state;
	struct store_fixture fixture;
	sqlite3 *other = NULL;
	store_fixture_init(&fixture);
	assert_int_equal(commit_event(fixture.store, 1), OK);
	assert_int_equal(sqlite3_open(fixture.path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(store_begin_reading(fixture.store), OK);
	assert_int_equal(last_event(fixture.store), 1);
	assert_int_equal(store_fixture_event(fixture.store, 1, 2, 0, T0, "{}", 2), ERR_UNAVAILABLE);
	assert_false(store_wrote(fixture.store));
	store_rollback(fixture.store);
	sqlite3_close(other);
	assert_int_equal(store_begin_reading(fixture.store), OK);
	assert_int_equal(store_fixture_event(fixture.store, 1, 2, 0, T0, "{}", 2), OK);
	assert_true(store_wrote(fixture.store));
	store_rollback(fixture.store);
	assert_int_equal(last_event(fixture.store), 1);
	store_fixture_finish(&fixture);
}

static off_t size_of(const char *path, const char *ending)
{
	struct stat status;
	char name[320];
	snprintf(name, sizeof(name), "%s%s", path, ending);
	return stat(name, &status) == 0 ? status.st_size : -1;
}

/* The WAL stays near its mark, and is gone after closing. */
static void test_checkpoint(void **state)
{
	(void)state;
	struct store_fixture fixture;
	store_fixture_init(&fixture);
	for (int64_t seq = 1; seq <= 2000; seq++) {
		assert_int_equal(commit_event(fixture.store, seq), OK);
		assert_int_equal(store_checkpoint(fixture.store, false), OK);
	}
	assert_in_range(size_of(fixture.path, "-wal"), 1, 13000000);
	store_fixture_close(&fixture);
	assert_true(size_of(fixture.path, "-wal") <= 0);
	store_fixture_open(&fixture);
	assert_int_equal(last_event(fixture.store), 2000);
	store_fixture_finish(&fixture);
}

/* Pages that the cache has no room for go to the WAL before the commit: they are read back from there, and
 * are gone after a rollback. */
static void test_more_than_the_cache_holds(void **state)
{
	(void)state;
	struct store_fixture fixture;
	store_fixture_init(&fixture);
	const int64_t many = 6000; /* of 4,000 bytes; the cache has 16 MiB */
	for (int round = 0; round < 2; round++) {
		assert_int_equal(store_begin(fixture.store), OK);
		for (int64_t seq = 1; seq <= many; seq++) {
			assert_int_equal(add_event(fixture.store, seq), OK);
			if (seq % 1500 == 0)
				assert_int_equal(last_event(fixture.store), seq);
		}
		int spilled = 0, unused;
		sqlite3_db_status(fixture.store->db, SQLITE_DBSTATUS_CACHE_SPILL, &spilled, &unused, true);
		assert_true(spilled > 0);
		if (round == 0)
			store_rollback(fixture.store);
		else
			assert_int_equal(store_commit(fixture.store), OK);
		assert_int_equal(last_event(fixture.store), round * many);
	}
	store_fixture_reopen(&fixture);
	assert_int_equal(last_event(fixture.store), many);
	assert_int_equal(commit_event(fixture.store, many + 1), OK);
	store_fixture_reopen(&fixture);
	assert_int_equal(last_event(fixture.store), many + 1);
	store_fixture_finish(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file_limit),
		cmocka_unit_test(test_disk_full),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_second_server),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_reading_while_busy),
		cmocka_unit_test(test_checkpoint),
		cmocka_unit_test(test_more_than_the_cache_holds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
