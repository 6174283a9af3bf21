#include "tests/support/store_fixture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const endings[] = {"", "-wal", "-shm", "-journal", ".lock"};

void store_fixture_init_in(struct store_fixture *fixture, const char *where)
{
	*fixture = (struct store_fixture){0};
	snprintf(fixture->folder, sizeof(fixture->folder), "%s/lockstep-store-XXXXXX", where);
	if (!mkdtemp(fixture->folder)) {
		perror(fixture->folder);
		exit(1);
	}
	snprintf(fixture->path, sizeof(fixture->path), "%s/db", fixture->folder);
}

/* In memory, where there is such a place: no test of the store asks whether a sync has reached a disk. */
const char *store_fixture_where(void)
{
	static const char memory[] = "/dev/shm";
	const char *where = getenv("TMPDIR");
	if (where)
		return where;
	return access(memory, W_OK) == 0 ? memory : "/tmp";
}

void store_fixture_init(struct store_fixture *fixture)
{
	store_fixture_init_in(fixture, store_fixture_where());
	store_fixture_open(fixture);
}

void store_fixture_open(struct store_fixture *fixture)
{
	char why[256];
	if (store_open(fixture->path, &fixture->store, why)) {
		fprintf(stderr, "%s: %s\n", fixture->path, why);
		exit(1);
	}
}

void store_fixture_close(struct store_fixture *fixture)
{
	store_close(fixture->store);
	fixture->store = NULL;
}

void store_fixture_reopen(struct store_fixture *fixture)
{
	store_fixture_close(fixture);
	store_fixture_open(fixture);
}

void store_fixture_finish(struct store_fixture *fixture)
{
	store_fixture_close(fixture);
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		char path[192];
		snprintf(path, sizeof(path), "%s%s", fixture->path, endings[i]);
		unlink(path);
	}
	rmdir(fixture->folder);
}

struct uuid store_fixture_id(unsigned number)
{
	struct uuid id = {{0x01, 0x8b}};
	for (int i = 0; i < 4; i++)
		id.bytes[15 - i] = (uint8_t)(number >> (8 * i));
	return id;
}

struct user store_fixture_user(const char *user_id)
{
	struct user user = {.version = 1, .created_at_ms = T0, .clock_ms = T0, .rule_count = 1};
	user.rules[0] = (struct day_rule){.from_ms = DAY_RULE_FOREVER, .zone = "UTC"};
	snprintf(user.user_id, sizeof(user.user_id), "%s", user_id);
	snprintf(user.name, sizeof(user.name), "Name of %s", user_id);
	snprintf(user.email, sizeof(user.email), "%.100s@example.org", user_id);
	return user;
}

struct session store_fixture_session(unsigned number)
{
	struct session session = {
		.id = store_fixture_id(number),
		.version = 1 + number,
		.kind = KIND_TIMER,
		.daily_goal_minutes = 30 + (int32_t)number,
		.initial_ms = 1500000 + number,
		.elapsed_ms = 2000 + number,
		.running_since_ms = 0,
		.clock_ms = T0 + 11 + number,
		.started_at_ms = T0 + 12 + number,
		.ended_at_ms = 0,
		.created_at_ms = T0 + 13 + number,
		.updated_at_ms = T0 + 14 + number,
		.pauses = 2,
		.tracked_day_ms = T0 - 1000,
		.tracked_ms = 3000 + number,
	};
	snprintf(session.title, sizeof(session.title), "Über Nr. %u \xf0\x9f\x8d\x85", number);
	return session;
}

struct group store_fixture_group(unsigned number)
{
	struct group group = {.id = store_fixture_id(number),
		.version = 1,
		.created_at_ms = T0 + number,
		.updated_at_ms = T0};
	snprintf(group.name, sizeof(group.name), "Group %u", number);
	snprintf(group.description, sizeof(group.description), "What group %u is about", number);
	return group;
}

