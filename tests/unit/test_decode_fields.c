/* protocol/decode, the fields of all kinds of sessions, tasks, problems and plans: each bound from both
 * sides, each type by examples. */
#include "tests/support/decoding.h"

#include "protocol/day.h"
#include "protocol/problem.h"
#include "protocol/session.h"
#include "protocol/task.h"
#include "protocol/text.h"

#define ADD(more)      "{\"type\":\"addSession\"," more "}"
#define TASK(more)     "{\"type\":\"addTask\"," S "," more "}"
#define DONE(more)     "{\"type\":\"completeTask\"," T "," more "}"
#define PROBLEM(more)  "{\"type\":\"editProblem\"," P "," more "}"
#define PLAN(more)     "{\"type\":\"editPlan\"," L "," more "}"
#define COMPLETE(more) "{\"type\":\"complete\"," S "," more "}"
#define REPORT         "\"description\":\"It is broken\",\"severity\":\"Minor\""

static void commands_take_their_fields(void **state)
{
	(void)state;
	static const struct example examples[] = {
		{ADD("\"kind\":\"focus\",\"sessionType\":\"custom\",\"plannedMinutes\":50," T "," G
		     ",\"title\":null"),
			NULL},
		{ADD("\"kind\":\"work\"," G ",\"startMs\":1,\"plannedTasks\":[],\"toolsNeeded\":[\"a\"],"
		     "\"partsToInstall\":[],\"helperPresent\":true,\"notes\":\"\""),
			NULL},
		{ADD("\"kind\":\"training\"," L ",\"date\":\"2026-11-21\",\"structure\":{}"), NULL},
		{"{\"type\":\"edit\"," S ",\"notes\":\"n\",\"plannedTasks\":[\"a\"],\"structure\":{}}", NULL},
		{"{\"type\":\"renameSession\"," S ",\"title\":null}", NULL},
		{"{\"type\":\"distraction\"," S "}", NULL},
		{COMPLETE("\"qualityRating\":4,\"taskProgress\":\"p\",\"focusScore\":85"), NULL},
		{COMPLETE("\"structure\":{\"a\":1}"), NULL},
		{TASK(T ",\"description\":\"d\",\"startMs\":1"), NULL},
		{TASK("\"startMs\":1"), "description"},
		{"{\"type\":\"addTask\",\"description\":\"d\"}", "session"},
		{TASK("\"description\":\"d\",\"timeSpent\":5"), "timeSpent"},
		{TASK("\"description\":\"d\",\"qualityResult\":\"Good\""), "qualityResult"},
		{"{\"type\":\"editTask\"," T ",\"description\":\"d\",\"challengesEncountered\":\"\"}", NULL},
		{"{\"type\":\"editTask\"," T "}", NULL},
		{"{\"type\":\"editTask\"," T ",\"timeSpentMinutes\":5}", "timeSpentMinutes"},
		{"{\"type\":\"editTask\"," T "," S "}", "session"},
		{DONE("\"qualityResult\":\"Good\",\"challengesEncountered\":\"c\",\"reworkNeeded\":false"),
			NULL},
		{DONE("\"reworkNeeded\":false"), "qualityResult"},
		{DONE("\"qualityResult\":\"Good\",\"timeSpent\":1.5"), "timeSpent"},
		{"{\"type\":\"deleteTask\"," T "}", NULL},
		{"{\"type\":\"deleteTask\"}", "task"},
		{"{\"type\":\"reportProblem\"," G "," REPORT "}", NULL},
		{"{\"type\":\"reportProblem\"," G "," P "," REPORT
		 ",\"costImpact\":1.25,\"timeImpact\":null,\"solutionPlan\":\"\",\"isCommonProblem\":true,"
		 "\"discoveryMs\":7}",
			NULL},
		{"{\"type\":\"reportProblem\"," REPORT "}", "group"},
		{"{\"type\":\"reportProblem\"," G ",\"severity\":\"Minor\"}", "description"},
		{"{\"type\":\"reportProblem\"," G ",\"description\":\"It is broken\"}", "severity"},
		{PROBLEM(REPORT), NULL},
		{"{\"type\":\"editProblem\"," P "}", NULL},
		{PROBLEM(G), "group"},
		{PROBLEM("\"resolved\":true"), "resolved"},
		{"{\"type\":\"resolveProblem\"," P ",\"solutionPlan\":\"s\"}", NULL},
		{"{\"type\":\"resolveProblem\"," P ",\"severity\":\"Minor\"}", "severity"},
		{"{\"type\":\"addPlan\"," L ",\"name\":\"n\",\"structure\":{}}", NULL},
		{"{\"type\":\"addPlan\",\"name\":\"n\"}", "structure"},
		{"{\"type\":\"addPlan\",\"structure\":{}}", "name"},
		{PLAN("\"name\":\"n\""), NULL},
		{PLAN("\"structure\":{}"), NULL},
		{"{\"type\":\"deletePlan\"," L "}", NULL},
		{"{\"type\":\"start\"," S ",\"reason\":\"r\"}", "reason"},
		{"{\"type\":\"resetSession\"," S "," T "}", "task"},
	};
	CHECK(examples);
}

