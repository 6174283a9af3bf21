/* HTTP requests to engine requests: bodies and headers, and how each refusal names what is wrong. */
#include "tests/support/asking.h"

#include "protocol/json.h"

#define SESSION "/sessions/" ID

static void a_body_becomes_a_command(void **state)
{
	(void)state;
	struct request *request = accept((struct asked){ROUTE_POST, "/sessions",
		.body = "{\"id\":\"" ID "\",\"title\":\"Read\",\"groupId\":\"" OTHER
			"\",\"sessionDuration\":1.5}",
		.key = "a-1"});
	const struct command *command = command_of(request);
	struct uuid id, group;
	assert_true(uuid_parse(ID, &id) && uuid_parse(OTHER, &group));
	assert_int_equal(command->type, COMMAND_ADD_SESSION);
	assert_true(uuid_equal(&command_value(command, FIELD_SESSION)->id, &id));
	assert_true(uuid_equal(&command_value(command, FIELD_GROUP)->id, &group));
	assert_string_equal(command_value(command, FIELD_TITLE)->text, "Read");
	assert_int_equal(command_value(command, FIELD_INITIAL_DURATION)->number, 1500);
	assert_string_equal(command->key, "a-1");
	assert_int_equal(request->shape, ANSWER_OBJECT);
	assert_true(request->created);
	assert_string_equal(request->origin.via, "http");
	assert_null(request->echo);
	request_destroy(request);
}

static void a_path_becomes_a_command(void **state)
{
	(void)state;
	struct uuid id;
	assert_true(uuid_parse(ID, &id));
	struct request *request =
		accept((struct asked){ROUTE_POST, SESSION "/actions/start", .if_match = "\"12\""});
	const struct command *command = command_of(request);
	assert_int_equal(command->type, COMMAND_START);
	assert_true(uuid_equal(&command_value(command, FIELD_SESSION)->id, &id));
	assert_int_equal(command->if_version, 12);
	assert_false(request->created);
	request_destroy(request);
	request = accept((struct asked){.method = ROUTE_DELETE, .path = "/groups/" ID});
	assert_true(uuid_equal(&command_value(command_of(request), FIELD_GROUP)->id, &id));
	request_destroy(request);
	request = accept((struct asked){ROUTE_POST, SESSION "/actions/move", .body = "{\"groupId\":null}"});
	assert_true(command_has(command_of(request), FIELD_GROUP));
	assert_null(command_value(command_of(request), FIELD_GROUP));
	request_destroy(request);
}

static void read_only_fields_of_a_patch_are_compared_later(void **state)
{
	(void)state;
	struct request *request = accept((struct asked){ROUTE_PATCH, SESSION,
		.body = "{\"id\":\"" ID "\",\"title\":\"T\",\"dailyGoalMinutes\":5,\"version\":3}"});
	const struct command *command = command_of(request);
	assert_int_equal(command_value(command, FIELD_DAILY_GOAL_MINUTES)->number, 5);
	assert_false(command_has(command, FIELD_TITLE));
	assert_non_null(json_get(request->echo, "id"));
	assert_non_null(json_get(request->echo, "title"));
	assert_non_null(json_get(request->echo, "version"));
	assert_null(json_get(request->echo, "dailyGoalMinutes"));
	request_destroy(request);
	request = accept((struct asked){ROUTE_PATCH, "/me", .body = "{\"timeZone\":\"UTC\",\"id\":\"x\"}"});
	assert_non_null(json_get(request->echo, "id"));
	request_destroy(request);
}

