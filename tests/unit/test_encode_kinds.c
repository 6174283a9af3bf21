/* protocol/encode, the objects of every kind: each member in its place, by literal texts. And what help and
 * keys say of their fields. */
#include "protocol/encode.h"

#include "protocol/decode.h"
#include "protocol/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* 2023-11-14T22:13:20Z */
#define T0     1700000000000LL
#define MINUTE 60000LL

static const struct uuid id_a = {{1, 2, 3, 4, 5, 6, 0x70, 8, 0x80, 10, 11, 12, 13, 14, 15, 16}};
static const struct uuid id_b = {{0xff, 2, 3, 4, 5, 6, 0x70, 8, 0x80, 10, 11, 12, 13, 14, 15, 16}};
#define ID_A "\"01020304-0506-7008-800a-0b0c0d0e0f10\""
#define ID_B "\"ff020304-0506-7008-800a-0b0c0d0e0f10\""

static struct user make_user(void)
{
	return (struct user){
		.version = 3,
		.rule_count = 1,
		.rules = {{.from_ms = DAY_RULE_FOREVER, .zone = "UTC"}},
		.user_id = "u1",
	};
}

static void expect(struct text *out, const char *expected)
{
	assert_string_equal(out->data, expected);
	assert_int_equal(out->len, strlen(expected));
	text_clear(out);
}

static void encode_at(struct text *out, const struct session *session, int64_t now_ms)
{
	struct user user = make_user();
	struct view view = view_make(&user, now_ms);
	encode_session(out, session, &view);
}

static struct session running(enum session_kind kind)
{
	return (struct session){.id = id_a,
		.version = 1,
		.kind = kind,
		.state = STATE_RUNNING,
		.no_goal = true,
		.initial_ms = SESSION_NO_LENGTH,
		.running_since_ms = T0,
		.clock_ms = T0,
		.started_at_ms = T0,
		.created_at_ms = T0,
		.updated_at_ms = T0};
}

static void a_running_focus_session(void **state)
{
	(void)state;
	struct session session = running(KIND_FOCUS);
	session.initial_ms = 25 * MINUTE;
	session.focus.score = SESSION_NO_SCORE;
	TEXT_AUTO out = {0};
	encode_at(&out, &session, T0 + 1500);
	expect(&out,
		"{\"id\":" ID_A
		",\"kind\":\"focus\",\"userId\":\"u1\",\"version\":1,\"title\":null,\"groupId\":null,"
		"\"state\":\"RUNNING\",\"status\":\"active\",\"isCompleted\":false,\"isDeleted\":false,"
		"\"initialDuration\":1500,\"timeLeft\":1498.5,\"targetTimeMs\":1700001500000,"
		"\"elapsedSeconds\":1.5,"
		"\"runningSinceMs\":1700000000000,\"day\":\"2023-11-14\",\"trackedSeconds\":1.5,"
		"\"focusSeconds\":null,\"dailyGoalMinutes\":null,\"noGoal\":true,\"startedAtMs\":"
		"1700000000000,"
		"\"endedAtMs\":null,\"createdAtMs\":1700000000000,\"updatedAtMs\":1700000000000,"
		"\"focus\":{\"sessionType\":\"pomodoro\",\"plannedMinutes\":25,\"actualMinutes\":null,"
		"\"taskId\":null,\"pauses\":[],\"distractions\":0,\"qualityRating\":null,\"focusScore\":null,"
		"\"taskProgress\":null,\"abandonReason\":null,\"progressMade\":null}}");
}

