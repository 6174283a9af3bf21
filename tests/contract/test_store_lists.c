/* Which sessions store_session_list() shows, against a filter in plain C over random sessions. */
#include "tests/support/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/store_equal.h"

enum { SESSIONS = 400, PLANS = 3, GROUPS = 3, FIRST_PLAN = 60, FIRST_GROUP = 50, DAY = 19675 };

static struct session sessions[SESSIONS];

static struct uuid one_of(unsigned first, unsigned count)
{
	return store_fixture_id(first + (unsigned)random() % count);
}

/* Few different instants, days, plans and groups, so that many are equal. */
static struct session random_session(unsigned number, unsigned *active)
{
	enum session_kind kind = (enum session_kind)(random() % KIND_COUNT);
	struct session session = store_fixture_session_of(kind, 1000 + (number * 7919) % 5003);
	session.status = (enum session_status)(random() % STATUS_COUNT);
	session.deleted = random() % 6 == 0;
	session.group = random() % 3 ? one_of(FIRST_GROUP, GROUPS) : (struct uuid){0};
	session.started_at_ms = T0 + random() % 30;
	session.created_at_ms = T0 + random() % 30;
	bool one = kind == KIND_FOCUS || kind == KIND_TRAINING;
	if (one && session.status == STATUS_ACTIVE && !session.deleted && active[kind]++)
		session.status = STATUS_COMPLETED;
	if (kind == KIND_TRAINING) {
		session.training.plan = one_of(FIRST_PLAN, PLANS);
		session.training.date = DAY + (int32_t)(random() % 10);
	}
	return session;
}

static int set_up(void **state)
{
	store_world_set_up(state);
	struct store_world *world = *state;
	unsigned active[KIND_COUNT] = {0};
	srandom(11);
	for (int64_t uid = world->anna; uid <= world->ben; uid++) {
		for (unsigned i = 0; i < PLANS; i++) {
			struct plan plan = store_fixture_plan(FIRST_PLAN + i);
			assert_int_equal(store_plan_write(world->store, uid, &plan), OK);
		}
		for (unsigned i = 0; i < GROUPS; i++) {
			struct group group = store_fixture_group(FIRST_GROUP + i);
			assert_int_equal(store_group_write(world->store, uid, &group), OK);
		}
	}
	for (unsigned i = 0; i < SESSIONS; i++) {
		sessions[i] = random_session(i, active);
		assert_int_equal(store_session_write(world->store, world->anna, &sessions[i]), OK);
	}
	/* Ben has others under the same ids. */
	for (unsigned i = 0; i < 20; i++) {
		struct session session = sessions[i];
		session.status = STATUS_COMPLETED;
		assert_int_equal(store_session_write(world->store, world->ben, &session), OK);
	}
	return 0;
}

/* --- the plain rule --- */

static bool is_any(const struct uuid *wanted, const struct uuid *id)
{
	return uuid_is_nil(wanted) || uuid_equal(wanted, id);
}

static bool matches_training(const struct session_filter *filter, const struct session *session)
{
	if (uuid_is_nil(&filter->plan) && filter->date_from == INT32_MIN && filter->date_to == INT32_MAX)
		return true;
	return session->kind == KIND_TRAINING && is_any(&filter->plan, &session->training.plan) &&
	       session->training.date >= filter->date_from && session->training.date <= filter->date_to;
}

static bool matches(const struct session_filter *filter, const struct session *session)
{
	if (session->deleted || session->kind == KIND_TIMER || !(filter->kinds >> session->kind & 1))
		return false;
	if (filter->has_status && session->status != filter->status)
		return false;
	if (filter->has_completed && (session->status == STATUS_COMPLETED) != filter->completed)
		return false;
	return is_any(&filter->group, &session->group) && session->started_at_ms >= filter->from_ms &&
	       session->started_at_ms < filter->to_ms && matches_training(filter, session);
}

static const struct session_filter *sorted_by;

static int64_t place_of(const struct session *session)
{
	return sorted_by->by_date && session->kind == KIND_TRAINING ? session->training.date
								    : session->started_at_ms;
}

static int compare(const void *a, const void *b)
{
	const struct session *left = *(const struct session *const *)a,
			     *right = *(const struct session *const *)b;
	bool left_last = left->kind != KIND_TRAINING, right_last = right->kind != KIND_TRAINING;
	if (sorted_by->by_date && left_last != right_last)
		return left_last ? 1 : -1;
	int order = (place_of(left) > place_of(right)) - (place_of(left) < place_of(right));
	if (!order)
		order = memcmp(left->id.bytes, right->id.bytes, sizeof(left->id.bytes));
	return sorted_by->ascending ? order : -order;
}

static int64_t find_all(const struct session_filter *filter, const struct session *ret[SESSIONS])
{
	int64_t count = 0;
	for (int i = 0; i < SESSIONS; i++) {
		if (matches(filter, &sessions[i]))
			ret[count++] = &sessions[i];
	}
	sorted_by = filter;
	if (count)
		qsort(ret, (size_t)count, sizeof(*ret), compare);
	return count;
}

