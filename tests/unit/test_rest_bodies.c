/* Each endpoint that changes something, with the requirement documents' own bodies: which command it stands
 * for, written as a socket would send it. */
#include "tests/support/asking.h"

#include "protocol/encode.h"
#include "protocol/json.h"

#define OF(kind) ROUTE_KIND(KIND_##kind)
#define SHARED   (OF(FOCUS) | OF(WORK) | OF(TRAINING))

struct example {
	enum route_method method;
	const char *path, *body, *command;
	enum shape shape;
	unsigned kinds;
	bool created;
};

static void expect_same(const struct example *example, const struct command *command)
{
	struct message message;
	struct refusal why = {0};
	TEXT_AUTO is = {0};
	TEXT_AUTO expected = {0};
	if (decode_message(example->command, strlen(example->command), &message, &why))
		fail_msg("%s: %s", example->command, why.message);
	encode_command(&is, command);
	encode_command(&expected, &message.commands[0].command);
	message_finish(&message);
	if (strcmp(is.data, expected.data) != 0)
		fail_msg("%s %s: %s instead of %s", example->path, example->body ? example->body : "",
			is.data, expected.data);
}

static void check(const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct example *example = &examples[i];
		struct request *request = accept((struct asked){
			.method = example->method, .path = example->path, .body = example->body});
		expect_same(example, command_of(request));
		assert_int_equal(request->shape, ANSWER_OBJECT);
		if (request->shape_of_object != example->shape || request->kinds != example->kinds ||
			request->created != example->created || request->echo)
			fail_msg("%s: shape %d, kinds %x, created %d", example->path,
				request->shape_of_object, request->kinds, request->created);
		request_destroy(request);
	}
}
#define CHECK(examples) check((examples), sizeof(examples) / sizeof((examples)[0]))

#define SESSION   "\"session\":\"" ID "\""
#define GROUP     "\"group\":\"" ID "\""
#define TASK      "\"task\":\"" ID "\""
#define PROBLEM   "\"problem\":\"" ID "\""
#define PLAN      "\"plan\":\"" ID "\""
#define STRUCTURE "{\"exercises\":[{\"name\":\"Squat\",\"sets\":[{\"reps\":5,\"kg\":72.5}]}]}"