/* Ended in its second pause, and reviewed. */
static void a_completed_focus_session(void **state)
{
	(void)state;
	struct session session = running(KIND_FOCUS);
	session.version = 7;
	session.state = STATE_PAUSED;
	session.status = STATUS_COMPLETED;
	session.group = id_b;
	session.initial_ms = 50 * MINUTE;
	session.running_since_ms = 0;
	session.elapsed_ms = 1000001;
	session.ended_at_ms = session.clock_ms = T0 + 30 * MINUTE;
	session.updated_at_ms = T0 + 31 * MINUTE;
	session.pauses = 2;
	session.focus = (struct focus){.type = SESSION_CUSTOM,
		.task = id_b,
		.distractions = 4,
		.quality_rating = 5,
		.score = 0,
		.reviewed = true,
		.task_progress = "a \"b\"",
		.pauses = {{T0 + MINUTE, T0 + 2 * MINUTE + 5, "call"}, {T0 + 29 * MINUTE, 0, NULL}}};
	snprintf(session.title, sizeof(session.title), "Chapter 1");
	TEXT_AUTO out = {0};
	encode_at(&out, &session, T0 + 60 * MINUTE);
	expect(&out,
		"{\"id\":" ID_A ",\"kind\":\"focus\",\"userId\":\"u1\",\"version\":7,\"title\":\"Chapter 1\","
		"\"groupId\":" ID_B ",\"state\":\"PAUSED\",\"status\":\"completed\",\"isCompleted\":true,"
		"\"isDeleted\":false,\"initialDuration\":3000,\"timeLeft\":1999.999,\"targetTimeMs\":null,"
		"\"elapsedSeconds\":1000.001,\"runningSinceMs\":null,\"day\":\"2023-11-14\","
		"\"trackedSeconds\":0,"
		"\"focusSeconds\":null,\"dailyGoalMinutes\":null,\"noGoal\":true,\"startedAtMs\":"
		"1700000000000,"
		"\"endedAtMs\":1700001800000,\"createdAtMs\":1700000000000,\"updatedAtMs\":1700001860000,"
		"\"focus\":{\"sessionType\":\"custom\",\"plannedMinutes\":50,\"actualMinutes\":16.67,"
		"\"taskId\":" ID_B ",\"pauses\":[{\"pausedAtMs\":1700000060000,\"resumedAtMs\":1700000120005,"
		"\"reason\":\"call\",\"durationSeconds\":60.005},{\"pausedAtMs\":1700001740000,"
		"\"resumedAtMs\":null,"
		"\"reason\":null,\"durationSeconds\":60}],\"distractions\":4,\"qualityRating\":5,"
		"\"focusScore\":0,"
		"\"taskProgress\":\"a \\\"b\\\"\",\"abandonReason\":null,\"progressMade\":null}}");
}

/* While a pause lasts its end and length are null. */
static void a_focus_session_in_a_pause(void **state)
{
	(void)state;
	struct session session = running(KIND_FOCUS);
	session.state = STATE_PAUSED;
	session.running_since_ms = 0;
	session.initial_ms = 15 * MINUTE;
	session.elapsed_ms = MINUTE;
	session.pauses = 1;
	session.focus.type = SESSION_SHORT;
	session.focus.score = SESSION_NO_SCORE;
	session.focus.pauses[0].paused_at_ms = T0 + MINUTE;
	TEXT_AUTO out = {0};
	encode_at(&out, &session, T0 + 5 * MINUTE);
	assert_non_null(
		strstr(out.data, "\"sessionType\":\"short\",\"plannedMinutes\":15,\"actualMinutes\":null,"
				 "\"taskId\":null,\"pauses\":[{\"pausedAtMs\":1700000060000,"
				 "\"resumedAtMs\":null,\"reason\":null,\"durationSeconds\":null}],"));
}

static void an_abandoned_focus_session(void **state)
{
	(void)state;
	struct session session = running(KIND_FOCUS);
	session.state = STATE_PAUSED;
	session.status = STATUS_ABANDONED;
	session.running_since_ms = 0;
	session.initial_ms = 45 * MINUTE;
	session.elapsed_ms = 0;
	session.ended_at_ms = T0;
	session.focus.type = SESSION_LONG;
	session.focus.score = SESSION_NO_SCORE;
	session.focus.abandon_reason = "r";
	session.focus.progress_made = "p";
	TEXT_AUTO out = {0};
	encode_at(&out, &session, T0);
	assert_non_null(strstr(out.data, "\"status\":\"abandoned\",\"isCompleted\":false,"));
	assert_non_null(
		strstr(out.data, "\"focus\":{\"sessionType\":\"long\",\"plannedMinutes\":45,"
				 "\"actualMinutes\":0,\"taskId\":null,\"pauses\":[],\"distractions\":0,"
				 "\"qualityRating\":null,\"focusScore\":null,\"taskProgress\":null,"
				 "\"abandonReason\":\"r\",\"progressMade\":\"p\"}}"));
}

