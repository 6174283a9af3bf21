/* The parameters of reads: which there are where, their bounds, what they mean. */
#include "tests/support/asking.h"

#include "server/query.h"

#define SHARED (ROUTE_KIND(KIND_FOCUS) | ROUTE_KIND(KIND_WORK) | ROUTE_KIND(KIND_TRAINING))

static struct view_query read_view(const char *path, const char *query)
{
	struct request *request = accept((struct asked){ROUTE_GET, path, .query = query});
	struct view_query view = request->view;
	assert_int_equal(request->kind, REQUEST_VIEW);
	request_destroy(request);
	return view;
}

static struct session_query read_sessions(const char *query)
{
	return read_view("/api/sessions", query).sessions;
}

struct wrong {
	const char *query, *field;
};

static void refuse_all(const char *path, const struct wrong *wrong, size_t count)
{
	for (size_t i = 0; i < count; i++)
		refused((struct asked){ROUTE_GET, path, .query = wrong[i].query}, ERR_BAD_REQUEST,
			wrong[i].field);
}
#define REFUSED(path, wrong) refuse_all(path, wrong, sizeof(wrong) / sizeof((wrong)[0]))

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
		assert_int_equal(request->view.kind, VIEW_TIMERS);
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
}

static void every_list_has_pages(void **state)
{
	static const char *const paths[] = {"/sessions", "/api/sessions", "/groups", "/api/projects",
		"/projects/" ID "/sessions", "/projects/" ID "/problems", "/api/sessions/" ID "/tasks",
		"/plans", "/api/audit-log"};
	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct view_query view = read_view(paths[i], "limit=7&page=2");
		assert_int_equal(view.limit, 7);
		assert_int_equal(view.offset, 7);
	}
}

static void one_thing_has_no_parameters(void **state)
{
	static const char *const paths[] = {"/sessions/" ID, "/api/sessions/" ID, "/projects/" ID,
		"/tasks/" ID, "/problems/" ID, "/plans/" ID, "/me", "/projects/" ID "/sessions/analytics",
		"/v1/state"};
	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		refused((struct asked){ROUTE_GET, paths[i], .query = "limit=5"}, ERR_BAD_REQUEST, "limit");
}

/* What a view is about comes from its path. */
static void a_view_knows_its_sessions(void **state)
{
	static const struct {
		const char *path;
		enum view_kind kind;
		enum shape shape;
		unsigned kinds;
	} views[] = {
		{"/sessions", VIEW_TIMERS, SHAPE_OBJECT, ROUTE_KIND(KIND_TIMER)},
		{"/sessions/" ID, VIEW_SESSION, SHAPE_OBJECT, ROUTE_KIND(KIND_TIMER)},
		{"/api/sessions", VIEW_SESSIONS, SHAPE_SESSION, SHARED},
		{"/api/sessions/" ID, VIEW_SESSION, SHAPE_SESSION, SHARED},
		{"/api/sessions/" ID "/tasks", VIEW_TASKS, SHAPE_WORK, SHARED},
		{"/focus-sessions", VIEW_FOCUS_SESSIONS, SHAPE_QUEST, ROUTE_KIND(KIND_FOCUS)},
		{"/projects/" ID "/sessions", VIEW_PROJECT_SESSIONS, SHAPE_SESSION, ROUTE_KIND(KIND_WORK)},
	};
	struct uuid id;
	(void)state;
	assert_true(uuid_parse(ID, &id));
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		struct view_query view = read_view(views[i].path, "");
		assert_int_equal(view.kind, views[i].kind);
		assert_int_equal(view.shape, views[i].shape);
		assert_int_equal(view.sessions.kinds, views[i].kinds);
		assert_true(uuid_equal(&view.id, &id) == (strstr(views[i].path, ID) != NULL));
	}
}

static void nothing_asked_is_everything_newest_first(void **state)
{
	struct session_query query = read_sessions("");
	(void)state;
	assert_false(query.has_status || query.has_completed || query.has_from || query.has_to);
	assert_false(query.has_date_from || query.has_date_to || query.by_date || query.ascending);
	assert_true(uuid_is_nil(&query.group) && uuid_is_nil(&query.plan));
}

