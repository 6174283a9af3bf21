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
	PACE_STORM,    /* all leave, each `behind` events short, and come back at once (`window` at a time) */
	PACE_REPLAY,   /* one comes back again and again, `behind` events short */
	PACE_SNAPSHOT, /* or with nothing, where there are as many sessions */
	PACE_STUCK,    /* as PACE_SATURATE, of one user, while `stuck` of the sockets do not read */
	PACE_LIST,     /* over HTTP: `users` callers get the list of their `behind` sessions */
	PACE_ACT,      /* or start and pause theirs */
};

struct scenario {
	const char *name, *help;
	enum run_pace pace;
	int users, sockets; /* of each user */
	int active;         /* users that send */
	int window, rate, seconds;
	int behind, stuck;
	int tolerant; /* the server may refuse commands because they are too many */
};

struct run_target {
	const struct peer *peer;
	const char *db;      /* whose key signs the tokens; NULL: a relay */
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
	int64_t rss_peak;            /* while it was measured */
	int64_t rss_after;           /* when all was answered */
	int64_t server_cpu_ms;       /* while it was measured */
	uint64_t bytes;              /* that came meanwhile */
	uint64_t again;              /* connections that did not come about, and were tried again */
	uint64_t slow_closes;        /* of sockets that did not read */
	uint32_t checkpoints;        /* meanwhile, after which the database's log began anew */
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
