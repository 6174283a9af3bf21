/* tests/bench/load: the load generator sees what a server does wrong. */
#include "tests/bench/load/check.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BASE 40 /* the user's seq before the first command */

static void say(struct check *check, size_t socket, const char *message)
{
	check_message(check, socket, message, strlen(message), 1000);
}

static void event(struct check *check, size_t socket, int64_t number)
{
	char text[400];
	snprintf(text, sizeof(text),
		"{\"type\":\"event\",\"seq\":%" PRId64 ",\"tag\":\"0a0b0c0d\",\"event\":\"%s\",\"origin\":{},"
		"\"session\":{\"id\":\"x\",\"version\":%" PRId64 ",\"state\":\"%s\"}}",
		BASE + 1 + number,
		number == 0  ? "addSession"
		: number % 2 ? "start"
			     : "pause",
		number + 1, number % 2 ? "RUNNING" : "PAUSED");
	say(check, socket, text);
}

static void result(struct check *check, size_t socket, int64_t number, int64_t seq)
{
	char text[200];
	snprintf(text, sizeof(text),
		"{\"type\":\"result\",\"id\":%" PRId64 ",\"ok\":true,\"seq\":%" PRId64
		",\"changed\":true,\"duplicate\":false,\"nowMs\":1}",
		number, seq);
	say(check, socket, text);
}

/* One user with two sockets, two commands under way. */
static struct check *begin(void)
{
	struct check *check = check_create(1, 2, 1);
	say(check, 0, "{\"type\":\"hello\",\"nowMs\":1,\"authTimeoutMs\":1}");
	say(check, 0, "{\"type\":\"live\",\"seq\":40,\"tag\":\"00000000\"}");
	say(check, 1, "{\"type\":\"live\",\"seq\":40,\"tag\":\"00000000\"}");
	assert_int_equal(check_live(check), 2);
	assert_int_equal(check_send(check, 0, 10), 0);
	assert_int_equal(check_send(check, 0, 20), 1);
	return check;
}

static void good(struct check *check, int64_t number)
{
	event(check, 0, number);
	event(check, 1, number);
	result(check, 0, number, BASE + 1 + number);
}

static void expect(struct check *check, struct check_faults expected)
{
	struct check_faults faults = check_end(check);
	assert_memory_equal(&faults, &expected, sizeof(faults));
	check_destroy(check);
}

static void test_good(void **state)
{
	(void)state;
	struct check *check = begin();
	check_measure(check, 15, 2000);
	good(check, 0);
	assert_int_equal(check_under_way(check, 0), 1);
	good(check, 1);
	assert_int_equal(check_open(check), 0);
	assert_int_equal(check_parsed(check), 9);
	/* The first was due before it was measured, and answered within. */
	assert_int_equal(check_figures(check)->answered, 2);
	assert_int_equal(check_figures(check)->results.total, 1);
	assert_int_equal(check_figures(check)->results.max_ns, 980);
	assert_int_equal(check_figures(check)->events.total, 2);
	expect(check, (struct check_faults){0});
}

static void test_missing(void **state)
{
	(void)state;
	struct check *check = begin();
	good(check, 0);
	event(check, 0, 1);
	assert_int_equal(check_open(check), 1);
	expect(check, (struct check_faults){.missing = 2}); /* the other socket's event, and the result */
}

static void test_gap(void **state)
{
	(void)state;
	struct check *check = begin();
	event(check, 0, 0);
	result(check, 0, 0, BASE + 1);
	event(check, 0, 1);
	result(check, 0, 1, BASE + 2);
	event(check, 1, 1);
	expect(check, (struct check_faults){.disorder = 1});
}

static void test_twice(void **state)
{
	(void)state;
	struct check *check = begin();
	good(check, 0);
	good(check, 1);
	event(check, 1, 1);
	event(check, 0, 0);
	result(check, 0, 1, BASE + 2);
	expect(check, (struct check_faults){.twice = 3});
}

static void test_result_before_its_event(void **state)
{
	(void)state;
	struct check *check = begin();
	good(check, 0);
	result(check, 0, 1, BASE + 2);
	event(check, 0, 1);
	event(check, 1, 1);
	expect(check, (struct check_faults){.disorder = 1});
}

static void test_result_of_another(void **state)
{
	(void)state;
	struct check *check = begin();
	good(check, 0);
	event(check, 0, 1);
	event(check, 1, 1);
	result(check, 1, 1, BASE + 2); /* the sender alone gets it */
	result(check, 0, 7, BASE + 8);
	result(check, 0, 1, BASE + 1);
	expect(check, (struct check_faults){.wrong = 3});
}

static void test_event_of_another(void **state)
{
	(void)state;
	struct check *check = begin();
	good(check, 0);
	good(check, 1);
	event(check, 1, 2);
	/* The extra one hides nothing that is missing elsewhere. */
	expect(check, (struct check_faults){.wrong = 1});
}

static void test_refused(void **state)
{
	(void)state;
	struct check *check = begin();
	good(check, 0);
	event(check, 0, 1);
	event(check, 1, 1);
	say(check, 0, "{\"type\":\"result\",\"id\":1,\"ok\":false,\"error\":{\"code\":\"unavailable\"}}");
	expect(check, (struct check_faults){.refused = 1});
}

static void test_nonsense(void **state)
{
	(void)state;
	struct check *check = begin();
	good(check, 0);
	good(check, 1);
	say(check, 0, "{\"type\":\"hb\",\"seq\":42,\"nowMs\":1}");
	say(check, 0, "{\"type\":\"hb\",\"seq\":42,\"nowMs\":1");
	say(check, 0, "{\"type\":\"gossip\",\"seq\":42,\"nowMs\":1}");
	check_closed(check, 1, "closed with 4408");
	expect(check, (struct check_faults){.wrong = 2, .closed = 1});
}

static void test_under_way(void **state)
{
	(void)state;
	struct check *check = begin();
	for (int i = 2; i < CHECK_UNDER_WAY; i++)
		assert_int_equal(check_send(check, 0, 30), i);
	assert_int_equal(check_send(check, 0, 30), -1);
	good(check, 0);
	assert_int_equal(check_send(check, 0, 30), CHECK_UNDER_WAY);
	check_destroy(check);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_result_before_its_event),
		cmocka_unit_test(test_result_of_another),
		cmocka_unit_test(test_event_of_another),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_under_way),
	};
	return cmocka_run_group_tests_name("load_check", tests, NULL, NULL);
}
