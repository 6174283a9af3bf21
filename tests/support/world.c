#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/world.h"

void world_init(struct world *world, int64_t start_ms, struct source source)
{
	static const char *const users[2] = {"anna", "ben"};
	*world = (struct world){.source = source, .step = "the start"};
	player_init(&world->player);
	world->player.replay.now_ms = start_ms;
	world_open_quickly(world);
	for (int i = 0; i < 2; i++) {
		world->clients[i].user = users[i];
		for (int entity = 0; entity < ENTITY_COUNT; entity++)
			world->clients[i].entities[entity] =
				entity == ENTITY_USER ? NULL : cJSON_CreateObject();
	}
}

static void finish_client(struct client *client)
{
	for (int64_t i = 0; i < client->seq; i++)
		text_finish(&client->events[i]);
	free(client->events);
	for (int i = 0; i < WORLD_KEPT; i++)
		free(client->kept[i].body);
	for (int entity = 0; entity < ENTITY_COUNT; entity++)
		cJSON_Delete(client->entities[entity]);
}

void world_finish(struct world *world)
{
	for (int i = 0; i < 2; i++)
		finish_client(&world->clients[i]);
	player_finish(&world->player);
}

void world_open_quickly(struct world *world)
{
	sqlite3_exec(world->player.fixture.store->db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
}

uint64_t world_draw(struct world *world, uint64_t below)
{
	return (uint64_t)source_below(&world->source, (int64_t)below);
}

int64_t world_draw_ms(struct world *world, int64_t below_ms)
{
	return (int64_t)world_draw(world, (uint64_t)below_ms);
}

bool world_chance(struct world *world, int percent)
{
	return world_draw(world, 100) < (uint64_t)percent;
}

int64_t get_integer(const cJSON *object, const char *name)
{
	const cJSON *item = json_get(object, name);
	return cJSON_IsNumber(item) ? (int64_t)item->valuedouble : -1;
}

const char *get_string(const cJSON *object, const char *name)
{
	const cJSON *item = json_get(object, name);
	return cJSON_IsString(item) ? item->valuestring : "";
}

bool get_bool(const cJSON *object, const char *name)
{
	return cJSON_IsTrue(json_get(object, name));
}

bool moves_with_time(const cJSON *entity, const char *name)
{
	bool running = strcmp(get_string(entity, "state"), "RUNNING") == 0;
	if (strcmp(name, "timeLeft") == 0 || strcmp(name, "elapsedSeconds") == 0)
		return running;
	/* A pause that was made offline may be told of after the task's completion. */
	return strcmp(name, "timeSpentMinutes") == 0 || strcmp(name, "trackedSeconds") == 0 ||
	       strcmp(name, "focusSeconds") == 0 || strcmp(name, "day") == 0;
}

void check_same(struct world *world, const cJSON *known, const cJSON *told)
{
	const cJSON *item;
	MUST(known && cJSON_GetArraySize(known) == cJSON_GetArraySize(told));
	cJSON_ArrayForEach (item, told) {
		if (!moves_with_time(told, item->string) &&
			!cJSON_Compare(json_get(known, item->string), item, true))
			fail_msg("%s of %s, after %s", item->string, get_string(told, "id"), world->step);
	}
}

/* What a client makes of an event. */

static void take_entity(struct world *world, cJSON *known, const cJSON *entity)
{
	const char *id = get_string(entity, "id");
	const cJSON *old = json_get(known, id);
	MUST(get_integer(entity, "version") == (old ? get_integer(old, "version") + 1 : 1));
	MUST(!old || get_integer(entity, "updatedAtMs") >= get_integer(old, "updatedAtMs"));
	cJSON_DeleteItemFromObjectCaseSensitive(known, id);
	cJSON_AddItemToObject(known, id, cJSON_Duplicate(entity, true));
}

/* What is open is in a group that is there, or in none: "its timers and active focus sessions lose the group;
 * an active work session in it makes it invalidState". */
static void check_group(struct world *world, const struct client *client, const cJSON *session)
{
	const char *group = get_string(session, "groupId");
	const cJSON *known = json_get(client->entities[ENTITY_GROUP], group);
	MUST(!group[0] || (known && !get_bool(known, "isDeleted")));
	MUST(group[0] || strcmp(get_string(session, "kind"), "work") != 0);
}

/* Of each kind no more is open than there may be. */
static void check_open(struct world *world, const struct client *client)
{
	const cJSON *session;
	int open[KIND_COUNT] = {0};
	cJSON_ArrayForEach (session, client->entities[ENTITY_SESSION]) {
		enum session_kind kind;
		bool active = strcmp(get_string(session, "status"), "active") == 0;
		bool deleted = get_bool(session, "isDeleted");
		MUST(session_kind_find(get_string(session, "kind"), &kind));
		if (kind == KIND_TIMER ? deleted : !active)
			continue;
		MUST(!deleted);
		open[kind]++;
		check_group(world, client, session);
	}
	MUST(open[KIND_TIMER] <= world->player.replay.limits.max_timers);
	for (int kind = KIND_FOCUS; kind < KIND_COUNT; kind++)
		MUST(open[kind] <= session_policies[kind].max_active);
}

/* A session runs from its start on and never past its target: that happens first. Only a new length may leave
 * the target behind, and then completes it in the same command. */
static void take_session(struct world *world, struct client *client, const cJSON *event, const cJSON *session)
{
	const cJSON *old = json_get(client->entities[ENTITY_SESSION], get_string(session, "id"));
	bool ran = old && strcmp(get_string(old, "state"), "RUNNING") == 0;
	bool runs = strcmp(get_string(session, "state"), "RUNNING") == 0;
	int64_t at_ms = get_integer(event, "atMs");
	int64_t target_ms = ran ? get_integer(old, "targetTimeMs") : -1;
	bool resized = get_integer(event, "n") == 2 && strcmp(get_string(event, "event"), "complete") == 0;
	MUST(!ran || at_ms >= get_integer(old, "runningSinceMs"));
	MUST(!ran || runs || target_ms < 0 || resized || at_ms <= target_ms);
	MUST(!old || get_integer(session, "endedAtMs") < 0 || at_ms >= get_integer(session, "endedAtMs"));
	take_entity(world, client->entities[ENTITY_SESSION], session);
}

/* The user has no version before its first event. */
static void take_self(struct world *world, struct client *client, const cJSON *user)
{
	cJSON **self = &client->entities[ENTITY_USER];
	int64_t version = *self ? get_integer(*self, "version") : 1;
	MUST(get_integer(user, "version") == version + 1);
	cJSON_Delete(*self);
	*self = cJSON_Duplicate(user, true);
}

/* "Beside a completeTask": the same task, which only that has changed. */
static void take_rework(struct world *world, const struct client *client, const cJSON *event)
{
	const cJSON *task = json_get(event, "task");
	MUST(get_integer(event, "n") == 2 && get_integer(event, "of") == 2 && get_bool(task, "reworkNeeded"));
	check_same(world, json_get(client->entities[ENTITY_TASK], get_string(task, "id")), task);
}

static void take_entities(struct world *world, struct client *client, const cJSON *event)
{
	static const enum entity plain[] = {ENTITY_GROUP, ENTITY_TASK, ENTITY_PROBLEM, ENTITY_PLAN};
	const cJSON *item;
	if ((item = json_get(event, "session")))
		take_session(world, client, event, item);
	if ((item = json_get(event, "user")))
		take_self(world, client, item);
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if ((item = json_get(event, entity_name(plain[i]))))
			take_entity(world, client->entities[plain[i]], item);
	}
	cJSON_ArrayForEach (item, json_get(event, "sessions"))
		take_session(world, client, event, item);
	check_open(world, client);
}

