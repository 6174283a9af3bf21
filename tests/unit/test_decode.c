/* protocol/decode, commands: every rule about fields, bounds and ids, by examples on both sides of it. */
#include "tests/support/decoding.h"

#include "protocol/json.h"
#include "protocol/session.h"
#include "protocol/text.h"

static void commands_take_their_fields(void **state)
{
	(void)state;
	static const struct example examples[] = {
		{"{\"type\":\"addSession\",\"title\":\"x\"}", NULL},
		{"{\"type\":\"add\",\"title\":\"x\",\"kind\":\"timer\"," S "," G ",\"noGoal\":true}", NULL},
		{"{\"type\":\"addSession\"," G0 "}", NULL},
		{"{\"type\":\"editSession\"," S "}", NULL},
		{"{\"type\":\"edit\"," S ",\"sessionDuration\":60,\"dailyGoalMinutes\":null}", NULL},
		{"{\"type\":\"renameSession\"," S ",\"title\":\"y\"}", NULL},
		{"{\"type\":\"moveSession\"," S "," G "}", NULL},
		{"{\"type\":\"moveSession\"," S "," G0 "}", NULL},
		{"{\"type\":\"delete\"," S "}", NULL},
		{"{\"type\":\"stop\"," S ",\"reason\":\"\"}", NULL},
		{"{\"type\":\"reset\"," S "}", NULL},
		{"{\"type\":\"resetAll\"}", NULL},
		{"{\"type\":\"resetAll\"," G0 "}", NULL},
		{"{\"type\":\"complete\"," S "}", NULL},
		{"{\"type\":\"abandon\"," S ",\"reason\":\"r\",\"progressMade\":\"p\"}", NULL},
		{"{\"type\":\"autoResetTimeChange\",\"sessionsResetTime\":\"04:30\"}", NULL},
		{"{\"type\":\"autoResetTimeChange\",\"timeZone\":\"Europe/Berlin\"}", NULL},
		{"{\"type\":\"addGroup\",\"name\":\"n\",\"description\":\"\"," G "}", NULL},
		{"{\"type\":\"editGroup\"," G ",\"name\":\"n\"}", NULL},
		{"{\"type\":\"deleteGroup\"," G "}", NULL},
		{"{\"type\":\"getSession\"," S "}", NULL},
		{"{\"type\":\"getSnapshot\",\"id\":1}", NULL},
		{"{\"type\":\"start\"}", "session"},
		{"{\"type\":\"renameSession\"," S "}", "title"},
		{"{\"type\":\"renameSession\",\"title\":\"t\"}", "session"},
		{"{\"type\":\"moveSession\"," S "}", "group"},
		{"{\"type\":\"addGroup\"}", "name"},
		{"{\"type\":\"start\"," S ",\"reason\":\"r\"}", "reason"},
		{"{\"type\":\"start\"," S ",\"Session\":1}", "Session"},
		{"{\"type\":\"editSession\"," S ",\"title\":\"t\"}", "title"},
		{"{\"type\":\"getSnapshot\"," S "}", "session"},
		{"{\"type\":\"start\"," S ",\"commands\":[]}", "commands"},
		{"{\"type\":\"editSession\"," S ",\"sessionDuration\":1,\"initialDuration\":1}",
			"initialDuration"},
		{"{\"type\":\"editSession\"," S ",\"initialDuration\":null,\"sessionDuration\":null}",
			"sessionDuration"},
	};
	CHECK(examples);
}

