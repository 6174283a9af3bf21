/* Fetching never holds the loop up, though names may be looked up for ever. (What is fetched, and what is not
 * taken, is asked over real sockets in the integration tests.) */
#include "server/clock.h"
#include "server/fetch.h"

#include <ev.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Much less than forever, much more than a busy machine's second thoughts. */
#define SOON_MS 20000

/* Stands before the C library's: no name is ever found. */
__attribute__((visibility("default"))) int getaddrinfo(const char *restrict node,
	const char *restrict service, const struct addrinfo *restrict hints, struct addrinfo **restrict ret);
int getaddrinfo(const char *restrict node, const char *restrict service,
	const struct addrinfo *restrict hints, struct addrinfo **restrict ret)
{
	(void)node;
	(void)service;
	(void)hints;
	(void)ret;
	for (;;)
		pause();
}

struct heard {
	struct ev_loop *loop;
	int times;
	char why[128];
};

static void on_done(void *context, const struct fetch_answer *answer)
{
	struct heard *heard = context;
	heard->times++;
	snprintf(heard->why, sizeof(heard->why), "%s", answer->why ? answer->why : "");
	ev_break(heard->loop, EVBREAK_ALL);
}

static void a_name_that_is_not_found_in_time(void **state)
{
	struct heard heard = {.loop = ev_loop_new(EVFLAG_NOENV)};
	struct fetch *fetch = fetch_create(heard.loop);
	int64_t began_ms = clock_monotonic_ms();
	(void)state;
	fetch_get(fetch, "https://slow.example.org/keys", 100, on_done, &heard);
	assert_int_equal(heard.times, 0);
	ev_run(heard.loop, 0);
	assert_int_equal(heard.times, 1);
	assert_string_equal(heard.why, "no answer in time");
	fetch_destroy(fetch);
	assert_true(clock_monotonic_ms() - began_ms < SOON_MS);
	ev_loop_destroy(heard.loop);
}

static void stop(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)timer;
	(void)events;
	ev_break(loop, EVBREAK_ALL);
}

static void what_is_cancelled_is_not_waited_for(void **state)
{
	struct heard heard = {.loop = ev_loop_new(EVFLAG_NOENV)};
	struct fetch *fetch = fetch_create(heard.loop);
	struct ev_timer timer;
	int64_t began_ms = clock_monotonic_ms();
	(void)state;
	ev_timer_init(&timer, stop, 0.05, 0);
	ev_timer_start(heard.loop, &timer);
	struct fetch_request *early = fetch_get(fetch, "https://slow.example.org/", 50000, on_done, &heard);
	struct fetch_request *late = fetch_get(fetch, "https://slow.example.org/", 50000, on_done, &heard);
	fetch_cancel(early);
	ev_run(heard.loop, 0);
	fetch_cancel(late);
	fetch_cancel(NULL);
	fetch_destroy(fetch);
	fetch_destroy(NULL);
	assert_int_equal(heard.times, 0);
	assert_true(clock_monotonic_ms() - began_ms < SOON_MS);
	ev_loop_destroy(heard.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_that_is_not_found_in_time),
		cmocka_unit_test(what_is_cancelled_is_not_waited_for),
	};
	alarm(4 * SOON_MS / 1000); /* a loop that is held up would be for ever */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
