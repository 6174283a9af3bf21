/* What store.h promises of users, sessions and groups. */
#include "tests/support/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/store_equal.h"

#include <stdlib.h>
#include <string.h>

static void assert_users_equal(const struct user *a, const struct user *b)
{
	assert_int_equal(a->uid, b->uid);
	assert_int_equal(a->version, b->version);
	assert_int_equal(a->created_at_ms, b->created_at_ms);
	assert_int_equal(a->seq, b->seq);
	assert_int_equal(a->tag, b->tag);
	assert_int_equal(a->clock_ms, b->clock_ms);
	assert_int_equal(a->reset_due_ms, b->reset_due_ms);
	assert_string_equal(a->user_id, b->user_id);
	assert_string_equal(a->name, b->name);
	assert_string_equal(a->email, b->email);
}

static void assert_rules_equal(const struct day_rule *a, const struct day_rule *b)
{
	assert_int_equal(a->from_ms, b->from_ms);
	assert_int_equal(a->from_day, b->from_day);
	assert_int_equal(a->reset_minutes, b->reset_minutes);
	assert_string_equal(a->zone, b->zone);
}

static void test_user_is_found(void **state)
{
	struct store_world *world = *state;
	struct user wanted = store_fixture_user("anna"), found = {0}, loaded = {0};
	wanted.uid = world->anna;
	assert_int_not_equal(world->anna, world->ben);
	assert_int_equal(store_user_find(world->store, STORE_ISSUER, "anna", &found), OK);
	assert_users_equal(&found, &wanted);
	assert_int_equal(found.rule_count, 1);
	assert_rules_equal(&found.rules[0], &wanted.rules[0]);
	assert_int_equal(store_user_load(world->store, world->anna, T0, &loaded), OK);
	assert_users_equal(&loaded, &wanted);
	assert_int_equal(loaded.rule_count, 1);
}

static void test_user_not_found(void **state)
{
	struct store_world *world = *state;
	struct user user = {.version = 77};
	assert_int_equal(store_user_find(world->store, STORE_ISSUER, "carl", &user), ERR_NOT_FOUND);
	assert_int_equal(
		store_user_find(world->store, "https://other.example", "anna", &user), ERR_NOT_FOUND);
	assert_int_equal(store_user_load(world->store, 99, T0, &user), ERR_NOT_FOUND);
	assert_int_equal(user.version, 77);
	user.uid = 99;
	assert_int_equal(store_user_write(world->store, &user), ERR_NOT_FOUND);
	assert_true(store_user_id_taken(world->store, "anna"));
	assert_false(store_user_id_taken(world->store, "Anna"));
}

static void test_user_is_written(void **state)
{
	struct store_world *world = *state;
	struct user user = store_fixture_user("anna"), loaded;
	user.uid = world->anna;
	user.version = 5;
	user.reset_due_ms = T0 + 6;
	memset(user.name, 'n', sizeof(user.name) - 1);
	memset(user.email, 'e', sizeof(user.email) - 1);
	assert_int_equal(store_user_write(world->store, &user), OK);
	store_world_reopen(world);
	assert_int_equal(store_user_load(world->store, world->anna, T0, &loaded), OK);
	assert_users_equal(&loaded, &user);
	struct user ben = store_fixture_user("ben");
	ben.uid = world->ben;
	assert_int_equal(store_user_find(world->store, STORE_ISSUER, "ben", &loaded), OK);
	assert_users_equal(&loaded, &ben);
}

/* Where the log ends is what the last event says, before and after a start. */
static void test_user_follows_the_log(void **state)
{
	struct store_world *world = *state;
	struct user user = store_fixture_user("anna"), loaded;
	user.uid = world->anna;
	user.seq = 9007199254740991;
	user.tag = 0xfffffffe;
	user.clock_ms = T0 + 5;
	for (unsigned n = 2; n-- > 0;)
		assert_int_equal(store_fixture_event(world->store, user.uid, user.seq - n, user.tag - n,
					 user.clock_ms - n, "{}", 2),
			OK);
	assert_int_equal(store_user_load(world->store, user.uid, T0, &loaded), OK);
	assert_users_equal(&loaded, &user);
	store_world_reopen(world);
	assert_int_equal(store_user_load(world->store, user.uid, T0, &loaded), OK);
	assert_users_equal(&loaded, &user);
	assert_int_equal(store_user_load(world->store, world->ben, T0, &loaded), OK);
	assert_int_equal(loaded.seq, 0);
	assert_int_equal(loaded.clock_ms, loaded.created_at_ms);
}

