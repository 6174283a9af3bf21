/* The store when the disk is full, breaks or loses power: an error is told, nothing is half done, and what
 * was committed stays. */
#include "tests/support/store_fixture.h"
#include "tests/support/vfs_fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What every table holds after each step of the script; [0] before the first. */
static struct text states[STORE_SCRIPT_STEPS + 1];

/* A process that is checked is copied slowly, hundreds of times; each operation is met without checks. */
#ifdef __SANITIZE_ADDRESS__
#define STRIDE 8
#else
#define STRIDE 1
#endif

/* A whole checkpoint, with commits between its steps, after every step, so that it is hit too. */
static enum err run_step(struct store *store, int step, bool *ret_at_commit)
{
	enum err err = store_script_step(store, step, ret_at_commit);
	if (err)
		return err;
	store_fixture_checkpoint(store);
	return OK;
}

static int make_states(void **state)
{
	(void)state;
	vfs_fault_install();
	struct store_fixture fixture;
	store_fixture_init(&fixture);
	for (int step = 0; step <= STORE_SCRIPT_STEPS; step++) {
		bool at_commit;
		if (step > 0 && run_step(fixture.store, step - 1, &at_commit)) {
			fprintf(stderr, "step %d: %s\n", step, store_message(fixture.store));
			return -1;
		}
		if (store_fixture_dump(fixture.store, &states[step]))
			return -1;
	}
	store_fixture_finish(&fixture);
	vfs_fault_forget();
	return 0;
}

static int drop_states(void **state)
{
	(void)state;
	for (int step = 0; step <= STORE_SCRIPT_STEPS; step++)
		text_finish(&states[step]);
	return 0;
}

static bool is_state(struct store *store, int step)
{
	TEXT_AUTO now = {0};
	assert_int_equal(store_fixture_dump(store, &now), OK);
	return now.len == states[step].len &&
	       (now.len == 0 || memcmp(now.data, states[step].data, now.len) == 0);
}

static void assert_sound(struct store *store)
{
	int64_t ok = 0;
	static const char sql[] = "SELECT integrity_check = 'ok' FROM pragma_integrity_check";
	assert_int_equal(statement_query(store, sql, &ok), OK);
	assert_int_equal(ok, 1);
}

static void finish(struct store_fixture *fixture)
{
	vfs_fault_set(VFS_FAULT_NONE, 0, false);
	store_fixture_finish(fixture);
	vfs_fault_forget();
}

/* A step has failed and the disk is well again: which state is this? Only an I/O error at COMMIT leaves that
 * open, until the next start. */
static int settle(struct store_fixture *fixture, int step, enum err err, bool at_commit)
{
	assert_true(err == ERR_UNAVAILABLE || err == ERR_INTERNAL);
	assert_true(store_message(fixture->store)[0] != '\0');
	assert_true(sqlite3_get_autocommit(fixture->store->db));
	if (err == ERR_INTERNAL && at_commit) {
		store_fixture_reopen(fixture);
		if (is_state(fixture->store, step + 1))
			return step + 1;
	}
	assert_true(is_state(fixture->store, step));
	return step;
}

/* From the state `step` on, with a fault set: one step fails, or none. Once the disk is well everything works
 * again and the script ends as ever. Returns the error there was. */
static enum err run_faulty(struct store_fixture *fixture, bool lasting)
{
	enum err met = OK;
	for (int step = 0; step < STORE_SCRIPT_STEPS;) {
		bool at_commit;
		enum err err = run_step(fixture->store, step, &at_commit);
		if (!err) {
			step++;
			continue;
		}
		assert_int_equal(met, OK);
		met = err;
		if (lasting)
			assert_int_not_equal(store_probe(fixture->store), OK);
		vfs_fault_set(VFS_FAULT_NONE, 0, false);
		step = settle(fixture, step, err, at_commit);
	}
	vfs_fault_set(VFS_FAULT_NONE, 0, false);
	assert_int_equal(store_probe(fixture->store), OK);
	assert_true(is_state(fixture->store, STORE_SCRIPT_STEPS));
	assert_sound(fixture->store);
	store_fixture_reopen(fixture);
	assert_true(is_state(fixture->store, STORE_SCRIPT_STEPS));
	return met;
}