static void values_have_types_and_bounds(void **state)
{
	(void)state;
	static const struct example examples[] = {
		{"{\"type\":\"start\",\"session\":null}", "session"},
		{"{\"type\":\"start\",\"session\":1}", "session"},
		{"{\"type\":\"start\",\"session\":\"x\"}", "session"},
		{"{\"type\":\"start\",\"session\":\"00000000-0000-0000-0000-000000000000\"}", "session"},
		{"{\"type\":\"deleteGroup\"," G0 "}", "group"},
		{"{\"type\":\"editGroup\"," G0 "}", "group"},
		{"{\"type\":\"addGroup\",\"name\":\"n\"," G0 "}", "group"},
		{"{\"type\":\"addSession\",\"title\":\"\"}", "title"},
		{"{\"type\":\"addSession\",\"title\":null}", NULL},
		{"{\"type\":\"addSession\",\"title\":[\"x\"]}", "title"},
		{"{\"type\":\"addSession\",\"kind\":\"Timer\"}", "kind"},
		{"{\"type\":\"addSession\",\"kind\":\"focus\"}", NULL},
		{"{\"type\":\"addSession\",\"kind\":null}", "kind"},
		{"{\"type\":\"addSession\",\"noGoal\":null}", "noGoal"},
		{"{\"type\":\"addSession\",\"noGoal\":1}", "noGoal"},
		{"{\"type\":\"addSession\",\"dailyGoalMinutes\":0}", "dailyGoalMinutes"},
		{"{\"type\":\"addSession\",\"dailyGoalMinutes\":1}", NULL},
		{"{\"type\":\"addSession\",\"dailyGoalMinutes\":1440}", NULL},
		{"{\"type\":\"addSession\",\"dailyGoalMinutes\":1441}", "dailyGoalMinutes"},
		{"{\"type\":\"addSession\",\"dailyGoalMinutes\":1.5}", "dailyGoalMinutes"},
		{"{\"type\":\"addSession\",\"dailyGoalMinutes\":\"30\"}", "dailyGoalMinutes"},
		{"{\"type\":\"addGroup\",\"name\":\"n\",\"description\":null}", "description"},
	};
	CHECK(examples);
}

static void seconds_have_three_decimals(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t ms; /* 0: refused */
	} rows[] = {{"1", 1000}, {"1.5", 1500}, {"1.001", 1001}, {"0.999", 0}, {"0", 0}, {"-1", 0},
		{"86400", 86400000}, {"86399.999", 86399999}, {"86400.001", 0}, {"1e3", 1000000},
		{"1e300", 0}, {"-1e300", 0}, {"1.0005", 0}, {"1.2344", 0}, {"4.35", 4350}, {"1.1000", 1100},
		{"2.0000001", 0}, {"1500.3", 1500300}, {"\"60\"", 0}, {"true", 0}, {"{}", 0}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		TEXT_AUTO text = {0};
		text_append_format(&text, "{\"type\":\"addSession\",\"initialDuration\":%s}", rows[i].text);
		if (!rows[i].ms) {
			expect_refusal(text.data, ERR_BAD_REQUEST, "initialDuration");
			continue;
		}
		struct message message = accept_command(text.data);
		assert_int_equal(command_value(&message.commands[0].command, FIELD_INITIAL_DURATION)->number,
			rows[i].ms);
		message_finish(&message);
	}
}

static void every_millisecond_of_a_length_is_exact(void **state)
{
	(void)state;
	for (int64_t ms = LIMIT_TIMER_MIN_MS; ms <= LIMIT_TIMER_MAX_MS; ms += 997) {
		TEXT_AUTO text = {0};
		text_append_format(&text, "{\"type\":\"add\",\"initialDuration\":%d.%03d}", (int)(ms / 1000),
			(int)(ms % 1000));
		struct message message = accept_command(text.data);
		assert_int_equal(
			command_value(&message.commands[0].command, FIELD_INITIAL_DURATION)->number, ms);
		message_finish(&message);
	}
}

static void texts_are_counted_in_code_points(void **state)
{
	static const struct {
		const char *head, *field;
		int max;
	} rows[] = {{"\"type\":\"add\"", "title", 200}, {"\"type\":\"addGroup\"", "name", 200},
		{"\"type\":\"editGroup\"," G, "description", 2000}, {"\"type\":\"pause\"," S, "reason", 500},
		{"\"type\":\"abandon\"," S, "progressMade", 10000}};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (int over = 0; over < 2; over++) {
			TEXT_AUTO text = {0};
			text_append_format(&text, "{%s,\"%s\":\"", rows[i].head, rows[i].field);
			for (int n = 0; n < rows[i].max + over; n++)
				text_append_string(&text, "😀");
			text_append_string(&text, "\"}");
			struct example example = {text.data, over ? rows[i].field : NULL};
			check_examples(&example, 1);
		}
	}
}

