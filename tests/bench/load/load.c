/* Puts a load on a server that is running, checks every message that it sends, and prints a line of JSON.
 * `load` alone says how it is called. Exit code 1 when something is missing, came twice, out of order or
 * wrong.
 */
#include "tests/bench/load/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct scenario scenarios[] = {
	/* name     what                                                pace           users sockets active window rate seconds behind stuck tolerant */
	{"durable",  "as many durable commands as it can",               PACE_SATURATE,  333,  3,  333,  3,     0, 5,   0, 0, 0},
	{"rate",     "so many commands a second, each due at its time",  PACE_RATE,      333,  3,  333,  0,  5000, 5,   0, 0, 0},
	{"past",     "more than it can: it may refuse some",             PACE_RATE,      333,  3,  333,  0, 40000, 5,   0, 0, 1},
	{"crowd",    "the same with ten thousand sockets",               PACE_RATE,     3333,  3, 3333,  0, 20000, 5,   0, 0, 0},
	{"few",      "ten thousand sockets, of which a hundred send",    PACE_RATE,    10000,  1,  100,  0,  5000, 5,   0, 0, 0},
	{"fanout",   "one user's events to all of the user's sockets",   PACE_SATURATE,    1, 1000,  1,  4,     0, 5,   0, 0, 0},
	{"stuck",    "the same, while one socket does not read",         PACE_STUCK,       1, 1000,  1,  4,     0, 10,  0, 1, 0},
	{"idle",     "signed in and silent",                             PACE_NONE,    10000,  1,    0,  0,     0, 1,   0, 0, 0},
	{"storm",    "all come back at once, and have missed something", PACE_STORM,   10000,  1, 10000, 0,     0, 0,  10, 0, 0},
	{"replay",   "one comes back, and has missed something",         PACE_REPLAY,      1,  1,    1,  0,     0, 3, 100, 0, 0},
	{"list",     "HTTP: lists of timers, a connection each",         PACE_LIST,       64,  0,    0,  0,     0, 5,  20, 0, 0},
	{"act",      "HTTP: start and pause, a connection each",         PACE_ACT,        64,  0,    0,  0,     0, 5,   1, 0, 0},
	{"snapshot", "one comes with nothing, and gets all sessions",    PACE_SNAPSHOT,    1,  1,    1,  0,     0, 3, 100, 0, 0},
};
/* clang-format on */
#define SCENARIOS (sizeof(scenarios) / sizeof(scenarios[0]))

static const char usage[] =
	"usage: load SCENARIO --db FILE --port PORT [--peer NAME] [--tls CERTIFICATE] [--pid PID]\n"
	"            [--users N] [--sockets N] [--active N] [--window N] [--rate N] [--seconds N]\n"
	"            [--warm-up MS] [--per-address N] [--parse-every N] [--behind N] [--stuck N] [--tolerant "
	"0|1]\n"
	"FILE is the server's database: the key beside it signs the tokens. A relay has none.\n";

struct settings {
	struct scenario scenario;
	const char *peer;
	struct run_target target;
};

/* One of the two. */
struct row {
	const char *name;
	int *number;
	const char **text;
};

__attribute__((noreturn)) static void explain(void)
{
	TEXT_AUTO peers = {0};
	fputs(usage, stderr);
	for (size_t i = 0; i < SCENARIOS; i++)
		fprintf(stderr, "  %-8s %s\n", scenarios[i].name, scenarios[i].help);
	peer_append_names(&peers);
	fprintf(stderr, "peers: %s\n", peers.data);
	exit(2);
}

static const struct scenario *find_scenario(const char *name)
{
	for (size_t i = 0; i < SCENARIOS; i++) {
		if (strcmp(scenarios[i].name, name) == 0)
			return &scenarios[i];
	}
	explain();
}

static int read_number(const char *text)
{
	char *end;
	long number = strtol(text, &end, 10);
	if (!*text || *end || number < 0 || number > 10000000)
		explain();
	return (int)number;
}

