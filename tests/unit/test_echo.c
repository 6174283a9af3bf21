/* rest.md: "a read-only field of the shape is accepted when equal to the current value (get, change, put must
 * work), else 400 naming it". Each object is written in the words of its endpoint, and sent back. */
#include "tests/support/asking.h"
#include "tests/support/moving.h"

#include "protocol/echo.h"
#include "protocol/json.h"
#include "server/shape.h"

#define PATH_ID "01000000-0000-0000-0000-000000000000" /* id_of(1) */
#define TIMER   "/sessions/" PATH_ID
#define SHARED  "/api/sessions/" PATH_ID
#define QUEST   "/focus-sessions/" PATH_ID

static struct user make_user(void)
{
	return (struct user){
		.version = 3,
		.rule_count = 1,
		.rules = {{.from_ms = DAY_RULE_FOREVER, .zone = "UTC"}},
		.user_id = "u1",
	};
}

static void write_session(struct text *out, enum shape shape, const struct session *session, int64_t now_ms)
{
	struct user user = make_user();
	struct view view = view_make(&user, now_ms);
	shape_session(out, shape, session, false, &view);
}

/* Sends `body` where it may be changed; what is not for the command must equal `now`. */
static struct request *put(const char *path, const char *body, const struct text *now)
{
	struct refusal why = {0};
	bool puts = route_find(FACE_PUBLIC, ROUTE_PUT, path).route;
	struct request *request = accept((struct asked){puts ? ROUTE_PUT : ROUTE_PATCH, path, .body = body});
	if (request->echo && echo_check(now, request->echo, &why))
		fail_msg("%s: %s\n%s\n%s", path, why.message, body, now->data);
	return request;
}

/* What was read of the session goes back unchanged. */
static void expect_back(const char *path, enum shape shape, const struct session *session, int64_t now_ms)
{
	TEXT_AUTO object = {0};
	write_session(&object, shape, session, now_ms);
	struct request *request = put(path, object.data, &object);
	expect_same(session, command_of(request), now_ms);
	request_destroy(request);
}

static void timers_go_back(void **state)
{
	(void)state;
	struct command add = adding(KIND_TIMER);
	struct session timer = added_by(&add, T0);
	expect_back(TIMER, SHAPE_OBJECT, &timer, T0);
	put_number(&add, FIELD_INITIAL_DURATION, 25 * MINUTE + 500);
	put_number(&add, FIELD_DAILY_GOAL_MINUTES, 60);
	timer = added_by(&add, T0);
	expect_back(TIMER, SHAPE_OBJECT, &timer, T0);
	timer = after(&timer, COMMAND_START, T0 + 1);
	expect_back(TIMER, SHAPE_OBJECT, &timer, T0 + MINUTE + 37);
	timer = after(&timer, COMMAND_PAUSE, T0 + 3 * MINUTE + 333);
	expect_back(TIMER, SHAPE_OBJECT, &timer, T0 + 4 * MINUTE);
	timer = after(&timer, COMMAND_COMPLETE, T0 + 5 * MINUTE);
	expect_back(TIMER, SHAPE_OBJECT, &timer, T0 + 6 * MINUTE);
	put_flag(&add, FIELD_NO_GOAL, true);
	timer = added_by(&add, T0);
	expect_back(TIMER, SHAPE_OBJECT, &timer, T0);
}

static void focus_sessions_go_back(void **state)
{
	(void)state;
	struct command pause = {.type = COMMAND_PAUSE};
	struct session focus = added(KIND_FOCUS, T0);
	expect_back(SHARED, SHAPE_SESSION, &focus, T0 + MINUTE);
	put_text(&pause, FIELD_REASON, "tea");
	focus = moved_by(&focus, &pause, T0 + MINUTE);
	expect_back(SHARED, SHAPE_SESSION, &focus, T0 + 2 * MINUTE);
	focus = after(&focus, COMMAND_START, T0 + 3 * MINUTE);
	focus = after(&focus, COMMAND_COMPLETE, T0 + 4 * MINUTE);
	expect_back(SHARED, SHAPE_SESSION, &focus, T0 + 5 * MINUTE);
}

