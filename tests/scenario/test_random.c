/* Random commands of two users, with their keys, batches and offline instants, over days of virtual time with
 * restarts and a clock that steps back. After each step everything that must always hold is looked at: what
 * each client makes of its events, what the database holds, and that the two agree. */
#include "protocol/json.h"
#include "server/settle.h"
#include "tests/support/player.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STEPS        900
#define SESSIONS     8
#define GROUPS       3
#define KEPT         16
#define MINUTE_MS    INT64_C(60000)
#define HOUR_MS      (60 * MINUTE_MS)
#define DAY_MS       (24 * HOUR_MS)
#define COMMANDS_MAX 6

/* A command with a key, as it was first answered. */
struct kept {
	char *body;
	char key[16];
	int64_t seq;
	bool changed;
};

/* What a client knows: each entity as its last event showed it, by id, and every event as it came. */
struct client {
	const char *user;
	int64_t seq, now_ms;
	cJSON *sessions, *groups, *self;
	struct text *events; /* events[seq - 1] */
	struct kept kept[KEPT];
	int keys;
};

/* One message and what it asks for. */
struct asked {
	int count;
	struct {
		const char *name;
		char key[16];
		char *body;
		int repeats; /* which of the kept ones; -1: none */
	} commands[COMMANDS_MAX];
};

struct world {
	struct player player;
	struct client clients[2];
	uint64_t random;
	unsigned groups; /* ids given out */
	const char *step;
};

static uint64_t draw(struct world *world, uint64_t below)
{
	world->random ^= world->random << 13;
	world->random ^= world->random >> 7;
	world->random ^= world->random << 17;
	return (world->random >> 11) % below;
}

static int64_t draw_ms(struct world *world, int64_t below_ms)
{
	return (int64_t)draw(world, (uint64_t)below_ms);
}

static bool chance(struct world *world, int percent)
{
	return draw(world, 100) < (uint64_t)percent;
}

