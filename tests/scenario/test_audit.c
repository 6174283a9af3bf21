/* The audit log: a row for each event, saying what it did to what; nothing takes one away. */
#include "protocol/json.h"
#include "server/settle.h"
#include "tests/support/player.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1773136800000LL /* 2026-03-10T10:00:00Z */
#define ID  "00000000-0000-7000-8000-0000000000"

static void drop_all(struct player *player)
{
	while (player_next(player))
		player_drop(player);
}

static void send(struct player *player, const char *message)
{
	player_send(player, "alice", message);
	drop_all(player);
}

/* "seq action entity id's end", newest first. */
static enum err write_row(void *context, const struct audit_row *row)
{
	char id[UUID_TEXT] = "";
	if (!uuid_is_nil(&row->id))
		uuid_format(&row->id, id);
	text_append_format(context, "%d %s %s %s +%ds\n", (int)row->seq, row->action,
		entity_name(row->entity), id[0] ? id + 34 : "-", (int)((row->at_ms - NOW) / 1000));
	return OK;
}

static int64_t uid_of(struct player *player)
{
	struct user user;
	assert_int_equal(store_user_find(player->fixture.store, STORE_ISSUER, "alice", &user), OK);
	return user.uid;
}

static void expect_log(struct player *player, int64_t limit, int64_t offset, const char *expected, int total)
{
	TEXT_AUTO log = {0};
	int64_t rows = -1;
	text_append_string(&log, "");
	assert_int_equal(store_audit_list(player->fixture.store, uid_of(player), limit, offset, &rows,
				 write_row, &log),
		OK);
	assert_string_equal(log.data, expected);
	assert_int_equal(rows, total);
}

/* "action is session_started, session_completed for training, else the event's name." */
static void every_event_leaves_a_row(void **state)
{
	(void)state;
	struct player player;
	player_init(&player);
	player.replay.now_ms = NOW;
	send(&player, "{\"type\":\"addPlan\",\"plan\":\"" ID "b1\",\"name\":\"P\",\"structure\":{}}");
	send(&player, "{\"type\":\"addSession\",\"kind\":\"training\",\"session\":\"" ID "01\",\"plan\":\"" ID
		      "b1\",\"date\":\"2026-03-10\"}");
	send(&player, "{\"type\":\"editSession\",\"session\":\"" ID "01\",\"structure\":{\"a\":1}}");
	send(&player, "{\"type\":\"complete\",\"session\":\"" ID "01\"}");
	send(&player, "{\"type\":\"addGroup\",\"group\":\"" ID "a1\",\"name\":\"G\"}");
	send(&player, "{\"type\":\"addSession\",\"kind\":\"work\",\"session\":\"" ID "02\",\"group\":\"" ID
		      "a1\"}");
	send(&player, "{\"type\":\"addTask\",\"task\":\"" ID "11\",\"session\":\"" ID
		      "02\",\"description\":\"d\"}");
	send(&player, "{\"type\":\"completeTask\",\"task\":\"" ID "11\",\"qualityResult\":\"NeedsRework\"}");
	send(&player, "{\"type\":\"reportProblem\",\"problem\":\"" ID "c1\",\"group\":\"" ID
		      "a1\",\"description\":\"It is broken\",\"severity\":\"Minor\"}");
	/* Refused, or so already: no event, no row. */
	send(&player, "{\"type\":\"complete\",\"session\":\"" ID "01\"}");
	send(&player, "{\"type\":\"abandon\",\"session\":\"" ID "02\"}");
	send(&player, "{\"type\":\"complete\",\"session\":\"" ID "02\"}");
	send(&player,
		"{\"type\":\"addSession\",\"session\":\"" ID "03\",\"title\":\"T\",\"initialDuration\":60}");
	send(&player, "{\"type\":\"start\",\"session\":\"" ID "03\"}");
	player.replay.now_ms = NOW + 120000;
	send(&player, "{\"type\":\"start\",\"session\":\"" ID "03\"}");
	send(&player, "{\"type\":\"resetAll\"}");
	send(&player, "{\"type\":\"deleteGroup\",\"group\":\"" ID "a1\"}");
	send(&player, "{\"type\":\"autoResetTimeChange\",\"timeZone\":\"Europe/Berlin\"}");
	expect_log(&player, 100, 0,
		"19 autoResetTimeChange user - +120s\n"
		"18 deleteGroup group a1 +120s\n"
		"17 resetAll user - +120s\n"
		"16 start session 03 +120s\n"
		"15 resetSession session 03 +120s\n"
		"14 complete session 03 +60s\n"
		"13 start session 03 +0s\n"
		"12 addSession session 03 +0s\n"
		"11 complete session 02 +0s\n"
		"10 reportProblem problem c1 +0s\n"
		"9 reworkRequired task 11 +0s\n"
		"8 completeTask task 11 +0s\n"
		"7 addTask task 11 +0s\n"
		"6 addSession session 02 +0s\n"
		"5 addGroup group a1 +0s\n"
		"4 session_completed session 01 +0s\n"
		"3 editSession session 01 +0s\n"
		"2 session_started session 01 +0s\n"
		"1 addPlan plan b1 +0s\n",
		19);
	player_finish(&player);
}

