/* What store.h promises of running time, of what falls due, and of the log. */
#include "tests/support/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_session(struct store_world *world, int64_t uid, const struct session *session)
{
	assert_int_equal(store_session_write(world->store, uid, session), OK);
}

static void track(struct store_world *world, int64_t uid, unsigned number, int64_t start_ms, int64_t end_ms)
{
	struct uuid id = store_fixture_id(number);
	assert_int_equal(store_interval_open(world->store, uid, &id, start_ms), OK);
	if (end_ms)
		assert_int_equal(store_interval_close(world->store, uid, &id, start_ms, end_ms), OK);
}

static void test_interval_last_and_any(void **state)
{
	struct store_world *world = *state;
	struct store *store = world->store;
	int64_t last = -1;
	bool any = true;
	assert_int_equal(store_interval_last(store, world->anna, T0 + 1000, &last), OK);
	assert_int_equal(last, 0);
	assert_int_equal(store_interval_any(store, world->anna, 0, &any), OK);
	assert_false(any);
	track(world, world->anna, 1, T0 + 100, T0 + 200);
	track(world, world->anna, 2, T0 + 50, T0 + 300);
	track(world, world->anna, 3, T0 + 400, T0 + 400);
	static const int64_t wanted[][2] = {{199, 0}, {200, 200}, {299, 200}, {300, 300}, {999, 300}};
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		assert_int_equal(store_interval_last(store, world->anna, T0 + wanted[i][0], &last), OK);
		assert_int_equal(last, wanted[i][1] ? T0 + wanted[i][1] : 0);
		assert_int_equal(store_interval_any(store, world->anna, T0 + wanted[i][0], &any), OK);
		assert_int_equal(any, wanted[i][0] < 300);
	}
	track(world, world->anna, 1, T0 + 500, 0);
	assert_int_equal(store_interval_any(store, world->anna, T0 + 999, &any), OK);
	assert_true(any);
	assert_int_equal(store_interval_any(store, world->ben, 0, &any), OK);
	assert_false(any);
}

static void test_interval_is_idempotent(void **state)
{
	struct store_world *world = *state;
	struct session session = store_fixture_session(1);
	struct store_times times;
	write_session(world, world->anna, &session);
	for (int i = 0; i < 2; i++)
		assert_int_equal(store_interval_open(world->store, world->anna, &session.id, T0 + 1), OK);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			store_interval_close(world->store, world->anna, &session.id, T0 + 1, T0 + 9), OK);
	for (int i = 0; i < 2; i++)
		assert_int_equal(store_goal_set(world->store, world->anna, &session.id, T0, i * 10), OK);
	assert_int_equal(store_times_load(world->store, world->anna, T0, T0 + 99, T0 + 50, &times), OK);
	assert_int_equal(times.interval_count, 1);
	assert_int_equal(times.intervals[0].start_ms, T0 + 1);
	assert_int_equal(times.intervals[0].end_ms, T0 + 9);
	assert_int_equal(times.goal_count, 1);
	assert_int_equal(times.goals[0].minutes, 10);
	store_times_finish(&times);
}

