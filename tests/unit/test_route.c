/* The table of endpoints: which paths there are, with which methods, under which names. */
#include "server/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ID "01890a5d-ac96-774b-bcce-b302099a8057"

static const struct route *find(enum route_method method, const char *path)
{
	struct route_match match = route_find(method, path);
	if (!match.route)
		fail_msg("nothing at %s", path);
	return match.route;
}

static void expect_command(enum route_method method, const char *path, enum command_type command)
{
	const struct route *route = find(method, path);
	assert_int_equal(route->does, ROUTE_COMMAND);
	assert_int_equal(route->command, command);
}

static void expect_view(const char *path, enum view_kind view)
{
	const struct route *route = find(ROUTE_GET, path);
	assert_int_equal(route->does, ROUTE_VIEW);
	assert_int_equal(route->view, view);
}

static void expect_none(enum route_method method, const char *path)
{
	struct route_match match = route_find(method, path);
	if (match.route || match.allowed)
		fail_msg("something at %s", path);
}

static void sessions_are_002s(void **state)
{
	(void)state;
	expect_view("/sessions", VIEW_SESSIONS);
	expect_command(ROUTE_POST, "/sessions", COMMAND_ADD_SESSION);
	expect_view("/sessions/" ID, VIEW_SESSION);
	expect_command(ROUTE_PATCH, "/sessions/" ID, COMMAND_EDIT_SESSION);
	expect_command(ROUTE_DELETE, "/sessions/" ID, COMMAND_DELETE_SESSION);
	expect_command(ROUTE_POST, "/sessions/" ID "/actions/start", COMMAND_START);
	expect_command(ROUTE_POST, "/sessions/" ID "/actions/pause", COMMAND_PAUSE);
	expect_command(ROUTE_POST, "/sessions/" ID "/actions/reset", COMMAND_RESET_SESSION);
	expect_command(ROUTE_POST, "/sessions/" ID "/actions/complete", COMMAND_COMPLETE);
	expect_command(ROUTE_POST, "/sessions/" ID "/actions/restore", COMMAND_RESTORE_SESSION);
	expect_command(ROUTE_POST, "/sessions/" ID "/actions/rename", COMMAND_RENAME_SESSION);
	expect_command(ROUTE_POST, "/sessions/" ID "/actions/move", COMMAND_MOVE_SESSION);
	expect_command(ROUTE_POST, "/sessions/actions/reset-all", COMMAND_RESET_ALL);
}

static void others_are_also_below_api(void **state)
{
	(void)state;
	expect_view("/api/analytics", VIEW_ANALYTICS);
	expect_view("/groups", VIEW_GROUPS);
	expect_command(ROUTE_POST, "/api/groups", COMMAND_ADD_GROUP);
	expect_command(ROUTE_PATCH, "/api/groups/" ID, COMMAND_EDIT_GROUP);
	expect_command(ROUTE_DELETE, "/groups/" ID, COMMAND_DELETE_GROUP);
	expect_view("/api/me", VIEW_ME);
	expect_command(ROUTE_PATCH, "/me", COMMAND_AUTO_RESET_TIME_CHANGE);
	expect_none(ROUTE_GET, "/api/sessions");
	expect_none(ROUTE_GET, "/api/sessions/" ID);
	expect_none(ROUTE_GET, "/api/v1/state");
	expect_none(ROUTE_GET, "/api/healthz");
}

static void v1_has_its_own(void **state)
{
	(void)state;
	expect_view("/v1/state", VIEW_STATE);
	expect_view("/v1/events", VIEW_EVENTS);
	expect_view("/v1/analytics", VIEW_ANALYTICS);
	assert_int_equal(find(ROUTE_POST, "/v1/commands")->does, ROUTE_COMMANDS);
	assert_int_equal(find(ROUTE_POST, "/v1/dev/token")->does, ROUTE_DEV_TOKEN);
	assert_int_equal(route_shape("/v1/nothing"), ANSWER_V1);
	assert_int_equal(route_shape("/v1"), ANSWER_OBJECT);
	assert_int_equal(route_shape("/groups"), ANSWER_OBJECT);
}

static void open_without_a_token(void **state)
{
	static const char *const open[] = {"/healthz", "/readyz", "/version"};
	(void)state;
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		assert_true(route_is_open(find(ROUTE_GET, open[i])));
	assert_true(route_is_open(find(ROUTE_POST, "/v1/dev/token")));
	assert_false(route_is_open(find(ROUTE_POST, "/v1/commands")));
	assert_false(route_is_open(find(ROUTE_GET, "/v1/state")));
	assert_false(route_is_open(find(ROUTE_POST, "/groups")));
}

