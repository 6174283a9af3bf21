/* check-db: a database that the server made is found whole, and each way of breaking one is found out. */
#include "store/invariants.h"
#include "store/maintain.h"
#include "tests/support/player.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW       1773136800000LL /* 2026-03-10T10:00:00Z */
#define MINUTE_AT 60000LL
#define ID        "00000000-0000-7000-8000-0000000000"
#define BLOB(id)  "x'000000000000700080000000000000" id "'"

/* Something of everything that there is: what runs, waits, has ended, was deleted; a minute each. */
static const char *const life[] = {
	"{\"type\":\"addGroup\",\"group\":\"" ID "a1\",\"name\":\"Garage\"}",
	"{\"type\":\"addGroup\",\"group\":\"" ID "a2\",\"name\":\"Attic\"}",
	"{\"type\":\"addPlan\",\"plan\":\"" ID "b1\",\"name\":\"Legs\",\"structure\":{\"sets\":3}}",
	"{\"type\":\"addSession\",\"session\":\"" ID "01\",\"title\":\"Read\",\"initialDuration\":3600,"
	"\"dailyGoalMinutes\":30,\"group\":\"" ID "a2\",\"key\":\"k1\"}",
	"{\"type\":\"start\",\"session\":\"" ID "01\",\"key\":\"k2\"}",
	"{\"type\":\"pause\",\"session\":\"" ID "01\"}",
	"{\"type\":\"start\",\"session\":\"" ID "01\"}",
	"{\"type\":\"pause\",\"session\":\"" ID "01\"}",
	"{\"type\":\"addSession\",\"session\":\"" ID "02\",\"title\":\"Walk\",\"initialDuration\":7200}",
	"{\"type\":\"start\",\"session\":\"" ID "02\"}",
	"{\"type\":\"addSession\",\"session\":\"" ID "03\",\"title\":\"Tea\",\"initialDuration\":60}",
	"{\"type\":\"complete\",\"session\":\"" ID "03\"}",
	"{\"type\":\"addSession\",\"kind\":\"work\",\"session\":\"" ID "05\",\"group\":\"" ID
	"a1\",\"plannedTasks\":[\"Door\"]}",
	"{\"type\":\"addTask\",\"task\":\"" ID "11\",\"session\":\"" ID "05\",\"description\":\"Hinges\"}",
	"{\"type\":\"addTask\",\"task\":\"" ID "12\",\"session\":\"" ID "05\",\"description\":\"Lock\"}",
	"{\"type\":\"completeTask\",\"task\":\"" ID "11\",\"qualityResult\":\"Good\"}",
	"{\"type\":\"addSession\",\"kind\":\"focus\",\"session\":\"" ID "07\",\"sessionType\":\"short\"}",
	"{\"type\":\"deleteSession\",\"session\":\"" ID "07\"}",
	"{\"type\":\"addSession\",\"kind\":\"focus\",\"session\":\"" ID "04\",\"sessionType\":\"pomodoro\","
	"\"task\":\"" ID "12\"}",
	"{\"type\":\"pause\",\"session\":\"" ID "04\",\"reason\":\"Door bell\"}",
	"{\"type\":\"start\",\"session\":\"" ID "04\"}",
	"{\"type\":\"pause\",\"session\":\"" ID "04\"}",
	"{\"type\":\"addSession\",\"kind\":\"training\",\"session\":\"" ID "06\",\"plan\":\"" ID
	"b1\",\"date\":\"2026-03-10\"}",
	"{\"type\":\"reportProblem\",\"problem\":\"" ID "c1\",\"group\":\"" ID
	"a1\",\"description\":\"The hinge is broken\",\"severity\":\"Minor\"}",
	"{\"type\":\"reportProblem\",\"problem\":\"" ID "c2\",\"group\":\"" ID
	"a1\",\"description\":\"The frame is rotten\",\"severity\":\"Major\"}",
	"{\"type\":\"resolveProblem\",\"problem\":\"" ID "c2\"}",
	"{\"type\":\"autoResetTimeChange\",\"timeZone\":\"Europe/Berlin\"}",
};

