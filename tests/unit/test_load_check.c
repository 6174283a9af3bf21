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

static void ready(struct check *check, size_t socket, const char *mode)
{
	char text[200];
	snprintf(text, sizeof(text),
		"{\"type\":\"ready\",\"userId\":\"u\",\"epoch\":\"e0e1\",\"seq\":42,\"tag\":\"0a0b0c0d\","
		"\"mode\":\"%s\"}",
		mode);
	say(check, socket, text);
}

/* Socket 1 has the first event, leaves, and misses the second. */
static struct check *leave(enum check_return how)
{
	struct check *check = begin();
	good(check, 0);
	event(check, 0, 1);
	event(check, 1, 1);
	result(check, 0, 1, BASE + 2);
	ready(check, 0, "snapshot"); /* from which the epoch is known */
	check_leave(check, 1, BASE + 1);
	assert_int_equal(check_live(check), 1);
	check_return(check, 1, how, 400);
	return check;
}

static void live_again(struct check *check)
{
	say(check, 1, "{\"type\":\"live\",\"seq\":42,\"tag\":\"0a0b0c0d\"}");
}

static void test_replay(void **state)
{
	(void)state;
	char place[CHECK_PLACE];
	struct check *check = leave(RETURN_TO_REPLAY);
	check_place(check, 1, place);
	assert_string_equal(place, "?epoch=e0e1&seq=41&tag=0a0b0c0d");
	ready(check, 1, "replay");
	event(check, 1, 1);
	live_again(check);
	assert_true(check_is_whole(check));
	assert_int_equal(check_figures(check)->replayed, 1);
	assert_int_equal(check_figures(check)->returns.max_ns, 600);
	expect(check, (struct check_faults){0});
}

static void test_replay_without_the_event(void **state)
{
	(void)state;
	struct check *check = leave(RETURN_TO_REPLAY);
	ready(check, 1, "replay");
	live_again(check);
	/* At once, and at the end. */
	expect(check, (struct check_faults){.missing = 2});
}

static void test_replay_of_too_much(void **state)
{
	(void)state;
	struct check *check = leave(RETURN_TO_REPLAY);
	ready(check, 1, "replay");
	event(check, 1, 1);
	event(check, 1, 1);
	live_again(check);
	expect(check, (struct check_faults){.twice = 1});
}

static void test_snapshot_instead_of_replay(void **state)
{
	(void)state;
	struct check *check = leave(RETURN_TO_REPLAY);
	ready(check, 1, "snapshot");
	say(check, 1, "{\"type\":\"snapshot\",\"epoch\":\"e0e1\",\"seq\":42,\"state\":{}}");
	live_again(check);
	expect(check, (struct check_faults){.wrong = 1});
}

static void test_snapshot(void **state)
{
	(void)state;
	struct check *check = leave(RETURN_TO_EITHER);
	ready(check, 1, "snapshot");
	say(check, 1, "{\"type\":\"snapshot\",\"epoch\":\"e0e1\",\"seq\":42,\"state\":{}}");
	live_again(check);
	assert_int_equal(check_figures(check)->snapshots, 1);
	expect(check, (struct check_faults){0});
}

static void test_never_back(void **state)
{
	(void)state;
	struct check *check = leave(RETURN_TO_REPLAY);
	ready(check, 1, "replay");
	expect(check, (struct check_faults){.missing = 1});
}

static void test_loose(void **state)
{
	(void)state;
	struct check *check = begin();
	good(check, 0);
	good(check, 1);
	check_loosen(check, 1);
	assert_int_equal(check_send(check, 0, 30), 2);
	event(check, 0, 2);
	result(check, 0, 2, BASE + 3);
	assert_int_equal(check_open(check), 0);
	assert_false(check_is_whole(check));
	event(check, 1, 2);
	assert_true(check_is_whole(check));
	expect(check, (struct check_faults){0});
}

static void keyed(struct check *check, size_t socket, int64_t number, int64_t seq)
{
	char text[400];
	snprintf(text, sizeof(text),
		"{\"type\":\"event\",\"seq\":%" PRId64
		",\"tag\":\"0a0b0c0d\",\"event\":\"start\",\"origin\":{\"key\":\"00ff:%" PRId64
		"\"},\"session\":{\"id\":\"x\",\"version\":%" PRId64 ",\"state\":\"RUNNING\"}}",
		seq, number, seq - BASE);
	say(check, socket, text);
}

/* Commands 0 and 1 are refused or change nothing; 3 makes the first event. */
static void test_too_many(void **state)
{
	(void)state;
	struct check *check = begin();
	check_tolerate(check);
	check_send(check, 0, 30);
	check_send(check, 0, 40);
	say(check, 0, "{\"type\":\"result\",\"id\":1,\"ok\":false,\"error\":{\"code\":\"rateLimited\"}}");
	say(check, 0, "{\"type\":\"result\",\"id\":0,\"ok\":false,\"error\":{\"code\":\"unavailable\"}}");
	say(check, 0,
		"{\"type\":\"result\",\"id\":2,\"ok\":true,\"seq\":40,\"changed\":false,\"duplicate\":"
		"false}");
	keyed(check, 0, 3, BASE + 1);
	keyed(check, 1, 3, BASE + 1);
	result(check, 0, 3, BASE + 1);
	assert_int_equal(check_open(check), 0);
	assert_int_equal(check_figures(check)->limited, 1);
	assert_int_equal(check_figures(check)->unavailable, 1);
	assert_int_equal(check_figures(check)->unchanged, 1);
	expect(check, (struct check_faults){0});
}

static void test_too_many_and_lost(void **state)
{
	(void)state;
	struct check *check = begin();
	check_tolerate(check);
	say(check, 0, "{\"type\":\"result\",\"id\":0,\"ok\":false,\"error\":{\"code\":\"rateLimited\"}}");
	keyed(check, 0, 1, BASE + 1);
	result(check, 0, 1, BASE + 1);
	/* The other socket's event. */
	expect(check, (struct check_faults){.missing = 1});
}

static void test_refused_for_another_reason(void **state)
{
	(void)state;
	struct check *check = begin();
	check_tolerate(check);
	say(check, 0, "{\"type\":\"result\",\"id\":0,\"ok\":false,\"error\":{\"code\":\"internal\"}}");
	say(check, 0, "{\"type\":\"result\",\"id\":0,\"ok\":false,\"error\":{\"code\":\"rateLimited\"}}");
	say(check, 0, "{\"type\":\"result\",\"id\":1,\"ok\":false,\"error\":{\"code\":\"rateLimited\"}}");
	expect(check, (struct check_faults){.refused = 1, .twice = 1});
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
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_replay_without_the_event),
		cmocka_unit_test(test_replay_of_too_much),
		cmocka_unit_test(test_snapshot_instead_of_replay),
		cmocka_unit_test(test_snapshot),
		cmocka_unit_test(test_never_back),
		cmocka_unit_test(test_loose),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_too_many_and_lost),
		cmocka_unit_test(test_refused_for_another_reason),
	};
	return cmocka_run_group_tests_name("load_check", tests, NULL, NULL);
}