/* ifVersion: "not on add…"; reportProblem adds too. */
static void what_adds_takes_no_version(void **state)
{
	(void)state;
	static const struct example examples[] = {
		{TASK("\"description\":\"d\",\"ifVersion\":1"), "ifVersion"},
		{"{\"type\":\"reportProblem\"," G "," REPORT ",\"ifVersion\":1}", "ifVersion"},
		{"{\"type\":\"addPlan\",\"name\":\"n\",\"structure\":{},\"ifVersion\":1}", "ifVersion"},
		{DONE("\"qualityResult\":\"Good\",\"ifVersion\":1"), NULL},
		{PROBLEM("\"ifVersion\":1"), NULL},
		{PLAN("\"ifVersion\":1"), NULL},
		{"{\"type\":\"distraction\"," S ",\"ifVersion\":1}", NULL},
	};
	CHECK(examples);
}

/* null is a value where there can be none, and never what a command is about. */
static void null_has_its_places(void **state)
{
	(void)state;
	static const struct example examples[] = {
		{ADD("\"task\":null,\"group\":null,\"title\":null,\"initialDuration\":null,"
		     "\"dailyGoalMinutes\":null"),
			NULL},
		{PROBLEM("\"costImpact\":null,\"timeImpact\":null"), NULL},
		{COMPLETE("\"taskProgress\":null"), NULL},
		{"{\"type\":\"pause\"," S ",\"reason\":null}", NULL},
		{"{\"type\":\"abandon\"," S ",\"reason\":null,\"progressMade\":null}", NULL},
		{ADD("\"plan\":null"), "plan"},
		{ADD("\"session\":null"), "session"},
		{ADD("\"kind\":null"), "kind"},
		{ADD("\"sessionType\":null"), "sessionType"},
		{ADD("\"plannedMinutes\":null"), "plannedMinutes"},
		{ADD("\"startMs\":null"), "startMs"},
		{ADD("\"plannedTasks\":null"), "plannedTasks"},
		{ADD("\"helperPresent\":null"), "helperPresent"},
		{ADD("\"notes\":null"), "notes"},
		{ADD("\"date\":null"), "date"},
		{ADD("\"structure\":null"), "structure"},
		{TASK("\"description\":\"d\",\"task\":null"), "task"},
		{TASK("\"description\":null"), "description"},
		{"{\"type\":\"addTask\",\"session\":null,\"description\":\"d\"}", "session"},
		{"{\"type\":\"editTask\",\"task\":null}", "task"},
		{"{\"type\":\"completeTask\",\"task\":null,\"qualityResult\":\"Good\"}", "task"},
		{DONE("\"qualityResult\":null"), "qualityResult"},
		{DONE("\"qualityResult\":\"Good\",\"reworkNeeded\":null"), "reworkNeeded"},
		{"{\"type\":\"reportProblem\"," G0 "," REPORT "}", "group"},
		{PROBLEM("\"solutionPlan\":null"), "solutionPlan"},
		{PROBLEM("\"isCommonProblem\":null"), "isCommonProblem"},
		{PROBLEM("\"discoveryMs\":null"), "discoveryMs"},
		{"{\"type\":\"editProblem\",\"problem\":null}", "problem"},
		{PLAN("\"name\":null"), "name"},
		{PLAN("\"structure\":null"), "structure"},
		{"{\"type\":\"deletePlan\",\"plan\":null}", "plan"},
		{COMPLETE("\"qualityRating\":null"), "qualityRating"},
		{COMPLETE("\"focusScore\":null"), "focusScore"},
	};
	CHECK(examples);
}