static void test_times_are_loaded(void **state)
{
	struct store_world *world = *state;
	struct store_times times;
	assert_int_equal(store_times_load(world->store, world->anna, T0, T0 + 99, T0, &times), OK);
	assert_int_equal(times.session_count + times.interval_count + times.goal_count, 0);
	store_times_finish(&times);
	for (unsigned i = 1; i <= 6; i++) {
		struct session session = store_fixture_session(i);
		session.deleted = i == 2;
		write_session(world, world->anna, &session);
	}
	track(world, world->anna, 1, T0 - 50, T0);        /* ends where it begins */
	track(world, world->anna, 2, T0 - 50, T0 + 1);    /* reaches in */
	track(world, world->anna, 3, T0 + 99, T0 + 200);  /* begins just within */
	track(world, world->anna, 4, T0 + 100, T0 + 200); /* begins where it ends */
	track(world, world->anna, 2, T0 + 80, 0);         /* runs */
	struct uuid five = store_fixture_id(5);
	assert_int_equal(store_goal_set(world->store, world->anna, &five, T0 + 500, 20), OK);
	assert_int_equal(store_goal_set(world->store, world->anna, &five, T0 - 500, 10), OK);
	assert_int_equal(store_times_load(world->store, world->anna, T0, T0 + 100, T0 + 150, &times), OK);
	/* 2, 3 and 5. */
	assert_int_equal(times.session_count, 3);
	assert_int_equal(times.sessions[0].id.bytes[15], 2);
	assert_int_equal(times.sessions[1].id.bytes[15], 3);
	assert_int_equal(times.sessions[2].id.bytes[15], 5);
	static const int64_t wanted[3][3] = {{0, -50, 1}, {1, 99, 200}, {0, 80, 150}};
	assert_int_equal(times.interval_count, 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(times.intervals[i].session, wanted[i][0]);
		assert_int_equal(times.intervals[i].start_ms, T0 + wanted[i][1]);
		assert_int_equal(times.intervals[i].end_ms, T0 + wanted[i][2]);
	}
	assert_int_equal(times.goal_count, 2);
	assert_int_equal(times.goals[0].at_ms, T0 - 500);
	assert_int_equal(times.goals[1].minutes, 20);
	assert_int_equal(times.goals[1].session, 2);
	store_times_finish(&times);
	/* What began in the future, by a clock that was set back, has no time yet. */
	assert_int_equal(store_times_load(world->store, world->anna, T0 + 2, T0 + 90, T0 + 70, &times), OK);
	assert_int_equal(times.interval_count, 0);
	store_times_finish(&times);
}

static void test_timed_sessions_say_what_they_are(void **state)
{
	struct store_world *world = *state;
	struct group group = store_fixture_group(50);
	assert_int_equal(store_group_write(world->store, world->anna, &group), OK);
	struct session one = store_fixture_session(1), two = store_fixture_session(2);
	one.group = group.id;
	two.group = (struct uuid){{0}};
	two.title[0] = '\0';
	write_session(world, world->anna, &one);
	write_session(world, world->anna, &two);
	track(world, world->anna, 1, T0, T0 + 5);
	track(world, world->anna, 2, T0, T0 + 5);
	struct store_times times;
	assert_int_equal(store_times_load(world->store, world->anna, T0, T0 + 9, T0 + 9, &times), OK);
	assert_int_equal(times.session_count, 2);
	assert_int_equal(times.sessions[0].kind, one.kind);
	assert_true(uuid_equal(&times.sessions[0].group, &group.id));
	assert_string_equal(times.sessions[0].title, one.title);
	assert_true(uuid_is_nil(&times.sessions[1].group));
	assert_string_equal(times.sessions[1].title, "");
	store_times_finish(&times);
}

static void test_times_of_goals_alone(void **state)
{
	struct store_world *world = *state;
	for (unsigned i = 1; i <= 4; i++) {
		struct session session = store_fixture_session(i);
		write_session(world, world->anna, &session);
		track(world, world->anna, i, T0 + i, T0 + 5);
		track(world, world->anna, i, T0 + 10 + i, 0);
	}
	struct uuid two = store_fixture_id(2), four = store_fixture_id(4);
	assert_int_equal(store_goal_set(world->store, world->anna, &four, T0 + 500, 20), OK);
	assert_int_equal(store_goal_set(world->store, world->anna, &two, T0 - 500, 0), OK);
	struct store_times times;
	assert_int_equal(store_times_load_goals(world->store, world->anna, T0, T0 + 20, T0 + 30, &times), OK);
	assert_int_equal(times.session_count, 2);
	assert_true(uuid_equal(&times.sessions[0].id, &two));
	assert_true(uuid_equal(&times.sessions[1].id, &four));
	static const int64_t wanted[4][3] = {{0, 2, 5}, {1, 4, 5}, {0, 12, 30}, {1, 14, 30}};
	assert_int_equal(times.interval_count, 4);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(times.intervals[i].session, wanted[i][0]);
		assert_int_equal(times.intervals[i].start_ms, T0 + wanted[i][1]);
		assert_int_equal(times.intervals[i].end_ms, T0 + wanted[i][2]);
	}
	assert_int_equal(times.goal_count, 2);
	assert_int_equal(times.goals[1].session, 1);
	store_times_finish(&times);
}