static void the_id_is_a_uuid(void **state)
{
	char id[UUID_TEXT];
	(void)state;
	struct route_match match = route_find(ROUTE_POST, "/sessions/" ID "/actions/start");
	uuid_format(&match.id, id);
	assert_string_equal(id, ID);
	expect_none(ROUTE_GET, "/sessions/7");
	expect_none(ROUTE_GET, "/sessions/");
	expect_none(ROUTE_GET, "/sessions/" ID "/");
	expect_none(ROUTE_GET, "/sessions/" ID "0");
	expect_none(ROUTE_GET, "/sessions/" ID "/actions");
	expect_none(ROUTE_POST, "/sessions/" ID "/actions/fly");
	expect_none(ROUTE_GET, "/sessions/01890a5d-ac96-774b-bcce-b302099a805g");
	expect_none(ROUTE_GET, "/Sessions");
	expect_none(ROUTE_GET, "");
	expect_none(ROUTE_GET, "/");
}

static void all_methods_of_a_path_are_told(void **state)
{
	char text[64];
	(void)state;
	struct route_match match = route_find(ROUTE_PUT, "/groups");
	assert_null(match.route);
	route_list_methods(match.allowed, text);
	assert_string_equal(text, "GET, HEAD, POST");
	match = route_find(ROUTE_OTHER, "/sessions/" ID);
	assert_null(match.route);
	route_list_methods(match.allowed, text);
	assert_string_equal(text, "GET, HEAD, PATCH, DELETE");
	route_list_methods(ROUTE_GET | ROUTE_POST | ROUTE_PUT | ROUTE_PATCH | ROUTE_DELETE, text);
	assert_string_equal(text, "GET, HEAD, POST, PUT, PATCH, DELETE");
}

static void bodies_are_needed_where_a_field_is(void **state)
{
	(void)state;
	assert_true(route_needs_body(find(ROUTE_POST, "/sessions")));
	assert_true(route_needs_body(find(ROUTE_POST, "/groups")));
	assert_true(route_needs_body(find(ROUTE_POST, "/v1/commands")));
	assert_true(route_needs_body(find(ROUTE_POST, "/v1/dev/token")));
	assert_true(route_needs_body(find(ROUTE_POST, "/sessions/" ID "/actions/rename")));
	assert_true(route_needs_body(find(ROUTE_POST, "/sessions/" ID "/actions/move")));
	assert_false(route_needs_body(find(ROUTE_POST, "/sessions/" ID "/actions/start")));
	assert_false(route_needs_body(find(ROUTE_POST, "/sessions/" ID "/actions/pause")));
	assert_false(route_needs_body(find(ROUTE_POST, "/sessions/actions/reset-all")));
	assert_false(route_needs_body(find(ROUTE_PATCH, "/sessions/" ID)));
	assert_false(route_needs_body(find(ROUTE_PATCH, "/me")));
	assert_false(route_needs_body(find(ROUTE_GET, "/me")));
	assert_false(route_needs_body(find(ROUTE_DELETE, "/groups/" ID)));
}

/* A body's field that its command doesn't have would be refused by a name that nobody gave. */
static void bodies_have_fields_of_their_command(void **state)
{
	static const struct {
		enum route_method method;
		const char *path;
	} commands[] = {
		{ROUTE_POST, "/sessions"},
		{ROUTE_PATCH, "/sessions/" ID},
		{ROUTE_POST, "/sessions/" ID "/actions/pause"},
		{ROUTE_POST, "/sessions/" ID "/actions/rename"},
		{ROUTE_POST, "/sessions/" ID "/actions/move"},
		{ROUTE_POST, "/sessions/actions/reset-all"},
		{ROUTE_POST, "/groups"},
		{ROUTE_PATCH, "/groups/" ID},
		{ROUTE_PATCH, "/me"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct route *route = find(commands[i].method, commands[i].path);
		const struct command_row *row = &command_rows[route->command];
		assert_non_null(route->fields);
		for (const struct route_field *field = route->fields; field->name; field++) {
			assert_true((row->required | row->optional) & FIELD_BIT(field->field));
			assert_int_not_equal(field->field, route->target);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions_are_002s),
		cmocka_unit_test(others_are_also_below_api),
		cmocka_unit_test(v1_has_its_own),
		cmocka_unit_test(open_without_a_token),
		cmocka_unit_test(the_id_is_a_uuid),
		cmocka_unit_test(all_methods_of_a_path_are_told),
		cmocka_unit_test(bodies_are_needed_where_a_field_is),
		cmocka_unit_test(bodies_have_fields_of_their_command),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
