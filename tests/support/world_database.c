#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/maintain.h"
#include "tests/support/world.h"

/* The statement's integers, up to three a row; the number of rows. */
static int query(
	struct world *world, const char *sql, int64_t uid, const struct uuid *id, int64_t rows[][3], int room)
{
	sqlite3_stmt *stmt = NULL;
	int count = 0;
	MUST(sqlite3_prepare_v2(world->player.fixture.store->db, sql, -1, &stmt, NULL) == SQLITE_OK);
	sqlite3_bind_int64(stmt, 1, uid);
	if (id)
		sqlite3_bind_blob(stmt, 2, id->bytes, sizeof(id->bytes), SQLITE_STATIC);
	for (; sqlite3_step(stmt) == SQLITE_ROW; count++) {
		for (int i = 0; i < 3 && count < room; i++)
			rows[count][i] = sqlite3_column_int64(stmt, i);
	}
	sqlite3_finalize(stmt);
	return count;
}

static void check_intervals(struct world *world, int64_t uid, const struct session *session)
{
	int64_t open[1][3], end_ms[1][3];
	int running = query(world, "SELECT start_ms FROM running WHERE uid = ? AND session = ?", uid,
		&session->id, open, 1);
	MUST(running == (session->state == STATE_RUNNING));
	MUST(!running || open[0][0] == session->running_since_ms);
	query(world, "SELECT max(end_ms) FROM intervals WHERE uid = ? AND session = ?", uid, &session->id,
		end_ms, 1);
	MUST(!running || end_ms[0][0] <= session->running_since_ms);
	MUST(session->clock_ms >= end_ms[0][0]);
}

static void check_derived(struct world *world, int64_t uid, const struct session *session)
{
	int64_t row[1][3];
	struct session_due due = session_due(session);
	int rows = query(world, "SELECT at_ms, rank FROM due WHERE uid = ? AND session = ?", uid,
		&session->id, row, 1);
	MUST(rows == (due.at_ms != 0));
	MUST(!rows || (row[0][0] == due.at_ms && row[0][1] == (int64_t)due.rank));
	rows = query(world,
		"SELECT minutes FROM goals WHERE uid = ? AND session = ? ORDER BY at_ms DESC LIMIT 1", uid,
		&session->id, row, 1);
	MUST((rows ? row[0][0] : 0) == session_goal(session));
}

/* No interval of any session is empty or touches another's inside; nothing runs or is due but what is open.
 */
static void check_all_intervals(struct world *world, int64_t uid, int running, int due)
{
	MUST(query(world,
		     "SELECT 1 FROM (SELECT start_ms, end_ms, lag(end_ms) OVER (PARTITION BY session ORDER "
		     "BY "
		     "start_ms)"
		     " AS before_ms FROM intervals WHERE uid = ?) WHERE start_ms >= end_ms OR start_ms < "
		     "before_ms",
		     uid, NULL, NULL, 0) == 0);
	MUST(query(world, "SELECT 1 FROM running WHERE uid = ?", uid, NULL, NULL, 0) == running);
	MUST(query(world, "SELECT 1 FROM due WHERE uid = ? AND rank <> 4", uid, NULL, NULL, 0) == due);
}

/* "A user with nothing to reset has no due row", and one with something has it at the day's end. */
static void check_reset_due(struct world *world, const struct user *user, bool resettable, int64_t now_ms)
{
	int64_t row[1][3];
	int rows = query(
		world, "SELECT at_ms, session FROM due WHERE uid = ? AND rank = 4", user->uid, NULL, row, 1);
	MUST(rows == (user->reset_due_ms != 0));
	MUST(!rows || row[0][0] == user->reset_due_ms);
	MUST(!resettable || user->reset_due_ms == user_day(user, now_ms).end_ms);
	MUST(query(world,
		     "SELECT 1 FROM due WHERE uid = ?1 AND at_ms <= (SELECT max(now_ms) FROM events JOIN "
		     "audit USING"
		     " (row) WHERE uid = ?1)",
		     user->uid, NULL, NULL, 0) == 0);
}

/* trackedSeconds is what the intervals say. */
static void check_tracked(struct world *world, const struct user *user, int64_t now_ms, const cJSON *sessions)
{
	struct store_times times = {0};
	int64_t from_ms = user_day(user, now_ms).start_ms;
	MUST(store_times_load(world->player.fixture.store, user->uid, from_ms, now_ms + 1, now_ms, &times) ==
		OK);
	const cJSON *told;
	cJSON_ArrayForEach (told, sessions) {
		int64_t sum_ms = 0;
		for (size_t i = 0; i < times.interval_count; i++) {
			char id[UUID_TEXT];
			const struct analytics_interval *interval = &times.intervals[i];
			uuid_format(&times.sessions[interval->session].id, id);
			if (strcmp(id, get_string(told, "id")) == 0)
				sum_ms += interval->end_ms -
					  (interval->start_ms > from_ms ? interval->start_ms : from_ms);
		}
		MUST((int64_t)(json_get(told, "trackedSeconds")->valuedouble * 1000 + 0.5) == sum_ms);
		MUST(cJSON_IsNull(json_get(told, "focusSeconds")) == get_bool(told, "noGoal"));
	}
	store_times_finish(&times);
}