static void work_goes_back(void **state)
{
	(void)state;
	struct command add = adding(KIND_WORK);
	struct session work = added_by(&add, T0);
	expect_back(SHARED, SHAPE_SESSION, &work, T0 + MINUTE);
	put_text(&add, FIELD_PLANNED_TASKS, "[\"Weld\",\"Paint \\\"red\\\"\"]");
	put_text(&add, FIELD_NOTES, "a \n b");
	put_flag(&add, FIELD_HELPER_PRESENT, true);
	work = added_by(&add, T0);
	expect_back(SHARED, SHAPE_SESSION, &work, T0 + MINUTE);
	/* Once it is completed only its notes can be changed; the rest is as it is. */
	work = after(&work, COMMAND_COMPLETE, T0 + 2 * MINUTE);
	expect_back(SHARED, SHAPE_SESSION, &work, T0 + 3 * MINUTE);
}

static void trainings_go_back(void **state)
{
	(void)state;
	struct command add = adding(KIND_TRAINING);
	struct session training = added_by(&add, T0);
	expect_back(SHARED, SHAPE_SESSION, &training, T0 + MINUTE);
	put_text(&add, FIELD_STRUCTURE, "{\"b\":[1,2.5,1e+30,null,true],\"a\":{\"\":\"\\u00fc\"}}");
	training = added_by(&add, T0);
	TEXT_AUTO object = {0};
	write_session(&object, SHAPE_SESSION, &training, T0);
	struct request *request = put(SHARED, object.data, &object);
	assert_non_null(command_value(command_of(request), FIELD_STRUCTURE));
	request_destroy(request);
}

static void tasks_go_back(void **state)
{
	(void)state;
	struct session work = added(KIND_WORK, T0);
	struct task task = {
		.id = id_of(1), .session = work.id, .version = 1, .start_ms = T0, .time_ms = 90500};
	snprintf(task.description, sizeof(task.description), "Weld");
	for (int completed = 0; completed < 2; completed++) {
		TEXT_AUTO object = {0};
		struct task next;
		struct refusal why;
		bool changed = true;
		task.completed = completed;
		task.completed_at_ms = completed ? T0 + MINUTE : 0;
		task.challenges = completed ? "thin" : NULL;
		shape_task(&object, SHAPE_WORK, &task);
		struct request *request = put("/tasks/" PATH_ID, object.data, &object);
		assert_int_equal(
			task_apply(&task, &work, command_of(request), T0, 0, &next, &changed, &why), OK);
		assert_false(changed);
		request_destroy(request);
	}
}

static void problems_go_back(void **state)
{
	(void)state;
	struct problem problem = {.id = id_of(1),
		.group = id_of(2),
		.version = 1,
		.severity = SEVERITY_MAJOR,
		.cost_impact = PROBLEM_NO_IMPACT,
		.time_impact = 1250,
		.discovery_ms = T0 + 7};
	snprintf(problem.description, sizeof(problem.description), "Rust below the paint");
	for (int resolved = 0; resolved < 2; resolved++) {
		TEXT_AUTO object = {0};
		struct problem next;
		struct refusal why;
		bool changed = true;
		problem.resolved = resolved;
		shape_problem(&object, SHAPE_WORK, &problem);
		struct request *request = put("/api/problems/" PATH_ID, object.data, &object);
		assert_int_equal(
			problem_apply(&problem, command_of(request), T0 + HOUR, &next, &changed, &why), OK);
		assert_false(changed);
		request_destroy(request);
	}
}

static void groups_and_plans_go_back(void **state)
{
	(void)state;
	static const char *const paths[] = {"/groups/" PATH_ID, "/projects/" PATH_ID};
	struct user user = make_user();
	struct view view = view_make(&user, T0);
	struct group group = {.id = id_of(1), .version = 1, .created_at_ms = T0, .updated_at_ms = T0}, next;
	struct plan plan = {.id = id_of(1), .version = 2, .has_sessions = true}, next_plan;
	snprintf(group.name, sizeof(group.name), "Car");
	snprintf(plan.name, sizeof(plan.name), "Legs");
	plan.structure = "{\"exercises\":[{\"kg\":72.5}]}";
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		TEXT_AUTO object = {0};
		encode_group(&object, &group, &view);
		struct request *request = put(paths[i], object.data, &object);
		assert_false(group_apply(&group, command_of(request), T0, &next));
		request_destroy(request);
	}
	TEXT_AUTO object = {0};
	shape_plan(&object, SHAPE_PLAN, &plan, &view);
	struct request *request = put("/plans/" PATH_ID, object.data, &object);
	assert_false(plan_apply(&plan, command_of(request), T0, &next_plan));
	request_destroy(request);
}