#define MUST(condition)                                                                                 \
	do {                                                                                            \
		if (!(condition))                                                                       \
			fail_msg("%s:%d: %s\n  after %s", __FILE__, __LINE__, #condition, world->step); \
	} while (0)

/* Members of what was sent. */

static int64_t get_integer(const cJSON *object, const char *name)
{
	const cJSON *item = json_get(object, name);
	return cJSON_IsNumber(item) ? (int64_t)item->valuedouble : -1;
}

static const char *get_string(const cJSON *object, const char *name)
{
	const cJSON *item = json_get(object, name);
	return cJSON_IsString(item) ? item->valuestring : "";
}

static bool get_bool(const cJSON *object, const char *name)
{
	return cJSON_IsTrue(json_get(object, name));
}

/* Making commands. */

static void append_at(struct world *world, struct text *out)
{
	static const int64_t spans_ms[] = {MINUTE_MS, HOUR_MS, 8 * DAY_MS, 12 * HOUR_MS};
	if (chance(world, 45))
		return;
	int64_t back_ms = draw_ms(world, spans_ms[draw(world, 4)]);
	if (chance(world, 5))
		back_ms = -back_ms;
	text_append_format(out, ",\"atMs\":%" PRId64, world->player.now_ms - back_ms);
}

static void append_id(struct world *world, struct text *out, const char *field, unsigned last, unsigned count)
{
	text_append_format(
		out, ",\"%s\":\"00000000-0000-7000-8000-%012x\"", field, last - (unsigned)draw(world, count));
}

/* A new one, or one of the last few: a deleted one's id never comes back. */
static void append_group(struct world *world, struct text *out, bool new)
{
	if (new)
		world->groups++;
	append_id(world, out, "group", 0xa00 + world->groups, new ? 1 : GROUPS);
}

static void append_timer_fields(struct world *world, struct text *out)
{
	if (chance(world, 60))
		text_append_format(out, ",\"initialDuration\":%d", 1 + (int)draw(world, 7200));
	else if (chance(world, 30))
		text_append_string(out, ",\"initialDuration\":null");
	if (chance(world, 40))
		text_append_format(out, ",\"dailyGoalMinutes\":%d", 1 + (int)draw(world, 3));
	else if (chance(world, 20))
		text_append_string(out, ",\"dailyGoalMinutes\":null");
	if (chance(world, 25))
		text_append_format(out, ",\"noGoal\":%s", chance(world, 50) ? "true" : "false");
}

static void append_day_rule(struct world *world, struct text *out)
{
	static const char *const zones[] = {"UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia",
		"Asia/Kolkata", "America/Santiago"};
	if (chance(world, 60))
		text_append_format(out, ",\"timeZone\":\"%s\"", zones[draw(world, 6)]);
	if (chance(world, 60))
		text_append_format(out, ",\"sessionsResetTime\":\"%02d:%02d\"", (int)draw(world, 24),
			30 * (int)draw(world, 2));
}

/* Names by how often they are drawn. */
static const char *draw_name(struct world *world)
{
	static const char *const names[] = {"start", "start", "start", "start", "start", "pause", "pause",
		"pause", "resetSession", "complete", "addSession", "addSession", "addSession", "editSession",
		"editSession", "renameSession", "moveSession", "moveSession", "deleteSession",
		"restoreSession", "restoreSession", "resetAll", "abandon", "autoResetTimeChange", "addGroup",
		"addGroup", "editGroup", "deleteGroup", "getSession"};
	return names[draw(world, sizeof(names) / sizeof(names[0]))];
}

static void append_fields(struct world *world, struct text *out, const char *name)
{
	bool session = strstr(name, "ession") || strcmp(name, "start") == 0 || strcmp(name, "pause") == 0 ||
		       strcmp(name, "complete") == 0 || strcmp(name, "abandon") == 0;
	if (session)
		append_id(world, out, "session", SESSIONS, SESSIONS);
	if (strcmp(name, "addSession") == 0 || strcmp(name, "renameSession") == 0)
		text_append_format(out, ",\"title\":\"T%d\"", (int)draw(world, 4));
	if (strcmp(name, "addSession") == 0 || strcmp(name, "editSession") == 0)
		append_timer_fields(world, out);
	if (strcmp(name, "addGroup") == 0 || strcmp(name, "editGroup") == 0)
		text_append_format(out, ",\"name\":\"G%d\"", (int)draw(world, 3));
	if (strcmp(name, "autoResetTimeChange") == 0)
		append_day_rule(world, out);
	bool maybe = strcmp(name, "addSession") == 0 || strcmp(name, "resetAll") == 0;
	if (strcmp(name, "moveSession") == 0 && chance(world, 30))
		text_append_string(out, ",\"group\":null");
	else if (strcmp(name, "moveSession") == 0 || strstr(name, "Group") || (maybe && chance(world, 30)))
		append_group(world, out, strcmp(name, "addGroup") == 0 && chance(world, 30));
	if (chance(world, 8) && strncmp(name, "add", 3) != 0 && strcmp(name, "resetAll") != 0 &&
		strcmp(name, "getSession") != 0)
		text_append_format(out, ",\"ifVersion\":%d", 1 + (int)draw(world, 12));
}

/* One command without its id, or the repetition of one that was answered before. */
static void ask(struct world *world, struct client *client, struct asked *asked)
{
	int index = asked->count++;
	asked->commands[index].repeats = -1;
	asked->commands[index].key[0] = '\0';
	int old = (int)draw(world, KEPT);
	if (client->kept[old].body && chance(world, 6)) {
		asked->commands[index].repeats = old;
		asked->commands[index].body = strdup(client->kept[old].body);
		return;
	}
	TEXT_AUTO body = {0};
	const char *name = draw_name(world);
	asked->commands[index].name = name;
	text_append_format(&body, "\"type\":\"%s\"", name);
	append_fields(world, &body, name);
	append_at(world, &body);
	if (strcmp(name, "getSession") != 0 && chance(world, 40)) {
		snprintf(asked->commands[index].key, sizeof(asked->commands[index].key), "k%d",
			client->keys++);
		text_append_format(&body, ",\"key\":\"%s\"", asked->commands[index].key);
	}
	asked->commands[index].body = strdup(body.data);
}

static void encode_asked(const struct asked *asked, bool batch, struct text *out)
{
	if (batch)
		text_append_string(out, "{\"type\":\"batch\",\"commands\":[");
	for (int i = 0; i < asked->count; i++)
		text_append_format(out, "%s{\"id\":%d,%s}", i ? "," : "", i, asked->commands[i].body);
	if (batch)
		text_append_string(out, "]}");
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

/* A session runs from its start on and never past its target: that happens first. Only a new length may leave
 * the target behind, and then completes it in the same command. */
static void take_session(struct world *world, struct client *client, const cJSON *event, const cJSON *session)
{
	const cJSON *old = json_get(client->sessions, get_string(session, "id"));
	bool ran = old && strcmp(get_string(old, "state"), "RUNNING") == 0;
	bool runs = strcmp(get_string(session, "state"), "RUNNING") == 0;
	int64_t at_ms = get_integer(event, "atMs");
	int64_t target_ms = ran ? get_integer(old, "targetTimeMs") : -1;
	bool resized = get_integer(event, "n") == 2 && strcmp(get_string(event, "event"), "complete") == 0;
	MUST(!ran || at_ms >= get_integer(old, "runningSinceMs"));
	MUST(!ran || runs || target_ms < 0 || resized || at_ms <= target_ms);
	MUST(!old || get_integer(session, "endedAtMs") < 0 || at_ms >= get_integer(session, "endedAtMs"));
	take_entity(world, client->sessions, session);
}

/* The user has no version before its first event. */
static void take_self(struct world *world, struct client *client, const cJSON *user)
{
	int64_t version = client->self ? get_integer(client->self, "version") : 1;
	MUST(get_integer(user, "version") == version + 1);
	cJSON_Delete(client->self);
	client->self = cJSON_Duplicate(user, true);
}

static void take_event(
	struct world *world, struct client *client, const cJSON *event, const char *body, size_t len)
{
	const cJSON *item;
	MUST(get_integer(event, "seq") == client->seq + 1);
	MUST(strlen(get_string(event, "tag")) == 8);
	MUST(get_integer(event, "atMs") <= get_integer(event, "nowMs"));
	MUST(get_integer(event, "nowMs") >= client->now_ms);
	client->now_ms = get_integer(event, "nowMs");
	client->events = reallocarray(client->events, (size_t)client->seq + 1, sizeof(*client->events));
	client->events[client->seq] = (struct text){0};
	text_append(&client->events[client->seq++], body, len);
	if ((item = json_get(event, "session")))
		take_session(world, client, event, item);
	if ((item = json_get(event, "group")))
		take_entity(world, client->groups, item);
	if ((item = json_get(event, "user")))
		take_self(world, client, item);
	cJSON_ArrayForEach (item, json_get(event, "sessions"))
		take_session(world, client, event, item);
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
	struct kept *kept = &client->kept[draw(world, KEPT)];
	free(kept->body);
	kept->body = strdup(asked->commands[i].body);
	memcpy(kept->key, asked->commands[i].key, sizeof(kept->key));
	kept->seq = get_integer(result, "seq");
	kept->changed = get_bool(result, "changed");
}

static void check_refusal(struct world *world, const cJSON *result)
{
	static const char *const codes[] = {
		"notFound", "conflict", "superseded", "tooOld", "invalidState", "limit"};
	const char *code = get_string(json_get(result, "error"), "code");
	bool known = false;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		known = known || strcmp(code, codes[i]) == 0;
	MUST(known);
}

/* Each result tells of the events that its own command made, and of no others. */
static void check_results(struct world *world, struct client *client, const struct asked *asked,
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
			check_refusal(world, result);
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

static struct client *client_of(struct world *world, const char *user)
{
	struct client *client = &world->clients[0];
	return strcmp(client->user, user) == 0 ? client : &world->clients[1];
}

/* Whose event it is: each carries an entity that says so. */
static const char *user_of(const cJSON *event)
{
	const cJSON *user = json_get(event, "user");
	const cJSON *entity = json_get(event, "session");
	if (user)
		return get_string(user, "id");
	if (!entity)
		entity = json_get(event, "group");
	if (!entity)
		entity = cJSON_GetArrayItem(json_get(event, "sessions"), 0);
	return get_string(entity, "userId");
}

/* Takes all that was sent: events to their clients, and copies of events and answers to the lists (or NULL).
 * Events stand before every answer; without `client` they may be anybody's. */
static void take_sent(struct world *world, const struct client *client, cJSON *events, cJSON *answers)
{
	const struct reply *reply;
	bool answered = false;
	while ((reply = player_next(&world->player))) {
		const char *body = (const char *)message_data(reply->message);
		cJSON *message = cJSON_ParseWithLength(body, reply->message->len);
		MUST(message);
		if (reply->kind == REPLY_EVENT) {
			struct client *owner = client_of(world, user_of(message));
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

static void step_commands(struct world *world, struct client *client)
{
	struct asked asked = {0};
	bool batch = chance(world, 25);
	int count = batch ? 1 + (int)draw(world, COMMANDS_MAX) : 1;
	while (asked.count < count)
		ask(world, client, &asked);
	TEXT_AUTO message = {0};
	JSON_AUTO *events = cJSON_CreateArray();
	JSON_AUTO *results = cJSON_CreateArray();
	encode_asked(&asked, batch, &message);
	world->step = message.data;
	player_send(&world->player, client->user, message.data);
	take_sent(world, client, events, results);
	check_results(world, client, &asked, events, results);
	for (int i = 0; i < asked.count; i++)
		free(asked.commands[i].body);
	world->step = "commands";
}

/* What the client knows is what a snapshot says. */

static bool moves_with_time(const cJSON *entity, const char *name)
{
	bool running = strcmp(get_string(entity, "state"), "RUNNING") == 0;
	if (strcmp(name, "timeLeft") == 0 || strcmp(name, "elapsedSeconds") == 0)
		return running;
	return strcmp(name, "trackedSeconds") == 0 || strcmp(name, "focusSeconds") == 0 ||
	       strcmp(name, "day") == 0;
}

static void check_same(struct world *world, const cJSON *known, const cJSON *told)
{
	const cJSON *item;
	MUST(known && cJSON_GetArraySize(known) == cJSON_GetArraySize(told));
	cJSON_ArrayForEach (item, told) {
		if (!moves_with_time(told, item->string))
			MUST(cJSON_Compare(json_get(known, item->string), item, true));
	}
}

static void check_list(struct world *world, const cJSON *known, const cJSON *told)
{
	const cJSON *item;
	int shown = 0;
	cJSON_ArrayForEach (item, known)
		shown += !get_bool(item, "isDeleted");
	MUST(shown == cJSON_GetArraySize(told));
	cJSON_ArrayForEach (item, told)
		check_same(world, json_get(known, get_string(item, "id")), item);
}

/* The coming rule holds from its instant on; a client knows that by itself. */
static void check_self(struct world *world, const struct client *client, const cJSON *user, int64_t now_ms)
{
	if (!client->self)
		return;
	const cJSON *pending = json_get(client->self, "pending");
	bool holds = cJSON_IsObject(pending) && get_integer(pending, "fromMs") <= now_ms;
	const cJSON *rule = holds ? pending : client->self;
	MUST(strcmp(get_string(user, "timeZone"), get_string(rule, "timeZone")) == 0);
	MUST(strcmp(get_string(user, "sessionsResetTime"), get_string(rule, "sessionsResetTime")) == 0);
	MUST(get_integer(user, "version") == get_integer(client->self, "version"));
	MUST(holds || cJSON_Compare(json_get(user, "pending"), pending, true));
	if (now_ms < get_integer(client->self, "dayEndMs")) {
		MUST(get_integer(user, "dayEndMs") == get_integer(client->self, "dayEndMs"));
		MUST(get_integer(user, "dayStartMs") == get_integer(client->self, "dayStartMs"));
		MUST(strcmp(get_string(user, "day"), get_string(client->self, "day")) == 0);
	}
	MUST(get_integer(user, "dayStartMs") <= now_ms && now_ms < get_integer(user, "dayEndMs"));
}

static void check_snapshot(struct world *world, const struct client *client, const cJSON *snapshot)
{
	const cJSON *state = json_get(snapshot, "state");
	const char *tag = get_string(snapshot, "tag");
	MUST(get_integer(snapshot, "seq") == client->seq);
	MUST(!client->seq || strstr(client->events[client->seq - 1].data, tag));
	check_list(world, client->sessions, json_get(state, "sessions"));
	check_list(world, client->groups, json_get(state, "groups"));
	check_self(world, client, json_get(state, "user"), get_integer(snapshot, "nowMs"));
}

static cJSON *get_snapshot(struct world *world, const struct client *client)
{
	JSON_AUTO *answers = cJSON_CreateArray();
	player_send(&world->player, client->user, "{\"type\":\"getSnapshot\"}");
	take_sent(world, client, NULL, answers);
	MUST(cJSON_GetArraySize(answers) == 1);
	return cJSON_DetachItemFromArray(answers, 0);
}

/* What the database holds of it. */

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
	MUST(query(world,
		     "SELECT 1 FROM intervals a JOIN intervals b USING (uid, session) WHERE uid = ? AND "
		     "session = ?"
		     " AND (a.start_ms >= a.end_ms OR (a.end_ms <> b.end_ms AND a.start_ms < b.end_ms AND "
		     "b.start_ms < a.end_ms))",
		     uid, &session->id, NULL, 0) == 0);
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
		     "SELECT 1 FROM due WHERE uid = ? AND at_ms <= (SELECT clock_ms FROM users u WHERE u.uid "
		     "= due.uid)",
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

static void check_database(struct world *world, const struct client *client, const cJSON *snapshot)
{
	struct store *store = world->player.fixture.store;
	struct user user;
	bool resettable = false;
	int64_t now_ms = get_integer(snapshot, "nowMs");
	MUST(store_user_find(store, STORE_ISSUER, client->user, &user) == OK);
	MUST(store_user_load(store, user.uid, now_ms, &user) == OK);
	MUST(user.seq == client->seq);
	const cJSON *known;
	cJSON_ArrayForEach (known, client->sessions) {
		struct uuid id;
		struct session session;
		MUST(uuid_parse(known->string, &id));
		MUST(store_session_load(store, user.uid, &id, &session) == OK);
		check_intervals(world, user.uid, &session);
		check_derived(world, user.uid, &session);
		resettable = resettable || session_resettable(&session);
	}
	check_reset_due(world, &user, resettable, now_ms);
	check_tracked(world, &user, now_ms, json_get(json_get(snapshot, "state"), "sessions"));
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
	take_sent(world, client, NULL, answers);
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
	int64_t limit = world->player.limits.max_replay_events;
	int64_t back = client->seq < limit ? client->seq : limit;
	check_replay(world, client, client->seq - (int64_t)draw(world, (uint64_t)back + 1));
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

/* Where old events are deleted, the last one still shows the place of a client that has seen it. */
static void check_pruned(struct world *world, struct client *client)
{
	struct store *store = world->player.fixture.store;
	int64_t uid = 0;
	MUST(store_begin(store) == OK);
	do
		MUST(store_prune(store, INT64_MAX, 100, &uid) == OK);
	while (uid);
	MUST(store_commit(store) == OK);
	check_snapshot_reason(world, client, store_epoch(store), 0, NULL, "pruned");
	check_snapshot_reason(world, client, store_epoch(store), client->seq - 1, NULL, "pruned");
	check_replay(world, client, client->seq);
}

/* Steps. */

static void step_time(struct world *world)
{
	int64_t *now_ms = &world->player.now_ms;
	if (chance(world, 50))
		*now_ms += draw_ms(world, 2 * MINUTE_MS);
	else if (chance(world, 40))
		*now_ms += draw_ms(world, 2 * HOUR_MS);
	else if (chance(world, 10))
		*now_ms += draw_ms(world, 3 * DAY_MS);
	else if (chance(world, 8))
		*now_ms -= draw_ms(world, 2 * HOUR_MS);
}

static void open_quickly(struct world *world)
{
	sqlite3_exec(world->player.fixture.store->db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
}

static void step(struct world *world)
{
	struct client *client = &world->clients[draw(world, 2)];
	step_time(world);
	if (chance(world, 2)) {
		player_restart(&world->player);
		open_quickly(world);
	}
	if (chance(world, 15)) {
		player_settle(&world->player, 1 + (int)draw(world, 4));
		take_sent(world, NULL, NULL, NULL);
	}
	step_commands(world, client);
	JSON_AUTO *snapshot = get_snapshot(world, client);
	check_snapshot(world, client, snapshot);
	check_database(world, client, snapshot);
	if (chance(world, 4))
		check_positions(world, client);
}

static void init_client(struct client *client, const char *user)
{
	*client = (struct client){.user = user};
	client->sessions = cJSON_CreateObject();
	client->groups = cJSON_CreateObject();
}

static void finish_client(struct client *client)
{
	for (int64_t i = 0; i < client->seq; i++)
		text_finish(&client->events[i]);
	free(client->events);
	for (int i = 0; i < KEPT; i++)
		free(client->kept[i].body);
	cJSON_Delete(client->sessions);
	cJSON_Delete(client->groups);
	cJSON_Delete(client->self);
}

static void play_random(void **state)
{
	const int64_t *start_ms = *state;
	struct world world = {.random = (uint64_t)*start_ms, .step = "the start"};
	player_init(&world.player);
	world.player.limits = (struct engine_limits){7, 3, 60, 1024 * 1024, 90};
	world.player.now_ms = *start_ms;
	open_quickly(&world);
	init_client(&world.clients[0], "anna");
	init_client(&world.clients[1], "ben");
	for (int i = 0; i < STEPS; i++)
		step(&world);
	world.player.limits.max_replay_events = world.player.limits.max_replay_bytes = INT32_MAX;
	for (int i = 0; i < 2; i++) {
		check_replay(&world, &world.clients[i], 0);
		print_message("%s: %" PRId64 " events\n", world.clients[i].user, world.clients[i].seq);
	}
	for (int i = 0; i < 2; i++)
		check_pruned(&world, &world.clients[i]);
	for (int i = 0; i < 2; i++)
		finish_client(&world.clients[i]);
	player_finish(&world.player);
}

int main(void)
{
	/* Before a clock change in spring, before one in autumn, and on a leap day. */
	static int64_t starts_ms[] = {1774598400000, 1792749600000, 1835395200000};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(play_random, &starts_ms[0]),
		cmocka_unit_test_prestate(play_random, &starts_ms[1]),
		cmocka_unit_test_prestate(play_random, &starts_ms[2]),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