/* Lengths, in code points. */
static void texts_have_lengths(void **state)
{
	static const struct {
		const char *head, *field;
		int min, max;
	} rows[] = {
		{"\"type\":\"addSession\"", "title", 1, 200},
		{"\"type\":\"renameSession\"," S, "title", 1, 200},
		{"\"type\":\"addSession\"", "notes", 0, 10000},
		{"\"type\":\"editSession\"," S, "notes", 0, 10000},
		{"\"type\":\"complete\"," S, "taskProgress", 0, 10000},
		{"\"type\":\"pause\"," S, "reason", 0, 500},
		{"\"type\":\"abandon\"," S, "reason", 0, 500},
		{"\"type\":\"abandon\"," S, "progressMade", 0, 10000},
		{"\"type\":\"addTask\"," S, "description", 1, 500},
		{"\"type\":\"editTask\"," T, "description", 1, 500},
		{"\"type\":\"editTask\"," T, "challengesEncountered", 0, 10000},
		{"\"type\":\"completeTask\",\"qualityResult\":\"Good\"," T, "challengesEncountered", 0,
			10000},
		{"\"type\":\"reportProblem\",\"severity\":\"Minor\"," G, "description", 10, 1000},
		{"\"type\":\"editProblem\"," P, "description", 10, 1000},
		{"\"type\":\"editProblem\"," P, "solutionPlan", 0, 1000},
		{"\"type\":\"resolveProblem\"," P, "solutionPlan", 0, 1000},
		{"\"type\":\"addPlan\",\"structure\":{}", "name", 1, 200},
		{"\"type\":\"editPlan\"," L, "name", 1, 200},
		{"\"type\":\"addGroup\"", "name", 1, 200},
		{"\"type\":\"editGroup\"," G, "description", 0, 2000},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const int lengths[] = {rows[i].min - 1, rows[i].min, rows[i].max, rows[i].max + 1};
		for (int which = lengths[0] < 0; which < 4; which++) {
			TEXT_AUTO text = {0};
			text_append_format(&text, "{%s,\"%s\":\"", rows[i].head, rows[i].field);
			for (int n = 0; n < lengths[which]; n++)
				text_append_string(&text, "😀");
			text_append_string(&text, "\"}");
			bool good = which == 1 || which == 2;
			struct example example = {text.data, good ? NULL : rows[i].field};
			check_examples(&example, 1);
		}
	}
}