/* What was read before is forgotten with what was undone. */
static void test_rollback_is_seen(void **state)
{
	struct store_world *world = *state;
	struct user before, user, loaded;
	struct session session = store_fixture_session(1), kept;
	assert_int_equal(store_session_write(world->store, world->anna, &session), OK);
	store_world_reopen(world);
	assert_int_equal(store_user_load(world->store, world->anna, T0, &before), OK);
	assert_int_equal(store_session_load(world->store, world->anna, &session.id, &kept), OK);
	user = before;
	user.version = 8;
	session.version = 9;
	assert_int_equal(store_user_write(world->store, &user), OK);
	assert_int_equal(store_session_write(world->store, world->anna, &session), OK);
	assert_int_equal(store_fixture_event(world->store, user.uid, 1, 2, T0 + 5, "{}", 2), OK);
	struct due due = {.uid = user.uid, .at_ms = T0 + 7, .rank = DUE_TARGET, .session = session.id}, first;
	assert_int_equal(store_due_first(world->store, user.uid, T0 + 9, &first), ERR_NOT_FOUND);
	assert_int_equal(store_due_add(world->store, &due), OK);
	assert_int_equal(store_due_first(world->store, user.uid, T0 + 9, &first), OK);
	store_rollback(world->store);
	assert_int_equal(store_begin(world->store), OK);
	assert_int_equal(store_user_load(world->store, world->anna, T0, &loaded), OK);
	assert_users_equal(&loaded, &before);
	assert_int_equal(store_session_load(world->store, world->anna, &session.id, &session), OK);
	assert_int_equal(session.version, kept.version);
	assert_int_equal(store_due_first(world->store, user.uid, T0 + 9, &first), ERR_NOT_FOUND);
	assert_int_equal(store_due_add(world->store, &due), OK);
	assert_int_equal(store_due_first(world->store, user.uid, T0 + 6, &first), ERR_NOT_FOUND);
	assert_int_equal(store_due_first(world->store, user.uid, T0 + 7, &first), OK);
}

/* An id is its user's alone, whoever used it last. */
static void test_recent_timer_of_another(void **state)
{
	struct store_world *world = *state;
	struct session session = store_fixture_session(1), found;
	assert_int_equal(store_session_write(world->store, world->anna, &session), OK);
	assert_int_equal(store_session_load(world->store, world->anna, &session.id, &found), OK);
	assert_int_equal(store_session_load(world->store, world->ben, &session.id, &found), ERR_NOT_FOUND);
}

static void test_same_subject_of_two_issuers(void **state)
{
	struct store_world *world = *state;
	struct user user = store_fixture_user("another id"), found;
	assert_int_equal(store_user_add(world->store, "https://other.example", "anna", &user), OK);
	assert_true(user.uid != world->anna && user.uid != world->ben);
	assert_int_equal(store_user_find(world->store, STORE_ISSUER, "anna", &found), OK);
	assert_int_equal(found.uid, world->anna);
	assert_int_equal(store_user_find(world->store, "https://other.example", "anna", &found), OK);
	assert_int_equal(found.uid, user.uid);
}

static void test_user_added_twice_is_refused(void **state)
{
	struct store_world *world = *state;
	struct user user = store_fixture_user("another id");
	assert_int_equal(store_user_add(world->store, STORE_ISSUER, "anna", &user), ERR_INTERNAL);
	assert_int_equal(user.uid, 0);
}

static void load_rules(struct store_world *world, int64_t now_ms, int count, const struct day_rule *rules)
{
	struct user user;
	assert_int_equal(store_user_load(world->store, world->anna, now_ms, &user), OK);
	assert_int_equal(user.rule_count, count);
	for (int i = 0; i < count; i++)
		assert_rules_equal(&user.rules[i], &rules[i]);
}

