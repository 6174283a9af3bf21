/* What store.h promises of tasks, problems, plans and of what a project's reports are made of. */
#include "tests/support/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/store_equal.h"

#define HOUR (3600 * 1000LL)

/* Two users; a plan (60), two groups (50, 51) and two active work sessions (1, 2) in the first one are
 * Anna's. */
static int set_up(void **state)
{
	store_world_set_up(state);
	struct store_world *world = *state;
	struct plan plan = store_fixture_plan(60);
	assert_int_equal(store_plan_write(world->store, world->anna, &plan), OK);
	for (unsigned i = 0; i < 2; i++) {
		struct group group = store_fixture_group(50 + i);
		struct session session = store_fixture_session_of(KIND_WORK, 1 + i);
		session.group = store_fixture_id(50);
		assert_int_equal(store_group_write(world->store, world->anna, &group), OK);
		assert_int_equal(store_session_write(world->store, world->anna, &session), OK);
	}
	return 0;
}

static void fill(char *room, size_t size, char with)
{
	memset(room, with, size - 1);
	room[size - 1] = '\0';
}

struct list {
	unsigned numbers[64];
	int count, stop_at;
};

static enum err add(struct list *list, const struct uuid *id)
{
	assert_in_range(list->count, 0, 63);
	list->numbers[list->count++] = id->bytes[15];
	return list->count == list->stop_at ? ERR_NOT_FOUND : OK;
}

static void assert_numbers(const struct list *list, const unsigned *numbers, int count)
{
	assert_int_equal(list->count, count);
	for (int i = 0; i < count; i++)
		assert_int_equal(list->numbers[i], numbers[i]);
}

/* --- running time --- */

static void track(struct store_world *world, unsigned number, int64_t start_ms, int64_t end_ms)
{
	struct uuid id = store_fixture_id(number);
	assert_int_equal(store_interval_open(world->store, world->anna, &id, start_ms), OK);
	if (end_ms)
		assert_int_equal(store_interval_close(world->store, world->anna, &id, start_ms, end_ms), OK);
}

static int64_t sum(struct store_world *world, unsigned number, int64_t from_ms, int64_t to_ms)
{
	struct uuid id = store_fixture_id(number);
	int64_t sum_ms = -1;
	assert_int_equal(store_interval_sum(world->store, world->anna, &id, from_ms, to_ms, &sum_ms), OK);
	return sum_ms;
}

static void test_interval_sum(void **state)
{
	struct store_world *world = *state;
	assert_int_equal(sum(world, 1, T0, T0 + 100), 0);
	track(world, 1, T0 + 10, T0 + 20);
	track(world, 2, T0 + 15, T0 + 25);
	track(world, 1, T0 + 30, T0 + 40);
	track(world, 1, T0 + 50, 0);
	assert_int_equal(sum(world, 1, T0, T0 + 100), 70);
	assert_int_equal(sum(world, 2, T0, T0 + 100), 10);
	assert_int_equal(sum(world, 1, T0 + 15, T0 + 35), 10);
	assert_int_equal(sum(world, 1, T0 + 20, T0 + 30), 0);
	assert_int_equal(sum(world, 1, T0 + 60, T0 + 61), 1);
	assert_int_equal(sum(world, 1, T0 + 15, T0 + 15), 0);
	assert_int_equal(sum(world, 1, T0 + 35, T0 + 15), 0);
	assert_int_equal(sum(world, 1, 0, INT64_MAX), INT64_MAX - T0 - 30);
	assert_int_equal(sum(world, 9, 0, INT64_MAX), 0);
}

/* What it reads of a session that has ended is its own time, however much there has been since. */
static void test_interval_sum_of_an_old_session(void **state)
{
	struct store_world *world = *state;
	struct uuid id = store_fixture_id(1);
	struct session session;
	track(world, 1, T0 + 10, T0 + 20);
	track(world, 1, T0 + 30, T0 + 24 * HOUR);
	assert_int_equal(store_session_load(world->store, world->anna, &id, &session), OK);
	session.status = STATUS_COMPLETED;
	session.ended_at_ms = T0 + 24 * HOUR;
	assert_int_equal(store_session_write(world->store, world->anna, &session), OK);
	for (int i = 0; i < 1000; i++)
		track(world, 2, T0 + 25 * HOUR + 10 * i, T0 + 25 * HOUR + 10 * i + 5);
	assert_int_equal(sum(world, 1, T0, INT64_MAX), 10 + 24 * HOUR - 30);
	assert_int_equal(sum(world, 1, T0 + 15, T0 + 40), 15);
	sqlite3_stmt *statement = world->store->statements[SLOT_INTERVAL_SUM];
	sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1);
	assert_int_equal(sum(world, 1, T0, INT64_MAX), 10 + 24 * HOUR - 30);
	assert_in_range(sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1), 10, 500);
}