static void work_sessions(void **state)
{
	(void)state;
	struct session session = running(KIND_WORK);
	session.group = id_b;
	TEXT_AUTO out = {0};
	encode_at(&out, &session, T0);
	expect(&out, "{\"id\":" ID_A
		     ",\"kind\":\"work\",\"userId\":\"u1\",\"version\":1,\"title\":null,\"groupId\":" ID_B
		     ",\"state\":\"RUNNING\",\"status\":\"active\",\"isCompleted\":false,\"isDeleted\":false,"
		     "\"initialDuration\":null,\"timeLeft\":null,\"targetTimeMs\":null,\"elapsedSeconds\":0,"
		     "\"runningSinceMs\":1700000000000,\"day\":\"2023-11-14\",\"trackedSeconds\":0,"
		     "\"focusSeconds\":null,\"dailyGoalMinutes\":null,\"noGoal\":true,\"startedAtMs\":"
		     "1700000000000,"
		     "\"endedAtMs\":null,\"createdAtMs\":1700000000000,\"updatedAtMs\":1700000000000,"
		     "\"work\":{\"plannedTasks\":[],\"toolsNeeded\":[],\"partsToInstall\":[],"
		     "\"helperPresent\":false,"
		     "\"notes\":\"\"}}");
	session.work = (struct work){true, "[\"a\",\"b\"]", "[\"c\"]", "[\"d\"]", "n\n"};
	encode_at(&out, &session, T0);
	assert_non_null(
		strstr(out.data, "\"work\":{\"plannedTasks\":[\"a\",\"b\"],\"toolsNeeded\":[\"c\"],"
				 "\"partsToInstall\":[\"d\"],\"helperPresent\":true,\"notes\":\"n\\n\"}}"));
}

static void a_training_session(void **state)
{
	(void)state;
	struct session session = running(KIND_TRAINING);
	session.training = (struct training){id_b, 19675, "{\"sets\":[1,2]}"};
	TEXT_AUTO out = {0};
	encode_at(&out, &session, T0);
	expect(&out,
		"{\"id\":" ID_A ",\"kind\":\"training\",\"userId\":\"u1\",\"version\":1,\"title\":null,"
		"\"groupId\":null,\"state\":\"RUNNING\",\"status\":\"active\",\"isCompleted\":false,"
		"\"isDeleted\":false,\"initialDuration\":null,\"timeLeft\":null,\"targetTimeMs\":null,"
		"\"elapsedSeconds\":0,\"runningSinceMs\":1700000000000,\"day\":\"2023-11-14\","
		"\"trackedSeconds\":0,"
		"\"focusSeconds\":null,\"dailyGoalMinutes\":null,\"noGoal\":true,\"startedAtMs\":"
		"1700000000000,"
		"\"endedAtMs\":null,\"createdAtMs\":1700000000000,\"updatedAtMs\":1700000000000,"
		"\"training\":{\"planId\":" ID_B ",\"date\":\"2023-11-14\",\"structure\":{\"sets\":[1,2]}}}");
}

static void tasks(void **state)
{
	(void)state;
	struct task task = {.id = id_a,
		.session = id_b,
		.version = 1,
		.start_ms = T0,
		.time_ms = 90000,
		.description = "d"};
	TEXT_AUTO out = {0};
	encode_task(&out, &task);
	expect(&out, "{\"id\":" ID_A ",\"sessionId\":" ID_B
		     ",\"version\":1,\"description\":\"d\",\"startMs\":1700000000000,"
		     "\"completedAtMs\":null,\"status\":\"Pending\",\"qualityResult\":null,"
		     "\"challengesEncountered\":\"\",\"reworkNeeded\":false,\"timeSpentMinutes\":1.5,"
		     "\"isDeleted\":false}");
	task.version = 4;
	task.completed = task.rework = task.deleted = true;
	task.completed_at_ms = T0 + 5;
	task.quality = QUALITY_NEEDS_REWORK;
	task.challenges = "rust";
	task.time_ms = 20000;
	encode_task(&out, &task);
	expect(&out,
		"{\"id\":" ID_A ",\"sessionId\":" ID_B
		",\"version\":4,\"description\":\"d\",\"startMs\":1700000000000,"
		"\"completedAtMs\":1700000000005,\"status\":\"Completed\",\"qualityResult\":\"NeedsRework\","
		"\"challengesEncountered\":\"rust\",\"reworkNeeded\":true,\"timeSpentMinutes\":0.33,"
		"\"isDeleted\":true}");
}

/* "Minutes to two places." */
static void minutes_are_rounded(void **state)
{
	(void)state;
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {{0, "0"}, {299, "0"}, {300, "0.01"}, {6000, "0.1"}, {60000, "1"}, {59700, "1"},
		{59699, "0.99"}, {90000, "1.5"}, {100000, "1.67"}, {86400000, "1440"}, {86399999, "1440"}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct task task = {.id = id_a, .session = id_b, .time_ms = rows[i].ms};
		TEXT_AUTO out = {0};
		TEXT_AUTO part = {0};
		encode_task(&out, &task);
		text_append_format(&part, "\"timeSpentMinutes\":%s,", rows[i].text);
		if (!strstr(out.data, part.data))
			fail_msg("%s is not in %s", part.data, out.data);
	}
}

