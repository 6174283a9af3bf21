/* How commands are spread over time. */
#include "tests/bench/load/course.h"
#include "tests/bench/load/proc.h"

/* So many are sent before what has come is read. */
#define SENDS_AT_ONCE 32

/* By the end what connecting took is given back. */
void pace_none(struct run *run)
{
	course_wait(run, run->until_ns);
	run->outcome->rss = proc_read(run->target->pid).rss;
}

void pace_saturate(struct run *run)
{
	run->saturating = true;
	for (int i = 0; i < run->scenario->active; i++)
		course_fill(run, (size_t)i);
	course_wait(run, run->until_ns);
	run->saturating = false;
}

static int64_t due_of(const struct scenario *scenario, int64_t began_ns, int64_t number)
{
	int64_t seconds = number / scenario->rate, rest = number % scenario->rate;
	return began_ns + seconds * TICKS_SECOND + rest * TICKS_SECOND / scenario->rate;
}

void pace_rate(struct run *run)
{
	const struct scenario *scenario = run->scenario;
	int64_t began_ns = ticks_now(), number = 0, due_ns = began_ns;
	while (due_ns < run->until_ns && !run->lost) {
		int64_t now_ns = ticks_now();
		for (int i = 0; i < SENDS_AT_ONCE && due_ns <= now_ns && due_ns < run->until_ns; i++) {
			if (!course_send(run, (size_t)(number % scenario->active), due_ns))
				run->outcome->dropped++;
			if (due_ns >= run->from_ns)
				histogram_add(&run->outcome->lag, now_ns - due_ns);
			due_ns = due_of(scenario, began_ns, ++number);
		}
		int64_t wait_ns = due_ns - ticks_now();
		pool_wait(run->pool, wait_ns < 0 ? 0 : wait_ns < COURSE_WAIT_NS ? wait_ns : COURSE_WAIT_NS);
	}
}