static const struct breakage {
	const char *says, *sql;
} breakages[] = {
	{"something is left of who was deleted", "UPDATE users SET issuer = '" USER_DELETED "'"},
	{"the log says more than it may of who was deleted", "UPDATE users SET issuer = '" USER_DELETED "'"},
	{"a user has no first rule of days", "DELETE FROM day_rules WHERE from_ms < 0"},
	{"the rules of a user's days are out of order", "INSERT INTO day_rules SELECT uid, from_ms + 1, "
							"from_day, 0, zone FROM day_rules WHERE from_ms > "
							"0"},
	{"the rules of a user's days are out of order", "UPDATE day_rules SET reset_minutes = 1440"},
	{"rows belong to no user", "UPDATE users SET uid = 7"},
	{"rows belong to no user", "INSERT INTO keys VALUES (7, 'k', 0, '', '')"},
	{"rows belong to no user", "INSERT INTO due VALUES (7, 1, 1, " BLOB("01") ")"},
	{"the audit log has a gap", "DROP TRIGGER audit_no_delete; DELETE FROM audit WHERE seq = 4"},
	{"the last event of a log is gone", "DELETE FROM events WHERE row = (SELECT max(row) FROM events)"},
	{"events between those that are kept are gone", "DELETE FROM events WHERE row = 4"},
	{"an event has no line in the audit log",
		"DROP TRIGGER audit_no_delete; DELETE FROM audit WHERE seq = 1"},
	{"an event is not what its line in the audit log says",
		"UPDATE events SET body = replace(body, '\"seq\":3,', '\"seq\":4,') WHERE row = 3"},
	{"an event is not what its line in the audit log says",
		"UPDATE events SET tag = tag + 1 WHERE row = 3"},
	{"an event is not what its line in the audit log says", "UPDATE events SET body = '{' WHERE row = 3"},
	{"the audit log names what is not there", "DELETE FROM problems WHERE id = " BLOB("c1")},
	{"a key is there twice", "INSERT INTO keys SELECT * FROM keys LIMIT 1"},
	{"a session has a value that there isn't", "UPDATE sessions SET version = 0 WHERE id = " BLOB("01")},
	{"a session has a value that there isn't", "UPDATE sessions SET kind = 4 WHERE id = " BLOB("01")},
	{"a session that has ended or is deleted runs", "UPDATE sessions SET deleted = 1 WHERE state = 1"},
	{"a deleted session is active", "UPDATE sessions SET deleted = 1 WHERE id = " BLOB("06")},
	{"a session has ended without an end, or has one and goes on",
		"UPDATE sessions SET ended_at_ms = 0 WHERE id = " BLOB("07")},
	{"a session has ended without an end, or has one and goes on",
		"UPDATE sessions SET ended_at_ms = 5 WHERE id = " BLOB("01")},
	{"two sessions of a kind are active of which there is to be one",
		"DROP INDEX sessions_one_active; UPDATE sessions SET kind = 1 WHERE id = " BLOB("06")},
	{"a session lacks what its kind has", "DELETE FROM work"},
	{"a session lacks what its kind has", "DELETE FROM training"},
	{"a session has what another kind has",
		"UPDATE focus SET id = " BLOB("06") " WHERE id = " BLOB("04")},
	{"the pauses of a focus session are not those that it counts", "DELETE FROM pauses WHERE n = 0"},
	{"the pauses of a focus session are not those that it counts",
		"UPDATE pauses SET session = " BLOB("01") " WHERE n = 1"},
	{"the pauses of a focus session are not those that it counts", "UPDATE pauses SET resumed_at_ms = 0"},
	{"an active session or a timer is in a deleted group",
		"UPDATE groups SET deleted = 1 WHERE id = " BLOB("a2")},
	{"running time is of no session", "UPDATE intervals SET session = x'01' WHERE end_ms > 0"},
	{"running time is of no session", "UPDATE goals SET session = x'01'"},
	{"a session runs and has no open interval, or another one, or has one and doesn't run",
		"DELETE FROM running WHERE session = " BLOB("02")},
	{"a session runs and has no open interval, or another one, or has one and doesn't run",
		"UPDATE running SET start_ms = start_ms - 1"},
	{"a session runs and has no open interval, or another one, or has one and doesn't run",
		"INSERT INTO running VALUES (1, " BLOB("01") ", 5)"},
	{"an interval is empty, or lies in another one of its session",
		"UPDATE intervals SET start_ms = end_ms"},
	{"an interval is empty, or lies in another one of its session",
		"UPDATE intervals SET start_ms = 5 WHERE session = " BLOB("01")},
	{"an interval is empty, or lies in another one of its session",
		"INSERT INTO intervals SELECT uid, start_ms + 1, session, start_ms FROM running WHERE "
		"session = " BLOB("02")},
	{"an interval ends after its session's clock", "UPDATE intervals SET end_ms = end_ms + 1"},
	{"a session's time is not that of its intervals",
		"UPDATE sessions SET elapsed_ms = elapsed_ms + 1 WHERE id = " BLOB("01")},
	{"a session's time is not that of its intervals",
		"UPDATE sessions SET tracked_ms = tracked_ms - 1 WHERE id = " BLOB("01")},
	{"a session's time is not that of its intervals",
		"UPDATE sessions SET elapsed_ms = 1 WHERE id = " BLOB("03")},
	{"the last goal kept for a session is not the one that it has", "DELETE FROM goals"},
	{"the last goal kept for a session is not the one that it has",
		"UPDATE sessions SET no_goal = 1 WHERE id = " BLOB("01")},
	{"what falls due of a session is not in the list", "DELETE FROM due WHERE rank = 1"},
	{"what falls due of a session is not in the list", "UPDATE due SET at_ms = at_ms + 1 WHERE rank = 2"},
	{"what falls due of a session is not in the list", "UPDATE due SET rank = 1 WHERE rank = 3"},
	{"the list has something due that no session knows of",
		"INSERT INTO due VALUES (1, 5, 1, " BLOB("01") ")"},
	{"the list has something due that no session knows of",
		"INSERT INTO due VALUES (1, 5, 1, " BLOB("ff") ")"},
	{"a user's daily reset is not the one in the list", "DELETE FROM due WHERE rank = 4"},
	{"a user's daily reset is not the one in the list", "UPDATE users SET reset_due_ms = 0"},
	{"a timer waits for a daily reset that isn't due",
		"DELETE FROM due WHERE rank = 4; UPDATE users SET reset_due_ms = 0"},
	{"an id names two things", "UPDATE tasks SET id = " BLOB("c1") " WHERE id = " BLOB("12")},
	{"an id names two things", "UPDATE problems SET id = " BLOB("01") " WHERE id = " BLOB("c1")},
	{"a focus session is for a task that is not there", "DELETE FROM tasks WHERE id = " BLOB("12")},
	{"a task is of no work session, or its end is not after its start",
		"UPDATE tasks SET session = " BLOB("01")},
	{"a task is of no work session, or its end is not after its start", "UPDATE tasks SET completed = 0"},
	{"a task is of no work session, or its end is not after its start",
		"UPDATE tasks SET start_ms = completed_at_ms + 1 WHERE completed"},
	{"a problem is resolved at no time, or isn't and was", "UPDATE problems SET resolved = 1"},
	{"a plan doesn't know of its sessions, or of some that it hasn't",
		"UPDATE plans SET has_sessions = 0"},
	{"a text is no JSON", "UPDATE plans SET structure = '{'"},
	{"a text is no JSON", "UPDATE training SET structure = ''"},
	{"a text is no JSON", "UPDATE work SET planned_tasks = 'Door'"},
	/* What is in no row of the table. */
	{"a row refers to what is not there", "UPDATE sessions SET \"group\" = x'00' WHERE id = " BLOB("01")},
	{"a row refers to what is not there", "DELETE FROM users"},
	{"the tables, indexes and triggers are not those of this program's version",
		"DROP TRIGGER audit_no_update"},
	{"the tables, indexes and triggers are not those of this program's version", "DROP INDEX due_next"},
	{"the tables, indexes and triggers are not those of this program's version",
		"CREATE TABLE mine (id INTEGER)"},
	{"the log has no epoch", "DELETE FROM meta WHERE name = 'epoch'"},
	{"the log has no epoch", "UPDATE meta SET value = 'short' WHERE name = 'epoch'"},
};
#define BREAKAGES (sizeof(breakages) / sizeof(*breakages))