/* --- tasks --- */

static void write_task(struct store_world *world, const struct task *task)
{
	assert_int_equal(store_task_write(world->store, world->anna, task), OK);
}

static void assert_task_kept(struct store_world *world, const struct task *task)
{
	struct task loaded;
	write_task(world, task);
	store_world_reopen(world);
	memset(&loaded, 0xa5, sizeof(loaded));
	assert_int_equal(store_task_load(world->store, world->anna, &task->id, T0 + HOUR, &loaded), OK);
	assert_tasks_equal(&loaded, task);
}

static void test_task_keeps_every_field(void **state)
{
	struct store_world *world = *state;
	struct uuid session = store_fixture_id(1);
	struct task task = store_fixture_task(7, &session), loaded = {.version = 77};
	assert_int_equal(store_task_load(world->store, world->anna, &task.id, T0, &loaded), ERR_NOT_FOUND);
	assert_int_equal(loaded.version, 77);
	assert_task_kept(world, &task);
	char challenges[LIMIT_BYTES(LIMIT_LONG_TEXT_CHARS)];
	fill(challenges, sizeof(challenges), 'c');
	fill(task.description, sizeof(task.description), 'd');
	task.challenges = challenges;
	task.deleted = true;
	assert_task_kept(world, &task);
	task.challenges = "";
	assert_task_kept(world, &task);
	task.challenges = NULL;
	task.rework = task.deleted = false;
	task.session = store_fixture_id(2);
	for (unsigned quality = 0; quality < QUALITY_COUNT; quality++) {
		task.quality = (enum quality)quality;
		assert_task_kept(world, &task);
	}
	assert_int_equal(store_task_load(world->store, world->ben, &task.id, T0, &loaded), ERR_NOT_FOUND);
}

static enum err list_task(void *context, const struct task *task)
{
	return add(context, &task->id);
}

static void test_tasks_are_listed(void **state)
{
	struct store_world *world = *state;
	struct uuid one = store_fixture_id(1), two = store_fixture_id(2);
	struct list list = {0};
	int64_t count = -1;
	for (unsigned i = 1; i <= 8; i++) {
		struct task task = store_fixture_task(i, i % 4 ? &one : &two);
		task.created_at_ms = T0 - i / 2;
		task.deleted = i == 5;
		write_task(world, &task);
	}
	assert_int_equal(store_task_each(world->store, world->anna, &one, T0, list_task, &list), OK);
	assert_numbers(&list, (unsigned[]){6, 7, 2, 3, 1}, 5);
	assert_int_equal(store_task_count(world->store, world->anna, &one, &count), OK);
	assert_int_equal(count, 5);
	assert_int_equal(store_task_count(world->store, world->anna, &two, &count), OK);
	assert_int_equal(count, 2);
	assert_int_equal(store_task_count(world->store, world->ben, &one, &count), OK);
	assert_int_equal(count, 0);
	list = (struct list){.stop_at = 2};
	assert_int_equal(
		store_task_each(world->store, world->anna, &one, T0, list_task, &list), ERR_NOT_FOUND);
	assert_int_equal(list.count, 2);
}

static int64_t time_of_task(struct store_world *world, const struct task *task, int64_t now_ms)
{
	struct task loaded;
	assert_int_equal(store_task_load(world->store, world->anna, &task->id, now_ms, &loaded), OK);
	return loaded.time_ms;
}

static enum err add_time(void *context, const struct task *task)
{
	*(int64_t *)context += task->time_ms;
	return OK;
}

/* A pending one's goes on with its session; a completed one's is that up to its completion, also when an
 * interval is told of only later. */