static void integers_have_bounds(void **state)
{
	static const struct {
		const char *head, *field;
		int64_t min, max;
	} rows[] = {
		{"\"type\":\"addSession\"", "plannedMinutes", 5, 120},
		{"\"type\":\"addSession\"", "dailyGoalMinutes", 1, 1440},
		{"\"type\":\"complete\"," S, "qualityRating", 1, 5},
		{"\"type\":\"complete\"," S, "focusScore", 0, 100},
		{"\"type\":\"addSession\"", "startMs", 0, LIMIT_INSTANT_MS},
		{"\"type\":\"addTask\",\"description\":\"d\"," S, "startMs", 0, LIMIT_INSTANT_MS},
		{"\"type\":\"editProblem\"," P, "discoveryMs", 0, LIMIT_INSTANT_MS},
	};
	static const char *const others[] = {
		"1.5", "\"5\"", "true", "[5]", "{}", "1e300", "-1e300", "9007199254740993"};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const int64_t numbers[] = {rows[i].min - 1, rows[i].min, rows[i].max, rows[i].max + 1};
		for (int which = 0; which < 4; which++) {
			TEXT_AUTO text = {0};
			text_append_format(&text, "{%s,\"%s\":", rows[i].head, rows[i].field);
			text_append_integer(&text, numbers[which]);
			text_append_string(&text, "}");
			bool good = which == 1 || which == 2;
			struct example example = {text.data, good ? NULL : rows[i].field};
			check_examples(&example, 1);
		}
		for (size_t which = 0; which < sizeof(others) / sizeof(others[0]); which++) {
			TEXT_AUTO text = {0};
			text_append_format(
				&text, "{%s,\"%s\":%s}", rows[i].head, rows[i].field, others[which]);
			expect_refusal(text.data, ERR_BAD_REQUEST, rows[i].field);
		}
	}
}

static void choices_are_made_by_name(void **state)
{
	static const struct {
		const char *head;
		enum field field;
		const char *names[5];
	} rows[] = {
		{"\"type\":\"addSession\"", FIELD_KIND, {"timer", "focus", "work", "training"}},
		{"\"type\":\"addSession\"", FIELD_SESSION_TYPE, {"pomodoro", "short", "long", "custom"}},
		{"\"type\":\"completeTask\"," T, FIELD_QUALITY_RESULT,
			{"Excellent", "Good", "Acceptable", "NeedsRework"}},
		{"\"type\":\"editProblem\"," P, FIELD_SEVERITY, {"Minor", "Moderate", "Major", "Critical"}},
	};
	static const char *const others[] = {"\"\"", "\"GOOD\"", "\"Timer\"", "\"minor\"", "\"timer \"", "0",
		"1", "true", "[\"timer\"]", "\"quest\"", "\"excellent\"", "\"Pomodoro\""};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *field = field_rows[rows[i].field].name;
		for (int which = 0; rows[i].names[which]; which++) {
			TEXT_AUTO text = {0};
			text_append_format(
				&text, "{%s,\"%s\":\"%s\"}", rows[i].head, field, rows[i].names[which]);
			struct message message = accept_command(text.data);
			assert_int_equal(
				command_value(&message.commands[0].command, rows[i].field)->number, which);
			message_finish(&message);
		}
		assert_null(field_rows[rows[i].field].choices[4]);
		for (size_t which = 0; which < sizeof(others) / sizeof(others[0]); which++) {
			TEXT_AUTO text = {0};
			text_append_format(&text, "{%s,\"%s\":%s}", rows[i].head, field, others[which]);
			expect_refusal(text.data, ERR_BAD_REQUEST, field);
		}
	}
}

/* "Decimals >= 0 to two places (kept as hundredths)." */
static void impacts_have_two_decimals(void **state)
{
	static const struct {
		const char *text;
		int64_t hundredths; /* -1: refused */
	} rows[] = {{"0", 0}, {"0.0", 0}, {"-0.0", 0}, {"0.01", 1}, {"0.10", 10}, {"1", 100}, {"12.5", 1250},
		{"12.34", 1234}, {"12.340", 1234}, {"1.005", -1}, {"12.345", -1}, {"0.001", -1},
		{"0.009", -1}, {"-0.01", -1}, {"-1", -1}, {"4.35", 435}, {"0.29", 29}, {"1e3", 100000},
		{"1.5e1", 1500}, {"1000000000000", 100000000000000}, {"999999999999.99", 99999999999999},
		{"1000000000000.01", -1}, {"1e300", -1}, {"-1e300", -1}, {"\"1\"", -1}, {"true", -1},
		{"[]", -1}};
	static const enum field fields[] = {FIELD_COST_IMPACT, FIELD_TIME_IMPACT};
	(void)state;
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		enum field field = fields[i % 2];
		TEXT_AUTO text = {0};
		text_append_format(&text, "{\"type\":\"editProblem\"," P ",\"%s\":%s}",
			field_rows[field].name, rows[i / 2].text);
		if (rows[i / 2].hundredths < 0) {
			expect_refusal(text.data, ERR_BAD_REQUEST, field_rows[field].name);
			continue;
		}
		struct message message = accept_command(text.data);
		assert_int_equal(
			command_value(&message.commands[0].command, field)->number, rows[i / 2].hundredths);
		message_finish(&message);
	}
}