void world_check_database(struct world *world, const struct client *client, const cJSON *snapshot)
{
	struct store *store = world->player.fixture.store;
	struct user user;
	bool resettable = false;
	int running = 0, due = 0;
	int64_t now_ms = get_integer(snapshot, "nowMs");
	MUST(store_begin(store) == OK);
	MUST(store_user_find(store, STORE_ISSUER, client->user, &user) == OK);
	MUST(store_user_load(store, user.uid, now_ms, &user) == OK);
	MUST(user.seq == client->seq);
	const cJSON *known;
	cJSON_ArrayForEach (known, client->entities[ENTITY_SESSION]) {
		struct uuid id;
		struct session session;
		bool timer = strcmp(get_string(known, "kind"), "timer") == 0;
		if (!timer && strcmp(get_string(known, "status"), "active") != 0)
			continue;
		MUST(uuid_parse(known->string, &id));
		MUST(store_session_load(store, user.uid, &id, &session) == OK);
		check_intervals(world, user.uid, &session);
		check_derived(world, user.uid, &session);
		resettable = resettable || session_resettable(&session);
		running += session.state == STATE_RUNNING;
		due += session_due(&session).at_ms != 0;
	}
	check_all_intervals(world, user.uid, running, due);
	check_reset_due(world, &user, resettable, now_ms);
	check_tracked(world, &user, now_ms, json_get(json_get(snapshot, "state"), "sessions"));
	store_rollback(store);
}

/* What is on disk is what the last event said, of each entity; the object as it would be sent now. */

struct stored {
	struct world *world;
	int64_t uid;
	struct view view;
};

static void encode_stored_session(struct stored *stored, const struct uuid *id, struct text *out)
{
	struct world *world = stored->world;
	struct session session;
	MUST(store_session_load(world->player.fixture.store, stored->uid, id, &session) == OK);
	encode_session(out, &session, &stored->view);
}

static void encode_stored_group(struct stored *stored, const struct uuid *id, struct text *out)
{
	struct world *world = stored->world;
	struct group group;
	MUST(store_group_load(world->player.fixture.store, stored->uid, id, &group) == OK);
	encode_group(out, &group, &stored->view);
}

/* The running time of its session since its start, looked up anew. */
static int64_t task_time_ms(struct world *world, int64_t uid, const struct task *task, int64_t now_ms)
{
	int64_t rows[256][3], sum_ms = 0;
	int count = query(world,
		"SELECT start_ms, end_ms FROM intervals WHERE uid = ?1 AND session = ?2 UNION ALL"
		" SELECT start_ms, 9e18 FROM running WHERE uid = ?1 AND session = ?2",
		uid, &task->session, rows, 256);
	MUST(count <= 256);
	for (int i = 0; i < count; i++) {
		int64_t from_ms = rows[i][0] > task->start_ms ? rows[i][0] : task->start_ms;
		int64_t to_ms = rows[i][1] < now_ms ? rows[i][1] : now_ms;
		sum_ms += to_ms > from_ms ? to_ms - from_ms : 0;
	}
	return sum_ms;
}

static void encode_stored_task(struct stored *stored, const struct uuid *id, struct text *out)
{
	struct world *world = stored->world;
	struct task task;
	int64_t now_ms = stored->view.now_ms;
	MUST(store_task_load(world->player.fixture.store, stored->uid, id, now_ms, &task) == OK);
	int64_t to_ms = task.completed ? task.completed_at_ms : now_ms;
	MUST(task.time_ms == task_time_ms(world, stored->uid, &task, to_ms));
	encode_task(out, &task);
}

static void encode_stored_problem(struct stored *stored, const struct uuid *id, struct text *out)
{
	struct world *world = stored->world;
	struct problem problem;
	MUST(store_problem_load(world->player.fixture.store, stored->uid, id, &problem) == OK);
	encode_problem(out, &problem);
}

static void encode_stored_plan(struct stored *stored, const struct uuid *id, struct text *out)
{
	struct world *world = stored->world;
	struct plan plan;
	MUST(store_plan_load(world->player.fixture.store, stored->uid, id, &plan) == OK);
	encode_plan(out, &plan, true, &stored->view);
}

