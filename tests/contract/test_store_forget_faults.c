/* Deleting a person when the disk is full, breaks or loses power: it is gone on with, nothing of theirs is
 * left in the end, and nothing of anybody else's has changed. */
#include "tests/support/store_fixture.h"
#include "tests/support/vfs_fault.h"

#include "store/maintain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Each of them is met without checks; a process that is checked is slow. */
#ifdef __SANITIZE_ADDRESS__
#define STRIDE 41
#else
#define STRIDE 11
#endif
#define MANY INT64_MAX

static struct text others; /* what anybody but Anna has, as it must stay */

static void fill(struct store *store)
{
	bool at_commit;
	for (int step = 0; step < STORE_SCRIPT_STEPS; step++)
		assert_int_equal(store_script_step(store, step, &at_commit), OK);
}

/* Within a transaction: Anna is nobody, unless she was already. */
static enum err begin_if_not_begun(struct store *store, struct forgetting *ret)
{
	static const unsigned char random[16] = {7};
	int64_t uid;
	enum err err = store_forget_next(store, ret);
	if (err == ERR_NOT_FOUND)
		err = store_forget_begin(store, "anna", random, &uid);
	else
		return err;
	return err ? err : store_forget_next(store, ret);
}

/* From wherever it was interrupted to the end. */
static enum err forget(struct store *store)
{
	struct forgetting person;
	bool done = false, rewritten;
	enum err err = store_begin(store);
	if (!err)
		err = begin_if_not_begun(store, &person);
	if (err == ERR_NOT_FOUND) {
		store_rollback(store);
		return OK; /* it was done */
	}
	while (!err && !done) {
		err = store_forget_slice(store, &person, &done);
		if (!err)
			err = store_commit(store);
		if (!err && !done)
			err = store_begin(store);
	}
	if (!err)
		err = store_forget_wipe(store, MANY, &rewritten);
	if (!err)
		err = store_begin(store);
	if (!err)
		err = store_forget_end(store, person.uid);
	if (!err)
		err = store_commit(store);
	store_rollback(store);
	return err;
}

static void count_fault(void *context, const char *line)
{
	*(int *)context += strstr(line, "who was deleted") != NULL || strstr(line, "damaged") != NULL ||
			   strstr(line, "triggers") != NULL;
}

static void assert_gone(struct store *store)
{
	TEXT_AUTO now = {0};
	int64_t uid;
	int faults = 0;
	assert_int_equal(store_begin(store), OK);
	assert_int_equal(store_user_named(store, "anna", &uid), ERR_NOT_FOUND);
	store_rollback(store);
	assert_int_equal(store_check(store, count_fault, &faults), OK);
	assert_int_equal(faults, 0);
	assert_int_equal(store_fixture_dump_user(store, 2, &now), OK);
	assert_string_equal(now.data, others.data);
}

static void finish(struct store_fixture *fixture)
{
	vfs_fault_set(VFS_FAULT_NONE, 0, false);
	store_fixture_finish(fixture);
	vfs_fault_forget();
}

static int remember_others(void **state)
{
	struct store_fixture fixture;
	(void)state;
	vfs_fault_install();
	store_fixture_init(&fixture);
	fill(fixture.store);
	assert_int_equal(store_fixture_dump_user(fixture.store, 2, &others), OK);
	finish(&fixture);
	return others.len > 1000 ? 0 : -1;
}

static int drop_others(void **state)
{
	(void)state;
	text_finish(&others);
	return 0;
}

/* The n-th operation fails; the disk is well again, and it is gone on with. False: there are fewer. */
static bool fail_at(enum vfs_fault fault, int n, int *failures)
{
	struct store_fixture fixture;
	store_fixture_init(&fixture);
	fill(fixture.store);
	vfs_fault_set(fault, n, false);
	enum err err = forget(fixture.store);
	bool met = vfs_fault_count() >= n;
	vfs_fault_set(VFS_FAULT_NONE, 0, false);
	*failures += err != OK;
	/* An error whose outcome is unknown, or a failed sync, ends the process. */
	if (err == ERR_INTERNAL)
		store_fixture_reopen(&fixture);
	assert_int_equal(forget(fixture.store), OK);
	assert_gone(fixture.store);
	finish(&fixture);
	return met;
}

static void fail_each(enum vfs_fault fault)
{
	int failures = 0, n = 1;
	while (fail_at(fault, n, &failures))
		n += STRIDE;
	print_message("%d operations, %d failures\n", n, failures);
	assert_true(n > 40 && failures > 20 / STRIDE);
}

static void test_no_room(void **state)
{
	(void)state;
	fail_each(VFS_FAULT_FULL);
}

static void test_io_error(void **state)
{
	(void)state;
	fail_each(VFS_FAULT_IO);
}

/* The power goes at the n-th change of a file. False: there are fewer. */
static bool cut_at(int n)
{
	struct store_fixture fixture;
	int status;
	store_fixture_init_in(&fixture, store_fixture_where());
	vfs_fault_seed((unsigned)n % 2 * (unsigned)n);
	pid_t child = fork();
	if (child == 0) {
		store_fixture_open(&fixture);
		fill(fixture.store);
		vfs_fault_set(VFS_FAULT_CUT, n, false);
		_exit(forget(fixture.store) ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 1);
	store_fixture_open(&fixture);
	assert_int_equal(forget(fixture.store), OK);
	assert_gone(fixture.store);
	finish(&fixture);
	return WEXITSTATUS(status) == 3;
}

static void test_power_cut(void **state)
{
	(void)state;
	int n = 1;
	while (cut_at(n))
		n += STRIDE;
	print_message("%d changes of files\n", n);
	assert_true(n > 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_io_error),
		cmocka_unit_test(test_power_cut),
	};
	return cmocka_run_group_tests(tests, remember_others, drop_others);
}
