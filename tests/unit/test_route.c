/* The table of endpoints: which paths there are, with which methods, under which names. */
#include "server/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ID "01890a5d-ac96-774b-bcce-b302099a8057"

static const struct route *find(enum route_method method, const char *path)
{
	struct route_match match = route_find(FACE_PUBLIC, method, path);
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
	struct route_match match = route_find(FACE_PUBLIC, method, path);
	if (match.route || match.allowed)
		fail_msg("something at %s", path);
}

static void timers_are_002s(void **state)
{
	(void)state;
	expect_view("/sessions", VIEW_TIMERS);
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

/* "/sessions… (002 only) and /api/sessions… (000, 001, 004 only)." */
static void api_sessions_are_the_others(void **state)
{
	static const char *const verbs[] = {"complete", "abandon", "pause", "resume"};
	static const enum command_type commands[] = {
		COMMAND_COMPLETE, COMMAND_ABANDON, COMMAND_PAUSE, COMMAND_START};
	(void)state;
	expect_view("/api/sessions", VIEW_SESSIONS);
	expect_command(ROUTE_POST, "/api/sessions", COMMAND_ADD_SESSION);
	expect_view("/api/sessions/" ID, VIEW_SESSION);
	assert_ptr_not_equal(find(ROUTE_GET, "/api/sessions/" ID), find(ROUTE_GET, "/sessions/" ID));
	expect_command(ROUTE_PUT, "/api/sessions/" ID, COMMAND_EDIT_SESSION);
	expect_command(ROUTE_PATCH, "/api/sessions/" ID, COMMAND_EDIT_SESSION);
	expect_command(ROUTE_DELETE, "/api/sessions/" ID, COMMAND_DELETE_SESSION);
	/* "POST and PUT are both accepted on its verbs." */
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		char path[96];
		snprintf(path, sizeof(path), "/api/sessions/" ID "/%s", verbs[i]);
		expect_command(ROUTE_POST, path, commands[i]);
		expect_command(ROUTE_PUT, path, commands[i]);
		expect_none(ROUTE_POST, path + strlen("/api"));
	}
	expect_command(ROUTE_POST, "/api/sessions/" ID "/distractions", COMMAND_DISTRACTION);
	expect_view("/api/sessions/" ID "/tasks", VIEW_TASKS);
	expect_command(ROUTE_POST, "/api/sessions/" ID "/tasks", COMMAND_ADD_TASK);
	expect_none(ROUTE_GET, "/sessions/" ID "/tasks");
	expect_none(ROUTE_POST, "/api/sessions/" ID "/actions/start");
	expect_none(ROUTE_POST, "/api/sessions/actions/reset-all");
}

