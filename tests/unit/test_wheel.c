/* server/wheel: deadlines are met within a tick, and firing may do anything to any timer. */
#include "server/wheel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define START_MS 1234567

/* First a timer, so that one is the other. */
struct probe {
	struct wheel_timer timer;
	struct wheel *wheel;
	int fired;
	int64_t fired_at_ms;
	int64_t again_ms;    /* re-arms itself for so long after firing */
	struct probe *other; /* disarmed when this one fires */
};

static void fire(struct wheel_timer *timer, int64_t monotonic_ms)
{
	struct probe *probe = (struct probe *)timer;
	probe->fired++;
	probe->fired_at_ms = monotonic_ms;
	if (probe->again_ms)
		wheel_arm(probe->wheel, timer, monotonic_ms + probe->again_ms);
	if (probe->other)
		wheel_disarm(&probe->other->timer);
}

static struct probe make(struct wheel *wheel)
{
	return (struct probe){.timer.fire = fire, .wheel = wheel};
}

static int64_t turn_from(struct wheel *wheel, int64_t from_ms, int64_t until_ms)
{
	for (; from_ms <= until_ms; from_ms += 37)
		wheel_turn(wheel, from_ms);
	return from_ms;
}

static void test_deadlines(void **state)
{
	(void)state;
	static const int64_t delays[] = {0, 1, 99, 100, 101, 999, 25000, 51100, 51200, 51300, 60000, 300000};
	for (size_t i = 0; i < sizeof(delays) / sizeof(*delays); i++) {
		struct wheel *wheel = wheel_create(START_MS);
		struct probe probe = make(wheel);
		wheel_arm(wheel, &probe.timer, START_MS + delays[i]);
		turn_from(wheel, START_MS, START_MS + 400000);
		assert_int_equal(probe.fired, 1);
		assert_true(probe.fired_at_ms >= START_MS + delays[i]);
		assert_true(probe.fired_at_ms <= START_MS + delays[i] + 2 * WHEEL_TICK_MS);
		wheel_destroy(wheel);
	}
}

static void test_late_turn(void **state)
{
	(void)state;
	struct wheel *wheel = wheel_create(START_MS);
	struct probe due = make(wheel), later = make(wheel);
	wheel_arm(wheel, &due.timer, START_MS + 700);
	wheel_arm(wheel, &later.timer, START_MS + 10000000);
	/* The process was stopped for an hour. */
	wheel_turn(wheel, START_MS + 3600000);
	assert_int_equal(due.fired, 1);
	assert_int_equal(later.fired, 0);
	turn_from(wheel, START_MS + 3600000, START_MS + 10000300);
	assert_int_equal(due.fired, 1);
	assert_int_equal(later.fired, 1);
	wheel_destroy(wheel);
}

static void test_moved_and_disarmed(void **state)
{
	(void)state;
	struct wheel *wheel = wheel_create(START_MS);
	struct probe moved = make(wheel), gone = make(wheel);
	wheel_arm(wheel, &moved.timer, START_MS + 500);
	wheel_arm(wheel, &gone.timer, START_MS + 500);
	wheel_arm(wheel, &moved.timer, START_MS + 5000);
	wheel_disarm(&gone.timer);
	wheel_disarm(&gone.timer);
	turn_from(wheel, START_MS, START_MS + 4900);
	assert_int_equal(moved.fired, 0);
	turn_from(wheel, START_MS + 4900, START_MS + 5300);
	assert_int_equal(moved.fired, 1);
	assert_int_equal(gone.fired, 0);
	assert_null(moved.timer.link);
	wheel_destroy(wheel);
}

static void test_rearming_itself(void **state)
{
	(void)state;
	struct wheel *wheel = wheel_create(START_MS);
	struct probe probe = make(wheel);
	probe.again_ms = 1;
	wheel_arm(wheel, &probe.timer, START_MS);
	turn_from(wheel, START_MS, START_MS + 1000);
	/* Once a tick, not for ever within one. */
	assert_true(probe.fired >= 8 && probe.fired <= 11);
	wheel_destroy(wheel);
	assert_null(probe.timer.link);
}

static void test_disarming_each_other(void **state)
{
	(void)state;
	struct wheel *wheel = wheel_create(START_MS);
	struct probe a = make(wheel), b = make(wheel), c = make(wheel);
	a.other = &b;
	b.other = &a;
	wheel_arm(wheel, &a.timer, START_MS + 300);
	wheel_arm(wheel, &b.timer, START_MS + 300);
	wheel_arm(wheel, &c.timer, START_MS + 300);
	turn_from(wheel, START_MS, START_MS + 1000);
	assert_int_equal(a.fired + b.fired, 1);
	assert_int_equal(c.fired, 1);
	wheel_destroy(wheel);
}

static void free_owner(struct wheel_timer *timer, int64_t monotonic_ms)
{
	(void)monotonic_ms;
	free(timer);
}

static void test_freeing_the_owner(void **state)
{
	(void)state;
	struct wheel *wheel = wheel_create(START_MS);
	for (int i = 0; i < 100; i++) {
		struct wheel_timer *timer = calloc(1, sizeof(*timer));
		timer->fire = free_owner;
		wheel_arm(wheel, timer, START_MS + i * 13);
	}
	turn_from(wheel, START_MS, START_MS + 2000);
	wheel_destroy(wheel);
}

/* Against the plainest model: a list of deadlines. */
static void test_many(void **state)
{
	(void)state;
	enum { COUNT = 500 };
	struct wheel *wheel = wheel_create(START_MS);
	struct probe *probes = calloc(COUNT, sizeof(*probes));
	int64_t now_ms = START_MS;
	srand(7);
	for (int round = 0; round < 20000; round++) {
		struct probe *probe = &probes[rand() % COUNT];
		if (!probe->timer.link) {
			*probe = make(wheel);
			wheel_arm(wheel, &probe->timer, now_ms + rand() % 120000);
		}
		now_ms += rand() % 60;
		wheel_turn(wheel, now_ms);
		for (int i = 0; round % 100 == 0 && i < COUNT; i++) {
			if (probes[i].timer.link)
				assert_true(probes[i].timer.at_ms > now_ms - 2 * WHEEL_TICK_MS);
			else if (probes[i].fired)
				assert_true(probes[i].fired_at_ms >= probes[i].timer.at_ms);
		}
	}
	wheel_destroy(wheel);
	free(probes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deadlines),
		cmocka_unit_test(test_late_turn),
		cmocka_unit_test(test_moved_and_disarmed),
		cmocka_unit_test(test_rearming_itself),
		cmocka_unit_test(test_disarming_each_other),
		cmocka_unit_test(test_freeing_the_owner),
		cmocka_unit_test(test_many),
	};
	return cmocka_run_group_tests_name("wheel", tests, NULL, NULL);
}