static enum err keep_origin(void *context, const struct audit_row *row)
{
	text_append_string(context, row->origin);
	text_append_string(context, "\n");
	return OK;
}

static void a_row_says_who_it_was(void **state)
{
	(void)state;
	struct player player;
	TEXT_AUTO origins = {0};
	int64_t total;
	player_init(&player);
	player.replay.now_ms = NOW;
	send(&player, "{\"type\":\"addSession\",\"session\":\"" ID
		      "03\",\"title\":\"T\",\"initialDuration\":60,\"key\":\"k:1\"}");
	send(&player, "{\"type\":\"start\",\"session\":\"" ID "03\"}");
	player.replay.now_ms = NOW + 60000;
	player_settle(&player, SETTLE_ALL);
	drop_all(&player);
	assert_int_equal(store_audit_list(player.fixture.store, uid_of(&player), 100, 0, &total, keep_origin,
				 &origins),
		OK);
	assert_string_equal(
		origins.data, "{\"via\":\"server\"}\n{\"via\":\"ws\"}\n{\"key\":\"k:1\",\"via\":\"ws\"}\n");
	player_finish(&player);
}

/* "The events' bodies and idempotency keys are deleted after --keep-events days", these never. */
static void pruning_leaves_the_log(void **state)
{
	(void)state;
	struct player player;
	struct pruning at = {0};
	player_init(&player);
	player.replay.now_ms = NOW;
	send(&player, "{\"type\":\"addGroup\",\"group\":\"" ID "a1\",\"name\":\"G\"}");
	send(&player, "{\"type\":\"editGroup\",\"group\":\"" ID "a1\",\"name\":\"H\"}");
	send(&player, "{\"type\":\"editGroup\",\"group\":\"" ID "a1\",\"name\":\"I\"}");
	assert_int_equal(store_begin(player.fixture.store), OK);
	do
		assert_int_equal(store_prune(player.fixture.store, INT64_MAX, INT64_MAX, &at), OK);
	while (!at.done);
	assert_int_equal(store_commit(player.fixture.store), OK);
	player_restart(&player);
	expect_log(&player, 100, 0,
		"3 editGroup group a1 +0s\n2 editGroup group a1 +0s\n1 addGroup group a1 +0s\n", 3);
	expect_log(&player, 1, 1, "2 editGroup group a1 +0s\n", 3);
	expect_log(&player, 5, 3, "", 3);
	player_finish(&player);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_leaves_a_row),
		cmocka_unit_test(a_row_says_who_it_was),
		cmocka_unit_test(pruning_leaves_the_log),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