static void live(struct player *player)
{
	player_init(player);
	player->replay.now_ms = NOW;
	for (size_t i = 0; i < sizeof(life) / sizeof(*life); i++) {
		player_send(player, "alice", life[i]);
		while (player_next(player)) {
			struct message_bytes *said = player_next(player)->message;
			if (memmem(message_data(said), said->len, "\"ok\":false", 10))
				fail_msg("%s: %.*s", life[i], (int)said->len, (char *)message_data(said));
			player_drop(player);
		}
		player->replay.now_ms += MINUTE_AT;
	}
}

static void note(void *context, const char *line)
{
	text_append_string(context, line);
	text_append_string(context, "\n");
}

static void check(struct store *store, struct text *told)
{
	text_clear(told);
	text_append_string(told, "");
	if (store_check(store, note, told))
		fail_msg("%s", store_message(store));
}

static void what_the_server_made_is_whole(void **state)
{
	(void)state;
	TEXT_AUTO told = {0};
	TEXT_AUTO counts = {0};
	struct player player;
	live(&player);
	check(player.fixture.store, &told);
	assert_string_equal(told.data, "");
	assert_int_equal(store_count_rows(player.fixture.store, &counts), OK);
	assert_string_equal(counts.data, "1 users, 7 sessions, 2 groups, 2 tasks, 2 problems, 1 plans, 5 "
					 "intervals, 27 events, 27 audit");
	player_finish(&player);
}