static void the_person_goes_back(void **state)
{
	(void)state;
	static const struct user_tracking nothing = {.past_end_ms = INT64_MIN};
	struct user user = make_user(), next;
	struct view view = view_make(&user, T0);
	TEXT_AUTO object = {0};
	encode_user(&object, &view);
	struct request *request = put("/me", object.data, &object);
	assert_false(user_apply(&user, command_of(request), &nothing, T0, &next));
	request_destroy(request);
}

/* 003's object with the status that is to be. */
static void a_status_is_put_with_the_rest(void **state)
{
	(void)state;
	struct command add = adding(KIND_FOCUS);
	put_text(&add, FIELD_TITLE, "Writing Chapter 1");
	struct session focus = added_by(&add, T0), ended = after(&focus, COMMAND_COMPLETE, T0 + 2 * MINUTE);
	TEXT_AUTO read = {0};
	TEXT_AUTO now = {0};
	write_session(&read, SHAPE_QUEST, &focus, T0);
	char *status = strstr(read.data, "\"active\"");
	assert_non_null(status);
	TEXT_AUTO body = {0};
	text_append_format(&body, "%.*s\"completed\"%s", (int)(status - read.data), read.data,
		status + strlen("\"active\""));
	struct request *request = put(QUEST, body.data, &read);
	assert_int_equal(command_of(request)->type, COMMAND_COMPLETE);
	request_destroy(request);
	/* "Its timer may have ended first." */
	write_session(&now, SHAPE_QUEST, &ended, T0 + 3 * MINUTE);
	request = put(QUEST, body.data, &now);
	expect_same(&ended, command_of(request), T0 + 3 * MINUTE);
	request_destroy(request);
}

/* What isn't equal is named. */

static const char *check(const char *object, const char *body, struct refusal *ret_why)
{
	struct refusal none = {0};
	JSON_AUTO *echo = NULL;
	struct text now = {.data = (char *)object, .len = strlen(object)};
	*ret_why = none;
	assert_int_equal(json_parse(body, strlen(body), &echo, ret_why), OK);
	enum err err = echo_check(&now, echo, ret_why);
	assert_int_equal(err, ret_why->code);
	assert_true(!err || err == ERR_BAD_REQUEST);
	return ret_why->field;
}

struct echoed {
	const char *body, *field; /* "": accepted */
};

static void check_all(const char *object, const struct echoed *echoed, size_t count)
{
	struct refusal why;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(check(object, echoed[i].body, &why), echoed[i].field) != 0)
			fail_msg("%s: %s", echoed[i].body, why.message);
	}
}
#define CHECK(object, echoed) check_all(object, echoed, sizeof(echoed) / sizeof((echoed)[0]))

static void what_differs_is_named(void **state)
{
	static const char object[] =
		"{\"id\":\"a\",\"version\":3,\"pauses\":[{\"duration\":null}],\"endTime\":"
		"null,\"startTime\":\"2026-11-21T08:00:00.000Z\",\"resolved\":false}";
	static const struct echoed echoed[] = {
		{"{}", ""},
		{"{\"id\":\"a\",\"version\":3,\"pauses\":[{\"duration\":null}],\"endTime\":null}", ""},
		{"{\"id\":\"b\"}", "id"},
		{"{\"version\":4}", "version"},
		{"{\"version\":\"3\"}", "version"},
		{"{\"id\":\"a\",\"pauses\":[]}", "pauses"},
		{"{\"endTime\":\"2026-11-21T08:00:00.000Z\"}", "endTime"},
		{"{\"resolved\":true}", "resolved"},
		{"{\"resolved\":null}", "resolved"},
		{"{\"colour\":\"red\"}", "colour"},
		{"{\"colour\":null}", "colour"},
		{"{\"Id\":\"a\"}", "Id"},
		/* However an instant is spelled. */
		{"{\"startTime\":\"2026-11-21T08:00:00Z\"}", ""},
		{"{\"startTime\":\"2026-11-21T10:00+02:00\"}", ""},
		{"{\"startTime\":\"2026-11-21T08:00:00.001Z\"}", "startTime"},
	};
	(void)state;
	CHECK(object, echoed);
}

