/* What store.h promises of the tokens of devices. */
#include "tests/support/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static struct device make_device(unsigned number)
{
	struct device device = {
		.id = store_fixture_id(number),
		.scope = number % 2 ? SCOPE_READ : SCOPE_FULL,
		.created_at_ms = 1000 + number,
		.last_used_ms = number % 3 ? 0 : 2000 + number,
	};
	memset(device.name, 'n', number % (sizeof(device.name) - 1) + 1);
	return device;
}

static struct fingerprint make_fingerprint(unsigned number)
{
	struct fingerprint fingerprint;
	memset(fingerprint.bytes, (int)number, sizeof(fingerprint.bytes));
	return fingerprint;
}

static void add(struct store_world *world, int64_t uid, unsigned number)
{
	struct device device = make_device(number);
	struct fingerprint fingerprint = make_fingerprint(number);
	assert_int_equal(store_device_add(world->store, uid, &device, &fingerprint), OK);
}

static void assert_device(const struct device *found, const struct device *expected)
{
	assert_true(uuid_equal(&found->id, &expected->id));
	assert_int_equal(found->scope, expected->scope);
	assert_int_equal(found->created_at_ms, expected->created_at_ms);
	assert_int_equal(found->last_used_ms, expected->last_used_ms);
	assert_string_equal(found->name, expected->name);
}

static void test_found_by_fingerprint_and_id(void **state)
{
	struct store_world *world = *state;
	for (unsigned i = 1; i <= 6; i++)
		add(world, i % 2 ? world->anna : world->ben, i);
	for (unsigned i = 1; i <= 6; i++) {
		struct fingerprint fingerprint = make_fingerprint(i);
		struct device found, expected = make_device(i);
		int64_t uid = 0, other = i % 2 ? world->ben : world->anna;
		assert_int_equal(store_device_find(world->store, &fingerprint, &uid, &found), OK);
		assert_int_equal(uid, i % 2 ? world->anna : world->ben);
		assert_device(&found, &expected);
		assert_int_equal(store_device_load(world->store, uid, &expected.id, &found), OK);
		assert_device(&found, &expected);
		assert_int_equal(store_device_load(world->store, other, &expected.id, &found), ERR_NOT_FOUND);
	}
	struct fingerprint nobody = make_fingerprint(7);
	struct device device;
	int64_t uid;
	assert_int_equal(store_device_find(world->store, &nobody, &uid, &device), ERR_NOT_FOUND);
}

static void test_one_fingerprint_one_token(void **state)
{
	struct store_world *world = *state;
	add(world, world->anna, 1);
	struct device second = make_device(2);
	struct fingerprint first = make_fingerprint(1);
	assert_int_not_equal(store_device_add(world->store, world->ben, &second, &first), OK);
}

static void test_use_is_noted(void **state)
{
	struct store_world *world = *state;
	struct device expected = make_device(1), found;
	struct fingerprint fingerprint = make_fingerprint(1);
	int64_t uid;
	add(world, world->anna, 1);
	assert_int_equal(store_device_used(world->store, world->ben, &expected.id, 5), OK);
	assert_int_equal(store_device_find(world->store, &fingerprint, &uid, &found), OK);
	assert_device(&found, &expected);
	assert_int_equal(store_device_used(world->store, world->anna, &expected.id, 9000), OK);
	expected.last_used_ms = 9000;
	assert_int_equal(store_device_find(world->store, &fingerprint, &uid, &found), OK);
	assert_device(&found, &expected);
}

static void test_removed_is_unknown(void **state)
{
	struct store_world *world = *state;
	struct uuid id = store_fixture_id(1);
	struct fingerprint fingerprint = make_fingerprint(1);
	struct device device;
	int64_t uid, count;
	add(world, world->anna, 1);
	add(world, world->anna, 2);
	assert_int_equal(store_device_remove(world->store, world->ben, &id), OK);
	assert_int_equal(store_device_find(world->store, &fingerprint, &uid, &device), OK);
	assert_int_equal(store_device_remove(world->store, world->anna, &id), OK);
	assert_int_equal(store_device_find(world->store, &fingerprint, &uid, &device), ERR_NOT_FOUND);
	assert_int_equal(store_device_count(world->store, world->anna, &count), OK);
	assert_int_equal(count, 1);
}

struct list {
	unsigned numbers[8];
	int count, stop_at;
};

static enum err collect(void *context, const struct device *device)
{
	struct list *list = context;
	list->numbers[list->count++] = device->id.bytes[15];
	return list->count == list->stop_at ? ERR_LIMIT : OK;
}

static void test_listed_by_id(void **state)
{
	struct store_world *world = *state;
	static const unsigned numbers[] = {3, 1, 5, 2};
	for (size_t i = 0; i < 4; i++)
		add(world, numbers[i] == 5 ? world->ben : world->anna, numbers[i]);
	struct list list = {0};
	assert_int_equal(store_device_each(world->store, world->anna, collect, &list), OK);
	assert_int_equal(list.count, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(list.numbers[i], i + 1);
	struct list stopped = {.stop_at = 2};
	assert_int_equal(store_device_each(world->store, world->anna, collect, &stopped), ERR_LIMIT);
	assert_int_equal(stopped.count, 2);
	struct list none = {0};
	assert_int_equal(store_device_each(world->store, 99, collect, &none), OK);
	assert_int_equal(none.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_world_set_up, store_world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_found_by_fingerprint_and_id),
		TEST(test_one_fingerprint_one_token),
		TEST(test_use_is_noted),
		TEST(test_removed_is_unknown),
		TEST(test_listed_by_id),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
