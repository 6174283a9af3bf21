/* Reports: time spent by commands, and what analytics and the reports of a project then say of it. */
#include "server/view_analytics.h"
#include "server/view_project.h"
#include "tests/support/player.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MINUTE  60000LL
#define BEGIN   1773183600000LL /* 2026-03-10 23:00 UTC */
#define ID(n)   "00000000-0000-7000-8000-00000000000" n
#define WORK(n) "\"session\":\"" ID(n) "\""
#define TASK(n) "\"task\":\"" ID(n) "\""
#define MESSAGE "{\"type\":"
#define PROBLEM MESSAGE "\"reportProblem\",\"group\":\"" ID("1") "\",\"description\":\"Bolts are missing\","

struct step {
	int minute; /* since BEGIN */
	const char *message;
};

/* Session 2 runs 23:00 to 00:30 and 01:00 to 01:20; session 3 from 01:10 on. */
static const struct step steps[] = {
	{0, MESSAGE "\"addGroup\",\"group\":\"" ID("1") "\",\"name\":\"Shed\"}"},
	{0, MESSAGE "\"addSession\",\"kind\":\"work\"," WORK("2") ",\"group\":\"" ID("1") "\"}"},
	{30, MESSAGE "\"addTask\"," WORK("2") "," TASK("5") ",\"description\":\"Weld\"}"},
	{40, MESSAGE "\"addTask\"," WORK("2") "," TASK("6") ",\"description\":\"Paint\"}"},
	{50, MESSAGE "\"completeTask\"," TASK("6") ",\"qualityResult\":\"Good\"}"},
	{90, MESSAGE "\"pause\"," WORK("2") "}"},
	{120, MESSAGE "\"start\"," WORK("2") "}"},
	{130, MESSAGE "\"addSession\",\"kind\":\"work\"," WORK("3") ",\"group\":\"" ID("1") "\"}"},
	{130, MESSAGE "\"completeTask\"," TASK("5") ",\"qualityResult\":\"NeedsRework\"}"},
	{140, MESSAGE "\"addTask\"," WORK("3") "," TASK("7") ",\"description\":\"Clean\"}"},
	{140, MESSAGE "\"complete\"," WORK("2") "}"},
	{140, MESSAGE "\"deleteSession\"," WORK("2") "}"},
	{145, PROBLEM "\"severity\":\"Minor\",\"costImpact\":12.5,\"timeImpact\":1}"},
	{145, PROBLEM "\"severity\":\"Critical\",\"costImpact\":0.25}"},
};

static void play(struct player *player, const char *user)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		player->replay.now_ms = BEGIN + steps[i].minute * MINUTE;
		player_send(player, user, steps[i].message);
		for (const struct reply *reply; (reply = player_next(player)); player_drop(player)) {
			if (memmem(message_data(reply->message), reply->message->len, "\"ok\":false", 10))
				fail_msg("%s\n%.400s", steps[i].message, message_data(reply->message));
		}
	}
	player->replay.now_ms = BEGIN + 150 * MINUTE;
}

static void expect(struct player *player, view_fn *view, const struct view_query *query, const char *wanted)
{
	struct pass pass = {.store = player->fixture.store, .now_ms = player->replay.now_ms};
	struct user user;
	struct turn turn;
	struct refusal why = {0};
	bool waits = false;
	TEXT_AUTO out = {0};
	assert_int_equal(store_begin(pass.store), OK);
	assert_int_equal(store_user_find(pass.store, STORE_ISSUER, "anna", &user), OK);
	assert_int_equal(turn_begin(&turn, &pass, user.uid), OK);
	assert_int_equal(view(&turn, query, &out, &waits, &why), OK);
	assert_string_equal(why.code ? why.message : out.data, wanted);
	store_rollback(pass.store);
}

static struct view_query ask(const char *id)
{
	struct view_query query = {.kind = VIEW_PROJECT_TIME};
	assert_true(uuid_parse(id, &query.id));
	return query;
}

static struct view_query ask_days(const char *from, const char *to)
{
	struct view_query query = ask(ID("1"));
	query.analytics.has_from = from && day_parse(from, &query.analytics.from);
	query.analytics.has_to = to && day_parse(to, &query.analytics.to);
	return query;
}

