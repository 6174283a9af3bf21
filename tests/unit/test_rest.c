/* HTTP requests to engine requests: bodies, headers and queries, and how each refusal names what is wrong. */
#include "server/query.h"
#include "server/rest.h"

#include "protocol/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ID      "01890a5d-ac96-774b-bcce-b302099a8057"
#define OTHER   "01890a5d-ac96-774b-bcce-b302099a8058"
#define SESSION "/sessions/" ID

struct asked {
	enum route_method method;
	const char *path, *query, *body;
	const char *key, *if_match, *type, *accept;
};

#define PARAMETERS_MAX 8

static enum err ask(
	const struct asked *asked, struct request **ret, int64_t *ret_wait_ms, struct refusal *ret_why)
{
	const char *parameters[PARAMETERS_MAX];
	char query[256], *rest;
	struct route_match match = route_find(asked->method, asked->path);
	assert_non_null(match.route);
	struct rest_input input = {
		.route = match.route,
		.id = match.id,
		.parameters = parameters,
		.content_type = asked->type   ? asked->type
				: asked->body ? "application/json"
					      : NULL,
		.accept = asked->accept,
		.idempotency_key = asked->key,
		.if_match = asked->if_match,
		.body = asked->body,
		.body_len = asked->body ? strlen(asked->body) : 0,
	};
	snprintf(query, sizeof(query), "%s", asked->query ? asked->query : "");
	for (char *at = strtok_r(query, "&", &rest); at; at = strtok_r(NULL, "&", &rest))
		parameters[input.parameter_count++] = at;
	return rest_read(&input, ret, ret_wait_ms, ret_why);
}

static struct request *accept(struct asked asked)
{
	struct request *request;
	struct refusal why = {0};
	int64_t wait_ms;
	if (ask(&asked, &request, &wait_ms, &why))
		fail_msg("%s: %s (%s)", asked.path, why.message, why.field);
	return request;
}

static void refused(struct asked asked, enum err code, const char *field)
{
	struct request *request;
	struct refusal why = {0};
	int64_t wait_ms;
	enum err err = ask(&asked, &request, &wait_ms, &why);
	if (!err)
		request_destroy(request);
	if (err != code || strcmp(why.field, field) != 0)
		fail_msg("%s %s %s: %d at \"%s\": %s", asked.path, asked.query ? asked.query : "",
			asked.body ? asked.body : "", err, why.field, why.message);
}

static const struct command *command_of(const struct request *request)
{
	assert_int_equal(request->kind, REQUEST_COMMANDS);
	assert_int_equal(request->count, 1);
	assert_int_equal(request->commands[0].why.code, OK);
	return &request->commands[0].command;
}

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

static void lists_have_pages(void **state)
{
	static const struct {
		const char *query;
		int limit, offset;
	} good[] = {
		{"", 20, 0},
		{"limit=5", 5, 0},
		{"limit=100&page=3", 100, 200},
		{"offset=7", 20, 7},
		{"page=2&offset=20", 20, 20},
	};
	static const struct {
		const char *query, *field;
	} bad[] = {
		{"limit=0", "limit"},
		{"limit=101", "limit"},
		{"limit=x", "limit"},
		{"limit=", "limit"},
		{"limit", "limit"},
		{"limit=1&limit=2", "limit"},
		{"page=0", "page"},
		{"page=99999999999999999999", "page"},
		{"offset=-1", "offset"},
		{"page=2&offset=5", "offset"},
		{"colour=red", "colour"},
		{"period=daily", "period"},
		{"\xff=1", "?"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct request *request =
			accept((struct asked){ROUTE_GET, "/sessions", .query = good[i].query});
		assert_int_equal(request->kind, REQUEST_VIEW);
		assert_int_equal(request->view.kind, VIEW_SESSIONS);
		assert_int_equal(request->view.limit, good[i].limit);
		assert_int_equal(request->view.offset, good[i].offset);
		request_destroy(request);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused((struct asked){ROUTE_GET, "/groups", .query = bad[i].query}, ERR_BAD_REQUEST,
			bad[i].field);
}

static void analytics_are_narrowed_by_parameters(void **state)
{
	(void)state;
	struct request *request = accept((struct asked){ROUTE_GET, "/v1/analytics",
		.query = "period=weekly&from=2024-01-01&to=2024-02-01&group=" ID "&session=" OTHER
			 "&kind=focus"});
	const struct view_query *view = &request->view;
	assert_int_equal(view->analytics.period, ANALYTICS_WEEKLY);
	assert_true(view->analytics.has_from && view->analytics.has_to);
	assert_int_equal(view->analytics.to - view->analytics.from, 31);
	assert_false(uuid_is_nil(&view->group) || uuid_is_nil(&view->session));
	assert_true(view->has_kind);
	assert_int_equal(view->kind_filter, KIND_FOCUS);
	request_destroy(request);
	static const char *const bad[][2] = {{"period=yearly", "period"}, {"from=2024-1-1", "from"},
		{"to=2024-02-30", "to"}, {"group=7", "group"}, {"session=", "session"}, {"kind=card", "kind"},
		{"limit=5", "limit"}};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused((struct asked){ROUTE_GET, "/analytics", .query = bad[i][0]}, ERR_BAD_REQUEST,
			bad[i][1]);
}

static void events_wait_as_long_as_they_are_told(void **state)
{
	struct asked asked = {ROUTE_GET, "/v1/events", .query = "epoch=abc&seq=12&tag=0000beef&waitMs=30000"};
	struct request *request;
	struct refusal why = {0};
	int64_t wait_ms;
	(void)state;
	assert_int_equal(ask(&asked, &request, &wait_ms, &why), OK);
	assert_int_equal(wait_ms, 30000);
	assert_true(request->view.position.given);
	assert_int_equal(request->view.position.seq, 12);
	assert_int_equal(request->view.position.tag, 0xbeef);
	request_destroy(request);
	request = accept((struct asked){.method = ROUTE_GET, .path = "/v1/events"});
	assert_false(request->view.position.given);
	request_destroy(request);
	refused((struct asked){ROUTE_GET, "/v1/events", .query = "seq=1"}, ERR_BAD_REQUEST, "epoch");
	refused((struct asked){ROUTE_GET, "/v1/events", .query = "epoch=a&seq=-1"}, ERR_BAD_REQUEST, "seq");
	refused((struct asked){ROUTE_GET, "/v1/events", .query = "waitMs=30001"}, ERR_BAD_REQUEST, "waitMs");
	refused((struct asked){ROUTE_GET, "/v1/events", .accept = "text/event-stream"}, ERR_BAD_REQUEST,
		"Accept");
}

static void a_dev_token_is_somebodys(void **state)
{
	struct rest_input input = {
		.route = route_find(ROUTE_POST, "/v1/dev/token").route, .content_type = "application/json"};
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
		cmocka_unit_test(lists_have_pages),
		cmocka_unit_test(analytics_are_narrowed_by_parameters),
		cmocka_unit_test(events_wait_as_long_as_they_are_told),
		cmocka_unit_test(a_dev_token_is_somebodys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