static bool is_possible(const struct scenario *scenario)
{
	bool has_window = scenario->window > 0 && scenario->window <= CHECK_UNDER_WAY;
	switch (scenario->pace) {
	case PACE_NONE:
		return scenario->sockets > 0;
	case PACE_SATURATE:
		return scenario->sockets && scenario->active && has_window;
	case PACE_STUCK:
		return scenario->users == 1 && scenario->active && has_window &&
		       scenario->stuck < scenario->sockets;
	case PACE_RATE:
		return scenario->sockets && scenario->active && scenario->rate;
	case PACE_STORM:
		return scenario->sockets && scenario->active == scenario->users && scenario->behind;
	case PACE_REPLAY:
	case PACE_SNAPSHOT:
		return scenario->users == 1 && scenario->sockets == 1 && scenario->active && scenario->behind;
	case PACE_LIST:
	case PACE_ACT:
		return !scenario->sockets && !scenario->active && scenario->behind;
	}
	return false;
}

/* What cannot be is refused here, so that nobody divides by it later. */
static void check_settings(const struct settings *settings)
{
	const struct run_target *target = &settings->target;
	if (!target->peer || !target->db != target->peer->relays || !target->port || !target->per_address ||
		!target->parse_every || !settings->scenario.users || !is_possible(&settings->scenario))
		explain();
}

static void read_setting(const struct row *row, const char *word)
{
	if (row->text)
		*row->text = word;
	else
		*row->number = read_number(word);
}

static void read_settings(int argc, char **argv, struct settings *settings)
{
	const struct row rows[] = {
		{"peer", .text = &settings->peer},
		{"db", .text = &settings->target.db},
		{"tls", .text = &settings->target.trusted},
		{"port", .number = &settings->target.port},
		{"pid", .number = &settings->target.pid},
		{"per-address", .number = &settings->target.per_address},
		{"parse-every", .number = &settings->target.parse_every},
		{"warm-up", .number = &settings->target.warm_up_ms},
		{"users", .number = &settings->scenario.users},
		{"sockets", .number = &settings->scenario.sockets},
		{"active", .number = &settings->scenario.active},
		{"window", .number = &settings->scenario.window},
		{"rate", .number = &settings->scenario.rate},
		{"seconds", .number = &settings->scenario.seconds},
		{"behind", .number = &settings->scenario.behind},
		{"stuck", .number = &settings->scenario.stuck},
		{"tolerant", .number = &settings->scenario.tolerant},
	};
	const size_t count = sizeof(rows) / sizeof(rows[0]);
	for (int i = 2; i < argc; i += 2) {
		size_t row = 0;
		if (strncmp(argv[i], "--", 2) != 0 || i + 1 == argc)
			explain();
		while (row < count && strcmp(rows[row].name, argv[i] + 2) != 0)
			row++;
		if (row == count)
			explain();
		read_setting(&rows[row], argv[i + 1]);
	}
	settings->target.peer = peer_find(settings->peer);
	if (settings->scenario.active > settings->scenario.users)
		settings->scenario.active = settings->scenario.users;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		explain();
	struct settings settings = {.scenario = *find_scenario(argv[1]),
		.peer = peer_lockstep.name,
		.target = {.per_address = 64, .parse_every = 256, .warm_up_ms = 1000}};
	read_settings(argc, argv, &settings);
	check_settings(&settings);
	struct run_outcome *outcome = malloc(sizeof(*outcome));
	if (!outcome)
		abort();
	run_scenario(&settings.scenario, &settings.target, outcome);
	report_print(&settings.scenario, outcome);
	const struct check_faults *faults = &outcome->faults;
	bool failed = faults->missing || faults->twice || faults->disorder || faults->refused ||
		      faults->wrong || faults->closed;
	free(outcome);
	return failed;
}
