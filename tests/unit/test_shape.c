/* server/shape: what the requirement documents read, to the byte, for hand-made values. */
#include "server/shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* 2023-11-14T22:13:20Z */
#define T0     INT64_C(1700000000000)
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)

static const struct uuid id_a = {{1, 2, 3, 4, 5, 6, 0x70, 8, 0x80, 10, 11, 12, 13, 14, 15, 16}};
static const struct uuid id_b = {{0xff, 2, 3, 4, 5, 6, 0x70, 8, 0x80, 10, 11, 12, 13, 14, 15, 16}};
static const struct uuid id_c = {{0xcc, 2, 3, 4, 5, 6, 0x70, 8, 0x80, 10, 11, 12, 13, 14, 15, 16}};
#define ID_A "'01020304-0506-7008-800a-0b0c0d0e0f10'"
#define ID_B "'ff020304-0506-7008-800a-0b0c0d0e0f10'"
#define ID_C "'cc020304-0506-7008-800a-0b0c0d0e0f10'"

/* The last one that can be written. */
#define LAST "'9999-12-31T23:59:59.999Z'"

static const struct user user = {
	.rule_count = 1,
	.rules = {{.from_ms = DAY_RULE_FOREVER, .zone = "UTC"}},
	.user_id = "u\\1",
};

static struct view view_at(int64_t now_ms)
{
	return view_make(&user, now_ms);
}

/* JSON as written, but with ' for ". Empties `out`. */
static void expect(struct text *out, const char *expected)
{
	TEXT_AUTO json = {0};
	text_append_string(&json, expected);
	for (size_t i = 0; i < json.len; i++)
		json.data[i] = json.data[i] == '\'' ? '"' : json.data[i];
	assert_string_equal(out->data, json.data);
	assert_int_equal(out->len, json.len);
	text_clear(out);
}

static void expect_session(
	enum shape shape, const struct session *session, bool in_list, const char *expected)
{
	struct view view = view_at(T0 + 10 * MINUTE);
	TEXT_AUTO out = {0};
	shape_session(&out, shape, session, in_list, &view);
	expect(&out, expected);
}

/* In a list and alone. */
static void expect_both(enum shape shape, const struct session *session, const char *expected)
{
	expect_session(shape, session, true, expected);
	expect_session(shape, session, false, expected);
}

/* Every kind as it is right after its start, with nothing that may be left out. */

static struct session make_focus(void)
{
	return (struct session){
		.id = id_a,
		.version = 1,
		.kind = KIND_FOCUS,
		.state = STATE_RUNNING,
		.initial_ms = 25 * MINUTE,
		.running_since_ms = T0,
		.started_at_ms = T0,
		.created_at_ms = T0,
		.updated_at_ms = T0,
		.focus = {.type = SESSION_POMODORO, .score = SESSION_NO_SCORE},
	};
}

static struct session make_work(void)
{
	return (struct session){
		.id = id_a,
		.version = 1,
		.kind = KIND_WORK,
		.state = STATE_RUNNING,
		.group = id_b,
		.initial_ms = SESSION_NO_LENGTH,
		.running_since_ms = T0,
		.started_at_ms = T0,
		.created_at_ms = T0,
		.updated_at_ms = T0,
	};
}

static struct session make_training(void)
{
	return (struct session){
		.id = id_a,
		.version = 1,
		.kind = KIND_TRAINING,
		.state = STATE_RUNNING,
		.initial_ms = SESSION_NO_LENGTH,
		.running_since_ms = T0,
		.started_at_ms = T0,
		.created_at_ms = T0,
		.updated_at_ms = T0,
		.training = {.plan = id_c, .date = 19675, .structure = "{\"sets\":[1,2]}"},
	};
}

static struct session make_timer(void)
{
	return (struct session){
		.id = id_a,
		.version = 1,
		.initial_ms = SESSION_NO_LENGTH,
		.created_at_ms = T0,
		.updated_at_ms = T0,
		.title = "t",
	};
}