static void test_times_of_many_sessions(void **state)
{
	struct store_world *world = *state;
	enum { MANY = 700 };
	for (unsigned i = 0; i < MANY; i++) {
		struct session session = store_fixture_session(i * 9 % MANY);
		write_session(world, world->anna, &session);
		track(world, world->anna, i * 9 % MANY, T0 + i * 9 % MANY, T0 + MANY + i);
		assert_int_equal(store_goal_set(world->store, world->anna, &session.id, T0, 1 + (int)i), OK);
	}
	struct store_times times;
	assert_int_equal(store_times_load(world->store, world->anna, T0, T0 + MANY, T0 + 9999, &times), OK);
	assert_int_equal(times.session_count, MANY);
	assert_int_equal(times.interval_count, MANY);
	for (unsigned i = 0; i < MANY; i++) {
		struct uuid id = store_fixture_id(i);
		assert_true(uuid_equal(&times.sessions[i].id, &id));
		assert_int_equal(times.goals[i].session, i);
		const struct analytics_interval *interval = &times.intervals[i];
		id = store_fixture_id((unsigned)(interval->start_ms - T0));
		assert_true(uuid_equal(&times.sessions[interval->session].id, &id));
	}
	store_times_finish(&times);
}

/* Against the plain rule, over many random intervals of 20 sessions, some of them open. */
static void test_times_are_all_that_touch(void **state)
{
	struct store_world *world = *state;
	int64_t starts[600], ends[600];
	unsigned owners[600];
	srandom(7);
	for (unsigned i = 0; i < 20; i++) {
		struct session session = store_fixture_session(i);
		write_session(world, world->anna, &session);
	}
	int count = 0;
	for (unsigned owner = 0; owner < 20; owner++) {
		int64_t at = T0 + random() % 50;
		for (int i = 0; i < 30; i++, count++) {
			owners[count] = owner;
			starts[count] = at;
			at += 1 + random() % (i % 10 ? 30 : 900);
			ends[count] = i == 29 && owner % 2 ? 0 : at;
			at += random() % 40;
			track(world, world->anna, owner, starts[count], ends[count]);
		}
	}
	for (int round = 0; round < 200; round++) {
		int64_t from = T0 + random() % 3000, to = from + 1 + random() % 500, now = T0 + 4000;
		size_t wanted = 0;
		unsigned sessions = 0;
		for (int i = 0; i < count; i++) {
			bool touches = starts[i] < to && (ends[i] ? ends[i] : now) > from && starts[i] < now;
			wanted += touches;
			sessions |= touches ? 1U << owners[i] : 0;
		}
		struct store_times times;
		assert_int_equal(store_times_load(world->store, world->anna, from, to, now, &times), OK);
		assert_int_equal(times.interval_count, wanted);
		assert_int_equal(times.session_count, __builtin_popcount(sessions));
		store_times_finish(&times);
	}
}

/* --- what falls due --- */

static void assert_due(const struct due *due, int64_t uid, int64_t at_ms, enum due_rank rank, unsigned number)
{
	struct uuid id = number ? store_fixture_id(number) : (struct uuid){0};
	assert_int_equal(due->uid, uid);
	assert_int_equal(due->at_ms, at_ms);
	assert_int_equal(due->rank, rank);
	assert_true(uuid_equal(&due->session, &id));
}

static struct due make_due(int64_t uid, int64_t at_ms, enum due_rank rank, unsigned number)
{
	struct due due = {.uid = uid, .at_ms = at_ms, .rank = rank};
	if (number)
		due.session = store_fixture_id(number);
	return due;
}

