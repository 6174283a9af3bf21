/* Backups, restores and checks on a disk that is full or breaks: what failed is told and leaves what was
 * there, what succeeded is whole. */
#include "store/maintain.h"
#include "tests/support/player.h"
#include "tests/support/vfs_fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NOW 1773136800000LL /* 2026-03-10T10:00:00Z */

/* A process that is checked is copied slowly; each operation is met without checks. */
#ifdef __SANITIZE_ADDRESS__
#define STRIDE 7
#else
#define STRIDE 1
#endif

static const char *const first[] = {
	"{\"type\":\"addGroup\",\"name\":\"Garage\"}",
	"{\"type\":\"addSession\",\"title\":\"Tea\",\"initialDuration\":60}",
};
static const char *const later[] = {
	"{\"type\":\"addGroup\",\"name\":\"Attic\"}",
	"{\"type\":\"addSession\",\"title\":\"Walk\"}",
};

/* A database with what was said first and later, and a backup from in between. */
struct scene {
	struct player player;
	char backup[192], old[192], target[192];
	struct text first, later; /* all of their tables */
};

static void say(struct player *player, const char *const *messages)
{
	for (int i = 0; i < 2; i++) {
		player_send(player, "alice", messages[i]);
		while (player_next(player))
			player_drop(player);
	}
}

static void back_up(const struct scene *scene, const char *to)
{
	char why[256];
	int64_t bytes;
	if (store_backup(scene->player.fixture.path, to, &bytes, why))
		fail_msg("%s", why);
}

static int set_up(void **state)
{
	static struct scene scene;
	vfs_fault_install();
	scene = (struct scene){0};
	player_init(&scene.player);
	scene.player.replay.now_ms = NOW;
	const char *folder = scene.player.fixture.folder;
	snprintf(scene.backup, sizeof(scene.backup), "%s/backup", folder);
	snprintf(scene.old, sizeof(scene.old), "%s/old", folder);
	snprintf(scene.target, sizeof(scene.target), "%s/target", folder);
	say(&scene.player, first);
	assert_int_equal(store_fixture_dump(scene.player.fixture.store, &scene.first), OK);
	back_up(&scene, scene.backup);
	say(&scene.player, later);
	assert_int_equal(store_fixture_dump(scene.player.fixture.store, &scene.later), OK);
	back_up(&scene, scene.old);
	*state = &scene;
	return 0;
}

static void remove_all(const char *path)
{
	static const char *const endings[] = {"", ".part", ".restore", ".lock", ".before-restore", "-wal",
		"-shm", "-journal", ".before-restore-wal", ".before-restore-journal"};
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		char name[256];
		snprintf(name, sizeof(name), "%s%s", path, endings[i]);
		unlink(name);
	}
}

static int tear_down(void **state)
{
	struct scene *scene = *state;
	remove_all(scene->backup);
	remove_all(scene->old);
	remove_all(scene->target);
	text_finish(&scene->first);
	text_finish(&scene->later);
	player_finish(&scene->player);
	vfs_fault_forget();
	return 0;
}

static bool exists(const char *path, const char *ending)
{
	char name[256];
	snprintf(name, sizeof(name), "%s%s", path, ending);
	return access(name, F_OK) == 0;
}

/* What a database holds. */
static void assert_holds(const char *path, const struct text *expected)
{
	TEXT_AUTO found = {0};
	struct store *store;
	char why[256];
	if (store_open(path, &store, why))
		fail_msg("%s: %s", path, why);
	assert_int_equal(store_fixture_dump(store, &found), OK);
	store_close(store);
	assert_string_equal(found.data, expected->data);
}