static void fields_are_refused_by_the_names_of_the_body(void **state)
{
	(void)state;
	refused((struct asked){ROUTE_POST, "/sessions", .body = "{}"}, ERR_BAD_REQUEST, "title");
	refused((struct asked){.method = ROUTE_POST, .path = "/sessions"}, ERR_BAD_REQUEST, "title");
	refused((struct asked){ROUTE_POST, "/sessions", .body = "{\"title\":\"a\",\"colour\":1}"},
		ERR_BAD_REQUEST, "colour");
	refused((struct asked){ROUTE_POST, "/sessions", .body = "{\"title\":\"a\",\"group\":\"" ID "\"}"},
		ERR_BAD_REQUEST, "group");
	refused((struct asked){ROUTE_POST, "/sessions", .body = "{\"title\":\"a\",\"groupId\":7}"},
		ERR_BAD_REQUEST, "groupId");
	refused((struct asked){ROUTE_POST, "/sessions", .body = "{\"title\":\"a\",\"id\":7}"},
		ERR_BAD_REQUEST, "id");
	refused((struct asked){ROUTE_POST, "/sessions",
			.body = "{\"title\":\"a\",\"initialDuration\":5,\"sessionDuration\":5}"},
		ERR_BAD_REQUEST, "sessionDuration");
	refused((struct asked){ROUTE_POST, SESSION "/actions/move", .body = "{}"}, ERR_BAD_REQUEST,
		"groupId");
	refused((struct asked){ROUTE_POST, SESSION "/actions/start", .body = "{\"title\":\"a\"}"},
		ERR_BAD_REQUEST, "title");
	refused((struct asked){ROUTE_POST, SESSION "/actions/start", .body = "{\"session\":\"" OTHER "\"}"},
		ERR_BAD_REQUEST, "session");
	refused((struct asked){ROUTE_PATCH, "/me", .body = "{\"timeZone\":\"Mars/Base\"}"}, ERR_BAD_REQUEST,
		"timeZone");
	refused((struct asked){ROUTE_POST, "/groups", .query = "x=1", .body = "{\"name\":\"a\"}"},
		ERR_BAD_REQUEST, "x");
}

static void a_refusal_speaks_of_the_body(void **state)
{
	struct asked asked = {ROUTE_POST, SESSION "/actions/move", .body = "{\"groupId\":7}"};
	struct request *request;
	struct refusal why = {0};
	int64_t wait_ms;
	(void)state;
	assert_int_equal(ask(&asked, &request, &wait_ms, &why), ERR_BAD_REQUEST);
	assert_string_equal(why.message, "groupId must be null or a UUID");
}

static void bodies_are_json_objects(void **state)
{
	(void)state;
	refused((struct asked){ROUTE_POST, "/groups", .body = "name=x", .type = "text/plain"},
		ERR_UNSUPPORTED_MEDIA_TYPE, "");
	refused((struct asked){ROUTE_POST, "/groups", .body = "{\"name\":\"a\"}",
			.type = "application/jsonp"},
		ERR_UNSUPPORTED_MEDIA_TYPE, "");
	refused((struct asked){ROUTE_POST, "/groups", .body = "{\"name\":\"a\"}", .type = ""},
		ERR_UNSUPPORTED_MEDIA_TYPE, "");
	refused((struct asked){ROUTE_POST, "/groups", .body = "{"}, ERR_BAD_JSON, "");
	refused((struct asked){ROUTE_POST, "/groups", .body = "[]"}, ERR_BAD_JSON, "");
	refused((struct asked){ROUTE_POST, "/groups", .body = "{\"name\":\"a\",\"name\":\"b\"}"},
		ERR_BAD_JSON, "name");
	struct request *request = accept((struct asked){ROUTE_POST, "/groups", .body = "{\"name\":\"a\"}",
		.type = "Application/JSON; charset=utf-8"});
	request_destroy(request);
}

static void headers_stand_for_key_and_version(void **state)
{
	static const struct asked start = {.method = ROUTE_POST, .path = SESSION "/actions/start"};
	struct asked asked = start;
	(void)state;
	asked.key = "\"quoted:1\"";
	asked.if_match = "3";
	struct request *request = accept(asked);
	assert_string_equal(command_of(request)->key, "quoted:1");
	assert_int_equal(command_of(request)->if_version, 3);
	request_destroy(request);
	static const char *const keys[] = {"", "\"\"", "a b", "\"a", "\xff",
		"12345678901234567890123456789012345678901234567890123456789012345"};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		asked = start;
		asked.key = keys[i];
		refused(asked, ERR_BAD_REQUEST, "key");
	}
	static const char *const versions[] = {"", "*", "W/\"3\"", "\"3", "3\"", "\"-3\"", "\"3\", \"4\"",
		"\"0\"", "\"99999999999999999999\""};
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		asked = start;
		asked.if_match = versions[i];
		refused(asked, ERR_BAD_REQUEST, "ifVersion");
	}
	refused((struct asked){ROUTE_POST, "/sessions", .body = "{\"title\":\"a\"}", .if_match = "\"1\""},
		ERR_BAD_REQUEST, "ifVersion");
}

