#include "tests/bench/load/run.h"

#include "auth/local.h"
#include "protocol/text.h"
#include "protocol/uuid.h"
#include "tests/bench/load/pool.h"
#include "tests/bench/load/proc.h"
#include "tests/bench/load/ticks.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* Fewer than may be unauthenticated by default. */
#define CONNECTING_MAX  128
#define CONNECT_SECONDS 180
#define DRAIN_SECONDS   20
#define TOKEN_MINUTES   600
/* So many are sent before what has come is read. */
#define SENDS_AT_ONCE 32
#define WAIT_NS       (TICKS_SECOND / 100)

struct run {
	const struct scenario *scenario;
	const struct run_target *target;
	struct run_outcome *outcome;
	struct pool *pool;
	struct check *check;
	struct text command;
	char (*sessions)[UUID_TEXT]; /* one for each active user */
	uint32_t key;                /* of this run: keys of an earlier one are other keys */
	int64_t from_ns;             /* what is due earlier is warm-up */
	bool saturating;
	bool lost;
};

__attribute__((noreturn, format(printf, 1, 2))) static void give_up(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("load: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static int64_t wall_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static size_t sockets_of(const struct scenario *scenario)
{
	return (size_t)scenario->users * (size_t)scenario->sockets;
}

/* --- Commands
 * -------------------------------------------------------------------------------------------------- */

static void make_command(struct run *run, size_t user, int64_t number)
{
	const char *type = number == 0 ? "addSession" : number % 2 ? "start" : "pause";
	text_clear(&run->command);
	text_append_format(&run->command,
		"{\"type\":\"%s\",\"id\":%" PRId64 ",\"key\":\"%08" PRIx32 ":%" PRId64
		"\",\"session\":\"%s\"",
		type, number, run->key, number, run->sessions[user]);
	if (number == 0)
		text_append_string(&run->command,
			",\"title\":\"Reading and "
			"writing\",\"initialDuration\":86400,\"dailyGoalMinutes\":90");
	text_append_string(&run->command, "}");
}

static bool send_command(struct run *run, size_t user, int64_t due_ns)
{
	int64_t number = check_send(run->check, user, due_ns);
	if (number < 0)
		return false;
	make_command(run, user, number);
	pool_send(run->pool, user * (size_t)run->scenario->sockets, run->command.data, run->command.len);
	return true;
}

static void fill_window(struct run *run, size_t user)
{
	while (check_under_way(run->check, user) < run->scenario->window)
		send_command(run, user, ticks_now());
}

static void on_message(void *context, size_t socket, const char *bytes, size_t len, int64_t at_ns)
{
	struct run *run = context;
	size_t user = socket / (size_t)run->scenario->sockets;
	check_message(run->check, socket, bytes, len, at_ns);
	if (run->saturating && user < (size_t)run->scenario->active)
		fill_window(run, user);
}

static void on_gone(void *context, size_t socket, const char *why)
{
	struct run *run = context;
	run->lost = true;
	check_closed(run->check, socket, why);
}

/* --- The course
 * ------------------------------------------------------------------------------------------------ */

static char *make_token(const struct local *local, int user)
{
	char name[32], *token;
	struct refusal why = {0};
	snprintf(name, sizeof(name), "load-%d", user);
	if (local_mint(local, name, NULL, NULL, wall_ms(), TOKEN_MINUTES, &token, &why))
		give_up("%s", why.message);
	return token;
}

static char **make_tokens(const struct run *run)
{
	struct local *local;
	struct refusal why = {0};
	char **tokens = calloc((size_t)run->scenario->users, sizeof(*tokens));
	if (!tokens || local_open(run->target->db, &local, &why))
		give_up("%s", why.message);
	for (int i = 0; i < run->scenario->users; i++)
		tokens[i] = make_token(local, i);
	local_destroy(local);
	return tokens;
}

/* Waits until no more than `open` commands are under way, for as long as there is progress: a server that was
 * asked for too much is late, and has lost nothing. */
static void drain(struct run *run, int64_t open)
{
	int64_t last = check_open(run->check), progress_ns = ticks_now();
	while (check_open(run->check) > open && !run->lost) {
		pool_wait(run->pool, WAIT_NS);
		if (check_open(run->check) < last) {
			last = check_open(run->check);
			progress_ns = ticks_now();
		} else if (ticks_now() - progress_ns > DRAIN_SECONDS * TICKS_SECOND) {
			return;
		}
	}
}

static void connect_all(struct run *run)
{
	char **tokens = make_tokens(run);
	size_t count = sockets_of(run->scenario), started = 0;
	int64_t began_ns = ticks_now();
	while (check_live(run->check) < count && !run->lost) {
		while (started < count && started - check_live(run->check) < CONNECTING_MAX) {
			size_t user = started / (size_t)run->scenario->sockets;
			pool_connect(run->pool, started, user, tokens[user]);
			started++;
		}
		pool_wait(run->pool, WAIT_NS);
		if (ticks_now() - began_ns > CONNECT_SECONDS * TICKS_SECOND)
			give_up("of %zu sockets %zu were live in time", count, check_live(run->check));
	}
	run->outcome->connect_seconds = (double)(ticks_now() - began_ns) / (double)TICKS_SECOND;
	for (int i = 0; i < run->scenario->users; i++)
		free(tokens[i]);
	free(tokens);
}

static void add_sessions(struct run *run)
{
	size_t active = (size_t)run->scenario->active;
	run->sessions = calloc(active + 1, sizeof(*run->sessions));
	if (!run->sessions)
		give_up("memory");
	for (size_t i = 0; i < active; i++) {
		uint8_t random[10];
		if (getrandom(random, sizeof(random), 0) != sizeof(random))
			give_up("no random bytes");
		struct uuid id = uuid_make(wall_ms(), random);
		uuid_format(&id, run->sessions[i]);
		send_command(run, i, ticks_now());
		drain(run, CONNECTING_MAX);
	}
	drain(run, 0);
}

static void wait_until(struct run *run, int64_t until_ns)
{
	for (int64_t left_ns; (left_ns = until_ns - ticks_now()) > 0 && !run->lost;)
		pool_wait(run->pool, left_ns < WAIT_NS ? left_ns : WAIT_NS);
}

static void saturate(struct run *run, int64_t until_ns)
{
	run->saturating = true;
	for (int i = 0; i < run->scenario->active; i++)
		fill_window(run, (size_t)i);
	wait_until(run, until_ns);
	run->saturating = false;
}

static int64_t due_of(const struct scenario *scenario, int64_t began_ns, int64_t number)
{
	int64_t seconds = number / scenario->rate, rest = number % scenario->rate;
	return began_ns + seconds * TICKS_SECOND + rest * TICKS_SECOND / scenario->rate;
}

static void send_when_due(struct run *run, int64_t until_ns)
{
	const struct scenario *scenario = run->scenario;
	int64_t began_ns = ticks_now(), number = 0, due_ns = began_ns;
	while (due_ns < until_ns && !run->lost) {
		int64_t now_ns = ticks_now();
		for (int i = 0; i < SENDS_AT_ONCE && due_ns <= now_ns && due_ns < until_ns; i++) {
			if (!send_command(run, (size_t)(number % scenario->active), due_ns))
				run->outcome->dropped++;
			if (due_ns >= run->from_ns)
				histogram_add(&run->outcome->lag, now_ns - due_ns);
			due_ns = due_of(scenario, began_ns, ++number);
		}
		int64_t wait_ns = due_ns - ticks_now();
		pool_wait(run->pool, wait_ns < 0 ? 0 : wait_ns < WAIT_NS ? wait_ns : WAIT_NS);
	}
}

/* The processors are measured over the warm-up, too: the load is the same. */
static void measure(struct run *run)
{
	const struct scenario *scenario = run->scenario;
	int64_t began_ns = ticks_now();
	int64_t from_ns = began_ns + run->target->warm_up_ms * (TICKS_SECOND / 1000);
	int64_t until_ns = from_ns + scenario->seconds * TICKS_SECOND;
	struct proc server = proc_read(run->target->pid), self = proc_read(getpid());
	run->from_ns = from_ns;
	check_measure(run->check, from_ns, until_ns);
	switch (scenario->pace) {
	case PACE_NONE:
		/* By then what connecting took is given back. */
		wait_until(run, until_ns);
		run->outcome->rss = proc_read(run->target->pid).rss;
		break;
	case PACE_SATURATE:
		saturate(run, until_ns);
		break;
	case PACE_RATE:
		send_when_due(run, until_ns);
		break;
	}
	double took_ms = (double)(ticks_now() - began_ns) * 1000 / (double)TICKS_SECOND;
	run->outcome->seconds = scenario->seconds;
	run->outcome->server_cpu = (double)(proc_read(run->target->pid).cpu_ms - server.cpu_ms) / took_ms;
	run->outcome->load_cpu = (double)(proc_read(getpid()).cpu_ms - self.cpu_ms) / took_ms;
	drain(run, 0);
}

void run_scenario(const struct scenario *scenario, const struct run_target *target, struct run_outcome *ret)
{
	struct run run = {.scenario = scenario, .target = target, .outcome = ret};
	struct pool_events events = {.message = on_message, .gone = on_gone, .context = &run};
	*ret = (struct run_outcome){0};
	if (getrandom(&run.key, sizeof(run.key), 0) != sizeof(run.key))
		give_up("no random bytes");
	run.pool = pool_create(
		target->peer, target->port, sockets_of(scenario), (size_t)target->per_address, events);
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
	text_finish(&run.command);
	free(run.sessions);
}
