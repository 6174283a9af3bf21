/* One run of a scenario against a server that is there: sign in, connect, load, look at what came. Knows the
 * whole course; knows no command line and prints no figures. */
#ifndef LOCKSTEP_TESTS_BENCH_LOAD_RUN_H
#define LOCKSTEP_TESTS_BENCH_LOAD_RUN_H

#include "tests/bench/load/check.h"
#include "tests/bench/load/peer.h"

enum run_pace {
	PACE_NONE,     /* connect only */
	PACE_SATURATE, /* each active user has `window` commands under way, always */
	PACE_RATE,     /* one is due every 1/rate s, whatever became of those before, of one active user after
			  another */
};

struct scenario {
	const char *name, *help;
	enum run_pace pace;
	int users, sockets; /* of each user */
	int active;         /* users that send */
	int window, rate, seconds;
};

struct run_target {
	const struct peer *peer;
	const char *db;      /* whose key signs the tokens */
	const char *trusted; /* file of the certificate that it has; NULL: no TLS */
	int port;
	int pid; /* the server's; 0: not known */
	int per_address;
	int parse_every;
	int warm_up_ms;
};

struct run_outcome {
	double connect_seconds, seconds;
	int64_t rss_before, rss;     /* of the server, before and with all the sockets */
	double server_cpu, load_cpu; /* processors in use while it was measured */
	uint64_t dropped;            /* commands that were due while too many of their user were under way */
	struct histogram lag; /* from when a command was due to when it went out: this program's own fault */
	struct check_figures figures;
	struct check_faults faults;
	uint64_t parsed;
};

/* `ret` is large. A run that cannot be done (no server, no key) ends the process. */
void run_scenario(const struct scenario *scenario, const struct run_target *target, struct run_outcome *ret);

#endif