static void test_time_of_tasks(void **state)
{
	struct store_world *world = *state;
	struct uuid session = store_fixture_id(1);
	struct task pending = store_fixture_task(7, &session), completed = store_fixture_task(8, &session);
	pending.completed = false;
	pending.start_ms = T0 + 15;
	pending.time_ms = completed.time_ms = 99;
	completed.start_ms = T0 + 12;
	completed.completed_at_ms = T0 + 33;
	write_task(world, &pending);
	write_task(world, &completed);
	track(world, 1, T0 + 10, T0 + 20);
	track(world, 1, T0 + 30, 0);
	assert_int_equal(time_of_task(world, &pending, T0), 0);
	assert_int_equal(time_of_task(world, &pending, T0 + 17), 2);
	assert_int_equal(time_of_task(world, &pending, T0 + 25), 5);
	assert_int_equal(time_of_task(world, &pending, T0 + 40), 15);
	track(world, 1, T0 + 30, T0 + 45);
	assert_int_equal(time_of_task(world, &pending, T0 + 9999), 20);
	assert_int_equal(time_of_task(world, &completed, T0 + 9999), 8 + 3);
	int64_t time_ms = 0;
	assert_int_equal(
		store_task_each(world->store, world->anna, &session, T0 + 40, add_time, &time_ms), OK);
	assert_int_equal(time_ms, 15 + 8 + 3);
}

static void test_task_of_no_session_is_refused(void **state)
{
	struct store_world *world = *state;
	struct uuid session = store_fixture_id(1);
	struct task task = store_fixture_task(7, &session);
	assert_int_equal(store_task_write(world->store, world->ben, &task), ERR_INTERNAL);
}

/* --- problems --- */

static void assert_problem_kept(struct store_world *world, const struct problem *problem)
{
	struct problem loaded;
	assert_int_equal(store_problem_write(world->store, world->anna, problem), OK);
	store_world_reopen(world);
	memset(&loaded, 0xa5, sizeof(loaded));
	assert_int_equal(store_problem_load(world->store, world->anna, &problem->id, &loaded), OK);
	assert_problems_equal(&loaded, problem);
}

static void test_problem_keeps_every_field(void **state)
{
	struct store_world *world = *state;
	struct uuid group = store_fixture_id(50);
	struct problem problem = store_fixture_problem(7, &group), loaded = {.version = 77};
	assert_int_equal(store_problem_load(world->store, world->anna, &problem.id, &loaded), ERR_NOT_FOUND);
	assert_int_equal(loaded.version, 77);
	assert_problem_kept(world, &problem);
	fill(problem.description, sizeof(problem.description), 'd');
	fill(problem.solution, sizeof(problem.solution), 's');
	problem.cost_impact = LIMIT_IMPACT;
	problem.time_impact = PROBLEM_NO_IMPACT;
	problem.resolved = true;
	problem.resolved_at_ms = LIMIT_INSTANT_MS;
	assert_problem_kept(world, &problem);
	problem.solution[0] = '\0';
	problem.common = problem.resolved = false;
	problem.cost_impact = 0;
	for (unsigned severity = 0; severity < SEVERITY_COUNT; severity++) {
		problem.severity = (enum severity)severity;
		assert_problem_kept(world, &problem);
	}
	assert_int_equal(store_problem_load(world->store, world->ben, &problem.id, &loaded), ERR_NOT_FOUND);
	assert_int_equal(store_problem_write(world->store, world->ben, &problem), ERR_INTERNAL);
}

static enum err list_problem(void *context, const struct problem *problem)
{
	return add(context, &problem->id);
}

static void assert_problems(struct store_world *world, int64_t limit, int64_t offset, const unsigned *numbers,
	int count, int64_t total)
{
	struct uuid group = store_fixture_id(50);
	struct list list = {0};
	int64_t counted = -1;
	assert_int_equal(store_problem_list(world->store, world->anna, &group, limit, offset, &counted,
				 list_problem, &list),
		OK);
	assert_numbers(&list, numbers, count);
	assert_int_equal(counted, total);
}