struct session store_fixture_session_of(enum session_kind kind, unsigned number)
{
	struct session session = store_fixture_session(number);
	session.kind = kind;
	session.pauses = 0;
	if (kind == KIND_FOCUS) {
		session.focus = (struct focus){.type = SESSION_LONG,
			.task = store_fixture_id(70),
			.distractions = 3,
			.quality_rating = 4,
			.score = 88,
			.reviewed = true,
			.task_progress = "Half of it",
			.abandon_reason = "The telephone",
			.progress_made = "A little"};
	}
	if (kind == KIND_WORK) {
		session.work = (struct work){.helper_present = true,
			.planned_tasks = "[\"wall\"]",
			.tools_needed = "[\"drill\",\"saw\"]",
			.parts_to_install = "[]",
			.notes = "Key at the neighbour's"};
	}
	if (kind == KIND_TRAINING) {
		session.training = (struct training){
			.plan = store_fixture_id(60), .date = 19675, .structure = "{\"sets\":3}"};
	}
	return session;
}

struct task store_fixture_task(unsigned number, const struct uuid *session)
{
	struct task task = {.id = store_fixture_id(number),
		.session = *session,
		.version = 1 + number,
		.completed = true,
		.quality = QUALITY_ACCEPTABLE,
		.rework = true,
		.start_ms = T0 + 20 + number,
		.completed_at_ms = T0 + 90000 + number,
		.created_at_ms = T0 + 21 + number,
		.challenges = "Hard wall"};
	snprintf(task.description, sizeof(task.description), "Task %u", number);
	return task;
}

struct problem store_fixture_problem(unsigned number, const struct uuid *group)
{
	struct problem problem = {.id = store_fixture_id(number),
		.group = *group,
		.version = 1 + number,
		.severity = SEVERITY_MAJOR,
		.common = true,
		.cost_impact = 1000 + number,
		.time_impact = 250 + number,
		.discovery_ms = T0 + 30 + number,
		.created_at_ms = T0 + 31 + number};
	snprintf(problem.description, sizeof(problem.description), "Problem %u is a problem", number);
	snprintf(problem.solution, sizeof(problem.solution), "Solution %u", number);
	return problem;
}

struct plan store_fixture_plan(unsigned number)
{
	struct plan plan = {.id = store_fixture_id(number),
		.version = 1,
		.created_at_ms = T0 + 40 + number,
		.updated_at_ms = T0 + 41 + number,
		.structure = "{\"days\":[]}"};
	snprintf(plan.name, sizeof(plan.name), "Plan %u", number);
	return plan;
}

void store_fixture_checkpoint(struct store *store)
{
	do {
		/* Between its steps something is committed, as ever. */
		if (statement_execute(store, "UPDATE meta SET value = value"))
			return;
		store->wal_pages = store->checkpoint.mark + 5000;
	} while (!store_checkpoint(store, false) && store->checkpoint.next != CHECKPOINT_WAIT);
}

enum err store_fixture_event(struct store *store, int64_t uid, int64_t seq, uint32_t tag, int64_t now_ms,
	const char *body, size_t len)
{
	struct audit_row row = {.seq = seq,
		.at_ms = T0 + seq,
		.action = "start",
		.entity = ENTITY_SESSION,
		.id = store_fixture_id((unsigned)seq),
		.origin = "{\"via\":\"ws\"}"};
	return store_event_add(store, uid, &row, tag, now_ms, body, len);
}

static void must(const struct store *store, enum err err)
{
	if (!err)
		return;
	fprintf(stderr, "%s\n", store_message(store));
	exit(1);
}

static int64_t add_user(struct store *store, const char *name)
{
	struct user user = store_fixture_user(name);
	must(store, store_user_add(store, STORE_ISSUER, name, &user));
	return user.uid;
}

int store_world_set_up(void **state)
{
	static struct store_world world;
	store_fixture_init(&world.fixture);
	world.store = world.fixture.store;
	must(world.store, store_begin(world.store));
	world.anna = add_user(world.store, "anna");
	world.ben = add_user(world.store, "ben");
	*state = &world;
	return 0;
}

int store_world_tear_down(void **state)
{
	struct store_world *world = *state;
	store_rollback(world->store);
	store_fixture_finish(&world->fixture);
	return 0;
}

void store_world_commit(struct store_world *world)
{
	must(world->store, store_commit(world->store));
	must(world->store, store_begin(world->store));
}

void store_world_reopen(struct store_world *world)
{
	must(world->store, store_commit(world->store));
	store_fixture_reopen(&world->fixture);
	world->store = world->fixture.store;
	must(world->store, store_begin(world->store));
}