static void the_words_of_000(void **state)
{
	static const struct example examples[] = {
		{ROUTE_POST, "/api/projects/" ID "/sessions",
			"{\"startTime\":\"2026-11-21T10:00:00+02:00\",\"plannedTasks\":[\"Weld\"],"
			"\"toolsNeeded\":["
			"\"Welder\"],\"partsToInstall\":[],\"helperPresent\":true,\"notes\":\"n\"}",
			"{\"type\":\"addSession\",\"kind\":\"work\"," GROUP
			",\"startMs\":1795248000000,\"plannedTasks\":[\"Weld\"],\"toolsNeeded\":[\"Welder\"],"
			"\"partsToInstall\":[],\"helperPresent\":true,\"notes\":\"n\"}",
			SHAPE_SESSION, OF(WORK), true},
		{ROUTE_POST, "/projects/" ID "/sessions", NULL,
			"{\"type\":\"addSession\",\"kind\":\"work\"," GROUP "}", SHAPE_SESSION, OF(WORK),
			true},
		{ROUTE_POST, "/projects/" ID "/sessions", "{\"id\":\"" OTHER "\"}",
			"{\"type\":\"addSession\",\"kind\":\"work\"," GROUP ",\"session\":\"" OTHER "\"}",
			SHAPE_SESSION, OF(WORK), true},
		{ROUTE_PUT, "/api/sessions/" ID,
			"{\"plannedTasks\":[\"a\",\"b\"],\"toolsNeeded\":[],\"partsToInstall\":[\"c\"],"
			"\"helperPresent\":false,\"notes\":\"\"}",
			"{\"type\":\"editSession\"," SESSION
			",\"plannedTasks\":[\"a\",\"b\"],\"toolsNeeded\":[],"
			"\"partsToInstall\":[\"c\"],\"helperPresent\":false,\"notes\":\"\"}",
			SHAPE_SESSION, SHARED, false},
		{ROUTE_POST, "/api/sessions/" ID "/complete", NULL, "{\"type\":\"complete\"," SESSION "}",
			SHAPE_SESSION, SHARED, false},
		{ROUTE_DELETE, "/api/sessions/" ID, NULL, "{\"type\":\"deleteSession\"," SESSION "}",
			SHAPE_SESSION, SHARED, false},
		{ROUTE_POST, "/api/sessions/" ID "/tasks",
			"{\"id\":\"" OTHER "\",\"description\":\"Weld the frame\"}",
			"{\"type\":\"addTask\"," SESSION ",\"task\":\"" OTHER
			"\",\"description\":\"Weld the frame\"}",
			SHAPE_WORK, SHARED, true},
		{ROUTE_PUT, "/api/tasks/" ID, "{\"description\":\"d\",\"challengesEncountered\":\"c\"}",
			"{\"type\":\"editTask\"," TASK
			",\"description\":\"d\",\"challengesEncountered\":\"c\"}",
			SHAPE_WORK, 0, false},
		{ROUTE_POST, "/tasks/" ID "/complete",
			"{\"qualityResult\":\"NeedsRework\",\"challengesEncountered\":\"\",\"reworkNeeded\":"
			"true}",
			"{\"type\":\"completeTask\"," TASK
			",\"qualityResult\":\"NeedsRework\",\"challengesEncountered\":\"\",\"reworkNeeded\":"
			"true}",
			SHAPE_WORK, 0, false},
		{ROUTE_DELETE, "/api/tasks/" ID, NULL, "{\"type\":\"deleteTask\"," TASK "}", SHAPE_WORK, 0,
			false},
		{ROUTE_POST, "/api/projects/" ID "/problems",
			"{\"id\":\"" OTHER
			"\",\"discoveryDate\":\"2026-11-21T08:00:00.1239Z\",\"description\":\"Rust below the "
			"paint\",\"severity\":\"Major\",\"costImpact\":350.5,\"timeImpact\":null,"
			"\"solutionPlan\":\"s\",\"isCommonProblem\":true}",
			"{\"type\":\"reportProblem\"," GROUP ",\"problem\":\"" OTHER
			"\",\"discoveryMs\":1795248000123,\"description\":\"Rust below the "
			"paint\",\"severity\":\"Major\",\"costImpact\":350.5,\"timeImpact\":null,"
			"\"solutionPlan\":\"s\",\"isCommonProblem\":true}",
			SHAPE_WORK, 0, true},
		{ROUTE_PUT, "/problems/" ID,
			"{\"severity\":\"Critical\",\"costImpact\":null,\"discoveryDate\":\"2026-11-21T08:"
			"00Z\"}",
			"{\"type\":\"editProblem\"," PROBLEM
			",\"severity\":\"Critical\",\"costImpact\":null,\"discoveryMs\":1795248000000}",
			SHAPE_WORK, 0, false},
		{ROUTE_POST, "/api/problems/" ID "/resolve", NULL,
			"{\"type\":\"resolveProblem\"," PROBLEM "}", SHAPE_WORK, 0, false},
		{ROUTE_POST, "/api/problems/" ID "/resolve", "{\"solutionPlan\":\"A new floor\"}",
			"{\"type\":\"resolveProblem\"," PROBLEM ",\"solutionPlan\":\"A new floor\"}",
			SHAPE_WORK, 0, false},
		{ROUTE_POST, "/api/projects", "{\"id\":\"" ID "\",\"name\":\"Car\",\"description\":\"Red\"}",
			"{\"type\":\"addGroup\"," GROUP ",\"name\":\"Car\",\"description\":\"Red\"}",
			SHAPE_OBJECT, 0, true},
		{ROUTE_PATCH, "/projects/" ID, "{\"name\":\"Bus\"}",
			"{\"type\":\"editGroup\"," GROUP ",\"name\":\"Bus\"}", SHAPE_OBJECT, 0, false},
		{ROUTE_DELETE, "/api/projects/" ID, NULL, "{\"type\":\"deleteGroup\"," GROUP "}",
			SHAPE_OBJECT, 0, false},
	};
	(void)state;
	CHECK(examples);
}