static void test_due_order(void **state)
{
	struct store_world *world = *state;
	struct due found = {.at_ms = 77};
	assert_int_equal(store_due_next(world->store, &found), ERR_NOT_FOUND);
	assert_int_equal(store_due_first(world->store, world->anna, T0 + 999, &found), ERR_NOT_FOUND);
	assert_int_equal(found.at_ms, 77);
	/* In their order, added backwards, each twice. */
	const struct due all[] = {
		make_due(world->ben, T0 + 10, DUE_DAILY_RESET, 0),
		make_due(world->anna, T0 + 20, DUE_TARGET, 1),
		make_due(world->anna, T0 + 20, DUE_TARGET, 2),
		make_due(world->anna, T0 + 20, DUE_PAUSE_END, 1),
		make_due(world->ben, T0 + 20, DUE_MAX_AGE, 1),
		make_due(world->anna, T0 + 20, DUE_DAILY_RESET, 0),
		make_due(world->anna, T0 + 30, DUE_TARGET, 1),
	};
	size_t count = sizeof(all) / sizeof(*all);
	for (size_t i = 2 * count; i-- > 0;)
		assert_int_equal(store_due_add(world->store, &all[i % count]), OK);
	assert_int_equal(store_due_first(world->store, world->anna, T0 + 19, &found), ERR_NOT_FOUND);
	assert_int_equal(store_due_first(world->store, world->ben, T0 + 99, &found), OK);
	assert_due(&found, world->ben, T0 + 10, DUE_DAILY_RESET, 0);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(store_due_next(world->store, &found), OK);
		assert_int_equal(found.uid, all[i].uid);
		assert_int_equal(found.at_ms, all[i].at_ms);
		assert_int_equal(found.rank, all[i].rank);
		assert_int_equal(store_due_first(world->store, found.uid, found.at_ms, &found), OK);
		assert_true(uuid_equal(&found.session, &all[i].session));
		assert_int_equal(store_due_remove(world->store, &found), OK);
		assert_int_equal(store_due_remove(world->store, &found), OK);
	}
	assert_int_equal(store_due_next(world->store, &found), ERR_NOT_FOUND);
}

/* --- the log --- */

static void add_events(struct store_world *world, int64_t uid, int64_t first, int64_t last)
{
	for (int64_t seq = first; seq <= last; seq++) {
		char body[64];
		snprintf(body, sizeof(body), "{\"user\":%d,\"seq\":%d}", (int)uid, (int)seq);
		assert_int_equal(store_fixture_event(world->store, uid, seq, 0xff000000u + (uint32_t)seq,
					 T0 + seq, body, strlen(body)),
			OK);
	}
}

struct reading {
	int64_t uid, next;
	int stop_after;
};

static enum err read_event(void *context, int64_t seq, uint32_t tag, const char *body, size_t len)
{
	struct reading *reading = context;
	char wanted[64];
	snprintf(wanted, sizeof(wanted), "{\"user\":%d,\"seq\":%d}", (int)reading->uid, (int)seq);
	assert_int_equal(seq, reading->next);
	assert_int_equal(tag, 0xff000000u + (uint32_t)seq);
	assert_int_equal(len, strlen(wanted));
	assert_memory_equal(body, wanted, len);
	reading->next++;
	return --reading->stop_after == 0 ? ERR_TOO_LARGE : OK;
}

static void assert_events(struct store_world *world, int64_t uid, int64_t after, int64_t first, int64_t last)
{
	struct reading reading = {.uid = uid, .next = first};
	assert_int_equal(store_event_each(world->store, uid, after, read_event, &reading), OK);
	assert_int_equal(reading.next, last + 1);
}

static void test_events(void **state)
{
	struct store_world *world = *state;
	uint32_t tag = 77;
	assert_events(world, world->anna, 0, 1, 0);
	add_events(world, world->anna, 1, 20);
	add_events(world, world->ben, 1, 5);
	assert_events(world, world->anna, 0, 1, 20);
	assert_events(world, world->anna, 15, 16, 20);
	assert_events(world, world->anna, 20, 21, 20);
	assert_events(world, world->ben, 2, 3, 5);
	assert_int_equal(store_event_tag(world->store, world->ben, 6, &tag), ERR_NOT_FOUND);
	assert_int_equal(tag, 77);
	assert_int_equal(store_event_tag(world->store, world->ben, 5, &tag), OK);
	assert_int_equal(tag, 0xff000005u);
	struct reading reading = {.uid = world->anna, .next = 1, .stop_after = 3};
	assert_int_equal(store_event_each(world->store, world->anna, 0, read_event, &reading), ERR_TOO_LARGE);
	assert_int_equal(reading.next, 4);
}