/* 001 and 003. */

#define FOCUS "{'sessionId':" ID_A ",'userId':'u\\\\1','kind':'focus',"

static void a_running_focus_session(void **state)
{
	(void)state;
	struct session session = make_focus();
	expect_both(SHAPE_SESSION, &session,
		FOCUS "'sessionType':'pomodoro','plannedDuration':25,'actualDuration':null,"
		      "'startTime':'2023-11-14T22:13:20.000Z','endTime':null,'status':'active',"
		      "'state':'RUNNING','taskId':null,'projectId':null,'qualityRating':null,"
		      "'focusScore':null,'taskProgress':null,'abandonReason':null,'progressMade':null,"
		      "'pauses':[]}");
	expect_both(SHAPE_QUEST, &session,
		"{'id':" ID_A ",'quest_id':null,'description':null,'duration_minutes':25,'status':'active',"
		"'started_at':'2023-11-14T22:13:20.000Z','completed_at':null}");
}

/* "`status` stays active while paused". */
static void a_paused_focus_session(void **state)
{
	(void)state;
	struct session session = make_focus();
	session.state = STATE_PAUSED;
	session.elapsed_ms = 5 * MINUTE;
	session.pauses = 2;
	session.focus.type = SESSION_LONG;
	session.initial_ms = 45 * MINUTE;
	session.focus.pauses[0] = (struct session_pause){T0 + MINUTE, T0 + MINUTE + 1499, "a \"call\"\n"};
	session.focus.pauses[1] = (struct session_pause){T0 + 3 * MINUTE, 0, NULL};
	expect_both(SHAPE_SESSION, &session,
		FOCUS "'sessionType':'long','plannedDuration':45,'actualDuration':null,"
		      "'startTime':'2023-11-14T22:13:20.000Z','endTime':null,'status':'active',"
		      "'state':'PAUSED','taskId':null,'projectId':null,'qualityRating':null,"
		      "'focusScore':null,'taskProgress':null,'abandonReason':null,'progressMade':null,"
		      "'pauses':[{'pauseTime':'2023-11-14T22:14:20.000Z',"
		      "'resumeTime':'2023-11-14T22:14:21.499Z','pauseReason':'a \\'call\\'\\n','duration':1},"
		      "{'pauseTime':'2023-11-14T22:16:20.000Z','resumeTime':null,'pauseReason':null,"
		      "'duration':null}]}");
	expect_both(SHAPE_QUEST, &session,
		"{'id':" ID_A ",'quest_id':null,'description':null,'duration_minutes':45,'status':'active',"
		"'started_at':'2023-11-14T22:13:20.000Z','completed_at':null}");
}