static void the_words_of_001(void **state)
{
	static const struct example examples[] = {
		{ROUTE_POST, "/api/sessions",
			"{\"sessionType\":\"pomodoro\",\"plannedDuration\":25,\"taskId\":\"" ID
			"\",\"projectId\":\"" OTHER "\"}",
			"{\"type\":\"addSession\",\"kind\":\"focus\",\"sessionType\":\"pomodoro\","
			"\"plannedMinutes\":25," TASK ",\"group\":\"" OTHER "\"}",
			SHAPE_SESSION, OF(FOCUS), true},
		{ROUTE_POST, "/api/sessions",
			"{\"sessionId\":\"" ID
			"\",\"sessionType\":\"custom\",\"plannedDuration\":50,\"taskId\":"
			"null,\"projectId\":null}",
			"{\"type\":\"addSession\",\"kind\":\"focus\"," SESSION
			",\"sessionType\":\"custom\",\"plannedMinutes\":50,\"task\":null,\"group\":null}",
			SHAPE_SESSION, OF(FOCUS), true},
		{ROUTE_PUT, "/api/sessions/" ID "/complete",
			"{\"qualityRating\":4,\"taskProgress\":\"Description of progress made\","
			"\"focusScore\":85}",
			"{\"type\":\"complete\"," SESSION
			",\"qualityRating\":4,\"taskProgress\":\"Description of progress made\","
			"\"focusScore\":85}",
			SHAPE_SESSION, SHARED, false},
		{ROUTE_PUT, "/api/sessions/" ID "/abandon",
			"{\"reason\":\"Emergency interruption\",\"progressMade\":\"Completed initial "
			"draft\"}",
			"{\"type\":\"abandon\"," SESSION ",\"reason\":\"Emergency interruption\","
			"\"progressMade\":\"Completed initial draft\"}",
			SHAPE_SESSION, SHARED, false},
		{ROUTE_POST, "/api/sessions/" ID "/abandon", NULL, "{\"type\":\"abandon\"," SESSION "}",
			SHAPE_SESSION, SHARED, false},
		{ROUTE_PUT, "/api/sessions/" ID "/pause", "{\"pauseReason\":\"Quick phone call\"}",
			"{\"type\":\"pause\"," SESSION ",\"reason\":\"Quick phone call\"}", SHAPE_SESSION,
			SHARED, false},
		{ROUTE_POST, "/api/sessions/" ID "/pause", NULL, "{\"type\":\"pause\"," SESSION "}",
			SHAPE_SESSION, SHARED, false},
		{ROUTE_PUT, "/api/sessions/" ID "/resume", NULL, "{\"type\":\"start\"," SESSION "}",
			SHAPE_SESSION, SHARED, false},
		{ROUTE_POST, "/api/sessions/" ID "/resume", "{}", "{\"type\":\"start\"," SESSION "}",
			SHAPE_SESSION, SHARED, false},
		{ROUTE_POST, "/api/sessions/" ID "/distractions", NULL,
			"{\"type\":\"distraction\"," SESSION "}", SHAPE_SESSION, SHARED, false},
	};
	(void)state;
	CHECK(examples);
}

