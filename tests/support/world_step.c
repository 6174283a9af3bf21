#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/settle.h"
#include "tests/support/world.h"

void world_limit(struct world *world)
{
	struct engine_limits *limits = &world->player.replay.limits;
	limits->max_timers = 7;
	limits->max_groups = limits->max_plans = limits->max_tasks = limits->max_problems = 3;
	limits->max_replay_events = 60;
	limits->max_replay_bytes = 1024 * 1024;
}

static void step_commands(struct world *world, struct client *client)
{
	struct asked asked = {0};
	bool batch = world_chance(world, 25);
	int count = batch ? 1 + (int)world_draw(world, WORLD_COMMANDS_MAX) : 1;
	while (asked.count < count)
		world_ask(world, client, &asked);
	TEXT_AUTO message = {0};
	JSON_AUTO *events = cJSON_CreateArray();
	JSON_AUTO *results = cJSON_CreateArray();
	asked_encode(&asked, batch, &message);
	world->step = message.data;
	player_send(&world->player, client->user, message.data);
	world_take_sent(world, client, events, results);
	world_check_results(world, client, &asked, events, results);
	asked_finish(&asked);
	world->step = "commands";
}

/* What the client knows is what a snapshot says. */

/* "Every timer not deleted, and every active session of the other kinds." */
static bool shows_session(const struct client *client, const cJSON *session)
{
	(void)client;
	bool timer = strcmp(get_string(session, "kind"), "timer") == 0;
	return !get_bool(session, "isDeleted") &&
	       (timer || strcmp(get_string(session, "status"), "active") == 0);
}

static bool shows_rest(const struct client *client, const cJSON *entity)
{
	(void)client;
	return !get_bool(entity, "isDeleted");
}

/* "Of those sessions" */
static bool shows_task(const struct client *client, const cJSON *task)
{
	const cJSON *session = json_get(client->entities[ENTITY_SESSION], get_string(task, "sessionId"));
	return !get_bool(task, "isDeleted") && shows_session(client, session);
}

static void check_list(struct world *world, const struct client *client, enum entity entity,
	bool (*shows)(const struct client *, const cJSON *), const cJSON *told)
{
	const cJSON *item;
	int shown = 0;
	cJSON_ArrayForEach (item, client->entities[entity])
		shown += shows(client, item);
	MUST(cJSON_IsArray(told) && shown == cJSON_GetArraySize(told));
	cJSON_ArrayForEach (item, told) {
		const cJSON *known = json_get(client->entities[entity], get_string(item, "id"));
		MUST(known && shows(client, known));
		/* "Plans (without their structures)" */
		JSON_AUTO *expected = cJSON_Duplicate(known, true);
		if (entity == ENTITY_PLAN)
			cJSON_DeleteItemFromObjectCaseSensitive(expected, "structure");
		check_same(world, expected, item);
	}
}

/* "Days missed while the server was down make one reset, stamped with the last boundary." */
static void check_reset(struct world *world, const struct client *client, const cJSON *user)
{
	int64_t day_ms = get_integer(user, "dayStartMs");
	MUST(client->reset_now_ms < day_ms || client->reset_at_ms == day_ms);
}

/* The coming rule holds from its instant on; a client knows that by itself. */
static void check_self(struct world *world, const struct client *client, const cJSON *user, int64_t now_ms)
{
	if (!client->entities[ENTITY_USER])
		return;
	const cJSON *pending = json_get(client->entities[ENTITY_USER], "pending");
	bool holds = cJSON_IsObject(pending) && get_integer(pending, "fromMs") <= now_ms;
	const cJSON *rule = holds ? pending : client->entities[ENTITY_USER];
	MUST(strcmp(get_string(user, "timeZone"), get_string(rule, "timeZone")) == 0);
	MUST(strcmp(get_string(user, "sessionsResetTime"), get_string(rule, "sessionsResetTime")) == 0);
	MUST(get_integer(user, "version") == get_integer(client->entities[ENTITY_USER], "version"));
	MUST(holds || cJSON_Compare(json_get(user, "pending"), pending, true));
	if (now_ms < get_integer(client->entities[ENTITY_USER], "dayEndMs")) {
		MUST(get_integer(user, "dayEndMs") == get_integer(client->entities[ENTITY_USER], "dayEndMs"));
		MUST(get_integer(user, "dayStartMs") ==
			get_integer(client->entities[ENTITY_USER], "dayStartMs"));
		MUST(strcmp(get_string(user, "day"), get_string(client->entities[ENTITY_USER], "day")) == 0);
	}
	MUST(get_integer(user, "dayStartMs") <= now_ms && now_ms < get_integer(user, "dayEndMs"));
}