/* With everything it can have; the last pause lasted to its end. */
static void a_focus_session_that_ended_while_paused(void **state)
{
	(void)state;
	struct session session = make_focus();
	session.state = STATE_PAUSED;
	session.status = STATUS_COMPLETED;
	session.group = id_b;
	session.elapsed_ms = 90 * SECOND;
	session.started_at_ms = T0;
	session.ended_at_ms = T0 + 5 * MINUTE;
	session.pauses = 3;
	snprintf(session.title, sizeof(session.title), "Writing \xf0\x9f\x8d\x85");
	session.focus = (struct focus){
		.type = SESSION_CUSTOM,
		.task = id_c,
		.distractions = 4,
		.quality_rating = 5,
		.score = 0,
		.reviewed = true,
		.task_progress = "all of it",
		.pauses = {{T0 + SECOND, T0 + SECOND + 1500, "x"}, {T0 + 9 * SECOND, T0 + 9 * SECOND, NULL},
			{T0 + 3 * MINUTE, 0, "y"}},
	};
	expect_both(SHAPE_SESSION, &session,
		FOCUS "'sessionType':'custom','plannedDuration':25,'actualDuration':2,"
		      "'startTime':'2023-11-14T22:13:20.000Z','endTime':'2023-11-14T22:18:20.000Z',"
		      "'status':'completed','state':'PAUSED','taskId':" ID_C ",'projectId':" ID_B
		      ",'qualityRating':5,'focusScore':0,'taskProgress':'all of it','abandonReason':null,"
		      "'progressMade':null,'pauses':["
		      "{'pauseTime':'2023-11-14T22:13:21.000Z','resumeTime':'2023-11-14T22:13:22.500Z',"
		      "'pauseReason':'x','duration':2},"
		      "{'pauseTime':'2023-11-14T22:13:29.000Z','resumeTime':'2023-11-14T22:13:29.000Z',"
		      "'pauseReason':null,'duration':0},"
		      "{'pauseTime':'2023-11-14T22:16:20.000Z','resumeTime':null,'pauseReason':'y',"
		      "'duration':120}]}");
	expect_both(SHAPE_QUEST, &session,
		"{'id':" ID_A ",'quest_id':" ID_B ",'description':'Writing \xf0\x9f\x8d\x85',"
		"'duration_minutes':25,'status':'completed','started_at':'2023-11-14T22:13:20.000Z',"
		"'completed_at':'2023-11-14T22:18:20.000Z'}");
}

/* "completed_at is the end, when cancelled too". */
static void an_abandoned_focus_session(void **state)
{
	(void)state;
	struct session session = make_focus();
	session.state = STATE_PAUSED;
	session.status = STATUS_ABANDONED;
	session.focus.type = SESSION_SHORT;
	session.initial_ms = 15 * MINUTE;
	session.elapsed_ms = 90 * SECOND - 1;
	session.started_at_ms = session.ended_at_ms = LIMIT_INSTANT_MS;
	session.focus.abandon_reason = "an emergency";
	session.focus.progress_made = "a draft";
	expect_both(SHAPE_SESSION, &session,
		FOCUS "'sessionType':'short','plannedDuration':15,'actualDuration':1,'startTime':" LAST
		      ",'endTime':" LAST ",'status':'abandoned','state':'PAUSED','taskId':null,"
		      "'projectId':null,'qualityRating':null,'focusScore':null,'taskProgress':null,"
		      "'abandonReason':'an emergency','progressMade':'a draft','pauses':[]}");
	expect_both(SHAPE_QUEST, &session,
		"{'id':" ID_A ",'quest_id':null,'description':null,'duration_minutes':15,"
		"'status':'cancelled','started_at':" LAST ",'completed_at':" LAST "}");
}

static void lengths_at_their_ends(void **state)
{
	static const struct {
		int64_t planned_ms, elapsed_ms;
		const char *expected;
	} examples[] = {
		{5 * MINUTE, 0, "\"plannedDuration\":5,\"actualDuration\":0,"},
		{5 * MINUTE, 30 * SECOND - 1, "\"plannedDuration\":5,\"actualDuration\":0,"},
		{5 * MINUTE, 30 * SECOND, "\"plannedDuration\":5,\"actualDuration\":1,"},
		{120 * MINUTE, 120 * MINUTE, "\"plannedDuration\":120,\"actualDuration\":120,"},
	};
	(void)state;
	struct view view = view_at(T0);
	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
		struct session session = make_focus();
		TEXT_AUTO out = {0};
		session.state = STATE_PAUSED;
		session.status = STATUS_COMPLETED;
		session.initial_ms = examples[i].planned_ms;
		session.elapsed_ms = examples[i].elapsed_ms;
		session.ended_at_ms = T0 + 1;
		session.focus.score = 100;
		session.focus.quality_rating = 1;
		shape_session(&out, SHAPE_SESSION, &session, false, &view);
		assert_non_null(strstr(out.data, examples[i].expected));
		assert_non_null(strstr(out.data, ",\"qualityRating\":1,\"focusScore\":100,"));
	}
}