static void the_words_of_002(void **state)
{
	static const struct example examples[] = {
		{ROUTE_POST, "/sessions",
			"{\"id\":\"" ID "\",\"title\":\"Read\",\"groupId\":\"" OTHER
			"\",\"initialDuration\":1500,\"dailyGoalMinutes\":60,\"noGoal\":false}",
			"{\"type\":\"addSession\",\"kind\":\"timer\"," SESSION
			",\"title\":\"Read\",\"group\":\"" OTHER
			"\",\"initialDuration\":1500,\"dailyGoalMinutes\":60,\"noGoal\":false}",
			SHAPE_OBJECT, OF(TIMER), true},
		{ROUTE_PATCH, "/sessions/" ID, "{\"sessionDuration\":1800,\"dailyGoalMinutes\":90}",
			"{\"type\":\"editSession\"," SESSION
			",\"initialDuration\":1800,\"dailyGoalMinutes\":90}",
			SHAPE_OBJECT, OF(TIMER), false},
		{ROUTE_PATCH, "/sessions/" ID, "{\"initialDuration\":null,\"noGoal\":true}",
			"{\"type\":\"editSession\"," SESSION ",\"initialDuration\":null,\"noGoal\":true}",
			SHAPE_OBJECT, OF(TIMER), false},
		{ROUTE_DELETE, "/sessions/" ID, NULL, "{\"type\":\"deleteSession\"," SESSION "}",
			SHAPE_OBJECT, OF(TIMER), false},
		{ROUTE_POST, "/sessions/" ID "/actions/start", NULL, "{\"type\":\"start\"," SESSION "}",
			SHAPE_OBJECT, OF(TIMER), false},
		{ROUTE_POST, "/sessions/" ID "/actions/pause", "{\"reason\":\"Lunch\"}",
			"{\"type\":\"pause\"," SESSION ",\"reason\":\"Lunch\"}", SHAPE_OBJECT, OF(TIMER),
			false},
		{ROUTE_POST, "/sessions/" ID "/actions/reset", NULL,
			"{\"type\":\"resetSession\"," SESSION "}", SHAPE_OBJECT, OF(TIMER), false},
		{ROUTE_POST, "/sessions/" ID "/actions/complete", NULL, "{\"type\":\"complete\"," SESSION "}",
			SHAPE_OBJECT, OF(TIMER), false},
		{ROUTE_POST, "/sessions/" ID "/actions/restore", NULL,
			"{\"type\":\"restoreSession\"," SESSION "}", SHAPE_OBJECT, OF(TIMER), false},
		{ROUTE_POST, "/sessions/" ID "/actions/rename", "{\"title\":\"Write\"}",
			"{\"type\":\"renameSession\"," SESSION ",\"title\":\"Write\"}", SHAPE_OBJECT,
			OF(TIMER), false},
		{ROUTE_POST, "/sessions/" ID "/actions/move", "{\"groupId\":null}",
			"{\"type\":\"moveSession\"," SESSION ",\"group\":null}", SHAPE_OBJECT, OF(TIMER),
			false},
		{ROUTE_POST, "/sessions/actions/reset-all", "{\"groupId\":\"" ID "\"}",
			"{\"type\":\"resetAll\"," GROUP "}", SHAPE_OBJECT, OF(TIMER), false},
		{ROUTE_POST, "/groups", "{\"name\":\"Car\"}", "{\"type\":\"addGroup\",\"name\":\"Car\"}",
			SHAPE_OBJECT, 0, true},
		{ROUTE_PATCH, "/api/groups/" ID, "{\"description\":\"\"}",
			"{\"type\":\"editGroup\"," GROUP ",\"description\":\"\"}", SHAPE_OBJECT, 0, false},
		{ROUTE_DELETE, "/groups/" ID, NULL, "{\"type\":\"deleteGroup\"," GROUP "}", SHAPE_OBJECT, 0,
			false},
		{ROUTE_PATCH, "/me", "{\"timeZone\":\"Europe/Berlin\",\"sessionsResetTime\":\"04:00\"}",
			"{\"type\":\"autoResetTimeChange\",\"timeZone\":\"Europe/Berlin\","
			"\"sessionsResetTime\":\"04:00\"}",
			SHAPE_OBJECT, 0, false},
	};
	(void)state;
	CHECK(examples);
}

