#include "tests/bench/load/run.h"

#include "tests/bench/load/course.h"
#include "tests/bench/load/proc.h"

#include <stdlib.h>
#include <unistd.h>

/* Fewer than may be unauthenticated by default, and than wait for mosquitto to accept them: 100. */
#define CONNECTING_MAX       96
#define CONNECTS_AT_ONCE     64
#define AGAIN_MAX            100000
#define CONNECT_SECONDS      180
#define DRAIN_FAULTY_SECONDS 1
#define DRAIN_SECONDS        20

/* What is done before it is measured, meanwhile, and afterwards. */
struct pace {
	void (*prepare)(struct run *run), (*go)(struct run *run), (*after)(struct run *run);
};

static const struct pace paces[] = {
	[PACE_NONE] = {.go = pace_none},
	[PACE_SATURATE] = {.go = pace_saturate},
	[PACE_RATE] = {.go = pace_rate},
	[PACE_STORM] = {back_prepare_storm, back_storm, back_after_storm},
	[PACE_REPLAY] = {.prepare = back_prepare_replay, .go = back_replay},
	[PACE_SNAPSHOT] = {.prepare = back_prepare_snapshot, .go = back_snapshot},
	[PACE_STUCK] = {stuck_prepare, stuck_saturate, stuck_after},
	[PACE_LIST] = {.prepare = rest_prepare, .go = rest_go},
	[PACE_ACT] = {.prepare = rest_prepare, .go = rest_go},
};

size_t course_sockets(const struct scenario *scenario)
{
	return (size_t)scenario->users * (size_t)scenario->sockets;
}

/* Publishers that are apart come behind all others. */
static size_t publishers_of(const struct run *run)
{
	return run->target->peer->apart ? (size_t)run->scenario->active : 0;
}

static size_t sender_of(const struct run *run, size_t user)
{
	return publishers_of(run) ? course_sockets(run->scenario) + user
				  : user * (size_t)run->scenario->sockets;
}

bool course_send(struct run *run, size_t user, int64_t due_ns)
{
	int64_t number = check_send(run->check, user, due_ns);
	if (number < 0)
		return false;
	size_t len;
	const char *command = people_command(run->people, user, number, &len);
	pool_send(run->pool, sender_of(run, user), command, len);
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
	if (stuck_is_one(run, socket)) {
		stuck_gone(run, socket, why);
		return;
	}
	if (run->places && !check_is_live(run->check, socket) && run->outcome->again < AGAIN_MAX) {
		run->again[run->again_count++] = socket;
		run->outcome->again++;
		return;
	}
	run->lost = true;
	check_closed(run->check, socket, why);
}

void course_wait(struct run *run, int64_t until_ns)
{
	for (int64_t left_ns; (left_ns = until_ns - ticks_now()) > 0 && !run->lost;)
		pool_wait(run->pool, left_ns < COURSE_WAIT_NS ? left_ns : COURSE_WAIT_NS);
}

/* Behind a fault there may be nothing that could still come. */
static int64_t drain_ns(const struct run *run)
{
	return (check_is_faulty(run->check) ? DRAIN_FAULTY_SECONDS : DRAIN_SECONDS) * TICKS_SECOND;
}

