/* What store.h promises of what only one kind of session has, of what there is to be one of, and of texts. */
#include "tests/support/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/store_equal.h"

/* Two users, a plan (60) and a group (50) of Anna's. */
static int set_up(void **state)
{
	store_world_set_up(state);
	struct store_world *world = *state;
	struct plan plan = store_fixture_plan(60);
	struct group group = store_fixture_group(50);
	assert_int_equal(store_plan_write(world->store, world->anna, &plan), OK);
	assert_int_equal(store_group_write(world->store, world->anna, &group), OK);
	return 0;
}

static void write_session(struct store_world *world, const struct session *session)
{
	enum err err = store_session_write(world->store, world->anna, session);
	if (err)
		fail_msg("%s", store_message(world->store));
}

static void load_session(struct store_world *world, const struct uuid *id, struct session *ret)
{
	/* What is not read must not look right by chance. */
	memset(ret, 0xa5, sizeof(*ret));
	assert_int_equal(store_session_load(world->store, world->anna, id, ret), OK);
}

static void assert_kept(struct store_world *world, const struct session *session)
{
	struct session loaded;
	write_session(world, session);
	load_session(world, &session->id, &loaded);
	assert_sessions_equal(&loaded, session);
	store_world_reopen(world);
	load_session(world, &session->id, &loaded);
	assert_sessions_equal(&loaded, session);
}

/* `chars` characters of four bytes, and a first one that tells them apart; free() it. */
static char *long_text(size_t chars, char first)
{
	char *text = malloc(4 * chars + 1);
	assert_non_null(text);
	for (size_t i = 0; i < chars; i++)
		memcpy(text + 4 * i, "\xf0\x9f\x8d\x85", 4);
	memcpy(text, (char[]){first, 'x', 'x', 'x'}, 4);
	text[4 * chars] = '\0';
	return text;
}

/* --- every field --- */

static void test_every_kind_is_kept(void **state)
{
	struct store_world *world = *state;
	for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
		struct session session = store_fixture_session_of((enum session_kind)kind, 100 + kind);
		assert_kept(world, &session);
		session.state = STATE_RUNNING;
		session.running_since_ms = T0 + 77;
		session.group = store_fixture_id(50);
		session.title[0] = '\0';
		assert_kept(world, &session);
		session.status = STATUS_COMPLETED;
		session.ended_at_ms = INT64_MAX;
		session.started_at_ms--;
		session.group = (struct uuid){0};
		assert_kept(world, &session);
		session.deleted = true;
		assert_kept(world, &session);
	}
}

static void test_focus_changes(void **state)
{
	struct store_world *world = *state;
	struct session session = store_fixture_session_of(KIND_FOCUS, 1);
	session.focus = (struct focus){.score = SESSION_NO_SCORE};
	for (unsigned type = 0; type < SESSION_TYPE_COUNT; type++) {
		session.focus.type = (enum session_type)type;
		assert_kept(world, &session);
	}
	session.focus.task = store_fixture_id(3);
	session.focus.distractions = INT32_MAX;
	session.focus.quality_rating = 5;
	session.focus.score = 0;
	session.focus.reviewed = true;
	assert_kept(world, &session);
}

/* One after the other, as they happen, and all at once. */
static void test_pauses(void **state)
{
	struct store_world *world = *state;
	struct session session = store_fixture_session_of(KIND_FOCUS, 1);
	char *reason = long_text(LIMIT_REASON_CHARS, 'r');
	const char *reasons[LIMIT_FOCUS_PAUSES] = {NULL, "", reason};
	for (int i = 0; i < LIMIT_FOCUS_PAUSES; i++) {
		session.pauses = i + 1;
		session.focus.pauses[i].paused_at_ms = T0 + 10 * i;
		session.focus.pauses[i].reason = reasons[i];
		assert_kept(world, &session);
		session.focus.pauses[i].resumed_at_ms = T0 + 10 * i + 5;
		assert_kept(world, &session);
	}
	session.id = store_fixture_id(2);
	session.status = STATUS_COMPLETED;
	assert_kept(world, &session);
	/* Another one's are its own. */
	session.id = store_fixture_id(3);
	session.pauses = 0;
	memset(session.focus.pauses, 0, sizeof(session.focus.pauses));
	assert_kept(world, &session);
	free(reason);
}