static void the_words_of_003(void **state)
{
	static const struct example examples[] = {
		{ROUTE_POST, "/focus-sessions",
			"{\"quest_id\":\"" ID
			"\",\"description\":\"Writing Chapter 1\",\"duration_minutes\":25}",
			"{\"type\":\"addSession\",\"kind\":\"focus\",\"sessionType\":\"custom\"," GROUP
			",\"title\":\"Writing Chapter 1\",\"plannedMinutes\":25}",
			SHAPE_QUEST, OF(FOCUS), false},
		{ROUTE_POST, "/api/focus-sessions",
			"{\"id\":\"" ID "\",\"quest_id\":null,\"description\":null,\"duration_minutes\":120}",
			"{\"type\":\"addSession\",\"kind\":\"focus\",\"sessionType\":\"custom\"," SESSION
			",\"group\":null,\"title\":null,\"plannedMinutes\":120}",
			SHAPE_QUEST, OF(FOCUS), false},
		{ROUTE_PATCH, "/focus-sessions/" ID, "{\"status\":\"completed\"}",
			"{\"type\":\"complete\"," SESSION "}", SHAPE_QUEST, OF(FOCUS), false},
		{ROUTE_PATCH, "/focus-sessions/" ID, "{\"status\":\"cancelled\"}",
			"{\"type\":\"abandon\"," SESSION "}", SHAPE_QUEST, OF(FOCUS), false},
		{ROUTE_DELETE, "/focus-sessions/" ID, NULL, "{\"type\":\"deleteSession\"," SESSION "}",
			SHAPE_QUEST, OF(FOCUS), false},
	};
	(void)state;
	CHECK(examples);
}

static void the_words_of_004(void **state)
{
	static const struct example examples[] = {
		{ROUTE_POST, "/api/sessions",
			"{\"plan_id\":\"" ID "\",\"date\":\"2026-11-21\",\"session\":" STRUCTURE "}",
			"{\"type\":\"addSession\",\"kind\":\"training\"," PLAN
			",\"date\":\"2026-11-21\",\"structure\":" STRUCTURE "}",
			SHAPE_SESSION, OF(TRAINING), true},
		{ROUTE_POST, "/api/sessions",
			"{\"id\":\"" ID "\",\"plan_id\":\"" OTHER "\",\"date\":\"2026-11-21\"}",
			"{\"type\":\"addSession\",\"kind\":\"training\"," SESSION ",\"plan\":\"" OTHER
			"\",\"date\":\"2026-11-21\"}",
			SHAPE_SESSION, OF(TRAINING), true},
		{ROUTE_PATCH, "/api/sessions/" ID, "{\"session\":" STRUCTURE "}",
			"{\"type\":\"editSession\"," SESSION ",\"structure\":" STRUCTURE "}", SHAPE_SESSION,
			SHARED, false},
		{ROUTE_POST, "/api/sessions/" ID "/complete", "{\"session\":" STRUCTURE "}",
			"{\"type\":\"complete\"," SESSION ",\"structure\":" STRUCTURE "}", SHAPE_SESSION,
			SHARED, false},
		{ROUTE_POST, "/api/plans",
			"{\"id\":\"" ID "\",\"name\":\"Legs\",\"structure\":" STRUCTURE "}",
			"{\"type\":\"addPlan\"," PLAN ",\"name\":\"Legs\",\"structure\":" STRUCTURE "}",
			SHAPE_PLAN, 0, true},
		{ROUTE_PATCH, "/api/plans/" ID, "{\"name\":\"Back\",\"structure\":{}}",
			"{\"type\":\"editPlan\"," PLAN ",\"name\":\"Back\",\"structure\":{}}", SHAPE_PLAN, 0,
			false},
		{ROUTE_DELETE, "/plans/" ID, NULL, "{\"type\":\"deletePlan\"," PLAN "}", SHAPE_PLAN, 0,
			false},
	};
	(void)state;
	CHECK(examples);
}

/* What is missing or wrong is told in the body's words. */

static void refused_body(enum route_method method, const char *path, const char *body, const char *field)
{
	refused((struct asked){method, path, .body = body}, ERR_BAD_REQUEST, field);
}

