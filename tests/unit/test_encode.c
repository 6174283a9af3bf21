/* protocol/encode: the exact bytes of every shape, for hand-made values. */
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
#define T0        1700000000000LL
#define DAY_START 1699920000000LL

static const struct uuid id_a = {{1, 2, 3, 4, 5, 6, 0x70, 8, 0x80, 10, 11, 12, 13, 14, 15, 16}};
static const struct uuid id_b = {{0xff, 2, 3, 4, 5, 6, 0x70, 8, 0x80, 10, 11, 12, 13, 14, 15, 16}};
#define ID_A "\"01020304-0506-7008-800a-0b0c0d0e0f10\""
#define ID_B "\"ff020304-0506-7008-800a-0b0c0d0e0f10\""

static struct user make_user(void)
{
	return (struct user){
		.version = 3,
		.created_at_ms = T0 - 5,
		.rule_count = 1,
		.rules = {{.from_ms = DAY_RULE_FOREVER, .zone = "UTC"}},
		.user_id = "u\"1",
	};
}

static void expect(struct text *out, const char *expected)
{
	assert_string_equal(out->data, expected);
	assert_int_equal(out->len, strlen(expected));
	text_clear(out);
}

static void a_bare_timer(void **state)
{
	(void)state;
	struct user user = make_user();
	struct view view = view_make(&user, T0);
	struct session session = {.id = id_a,
		.version = 1,
		.initial_ms = SESSION_NO_LENGTH,
		.no_goal = true,
		.created_at_ms = T0,
		.updated_at_ms = T0 + 1,
		.title = "a \"b\"\n"};
	TEXT_AUTO out = {0};
	encode_session(&out, &session, &view);
	expect(&out,
		"{\"id\":" ID_A
		",\"kind\":\"timer\",\"userId\":\"u\\\"1\",\"version\":1,\"title\":\"a \\\"b\\\"\\n\","
		"\"groupId\":null,\"state\":\"PAUSED\",\"status\":\"active\",\"isCompleted\":false,"
		"\"isDeleted\":false,"
		"\"initialDuration\":null,\"timeLeft\":null,\"targetTimeMs\":null,\"elapsedSeconds\":0,"
		"\"runningSinceMs\":null,\"day\":\"2023-11-14\",\"trackedSeconds\":0,\"focusSeconds\":null,"
		"\"dailyGoalMinutes\":null,\"noGoal\":true,\"startedAtMs\":null,\"endedAtMs\":null,"
		"\"createdAtMs\":1700000000000,\"updatedAtMs\":1700000000001}");
}

static void a_running_timer(void **state)
{
	(void)state;
	struct user user = make_user();
	struct view view = view_make(&user, T0 + 1500);
	struct session session = {.id = id_a,
		.version = 9,
		.state = STATE_RUNNING,
		.group = id_b,
		.daily_goal_minutes = 30,
		.initial_ms = 60000,
		.elapsed_ms = 10010,
		.running_since_ms = T0,
		.clock_ms = T0,
		.started_at_ms = T0 - 10010,
		.created_at_ms = T0 - 20000,
		.updated_at_ms = T0,
		.tracked_day_ms = DAY_START,
		.tracked_ms = 10010,
		.title = "t"};
	TEXT_AUTO out = {0};
	encode_session(&out, &session, &view);
	expect(&out,
		"{\"id\":" ID_A ",\"kind\":\"timer\",\"userId\":\"u\\\"1\",\"version\":9,\"title\":\"t\","
		"\"groupId\":" ID_B ",\"state\":\"RUNNING\",\"status\":\"active\",\"isCompleted\":false,"
		"\"isDeleted\":false,\"initialDuration\":60,\"timeLeft\":48.49,\"targetTimeMs\":"
		"1700000049990,"
		"\"elapsedSeconds\":11.51,\"runningSinceMs\":1700000000000,\"day\":\"2023-11-14\","
		"\"trackedSeconds\":11.51,\"focusSeconds\":11.51,\"dailyGoalMinutes\":30,\"noGoal\":false,"
		"\"startedAtMs\":1699999989990,\"endedAtMs\":null,\"createdAtMs\":1699999980000,"
		"\"updatedAtMs\":1700000000000}");
}