static void problems(void **state)
{
	(void)state;
	struct problem problem = {.id = id_a,
		.group = id_b,
		.version = 1,
		.severity = SEVERITY_MODERATE,
		.cost_impact = PROBLEM_NO_IMPACT,
		.time_impact = PROBLEM_NO_IMPACT,
		.discovery_ms = T0,
		.description = "It is broken"};
	TEXT_AUTO out = {0};
	encode_problem(&out, &problem);
	expect(&out,
		"{\"id\":" ID_A ",\"groupId\":" ID_B ",\"version\":1,\"description\":\"It is broken\","
		"\"severity\":\"Moderate\",\"costImpact\":null,\"timeImpact\":null,\"solutionPlan\":\"\","
		"\"isCommonProblem\":false,\"discoveryMs\":1700000000000,\"resolved\":false,"
		"\"resolvedAtMs\":null}");
	problem.severity = SEVERITY_CRITICAL;
	problem.cost_impact = 12050;
	problem.time_impact = 7;
	problem.common = problem.resolved = true;
	problem.resolved_at_ms = T0 + 1;
	snprintf(problem.solution, sizeof(problem.solution), "weld");
	encode_problem(&out, &problem);
	expect(&out, "{\"id\":" ID_A ",\"groupId\":" ID_B ",\"version\":1,\"description\":\"It is broken\","
		     "\"severity\":\"Critical\",\"costImpact\":120.5,\"timeImpact\":0.07,\"solutionPlan\":"
		     "\"weld\","
		     "\"isCommonProblem\":true,\"discoveryMs\":1700000000000,\"resolved\":true,"
		     "\"resolvedAtMs\":1700000000001}");
	problem.cost_impact = 0;
	problem.time_impact = LIMIT_IMPACT * 100;
	encode_problem(&out, &problem);
	assert_non_null(strstr(out.data, "\"costImpact\":0,\"timeImpact\":1000000000000,"));
}

static void plans(void **state)
{
	(void)state;
	struct user user = make_user();
	struct view view = view_make(&user, T0);
	struct plan plan = {.id = id_a,
		.version = 2,
		.has_sessions = true,
		.created_at_ms = 7,
		.updated_at_ms = 8,
		.structure = "{\"a\":1}",
		.name = "n"};
	TEXT_AUTO out = {0};
	encode_plan(&out, &plan, true, &view);
	expect(&out, "{\"id\":" ID_A ",\"userId\":\"u1\",\"version\":2,\"name\":\"n\",\"hasSessions\":true,"
		     "\"structure\":{\"a\":1},\"isDeleted\":false,\"createdAtMs\":7,\"updatedAtMs\":8}");
	plan.structure = NULL;
	plan.has_sessions = false;
	plan.deleted = true;
	encode_plan(&out, &plan, false, &view);
	expect(&out, "{\"id\":" ID_A ",\"userId\":\"u1\",\"version\":2,\"name\":\"n\",\"hasSessions\":false,"
		     "\"isDeleted\":true,\"createdAtMs\":7,\"updatedAtMs\":8}");
}

/* Help. */

/* The field as help describes it, with its help's own words cut off. */
static void expect_help(const char *command, const char *field, const char *expected)
{
	TEXT_AUTO out = {0};
	TEXT_AUTO name = {0};
	assert_true(encode_help(&out, "1", command));
	text_append_format(&name, "{\"name\":\"%s\",", field);
	char *at = strstr(out.data, name.data);
	assert_non_null(at);
	char *end = strstr(at, ",\"help\":");
	assert_non_null(end);
	*end = '\0';
	assert_string_equal(at, expected);
}