static void what_is_required_is_named(void **state)
{
	(void)state;
	refused_body(ROUTE_POST, "/sessions", NULL, "title");
	refused_body(ROUTE_POST, "/focus-sessions", "{\"description\":\"d\"}", "duration_minutes");
	refused_body(ROUTE_POST, "/api/sessions/" ID "/tasks", "{}", "description");
	refused_body(ROUTE_POST, "/tasks/" ID "/complete", "{}", "qualityResult");
	refused_body(ROUTE_POST, "/projects/" ID "/problems", "{\"severity\":\"Minor\"}", "description");
	refused_body(
		ROUTE_POST, "/projects/" ID "/problems", "{\"description\":\"Rust everywhere\"}", "severity");
	refused_body(ROUTE_POST, "/projects", "{\"description\":\"\"}", "name");
	refused_body(ROUTE_POST, "/plans", "{\"name\":\"Legs\"}", "structure");
	refused_body(ROUTE_POST, "/plans", "{\"structure\":{}}", "name");
	refused_body(ROUTE_POST, "/api/sessions", "{\"plan_id\":\"" ID "\"}", "date");
}

static void what_is_wrong_is_named_as_the_body_does(void **state)
{
	(void)state;
	refused_body(ROUTE_POST, "/focus-sessions", "{\"duration_minutes\":4}", "duration_minutes");
	refused_body(ROUTE_POST, "/focus-sessions", "{\"duration_minutes\":121}", "duration_minutes");
	refused_body(ROUTE_POST, "/focus-sessions", "{\"duration_minutes\":25,\"quest_id\":7}", "quest_id");
	refused_body(ROUTE_POST, "/focus-sessions", "{\"duration_minutes\":25,\"description\":\"\"}",
		"description");
	refused_body(ROUTE_POST, "/api/sessions", "{\"sessionType\":\"nap\"}", "sessionType");
	refused_body(ROUTE_POST, "/api/sessions", "{\"sessionType\":\"custom\",\"plannedDuration\":\"50\"}",
		"plannedDuration");
	refused_body(
		ROUTE_POST, "/api/sessions", "{\"sessionType\":\"short\",\"sessionId\":\"s\"}", "sessionId");
	refused_body(ROUTE_POST, "/api/sessions", "{\"sessionType\":\"short\",\"taskId\":\"\"}", "taskId");
	refused_body(ROUTE_PUT, "/api/sessions/" ID "/complete", "{\"qualityRating\":6}", "qualityRating");
	refused_body(ROUTE_PUT, "/api/sessions/" ID "/pause", "{\"pauseReason\":5}", "pauseReason");
	refused_body(ROUTE_POST, "/projects/" ID "/problems",
		"{\"description\":\"too short\",\"severity\":\"Minor\"}", "description");
	refused_body(ROUTE_PUT, "/problems/" ID, "{\"costImpact\":0.125}", "costImpact");
	refused_body(ROUTE_PUT, "/api/sessions/" ID, "{\"toolsNeeded\":\"Welder\"}", "toolsNeeded");
	refused_body(ROUTE_PATCH, "/plans/" ID, "{\"structure\":[]}", "structure");
}

static void what_is_unknown_is_named(void **state)
{
	(void)state;
	/* "A client that sends it is told so." */
	refused_body(ROUTE_POST, "/api/sessions/" ID "/tasks", "{\"description\":\"d\",\"timeSpent\":5}",
		"timeSpent");
	refused_body(ROUTE_POST, "/tasks/" ID "/complete", "{\"qualityResult\":\"Good\",\"timeSpent\":5}",
		"timeSpent");
	refused_body(
		ROUTE_POST, "/focus-sessions", "{\"duration_minutes\":25,\"status\":\"active\"}", "status");
	refused_body(
		ROUTE_POST, "/api/sessions", "{\"sessionType\":\"short\",\"date\":\"2026-11-21\"}", "date");
	refused_body(ROUTE_POST, "/projects/" ID "/sessions", "{\"startMs\":1}", "startMs");
	refused_body(ROUTE_POST, "/projects/" ID "/problems",
		"{\"description\":\"Rust everywhere\",\"severity\":\"Minor\",\"group\":\"" ID "\"}", "group");
	refused_body(ROUTE_PUT, "/api/sessions/" ID "/resume", "{\"reason\":\"\"}", "reason");
	refused_body(ROUTE_DELETE, "/api/tasks/" ID, "{\"task\":\"" ID "\"}", "task");
}