static void check_snapshot(struct world *world, const struct client *client, const cJSON *snapshot)
{
	const cJSON *state = json_get(snapshot, "state");
	const char *tag = get_string(snapshot, "tag");
	MUST(get_integer(snapshot, "seq") == client->seq);
	MUST(!client->seq || strstr(client->events[client->seq - 1].data, tag));
	check_list(world, client, ENTITY_SESSION, shows_session, json_get(state, "sessions"));
	check_list(world, client, ENTITY_GROUP, shows_rest, json_get(state, "groups"));
	check_list(world, client, ENTITY_PLAN, shows_rest, json_get(state, "plans"));
	check_list(world, client, ENTITY_TASK, shows_task, json_get(state, "tasks"));
	check_self(world, client, json_get(state, "user"), get_integer(snapshot, "nowMs"));
	check_reset(world, client, json_get(state, "user"));
}

static cJSON *get_snapshot(struct world *world, struct client *client)
{
	JSON_AUTO *answers = cJSON_CreateArray();
	player_send(&world->player, client->user, "{\"type\":\"getSnapshot\"}");
	world_take_sent(world, client, NULL, answers);
	MUST(cJSON_GetArraySize(answers) == 1);
	return cJSON_DetachItemFromArray(answers, 0);
}

/* A replay is the very events, from any position; what cannot be replayed is a snapshot that says why. */

static void resume(struct world *world, struct client *client, const char *epoch, int64_t seq,
	const char *tag, cJSON *answers)
{
	TEXT_AUTO message = {0};
	text_append_format(
		&message, "{\"type\":\"resume\",\"id\":1,\"epoch\":\"%s\",\"seq\":%" PRId64, epoch, seq);
	if (tag)
		text_append_format(&message, ",\"tag\":\"%s\"", tag);
	text_append_string(&message, "}");
	player_send(&world->player, client->user, message.data);
	world_take_sent(world, client, NULL, answers);
}

static void check_snapshot_reason(struct world *world, struct client *client, const char *epoch, int64_t seq,
	const char *tag, const char *reason)
{
	JSON_AUTO *answers = cJSON_CreateArray();
	resume(world, client, epoch, seq, tag, answers);
	MUST(cJSON_GetArraySize(answers) == 3);
	MUST(strcmp(get_string(cJSON_GetArrayItem(answers, 0), "reason"), reason) == 0);
	MUST(strcmp(get_string(cJSON_GetArrayItem(answers, 1), "reason"), reason) == 0);
	MUST(strcmp(get_string(cJSON_GetArrayItem(answers, 2), "type"), "live") == 0);
	check_snapshot(world, client, cJSON_GetArrayItem(answers, 1));
}

static void check_replay(struct world *world, struct client *client, int64_t from)
{
	JSON_AUTO *answers = cJSON_CreateArray();
	resume(world, client, store_epoch(world->player.fixture.store), from, NULL, answers);
	const cJSON *answer = answers->child;
	MUST(strcmp(get_string(answer, "mode"), "replay") == 0);
	MUST(get_integer(answer, "replayCount") == client->seq - from);
	for (int64_t seq = from; seq < client->seq; seq++) {
		answer = answer->next;
		JSON_AUTO *known = cJSON_Parse(client->events[seq].data);
		MUST(answer && cJSON_Compare(answer, known, true));
	}
	MUST(answer->next && strcmp(get_string(answer->next, "type"), "live") == 0 && !answer->next->next);
	MUST(get_integer(answer->next, "seq") == client->seq);
}