static void help_knows_types_and_bounds(void **state)
{
	(void)state;
#define FIELD(name, type, required, more) \
	"{\"name\":\"" name "\",\"type\":\"" type "\",\"required\":" required more
	expect_help("addTask", "task", FIELD("task", "uuid", "false", ""));
	expect_help("addTask", "startMs",
		FIELD("startMs", "milliseconds since 1970", "false", ",\"min\":0,\"max\":253402300799999"));
	expect_help(
		"addTask", "description", FIELD("description", "string", "true", ",\"min\":1,\"max\":500"));
	expect_help("editProblem", "description",
		FIELD("description", "string", "false", ",\"min\":10,\"max\":1000"));
	expect_help("completeTask", "qualityResult",
		FIELD("qualityResult", "choice", "true",
			",\"values\":[\"Excellent\",\"Good\",\"Acceptable\",\"NeedsRework\"]"));
	expect_help("completeTask", "reworkNeeded", FIELD("reworkNeeded", "boolean", "false", ""));
	expect_help("reportProblem", "severity",
		FIELD("severity", "choice", "true",
			",\"values\":[\"Minor\",\"Moderate\",\"Major\",\"Critical\"]"));
	expect_help("reportProblem", "costImpact",
		FIELD("costImpact", "decimal", "false", ",\"min\":0,\"max\":1000000000000"));
	expect_help("addSession", "kind",
		FIELD("kind", "choice", "false", ",\"values\":[\"timer\",\"focus\",\"work\",\"training\"]"));
	expect_help("addSession", "plannedMinutes",
		FIELD("plannedMinutes", "integer", "false", ",\"min\":5,\"max\":120"));
	expect_help("addSession", "plannedTasks",
		FIELD("plannedTasks", "list of strings", "false", ",\"min\":0,\"max\":100"));
	expect_help("addSession", "date", FIELD("date", "YYYY-MM-DD", "false", ""));
	expect_help("addPlan", "structure",
		FIELD("structure", "JSON object", "true", ",\"min\":0,\"max\":49152"));
	expect_help(
		"complete", "focusScore", FIELD("focusScore", "integer", "false", ",\"min\":0,\"max\":100"));
	expect_help("complete", "qualityRating",
		FIELD("qualityRating", "integer", "false", ",\"min\":1,\"max\":5"));
}

/* Every command's help is one JSON object with a row for each field. */
static void help_has_a_row_for_each_field(void **state)
{
	(void)state;
	for (int type = 0; type < COMMAND_COUNT; type++) {
		TEXT_AUTO out = {0};
		JSON_AUTO *tree = NULL;
		struct refusal why = {0};
		uint64_t fields = command_rows[type].required | command_rows[type].optional;
		assert_true(encode_help(&out, "1", command_rows[type].name));
		assert_int_equal(json_parse(out.data, out.len, &tree, &why), OK);
		const cJSON *command = json_get(tree, "commands")->child;
		assert_string_equal(json_get(command, "name")->valuestring, command_rows[type].name);
		assert_int_equal(
			cJSON_GetArraySize(json_get(command, "fields")), __builtin_popcountll(fields));
	}
}

/* Keys. */

static void asks(struct text *ret, const char *text)
{
	struct message message;
	struct refusal why = {0};
	if (decode_message(text, strlen(text), &message, &why))
		fail_msg("%s", why.message);
	text_clear(ret);
	encode_command(ret, &message.commands[0].command);
	message_finish(&message);
}