/* The texts of each kind, by their place in the session. */
static const struct {
	enum session_kind kind;
	size_t offset, chars;
} texts[] = {
	{KIND_FOCUS, offsetof(struct session, focus.task_progress), LIMIT_LONG_TEXT_CHARS},
	{KIND_FOCUS, offsetof(struct session, focus.abandon_reason), LIMIT_REASON_CHARS},
	{KIND_FOCUS, offsetof(struct session, focus.progress_made), LIMIT_LONG_TEXT_CHARS},
	{KIND_WORK, offsetof(struct session, work.planned_tasks), LIMIT_LIST_ITEMS *LIMIT_LIST_ITEM_CHARS},
	{KIND_WORK, offsetof(struct session, work.tools_needed), LIMIT_LIST_ITEMS *LIMIT_LIST_ITEM_CHARS},
	{KIND_WORK, offsetof(struct session, work.parts_to_install), LIMIT_LIST_ITEMS *LIMIT_LIST_ITEM_CHARS},
	{KIND_WORK, offsetof(struct session, work.notes), LIMIT_LONG_TEXT_CHARS},
	{KIND_TRAINING, offsetof(struct session, training.structure), LIMIT_STRUCTURE_BYTES / 4},
};
#define TEXTS (sizeof(texts) / sizeof(*texts))

static const char **text_of(struct session *session, size_t i)
{
	return (const char **)(void *)((char *)session + texts[i].offset);
}

static void test_no_text_is_not_the_empty_text(void **state)
{
	struct store_world *world = *state;
	for (size_t i = 0; i < TEXTS; i++) {
		struct session session = store_fixture_session_of(texts[i].kind, 1 + (unsigned)i);
		session.status = STATUS_COMPLETED;
		*text_of(&session, i) = "";
		assert_kept(world, &session);
		*text_of(&session, i) = NULL;
		assert_kept(world, &session);
		*text_of(&session, i) = "again";
		assert_kept(world, &session);
	}
}

static void test_longest_texts(void **state)
{
	struct store_world *world = *state;
	char *longest[TEXTS];
	for (size_t i = 0; i < TEXTS; i++)
		longest[i] = long_text(texts[i].chars, (char)('a' + i));
	for (unsigned kind = KIND_FOCUS; kind < KIND_COUNT; kind++) {
		struct session session = store_fixture_session_of((enum session_kind)kind, kind);
		memset(session.title, 't', sizeof(session.title) - 1);
		for (size_t i = 0; i < TEXTS; i++) {
			if (texts[i].kind == session.kind)
				*text_of(&session, i) = longest[i];
		}
		assert_kept(world, &session);
	}
	for (size_t i = 0; i < TEXTS; i++)
		free(longest[i]);
}

/* A pause of a training leaves the pages of its structure alone. */
static void test_unchanged_texts_are_not_written(void **state)
{
	struct store_world *world = *state;
	char *structure = long_text(LIMIT_STRUCTURE_BYTES / 4, 's');
	struct session session = store_fixture_session_of(KIND_TRAINING, 1);
	session.training.structure = structure;
	write_session(world, &session);
	store_world_commit(world);
	int before = world->store->wal_pages;
	session.version++;
	write_session(world, &session);
	store_world_commit(world);
	assert_in_range(world->store->wal_pages - before, 1, 3);
	structure[0] = 'S';
	assert_kept(world, &session);
	free(structure);
}

/* Seen by callbacks as by loading, in every list. */
static enum err compare_loaded(void *context, const struct session *session)
{
	struct store_world *world = context;
	struct session loaded;
	load_session(world, &session->id, &loaded);
	assert_sessions_equal(&loaded, session);
	return OK;
}

static void test_lists_have_what_kinds_have(void **state)
{
	struct store_world *world = *state;
	const struct session_filter filter = {.kinds = ~0U,
		.from_ms = INT64_MIN,
		.to_ms = INT64_MAX,
		.date_from = INT32_MIN,
		.date_to = INT32_MAX,
		.limit = 10};
	for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
		struct session session = store_fixture_session_of((enum session_kind)kind, kind);
		if (kind == KIND_FOCUS) {
			session.pauses = 1;
			session.focus.pauses[0] = (struct session_pause){.paused_at_ms = T0, .reason = "Tea"};
		}
		write_session(world, &session);
	}
	int64_t total = 0;
	assert_int_equal(
		store_session_each(world->store, world->anna, SESSIONS_SHOWN, NULL, compare_loaded, world),
		OK);
	assert_int_equal(
		store_session_list(world->store, world->anna, &filter, &total, compare_loaded, world), OK);
	assert_int_equal(total, KIND_COUNT - 1);
}