static void settings_are_checked(void **state)
{
	(void)state;
#define TIME(value) "{\"type\":\"autoResetTimeChange\",\"sessionsResetTime\":" value "}"
#define ZONE(value) "{\"type\":\"autoResetTimeChange\",\"timeZone\":" value "}"
	static const struct example examples[] = {
		{TIME("\"00:00\""), NULL},
		{TIME("\"23:59\""), NULL},
		{TIME("\"24:00\""), "sessionsResetTime"},
		{TIME("\"12:60\""), "sessionsResetTime"},
		{TIME("\"4:30\""), "sessionsResetTime"},
		{TIME("\"04:3\""), "sessionsResetTime"},
		{TIME("\"04-30\""), "sessionsResetTime"},
		{TIME("\"+4:30\""), "sessionsResetTime"},
		{TIME("\"04:300\""), "sessionsResetTime"},
		{TIME("\"\""), "sessionsResetTime"},
		{TIME("270"), "sessionsResetTime"},
		{TIME("null"), "sessionsResetTime"},
		{ZONE("\"UTC\""), NULL},
		{ZONE("\"America/Argentina/ComodRivadavia\""), NULL},
		{ZONE("\"Mars/Olympus\""), "timeZone"},
		{ZONE("\"../etc/passwd\""), "timeZone"},
		{ZONE("\"\""), "timeZone"},
		{ZONE("null"), "timeZone"},
	};
	CHECK(examples);
	struct message message = accept_command(TIME("\"04:30\""));
	const struct command *command = &message.commands[0].command;
	assert_int_equal(command_value(command, FIELD_SESSIONS_RESET_TIME)->number, 270);
	message_finish(&message);
}

static void values_arrive(void **state)
{
	(void)state;
	struct message message = accept_command("{\"type\":\"add\",\"id\":7,\"key\":\"tab1:812\",\"atMs\":5,"
						"\"title\":\"Läufe\"," S "," G0 ",\"dailyGoalMinutes\":30,"
						"\"noGoal\":false,\"kind\":\"work\"}");
	const struct command *command = &message.commands[0].command;
	assert_int_equal(command->type, COMMAND_ADD_SESSION);
	assert_string_equal(command->id, "7");
	assert_string_equal(message.id, "7");
	assert_string_equal(command->key, "tab1:812");
	assert_true(command->has_at && command->at_ms == 5);
	assert_false(command->has_if_version);
	assert_string_equal(command_value(command, FIELD_TITLE)->text, "Läufe");
	char id[UUID_TEXT];
	uuid_format(&command_value(command, FIELD_SESSION)->id, id);
	assert_string_equal(id, "01890a5d-ac96-774b-bcce-b302099a8057");
	assert_true(command_has(command, FIELD_GROUP));
	assert_null(command_value(command, FIELD_GROUP));
	assert_int_equal(command_value(command, FIELD_DAILY_GOAL_MINUTES)->number, 30);
	assert_false(command_value(command, FIELD_NO_GOAL)->flag);
	assert_int_equal(command_value(command, FIELD_KIND)->number, KIND_WORK);
	assert_false(command_has(command, FIELD_INITIAL_DURATION));
	message_finish(&message);
}

static void common_fields_are_checked(void **state)
{
	(void)state;
#define START(more) "{\"type\":\"start\"," S "," more "}"
	static const struct example examples[] = {
		{START("\"key\":\"A-Za-z0-9._:-\""), NULL},
		{START("\"key\":\"\""), "key"},
		{START("\"key\":\"a b\""), "key"},
		{START("\"key\":\"ä\""), "key"},
		{START("\"key\":7"), "key"},
		{START("\"key\":null"), "key"},
		{START("\"key\":\"1234567890123456789012345678901234567890123456789012345678901234\""), NULL},
		{START("\"key\":\"12345678901234567890123456789012345678901234567890123456789012345\""),
			"key"},
		{START("\"atMs\":0"), NULL},
		{START("\"atMs\":9007199254740991"), NULL},
		{START("\"atMs\":9007199254740992"), "atMs"},
		{START("\"atMs\":-1"), "atMs"},
		{START("\"atMs\":1.5"), "atMs"},
		{START("\"atMs\":\"1\""), "atMs"},
		{START("\"ifVersion\":1"), NULL},
		{START("\"ifVersion\":0"), "ifVersion"},
		{START("\"ifVersion\":null"), "ifVersion"},
		{"{\"type\":\"add\",\"title\":\"t\",\"ifVersion\":1}", "ifVersion"},
		{"{\"type\":\"addGroup\",\"name\":\"t\",\"ifVersion\":1}", "ifVersion"},
		{"{\"type\":\"resetAll\",\"ifVersion\":1}", "ifVersion"},
		{"{\"type\":\"getSnapshot\",\"ifVersion\":1}", "ifVersion"},
		{"{\"type\":\"getSession\"," S ",\"ifVersion\":1}", NULL},
		{"{\"type\":\"autoResetTimeChange\",\"ifVersion\":1}", NULL},
	};
	CHECK(examples);
}