static void copy_file(const char *from, const char *to)
{
	char bytes[4096];
	size_t len;
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	assert_true(in && out);
	while ((len = fread(bytes, 1, sizeof(bytes), in)) > 0)
		assert_int_equal(fwrite(bytes, 1, len, out), len);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

/* Meets each of its operations with a fault, once or from then on. */
typedef enum err attempt_fn(struct scene *scene, char why[256]);
typedef void settled_fn(struct scene *scene, enum err err);

static void fail_each(struct scene *scene, attempt_fn *attempt, settled_fn *settled)
{
	static const enum vfs_fault faults[] = {VFS_FAULT_FULL, VFS_FAULT_IO};
	for (int i = 0; i < 4; i++) {
		int met = 1, errors = 0;
		for (int n = 1; met; n += STRIDE) {
			char why[256] = "";
			vfs_fault_set(faults[i / 2], n, i % 2 != 0);
			enum err err = attempt(scene, why);
			met = vfs_fault_count() >= n;
			vfs_fault_set(VFS_FAULT_NONE, 0, false);
			assert_true(met || !err);
			assert_true(!err || (err != ERR_NOT_FOUND && why[0] && !strchr(why, '\n')));
			errors += err != OK;
			settled(scene, err);
		}
		assert_true(errors > 10 / STRIDE);
	}
}

static enum err attempt_backup(struct scene *scene, char why[256])
{
	int64_t bytes;
	return store_backup(scene->player.fixture.path, scene->target, &bytes, why);
}

static void backup_settled(struct scene *scene, enum err err)
{
	assert_false(exists(scene->target, ".part"));
	assert_int_equal(exists(scene->target, ""), !err);
	if (!err)
		assert_holds(scene->target, &scene->later);
	remove_all(scene->target);
}

static void a_backup_is_whole_or_not_there(void **state)
{
	fail_each(*state, attempt_backup, backup_settled);
}

static enum err attempt_restore(struct scene *scene, char why[256])
{
	struct restore *restore = NULL;
	bool kept;
	copy_file(scene->old, scene->target);
	enum err err = store_restore_begin(scene->target, scene->backup, &restore, why);
	if (!err)
		err = store_restore_finish(restore, &kept, why);
	store_restore_end(restore);
	return err;
}

/* A disk that cannot read what is there makes it damaged: it is kept as it is. */
static void restore_settled(struct scene *scene, enum err err)
{
	char kept[256];
	snprintf(kept, sizeof(kept), "%s.before-restore", scene->target);
	assert_false(exists(scene->target, ".restore"));
	assert_int_equal(exists(kept, ""), !err);
	assert_holds(scene->target, err ? &scene->later : &scene->first);
	if (!err)
		assert_holds(kept, &scene->later);
	remove_all(scene->target);
	remove_all(kept);
}

static void a_restore_has_happened_or_not(void **state)
{
	fail_each(*state, attempt_restore, restore_settled);
}

static void count_fault(void *context, const char *line)
{
	(void)line;
	++*(int *)context;
}

/* Never "ok" of what could not be read. */
static enum err attempt_check(struct scene *scene, char why[256])
{
	struct store *store;
	int faults = 0;
	enum err err = store_open_reading(scene->old, &store, why);
	if (err)
		return err;
	err = store_check(store, count_fault, &faults);
	snprintf(why, 256, "%s", err ? store_message(store) : "a fault");
	store_close(store);
	return err ? err : faults ? ERR_INTERNAL : OK;
}

static void check_settled(struct scene *scene, enum err err)
{
	(void)err;
	char why[256];
	assert_int_equal(attempt_check(scene, why), OK);
}

static void what_cannot_be_read_is_not_whole(void **state)
{
	struct scene *scene = *state;
	int met = 1, errors = 0;
	for (int n = 1; met; n += STRIDE) {
		char why[256] = "";
		vfs_fault_set(VFS_FAULT_IO, n, true);
		enum err err = attempt_check(scene, why);
		met = vfs_fault_count() >= n;
		vfs_fault_set(VFS_FAULT_NONE, 0, false);
		assert_int_equal(err != OK, met);
		errors += err != OK;
		check_settled(scene, err);
	}
	assert_true(errors > 10 / STRIDE);
}

/* Two at once: the second one of a backup to the same file, and of a restore of the same database. */
static void one_at_a_time(void **state)
{
	struct scene *scene = *state;
	struct restore *one = NULL, *other = NULL;
	char why[256];
	bool kept;
	copy_file(scene->old, scene->target);
	assert_int_equal(store_restore_begin(scene->target, scene->backup, &one, why), OK);
	assert_int_equal(store_restore_begin(scene->target, scene->backup, &other, why), ERR_CONFLICT);
	assert_null(other);
	/* Nobody reads what is about to be moved. */
	struct store *reader;
	assert_int_equal(store_restore_finish(one, &kept, why), OK);
	store_restore_end(one);
	assert_true(kept);
	assert_int_equal(store_open_reading(scene->target, &reader, why), OK);
	store_close(reader);
	char aside[256];
	snprintf(aside, sizeof(aside), "%s.before-restore", scene->target);
	remove_all(scene->target);
	remove_all(aside);
}

/* One that was begun and is given up has changed nothing. */
static void a_restore_that_is_given_up_leaves_nothing(void **state)
{
	struct scene *scene = *state;
	struct restore *restore = NULL;
	char why[256];
	copy_file(scene->old, scene->target);
	assert_int_equal(store_restore_begin(scene->target, scene->backup, &restore, why), OK);
	assert_true(exists(scene->target, ".restore"));
	store_restore_end(restore);
	restore_settled(scene, ERR_CONFLICT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_backup_is_whole_or_not_there),
		cmocka_unit_test(a_restore_has_happened_or_not),
		cmocka_unit_test(what_cannot_be_read_is_not_whole),
		cmocka_unit_test(one_at_a_time),
		cmocka_unit_test(a_restore_that_is_given_up_leaves_nothing),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
