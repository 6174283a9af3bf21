#include "tests/bench/load/run.h"

#include "tests/bench/load/course.h"
#include "tests/bench/load/proc.h"

#include <unistd.h>

/* Fewer than may be unauthenticated by default. */
#define CONNECTING_MAX  128
#define CONNECT_SECONDS 180
#define DRAIN_SECONDS   20

static void (*const paces[])(struct run *run) = {
	[PACE_NONE] = pace_none,
	[PACE_SATURATE] = pace_saturate,
	[PACE_RATE] = pace_rate,
};

size_t course_sockets(const struct scenario *scenario)
{
	return (size_t)scenario->users * (size_t)scenario->sockets;
}

bool course_send(struct run *run, size_t user, int64_t due_ns)
{
	int64_t number = check_send(run->check, user, due_ns);
	if (number < 0)
		return false;
	size_t len;
	const char *command = people_command(run->people, user, number, &len);
	pool_send(run->pool, user * (size_t)run->scenario->sockets, command, len);
	return true;
}

void course_fill(struct run *run, size_t user)
{
	while (check_under_way(run->check, user) < run->scenario->window)
		course_send(run, user, ticks_now());
}

static void on_message(void *context, size_t socket, const char *bytes, size_t len, int64_t at_ns)
{
	struct run *run = context;
	size_t user = socket / (size_t)run->scenario->sockets;
	check_message(run->check, socket, bytes, len, at_ns);
	if (run->saturating && user < (size_t)run->scenario->active)
		course_fill(run, user);
}

static void on_gone(void *context, size_t socket, const char *why)
{
	struct run *run = context;
	run->lost = true;
	check_closed(run->check, socket, why);
}

void course_wait(struct run *run, int64_t until_ns)
{
	for (int64_t left_ns; (left_ns = until_ns - ticks_now()) > 0 && !run->lost;)
		pool_wait(run->pool, left_ns < COURSE_WAIT_NS ? left_ns : COURSE_WAIT_NS);
}

void course_drain(struct run *run, int64_t open)
{
	int64_t last = check_open(run->check), progress_ns = ticks_now();
	while (check_open(run->check) > open && !run->lost) {
		pool_wait(run->pool, COURSE_WAIT_NS);
		if (check_open(run->check) < last) {
			last = check_open(run->check);
			progress_ns = ticks_now();
		} else if (ticks_now() - progress_ns > DRAIN_SECONDS * TICKS_SECOND) {
			return;
		}
	}
}

void course_connect(struct run *run, size_t socket, const char *query)
{
	size_t user = socket / (size_t)run->scenario->sockets;
	struct peer_guest guest = {.user = user, .token = people_token(run->people, user), .query = query};
	pool_connect(run->pool, socket, &guest);
}

static void connect_all(struct run *run)
{
	size_t count = course_sockets(run->scenario), started = 0;
	int64_t began_ns = ticks_now();
	while (check_live(run->check) < count && !run->lost) {
		while (started < count && started - check_live(run->check) < CONNECTING_MAX) {
			course_connect(run, started++, "");
		}
		pool_wait(run->pool, COURSE_WAIT_NS);
		if (ticks_now() - began_ns > CONNECT_SECONDS * TICKS_SECOND)
			give_up("of %zu sockets %zu were live in time", count, check_live(run->check));
	}
	run->outcome->connect_seconds = (double)(ticks_now() - began_ns) / (double)TICKS_SECOND;
}

static void add_sessions(struct run *run)
{
	for (int i = 0; i < run->scenario->active; i++) {
		course_send(run, (size_t)i, ticks_now());
		course_drain(run, CONNECTING_MAX);
	}
	course_drain(run, 0);
}

/* The processors are measured over the warm-up, too: the load is the same. */
static void measure(struct run *run)
{
	int64_t began_ns = ticks_now();
	struct proc server = proc_read(run->target->pid), self = proc_read(getpid());
	run->from_ns = began_ns + run->target->warm_up_ms * (TICKS_SECOND / 1000);
	run->until_ns = run->from_ns + run->scenario->seconds * TICKS_SECOND;
	check_measure(run->check, run->from_ns, run->until_ns);
	paces[run->scenario->pace](run);
	double took_ms = (double)(ticks_now() - began_ns) * 1000 / (double)TICKS_SECOND;
	run->outcome->seconds = run->scenario->seconds;
	run->outcome->server_cpu = (double)(proc_read(run->target->pid).cpu_ms - server.cpu_ms) / took_ms;
	run->outcome->load_cpu = (double)(proc_read(getpid()).cpu_ms - self.cpu_ms) / took_ms;
	course_drain(run, 0);
}

void run_scenario(const struct scenario *scenario, const struct run_target *target, struct run_outcome *ret)
{
	struct run run = {.scenario = scenario, .target = target, .outcome = ret};
	struct pool_events events = {.message = on_message, .gone = on_gone, .context = &run};
	*ret = (struct run_outcome){0};
	run.people = people_create(target->db, (size_t)scenario->users, false);
	struct wire_trust *trust = target->trusted ? wire_trust_create(target->trusted) : NULL;
	struct pool_server server = {.peer = target->peer, .port = target->port, .trust = trust};
	run.pool = pool_create(&server, course_sockets(scenario), (size_t)target->per_address, events);
	run.check = check_create(
		(size_t)scenario->users, (size_t)scenario->sockets, (unsigned)target->parse_every);
	ret->rss_before = proc_read(target->pid).rss;
	connect_all(&run);
	ret->rss = proc_read(target->pid).rss;
	add_sessions(&run);
	measure(&run);
	ret->faults = check_end(run.check);
	ret->figures = *check_figures(run.check);
	ret->parsed = check_parsed(run.check);
	pool_destroy(run.pool);
	check_destroy(run.check);
	people_destroy(run.people);
	wire_trust_destroy(trust);
}
