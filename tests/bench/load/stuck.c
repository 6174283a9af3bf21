/* Sockets that stop reading, are closed for it, and come back to stop again, while one user's events go to
 * all. */
#include "tests/bench/load/course.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So long nothing is read: more than a server waits, less than after which it cuts the connection. */
#define HELD_NS (5 * TICKS_SECOND / 2)
#define SLOW    "closed with 4408"

struct stuck {
	bool held, gone;
	int64_t since_ns;
};

static size_t count_of(const struct run *run)
{
	return (size_t)run->scenario->stuck;
}

/* The last ones: the first one sends. */
static size_t socket_of(const struct run *run, size_t i)
{
	return course_sockets(run->scenario) - 1 - i;
}

bool stuck_is_one(const struct run *run, size_t socket)
{
	return run->stuck && socket >= course_sockets(run->scenario) - count_of(run);
}

void stuck_gone(struct run *run, size_t socket, const char *why)
{
	struct stuck *stuck = &run->stuck[course_sockets(run->scenario) - 1 - socket];
	if (strncmp(why, SLOW, strlen(SLOW)) == 0)
		run->outcome->slow_closes++;
	else
		check_closed(run->check, socket, why);
	*stuck = (struct stuck){.gone = true};
}

void stuck_prepare(struct run *run)
{
	run->stuck = calloc(count_of(run) + 1, sizeof(*run->stuck));
	if (!run->stuck)
		give_up("memory");
	for (size_t i = 0; i < count_of(run); i++)
		check_loosen(run->check, socket_of(run, i));
}

static void hold(struct run *run, size_t i, bool held)
{
	run->stuck[i].held = held;
	run->stuck[i].since_ns = ticks_now();
	pool_hold(run->pool, socket_of(run, i), held);
}

static void come_back(struct run *run, size_t i)
{
	char place[CHECK_PLACE];
	size_t socket = socket_of(run, i);
	check_place(run->check, socket, place);
	check_leave(run->check, socket, check_seq(run->check, socket));
	check_return(run->check, socket, RETURN_TO_EITHER, ticks_now());
	run->stuck[i] = (struct stuck){.since_ns = ticks_now()};
	course_connect(run, socket, place);
}

/* One that reads stops as soon as `stops` says so. */
static void step(struct run *run, size_t i, bool stops)
{
	struct stuck *stuck = &run->stuck[i];
	bool live = check_is_live(run->check, socket_of(run, i));
	int64_t since_ns = ticks_now() - stuck->since_ns;
	if (stuck->gone)
		come_back(run, i);
	else if (stuck->held && (since_ns > HELD_NS || !stops))
		hold(run, i, false);
	else if (!stuck->held && live && stops && since_ns > HELD_NS)
		hold(run, i, true);
}

void stuck_saturate(struct run *run)
{
	for (size_t i = 0; i < count_of(run); i++)
		hold(run, i, true);
	run->saturating = true;
	course_fill(run, 0);
	while (ticks_now() < run->until_ns && !run->lost) {
		course_wait(run, ticks_now() + COURSE_WAIT_NS);
		for (size_t i = 0; i < count_of(run); i++)
			step(run, i, true);
	}
	run->saturating = false;
}

/* All come back, and get what they have missed. */
void stuck_after(struct run *run)
{
	int64_t began_ns = ticks_now();
	do {
		for (size_t i = 0; i < count_of(run); i++)
			step(run, i, false);
		course_wait(run, ticks_now() + COURSE_WAIT_NS);
	} while (!check_is_whole(run->check) && !run->lost &&
		 ticks_now() - began_ns < COURSE_PATIENCE_S * TICKS_SECOND);
}