static void test_rules(void **state)
{
	struct store_world *world = *state;
	const struct day_rule rules[4] = {
		{.from_ms = DAY_RULE_FOREVER, .zone = "UTC"},
		{.from_ms = T0 + 100, .from_day = 19675, .reset_minutes = 1439, .zone = "Europe/Berlin"},
		{.from_ms = T0 + 200,
			.from_day = 19676,
			.reset_minutes = 240,
			.zone = "America/Argentina/ComodRivadavia"},
		{.from_ms = T0 + 150, .from_day = -3, .reset_minutes = 1, .zone = "Asia/Tokyo"},
	};
	assert_int_equal(store_rules_replace(world->store, world->anna, T0 + 100, rules + 1, 2), OK);
	load_rules(world, T0 + 99, 2, rules);
	load_rules(world, T0 + 100, 2, rules + 1);
	load_rules(world, T0 + 199, 2, rules + 1);
	load_rules(world, T0 + 200, 1, rules + 2);
	/* The coming one goes. */
	assert_int_equal(store_rules_replace(world->store, world->anna, T0 + 101, NULL, 0), OK);
	load_rules(world, T0 + 150, 1, rules + 1);
	assert_int_equal(store_rules_replace(world->store, world->anna, T0 + 150, rules + 3, 1), OK);
	struct day_rule *all = NULL;
	size_t count = 0;
	assert_int_equal(store_rules_load(world->store, world->anna, &all, &count), OK);
	assert_int_equal(count, 3);
	assert_rules_equal(&all[0], &rules[0]);
	assert_rules_equal(&all[1], &rules[1]);
	assert_rules_equal(&all[2], &rules[3]);
	free(all);
	assert_int_equal(store_rules_load(world->store, world->ben, &all, &count), OK);
	assert_int_equal(count, 1);
	free(all);
}

/* --- sessions --- */

static void write_session(struct store_world *world, int64_t uid, const struct session *session)
{
	assert_int_equal(store_session_write(world->store, uid, session), OK);
}

static void test_session_keeps_every_field(void **state)
{
	struct store_world *world = *state;
	struct session session = store_fixture_session(1), loaded;
	struct group group = store_fixture_group(9);
	assert_int_equal(store_group_write(world->store, world->anna, &group), OK);
	write_session(world, world->anna, &session);
	assert_int_equal(store_session_load(world->store, world->anna, &session.id, &loaded), OK);
	assert_sessions_equal(&loaded, &session);
	session.state = STATE_RUNNING;
	session.status = STATUS_ABANDONED;
	session.deleted = session.no_goal = true;
	session.group = group.id;
	session.initial_ms = SESSION_NO_LENGTH;
	session.running_since_ms = session.ended_at_ms = INT64_MAX;
	session.tracked_day_ms = INT64_MIN;
	memset(session.title, 'x', sizeof(session.title) - 1);
	write_session(world, world->anna, &session);
	write_session(world, world->anna, &session);
	store_world_reopen(world);
	assert_int_equal(store_session_load(world->store, world->anna, &session.id, &loaded), OK);
	assert_sessions_equal(&loaded, &session);
	/* What the index is made of stays, the rest changes. */
	session.version++;
	session.title[0] = '\0';
	session.group = (struct uuid){0};
	write_session(world, world->anna, &session);
	assert_int_equal(store_session_load(world->store, world->anna, &session.id, &loaded), OK);
	assert_sessions_equal(&loaded, &session);
}

static void test_session_not_found(void **state)
{
	struct store_world *world = *state;
	struct session session = store_fixture_session(1), loaded = {.version = 77};
	write_session(world, world->anna, &session);
	struct uuid id = store_fixture_id(2);
	assert_int_equal(store_session_load(world->store, world->anna, &id, &loaded), ERR_NOT_FOUND);
	assert_int_equal(store_session_load(world->store, world->ben, &session.id, &loaded), ERR_NOT_FOUND);
	assert_int_equal(loaded.version, 77);
}

struct list {
	unsigned numbers[64];
	int count, stop_at;
};

static enum err list_session(void *context, const struct session *session)
{
	struct list *list = context;
	assert_in_range(list->count, 0, 63);
	list->numbers[list->count++] = (unsigned)session->id.bytes[14] << 8 | session->id.bytes[15];
	return list->count == list->stop_at ? ERR_LIMIT : OK;
}