static enum err dump_rows(struct store *store, const char *table, struct text *ret)
{
	char sql[512];
	snprintf(sql, sizeof(sql), "SELECT * FROM \"%s\" ORDER BY 1, 2, 3", table);
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		text_append_format(ret, "%s", table);
		for (int i = 0; i < sqlite3_column_count(stmt); i++) {
			const unsigned char *bytes = sqlite3_column_blob(stmt, i);
			text_append_string(ret, "|");
			for (int at = 0; at < sqlite3_column_bytes(stmt, i); at++)
				text_append_format(
					ret, bytes[at] < 0x20 || bytes[at] > 0x7e ? "%02x" : "%c", bytes[at]);
		}
		text_append_string(ret, "\n");
		rc = SQLITE_OK;
	}
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? OK : statement_error(store, rc, sql);
}

enum err store_fixture_dump(struct store *store, struct text *ret)
{
	sqlite3_stmt *stmt = NULL;
	enum err err = OK;
	int rc = sqlite3_prepare_v2(store->db,
		"SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'meta' ORDER BY name", -1,
		&stmt, NULL);
	while (!err && rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		err = dump_rows(store, (const char *)sqlite3_column_text(stmt, 0), ret);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(stmt);
	if (!err && rc != SQLITE_DONE)
		err = statement_error(store, rc, "dump");
	return err;
}

enum err store_fixture_dump_user(struct store *store, int64_t uid, struct text *ret)
{
	TEXT_AUTO all = {0};
	char column[32];
	enum err err = store_fixture_dump(store, &all);
	snprintf(column, sizeof(column), "|%" PRId64 "|", uid);
	for (char *line = all.data, *stop; !err && (stop = strchr(line, '\n')); line = stop + 1) {
		*stop = '\0';
		const char *first = strchr(line, '|');
		if (first && strncmp(first, column, strlen(column)) == 0)
			text_append_format(ret, "%s\n", line);
	}
	return err;
}

/* Runs `call` unless something has failed already. */
#define THEN(call) err = err ? err : (call)

static enum err add_event(struct store *store, int64_t uid, int64_t seq)
{
	char body[900];
	memset(body, 'a' + (int)(seq % 26), sizeof(body));
	return store_fixture_event(store, uid, seq, (uint32_t)seq * 7919, T0 + seq, body, sizeof(body));
}

static enum err begin_history(struct store *store)
{
	struct user anna = store_fixture_user("anna"), ben = store_fixture_user("ben");
	struct group group = store_fixture_group(50);
	struct session first = store_fixture_session(1), second = store_fixture_session(2);
	second.group = group.id;
	enum err err = store_user_add(store, STORE_ISSUER, "anna", &anna);
	THEN(store_user_add(store, STORE_ISSUER, "ben", &ben));
	THEN(store_group_write(store, anna.uid, &group));
	THEN(store_session_write(store, anna.uid, &first));
	THEN(store_session_write(store, anna.uid, &second));
	THEN(store_session_write(store, ben.uid, &first));
	THEN(store_goal_set(store, anna.uid, &first.id, T0, 30));
	THEN(add_event(store, anna.uid, 1));
	THEN(add_event(store, ben.uid, 1));
	return err;
}

static enum err start_first(struct store *store)
{
	struct session first = store_fixture_session(1);
	struct due due = {.uid = 1, .at_ms = T0 + 90000, .rank = DUE_TARGET, .session = first.id};
	struct text asked = {0}, result = {0};
	text_append_string(&asked, "{\"type\":\"start\"}");
	text_append_string(&result, "\"seq\":2");
	first.state = STATE_RUNNING;
	first.running_since_ms = T0 + 100;
	enum err err = store_session_write(store, 1, &first);
	THEN(store_interval_open(store, 1, &first.id, T0 + 100));
	THEN(store_due_add(store, &due));
	THEN(add_event(store, 1, 2));
	THEN(store_key_add(store, 1, "tab1:1", T0 + 100, &asked, &result));
	text_finish(&asked);
	text_finish(&result);
	return err;
}

static enum err pause_first(struct store *store)
{
	struct session first = store_fixture_session(1);
	struct due due = {.uid = 1, .at_ms = T0 + 90000, .rank = DUE_TARGET, .session = first.id};
	struct user user;
	enum err err = store_user_load(store, 1, T0, &user);
	THEN(store_session_write(store, 1, &first));
	THEN(store_interval_close(store, 1, &first.id, T0 + 100, T0 + 5000));
	THEN(store_due_remove(store, &due));
	THEN(add_event(store, 1, 3));
	if (err)
		return err;
	user.version++;
	return store_user_write(store, &user);
}

static enum err change_rule(struct store *store)
{
	struct day_rule rules[2] = {{.from_ms = T0 + 6000, .from_day = 19676, .zone = "Europe/Berlin"},
		{.from_ms = T0 + 99000, .from_day = 19677, .reset_minutes = 240, .zone = "Europe/Berlin"}};
	struct due due = {.uid = 1, .at_ms = T0 + 99000, .rank = DUE_DAILY_RESET};
	enum err err = store_rules_replace(store, 1, T0 + 6000, rules, 2);
	THEN(store_due_add(store, &due));
	THEN(add_event(store, 1, 4));
	return err;
}

/* Many rows, so that the pages of a table split. */
static enum err add_many(struct store *store)
{
	enum err err = OK;
	for (unsigned i = 100; i < 116; i++) {
		struct session session = store_fixture_session(i);
		memset(session.title, 'x', sizeof(session.title) - 1);
		THEN(store_session_write(store, 1 + i % 2, &session));
		THEN(store_goal_set(store, 1 + i % 2, &session.id, T0, 5));
		THEN(add_event(store, 2, i - 98));
	}
	return err;
}

static enum err add_kinds(struct store *store)
{
	struct plan plan = store_fixture_plan(60);
	enum err err = store_plan_write(store, 1, &plan);
	for (unsigned i = 0; i < KIND_COUNT; i++) {
		struct session session = store_fixture_session_of((enum session_kind)i, 200 + i);
		if (i == KIND_WORK)
			session.group = store_fixture_id(50);
		THEN(store_session_write(store, 1, &session));
	}
	struct uuid work = store_fixture_id(200 + KIND_WORK), group = store_fixture_id(50);
	struct task task = store_fixture_task(210, &work);
	struct problem problem = store_fixture_problem(220, &group);
	task.completed = false;
	THEN(store_interval_open(store, 1, &work, T0 + 100));
	THEN(store_task_write(store, 1, &task));
	THEN(store_problem_write(store, 1, &problem));
	THEN(add_event(store, 1, 5));
	return err;
}

/* What has just been read is written; the long texts need pages of their own. */
static enum err change_kinds(struct store *store)
{
	struct uuid work = store_fixture_id(200 + KIND_WORK), group = store_fixture_id(50);
	struct uuid training = store_fixture_id(200 + KIND_TRAINING);
	struct session session;
	struct task task = store_fixture_task(210, &work);
	struct problem problem = store_fixture_problem(220, &group);
	struct session focus = store_fixture_session_of(KIND_FOCUS, 200 + KIND_FOCUS);
	struct plan plan;
	char structure[3000] = "";
	memset(structure, 's', sizeof(structure) - 1);
	focus.pauses = 1;
	focus.focus.pauses[0] = (struct session_pause){.paused_at_ms = T0 + 1, .reason = "Tea"};
	problem.resolved = true;
	enum err err = store_session_write(store, 1, &focus);
	THEN(store_session_load(store, 1, &training, &session));
	session.status = STATUS_COMPLETED;
	session.training.structure = structure;
	THEN(store_session_write(store, 1, &session));
	THEN(store_interval_close(store, 1, &work, T0 + 100, T0 + 7000));
	THEN(store_task_write(store, 1, &task));
	THEN(store_problem_write(store, 1, &problem));
	THEN(store_plan_load(store, 1, &session.training.plan, &plan));
	plan.has_sessions = true;
	THEN(store_plan_write(store, 1, &plan));
	THEN(add_event(store, 1, 6));
	return err;
}

static enum err prune_all(struct store *store)
{
	struct pruning at = {0};
	struct session second = store_fixture_session(2);
	second.deleted = true;
	enum err err = store_prune(store, T0 + 1000, T0 + 1000, &at);
	THEN(store_session_write(store, 1, &second));
	return err;
}

enum err store_script_step(struct store *store, int step, bool *ret_at_commit)
{
	static enum err (*const steps[STORE_SCRIPT_STEPS])(struct store *) = {begin_history, start_first,
		pause_first, change_rule, add_many, add_kinds, change_kinds, prune_all};
	*ret_at_commit = false;
	enum err err = store_begin(store);
	if (err)
		return err;
	err = steps[step](store);
	if (err) {
		store_rollback(store);
		return err;
	}
	*ret_at_commit = true;
	return store_commit(store);
}