static enum err measure_event(void *context, int64_t seq, uint32_t tag, const char *body, size_t len)
{
	(void)seq;
	(void)tag;
	*(size_t *)context = len;
	for (size_t i = 0; i < len; i++)
		assert_int_equal(body[i], 'x');
	return OK;
}

static void test_event_of_every_size(void **state)
{
	struct store_world *world = *state;
	static char body[300000];
	static const size_t sizes[] = {0, 1, 2000, 65536, sizeof(body)};
	memset(body, 'x', sizeof(body));
	for (int i = 0; i < 5; i++)
		assert_int_equal(
			store_fixture_event(world->store, world->anna, i + 1, 0, T0, body, sizes[i]), OK);
	store_world_commit(world);
	for (int i = 0; i < 5; i++) {
		size_t len = 1;
		assert_int_equal(store_event_each(world->store, world->anna, i, measure_event, &len), OK);
		assert_int_equal(len, sizes[4]);
	}
}

static void test_seq_taken_is_refused_and_nothing_goes_on(void **state)
{
	struct store_world *world = *state;
	TEXT_AUTO before = {0};
	TEXT_AUTO after = {0};
	add_events(world, world->anna, 1, 1);
	store_world_commit(world);
	assert_int_equal(store_fixture_dump(world->store, &before), OK);
	add_events(world, world->anna, 2, 2);
	assert_int_equal(store_fixture_event(world->store, world->anna, 2, 0, T0, "x", 1), ERR_INTERNAL);
	assert_non_null(strstr(store_message(world->store), "UNIQUE"));
	/* The pass has failed: whatever else is tried fails too, the commit as well. */
	struct session session = store_fixture_session(1);
	assert_int_equal(store_session_write(world->store, world->anna, &session), ERR_INTERNAL);
	assert_int_equal(store_commit(world->store), ERR_INTERNAL);
	assert_int_equal(store_fixture_dump(world->store, &after), OK);
	assert_string_equal(after.data, before.data);
	store_rollback(world->store);
	assert_int_equal(store_begin(world->store), OK);
	add_events(world, world->anna, 2, 3);
	store_world_commit(world);
	assert_events(world, world->anna, 0, 1, 3);
}

static void add_key(struct store_world *world, int64_t uid, const char *key, int64_t now_ms)
{
	TEXT_AUTO asked = {0};
	TEXT_AUTO result = {0};
	text_append_format(&asked, "asked %d %s", (int)uid, key);
	assert_int_equal(store_key_add(world->store, uid, key, now_ms, &asked, &result), OK);
}

static bool has_key(struct store_world *world, int64_t uid, const char *key)
{
	TEXT_AUTO asked = {0};
	TEXT_AUTO result = {0};
	char wanted[64];
	text_append_string(&asked, "before");
	enum err err = store_key_find(world->store, uid, key, &asked, &result);
	snprintf(wanted, sizeof(wanted), "asked %d %s", (int)uid, key);
	assert_string_equal(asked.data, err ? "before" : wanted);
	assert_int_equal(result.len, 0);
	assert_true(err == OK || err == ERR_NOT_FOUND);
	return err == OK;
}

static void test_keys(void **state)
{
	struct store_world *world = *state;
	assert_false(has_key(world, world->anna, "tab:1"));
	add_key(world, world->anna, "tab:1", T0);
	assert_true(has_key(world, world->anna, "tab:1"));
	assert_false(has_key(world, world->anna, "TAB:1"));
	assert_false(has_key(world, world->ben, "tab:1"));
	add_key(world, world->ben, "tab:1", T0);
	assert_true(has_key(world, world->ben, "tab:1"));
}

/* In slices until it is done. */
static int prune(struct store_world *world, int64_t before_ms)
{
	int slices = 0;
	struct pruning at = {0};
	do {
		assert_int_equal(store_prune(world->store, before_ms, T0 + 100000, &at), OK);
		assert_in_range(++slices, 1, 1000);
	} while (!at.done);
	return slices;
}