/* `id`: "string (≤ 64 bytes) or integer; comes back in the result." */
static void ids_come_back(void **state)
{
	(void)state;
	static const struct {
		const char *id, *back;
		bool good;
	} rows[] = {{"7", "7", true}, {"-9007199254740991", "-9007199254740991", true}, {"1.0", "1", true},
		{"\"a\\\"\\\\\\n\\u0001ü\"", "\"a\\\"\\\\\\n\\u0001ü\"", true}, {"\"\"", "\"\"", true},
		{"1.5", "null", false}, {"9007199254740993e3", "null", false}, {"null", "null", false},
		{"{}", "null", false}, {"true", "null", false},
		{"\"12345678901234567890123456789012345678901234567890123456789012345\"", "null", false}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		TEXT_AUTO text = {0};
		text_append_format(&text, "{\"type\":\"resetAll\",\"id\":%s,\"nonsense\":1}", rows[i].id);
		struct message message;
		struct refusal why = {0};
		assert_int_equal(decode(text.data, &message, &why), ERR_BAD_REQUEST);
		assert_string_equal(why.field, rows[i].good ? "nonsense" : "id");
		assert_string_equal(message.id, rows[i].back);
	}
}

static void the_longest_id_fits(void **state)
{
	(void)state;
	TEXT_AUTO text = {0};
	text_append_string(&text, "{\"type\":\"resetAll\",\"id\":\"");
	for (int i = 0; i < LIMIT_COMMAND_ID_BYTES; i++)
		text_append_string(&text, "\\u001f");
	text_append_string(&text, "\"}");
	struct message message = accept_command(text.data);
	assert_int_equal(strlen(message.id), sizeof(message.id) - 1);
	assert_string_equal(message.commands[0].command.id, message.id);
	message_finish(&message);
}

static void bad_types_are_refused(void **state)
{
	(void)state;
	expect_refusal("", ERR_BAD_JSON, "");
	expect_refusal("{", ERR_BAD_JSON, "");
	expect_refusal("[]", ERR_BAD_JSON, "");
	expect_refusal("\"start\"", ERR_BAD_JSON, "");
	expect_refusal("null", ERR_BAD_JSON, "");
	expect_refusal("{\"type\":\"start\",\"type\":\"start\"}", ERR_BAD_JSON, "type");
	expect_refusal("{}", ERR_BAD_REQUEST, "type");
	expect_refusal("{\"type\":7}", ERR_BAD_REQUEST, "type");
	expect_refusal("{\"type\":null}", ERR_BAD_REQUEST, "type");
	expect_refusal("{\"type\":\"\"}", ERR_UNKNOWN_COMMAND, "type");
	expect_refusal("{\"type\":\"Start\"}", ERR_UNKNOWN_COMMAND, "type");
	expect_refusal("{\"Type\":\"start\"}", ERR_BAD_REQUEST, "type");
	expect_refusal("{\"type\":\"event\"}", ERR_UNKNOWN_COMMAND, "type");
}

/* What HTTP calls: the tree is taken over, whatever comes of it. */
static void trees_are_taken_over(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"{\"type\":\"resetAll\"}", "{\"type\":\"auth\",\"id\":\"x\"}", "{\"type\":\"batch\"}", "[1]"};
	static const enum err errs[] = {OK, ERR_UNKNOWN_COMMAND, ERR_UNKNOWN_COMMAND, ERR_BAD_JSON};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		cJSON *tree = NULL;
		struct command command;
		struct refusal why = {0};
		assert_int_equal(json_parse(texts[i], strlen(texts[i]), &tree, &why), OK);
		assert_int_equal(decode_command(&tree, &command, &why), errs[i]);
		assert_null(tree);
		assert_string_equal(command.id, i == 1 ? "\"x\"" : "null");
		assert_int_equal(command.tree != NULL, errs[i] == OK);
		command_finish(&command);
		command_finish(&command);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_take_their_fields),
		cmocka_unit_test(values_have_types_and_bounds),
		cmocka_unit_test(seconds_have_three_decimals),
		cmocka_unit_test(every_millisecond_of_a_length_is_exact),
		cmocka_unit_test(texts_are_counted_in_code_points),
		cmocka_unit_test(settings_are_checked),
		cmocka_unit_test(values_arrive),
		cmocka_unit_test(common_fields_are_checked),
		cmocka_unit_test(ids_come_back),
		cmocka_unit_test(the_longest_id_fits),
		cmocka_unit_test(bad_types_are_refused),
		cmocka_unit_test(trees_are_taken_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