static void assert_listed(struct store_world *world, enum store_sessions which, const struct uuid *group,
	const unsigned *numbers, int count)
{
	struct list list = {0};
	assert_int_equal(
		store_session_each(world->store, world->anna, which, group, list_session, &list), OK);
	assert_int_equal(list.count, count);
	for (int i = 0; i < count; i++)
		assert_int_equal(list.numbers[i], numbers[i]);
	int64_t counted = -1;
	assert_int_equal(store_session_count(world->store, world->anna, which, &counted), OK);
	if (!group)
		assert_int_equal(counted, count);
}

/* One of every kind, status and deletion, the newest first. */
static void write_sessions(struct store_world *world, const struct uuid *group)
{
	for (unsigned i = 0; i < KIND_COUNT * STATUS_COUNT * 2; i++) {
		struct session session = store_fixture_session_of(i % KIND_COUNT, 100 + i);
		session.status = i / KIND_COUNT % STATUS_COUNT;
		session.deleted = i / KIND_COUNT / STATUS_COUNT;
		session.created_at_ms = T0 - (int64_t)(i / 2);
		if (i % 3 == 0)
			session.group = *group;
		write_session(world, world->anna, &session);
	}
}

static void test_sessions_are_listed(void **state)
{
	struct store_world *world = *state;
	struct group group = store_fixture_group(9);
	struct plan plan = store_fixture_plan(60);
	assert_int_equal(store_group_write(world->store, world->anna, &group), OK);
	assert_int_equal(store_plan_write(world->store, world->anna, &plan), OK);
	assert_listed(world, SESSIONS_SHOWN, NULL, NULL, 0);
	write_sessions(world, &group.id);
	/* 100 to 103 are active, of each kind; 104 and 108 are timers that have ended. */
	assert_listed(world, SESSIONS_SHOWN, NULL, (unsigned[]){108, 104, 102, 103, 100, 101}, 6);
	assert_listed(world, SESSIONS_TIMERS, NULL, (unsigned[]){108, 104, 100}, 3);
	assert_listed(world, SESSIONS_SHOWN, &group.id, (unsigned[]){103, 100}, 2);
	assert_listed(world, SESSIONS_TIMERS, &group.id, (unsigned[]){100}, 1);
	struct uuid other = store_fixture_id(10);
	assert_listed(world, SESSIONS_SHOWN, &other, NULL, 0);
	struct list list = {.stop_at = 2};
	assert_int_equal(
		store_session_each(world->store, world->anna, SESSIONS_SHOWN, NULL, list_session, &list),
		ERR_LIMIT);
	assert_int_equal(list.count, 2);
	list = (struct list){0};
	assert_int_equal(
		store_session_each(world->store, world->ben, SESSIONS_SHOWN, NULL, list_session, &list), OK);
	assert_int_equal(list.count, 0);
}

static void test_session_comes_and_goes_from_the_list(void **state)
{
	struct store_world *world = *state;
	struct session session = store_fixture_session(5);
	write_session(world, world->anna, &session);
	assert_listed(world, SESSIONS_TIMERS, NULL, (unsigned[]){5}, 1);
	session.deleted = true;
	write_session(world, world->anna, &session);
	assert_listed(world, SESSIONS_TIMERS, NULL, NULL, 0);
	session.deleted = false;
	write_session(world, world->anna, &session);
	assert_listed(world, SESSIONS_TIMERS, NULL, (unsigned[]){5}, 1);
	session.kind = KIND_FOCUS;
	session.status = STATUS_COMPLETED;
	write_session(world, world->anna, &session);
	assert_listed(world, SESSIONS_SHOWN, NULL, NULL, 0);
}

/* --- groups --- */

static enum err list_group(void *context, const struct group *group)
{
	struct list *list = context;
	list->numbers[list->count++] = group->id.bytes[15];
	return list->count == list->stop_at ? ERR_LIMIT : OK;
}

static void assert_groups_equal(const struct group *a, const struct group *b)
{
	assert_true(uuid_equal(&a->id, &b->id));
	assert_int_equal(a->version, b->version);
	assert_int_equal(a->deleted, b->deleted);
	assert_int_equal(a->created_at_ms, b->created_at_ms);
	assert_int_equal(a->updated_at_ms, b->updated_at_ms);
	assert_string_equal(a->name, b->name);
	assert_string_equal(a->description, b->description);
}