/* "Every path exists with and without /api." */
static void others_stand_in_both_places(void **state)
{
	static const struct {
		enum route_method method;
		const char *path;
		enum command_type command;
	} commands[] = {
		{ROUTE_POST, "/groups", COMMAND_ADD_GROUP},
		{ROUTE_PATCH, "/groups/" ID, COMMAND_EDIT_GROUP},
		{ROUTE_DELETE, "/groups/" ID, COMMAND_DELETE_GROUP},
		{ROUTE_PATCH, "/me", COMMAND_AUTO_RESET_TIME_CHANGE},
		{ROUTE_POST, "/focus-sessions", COMMAND_ADD_SESSION},
		{ROUTE_PATCH, "/focus-sessions/" ID, COMMAND_COMPLETE},
		{ROUTE_DELETE, "/focus-sessions/" ID, COMMAND_DELETE_SESSION},
		{ROUTE_POST, "/projects", COMMAND_ADD_GROUP},
		{ROUTE_PATCH, "/projects/" ID, COMMAND_EDIT_GROUP},
		{ROUTE_DELETE, "/projects/" ID, COMMAND_DELETE_GROUP},
		{ROUTE_POST, "/projects/" ID "/sessions", COMMAND_ADD_SESSION},
		{ROUTE_POST, "/projects/" ID "/problems", COMMAND_REPORT_PROBLEM},
		{ROUTE_PUT, "/tasks/" ID, COMMAND_EDIT_TASK},
		{ROUTE_DELETE, "/tasks/" ID, COMMAND_DELETE_TASK},
		{ROUTE_POST, "/tasks/" ID "/complete", COMMAND_COMPLETE_TASK},
		{ROUTE_PUT, "/problems/" ID, COMMAND_EDIT_PROBLEM},
		{ROUTE_POST, "/problems/" ID "/resolve", COMMAND_RESOLVE_PROBLEM},
		{ROUTE_POST, "/plans", COMMAND_ADD_PLAN},
		{ROUTE_PATCH, "/plans/" ID, COMMAND_EDIT_PLAN},
		{ROUTE_DELETE, "/plans/" ID, COMMAND_DELETE_PLAN},
	};
	static const struct {
		const char *path;
		enum view_kind view;
	} views[] = {
		{"/analytics", VIEW_ANALYTICS},
		{"/groups", VIEW_GROUPS},
		{"/me", VIEW_ME},
		{"/focus-sessions", VIEW_FOCUS_SESSIONS},
		{"/projects", VIEW_GROUPS},
		{"/projects/" ID, VIEW_GROUP},
		{"/projects/" ID "/sessions", VIEW_PROJECT_SESSIONS},
		{"/projects/" ID "/sessions/analytics", VIEW_PROJECT_ANALYTICS},
		{"/projects/" ID "/time-tracking", VIEW_PROJECT_TIME},
		{"/projects/" ID "/problems", VIEW_PROBLEMS},
		{"/tasks/" ID, VIEW_TASK},
		{"/problems/" ID, VIEW_PROBLEM},
		{"/plans", VIEW_PLANS},
		{"/plans/" ID, VIEW_PLAN},
		{"/audit-log", VIEW_AUDIT},
	};
	char path[128];
	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		snprintf(path, sizeof(path), "/api%s", commands[i].path);
		expect_command(commands[i].method, path, commands[i].command);
		expect_command(commands[i].method, commands[i].path, commands[i].command);
	}
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		snprintf(path, sizeof(path), "/api%s", views[i].path);
		expect_view(path, views[i].view);
		expect_view(views[i].path, views[i].view);
	}
	expect_none(ROUTE_GET, "/api/v1/state");
	expect_none(ROUTE_GET, "/api/healthz");
	expect_none(ROUTE_GET, "/api/api/plans");
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

/* What only who runs the server may ask is nothing anywhere else. */
static void control_is_a_face_of_its_own(void **state)
{
	static const char path[] = "/control/delete-user";
	(void)state;
	struct route_match match = route_find(FACE_CONTROL, ROUTE_POST, path);
	assert_non_null(match.route);
	assert_int_equal(match.route->does, ROUTE_FORGET);
	assert_true(route_is_open(match.route) && route_needs_body(match.route));
	assert_int_equal(match.allowed, ROUTE_POST);
	assert_int_equal(route_find(FACE_PUBLIC, ROUTE_POST, path).allowed, 0);
	assert_int_equal(route_find(FACE_METRICS, ROUTE_POST, path).allowed, 0);
	assert_int_equal(route_find(FACE_CONTROL, ROUTE_GET, "/v1/state").allowed, 0);
}