/* "The same decoded fields": however each was spelled. */
static void values_have_one_text(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b, *text;
	} rows[] = {
		{"{\"type\":\"addSession\",\"id\":1,\"kind\":\"training\",\"plan\":" ID_B
		 ",\"date\":\"2023-11-14\",\"structure\":{\"a\":[1.0,\"\\u00e9\"]}}",
			"{ \"structure\" : { \"a\" : [ 1 , \"é\" ] }, \"date\":\"2023-11-14\",\"plan\":"
			"\"FF020304-0506-7008-800A-0B0C0D0E0F10\",\"kind\":\"training\",\"type\":\"add\" }",
			"{\"type\":\"addSession\",\"kind\":3,\"plan\":" ID_B
			",\"date\":19675,\"structure\":{\"a\":[1,\"é\"]}}"},
		{"{\"type\":\"addSession\",\"kind\":\"work\",\"group\":" ID_B
		 ",\"startMs\":5e3,\"plannedTasks\":[],\"toolsNeeded\":[ \"a\" ],\"helperPresent\":true}",
			"{\"type\":\"add\",\"helperPresent\":true,\"toolsNeeded\":[\"\\u0061\"],"
			"\"plannedTasks\":[ "
			"],\"startMs\":5000,\"group\":" ID_B ",\"kind\":\"work\"}",
			"{\"type\":\"addSession\",\"group\":" ID_B
			",\"kind\":2,\"startMs\":5000,\"plannedTasks\":[],\"toolsNeeded\":[\"a\"],"
			"\"helperPresent\":true}"},
		{"{\"type\":\"reportProblem\",\"group\":" ID_B ",\"description\":\"It is "
		 "broken\",\"severity\":\"Minor\",\"costImpact\":1.50,\"timeImpact\":null,"
		 "\"discoveryMs\":7}",
			"{\"type\":\"reportProblem\",\"discoveryMs\":7,\"timeImpact\":null,\"costImpact\":"
			"15e-1,"
			"\"severity\":\"Minor\",\"description\":\"It is \\u0062roken\",\"group\":" ID_B "}",
			"{\"type\":\"reportProblem\",\"group\":" ID_B ",\"description\":\"It is "
			"broken\",\"severity\":0,\"costImpact\":150,\"timeImpact\":null,"
			"\"discoveryMs\":7}"},
		{"{\"type\":\"completeTask\",\"task\":" ID_A
		 ",\"qualityResult\":\"Good\",\"reworkNeeded\":false}",
			"{\"reworkNeeded\":false,\"qualityResult\":\"Good\",\"task\":" ID_A
			",\"type\":\"completeTask\",\"id\":\"x\"}",
			"{\"type\":\"completeTask\",\"task\":" ID_A
			",\"qualityResult\":1,\"reworkNeeded\":false}"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		TEXT_AUTO a = {0};
		TEXT_AUTO b = {0};
		asks(&a, rows[i].a);
		asks(&b, rows[i].b);
		assert_string_equal(a.data, b.data);
		assert_string_equal(a.data, rows[i].text);
	}
}

static void other_values_have_other_texts(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"{\"type\":\"complete\",\"session\":" ID_A "}",
		"{\"type\":\"complete\",\"session\":" ID_A ",\"qualityRating\":1}",
		"{\"type\":\"complete\",\"session\":" ID_A ",\"focusScore\":1}",
		"{\"type\":\"complete\",\"session\":" ID_A ",\"taskProgress\":\"\"}",
		"{\"type\":\"complete\",\"session\":" ID_A ",\"structure\":{}}",
		"{\"type\":\"complete\",\"session\":" ID_A ",\"structure\":{\"a\":1}}",
		"{\"type\":\"complete\",\"session\":" ID_A ",\"structure\":{\"a\":\"1\"}}",
		"{\"type\":\"editSession\",\"session\":" ID_A ",\"toolsNeeded\":[]}",
		"{\"type\":\"editSession\",\"session\":" ID_A ",\"toolsNeeded\":[\"a\",\"b\"]}",
		"{\"type\":\"editSession\",\"session\":" ID_A ",\"toolsNeeded\":[\"a\\\",\\\"b\"]}",
		"{\"type\":\"editProblem\",\"problem\":" ID_A ",\"costImpact\":null}",
		"{\"type\":\"editProblem\",\"problem\":" ID_A ",\"costImpact\":0}",
		"{\"type\":\"editProblem\",\"problem\":" ID_A ",\"costImpact\":0.01}",
		"{\"type\":\"editProblem\",\"problem\":" ID_A ",\"timeImpact\":0}",
		"{\"type\":\"resolveProblem\",\"problem\":" ID_A "}",
		"{\"type\":\"editTask\",\"task\":" ID_A "}",
		"{\"type\":\"deleteTask\",\"task\":" ID_A "}",
		"{\"type\":\"deletePlan\",\"plan\":" ID_A "}",
	};
	size_t count = sizeof(texts) / sizeof(texts[0]);
	for (size_t i = 0; i < count; i++) {
		for (size_t j = i + 1; j < count; j++) {
			TEXT_AUTO a = {0};
			TEXT_AUTO b = {0};
			asks(&a, texts[i]);
			asks(&b, texts[j]);
			assert_string_not_equal(a.data, b.data);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_running_focus_session),
		cmocka_unit_test(a_completed_focus_session),
		cmocka_unit_test(a_focus_session_in_a_pause),
		cmocka_unit_test(an_abandoned_focus_session),
		cmocka_unit_test(work_sessions),
		cmocka_unit_test(a_training_session),
		cmocka_unit_test(tasks),
		cmocka_unit_test(minutes_are_rounded),
		cmocka_unit_test(problems),
		cmocka_unit_test(plans),
		cmocka_unit_test(help_knows_types_and_bounds),
		cmocka_unit_test(help_has_a_row_for_each_field),
		cmocka_unit_test(values_have_one_text),
		cmocka_unit_test(other_values_have_other_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