static void take_reset(struct client *client, const cJSON *event)
{
	bool alone = strcmp(get_string(json_get(event, "origin"), "via"), "server") == 0;
	if (json_get(event, "user"))
		client->reset_now_ms = 0;
	if (!alone || strcmp(get_string(event, "event"), "resetAll") != 0)
		return;
	client->reset_at_ms = get_integer(event, "atMs");
	client->reset_now_ms = get_integer(event, "nowMs");
}

static void take_event(
	struct world *world, struct client *client, const cJSON *event, const char *body, size_t len)
{
	MUST(get_integer(event, "seq") == client->seq + 1);
	MUST(strlen(get_string(event, "tag")) == 8);
	MUST(get_integer(event, "atMs") <= get_integer(event, "nowMs"));
	MUST(get_integer(event, "nowMs") >= client->now_ms);
	client->now_ms = get_integer(event, "nowMs");
	take_reset(client, event);
	client->events = reallocarray(client->events, (size_t)client->seq + 1, sizeof(*client->events));
	client->events[client->seq] = (struct text){0};
	text_append(&client->events[client->seq++], body, len);
	if (strcmp(get_string(event, "event"), "reworkRequired") == 0)
		take_rework(world, client, event);
	else
		take_entities(world, client, event);
}

static struct client *client_of(struct world *world, const char *user)
{
	struct client *client = &world->clients[0];
	return strcmp(client->user, user) == 0 ? client : &world->clients[1];
}