static void test_problems_are_listed(void **state)
{
	struct store_world *world = *state;
	struct uuid groups[2] = {store_fixture_id(50), store_fixture_id(51)};
	struct list list = {.stop_at = 2};
	int64_t count = -1;
	assert_problems(world, 10, 0, NULL, 0, 0);
	for (unsigned i = 1; i <= 7; i++) {
		struct problem problem = store_fixture_problem(i, &groups[i == 4]);
		problem.discovery_ms = T0 - i / 2;
		problem.resolved = i > 5;
		assert_int_equal(store_problem_write(world->store, world->anna, &problem), OK);
	}
	assert_problems(world, 10, 0, (unsigned[]){1, 3, 2, 5, 7, 6}, 6, 6);
	assert_problems(world, 2, 0, (unsigned[]){1, 3}, 2, 6);
	assert_problems(world, 3, 2, (unsigned[]){2, 5, 7}, 3, 6);
	assert_problems(world, 9, 6, NULL, 0, 6);
	assert_int_equal(store_problem_count(world->store, world->anna, &groups[0], &count), OK);
	assert_int_equal(count, 4);
	assert_int_equal(store_problem_count(world->store, world->ben, &groups[0], &count), OK);
	assert_int_equal(count, 0);
	assert_int_equal(
		store_problem_list(world->store, world->anna, &groups[0], 9, 0, &count, list_problem, &list),
		ERR_NOT_FOUND);
	assert_int_equal(list.count, 2);
}

/* --- plans --- */

static void assert_plan_kept(struct store_world *world, const struct plan *plan)
{
	struct plan loaded;
	assert_int_equal(store_plan_write(world->store, world->anna, plan), OK);
	store_world_reopen(world);
	memset(&loaded, 0xa5, sizeof(loaded));
	assert_int_equal(store_plan_load(world->store, world->anna, &plan->id, &loaded), OK);
	assert_plans_equal(&loaded, plan);
}

static void test_plan_keeps_every_field(void **state)
{
	struct store_world *world = *state;
	struct plan plan = store_fixture_plan(7), loaded = {.version = 77};
	assert_int_equal(store_plan_load(world->store, world->anna, &plan.id, &loaded), ERR_NOT_FOUND);
	assert_int_equal(loaded.version, 77);
	assert_plan_kept(world, &plan);
	static char structure[LIMIT_STRUCTURE_BYTES + 1];
	fill(structure, sizeof(structure), '1');
	fill(plan.name, sizeof(plan.name), 'n');
	plan.structure = structure;
	plan.deleted = plan.has_sessions = true;
	assert_plan_kept(world, &plan);
	plan.structure = "{}";
	plan.deleted = false;
	assert_plan_kept(world, &plan);
	assert_int_equal(store_plan_load(world->store, world->ben, &plan.id, &loaded), ERR_NOT_FOUND);
}

struct plan_list {
	struct list list;
	bool with_structure;
};

static enum err list_plan(void *context, const struct plan *plan)
{
	struct plan_list *plans = context;
	assert_texts_equal(plan->structure, plans->with_structure ? "{\"days\":[]}" : NULL);
	assert_string_equal(plan->name, store_fixture_plan(plan->id.bytes[15]).name);
	return add(&plans->list, &plan->id);
}

static void assert_plans(
	struct store_world *world, int64_t limit, int64_t offset, const unsigned *numbers, int count)
{
	for (int i = 0; i < 2; i++) {
		struct plan_list plans = {.with_structure = i};
		assert_int_equal(
			store_plan_list(world->store, world->anna, i, limit, offset, list_plan, &plans), OK);
		assert_numbers(&plans.list, numbers, count);
	}
}

static void test_plans_are_listed(void **state)
{
	struct store_world *world = *state;
	int64_t count = -1;
	for (unsigned i = 1; i <= 6; i++) {
		struct plan plan = store_fixture_plan(i);
		plan.created_at_ms = T0 - i / 2;
		plan.deleted = i == 4;
		assert_int_equal(
			store_plan_write(world->store, i == 6 ? world->ben : world->anna, &plan), OK);
	}
	assert_plans(world, INT64_MAX, 0, (unsigned[]){5, 2, 3, 1, 60}, 5);
	assert_plans(world, 2, 0, (unsigned[]){5, 2}, 2);
	assert_plans(world, 2, 3, (unsigned[]){1, 60}, 2);
	assert_plans(world, 2, 5, NULL, 0);
	assert_int_equal(store_plan_count(world->store, world->anna, &count), OK);
	assert_int_equal(count, 5);
	assert_int_equal(store_plan_count(world->store, world->ben, &count), OK);
	assert_int_equal(count, 1);
	struct plan_list plans = {.list.stop_at = 1};
	assert_int_equal(
		store_plan_list(world->store, world->anna, false, 9, 0, list_plan, &plans), ERR_NOT_FOUND);
}

/* --- the reports of a project --- */

static struct store_project load_project(struct store_world *world, unsigned group, int64_t now_ms)
{
	struct store_project project;
	struct uuid id = store_fixture_id(group);
	assert_int_equal(store_project_load(world->store, world->anna, &id, now_ms, &project), OK);
	return project;
}