/* Within a transaction that is taken back. */
static void breaking(struct store *store, const struct breakage *breakage, struct text *told)
{
	char line[256];
	assert_int_equal(statement_execute(store, "BEGIN"), OK);
	if (statement_execute(store, breakage->sql))
		fail_msg("%s: %s", breakage->sql, store_message(store));
	check(store, told);
	assert_int_equal(statement_execute(store, "ROLLBACK"), OK);
	snprintf(line, sizeof(line), "%s", breakage->says);
	if (!strstr(told->data, line))
		fail_msg("%s is told as: %s", breakage->sql, told->data);
}

static void each_breakage_is_found_out(void **state)
{
	(void)state;
	TEXT_AUTO told = {0};
	struct player player;
	live(&player);
	struct store *store = player.fixture.store;
	assert_int_equal(statement_execute(store, "PRAGMA foreign_keys = OFF"), OK);
	for (size_t i = 0; i < BREAKAGES; i++)
		breaking(store, &breakages[i], &told);
	check(store, &told);
	assert_string_equal(told.data, "");
	player_finish(&player);
}

/* Nothing is in the table of which nobody has seen that it finds something. */
static void each_invariant_has_a_breakage(void **state)
{
	(void)state;
	for (const struct invariant *row = invariants; row->says; row++) {
		size_t i = 0;
		while (i < BREAKAGES && strcmp(breakages[i].says, row->says) != 0)
			i++;
		if (i == BREAKAGES)
			fail_msg("nothing breaks: %s", row->says);
	}
}

/* Of one kind a few are told, and that there are more. */
static void a_few_of_each_kind_are_told(void **state)
{
	(void)state;
	TEXT_AUTO told = {0};
	struct player player;
	int lines = 0;
	live(&player);
	struct store *store = player.fixture.store;
	assert_int_equal(statement_execute(store, "UPDATE sessions SET version = 0"), OK);
	check(store, &told);
	for (const char *at = told.data; (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, 6);
	assert_non_null(strstr(told.data, "a session has a value that there isn't: user 1, " ID "01\n"));
	assert_non_null(strstr(told.data, "a session has a value that there isn't: and more\n"));
	player_finish(&player);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(what_the_server_made_is_whole),
		cmocka_unit_test(each_breakage_is_found_out),
		cmocka_unit_test(each_invariant_has_a_breakage),
		cmocka_unit_test(a_few_of_each_kind_are_told),
	};
	return cmocka_run_group_tests(all, NULL, NULL);
}