/* --- against it --- */

struct page {
	const struct session *wanted[SESSIONS];
	int64_t at, stop_at;
};

static enum err compare_next(void *context, const struct session *session)
{
	struct page *page = context;
	assert_in_range(page->at, 0, SESSIONS - 1);
	assert_sessions_equal(session, page->wanted[page->at]);
	return ++page->at == page->stop_at ? ERR_NOT_FOUND : OK;
}

static void assert_page(struct store_world *world, const struct session_filter *filter)
{
	struct page page;
	int64_t total = -1, count = find_all(filter, page.wanted);
	int64_t first = filter->offset < count ? filter->offset : count;
	int64_t end = filter->limit < count - first ? first + filter->limit : count;
	page.at = first;
	page.stop_at = -1;
	assert_int_equal(
		store_session_list(world->store, world->anna, filter, &total, compare_next, &page), OK);
	assert_int_equal(total, count);
	assert_int_equal(page.at, end);
}

static const struct session_filter everything = {.kinds = ~0U,
	.from_ms = INT64_MIN,
	.to_ms = INT64_MAX,
	.date_from = INT32_MIN,
	.date_to = INT32_MAX,
	.limit = SESSIONS};

static struct session_filter random_filter(void)
{
	struct session_filter filter = everything;
	filter.kinds = (unsigned)random() % 16;
	filter.has_status = random() % 4 == 0;
	filter.status = (enum session_status)(random() % STATUS_COUNT);
	filter.has_completed = random() % 4 == 0;
	filter.completed = random() % 2;
	filter.group = random() % 3 ? (struct uuid){0} : one_of(FIRST_GROUP, GROUPS + 1);
	filter.plan = random() % 4 ? (struct uuid){0} : one_of(FIRST_PLAN, PLANS + 1);
	filter.from_ms = random() % 3 ? INT64_MIN : T0 + random() % 30;
	filter.to_ms = random() % 3 ? INT64_MAX : T0 + random() % 30;
	filter.date_from = random() % 4 ? INT32_MIN : DAY + (int32_t)(random() % 10);
	filter.date_to = random() % 4 ? INT32_MAX : DAY + (int32_t)(random() % 10);
	filter.by_date = random() % 2;
	filter.ascending = random() % 2;
	filter.limit = random() % 3 ? random() % 40 : SESSIONS;
	filter.offset = random() % 2 ? random() % 60 : 0;
	return filter;
}

static void test_random_filters(void **state)
{
	struct store_world *world = *state;
	for (int i = 0; i < 5000; i++) {
		struct session_filter filter = random_filter();
		assert_page(world, &filter);
	}
}

/* Page after page, each order shows every session once. */
static void test_pages(void **state)
{
	struct store_world *world = *state;
	for (int order = 0; order < 4; order++) {
		struct session_filter filter = everything;
		filter.by_date = order & 1;
		filter.ascending = order & 2;
		for (filter.limit = 1; filter.limit < 50; filter.limit += 12) {
			for (filter.offset = 0; filter.offset < SESSIONS; filter.offset += filter.limit)
				assert_page(world, &filter);
		}
		filter.limit = 0;
		filter.offset = 0;
		assert_page(world, &filter);
		filter.limit = INT64_MAX;
		assert_page(world, &filter);
		filter.offset = INT64_MAX;
		assert_page(world, &filter);
	}
}

/* The error is the callback's own, whatever it is. */
static void test_callback_stops_it(void **state)
{
	struct store_world *world = *state;
	for (int order = 0; order < 4; order++) {
		struct session_filter filter = everything;
		struct page page = {.stop_at = 3};
		int64_t total = 0;
		filter.by_date = order & 1;
		filter.ascending = order & 2;
		find_all(&filter, page.wanted);
		assert_int_equal(
			store_session_list(world->store, world->anna, &filter, &total, compare_next, &page),
			ERR_NOT_FOUND);
		assert_int_equal(page.at, 3);
	}
}

/* What changes moves in the lists with it. */
static void test_changed_sessions(void **state)
{
	struct store_world *world = *state;
	for (int i = 0; i < 300; i++) {
		struct session *session = &sessions[random() % SESSIONS];
		session->started_at_ms = T0 + random() % 30;
		session->deleted = random() % 4 == 0;
		session->status = random() % 2 ? STATUS_COMPLETED : STATUS_ABANDONED;
		if (session->kind == KIND_TRAINING)
			session->training.date = DAY + (int32_t)(random() % 10);
		assert_int_equal(store_session_write(world->store, world->anna, session), OK);
		struct session_filter filter = random_filter();
		assert_page(world, &filter);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, store_world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_random_filters),
		TEST(test_pages),
		TEST(test_callback_stops_it),
		TEST(test_changed_sessions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
