/* Tasks of work sessions; the words in quotes are domain.md's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "protocol/task.h"
#include "tests/support/moving.h"

struct applied {
	enum err err;
	bool changed;
	struct task task;
	struct refusal why;
};

static struct command adding_task(const char *description)
{
	struct command add = {.type = COMMAND_ADD_TASK};
	put_text(&add, FIELD_TASK_DESCRIPTION, description);
	return add;
}

static enum err add_task(const struct session *session, const struct command *add, int64_t at_ms,
	struct task *ret, struct refusal *ret_why)
{
	struct uuid id = id_of(9);
	return task_add(add, &id, session, at_ms, ret, ret_why);
}

static struct task task_of(const struct session *session, int64_t at_ms)
{
	struct command add = adding_task("Sand the door");
	struct task task;
	struct refusal why;
	assert_int_equal(add_task(session, &add, at_ms, &task, &why), OK);
	return task;
}

static void expect_no_task(
	const struct session *session, const struct command *add, enum err code, const char *field)
{
	struct task task;
	struct refusal why = {0};
	assert_int_equal(add_task(session, add, T0 + HOUR, &task, &why), code);
	assert_int_equal(why.code, code);
	assert_string_equal(why.field, field);
}

static struct applied apply(const struct task *task, const struct session *session,
	const struct command *command, int64_t at_ms, int64_t time_ms)
{
	struct task before = *task;
	struct applied applied = {.task = *task};
	applied.err = task_apply(
		task, session, command, at_ms, time_ms, &applied.task, &applied.changed, &applied.why);
	assert_memory_equal(&before, task, sizeof(before));
	assert_int_equal(applied.why.code, applied.err);
	if (!applied.err)
		assert_int_equal(applied.task.version, task->version + applied.changed);
	return applied;
}

static struct task changed(const struct task *task, const struct session *session,
	const struct command *command, int64_t at_ms, int64_t time_ms)
{
	struct applied applied = apply(task, session, command, at_ms, time_ms);
	if (applied.err || !applied.changed)
		fail_msg("%s: %s", command_rows[command->type].name, applied.why.message);
	return applied.task;
}

static void expect_unchanged(
	const struct task *task, const struct session *session, const struct command *command)
{
	struct applied applied = apply(task, session, command, T0 + 3 * HOUR, 99);
	assert_int_equal(applied.err, OK);
	assert_false(applied.changed);
}

static void expect_task_refused(
	const struct task *task, const struct session *session, const struct command *command)
{
	struct applied applied = apply(task, session, command, T0 + 3 * HOUR, 99);
	assert_int_equal(applied.err, ERR_INVALID_STATE);
	assert_string_equal(applied.why.field, "");
}

static struct command completing(int64_t quality)
{
	struct command complete = {.type = COMMAND_COMPLETE_TASK};
	put_number(&complete, FIELD_QUALITY_RESULT, quality);
	return complete;
}

static void a_task_begins_when_it_is_added(void **state)
{
	(void)state;
	struct session session = added(KIND_WORK, T0);
	struct task task = task_of(&session, T0 + HOUR);
	struct uuid own = id_of(9);
	assert_true(uuid_equal(&task.id, &own));
	assert_true(uuid_equal(&task.session, &session.id));
	assert_int_equal(task.version, 1);
	assert_int_equal(task.start_ms, T0 + HOUR);
	assert_int_equal(task.created_at_ms, T0 + HOUR);
	assert_int_equal(task.time_ms, 0);
	assert_false(task.completed || task.deleted || task.rework);
	assert_null(task.challenges);
	assert_string_equal(task.description, "Sand the door");
	assert_string_equal(task_status_name(&task), "Pending");
}

/* "startMs (default: when added; within the session)" */
static void a_task_begins_within_its_session(void **state)
{
	(void)state;
	static const int64_t good[] = {T0, T0 + 1, T0 + HOUR};
	static const int64_t bad[] = {T0 - 1, T0 + HOUR + 1, 0};
	struct session session = added(KIND_WORK, T0);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct command add = adding_task("x");
		struct task task;
		struct refusal why;
		put_number(&add, FIELD_START_MS, good[i]);
		assert_int_equal(add_task(&session, &add, T0 + HOUR, &task, &why), OK);
		assert_int_equal(task.start_ms, good[i]);
		assert_int_equal(task.created_at_ms, T0 + HOUR);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct command add = adding_task("x");
		put_number(&add, FIELD_START_MS, bad[i]);
		expect_no_task(&session, &add, ERR_BAD_REQUEST, "startMs");
	}
	/* Backdated work has room before it was added. */
	struct command add_work = adding(KIND_WORK);
	put_number(&add_work, FIELD_START_MS, T0 - HOUR);
	struct session earlier = added_by(&add_work, T0);
	struct command add = adding_task("x");
	struct task task;
	struct refusal why;
	put_number(&add, FIELD_START_MS, T0 - HOUR);
	assert_int_equal(add_task(&earlier, &add, T0 + 1, &task, &why), OK);
}

/* "Added only to an active work session." */
static void only_active_work_takes_tasks(void **state)
{
	(void)state;
	struct command add = adding_task("x");
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		struct session session = added((enum session_kind)kind, T0);
		struct task task;
		struct refusal why;
		if (kind != KIND_WORK) {
			expect_no_task(&session, &add, ERR_INVALID_STATE, "");
			continue;
		}
		struct session paused = after(&session, COMMAND_PAUSE, T0 + MINUTE);
		assert_int_equal(add_task(&paused, &add, T0 + HOUR, &task, &why), OK);
		struct session done = after(&session, COMMAND_COMPLETE, T0 + MINUTE);
		expect_no_task(&done, &add, ERR_INVALID_STATE, "");
	}
}