static void a_completed_timer(void **state)
{
	(void)state;
	struct user user = make_user();
	struct view view = view_make(&user, T0 + 5000);
	struct session session = {.id = id_a,
		.version = 9,
		.status = STATUS_COMPLETED,
		.deleted = true,
		.initial_ms = 1001,
		.elapsed_ms = 1001,
		.ended_at_ms = T0,
		.title = "t"};
	TEXT_AUTO out = {0};
	encode_session(&out, &session, &view);
	assert_non_null(strstr(out.data, "\"status\":\"completed\",\"isCompleted\":true,\"isDeleted\":true,"
					 "\"initialDuration\":1.001,\"timeLeft\":0,\"targetTimeMs\":null,"
					 "\"elapsedSeconds\":1.001,"));
	assert_non_null(strstr(out.data, "\"endedAtMs\":1700000000000,"));
}

static void groups_and_users(void **state)
{
	(void)state;
	struct user user = make_user();
	struct view view = view_make(&user, T0);
	struct group group = {.id = id_b,
		.version = 2,
		.deleted = true,
		.created_at_ms = 7,
		.updated_at_ms = 8,
		.name = "n"};
	TEXT_AUTO out = {0};
	encode_group(&out, &group, &view);
	expect(&out,
		"{\"id\":" ID_B ",\"userId\":\"u\\\"1\",\"version\":2,\"name\":\"n\",\"description\":\"\","
		"\"isDeleted\":true,\"createdAtMs\":7,\"updatedAtMs\":8}");
	encode_user(&out, &view);
	expect(&out,
		"{\"id\":\"u\\\"1\",\"version\":3,\"name\":null,\"email\":null,\"createdAtMs\":1699999999995,"
		"\"timeZone\":\"UTC\",\"sessionsResetTime\":\"00:00\",\"day\":\"2023-11-14\","
		"\"dayStartMs\":1699920000000,\"dayEndMs\":1700006400000,\"pending\":null}");
}

static void a_pending_rule(void **state)
{
	(void)state;
	struct user user = make_user();
	snprintf(user.name, sizeof(user.name), "Ann");
	snprintf(user.email, sizeof(user.email), "ann@example.org");
	user.rule_count = 2;
	user.rules[1] = (struct day_rule){.from_ms = DAY_START + 90000000,
		.from_day = 19676,
		.reset_minutes = 245,
		.zone = "Europe/Berlin"};
	struct view view = view_make(&user, T0);
	TEXT_AUTO out = {0};
	encode_user(&out, &view);
	assert_non_null(strstr(out.data, "\"name\":\"Ann\",\"email\":\"ann@example.org\","));
	assert_non_null(strstr(out.data, "\"timeZone\":\"UTC\",\"sessionsResetTime\":\"00:00\","));
	assert_non_null(strstr(out.data, "\"pending\":{\"sessionsResetTime\":\"04:05\",\"timeZone\":"
					 "\"Europe/Berlin\",\"fromMs\":1700010000000}}"));
}

