/* Sockets that come back to where they were. */
#include "tests/bench/load/course.h"
#include "tests/bench/load/proc.h"

#include <stdlib.h>

#define SAYING_MAX        2000 /* commands under way of all users, when it does not matter how fast */
#define GONE_WAIT_NS      (TICKS_SECOND / 20)
#define DESCRIPTORS_SPARE 16 /* files that it opens only when it needs them */

static void note_places(struct run *run)
{
	size_t count = course_sockets(run->scenario);
	run->places = calloc(count, sizeof(*run->places));
	run->again = calloc(count, sizeof(*run->again));
	if (!run->places || !run->again)
		give_up("memory");
	for (size_t i = 0; i < count; i++) {
		run->places[i].seq = check_seq(run->check, i);
		check_place(run->check, i, run->places[i].query);
	}
}

static void say(struct run *run, int count)
{
	for (int k = 0; k < count; k++) {
		for (int user = 0; user < run->scenario->active; user++) {
			course_send(run, (size_t)user, ticks_now());
			course_drain(run, SAYING_MAX);
		}
		course_drain(run, 0);
	}
}

/* Until the server has closed what was closed: else it may have too many of an address. */
static void wait_until_gone(struct run *run)
{
	int64_t began_ns = ticks_now();
	while (proc_descriptors(run->target->pid) > run->descriptors + DESCRIPTORS_SPARE) {
		course_wait(run, ticks_now() + GONE_WAIT_NS);
		if (ticks_now() - began_ns > COURSE_PATIENCE_S * TICKS_SECOND)
			give_up("the server keeps sockets that are closed");
	}
}

void back_prepare_storm(struct run *run)
{
	note_places(run);
	say(run, run->scenario->behind);
	if (run->lost)
		return;
	for (size_t i = 0; i < course_sockets(run->scenario); i++) {
		pool_leave(run->pool, i);
		check_leave(run->check, i, run->places[i].seq);
	}
	wait_until_gone(run);
}

void back_storm(struct run *run)
{
	int64_t began_ns = ticks_now();
	int window = run->scenario->window;
	course_connect_all(run, window ? (size_t)window : course_sockets(run->scenario));
	run->outcome->seconds = (double)(ticks_now() - began_ns) / (double)TICKS_SECOND;
}

/* They are live indeed: each user says something, and all of the user's sockets get it. */
void back_after_storm(struct run *run)
{
	say(run, 1);
}

void back_prepare_replay(struct run *run)
{
	note_places(run);
	say(run, run->scenario->behind);
}

/* The first one has been added. */
void back_prepare_snapshot(struct run *run)
{
	say(run, run->scenario->behind - 1);
}

/* One socket leaves and comes back. */
static void come_back(struct run *run, enum check_return how, int64_t seq, const char *query)
{
	int64_t began_ns = ticks_now();
	pool_leave(run->pool, 0);
	check_leave(run->check, 0, seq);
	check_return(run->check, 0, how, began_ns);
	course_connect(run, 0, query);
	while (!check_is_live(run->check, 0) && !run->lost) {
		pool_wait(run->pool, COURSE_WAIT_NS);
		if (ticks_now() - began_ns > COURSE_PATIENCE_S * TICKS_SECOND)
			give_up("did not come back in time");
	}
}

void back_replay(struct run *run)
{
	const struct place *place = &run->places[0];
	while (ticks_now() < run->until_ns && !run->lost)
		come_back(run, RETURN_TO_REPLAY, place->seq, place->query);
}

void back_snapshot(struct run *run)
{
	while (ticks_now() < run->until_ns && !run->lost)
		come_back(run, RETURN_TO_SNAPSHOT, 0, "");
}