static void sums_up_a_project(void **state)
{
	struct player *player = *state;
	struct view_query query = ask(ID("1"));
	play(player, "anna");
	expect(player, view_project_analytics, &query,
		"{\"projectId\":\"" ID("1") "\",\"sessions\":{\"count\":2,\"totalMinutes\":130,"
					    "\"meanMinutes\":65,\"longestMinutes\":110},\"tasks\":{\"count\":"
					    "3,\"completed\":2,"
					    "\"byQualityResult\":{\"Excellent\":0,\"Good\":1,\"Acceptable\":"
					    "0,\"NeedsRework\":1},"
					    "\"reworkRate\":0.5},\"problems\":{\"open\":2,\"resolved\":0,"
					    "\"bySeverity\":{\"Minor\":1,"
					    "\"Moderate\":0,\"Major\":0,\"Critical\":1},\"costImpact\":12.75,"
					    "\"timeImpact\":1}}");
}

#define HEAD(from, to)                                                                     \
	"{\"projectId\":\"" ID("1") "\",\"timeZone\":\"UTC\",\"from\":" from ",\"to\":" to \
				    ",\"nowMs\":1773192600000,\"totalMinutes\":"
#define SPENT(n, start, minutes) \
	"{\"sessionId\":\"" ID(n) "\",\"startTime\":\"" start ":00.000Z\",\"minutes\":" minutes "}"
#define DONE(n, session, what, minutes)                                                       \
	"{\"taskId\":\"" ID(n) "\",\"sessionId\":\"" ID(session) "\",\"description\":\"" what \
								 "\",\"minutes\":" minutes "}"

static void tells_where_time_went(void **state)
{
	struct player *player = *state;
	struct view_query query = ask(ID("1"));
	play(player, "anna");
	expect(player, view_project_time, &query,
		HEAD("null", "null") "130,\"days\":[{\"date\":\"2026-03-10\",\"minutes\":60},"
				     "{\"date\":\"2026-03-11\",\"minutes\":70}],\"sessions\":[" SPENT(
					     "3", "2026-03-11T01:10", "20") "," SPENT("2", "2026-03-10T23:00",
					     "110") "],\"tasks\":[" DONE("7", "3", "Clean",
					     "10") "," DONE("5", "2", "Weld", "70") "," DONE("6", "2",
					     "Paint", "10") "]}");
	query = ask_days("2026-03-11", NULL);
	expect(player, view_project_time, &query,
		HEAD("\"2026-03-11\"",
			"null") "70,\"days\":[{\"date\":\"2026-03-11\",\"minutes\":70}],"
				"\"sessions\":[" SPENT("3", "2026-03-11T01:10", "20") "," SPENT(
					"2", "2026-03-10T23:00", "50") "],\"tasks\":[" DONE("7", "3", "Clean",
					"10") "," DONE("5", "2", "Weld", "40") "]}");
	query = ask_days("1970-01-01", "2026-03-10");
	expect(player, view_project_time, &query,
		HEAD("\"1970-01-01\"",
			"\"2026-03-10\"") "60,\"days\":[{\"date\":\"2026-03-10\","
					  "\"minutes\":60}],\"sessions\":[" SPENT(
						  "2", "2026-03-10T23:00", "60") "],\"tasks\":[" DONE("5",
						  "2", "Weld", "30") "," DONE("6", "2", "Paint", "10") "]}");
	query = ask_days("2026-03-12", "9999-12-31");
	expect(player, view_project_time, &query,
		HEAD("\"2026-03-12\"", "\"9999-12-31\"") "0,\"days\":[],\"sessions\":[],\"tasks\":[]}");
}

static void knows_the_users_days(void **state)
{
	struct player *player = *state;
	struct view_query query = ask_days("2026-03-10", "2026-03-10");
	player->replay.now_ms = BEGIN - MINUTE;
	player_send(player, "anna",
		MESSAGE
		"\"autoResetTimeChange\",\"sessionsResetTime\":\"02:00\",\"timeZone\":\"Europe/Berlin\"}");
	play(player, "anna");
	/* Its day lasts until 01:00 UTC. */
	expect(player, view_project_time, &query,
		"{\"projectId\":\"" ID("1") "\",\"timeZone\":\"Europe/Berlin\",\"from\":\"2026-03-10\","
					    "\"to\":\"2026-03-10\",\"nowMs\":1773192600000,\"totalMinutes\":"
					    "90,\"days\":[{\"date\":"
					    "\"2026-03-10\",\"minutes\":90}],\"sessions\":[" SPENT("2",
						    "2026-03-10T23:00", "90") "],\"tasks\":[" DONE("5", "2",
						    "Weld", "60") "," DONE("6", "2", "Paint", "10") "]}");
}