static void test_prune(void **state)
{
	struct store_world *world = *state;
	add_events(world, world->anna, 1, 20);
	add_events(world, world->ben, 1, 5);
	add_key(world, world->anna, "old", T0 + 9);
	add_key(world, world->anna, "new", T0 + 10);
	assert_int_equal(prune(world, T0), 1);
	assert_events(world, world->anna, 0, 1, 20);
	assert_int_equal(prune(world, T0 + 10), 1);
	assert_events(world, world->anna, 0, 10, 20);
	/* Ben's came behind Anna's young ones. */
	assert_events(world, world->ben, 0, 1, 5);
	assert_false(has_key(world, world->anna, "old"));
	assert_true(has_key(world, world->anna, "new"));
	prune(world, T0 + 1000);
	assert_events(world, world->anna, 0, 20, 20);
	assert_events(world, world->ben, 0, 5, 5); /* the last one stays */
	assert_false(has_key(world, world->anna, "new"));
	prune(world, T0 + 1000);
	assert_events(world, world->anna, 0, 20, 20);
}

static int64_t count_keys(struct store_world *world)
{
	int64_t keys = -1;
	assert_int_equal(statement_query(world->store, "SELECT count(*) FROM keys", &keys), OK);
	return keys;
}

/* In the order in which they come: events and keys in turn. */
static void add_both(struct store_world *world, int64_t uid, int64_t first, int64_t last)
{
	for (int64_t seq = first; seq <= last; seq++) {
		char key[32];
		snprintf(key, sizeof(key), "key%d", (int)seq);
		add_events(world, uid, seq, seq);
		add_key(world, uid, key, T0 + seq);
	}
}

static void test_prune_in_slices(void **state)
{
	struct store_world *world = *state;
	add_both(world, world->ben, 1, 350);
	add_both(world, world->anna, 1, 1000);
	int slices = prune(world, T0 + 900);
	assert_in_range(slices, (349 + 899) * 2 / 200, (350 + 900) * 2 / 200 + 2);
	assert_events(world, world->anna, 0, 900, 1000);
	assert_events(world, world->ben, 0, 350, 350);
	assert_int_equal(count_keys(world), 101);
	assert_false(has_key(world, world->anna, "key899"));
	assert_true(has_key(world, world->anna, "key900"));
}

static int steps_of(struct store_world *world, enum slot slot)
{
	return sqlite3_stmt_status(world->store->statements[slot], SQLITE_STMTSTATUS_VM_STEP, 1);
}

static void test_prune_looks_at_nothing_young(void **state)
{
	static const enum slot slots[] = {
		SLOT_EVENTS_OLDEST, SLOT_EVENTS_PRUNE, SLOT_KEYS_OLDEST, SLOT_KEYS_PRUNE};
	struct store_world *world = *state;
	add_both(world, world->anna, 1, 1000);
	prune(world, T0 + 10);
	for (size_t i = 0; i < sizeof(slots) / sizeof(*slots); i++)
		steps_of(world, slots[i]);
	assert_int_equal(prune(world, T0 + 10), 1);
	for (size_t i = 0; i < sizeof(slots) / sizeof(*slots); i++)
		assert_in_range(steps_of(world, slots[i]), 0, 50);
}

/* A clock that was wrong for a while holds nobody's up. */
static void test_prune_passes_over_the_future(void **state)
{
	struct store_world *world = *state;
	for (int64_t seq = 1; seq <= 300; seq++) {
		char key[32];
		snprintf(key, sizeof(key), "key%d", (int)seq);
		assert_int_equal(
			store_fixture_event(world->store, world->anna, seq, 1, T0 + 200000, "{}", 2), OK);
		add_key(world, world->anna, key, T0 + 200000);
	}
	add_both(world, world->ben, 1, 10);
	prune(world, T0 + 100);
	assert_events(world, world->ben, 0, 10, 10);
	assert_int_equal(count_keys(world), 300);
	assert_true(has_key(world, world->anna, "key1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_interval_last_and_any, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_interval_is_idempotent, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_times_are_loaded, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_timed_sessions_say_what_they_are, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_times_of_goals_alone, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_times_of_many_sessions, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_times_are_all_that_touch, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_due_order, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_events, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_event_of_every_size, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_seq_taken_is_refused_and_nothing_goes_on,
			store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_keys, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(test_prune, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_prune_looks_at_nothing_young, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_prune_passes_over_the_future, store_world_set_up, store_world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_prune_in_slices, store_world_set_up, store_world_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