/* How many operations of that kind the whole script has, from an open store on. */
static int count_operations(enum vfs_fault fault)
{
	struct store_fixture fixture;
	store_fixture_init(&fixture);
	vfs_fault_set(fault, 0, false);
	bool at_commit;
	for (int step = 0; step < STORE_SCRIPT_STEPS; step++)
		assert_int_equal(run_step(fixture.store, step, &at_commit), OK);
	int count = vfs_fault_count();
	finish(&fixture);
	return count;
}

/* Each operation in turn fails, or every fifth with all that follow; returns how often a step failed with
 * ERR_INTERNAL. */
static int fail_each(enum vfs_fault fault, bool lasting)
{
	int count = count_operations(fault);
	int internal = 0, unavailable = 0;
	for (int n = 1; n <= count; n += STRIDE * (lasting ? 5 : 1)) {
		struct store_fixture fixture;
		store_fixture_init(&fixture);
		vfs_fault_set(fault, n, lasting);
		enum err met = run_faulty(&fixture, lasting);
		internal += met == ERR_INTERNAL;
		unavailable += met == ERR_UNAVAILABLE;
		finish(&fixture);
	}
	print_message("%d operations: %d internal, %d unavailable\n", count, internal, unavailable);
	assert_true(count > 50);
	assert_true(internal + unavailable > 80 / STRIDE);
	return internal;
}

static void test_full_once(void **state)
{
	(void)state;
	assert_int_equal(fail_each(VFS_FAULT_FULL, false), 0);
}

static void test_full_for_a_while(void **state)
{
	(void)state;
	assert_int_equal(fail_each(VFS_FAULT_FULL, true), 0);
}

static void test_io_error_once(void **state)
{
	(void)state;
	fail_each(VFS_FAULT_IO, false);
}

static void test_io_error_for_a_while(void **state)
{
	(void)state;
	fail_each(VFS_FAULT_IO, true);
}

/* Opening a new file or one with a history in its WAL: what fails is told, and can be tried again. */
static void test_open_fails(void **state)
{
	(void)state;
	int failed = 0;
	for (int n = 1, last = 0; n == last + 1; n++) {
		struct store_fixture fixture;
		char why[256] = "";
		store_fixture_init_in(&fixture, store_fixture_where());
		vfs_fault_set(VFS_FAULT_IO, n, false);
		enum err err = store_open(fixture.path, &fixture.store, why);
		last = vfs_fault_count() >= n ? n : 0;
		vfs_fault_set(VFS_FAULT_NONE, 0, false);
		if (err) {
			failed++;
			assert_true(why[0] != '\0');
			store_fixture_open(&fixture);
		}
		assert_true(is_state(fixture.store, 0));
		run_faulty(&fixture, false);
		finish(&fixture);
	}
	print_message("%d failures of opening\n", failed);
	assert_true(failed > 20);
}

/* In a process of its own: opens a new file, runs the script with a fault set and tells of each commit, until
 * the power is cut or a step fails. */
static _Noreturn void run_until_cut(struct store_fixture *fixture, enum vfs_fault fault, int n, int told)
{
	/* Opening is cut too; what it does without room, another test says. */
	if (fault == VFS_FAULT_CUT)
		vfs_fault_set(fault, n, false);
	store_fixture_open(fixture);
	if (fault != VFS_FAULT_CUT)
		vfs_fault_set(fault, n, false);
	for (int step = 0; step < STORE_SCRIPT_STEPS; step++) {
		bool at_commit;
		enum err err = store_script_step(fixture->store, step, &at_commit);
		if (err)
			_exit(err == ERR_UNAVAILABLE ? 3
						     : 1); /* as kill -9 does: everything written is there */
		if (write(told, "+", 1) != 1)
			_exit(1);
		if (step % 2)
			store_fixture_checkpoint(fixture->store);
	}
	bool met = vfs_fault_count() >= n; /* by a checkpoint, which tells nobody */
	store_fixture_close(fixture);
	_exit(met ? 3 : 0);
}

/* The process ends at the n-th operation. Returns how many commits it told of, -1 when it came to its end
 * before, and leaves the fixture with the store opened anew. */