static void commands_are_those_of_the_websocket(void **state)
{
	static const char start[] =
		"{\"type\":\"start\",\"id\":7,\"session\":\"" ID "\",\"key\":\"k\",\"ifVersion\":2}";
	(void)state;
	struct request *request = accept((struct asked){ROUTE_POST, "/v1/commands", .body = start});
	assert_int_equal(request->shape, ANSWER_V1);
	assert_string_equal(command_of(request)->id, "7");
	request_destroy(request);
	request = accept((struct asked){
		ROUTE_POST, "/v1/commands", .body = start, .key = "\"k\"", .if_match = "\"2\""});
	request_destroy(request);
	refused((struct asked){ROUTE_POST, "/v1/commands", .body = start, .key = "other"}, ERR_BAD_REQUEST,
		"key");
	refused((struct asked){ROUTE_POST, "/v1/commands", .body = start, .if_match = "\"3\""},
		ERR_BAD_REQUEST, "ifVersion");
	refused((struct asked){ROUTE_POST, "/v1/commands", .body = "{\"type\":\"fly\"}"}, ERR_UNKNOWN_COMMAND,
		"type");
	refused((struct asked){ROUTE_POST, "/v1/commands", .body = "{\"type\":\"auth\",\"token\":\"x\"}"},
		ERR_UNKNOWN_COMMAND, "type");
}

static void a_batch_has_results_of_its_own(void **state)
{
	static const char batch[] = "{\"type\":\"batch\",\"commands\":[{\"type\":\"start\",\"session\":\"" ID
				    "\"},{\"type\":\"fly\"}]}";
	(void)state;
	struct request *request = accept((struct asked){ROUTE_POST, "/v1/commands", .body = batch});
	assert_true(request->batch);
	assert_int_equal(request->count, 2);
	assert_int_equal(request->commands[0].why.code, OK);
	assert_int_equal(request->commands[1].why.code, ERR_UNKNOWN_COMMAND);
	request_destroy(request);
	refused((struct asked){ROUTE_POST, "/v1/commands", .body = batch, .key = "k"}, ERR_BAD_REQUEST,
		"key");
	refused((struct asked){ROUTE_POST, "/v1/commands", .body = batch, .if_match = "1"}, ERR_BAD_REQUEST,
		"ifVersion");
	refused((struct asked){ROUTE_POST, "/v1/commands", .body = "{\"type\":\"batch\",\"commands\":[]}"},
		ERR_BAD_REQUEST, "commands");
}

static void a_dev_token_is_somebodys(void **state)
{
	struct rest_input input = {.route = route_find(FACE_PUBLIC, ROUTE_POST, "/v1/dev/token").route,
		.content_type = "application/json"};
	static const char *const bad[] = {
		"{}", "{\"user\":7}", "{\"user\":\"a\",\"x\":1}", "[]", "{\"user\""};
	struct refusal why = {0};
	char *user;
	(void)state;
	input.body = "{\"user\":\"alice\"}";
	input.body_len = strlen(input.body);
	assert_int_equal(rest_read_user(&input, &user, &why), OK);
	assert_string_equal(user, "alice");
	free(user);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		input.body = bad[i];
		input.body_len = strlen(bad[i]);
		assert_int_not_equal(rest_read_user(&input, &user, &why), OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_becomes_a_command),
		cmocka_unit_test(a_path_becomes_a_command),
		cmocka_unit_test(read_only_fields_of_a_patch_are_compared_later),
		cmocka_unit_test(fields_are_refused_by_the_names_of_the_body),
		cmocka_unit_test(a_refusal_speaks_of_the_body),
		cmocka_unit_test(bodies_are_json_objects),
		cmocka_unit_test(headers_stand_for_key_and_version),
		cmocka_unit_test(commands_are_those_of_the_websocket),
		cmocka_unit_test(a_batch_has_results_of_its_own),
		cmocka_unit_test(a_dev_token_is_somebodys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