static void test_group_keeps_every_field(void **state)
{
	struct store_world *world = *state;
	struct group group = store_fixture_group(1), loaded = {.version = 77};
	assert_int_equal(store_group_load(world->store, world->anna, &group.id, &loaded), ERR_NOT_FOUND);
	assert_int_equal(loaded.version, 77);
	assert_int_equal(store_group_write(world->store, world->anna, &group), OK);
	group.version = 2;
	group.deleted = true;
	memset(group.name, 'n', sizeof(group.name) - 1);
	memset(group.description, 'd', sizeof(group.description) - 1);
	assert_int_equal(store_group_write(world->store, world->anna, &group), OK);
	store_world_reopen(world);
	assert_int_equal(store_group_load(world->store, world->anna, &group.id, &loaded), OK);
	assert_groups_equal(&loaded, &group);
	assert_int_equal(store_group_load(world->store, world->ben, &group.id, &loaded), ERR_NOT_FOUND);
}

static void test_groups_are_listed(void **state)
{
	struct store_world *world = *state;
	for (unsigned i = 1; i <= 6; i++) {
		struct group group = store_fixture_group(i);
		group.created_at_ms = T0 - (int64_t)(i / 2);
		group.deleted = i == 4;
		assert_int_equal(
			store_group_write(world->store, i == 6 ? world->ben : world->anna, &group), OK);
	}
	struct list list = {0};
	int64_t count = 0;
	assert_int_equal(store_group_each(world->store, world->anna, list_group, &list), OK);
	assert_int_equal(list.count, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(list.numbers[i], ((unsigned[]){5, 2, 3, 1})[i]);
	assert_int_equal(store_group_count(world->store, world->anna, &count), OK);
	assert_int_equal(count, 4);
	list = (struct list){.stop_at = 1};
	assert_int_equal(store_group_each(world->store, world->anna, list_group, &list), ERR_LIMIT);
	assert_int_equal(list.count, 1);
}

/* Two users with the same ids never meet. */
static void test_users_are_apart(void **state)
{
	struct store_world *world = *state;
	struct session session = store_fixture_session(1), loaded;
	struct group group = store_fixture_group(1), group_loaded;
	const int64_t uids[2] = {world->anna, world->ben};
	for (int i = 0; i < 2; i++) {
		session.version = group.version = 10 + i;
		write_session(world, uids[i], &session);
		assert_int_equal(store_group_write(world->store, uids[i], &group), OK);
		int64_t start_ms = T0 + 10 * i;
		assert_int_equal(
			store_interval_close(world->store, uids[i], &session.id, start_ms, start_ms + 5), OK);
		assert_int_equal(store_goal_set(world->store, uids[i], &session.id, T0, 30 + i), OK);
	}
	for (int i = 0; i < 2; i++) {
		struct store_times times;
		assert_int_equal(store_session_load(world->store, uids[i], &session.id, &loaded), OK);
		assert_int_equal(loaded.version, 10 + i);
		assert_int_equal(store_group_load(world->store, uids[i], &group.id, &group_loaded), OK);
		assert_int_equal(group_loaded.version, 10 + i);
		assert_int_equal(store_times_load(world->store, uids[i], 0, INT64_MAX, T0 + 99, &times), OK);
		assert_int_equal(times.interval_count, 1);
		assert_int_equal(times.intervals[0].start_ms, T0 + 10 * i);
		assert_int_equal(times.goal_count, 1);
		assert_int_equal(times.goals[0].minutes, 30 + i);
		assert_int_equal(times.session_count, 1);
		store_times_finish(&times);
	}
}

static void test_group_of_another_user_is_refused(void **state)
{
	struct store_world *world = *state;
	struct session session = store_fixture_session(1);
	struct group group = store_fixture_group(1);
	assert_int_equal(store_group_write(world->store, world->anna, &group), OK);
	session.group = group.id;
	assert_int_equal(store_session_write(world->store, world->ben, &session), ERR_INTERNAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_user_is_found, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_user_not_found, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_user_is_written, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_same_subject_of_two_issuers, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_user_added_twice_is_refused, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_rules, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_session_keeps_every_field, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_session_not_found, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_sessions_are_listed, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_session_comes_and_goes_from_the_list, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_group_keeps_every_field, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_groups_are_listed, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_users_are_apart, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_group_of_another_user_is_refused, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_user_follows_the_log, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_rollback_is_seen, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_recent_timer_of_another, store_world_set_up, store_world_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