static void tasks_are_edited(void **state)
{
	(void)state;
	struct session session = added(KIND_WORK, T0);
	struct task task = task_of(&session, T0);
	struct command edit = {.type = COMMAND_EDIT_TASK};
	expect_unchanged(&task, &session, &edit);
	put_text(&edit, FIELD_CHALLENGES_ENCOUNTERED, "rust");
	struct task edited = changed(&task, &session, &edit, T0 + MINUTE, MINUTE);
	assert_string_equal(edited.challenges, "rust");
	assert_string_equal(edited.description, "Sand the door");
	assert_false(edited.completed);
	put_text(&edit, FIELD_TASK_DESCRIPTION, "Paint it");
	put_text(&edit, FIELD_CHALLENGES_ENCOUNTERED, "");
	edited = changed(&edited, &session, &edit, T0 + MINUTE, MINUTE);
	assert_string_equal(edited.description, "Paint it");
	assert_null(edited.challenges);
	expect_unchanged(&edited, &session, &edit);
}

/* "The session's running time between the task's start and completion." */
static void a_completed_task_has_a_time(void **state)
{
	(void)state;
	struct session session = added(KIND_WORK, T0);
	struct task task = task_of(&session, T0 + MINUTE);
	struct command complete = completing(QUALITY_GOOD);
	put_text(&complete, FIELD_CHALLENGES_ENCOUNTERED, "rust");
	struct task done = changed(&task, &session, &complete, T0 + HOUR, 42 * MINUTE);
	assert_true(done.completed);
	assert_int_equal(done.completed_at_ms, T0 + HOUR);
	assert_int_equal(done.time_ms, 42 * MINUTE);
	assert_int_equal(done.quality, QUALITY_GOOD);
	assert_string_equal(done.challenges, "rust");
	assert_false(done.rework);
	assert_string_equal(task_status_name(&done), "Completed");
	expect_unchanged(&done, &session, &complete);
	struct command bare = completing(QUALITY_GOOD);
	expect_unchanged(&done, &session, &bare);
}

/* A completion made offline that comes from before the task's start takes no time. */
static void a_task_never_ends_before_it_begins(void **state)
{
	(void)state;
	struct session session = added(KIND_WORK, T0);
	struct task task = task_of(&session, T0 + HOUR);
	struct command complete = completing(QUALITY_GOOD);
	struct task done = changed(&task, &session, &complete, T0 + MINUTE, 0);
	assert_int_equal(done.completed_at_ms, T0 + HOUR);
	assert_int_equal(done.time_ms, 0);
}

/* "NeedsRework implies reworkNeeded." */
static void rework_follows_from_the_quality(void **state)
{
	(void)state;
	struct session session = added(KIND_WORK, T0);
	struct task task = task_of(&session, T0);
	for (int quality = 0; quality < QUALITY_COUNT; quality++) {
		struct command complete = completing(quality);
		bool bad = quality == QUALITY_NEEDS_REWORK;
		assert_int_equal(changed(&task, &session, &complete, T0 + 1, 1).rework, bad);
		put_flag(&complete, FIELD_REWORK_NEEDED, true);
		assert_true(changed(&task, &session, &complete, T0 + 1, 1).rework);
		put_flag(&complete, FIELD_REWORK_NEEDED, false);
		assert_int_equal(changed(&task, &session, &complete, T0 + 1, 1).rework, bad);
	}
}

static void a_task_is_completed_once(void **state)
{
	(void)state;
	struct session session = added(KIND_WORK, T0);
	struct task task = task_of(&session, T0);
	struct command complete = completing(QUALITY_GOOD);
	struct task done = changed(&task, &session, &complete, T0 + MINUTE, MINUTE);
	struct command better = completing(QUALITY_EXCELLENT);
	expect_task_refused(&done, &session, &better);
	put_text(&complete, FIELD_CHALLENGES_ENCOUNTERED, "new");
	expect_task_refused(&done, &session, &complete);
	struct command rework = completing(QUALITY_GOOD);
	put_flag(&rework, FIELD_REWORK_NEEDED, true);
	expect_task_refused(&done, &session, &rework);
}

/* "Once completed: no task added or edited; open ones may be completed or deleted." */
static void ended_work_lets_tasks_end(void **state)
{
	(void)state;
	struct session session = added(KIND_WORK, T0);
	struct task task = task_of(&session, T0);
	struct session done = after(&session, COMMAND_COMPLETE, T0 + HOUR);
	struct command edit = {.type = COMMAND_EDIT_TASK};
	put_text(&edit, FIELD_TASK_DESCRIPTION, "other");
	expect_task_refused(&task, &done, &edit);
	put_text(&edit, FIELD_TASK_DESCRIPTION, "Sand the door");
	expect_unchanged(&task, &done, &edit);
	struct command complete = completing(QUALITY_ACCEPTABLE);
	struct task completed = changed(&task, &done, &complete, T0 + 2 * HOUR, HOUR);
	assert_int_equal(completed.time_ms, HOUR);
	struct command delete = {.type = COMMAND_DELETE_TASK};
	assert_true(changed(&task, &done, &delete, T0 + 2 * HOUR, HOUR).deleted);
	assert_true(changed(&completed, &done, &delete, T0 + 2 * HOUR, HOUR).deleted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_task_begins_when_it_is_added),
		cmocka_unit_test(a_task_begins_within_its_session),
		cmocka_unit_test(only_active_work_takes_tasks),
		cmocka_unit_test(tasks_are_edited),
		cmocka_unit_test(a_completed_task_has_a_time),
		cmocka_unit_test(a_task_never_ends_before_it_begins),
		cmocka_unit_test(rework_follows_from_the_quality),
		cmocka_unit_test(a_task_is_completed_once),
		cmocka_unit_test(ended_work_lets_tasks_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