static void finds_projects_only(void **state)
{
	struct player *player = *state;
	struct view_query query = ask(ID("2"));
	play(player, "anna");
	expect(player, view_project_time, &query, "Project not found");
	expect(player, view_project_analytics, &query, "Project not found");
	query = ask(ID("8"));
	player_send(player, "anna", MESSAGE "\"addGroup\",\"group\":\"" ID("8") "\",\"name\":\"Barn\"}");
	expect(player, view_project_time, &query,
		"{\"projectId\":\"" ID("8") "\",\"timeZone\":\"UTC\",\"from\":null,\"to\":null,"
					    "\"nowMs\":1773192600000,\"totalMinutes\":0,\"days\":[],"
					    "\"sessions\":[],\"tasks\":[]}");
	player_send(player, "anna", MESSAGE "\"deleteGroup\",\"group\":\"" ID("8") "\"}");
	expect(player, view_project_time, &query, "Project not found");
	expect(player, view_project_analytics, &query, "Project not found");
}

static void names_no_title_where_there_is_none(void **state)
{
	struct player *player = *state;
	struct view_query query = {.kind = VIEW_ANALYTICS, .session = ask(ID("2")).id};
	play(player, "anna");
	query.analytics = ask_days("2026-03-10", "2026-03-10").analytics;
	expect(player, view_analytics, &query,
		"{\"period\":\"daily\",\"timeZone\":\"UTC\",\"from\":\"2026-03-10\",\"to\":\"2026-03-10\","
		"\"nowMs\":1773192600000,\"streakDays\":0,\"periods\":[{\"from\":\"2026-03-10\",\"to\":"
		"\"2026-03-10\",\"sumMinutes\":60,\"unionMinutes\":60,\"sessions\":[{\"session\":\"" ID(
			"2") "\",\"kind\":\"work\",\"title\":null,\"groupId\":\"" ID("1") "\","
											  "\"minutes\":60,"
											  "\"goalMinutes\":"
											  "null,\"goalMet\":"
											  "null}]}]}");
}

static void play_days(struct player *player, int days)
{
	player_send(player, "anna",
		MESSAGE "\"addSession\"," WORK("9") ",\"title\":\"Read\",\"dailyGoalMinutes\":20}");
	for (int i = 0; i < days; i++) {
		player_send(player, "anna", MESSAGE "\"start\"," WORK("9") "}");
		player->replay.now_ms += 20 * MINUTE;
		player_send(player, "anna", MESSAGE "\"pause\"," WORK("9") "}");
		player->replay.now_ms += (1440 - 20) * MINUTE;
	}
}

/* However few days are asked for. */
static void counts_a_streak_from_before_the_range(void **state)
{
	struct player *player = *state;
	struct view_query query = {.kind = VIEW_ANALYTICS};
	player->replay.now_ms = BEGIN - 100 * 1440 * MINUTE;
	play_days(player, 100);
	query.analytics = ask_days("2026-03-10", "2026-03-10").analytics;
	expect(player, view_analytics, &query,
		"{\"period\":\"daily\",\"timeZone\":\"UTC\",\"from\":\"2026-03-10\",\"to\":\"2026-03-10\","
		"\"nowMs\":1773183600000,\"streakDays\":100,\"periods\":[{\"from\":\"2026-03-10\",\"to\":"
		"\"2026-03-10\",\"sumMinutes\":0,\"unionMinutes\":0,\"sessions\":[{\"session\":\"" ID(
			"9") "\",\"kind\":\"timer\",\"title\":\"Read\",\"groupId\":null,\"minutes\":0,"
			     "\"goalMinutes\":20,\"goalMet\":false}]}]}");
	/* Of another session there is none. */
	query.session = ask(ID("2")).id;
	expect(player, view_analytics, &query,
		"{\"period\":\"daily\",\"timeZone\":\"UTC\",\"from\":\"2026-03-10\",\"to\":\"2026-03-10\","
		"\"nowMs\":1773183600000,\"streakDays\":0,\"periods\":[{\"from\":\"2026-03-10\",\"to\":"
		"\"2026-03-10\",\"sumMinutes\":0,\"unionMinutes\":0,\"sessions\":[]}]}");
}

static int set_up(void **state)
{
	static struct player player;
	player_init(&player);
	*state = &player;
	return 0;
}

static int tear_down(void **state)
{
	player_finish(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sums_up_a_project, set_up, tear_down),
		cmocka_unit_test_setup_teardown(tells_where_time_went, set_up, tear_down),
		cmocka_unit_test_setup_teardown(knows_the_users_days, set_up, tear_down),
		cmocka_unit_test_setup_teardown(finds_projects_only, set_up, tear_down),
		cmocka_unit_test_setup_teardown(names_no_title_where_there_is_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(counts_a_streak_from_before_the_range, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