static void test_damage_is_told(void **state)
{
	struct store_world *world = *state;
	static const char *const damages[][2] = {
		{"DELETE FROM focus", "FROM focus"}, {"DELETE FROM pauses", "FROM pauses"}};
	struct session session = store_fixture_session_of(KIND_FOCUS, 1);
	session.pauses = 2;
	write_session(world, &session);
	store_world_commit(world);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(statement_execute(world->store, damages[i][0]), OK);
		assert_int_equal(
			store_session_load(world->store, world->anna, &session.id, &session), ERR_INTERNAL);
		assert_non_null(strstr(store_message(world->store), "missing"));
		assert_non_null(strstr(store_message(world->store), damages[i][1]));
		assert_int_equal(store_commit(world->store), ERR_INTERNAL);
		assert_int_equal(store_begin(world->store), OK);
	}
}

/* --- one of a kind --- */

static enum err write_another(struct store_world *world, enum session_kind kind, unsigned number)
{
	struct session session = store_fixture_session_of(kind, number);
	return store_session_write(world->store, world->anna, &session);
}

static void refuse_another(struct store_world *world, enum session_kind kind)
{
	TEXT_AUTO before = {0};
	TEXT_AUTO after = {0};
	store_world_commit(world);
	assert_int_equal(store_fixture_dump(world->store, &before), OK);
	assert_int_equal(write_another(world, kind, 9), ERR_CONFLICT);
	store_rollback(world->store);
	assert_int_equal(store_begin(world->store), OK);
	assert_int_equal(store_fixture_dump(world->store, &after), OK);
	assert_string_equal(after.data, before.data);
}

static void test_one_active_focus_and_training(void **state)
{
	struct store_world *world = *state;
	static const enum session_kind kinds[] = {KIND_FOCUS, KIND_TRAINING};
	for (unsigned i = 0; i < 2; i++) {
		struct session session = store_fixture_session_of(kinds[i], 1 + i);
		write_session(world, &session);
		refuse_another(world, kinds[i]);
		/* Written again it is the same one. */
		session.version++;
		write_session(world, &session);
		session.status = STATUS_ABANDONED;
		write_session(world, &session);
		assert_int_equal(write_another(world, kinds[i], 3 + i), OK);
		refuse_another(world, kinds[i]);
		/* An ended one does not come back beside it. */
		session.status = STATUS_ACTIVE;
		assert_int_equal(store_session_write(world->store, world->anna, &session), ERR_CONFLICT);
		store_rollback(world->store);
		assert_int_equal(store_begin(world->store), OK);
		/* A deleted one makes room too. */
		struct session other = store_fixture_session_of(kinds[i], 3 + i);
		other.deleted = true;
		write_session(world, &other);
		assert_int_equal(write_another(world, kinds[i], 5 + i), OK);
	}
}

static void test_any_number_of_the_other_kinds(void **state)
{
	struct store_world *world = *state;
	for (unsigned i = 0; i < 30; i++)
		assert_int_equal(write_another(world, i % 2 ? KIND_WORK : KIND_TIMER, 100 + i), OK);
	/* Another user's are not counted. */
	struct session focus = store_fixture_session_of(KIND_FOCUS, 1);
	write_session(world, &focus);
	assert_int_equal(store_session_write(world->store, world->ben, &focus), OK);
}

static void assert_active(struct store_world *world, enum session_kind kind, int64_t count, unsigned number)
{
	struct uuid wanted = number ? store_fixture_id(number) : (struct uuid){0}, id = store_fixture_id(99);
	int64_t counted = -1;
	assert_int_equal(store_session_active(world->store, world->anna, kind, &counted, &id), OK);
	assert_int_equal(counted, count);
	assert_ids_equal(&id, &wanted);
}