/* 000. */

static void a_work_session(void **state)
{
	(void)state;
	struct session session = make_work();
	expect_both(SHAPE_SESSION, &session,
		"{'id':" ID_A ",'kind':'work','projectId':" ID_B ",'startTime':'2023-11-14T22:13:20.000Z',"
		"'endTime':null,'plannedTasks':[],'toolsNeeded':[],'partsToInstall':[],"
		"'helperPresent':false,'notes':'','status':'InProgress'}");
	session.state = STATE_PAUSED;
	assert_int_equal(session.status, STATUS_ACTIVE);
	expect_both(SHAPE_SESSION, &session,
		"{'id':" ID_A ",'kind':'work','projectId':" ID_B ",'startTime':'2023-11-14T22:13:20.000Z',"
		"'endTime':null,'plannedTasks':[],'toolsNeeded':[],'partsToInstall':[],"
		"'helperPresent':false,'notes':'','status':'InProgress'}");
}

static void a_completed_work_session(void **state)
{
	(void)state;
	struct session session = make_work();
	session.state = STATE_PAUSED;
	session.status = STATUS_COMPLETED;
	session.ended_at_ms = T0 + 24 * 60 * MINUTE;
	session.work = (struct work){
		.helper_present = true,
		.planned_tasks = "[\"sand\",\"paint\"]",
		.tools_needed = "[\"a \\\"file\\\"\"]",
		.parts_to_install = "[\"door\"]",
		.notes = "line\nline",
	};
	expect_both(SHAPE_SESSION, &session,
		"{'id':" ID_A ",'kind':'work','projectId':" ID_B ",'startTime':'2023-11-14T22:13:20.000Z',"
		"'endTime':'2023-11-15T22:13:20.000Z','plannedTasks':['sand','paint'],"
		"'toolsNeeded':['a \\'file\\''],'partsToInstall':['door'],'helperPresent':true,"
		"'notes':'line\\nline','status':'Completed'}");
}

static void tasks(void **state)
{
	(void)state;
	TEXT_AUTO out = {0};
	struct task task = {.id = id_a,
		.session = id_b,
		.version = 1,
		.start_ms = T0,
		.time_ms = 100,
		.description = "d"};
	shape_task(&out, SHAPE_WORK, &task);
	expect(&out, "{'id':" ID_A ",'sessionId':" ID_B ",'description':'d','completionTime':null,"
		     "'qualityResult':null,'challengesEncountered':'','reworkNeeded':false,'timeSpent':0,"
		     "'status':'Pending'}");
	task.completed = task.rework = true;
	task.completed_at_ms = T0 + 1;
	task.quality = QUALITY_NEEDS_REWORK;
	task.time_ms = 90 * MINUTE + 15 * SECOND;
	task.challenges = "rust\t";
	shape_task(&out, SHAPE_WORK, &task);
	expect(&out, "{'id':" ID_A ",'sessionId':" ID_B ",'description':'d',"
		     "'completionTime':'2023-11-14T22:13:20.001Z','qualityResult':'NeedsRework',"
		     "'challengesEncountered':'rust\\t','reworkNeeded':true,'timeSpent':90.25,"
		     "'status':'Completed'}");
	task.quality = QUALITY_EXCELLENT;
	shape_task(&out, SHAPE_WORK, &task);
	assert_non_null(strstr(out.data, ",\"qualityResult\":\"Excellent\","));
}