static void every_cent_is_exact(void **state)
{
	(void)state;
	for (int64_t cents = 0; cents < LIMIT_IMPACT * 100; cents = cents * 3 / 2 + 97) {
		TEXT_AUTO text = {0};
		text_append_string(&text, "{\"type\":\"editProblem\"," P ",\"costImpact\":");
		text_append_integer(&text, cents / 100);
		text_append_format(&text, ".%02d}", (int)(cents % 100));
		struct message message = accept_command(text.data);
		assert_int_equal(
			command_value(&message.commands[0].command, FIELD_COST_IMPACT)->number, cents);
		message_finish(&message);
	}
}

static void dates_are_days_of_the_calendar(void **state)
{
	(void)state;
#define DATE(value) ADD("\"date\":" value)
	static const struct example examples[] = {
		{DATE("\"2026-11-21\""), NULL},
		{DATE("\"2024-02-29\""), NULL},
		{DATE("\"1970-01-01\""), NULL},
		{DATE("\"9999-12-31\""), NULL},
		{DATE("\"2023-02-29\""), "date"},
		{DATE("\"2026-11-31\""), "date"},
		{DATE("\"2026-13-01\""), "date"},
		{DATE("\"2026-00-10\""), "date"},
		{DATE("\"2026-1-1\""), "date"},
		{DATE("\"26-11-21\""), "date"},
		{DATE("\"2026-11-21T00:00:00Z\""), "date"},
		{DATE("\"2026/11/21\""), "date"},
		{DATE("\"1969-12-31\""), "date"},
		{DATE("\"\""), "date"},
		{DATE("20261121"), "date"},
	};
	CHECK(examples);
	struct message message = accept_command(DATE("\"2026-11-21\""));
	char text[DAY_TEXT];
	day_format((int32_t)command_value(&message.commands[0].command, FIELD_DATE)->number, text);
	assert_string_equal(text, "2026-11-21");
	message_finish(&message);
}

/* "String lists <= 100 items of 1-200 each." */
static void check_list(int items, int chars, bool good)
{
	static const char *const fields[] = {"plannedTasks", "toolsNeeded", "partsToInstall"};
	for (size_t field = 0; field < sizeof(fields) / sizeof(fields[0]); field++) {
		TEXT_AUTO text = {0};
		text_append_format(&text, "{\"type\":\"addSession\",\"%s\":[", fields[field]);
		for (int i = 0; i < items; i++) {
			text_append_string(&text, i ? ",\"" : "\"");
			for (int n = 0; n < chars; n++)
				text_append_string(&text, n ? "ä" : "😀");
			text_append_string(&text, "\"");
		}
		text_append_string(&text, "]}");
		struct example example = {text.data, good ? NULL : fields[field]};
		check_examples(&example, 1);
	}
}