static void what_a_running_clock_moves_may_differ(void **state)
{
	static const char running[] =
		"{\"state\":\"RUNNING\",\"initialDuration\":15.5,\"timeLeft\":10.5,\"elapsedSeconds\":5,"
		"\"trackedSeconds\":5,\"focusSeconds\":5,\"day\":\"2026-11-21\",\"title\":\"t\"}";
	static const char paused[] =
		"{\"state\":\"PAUSED\",\"timeLeft\":10.5,\"elapsedSeconds\":5,"
		"\"trackedSeconds\":5,\"focusSeconds\":5,\"day\":\"2026-11-21\",\"title\":\"t\"}";
	static const struct echoed while_running[] = {
		{"{\"timeLeft\":12,\"elapsedSeconds\":3.5,\"trackedSeconds\":60,\"day\":\"2026-11-20\"}", ""},
		{"{\"timeLeft\":null}", "timeLeft"},
		/* It only ever went one way. */
		{"{\"timeLeft\":10}", "timeLeft"},
		{"{\"timeLeft\":99999}", "timeLeft"},
		{"{\"elapsedSeconds\":6}", "elapsedSeconds"},
		{"{\"elapsedSeconds\":-4}", "elapsedSeconds"},
		{"{\"focusSeconds\":99999}", "focusSeconds"},
		{"{\"elapsedSeconds\":\"5\"}", "elapsedSeconds"},
		{"{\"title\":\"u\"}", "title"},
	};
	static const struct echoed while_paused[] = {
		{"{\"timeLeft\":10.5,\"day\":\"2026-11-21\"}", ""},
		{"{\"timeLeft\":12}", "timeLeft"},
		{"{\"elapsedSeconds\":3}", "elapsedSeconds"},
		{"{\"trackedSeconds\":3}", "trackedSeconds"},
		{"{\"trackedSeconds\":3,\"day\":\"2026-11-21\"}", "trackedSeconds"},
		/* Read before midnight. */
		{"{\"trackedSeconds\":60,\"focusSeconds\":60,\"day\":\"2026-11-20\"}", ""},
		{"{\"elapsedSeconds\":3,\"day\":\"2026-11-20\"}", "elapsedSeconds"},
		{"{\"day\":\"2026-11-22\"}", "day"},
	};
	(void)state;
	CHECK(running, while_running);
	CHECK(paused, while_paused);
}

/* "timeSpent is always calculated; a client that sends it is told so", unless it is what it had been. */
static void time_spent_may_have_been_less(void **state)
{
	static const char pending[] = "{\"status\":\"Pending\",\"timeSpent\":2.5}";
	static const char completed[] = "{\"status\":\"Completed\",\"timeSpent\":2.5}";
	static const struct echoed while_pending[] = {
		{"{\"timeSpent\":2.5}", ""},
		{"{\"timeSpent\":0}", ""},
		{"{\"timeSpent\":2.51}", "timeSpent"},
		{"{\"timeSpent\":-1}", "timeSpent"},
		{"{\"timeSpent\":\"2\"}", "timeSpent"},
	};
	static const struct echoed once_completed[] = {
		{"{\"timeSpent\":2.5}", ""},
		{"{\"timeSpent\":2}", "timeSpent"},
		{"{\"timeSpent\":0}", "timeSpent"},
	};
	(void)state;
	CHECK(pending, while_pending);
	CHECK(completed, once_completed);
}

static void an_end_may_have_come_meanwhile(void **state)
{
	static const char completed[] =
		"{\"status\":\"completed\",\"completed_at\":\"2026-11-21T08:00:00.000Z\"}";
	static const char cancelled[] =
		"{\"status\":\"cancelled\",\"completed_at\":\"2026-11-21T08:00:00.000Z\"}";
	static const struct echoed once_completed[] = {
		{"{\"completed_at\":null}", ""},
		{"{\"completed_at\":\"2026-11-21T08:00:00Z\"}", ""},
		{"{\"completed_at\":\"2026-11-21T08:00:01Z\"}", "completed_at"},
	};
	static const struct echoed once_cancelled[] = {{"{\"completed_at\":null}", "completed_at"}};
	(void)state;
	CHECK(completed, once_completed);
	CHECK(cancelled, once_cancelled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_go_back),
		cmocka_unit_test(focus_sessions_go_back),
		cmocka_unit_test(work_goes_back),
		cmocka_unit_test(trainings_go_back),
		cmocka_unit_test(tasks_go_back),
		cmocka_unit_test(problems_go_back),
		cmocka_unit_test(groups_and_plans_go_back),
		cmocka_unit_test(the_person_goes_back),
		cmocka_unit_test(a_status_is_put_with_the_rest),
		cmocka_unit_test(what_differs_is_named),
		cmocka_unit_test(what_a_running_clock_moves_may_differ),
		cmocka_unit_test(time_spent_may_have_been_less),
		cmocka_unit_test(an_end_may_have_come_meanwhile),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