static void problems(void **state)
{
	(void)state;
	TEXT_AUTO out = {0};
	struct problem problem = {
		.id = id_a,
		.group = id_b,
		.version = 1,
		.cost_impact = PROBLEM_NO_IMPACT,
		.time_impact = 0,
		.discovery_ms = T0,
		.description = "rust below",
	};
	shape_problem(&out, SHAPE_WORK, &problem);
	expect(&out, "{'id':" ID_A ",'projectId':" ID_B ",'discoveryDate':'2023-11-14T22:13:20.000Z',"
		     "'description':'rust below','severity':'Minor','costImpact':null,'timeImpact':0,"
		     "'solutionPlan':'','isCommonProblem':false,'resolved':false}");
	problem.severity = SEVERITY_CRITICAL;
	problem.common = problem.resolved = true;
	problem.resolved_at_ms = T0 + 1;
	problem.cost_impact = LIMIT_IMPACT - 1;
	problem.time_impact = 150;
	snprintf(problem.solution, sizeof(problem.solution), "weld");
	shape_problem(&out, SHAPE_WORK, &problem);
	expect(&out, "{'id':" ID_A ",'projectId':" ID_B ",'discoveryDate':'2023-11-14T22:13:20.000Z',"
		     "'description':'rust below','severity':'Critical','costImpact':9999999999.99,"
		     "'timeImpact':1.5,'solutionPlan':'weld','isCommonProblem':true,'resolved':true}");
}

/* 004. */

#define TRAINING                                                                                      \
	"{'id':" ID_A ",'user_id':'u\\\\1','kind':'training','plan_id':" ID_C ",'date':'2023-11-14'," \
	"'started_at':'2023-11-14T22:13:20.000Z',"

static void a_training_session(void **state)
{
	(void)state;
	struct session session = make_training();
	expect_session(SHAPE_SESSION, &session, true, TRAINING "'ended_at':null,'completed':false}");
	expect_session(SHAPE_SESSION, &session, false,
		TRAINING "'ended_at':null,'completed':false,'session':{'sets':[1,2]}}");
}

static void an_ended_training_session(void **state)
{
	(void)state;
	struct session session = make_training();
	session.state = STATE_PAUSED;
	session.ended_at_ms = T0 + 1;
	session.status = STATUS_COMPLETED;
	expect_session(SHAPE_SESSION, &session, true,
		TRAINING "'ended_at':'2023-11-14T22:13:20.001Z','completed':true}");
	session.status = STATUS_ABANDONED;
	expect_session(SHAPE_SESSION, &session, false,
		TRAINING "'ended_at':'2023-11-14T22:13:20.001Z','completed':false,"
			 "'session':{'sets':[1,2]}}");
}

static void days_at_their_ends(void **state)
{
	(void)state;
	struct session session = make_training();
	struct view view = view_at(T0);
	TEXT_AUTO out = {0};
	session.training.date = 0;
	shape_session(&out, SHAPE_SESSION, &session, true, &view);
	assert_non_null(strstr(out.data, ",\"date\":\"1970-01-01\","));
	session.training.date = DAY_LAST;
	shape_session(&out, SHAPE_SESSION, &session, true, &view);
	assert_non_null(strstr(out.data, ",\"date\":\"9999-12-31\","));
}

static void plans(void **state)
{
	(void)state;
	TEXT_AUTO out = {0};
	struct view view = view_at(T0);
	struct plan plan = {.id = id_a, .version = 1, .structure = "{\"sets\":[]}", .name = "Legs \"A\""};
	shape_plan(&out, SHAPE_PLAN, &plan, &view);
	expect(&out, "{'id':" ID_A ",'user_id':'u\\\\1','name':'Legs \\'A\\'','structure':{'sets':[]},"
		     "'has_sessions':false}");
	plan.has_sessions = true;
	shape_plan(&out, SHAPE_PLAN, &plan, &view);
	expect(&out, "{'id':" ID_A ",'user_id':'u\\\\1','name':'Legs \\'A\\'','structure':{'sets':[]},"
		     "'has_sessions':true}");
}