static void lists_are_of_short_texts(void **state)
{
	(void)state;
	check_list(0, 0, true);
	check_list(1, 1, true);
	check_list(1, 200, true);
	check_list(100, 200, true);
	check_list(1, 0, false);
	check_list(1, 201, false);
	check_list(101, 1, false);
	static const struct example examples[] = {
		{ADD("\"plannedTasks\":{}"), "plannedTasks"},
		{ADD("\"plannedTasks\":\"a\""), "plannedTasks"},
		{ADD("\"plannedTasks\":[1]"), "plannedTasks"},
		{ADD("\"plannedTasks\":[null]"), "plannedTasks"},
		{ADD("\"plannedTasks\":[[\"a\"]]"), "plannedTasks"},
		{ADD("\"plannedTasks\":[\"a\",\"\"]"), "plannedTasks"},
	};
	CHECK(examples);
	struct message message = accept_command(ADD("\"plannedTasks\": [ \"a\\u00e9\" ,\"b\\\"\\n\" ]"));
	const struct command *command = &message.commands[0].command;
	assert_string_equal(command_value(command, FIELD_PLANNED_TASKS)->text, "[\"aé\",\"b\\\"\\n\"]");
	message_finish(&message);
	message = accept_command(ADD("\"plannedTasks\": [ ]"));
	assert_null(command_text(&message.commands[0].command, FIELD_PLANNED_TASKS, "old"));
	message_finish(&message);
}

/* "structure any JSON object, <= 48 KiB minified, depth <= 12, no duplicate keys." */
static void structures_are_objects(void **state)
{
	(void)state;
	static const struct example examples[] = {
		{ADD("\"structure\":{}"), NULL},
		{ADD("\"structure\":{\"a\":[1,{\"b\":null}],\"ü\":\"x\"}"), NULL},
		{ADD("\"structure\":[]"), "structure"},
		{ADD("\"structure\":\"{}\""), "structure"},
		{ADD("\"structure\":7"), "structure"},
		{ADD("\"structure\":true"), "structure"},
	};
	CHECK(examples);
	expect_refusal(ADD("\"structure\":{\"a\":{\"b\":1,\"b\":2}}"), ERR_BAD_JSON, "b");
	struct message message = accept_command(ADD(
		"\"structure\" : { \"b\" : [ 1 , 2.50 , 1e2 , true , null ] ,\n\"a\":\"\\u00e9\\/\\n\" }"));
	assert_string_equal(command_value(&message.commands[0].command, FIELD_STRUCTURE)->text,
		"{\"b\":[1,2.5,100,true,null],\"a\":\"é/\\n\"}");
	message_finish(&message);
}

static void check_depth(int depth, bool batch, bool good)
{
	TEXT_AUTO text = {0};
	text_append_format(&text, "%s{\"type\":\"addPlan\",\"name\":\"n\",\"structure\":",
		batch ? "{\"type\":\"batch\",\"commands\":[" : "");
	for (int i = 1; i < depth; i++)
		text_append_string(&text, i % 2 ? "{\"a\":" : "[");
	text_append_string(&text, depth % 2 ? "{}" : "[]");
	for (int i = depth - 1; i >= 1; i--)
		text_append_string(&text, i % 2 ? "}" : "]");
	text_append_string(&text, batch ? "}]}" : "}");
	if (!batch) {
		struct example example = {text.data, good ? NULL : "structure"};
		check_examples(&example, 1);
		return;
	}
	struct message message = accept(text.data);
	assert_int_equal(message.commands[0].why.code, good ? OK : ERR_BAD_REQUEST);
	message_finish(&message);
}

static void structures_have_twelve_levels(void **state)
{
	(void)state;
	for (int batch = 0; batch < 2; batch++) {
		check_depth(1, batch, true);
		check_depth(12, batch, true);
		check_depth(13, batch, false);
	}
	expect_refusal(
		ADD("\"structure\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{"
		    "\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}}}}}}}}"),
		ERR_BAD_JSON, "");
}

static void structures_have_48_kib(void **state)
{
	(void)state;
	for (int over = 0; over < 2; over++) {
		/* White space doesn't count. */
		TEXT_AUTO text = {0};
		text_append_string(&text, "{\"type\":\"addPlan\",\"name\":\"n\",\"structure\": { \"a\" : \"");
		for (int i = 0; i < 49152 - 8 + over; i++)
			text_append_string(&text, "x");
		text_append_string(&text, "\" } }");
		struct example example = {text.data, over ? "structure" : NULL};
		check_examples(&example, 1);
	}
}

