/* "A count of things" has a limit: what is counted, what no longer is, and what comes before it. */
#include "protocol/json.h"
#include "tests/support/player.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1773136800000LL /* 2026-03-10T10:00:00Z */
#define ID  "\"00000000-0000-7000-8000-%012x\""

static void setup(struct player *player)
{
	player_init(player);
	player->replay.now_ms = NOW;
}

/* The result of one command, behind the events that it made; "" or the error's code and field. */
static void send(struct player *player, const char *command, char ret[64])
{
	const struct reply *reply;
	ret[0] = '?';
	ret[1] = '\0';
	player_send(player, "alice", command);
	while ((reply = player_next(player))) {
		JSON_AUTO *message = cJSON_ParseWithLength(
			(const char *)message_data(reply->message), reply->message->len);
		const cJSON *error = json_get(message, "error");
		const cJSON *field = json_get(error, "field");
		if (reply->kind == REPLY_ANSWER)
			snprintf(ret, 64, "%s%s%s", error ? json_get(error, "code")->valuestring : "",
				field ? " " : "", field ? field->valuestring : "");
		player_drop(player);
	}
}

static void expect(struct player *player, const char *expected, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void expect(struct player *player, const char *expected, const char *format, ...)
{
	char command[512], got[64];
	va_list args;
	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	send(player, command, got);
	if (strcmp(got, expected) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", command, got, expected);
}

static void add_group(struct player *player, unsigned group)
{
	expect(player, "", "{\"type\":\"addGroup\",\"name\":\"G\",\"group\":" ID "}", group);
}

static void add_work(struct player *player, const char *expected, unsigned session, unsigned group)
{
	expect(player, expected,
		"{\"type\":\"addSession\",\"kind\":\"work\",\"session\":" ID ",\"group\":" ID "}", session,
		group);
}

/* "20 active work sessions": paused ones too, ended ones no longer. */
static void twenty_work_sessions_are_active(void **state)
{
	(void)state;
	struct player player;
	setup(&player);
	add_group(&player, 0xa1);
	add_group(&player, 0xa2);
	for (unsigned i = 1; i <= 20; i++)
		add_work(&player, "", i, 0xa1 + i % 2);
	expect(&player, "", "{\"type\":\"pause\",\"session\":" ID "}", 1U);
	add_work(&player, "limit", 21, 0xa1);
	/* A field that is wrong comes before that, wherever it is looked at. */
	expect(&player, "badRequest startMs",
		"{\"type\":\"addSession\",\"kind\":\"work\",\"group\":" ID ",\"startMs\":%lld}", 0xa1U,
		NOW + 1);
	expect(&player, "", "{\"type\":\"complete\",\"session\":" ID "}", 1U);
	add_work(&player, "", 21, 0xa1);
	add_work(&player, "limit", 22, 0xa1);
	expect(&player, "", "{\"type\":\"deleteSession\",\"session\":" ID "}", 2U);
	add_work(&player, "", 22, 0xa1);
	expect(&player, "", "{\"type\":\"restoreSession\",\"session\":" ID "}", 2U);
	/* Those of yesterday have ended by themselves. */
	player.replay.now_ms += 24 * 3600000LL;
	add_work(&player, "", 23, 0xa1);
	player_finish(&player);
}

/* "500 timers not deleted": other kinds are none. */
static void timers_alone_are_counted(void **state)
{
	(void)state;
	struct player player;
	setup(&player);
	player.replay.limits.max_timers = 2;
	add_group(&player, 0xa1);
	for (unsigned i = 1; i <= 5; i++)
		add_work(&player, "", i, 0xa1);
	expect(&player, "", "{\"type\":\"addSession\",\"kind\":\"focus\",\"sessionType\":\"short\"}");
	for (unsigned i = 6; i <= 7; i++)
		expect(&player, "", "{\"type\":\"addSession\",\"title\":\"T\",\"session\":" ID "}", i);
	expect(&player, "limit", "{\"type\":\"addSession\",\"title\":\"T\"}");
	expect(&player, "", "{\"type\":\"complete\",\"session\":" ID "}", 6U);
	expect(&player, "limit", "{\"type\":\"addSession\",\"title\":\"T\"}");
	expect(&player, "", "{\"type\":\"deleteSession\",\"session\":" ID "}", 6U);
	expect(&player, "", "{\"type\":\"addSession\",\"title\":\"T\"}");
	expect(&player, "limit", "{\"type\":\"restoreSession\",\"session\":" ID "}", 6U);
	/* Work comes back all the same. */
	expect(&player, "", "{\"type\":\"deleteSession\",\"session\":" ID "}", 1U);
	expect(&player, "", "{\"type\":\"restoreSession\",\"session\":" ID "}", 1U);
	player_finish(&player);
}

/* "200 tasks a session" */
static void tasks_are_counted_by_session(void **state)
{
	(void)state;
	struct player player;
	setup(&player);
	player.replay.limits.max_tasks = 2;
	add_group(&player, 0xa1);
	add_work(&player, "", 1, 0xa1);
	add_work(&player, "", 2, 0xa1);
	static const char add[] =
		"{\"type\":\"addTask\",\"description\":\"d\",\"session\":" ID ",\"task\":" ID "%s}";
	expect(&player, "", add, 1U, 0x11U, "");
	expect(&player, "", add, 1U, 0x12U, "");
	expect(&player, "", add, 2U, 0x13U, "");
	expect(&player, "limit", add, 1U, 0x14U, "");
	expect(&player, "badRequest startMs", add, 1U, 0x14U, ",\"startMs\":5");
	expect(&player, "", "{\"type\":\"completeTask\",\"qualityResult\":\"Good\",\"task\":" ID "}", 0x11U);
	expect(&player, "limit", add, 1U, 0x14U, "");
	expect(&player, "", "{\"type\":\"deleteTask\",\"task\":" ID "}", 0x11U);
	expect(&player, "", add, 1U, 0x14U, "");
	/* The state comes before the limit. */
	expect(&player, "", "{\"type\":\"complete\",\"session\":" ID "}", 1U);
	expect(&player, "invalidState", add, 1U, 0x15U, "");
	player_finish(&player);
}

/* "1000 open problems a group" */
static void open_problems_are_counted_by_group(void **state)
{
	(void)state;
	struct player player;
	setup(&player);
	player.replay.limits.max_problems = 2;
	add_group(&player, 0xa1);
	add_group(&player, 0xa2);
	static const char report[] = "{\"type\":\"reportProblem\",\"description\":\"It is broken\","
				     "\"severity\":\"Minor\",\"group\":" ID ",\"problem\":" ID "%s}";
	expect(&player, "", report, 0xa1U, 0xc1U, "");
	expect(&player, "", report, 0xa1U, 0xc2U, "");
	expect(&player, "", report, 0xa2U, 0xc3U, "");
	expect(&player, "limit", report, 0xa1U, 0xc4U, "");
	expect(&player, "badRequest discoveryMs", report, 0xa1U, 0xc4U, ",\"discoveryMs\":1999999999999");
	expect(&player, "", "{\"type\":\"resolveProblem\",\"problem\":" ID "}", 0xc1U);
	expect(&player, "", report, 0xa1U, 0xc4U, "");
	expect(&player, "limit", report, 0xa1U, 0xc5U, "");
	player_finish(&player);
}

/* "200 groups, 200 plans" */
static void plans_and_groups_are_counted(void **state)
{
	(void)state;
	struct player player;
	setup(&player);
	player.replay.limits.max_plans = 2;
	player.replay.limits.max_groups = 1;
	static const char add[] = "{\"type\":\"addPlan\",\"name\":\"P\",\"structure\":{},\"plan\":" ID "}";
	expect(&player, "", add, 0xb1U);
	expect(&player, "", add, 0xb2U);
	expect(&player, "limit", add, 0xb3U);
	expect(&player, "conflict plan", add, 0xb1U);
	expect(&player, "", "{\"type\":\"deletePlan\",\"plan\":" ID "}", 0xb1U);
	expect(&player, "", add, 0xb3U);
	expect(&player, "conflict plan", add, 0xb1U);
	add_group(&player, 0xa1);
	expect(&player, "limit", "{\"type\":\"addGroup\",\"name\":\"G\"}");
	expect(&player, "", "{\"type\":\"deleteGroup\",\"group\":" ID "}", 0xa1U);
	expect(&player, "", "{\"type\":\"addGroup\",\"name\":\"G\"}");
	player_finish(&player);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twenty_work_sessions_are_active),
		cmocka_unit_test(timers_alone_are_counted),
		cmocka_unit_test(tasks_are_counted_by_session),
		cmocka_unit_test(open_problems_are_counted_by_group),
		cmocka_unit_test(plans_and_groups_are_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