static void check_positions(struct world *world, struct client *client)
{
	const char *epoch = store_epoch(world->player.fixture.store);
	int64_t limit = world->player.replay.limits.max_replay_events;
	int64_t back = client->seq < limit ? client->seq : limit;
	check_replay(world, client, client->seq - (int64_t)world_draw(world, (uint64_t)back + 1));
	check_snapshot_reason(world, client, epoch, client->seq + 1, NULL, "future");
	check_snapshot_reason(world, client, "00000000000000000000000000000000", 0, NULL, "epoch");
	if (client->seq > limit)
		check_snapshot_reason(world, client, epoch, client->seq - limit - 1, NULL, "tooMany");
	if (!client->seq)
		return;
	JSON_AUTO *last = cJSON_Parse(client->events[client->seq - 1].data);
	uint32_t tag = (uint32_t)strtoul(get_string(last, "tag"), NULL, 16);
	char other[9];
	snprintf(other, sizeof(other), "%08" PRIx32, tag + 1);
	check_snapshot_reason(world, client, epoch, client->seq, other, "epoch");
}

/* Where old events are deleted, the last one stays, and shows the place of a client that has seen it. */
static void check_pruned(struct world *world, struct client *client)
{
	struct store *store = world->player.fixture.store;
	struct pruning at = {0};
	MUST(store_begin(store) == OK);
	do
		MUST(store_prune(store, INT64_MAX, INT64_MAX, &at) == OK);
	while (!at.done);
	MUST(store_commit(store) == OK);
	check_snapshot_reason(world, client, store_epoch(store), 0, NULL, "pruned");
	check_snapshot_reason(world, client, store_epoch(store), client->seq - 1, NULL, "pruned");
	check_replay(world, client, client->seq);
}

/* Steps. */

static void step_time(struct world *world)
{
	int64_t *now_ms = &world->player.replay.now_ms;
	if (world_chance(world, 50))
		*now_ms += world_draw_ms(world, 2 * MINUTE_MS);
	else if (world_chance(world, 25))
		*now_ms += world_draw_ms(world, 2 * HOUR_MS);
	else if (world_chance(world, 5))
		*now_ms += world_draw_ms(world, 3 * DAY_MS);
	else if (world_chance(world, 8))
		*now_ms -= world_draw_ms(world, 2 * HOUR_MS);
}

void world_step(struct world *world)
{
	struct client *client = &world->clients[world_draw(world, 2)];
	step_time(world);
	if (world_chance(world, 2)) {
		player_restart(&world->player);
		world_open_quickly(world);
	}
	if (world_chance(world, 15)) {
		player_settle(&world->player, 1 + (int)world_draw(world, 4));
		world_take_sent(world, NULL, NULL, NULL);
	}
	step_commands(world, client);
	JSON_AUTO *snapshot = get_snapshot(world, client);
	check_snapshot(world, client, snapshot);
	world_check_database(world, client, snapshot);
	if (world_chance(world, 10))
		world_check_stored(world, client, snapshot);
	if (world_chance(world, 4)) {
		check_positions(world, client);
		world_check_audit(world, client);
		world_check_invariants(world);
	}
}

void world_check_logs(struct world *world)
{
	struct engine_limits *limits = &world->player.replay.limits;
	limits->max_replay_events = limits->max_replay_bytes = INT32_MAX;
	for (int i = 0; i < 2; i++) {
		check_replay(world, &world->clients[i], 0);
		world_check_audit(world, &world->clients[i]);
	}
	for (int i = 0; i < 2; i++) {
		if (world->clients[i].seq > 1)
			check_pruned(world, &world->clients[i]);
	}
	world_check_invariants(world);
}