static void check_entities(struct stored *stored, const struct client *client)
{
	static void (*const encoders[ENTITY_COUNT])(struct stored *, const struct uuid *, struct text *) = {
		[ENTITY_SESSION] = encode_stored_session,
		[ENTITY_GROUP] = encode_stored_group,
		[ENTITY_TASK] = encode_stored_task,
		[ENTITY_PROBLEM] = encode_stored_problem,
		[ENTITY_PLAN] = encode_stored_plan,
	};
	struct world *world = stored->world;
	for (int entity = 0; entity < ENTITY_COUNT; entity++) {
		const cJSON *known;
		if (!encoders[entity])
			continue;
		cJSON_ArrayForEach (known, client->entities[entity]) {
			TEXT_AUTO object = {0};
			struct uuid id;
			MUST(uuid_parse(known->string, &id));
			encoders[entity](stored, &id, &object);
			JSON_AUTO *told = cJSON_Parse(object.data);
			check_same(world, known, told);
		}
	}
}

/* Nothing is there that no event told of. */
static void check_counts(struct world *world, int64_t uid, const struct client *client)
{
	static const struct {
		const char *sql;
		enum entity entity;
	} tables[] = {
		{"SELECT 1 FROM sessions WHERE uid = ?", ENTITY_SESSION},
		{"SELECT 1 FROM groups WHERE uid = ?", ENTITY_GROUP},
		{"SELECT 1 FROM tasks WHERE uid = ?", ENTITY_TASK},
		{"SELECT 1 FROM problems WHERE uid = ?", ENTITY_PROBLEM},
		{"SELECT 1 FROM plans WHERE uid = ?", ENTITY_PLAN},
	};
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		MUST(query(world, tables[i].sql, uid, NULL, NULL, 0) ==
			cJSON_GetArraySize(client->entities[tables[i].entity]));
	MUST(query(world, "SELECT 1 FROM audit WHERE uid = ?", uid, NULL, NULL, 0) == client->seq);
}

void world_check_stored(struct world *world, const struct client *client, const cJSON *snapshot)
{
	struct store *store = world->player.fixture.store;
	struct user user;
	int64_t now_ms = get_integer(snapshot, "nowMs");
	MUST(store_begin(store) == OK);
	MUST(store_user_find(store, STORE_ISSUER, client->user, &user) == OK);
	MUST(store_user_load(store, user.uid, now_ms, &user) == OK);
	check_entities(&(struct stored){world, user.uid, view_make(&user, now_ms)}, client);
	check_counts(world, user.uid, client);
	store_rollback(store);
}

/* The audit log. */

struct audit_check {
	struct world *world;
	const struct client *client;
	int64_t seq; /* the next row's: newest first */
};

/* "session_started, session_completed for training, else the event's name" */
static const char *action_of(const cJSON *event)
{
	const char *name = get_string(event, "event");
	bool training = strcmp(get_string(json_get(event, "session"), "kind"), "training") == 0;
	if (training && strcmp(name, "addSession") == 0)
		return "session_started";
	return training && strcmp(name, "complete") == 0 ? "session_completed" : name;
}

static enum err check_audit_row(void *context, const struct audit_row *row)
{
	struct audit_check *check = context;
	struct world *world = check->world;
	MUST(row->seq == check->seq && row->seq > 0);
	JSON_AUTO *event = cJSON_Parse(check->client->events[--check->seq].data);
	JSON_AUTO *origin = cJSON_Parse(row->origin);
	char id[UUID_TEXT];
	uuid_format(&row->id, id);
	MUST(row->at_ms == get_integer(event, "atMs"));
	MUST(strcmp(row->action, action_of(event)) == 0);
	MUST(cJSON_Compare(origin, json_get(event, "origin"), true));
	if (row->entity == ENTITY_USER)
		MUST(json_get(event, "user") || strcmp(row->action, "resetAll") == 0);
	else
		MUST(strcmp(id, get_string(json_get(event, entity_name(row->entity)), "id")) == 0);
	return OK;
}

void world_check_audit(struct world *world, const struct client *client)
{
	struct store *store = world->player.fixture.store;
	struct user user;
	int64_t total = -1;
	struct audit_check check = {world, client, client->seq};
	MUST(store_user_find(store, STORE_ISSUER, client->user, &user) == OK);
	MUST(store_audit_list(store, user.uid, INT32_MAX, 0, &total, check_audit_row, &check) == OK);
	MUST(total == client->seq && check.seq == 0);
}

static void fail_of(void *context, const char *line)
{
	struct world *world = context;
	fail_msg("%s\n  after %s", line, world->step);
}

void world_check_invariants(struct world *world)
{
	MUST(store_check(world->player.fixture.store, fail_of, world) == OK);
}