void course_drain(struct run *run, int64_t open)
{
	int64_t last = check_open(run->check), progress_ns = ticks_now();
	while (check_open(run->check) > open && !run->lost) {
		pool_wait(run->pool, COURSE_WAIT_NS);
		if (check_open(run->check) < last) {
			last = check_open(run->check);
			progress_ns = ticks_now();
		} else if (ticks_now() - progress_ns > drain_ns(run)) {
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

/* Those whose connection did not come about, as a client would. Their time began with the first attempt. */
static void connect_again(struct run *run)
{
	while (run->again_count) {
		size_t socket = run->again[--run->again_count];
		check_leave(run->check, socket, run->places[socket].seq);
		course_connect(run, socket, run->places[socket].query);
	}
}

/* Some at a time, lest the first answers wait until all have begun. */
static void connect_some(struct run *run, size_t at_once, size_t *started)
{
	size_t count = course_sockets(run->scenario);
	for (int i = 0; i < CONNECTS_AT_ONCE; i++) {
		if (*started == count || *started - check_live(run->check) >= at_once)
			return;
		if (run->places)
			check_return(run->check, *started, RETURN_TO_REPLAY, ticks_now());
		course_connect(run, *started, run->places ? run->places[*started].query : "");
		(*started)++;
	}
}

void course_connect_all(struct run *run, size_t at_once)
{
	size_t count = course_sockets(run->scenario), started = 0;
	int64_t began_ns = ticks_now();
	while (check_live(run->check) < count && !run->lost) {
		connect_some(run, at_once, &started);
		connect_again(run);
		bool waits = started == count || started - check_live(run->check) >= at_once;
		pool_wait(run->pool, waits ? COURSE_WAIT_NS : 0);
		if (ticks_now() - began_ns > CONNECT_SECONDS * TICKS_SECOND)
			give_up("of %zu sockets %zu were live in time", count, check_live(run->check));
	}
	for (size_t i = 0; i < publishers_of(run); i++)
		pool_connect(run->pool, count + i, &(struct peer_guest){.user = i, .publishes = true});
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

static void measure(struct run *run)
{
	int64_t began_ns = ticks_now();
	struct run_outcome *outcome = run->outcome;
	struct proc server = proc_read(run->target->pid), self = proc_read(getpid());
	uint64_t bytes = pool_bytes(run->pool);
	uint32_t restarts = proc_log_restarts(run->target->db);
	run->from_ns = began_ns + run->target->warm_up_ms * (TICKS_SECOND / 1000);
	run->until_ns = run->from_ns + run->scenario->seconds * TICKS_SECOND;
	check_measure(run->check, run->from_ns, run->until_ns);
	outcome->seconds = run->scenario->seconds;
	paces[run->scenario->pace].go(run);
	/* The processors are measured over the warm-up, too: the load is the same. */
	double took_ms = (double)(ticks_now() - began_ns) * 1000 / (double)TICKS_SECOND;
	struct proc after = proc_read(run->target->pid);
	outcome->server_cpu_ms = after.cpu_ms - server.cpu_ms;
	outcome->server_cpu = (double)outcome->server_cpu_ms / took_ms;
	outcome->load_cpu = (double)(proc_read(getpid()).cpu_ms - self.cpu_ms) / took_ms;
	outcome->bytes = pool_bytes(run->pool) - bytes;
	outcome->checkpoints = proc_log_restarts(run->target->db) - restarts;
}

static void go_through(struct run *run)
{
	const struct pace *pace = &paces[run->scenario->pace];
	run->outcome->rss_before = proc_read(run->target->pid).rss;
	run->descriptors = proc_descriptors(run->target->pid);
	course_connect_all(run, CONNECTING_MAX);
	run->outcome->rss = proc_read(run->target->pid).rss;
	add_sessions(run);
	if (pace->prepare)
		pace->prepare(run);
	proc_forget_peak(run->target->pid);
	if (!run->lost)
		measure(run);
	course_drain(run, 0);
	struct proc after = proc_read(run->target->pid);
	run->outcome->rss_peak = after.peak;
	run->outcome->rss_after = after.rss;
	if (pace->after && !run->lost)
		pace->after(run);
}

static void begin(struct run *run)
{
	const struct scenario *scenario = run->scenario;
	const struct run_target *target = run->target;
	struct pool_events events = {.message = on_message, .gone = on_gone, .context = run};
	run->trust = target->trusted ? wire_trust_create(target->trusted) : NULL;
	struct pool_server server = {.peer = target->peer, .port = target->port, .trust = run->trust};
	bool adds = scenario->pace == PACE_SNAPSHOT || scenario->pace == PACE_LIST;
	run->people = people_create(target->db, (size_t)scenario->users, adds);
	size_t sockets = course_sockets(scenario) + publishers_of(run);
	run->pool = pool_create(&server, sockets, (size_t)target->per_address, events);
	run->check = check_create(
		(size_t)scenario->users, (size_t)scenario->sockets, (unsigned)target->parse_every);
	if (target->peer->relays)
		check_events_only(run->check);
	if (adds)
		check_adds(run->check);
	if (scenario->tolerant)
		check_tolerate(run->check);
}

static void finish(struct run *run)
{
	pool_destroy(run->pool);
	check_destroy(run->check);
	people_destroy(run->people);
	wire_trust_destroy(run->trust);
	free(run->places);
	free(run->again);
	free(run->stuck);
	rest_finish(run);
}

void run_scenario(const struct scenario *scenario, const struct run_target *target, struct run_outcome *ret)
{
	struct run run = {.scenario = scenario, .target = target, .outcome = ret};
	*ret = (struct run_outcome){0};
	begin(&run);
	go_through(&run);
	ret->faults = check_end(run.check);
	ret->figures = *check_figures(run.check);
	ret->parsed = check_parsed(run.check);
	finish(&run);
}