static void instants_are_iso_8601(void **state)
{
	static const char *const bad[] = {"1795248000000", "null", "\"2026-11-21\"", "\"yesterday\"",
		"\"2026-11-21T08:00:00\"", "\"2026-11-21 08:00:00Z\"", "\"2026-02-30T08:00:00Z\"", "true"};
	char body[256];
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(body, sizeof(body), "{\"startTime\":%s}", bad[i]);
		refused_body(ROUTE_POST, "/projects/" ID "/sessions", body, "startTime");
		snprintf(body, sizeof(body), "{\"discoveryDate\":%s}", bad[i]);
		refused_body(ROUTE_PUT, "/problems/" ID, body, "discoveryDate");
	}
}

/* "plan_id makes a training session, sessionType a focus session; both or neither is a 400 that names the
 * two." */
static void a_new_session_is_of_one_document(void **state)
{
	static const char *const bad[] = {"{}", "{\"date\":\"2026-11-21\"}",
		"{\"plan_id\":\"" ID "\",\"date\":\"2026-11-21\",\"sessionType\":\"short\"}"};
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct refusal why = refused((struct asked){ROUTE_POST, "/api/sessions", .body = bad[i]},
			ERR_BAD_REQUEST, "sessionType");
		assert_non_null(strstr(why.message, "plan_id"));
		assert_non_null(strstr(why.message, "sessionType"));
	}
}

static void a_status_is_completed_or_cancelled(void **state)
{
	static const char *const bad[] = {"{}", "{\"status\":\"active\"}", "{\"status\":\"paused\"}",
		"{\"status\":null}", "{\"status\":1}"};
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct refusal why =
			refused((struct asked){ROUTE_PATCH, "/focus-sessions/" ID, .body = bad[i]},
				ERR_BAD_REQUEST, "status");
		assert_string_equal(why.message, "status must be completed or cancelled");
	}
}

static void refused_training(enum route_method method, const char *path, const char *body, const char *field)
{
	struct refusal why = refused((struct asked){method, path, .body = body}, ERR_BAD_REQUEST, field);
	assert_string_equal(why.message, "Invalid session data");
}

/* 004's table of messages is literal. */
static void a_wrong_training_is_invalid_session_data(void **state)
{
	static const char *const paths[] = {"/api/sessions", "/api/sessions/" ID "/complete"};
	(void)state;
	refused_training(ROUTE_POST, "/api/sessions", "{\"plan_id\":7,\"date\":\"2026-11-21\"}", "plan_id");
	refused_training(ROUTE_POST, "/api/sessions", "{\"plan_id\":\"" ID "\"}", "date");
	refused_training(
		ROUTE_POST, "/api/sessions", "{\"plan_id\":\"" ID "\",\"date\":\"2026-11-31\"}", "date");
	refused_training(ROUTE_POST, "/api/sessions",
		"{\"plan_id\":\"" ID "\",\"date\":\"2026-11-21\",\"session\":[]}", "session");
	refused_training(ROUTE_POST, "/api/sessions",
		"{\"plan_id\":\"" ID "\",\"date\":\"2026-11-21\",\"mood\":1}", "mood");
	refused_training(ROUTE_PATCH, "/api/sessions/" ID, "{\"session\":5}", "session");
	refused_training(ROUTE_POST, "/api/sessions/" ID "/complete", "{\"session\":null}", "session");
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct refusal why = refused(
			(struct asked){ROUTE_POST, paths[i], .body = "{\"plan_id\":"}, ERR_BAD_JSON, "");
		assert_string_equal(why.message, "Invalid session data");
	}
	/* Others say what is wrong. */
	struct refusal why =
		refused((struct asked){ROUTE_POST, "/api/sessions", .body = "{\"sessionType\":\"nap\"}"},
			ERR_BAD_REQUEST, "sessionType");
	assert_string_equal(why.message, "sessionType must be one of pomodoro, short, long, custom");
	why = refused((struct asked){ROUTE_POST, "/api/sessions",
			      .body = "{\"plan_id\":\"" ID "\",\"date\":\"2026-11-21\"}", .key = "a b"},
		ERR_BAD_REQUEST, "key");
	assert_string_not_equal(why.message, "Invalid session data");
}