static void test_active(void **state)
{
	struct store_world *world = *state;
	for (unsigned kind = 0; kind < KIND_COUNT; kind++)
		assert_active(world, (enum session_kind)kind, 0, 0);
	for (unsigned i = 0; i < 5; i++) {
		struct session session = store_fixture_session_of(KIND_WORK, 10 + i);
		/* Added in this order, but 12 began last. */
		session.started_at_ms = T0 - (i > 2 ? i - 2 : 2 - i) * 1000;
		session.group = i < 3 ? store_fixture_id(50) : (struct uuid){0};
		session.status = i == 4 ? STATUS_COMPLETED : STATUS_ACTIVE;
		session.deleted = i == 0;
		write_session(world, &session);
	}
	assert_active(world, KIND_WORK, 3, 12);
	struct uuid group = store_fixture_id(50), other = store_fixture_id(51);
	int64_t count = -1;
	assert_int_equal(store_session_working(world->store, world->anna, &group, &count), OK);
	assert_int_equal(count, 2);
	assert_int_equal(store_session_working(world->store, world->anna, &other, &count), OK);
	assert_int_equal(count, 0);
	assert_int_equal(store_session_working(world->store, world->ben, &group, &count), OK);
	assert_int_equal(count, 0);
	assert_int_equal(write_another(world, KIND_TRAINING, 20), OK);
	assert_active(world, KIND_TRAINING, 1, 20);
	assert_active(world, KIND_FOCUS, 0, 0);
	/* In a group as well, but no work. */
	struct session focus = store_fixture_session_of(KIND_FOCUS, 21);
	focus.group = group;
	write_session(world, &focus);
	assert_int_equal(store_session_working(world->store, world->anna, &group, &count), OK);
	assert_int_equal(count, 2);
}

/* --- texts --- */

/* What was loaded first is as it was after much more has been loaded, and can be written from where it is. */
static void test_texts_live_until_the_end(void **state)
{
	struct store_world *world = *state;
	char *notes = long_text(LIMIT_LONG_TEXT_CHARS, 'n');
	struct session session = store_fixture_session_of(KIND_WORK, 1), first, other;
	session.work.notes = notes;
	write_session(world, &session);
	store_world_commit(world);
	load_session(world, &session.id, &first);
	assert_ptr_not_equal(first.work.notes, notes);
	for (int i = 0; i < 50; i++) {
		load_session(world, &session.id, &other);
		assert_ptr_not_equal(first.work.notes, other.work.notes);
	}
	assert_sessions_equal(&first, &session);
	/* Another one is written from the very same texts. */
	first.id = session.id = store_fixture_id(2);
	write_session(world, &first);
	assert_sessions_equal(&first, &session);
	store_world_reopen(world);
	load_session(world, &session.id, &other);
	assert_sessions_equal(&other, &session);
	free(notes);
}

static size_t memory_used(void)
{
	struct mallinfo2 info = mallinfo2();
	return info.uordblks + info.hblkhd;
}

static void test_memory_does_not_grow(void **state)
{
	struct store_world *world = *state;
	char *notes = long_text(LIMIT_LONG_TEXT_CHARS, 'n');
	struct session session = store_fixture_session_of(KIND_WORK, 1), loaded;
	session.work.notes = notes;
	write_session(world, &session);
	size_t settled = 0;
	store_world_commit(world);
	for (int i = 0; i < 300; i++) {
		for (int n = 0; n < 20; n++)
			load_session(world, &session.id, &loaded);
		if (i % 2)
			store_world_commit(world);
		else {
			store_rollback(world->store);
			assert_int_equal(store_begin(world->store), OK);
			write_session(world, &session);
		}
		if (i == 20)
			settled = memory_used();
	}
	/* A sanitizer's own allocator tells nothing: 0 both times. */
	assert_true(memory_used() <= settled + 100000);
	free(notes);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, store_world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_kind_is_kept),
		TEST(test_focus_changes),
		TEST(test_pauses),
		TEST(test_no_text_is_not_the_empty_text),
		TEST(test_longest_texts),
		TEST(test_unchanged_texts_are_not_written),
		TEST(test_lists_have_what_kinds_have),
		TEST(test_damage_is_told),
		TEST(test_one_active_focus_and_training),
		TEST(test_any_number_of_the_other_kinds),
		TEST(test_active),
		TEST(test_texts_live_until_the_end),
		TEST(test_memory_does_not_grow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