static void test_empty_project(void **state)
{
	struct store_world *world = *state;
	struct store_project project = load_project(world, 51, T0);
	assert_int_equal(project.session_count + project.task_count + project.interval_count, 0);
	static const struct project_counts none;
	assert_memory_equal(&project.counts, &none, sizeof(none));
	store_project_finish(&project);
}

/* Three sessions of the project: 1 runs, 2 has ended, 3 is deleted; and others that are not of it. */
static void write_project(struct store_world *world)
{
	for (unsigned i = 1; i <= 5; i++) {
		struct session session = store_fixture_session_of(i == 5 ? KIND_TRAINING : KIND_WORK, i);
		session.started_at_ms = T0 + (i == 1 ? 5000 : 1000 * i);
		session.group = i == 4 ? store_fixture_id(51) : store_fixture_id(50);
		session.status = i == 1 ? STATUS_ACTIVE : STATUS_COMPLETED;
		session.ended_at_ms = i == 1 ? 0 : session.started_at_ms + 900;
		session.state = i == 1 ? STATE_RUNNING : STATE_PAUSED;
		session.running_since_ms = i == 1 ? T0 + 5500 : 0;
		session.deleted = i == 3;
		assert_int_equal(store_session_write(world->store, world->anna, &session), OK);
	}
	track(world, 1, T0 + 5100, T0 + 5200);
	track(world, 1, T0 + 5300, T0 + 5400);
	track(world, 1, T0 + 5500, 0);
	track(world, 2, T0 + 2000, T0 + 2100);
	track(world, 2, T0 + 2200, T0 + 2900);
	track(world, 3, T0 + 3000, T0 + 3900);
	track(world, 4, T0 + 4000, T0 + 4100);
	track(world, 5, T0 + 5000, T0 + 5400);
}

static void test_time_of_a_project(void **state)
{
	struct store_world *world = *state;
	write_project(world);
	struct store_project project = load_project(world, 50, T0 + 6000);
	static const int64_t wanted[3][3] = {{1, 5000, 700}, {3, 3000, 900}, {2, 2000, 800}};
	assert_int_equal(project.session_count, 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(project.sessions[i].id.bytes[15], wanted[i][0]);
		assert_int_equal(project.sessions[i].started_at_ms, T0 + wanted[i][1]);
		assert_int_equal(project.sessions[i].time_ms, wanted[i][2]);
	}
	static const int64_t intervals[6][3] = {{0, 5100, 5200}, {0, 5300, 5400}, {0, 5500, 6000},
		{1, 3000, 3900}, {2, 2000, 2100}, {2, 2200, 2900}};
	assert_int_equal(project.interval_count, 6);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(project.intervals[i].session, intervals[i][0]);
		assert_int_equal(project.intervals[i].start_ms, T0 + intervals[i][1]);
		assert_int_equal(project.intervals[i].end_ms, T0 + intervals[i][2]);
	}
	store_project_finish(&project);
	/* By a clock that was set back. */
	project = load_project(world, 50, T0 + 5450);
	assert_int_equal(project.interval_count, 5);
	assert_int_equal(project.sessions[0].time_ms, 200);
	store_project_finish(&project);
}

/* Open intervals come with their own session also where others have none, before and after it. */
static void test_open_time_of_a_project(void **state)
{
	struct store_world *world = *state;
	for (unsigned i = 10; i < 20; i++) {
		struct session session = store_fixture_session_of(KIND_WORK, i);
		session.group = store_fixture_id(51);
		session.started_at_ms = T0 + i;
		session.state = i % 3 ? STATE_RUNNING : STATE_PAUSED;
		session.running_since_ms = i % 3 ? T0 + 100 + i : 0;
		assert_int_equal(store_session_write(world->store, world->anna, &session), OK);
		if (i % 2)
			track(world, i, T0 + i, T0 + 2 * i);
		if (i % 3)
			track(world, i, T0 + 100 + i, 0);
	}
	struct store_project project = load_project(world, 51, T0 + 200);
	size_t at = 0;
	for (unsigned i = 0; i < 10; i++) {
		unsigned number = 19 - i;
		int64_t time_ms = 0;
		assert_int_equal(project.sessions[i].id.bytes[15], number);
		for (; at < project.interval_count && project.intervals[at].session == i; at++)
			time_ms += project.intervals[at].end_ms - project.intervals[at].start_ms;
		assert_int_equal(time_ms, (number % 2 ? number : 0) + (number % 3 ? 100 - number : 0));
		assert_int_equal(project.sessions[i].time_ms, time_ms);
	}
	assert_int_equal(at, project.interval_count);
	store_project_finish(&project);
}