static void open_without_a_token(void **state)
{
	static const char *const open[] = {
		"/healthz", "/readyz", "/version", "/v1/config", "/openapi.yaml", "/asyncapi.yaml"};
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
	struct route_match match = route_find(FACE_PUBLIC, ROUTE_POST, "/sessions/" ID "/actions/start");
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

static void expect_methods(const char *path, const char *methods)
{
	char text[64];
	struct route_match match = route_find(FACE_PUBLIC, ROUTE_OTHER, path);
	assert_null(match.route);
	route_list_methods(match.allowed, text);
	assert_string_equal(text, methods);
}

static void all_methods_of_a_path_are_told(void **state)
{
	(void)state;
	expect_methods("/groups", "GET, HEAD, POST");
	expect_methods("/api/sessions/" ID, "GET, HEAD, PUT, PATCH, DELETE");
	expect_methods("/api/sessions/" ID "/complete", "POST, PUT");
	expect_methods("/api/sessions", "GET, HEAD, POST");
	assert_null(route_find(FACE_PUBLIC, ROUTE_PUT, "/groups").route);
}

/* Elsewhere a route doesn't exist, whatever the method. */
static void routes_are_known_on_their_faces(void **state)
{
	(void)state;
	assert_non_null(route_find(FACE_METRICS, ROUTE_GET, "/healthz").route);
	assert_non_null(route_find(FACE_METRICS, ROUTE_GET, "/readyz").route);
	assert_int_equal(route_find(FACE_METRICS, ROUTE_POST, "/healthz").allowed, ROUTE_GET);
	for (const struct route *route = route_rows; route->path; route++) {
		if (!route->faces && route_find(FACE_METRICS, ROUTE_GET, route->path).allowed)
			fail_msg("%s is known where only who watches the server comes", route->path);
		if (!route->faces && route_find(FACE_CONTROL, ROUTE_GET, route->path).allowed)
			fail_msg("%s is known where only who runs the server comes", route->path);
	}
}

/* "A body is optional where nothing in it is required." */
static void bodies_are_needed_where_a_field_is(void **state)
{
	(void)state;
	assert_true(route_needs_body(find(ROUTE_POST, "/sessions")));
	assert_true(route_needs_body(find(ROUTE_POST, "/groups")));
	assert_true(route_needs_body(find(ROUTE_POST, "/v1/commands")));
	assert_true(route_needs_body(find(ROUTE_POST, "/v1/dev/token")));
	assert_true(route_needs_body(find(ROUTE_POST, "/sessions/" ID "/actions/rename")));
	assert_true(route_needs_body(find(ROUTE_POST, "/sessions/" ID "/actions/move")));
	assert_true(route_needs_body(find(ROUTE_POST, "/api/sessions")));
	assert_true(route_needs_body(find(ROUTE_POST, "/api/sessions/" ID "/tasks")));
	assert_true(route_needs_body(find(ROUTE_POST, "/focus-sessions")));
	assert_true(route_needs_body(find(ROUTE_PATCH, "/focus-sessions/" ID)));
	assert_true(route_needs_body(find(ROUTE_POST, "/projects/" ID "/problems")));
	assert_true(route_needs_body(find(ROUTE_POST, "/tasks/" ID "/complete")));
	assert_true(route_needs_body(find(ROUTE_POST, "/plans")));
	assert_false(route_needs_body(find(ROUTE_POST, "/projects/" ID "/sessions")));
	assert_false(route_needs_body(find(ROUTE_PUT, "/api/sessions/" ID)));
	assert_false(route_needs_body(find(ROUTE_POST, "/api/sessions/" ID "/complete")));
	assert_false(route_needs_body(find(ROUTE_PUT, "/api/sessions/" ID "/pause")));
	assert_false(route_needs_body(find(ROUTE_PUT, "/api/sessions/" ID "/resume")));
	assert_false(route_needs_body(find(ROUTE_POST, "/problems/" ID "/resolve")));
	assert_false(route_needs_body(find(ROUTE_POST, "/sessions/" ID "/actions/start")));
	assert_false(route_needs_body(find(ROUTE_POST, "/sessions/" ID "/actions/pause")));
	assert_false(route_needs_body(find(ROUTE_POST, "/sessions/actions/reset-all")));
	assert_false(route_needs_body(find(ROUTE_PATCH, "/sessions/" ID)));
	assert_false(route_needs_body(find(ROUTE_PATCH, "/me")));
	assert_false(route_needs_body(find(ROUTE_GET, "/me")));
	assert_false(route_needs_body(find(ROUTE_DELETE, "/groups/" ID)));
}

static bool has_field(const struct route *route, enum field wanted)
{
	for (const struct body_field *field = route->fields; field && field->name; field++) {
		if (field->field == wanted)
			return true;
	}
	return false;
}

/* A field that the command doesn't have would be refused by a name that nobody gave; one that it needs and no
 * body can have would always be missing. */
static void bodies_fit_their_commands(void **state)
{
	(void)state;
	for (const struct route *route = route_rows; route->path; route++) {
		if (route->does != ROUTE_COMMAND)
			continue;
		const struct command_row *row = &command_rows[route->command];
		for (const struct body_field *field = route->fields; field && field->name; field++) {
			assert_true((row->required | row->optional) & FIELD_BIT(field->field));
			assert_int_not_equal(field->field, route->target);
			assert_int_equal(field->instant, field_rows[field->field].type == TYPE_INSTANT);
			assert_false(route->constant.value && route->constant.field == field->field);
		}
		for (int field = 0; field < FIELD_COUNT; field++) {
			if (route_required(route) & FIELD_BIT(field))
				assert_true(has_field(route, (enum field)field));
		}
		if (route->command == COMMAND_ADD_SESSION)
			assert_int_not_equal(route_kind(route), KIND_COUNT);
		assert_int_equal(strstr(route->path, "{id}") != NULL, route->target != FIELD_COUNT);
	}
}

/* What an endpoint lets a body say that a session of none of its kinds can have would never be accepted. */
static void sessions_are_edited_as_their_kinds_allow(void **state)
{
	(void)state;
	for (const struct route *route = route_rows; route->path; route++) {
		uint64_t allowed = 0;
		if (route->does != ROUTE_COMMAND ||
			(route->command != COMMAND_EDIT_SESSION && route->command != COMMAND_ADD_SESSION))
			continue;
		for (int kind = 0; kind < KIND_COUNT; kind++) {
			const struct session_policy *policy = &session_policies[kind];
			if (route->kinds & ROUTE_KIND(kind))
				allowed |= route->command == COMMAND_EDIT_SESSION
						   ? policy->edit
						   : policy->add_required | policy->add_optional |
							     FIELD_BIT(FIELD_SESSION);
		}
		for (const struct body_field *field = route->fields; field->name; field++)
			assert_true(allowed & FIELD_BIT(field->field));
		for (int field = 0; route->command == COMMAND_EDIT_SESSION && field < FIELD_COUNT; field++) {
			if (allowed & FIELD_BIT(field))
				assert_true(has_field(route, (enum field)field));
		}
	}
}

/* The first of the rows that a body chooses between. */
static void a_body_may_choose_the_row(void **state)
{
	(void)state;
	const struct route *route = find(ROUTE_POST, "/api/sessions");
	assert_non_null(route->when.member);
	assert_non_null(route_next(route));
	assert_string_not_equal(route->when.member, route_next(route)->when.member);
	assert_null(route_next(route_next(route)));
	route = find(ROUTE_PATCH, "/focus-sessions/" ID);
	assert_string_equal(route->when.value, "completed");
	assert_string_equal(route_next(route)->when.value, "cancelled");
	assert_null(route_next(find(ROUTE_POST, "/sessions")));
	assert_null(route_next(find(ROUTE_DELETE, "/api/sessions/" ID)));
}

/* Every other method and path has one row. */
static void rows_do_not_hide_each_other(void **state)
{
	(void)state;
	for (const struct route *a = route_rows; a->path; a++) {
		for (const struct route *b = a + 1; b->path; b++) {
			bool apart = (a->flags & ROUTE_API_ONLY) != (b->flags & ROUTE_API_ONLY);
			bool same = strcmp(a->path, b->path) == 0 && (a->methods & b->methods);
			if (same && !apart && !(a->when.member && route_next(a) == b))
				fail_msg("two rows for %s", a->path);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_are_002s),
		cmocka_unit_test(api_sessions_are_the_others),
		cmocka_unit_test(others_stand_in_both_places),
		cmocka_unit_test(v1_has_its_own),
		cmocka_unit_test(control_is_a_face_of_its_own),
		cmocka_unit_test(open_without_a_token),
		cmocka_unit_test(the_id_is_a_uuid),
		cmocka_unit_test(all_methods_of_a_path_are_told),
		cmocka_unit_test(routes_are_known_on_their_faces),
		cmocka_unit_test(bodies_are_needed_where_a_field_is),
		cmocka_unit_test(bodies_fit_their_commands),
		cmocka_unit_test(sessions_are_edited_as_their_kinds_allow),
		cmocka_unit_test(a_body_may_choose_the_row),
		cmocka_unit_test(rows_do_not_hide_each_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