static int cut_at(struct store_fixture *fixture, enum vfs_fault fault, int n, unsigned seed)
{
	int ends[2], status;
	char commits[STORE_SCRIPT_STEPS + 1];
	store_fixture_init_in(fixture, store_fixture_where());
	assert_int_equal(pipe(ends), 0);
	vfs_fault_seed(seed);
	pid_t child = fork();
	if (child == 0)
		run_until_cut(fixture, fault, n, ends[1]);
	close(ends[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	int told = (int)read(ends[0], commits, sizeof(commits));
	close(ends[0]);
	store_fixture_open(fixture);
	assert_sound(fixture->store);
	assert_int_equal(store_probe(fixture->store), OK);
	if (WEXITSTATUS(status) == 0)
		return -1;
	assert_int_equal(WEXITSTATUS(status), 3);
	return told;
}

/* Whatever of the unsynced changes survives, each commit that was told is there, and none is there by half.
 */
static void test_power_cut(void **state)
{
	(void)state;
	struct store_fixture fixture;
	int cuts = 0;
	/* Of three operations one loses all that was not synced, and one some of it. */
	for (unsigned seed = 0; seed <= 1; seed++) {
		for (int n = 1 + (int)seed, told;
			(told = cut_at(&fixture, VFS_FAULT_CUT, n, seed * (unsigned)n)) >= 0;
			n += 3 * STRIDE) {
			if (!is_state(fixture.store, told))
				assert_true(told < STORE_SCRIPT_STEPS && is_state(fixture.store, told + 1));
			finish(&fixture);
			cuts++;
		}
		finish(&fixture);
	}
	print_message("%d power cuts\n", cuts);
	assert_true(cuts > 200 / STRIDE);
}

/* What was refused for want of room is not there after a crash either, at COMMIT too: the client was told so.
 */
static void test_full_then_killed(void **state)
{
	(void)state;
	struct store_fixture fixture;
	int kills = 0;
	for (int n = 1, told; (told = cut_at(&fixture, VFS_FAULT_FULL, n, 0)) >= 0; n += 3 * STRIDE) {
		assert_true(is_state(fixture.store, told));
		finish(&fixture);
		kills++;
	}
	finish(&fixture);
	print_message("%d kills\n", kills);
	assert_true(kills > 80 / STRIDE);
}

/* What a step of a checkpoint copied may be gone when a later sync fails: from then on only the WAL has it,
 * and nothing may take it for done. */
static void test_sync_of_a_checkpoint_fails(void **state)
{
	(void)state;
	for (int n = 1, failures = 0;; n++) {
		struct store_fixture fixture;
		struct text told = {0}, found = {0};
		bool at_commit;
		store_fixture_init(&fixture);
		for (int step = 0; step < STORE_SCRIPT_STEPS; step++)
			assert_int_equal(store_script_step(fixture.store, step, &at_commit), OK);
		assert_int_equal(store_fixture_dump(fixture.store, &told), OK);
		vfs_fault_set(VFS_FAULT_SYNC, n, false);
		store_fixture_checkpoint(fixture.store);
		bool met = vfs_fault_count() >= n;
		failures += fixture.store->checkpoint.failed;
		if (fixture.store->checkpoint.failed) {
			assert_int_equal(store_checkpoint(fixture.store, true), ERR_INTERNAL);
			store_fixture_close(&fixture);
			struct stat log;
			char path[192];
			snprintf(path, sizeof(path), "%s-wal", fixture.path);
			assert_int_equal(stat(path, &log), 0);
			assert_true(log.st_size > 0);
			store_fixture_open(&fixture);
		}
		assert_int_equal(store_fixture_dump(fixture.store, &found), OK);
		assert_string_equal(found.data, told.data);
		text_finish(&told);
		text_finish(&found);
		finish(&fixture);
		if (!met) {
			assert_true(failures > 0);
			return;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_once),
		cmocka_unit_test(test_full_for_a_while),
		cmocka_unit_test(test_io_error_once),
		cmocka_unit_test(test_io_error_for_a_while),
		cmocka_unit_test(test_open_fails),
		cmocka_unit_test(test_sync_of_a_checkpoint_fails),
		cmocka_unit_test(test_power_cut),
		cmocka_unit_test(test_full_then_killed),
	};
	return cmocka_run_group_tests(tests, make_states, drop_states);
}