/* Of an event about many sessions, the entity is the user. */
static void audit_rows(void **state)
{
	(void)state;
	TEXT_AUTO out = {0};
	struct view view = view_at(T0);
	struct audit_row row = {
		.seq = 7,
		.at_ms = T0,
		.action = "session_started",
		.entity = ENTITY_SESSION,
		.id = id_b,
		.origin = "{\"via\":\"http\"}",
	};
	shape_audit(&out, &row, &view);
	expect(&out, "{'seq':7,'at':'2023-11-14T22:13:20.000Z','action':'session_started','entity':'session',"
		     "'entityId':" ID_B ",'origin':{'via':'http'}}");
	row = (struct audit_row){
		.seq = LIMIT_INTEGER,
		.at_ms = LIMIT_INSTANT_MS,
		.action = "resetAll",
		.entity = ENTITY_USER,
		.origin = "{\"via\":\"server\"}",
	};
	shape_audit(&out, &row, &view);
	expect(&out, "{'seq':9007199254740991,'at':" LAST ",'action':'resetAll','entity':'user',"
		     "'entityId':'u\\\\1','origin':{'via':'server'}}");
}

/* The canonical objects. */

static void expect_canonical(enum shape shape, const struct session *session, bool in_list)
{
	struct view view = view_at(T0 + MINUTE);
	TEXT_AUTO out = {0};
	TEXT_AUTO canonical = {0};
	shape_session(&out, shape, session, in_list, &view);
	encode_session(&canonical, session, &view);
	assert_string_equal(out.data, canonical.data);
}

static void sessions_as_they_are(void **state)
{
	(void)state;
	struct session sessions[KIND_COUNT] = {
		[KIND_TIMER] = make_timer(),
		[KIND_FOCUS] = make_focus(),
		[KIND_WORK] = make_work(),
		[KIND_TRAINING] = make_training(),
	};
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		expect_canonical(SHAPE_OBJECT, &sessions[kind], false);
		expect_canonical(SHAPE_OBJECT, &sessions[kind], true);
	}
	/* No document but 002 has timers. */
	expect_canonical(SHAPE_SESSION, &sessions[KIND_TIMER], false);
}

static void a_session_never_titled(void **state)
{
	(void)state;
	struct session session = make_work();
	struct view view = view_at(T0);
	TEXT_AUTO out = {0};
	shape_session(&out, SHAPE_OBJECT, &session, false, &view);
	assert_non_null(strstr(out.data, ",\"title\":null,"));
}

static void others_as_they_are(void **state)
{
	(void)state;
	struct view view = view_at(T0);
	struct task task = {.id = id_a, .session = id_b, .description = "d"};
	struct problem problem = {.id = id_a, .group = id_b, .description = "rust below"};
	struct plan plan = {.id = id_a, .structure = "{}", .name = "n"};
	TEXT_AUTO out = {0};
	TEXT_AUTO canonical = {0};
	shape_task(&out, SHAPE_OBJECT, &task);
	shape_problem(&out, SHAPE_OBJECT, &problem);
	shape_plan(&out, SHAPE_OBJECT, &plan, &view);
	encode_task(&canonical, &task);
	encode_problem(&canonical, &problem);
	encode_plan(&canonical, &plan, true, &view);
	assert_string_equal(out.data, canonical.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_running_focus_session),
		cmocka_unit_test(a_paused_focus_session),
		cmocka_unit_test(a_focus_session_that_ended_while_paused),
		cmocka_unit_test(an_abandoned_focus_session),
		cmocka_unit_test(lengths_at_their_ends),
		cmocka_unit_test(a_work_session),
		cmocka_unit_test(a_completed_work_session),
		cmocka_unit_test(tasks),
		cmocka_unit_test(problems),
		cmocka_unit_test(a_training_session),
		cmocka_unit_test(an_ended_training_session),
		cmocka_unit_test(days_at_their_ends),
		cmocka_unit_test(plans),
		cmocka_unit_test(audit_rows),
		cmocka_unit_test(sessions_as_they_are),
		cmocka_unit_test(a_session_never_titled),
		cmocka_unit_test(others_as_they_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