static void write_tasks_of_project(struct store_world *world)
{
	for (unsigned i = 1; i <= 10; i++) {
		struct uuid session = store_fixture_id(1 + i % 4);
		struct task task = store_fixture_task(i, &session);
		task.completed = i % 3 != 0;
		task.completed_at_ms = task.completed ? T0 + 5000 + i : 0;
		task.quality = i % 4;
		task.rework = i % 2;
		task.deleted = i == 7;
		task.created_at_ms = T0 - i;
		write_task(world, &task);
	}
}

/* Session 4 is another project's. Of sessions 1, 3 and 2: tasks 4 and 8; 10, 6 and 2; 9, 5 and 1. */
static void test_tasks_of_a_project(void **state)
{
	struct store_world *world = *state;
	write_project(world);
	write_tasks_of_project(world);
	struct store_project project = load_project(world, 50, T0 + 6000);
	static const unsigned wanted[8][2] = {
		{0, 8}, {0, 4}, {1, 10}, {1, 6}, {1, 2}, {2, 9}, {2, 5}, {2, 1}};
	assert_int_equal(project.task_count, 8);
	for (int i = 0; i < 8; i++) {
		const struct project_task *task = &project.tasks[i];
		unsigned number = wanted[i][1];
		char description[32];
		snprintf(description, sizeof(description), "Task %u", number);
		assert_int_equal(task->session, wanted[i][0]);
		assert_int_equal(task->id.bytes[15], number);
		assert_int_equal(task->start_ms, T0 + 20 + number);
		assert_int_equal(task->end_ms, number % 3 ? T0 + 5000 + number : T0 + 6000);
		assert_string_equal(task->description, description);
	}
	const struct project_counts *counts = &project.counts;
	assert_int_equal(counts->tasks, 8);
	/* 1, 2, 4, 5, 8, 10. */
	assert_int_equal(counts->tasks_completed, 6);
	assert_int_equal(counts->tasks_rework, 2);
	for (int i = 0; i < QUALITY_COUNT; i++)
		assert_int_equal(counts->by_quality[i], ((int[]){2, 2, 2, 0})[i]);
	store_project_finish(&project);
}

static void test_problems_of_a_project(void **state)
{
	struct store_world *world = *state;
	struct uuid groups[2] = {store_fixture_id(50), store_fixture_id(51)};
	for (unsigned i = 1; i <= 6; i++) {
		struct problem problem = store_fixture_problem(i, &groups[i == 6]);
		problem.severity = (enum severity)(i % 3);
		problem.resolved = i == 2 || i == 3;
		problem.cost_impact = i == 4 ? PROBLEM_NO_IMPACT : 100 * (int64_t)i;
		problem.time_impact = i == 5 ? LIMIT_IMPACT : PROBLEM_NO_IMPACT;
		assert_int_equal(store_problem_write(world->store, world->anna, &problem), OK);
	}
	struct store_project project = load_project(world, 50, T0);
	assert_int_equal(project.counts.problems_open, 3);
	assert_int_equal(project.counts.problems_resolved, 2);
	for (int i = 0; i < SEVERITY_COUNT; i++)
		assert_int_equal(project.counts.by_severity[i], ((int[]){1, 2, 2, 0})[i]);
	assert_int_equal(project.counts.cost_hundredths, 1100);
	assert_int_equal(project.counts.time_hundredths, LIMIT_IMPACT);
	store_project_finish(&project);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, store_world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_interval_sum),
		TEST(test_interval_sum_of_an_old_session),
		TEST(test_task_keeps_every_field),
		TEST(test_tasks_are_listed),
		TEST(test_time_of_tasks),
		TEST(test_task_of_no_session_is_refused),
		TEST(test_problem_keeps_every_field),
		TEST(test_problems_are_listed),
		TEST(test_plan_keeps_every_field),
		TEST(test_plans_are_listed),
		TEST(test_empty_project),
		TEST(test_time_of_a_project),
		TEST(test_open_time_of_a_project),
		TEST(test_tasks_of_a_project),
		TEST(test_problems_of_a_project),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