static void event_heads(void **state)
{
	(void)state;
	struct origin origin = {.connection_id = "c1", .client = "laptop/firefox", .via = "ws"};
	struct event_head head = {.seq = 1241,
		.tag = 0x07ab01f3,
		.event = "pause",
		.domain_event = "Stop",
		.at_ms = 5,
		.now_ms = 6,
		.origin = &origin,
		.key = "tab1:812"};
	TEXT_AUTO out = {0};
	encode_event_head(&out, &head);
	expect(&out, "{\"type\":\"event\",\"seq\":1241,\"tag\":\"07ab01f3\",\"event\":\"pause\",\"atMs\":5,"
		     "\"nowMs\":6,"
		     "\"origin\":{\"connectionId\":\"c1\",\"client\":\"laptop/firefox\",\"key\":\"tab1:812\","
		     "\"via\":\"ws\"},\"domainEvent\":\"Stop\"");
	struct origin server = {.via = "server"};
	head.origin = &server;
	head.key = "";
	head.domain_event = NULL;
	head.n = 1;
	head.of = 2;
	encode_event_head(&out, &head);
	expect(&out,
		"{\"type\":\"event\",\"seq\":1241,\"tag\":\"07ab01f3\",\"event\":\"pause\",\"n\":1,\"of\":2,"
		"\"atMs\":5,\"nowMs\":6,\"origin\":{\"via\":\"server\"}");
}

static void refusals(void **state)
{
	(void)state;
	TEXT_AUTO out = {0};
	struct refusal why = {.code = ERR_CONFLICT, .field = "ifVersion", .message = "m", .version = 4};
	encode_refusal(&out, "8", &why, 9);
	expect(&out, "{\"type\":\"result\",\"id\":8,\"ok\":false,\"error\":{\"code\":\"conflict\","
		     "\"message\":\"m\","
		     "\"field\":\"ifVersion\",\"retryable\":false,\"details\":{\"version\":4}},\"nowMs\":9}");
	encode_rest_error(&out, &why, "ConflictError");
	expect(&out, "{\"error\":{\"type\":\"ConflictError\",\"code\":\"conflict\",\"message\":\"m\","
		     "\"field\":\"ifVersion\",\"details\":{\"version\":4}}}");
	why = (struct refusal){.code = ERR_ALREADY_ACTIVE, .message = "m", .active = id_a};
	encode_error(&out, &why);
	expect(&out, "{\"code\":\"alreadyActive\",\"message\":\"m\",\"retryable\":false,"
		     "\"details\":{\"session\":" ID_A "}}");
	why = (struct refusal){.code = ERR_RATE_LIMITED, .message = "m", .retry_after_ms = 250};
	encode_error(&out, &why);
	expect(&out, "{\"code\":\"rateLimited\",\"message\":\"m\",\"retryable\":true,"
		     "\"details\":{\"retryAfterMs\":250}}");
	why = (struct refusal){.code = ERR_NOT_FOUND, .message = "m"};
	encode_rest_error(&out, &why, "NotFound");
	expect(&out, "{\"error\":{\"type\":\"NotFound\",\"code\":\"notFound\",\"message\":\"m\"}}");
}

/* Help. */

static cJSON *help_of(const char *command)
{
	TEXT_AUTO out = {0};
	struct refusal why = {0};
	cJSON *tree = NULL;
	assert_true(encode_help(&out, "\"h\"", command));
	assert_int_equal(json_parse(out.data, out.len, &tree, &why), OK);
	assert_string_equal(json_get(tree, "type")->valuestring, "help");
	assert_string_equal(json_get(tree, "id")->valuestring, "h");
	return tree;
}

static void help_of_everything(void **state)
{
	(void)state;
	JSON_AUTO *tree = help_of("");
	assert_int_equal(cJSON_GetArraySize(json_get(tree, "commands")), COMMAND_COUNT);
	assert_int_equal(cJSON_GetArraySize(json_get(tree, "messages")), 5);
}

static void help_of_one(void **state)
{
	(void)state;
	JSON_AUTO *tree = help_of("stop");
	const cJSON *commands = json_get(tree, "commands");
	assert_int_equal(cJSON_GetArraySize(commands), 1);
	TEXT_AUTO out = {0};
	assert_true(encode_help(&out, "1", "pause"));
	expect(&out,
		"{\"type\":\"help\",\"id\":1,\"commands\":[{\"name\":\"pause\",\"aliases\":[\"stop\"],"
		"\"help\":\"stops a session's clock\",\"fields\":[{\"name\":\"session\",\"type\":\"uuid\","
		"\"required\":true,\"help\":\"the session's id; addSession may bring its own\"},"
		"{\"name\":\"reason\",\"type\":\"string\",\"required\":false,\"min\":0,\"max\":500,\"help\":"
		"\"why, in a "
		"sentence; a focus session keeps it\"}]}]}");
	assert_true(encode_help(&out, "null", "time"));
	assert_non_null(strstr(out.data, "\"commands\":[],\"messages\":[{\"name\":\"time\",\"help\":"));
	text_clear(&out);
	assert_false(encode_help(&out, "1", "nope"));
	assert_int_equal(out.len, 0);
}