/* Whose event it is: an entity says so, but for tasks and problems. */
static const char *user_of(const cJSON *event, const char *otherwise)
{
	const cJSON *user = json_get(event, "user");
	const cJSON *entity = json_get(event, "session");
	if (user)
		return get_string(user, "id");
	if (!entity)
		entity = json_get(event, "group");
	if (!entity)
		entity = json_get(event, "plan");
	if (!entity)
		entity = cJSON_GetArrayItem(json_get(event, "sessions"), 0);
	return entity ? get_string(entity, "userId") : otherwise;
}

void world_take_sent(struct world *world, struct client *client, cJSON *events, cJSON *answers)
{
	const struct reply *reply;
	bool answered = false;
	while ((reply = player_next(&world->player))) {
		const char *body = (const char *)message_data(reply->message);
		cJSON *message = cJSON_ParseWithLength(body, reply->message->len);
		MUST(message);
		if (reply->kind == REPLY_EVENT) {
			struct client *owner = client_of(world, user_of(message, client ? client->user : ""));
			MUST(!answered && (!client || client == owner));
			take_event(world, owner, message, body, reply->message->len);
		}
		answered = answered || reply->kind == REPLY_ANSWER;
		cJSON *list = reply->kind == REPLY_EVENT ? events : answers;
		MUST(list || reply->kind == REPLY_EVENT);
		if (list)
			cJSON_AddItemToArray(list, message);
		else
			cJSON_Delete(message);
		player_drop(&world->player);
	}
}

/* The answers. */

/* The next event of `events` that a person made, from *at on, and its siblings; *ret_seq is the last one's.
 */
static const cJSON *next_made(const cJSON *events, int *at, int64_t *ret_seq)
{
	const cJSON *first = NULL;
	for (; *at < cJSON_GetArraySize(events); ++*at) {
		const cJSON *event = cJSON_GetArrayItem(events, *at);
		if (strcmp(get_string(json_get(event, "origin"), "via"), "ws") != 0)
			continue;
		first = first ? first : event;
		*ret_seq = get_integer(event, "seq");
		if (get_integer(event, "n") == get_integer(event, "of")) {
			++*at;
			break;
		}
	}
	return first;
}

static void keep(
	struct world *world, struct client *client, const struct asked *asked, int i, const cJSON *result)
{
	struct kept *kept = &client->kept[world_draw(world, WORLD_KEPT)];
	free(kept->body);
	kept->body = strdup(asked->commands[i].body);
	memcpy(kept->key, asked->commands[i].key, sizeof(kept->key));
	kept->seq = get_integer(result, "seq");
	kept->changed = get_bool(result, "changed");
}

static void check_refusal(struct world *world, const struct client *client, const cJSON *result)
{
	const cJSON *error = json_get(result, "error");
	static const char *const codes[] = {"notFound", "conflict", "superseded", "tooOld", "invalidState",
		"limit", "alreadyActive", "badRequest"};
	const char *code = get_string(error, "code");
	bool known = false;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		known = known || strcmp(code, codes[i]) == 0;
	MUST(known);
	MUST(strcmp(code, "badRequest") != 0 || get_string(error, "field")[0]);
	const char *active = get_string(json_get(error, "details"), "session");
	MUST(strcmp(code, "alreadyActive") != 0 || json_get(client->entities[ENTITY_SESSION], active));
}

void world_check_results(struct world *world, struct client *client, const struct asked *asked,
	const cJSON *events, const cJSON *results)
{
	int at = 0;
	int64_t seq = 0;
	MUST(cJSON_GetArraySize(results) == asked->count);
	for (int i = 0; i < asked->count; i++) {
		const cJSON *result = cJSON_GetArrayItem(results, i);
		int repeats = asked->commands[i].repeats;
		MUST(get_integer(result, "id") == i);
		if (!get_bool(result, "ok")) {
			MUST(repeats < 0);
			check_refusal(world, client, result);
			continue;
		}
		MUST(get_bool(result, "duplicate") == (repeats >= 0));
		if (repeats >= 0) {
			MUST(get_integer(result, "seq") == client->kept[repeats].seq);
			MUST(get_bool(result, "changed") == client->kept[repeats].changed);
			continue;
		}
		MUST(get_integer(result, "seq") <= client->seq);
		if (get_bool(result, "changed")) {
			const cJSON *event = next_made(events, &at, &seq);
			MUST(event && seq == get_integer(result, "seq"));
			MUST(strcmp(get_string(json_get(event, "origin"), "key"), asked->commands[i].key) ==
				0);
		}
	}
	MUST(!next_made(events, &at, &seq));
	for (int i = 0; i < asked->count; i++) {
		const cJSON *result = cJSON_GetArrayItem(results, i);
		if (asked->commands[i].key[0] && get_bool(result, "ok"))
			keep(world, client, asked, i, result);
	}
}