/* "A filter that only one document has implies it." */
static void a_filter_implies_its_kind(void **state)
{
	static const struct {
		const char *query;
		unsigned kinds;
	} implied[] = {
		{"kind=focus", ROUTE_KIND(KIND_FOCUS)},
		{"kind=work", ROUTE_KIND(KIND_WORK)},
		{"kind=training", ROUTE_KIND(KIND_TRAINING)},
		{"status=active", ROUTE_KIND(KIND_FOCUS)},
		{"startDate=2026-11-01", ROUTE_KIND(KIND_FOCUS)},
		{"endDate=2026-11-01", ROUTE_KIND(KIND_FOCUS)},
		{"endDate=2026-11-01&kind=focus", ROUTE_KIND(KIND_FOCUS)},
		{"plan_id=" ID, ROUTE_KIND(KIND_TRAINING)},
		{"completed=false", ROUTE_KIND(KIND_TRAINING)},
		{"date_from=2026-11-01", ROUTE_KIND(KIND_TRAINING)},
		{"date_to=2026-11-01", ROUTE_KIND(KIND_TRAINING)},
		{"kind=training&date_to=2026-11-01&sort=date", ROUTE_KIND(KIND_TRAINING)},
		{"sort=date", ROUTE_KIND(KIND_TRAINING)},
		{"sort=started_at&order=asc", SHARED},
		{"from=2026-11-01&to=2026-11-30", SHARED},
		{"from=2026-11-01&kind=work", ROUTE_KIND(KIND_WORK)},
	};
	static const struct wrong contradictory[] = {
		{"status=active&plan_id=" ID, "plan_id"},
		{"plan_id=" ID "&status=active", "status"},
		{"startDate=2026-11-01&completed=true", "completed"},
		{"date_from=2026-11-01&endDate=2026-11-01", "endDate"},
		{"status=active&sort=date", "sort"},
		{"sort=date&status=active", "status"},
		{"kind=work&status=active", "kind"},
		{"status=active&kind=work", "kind"},
		{"kind=focus&date_from=2026-11-01", "kind"},
		{"kind=work&sort=date", "kind"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(implied) / sizeof(implied[0]); i++)
		assert_int_equal(read_sessions(implied[i].query).kinds, implied[i].kinds);
	REFUSED("/api/sessions", contradictory);
}

static void the_filters_of_001(void **state)
{
	struct session_query query =
		read_sessions("startDate=2026-11-01&endDate=2026-11-03&status=abandoned&page=2&limit=5");
	(void)state;
	assert_true(query.has_from && query.has_to && query.has_status);
	assert_int_equal(query.to - query.from, 2);
	assert_int_equal(query.status, STATUS_ABANDONED);
	query = read_sessions("startDate=2026-11-01&endDate=2026-11-01");
	assert_int_equal(query.to, query.from);
	query = read_sessions("from=2026-11-01&to=2026-11-03");
	assert_true(query.has_from && query.has_to);
	assert_int_equal(query.to - query.from, 2);
	assert_int_equal(read_sessions("status=active").status, STATUS_ACTIVE);
	assert_int_equal(read_sessions("status=completed").status, STATUS_COMPLETED);
}

static void the_filters_of_004(void **state)
{
	struct session_query query = read_sessions("plan_id=" ID "&date_from=2026-11-01&date_to=2026-11-30&"
						   "completed=true&sort=date&order=asc");
	struct uuid plan;
	(void)state;
	assert_true(uuid_parse(ID, &plan) && uuid_equal(&query.plan, &plan));
	assert_true(query.has_date_from && query.has_date_to);
	assert_int_equal(query.date_to - query.date_from, 29);
	assert_true(query.has_completed && query.completed && query.by_date && query.ascending);
	assert_false(query.has_from || query.has_to);
	query = read_sessions("completed=false&sort=started_at&order=desc");
	assert_true(query.has_completed);
	assert_false(query.completed || query.by_date || query.ascending);
}

static void filters_out_of_bounds_are_refused(void **state)
{
	static const struct wrong wrong[] = {
		{"kind=timer", "kind"},
		{"kind=card", "kind"},
		{"status=paused", "status"},
		{"status=cancelled", "status"},
		{"status=", "status"},
		{"startDate=2026-11-01T00:00:00Z", "startDate"},
		{"endDate=2026-11-31", "endDate"},
		{"startDate=2026-11-02&endDate=2026-11-01", "endDate"},
		{"endDate=2026-11-01&startDate=2026-11-02", "endDate"},
		{"from=2026-11-31", "from"},
		{"from=2026-11-02&to=2026-11-01", "to"},
		{"startDate=2026-11-02&to=2026-11-01", "to"},
		{"from=2026-11-02&endDate=2026-11-01", "endDate"},
		{"plan_id=7", "plan_id"},
		{"plan_id=00000000-0000-0000-0000-000000000000", "plan_id"},
		{"completed=yes", "completed"},
		{"completed=1", "completed"},
		{"date_from=tomorrow", "date_from"},
		{"date_from=2026-11-02&date_to=2026-11-01", "date_to"},
		{"sort=name", "sort"},
		{"order=up", "order"},
		{"order=asc&order=asc", "order"},
		{"limit=101", "limit"},
		{"page=0", "page"},
		{"group=" ID, "group"},
		{"quest_id=" ID, "quest_id"},
	};
	(void)state;
	REFUSED("/api/sessions", wrong);
	struct refusal why = refused(
		(struct asked){ROUTE_GET, "/api/sessions", .query = "kind=timer"}, ERR_BAD_REQUEST, "kind");
	assert_string_equal(why.message, "kind must be focus, work or training");
}

static void the_list_of_003(void **state)
{
	static const struct wrong wrong[] = {
		{"status=abandoned", "status"},
		{"quest_id=q1", "quest_id"},
		{"limit=0", "limit"},
		{"limit=101", "limit"},
		{"page=1", "page"},
		{"offset=0", "offset"},
		{"kind=focus", "kind"},
	};
	struct view_query view = read_view("/focus-sessions", "quest_id=" ID "&status=cancelled&limit=100");
	struct uuid quest;
	(void)state;
	assert_true(uuid_parse(ID, &quest) && uuid_equal(&view.sessions.group, &quest));
	assert_true(view.sessions.has_status);
	assert_int_equal(view.sessions.status, STATUS_ABANDONED);
	assert_int_equal(view.limit, 100);
	view = read_view("/api/focus-sessions", "");
	assert_int_equal(view.limit, 20);
	assert_int_equal(view.offset, 0);
	assert_false(view.sessions.has_status || view.sessions.ascending);
	assert_int_equal(read_view("/focus-sessions", "status=completed").sessions.status, STATUS_COMPLETED);
	REFUSED("/focus-sessions", wrong);
}

static void the_reads_of_a_project(void **state)
{
	static const struct wrong of_sessions[] = {
		{"status=active", "status"}, {"status=Abandoned", "status"}, {"kind=work", "kind"}};
	static const struct wrong of_time[] = {{"from=x", "from"}, {"from=2026-11-02&to=2026-11-01", "to"},
		{"period=daily", "period"}, {"limit=5", "limit"}};
	(void)state;
	struct view_query view = read_view("/projects/" ID "/sessions", "status=InProgress");
	assert_true(view.sessions.has_status);
	assert_int_equal(view.sessions.status, STATUS_ACTIVE);
	view = read_view("/projects/" ID "/sessions", "status=Completed");
	assert_int_equal(view.sessions.status, STATUS_COMPLETED);
	REFUSED("/projects/" ID "/sessions", of_sessions);
	view = read_view("/projects/" ID "/time-tracking", "from=2026-11-01&to=2026-11-02");
	assert_true(view.analytics.has_from && view.analytics.has_to);
	assert_int_equal(view.analytics.to - view.analytics.from, 1);
	view = read_view("/projects/" ID "/time-tracking", "");
	assert_false(view.analytics.has_from || view.analytics.has_to);
	REFUSED("/projects/" ID "/time-tracking", of_time);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_have_pages),
		cmocka_unit_test(analytics_are_narrowed_by_parameters),
		cmocka_unit_test(events_wait_as_long_as_they_are_told),
		cmocka_unit_test(every_list_has_pages),
		cmocka_unit_test(one_thing_has_no_parameters),
		cmocka_unit_test(a_view_knows_its_sessions),
		cmocka_unit_test(nothing_asked_is_everything_newest_first),
		cmocka_unit_test(a_filter_implies_its_kind),
		cmocka_unit_test(the_filters_of_001),
		cmocka_unit_test(the_filters_of_004),
		cmocka_unit_test(filters_out_of_bounds_are_refused),
		cmocka_unit_test(the_list_of_003),
		cmocka_unit_test(the_reads_of_a_project),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