/* "PUT and PATCH are both partial; a read-only field of the shape is accepted when equal." */
static void expect_echo(const char *path, const char *body, const char *echoed, const char *written)
{
	bool put = route_find(FACE_PUBLIC, ROUTE_PUT, path).route;
	struct request *request = accept((struct asked){put ? ROUTE_PUT : ROUTE_PATCH, path, .body = body});
	if (!json_get(request->echo, echoed) || json_get(request->echo, written))
		fail_msg("%s %s", path, body);
	request_destroy(request);
}

static void read_only_fields_may_come_along(void **state)
{
	(void)state;
	expect_echo("/sessions/" ID, "{\"title\":\"T\",\"noGoal\":true}", "title", "noGoal");
	expect_echo("/api/sessions/" ID, "{\"projectId\":\"" ID "\",\"notes\":\"\"}", "projectId", "notes");
	expect_echo("/api/sessions/" ID, "{\"plan_id\":\"" ID "\",\"session\":{}}", "plan_id", "session");
	expect_echo("/api/sessions/" ID, "{\"sessionType\":\"short\"}", "sessionType", "");
	expect_echo("/focus-sessions/" ID, "{\"status\":\"completed\",\"description\":null}", "description",
		"status");
	expect_echo("/tasks/" ID, "{\"timeSpent\":0,\"description\":\"d\"}", "timeSpent", "description");
	expect_echo("/problems/" ID, "{\"resolved\":false,\"costImpact\":null}", "resolved", "costImpact");
	expect_echo("/plans/" ID, "{\"has_sessions\":true,\"name\":\"n\"}", "has_sessions", "name");
	expect_echo("/projects/" ID, "{\"version\":1,\"description\":\"\"}", "version", "description");
	expect_echo("/me", "{\"pending\":null,\"timeZone\":\"UTC\"}", "pending", "timeZone");
}

/* The engine speaks of the command's fields; the names that the body has for them go with the request. */
static void the_names_go_along(void **state)
{
	static const char body[] = "{\"duration_minutes\":25}";
	(void)state;
	struct request *request = accept((struct asked){ROUTE_POST, "/focus-sessions", .body = body});
	bool found = false;
	for (const struct body_field *field = request->names; field->name; field++)
		found = found || (field->field == FIELD_GROUP && strcmp(field->name, "quest_id") == 0);
	assert_true(found);
	request_destroy(request);
	request = accept((struct asked){.method = ROUTE_DELETE, .path = "/focus-sessions/" ID});
	assert_null(request->names);
	request_destroy(request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_words_of_000),
		cmocka_unit_test(the_words_of_001),
		cmocka_unit_test(the_words_of_002),
		cmocka_unit_test(the_words_of_003),
		cmocka_unit_test(the_words_of_004),
		cmocka_unit_test(what_is_required_is_named),
		cmocka_unit_test(what_is_wrong_is_named_as_the_body_does),
		cmocka_unit_test(what_is_unknown_is_named),
		cmocka_unit_test(instants_are_iso_8601),
		cmocka_unit_test(a_new_session_is_of_one_document),
		cmocka_unit_test(a_status_is_completed_or_cancelled),
		cmocka_unit_test(a_wrong_training_is_invalid_session_data),
		cmocka_unit_test(read_only_fields_may_come_along),
		cmocka_unit_test(the_names_go_along),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