/* Idempotency: what the same request is. */

static void asks(struct text *ret, const char *text)
{
	struct message message;
	struct refusal why = {0};
	assert_int_equal(decode_message(text, strlen(text), &message, &why), OK);
	text_clear(ret);
	encode_command(ret, &message.commands[0].command);
	message_finish(&message);
}

static void commands_have_one_text(void **state)
{
	(void)state;
	TEXT_AUTO a = {0};
	TEXT_AUTO b = {0};
	asks(&a, "{\"type\":\"add\",\"id\":1,\"key\":\"k\",\"session\":" ID_B ",\"sessionDuration\":90.50,"
		 "\"title\":\"t\\u00fc\\\"\",\"group\":null,\"noGoal\":false,\"atMs\":7}");
	asks(&b, "{\"noGoal\":false,\"atMs\":7e0,\"type\":\"addSession\",\"id\":2,\"title\":\"tü\\u0022\","
		 "\"initialDuration\":9.05e1,\"group\":null,\"session\":\"FF020304-0506-7008-800A-"
		 "0B0C0D0E0F10\"}");
	assert_string_equal(a.data, b.data);
	assert_string_equal(a.data,
		"{\"type\":\"addSession\",\"session\":" ID_B ",\"group\":null,\"title\":\"tü\\\"\","
		"\"initialDuration\":90500,\"noGoal\":false,\"atMs\":7}");
	asks(&a, "{\"type\":\"autoResetTimeChange\",\"sessionsResetTime\":\"04:30\",\"timeZone\":\"UTC\","
		 "\"ifVersion\":3}");
	assert_string_equal(a.data,
		"{\"type\":\"autoResetTimeChange\",\"sessionsResetTime\":270,\"timeZone\":\"UTC\","
		"\"ifVersion\":3}");
}

static void other_commands_have_other_texts(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"{\"type\":\"editSession\",\"session\":" ID_A "}",
		"{\"type\":\"editSession\",\"session\":" ID_B "}",
		"{\"type\":\"editSession\",\"session\":" ID_A ",\"initialDuration\":null}",
		"{\"type\":\"editSession\",\"session\":" ID_A ",\"initialDuration\":1}",
		"{\"type\":\"editSession\",\"session\":" ID_A ",\"dailyGoalMinutes\":1}",
		"{\"type\":\"editSession\",\"session\":" ID_A ",\"atMs\":1}",
		"{\"type\":\"editSession\",\"session\":" ID_A ",\"ifVersion\":1}",
		"{\"type\":\"start\",\"session\":" ID_A "}",
		"{\"type\":\"pause\",\"session\":" ID_A ",\"reason\":\"x\"}",
		"{\"type\":\"pause\",\"session\":" ID_A ",\"reason\":\"x\\\",\\\"atMs\\\":1\"}",
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
		cmocka_unit_test(a_bare_timer),
		cmocka_unit_test(a_running_timer),
		cmocka_unit_test(a_completed_timer),
		cmocka_unit_test(groups_and_users),
		cmocka_unit_test(a_pending_rule),
		cmocka_unit_test(event_heads),
		cmocka_unit_test(refusals),
		cmocka_unit_test(help_of_everything),
		cmocka_unit_test(help_of_one),
		cmocka_unit_test(commands_have_one_text),
		cmocka_unit_test(other_commands_have_other_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