static void values_arrive(void **state)
{
	(void)state;
	struct message message = accept_command("{\"type\":\"reportProblem\"," G "," P
						",\"description\":\"It is broken\",\"severity\":\"Critical\","
						"\"costImpact\":null,\"discoveryMs\":5}");
	const struct command *command = &message.commands[0].command;
	char id[UUID_TEXT];
	uuid_format(&command_value(command, FIELD_PROBLEM)->id, id);
	assert_string_equal(id, "01890a5d-ac96-774b-bcce-b302099a805a");
	assert_string_equal(command_value(command, FIELD_PROBLEM_DESCRIPTION)->text, "It is broken");
	assert_false(command_has(command, FIELD_DESCRIPTION) || command_has(command, FIELD_TASK_DESCRIPTION));
	assert_int_equal(command_value(command, FIELD_SEVERITY)->number, SEVERITY_CRITICAL);
	assert_true(command_has(command, FIELD_COST_IMPACT));
	assert_null(command_value(command, FIELD_COST_IMPACT));
	assert_int_equal(command_value(command, FIELD_DISCOVERY_MS)->number, 5);
	message_finish(&message);
	message = accept_command(DONE("\"qualityResult\":\"NeedsRework\",\"reworkNeeded\":false"));
	command = &message.commands[0].command;
	assert_int_equal(command_value(command, FIELD_QUALITY_RESULT)->number, QUALITY_NEEDS_REWORK);
	assert_false(command_value(command, FIELD_REWORK_NEEDED)->flag);
	message_finish(&message);
}

/* What is wrong is said in words. */
static void refusals_tell_what_may_be(void **state)
{
	(void)state;
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ADD("\"plannedMinutes\":4"), "plannedMinutes must be an integer, 5 to 120"},
		{DONE("\"qualityResult\":\"Bad\""),
			"qualityResult must be one of Excellent, Good, Acceptable, NeedsRework"},
		{PROBLEM("\"costImpact\":-1"),
			"costImpact must be null or a number with at most two decimals, 0 to 1000000000000"},
		{PROBLEM("\"description\":\"short\""), "description must be a string, 10 to 1000 characters"},
		{ADD("\"date\":\"x\""), "date must be a day, YYYY-MM-DD"},
		{ADD("\"startMs\":\"x\""), "startMs must be milliseconds since 1970, an integer"},
		{ADD("\"notes\":7"), "notes must be a string, 0 to 10000 characters"},
		{ADD("\"toolsNeeded\":[7]"),
			"toolsNeeded must be an array of at most 100 strings of 1 to 200 characters"},
		{PLAN("\"structure\":[]"),
			"structure must be a JSON object of at most 49152 bytes and 12 levels"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct message message;
		struct refusal why = {0};
		assert_int_equal(decode(rows[i].text, &message, &why), ERR_BAD_REQUEST);
		assert_string_equal(why.message, rows[i].message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_take_their_fields),
		cmocka_unit_test(what_adds_takes_no_version),
		cmocka_unit_test(null_has_its_places),
		cmocka_unit_test(texts_have_lengths),
		cmocka_unit_test(integers_have_bounds),
		cmocka_unit_test(choices_are_made_by_name),
		cmocka_unit_test(impacts_have_two_decimals),
		cmocka_unit_test(every_cent_is_exact),
		cmocka_unit_test(dates_are_days_of_the_calendar),
		cmocka_unit_test(lists_are_of_short_texts),
		cmocka_unit_test(structures_are_objects),
		cmocka_unit_test(structures_have_twelve_levels),
		cmocka_unit_test(structures_have_48_kib),
		cmocka_unit_test(values_arrive),
		cmocka_unit_test(refusals_tell_what_may_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
