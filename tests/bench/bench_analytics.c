/* What analytics of a busy user cost on the engine's thread, from the store to the encoded answer: five years
 * with 2,000 sessions and 50,000 intervals; once without goals, once with ten that are met on every day, so
 * that the streak reaches back to the first.
 *
 *     bench_analytics [folder [rounds]]
 */
#include "server/views.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DAYS         1826
#define SESSIONS     2000
#define TIMERS       500
#define GROUPS       20
#define GOALS        10
#define GOAL_MINUTES 20
#define INTERVALS    50000
#define MINUTE       60000LL
#define DAY_MS       (1440 * MINUTE)
#define FIRST_DAY    18628 /* 2021-01-01 */
#define BEGIN_MS     (FIRST_DAY * DAY_MS)
#define NOW_MS       (BEGIN_MS + DAYS * DAY_MS - MINUTE)

struct bench {
	struct store *store;
	char path[4096];
	int rounds;
	int64_t *waits; /* in ns */
	int64_t uids[2];
	int64_t ends_ms[SESSIONS]; /* of each session's last interval */
};

static int64_t clock_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void must(const struct bench *bench, enum err err)
{
	if (!err)
		return;
	fprintf(stderr, "bench_analytics: %s\n", store_message(bench->store));
	exit(1);
}

static struct uuid make_id(uint64_t number)
{
	struct uuid id = {{0}};
	number *= 0x9e3779b97f4a7c15u;
	memcpy(id.bytes, &number, sizeof(number));
	id.bytes[15] = 1;
	return id;
}

static void add_sessions(struct bench *bench, int64_t uid)
{
	for (unsigned i = 0; i < GROUPS; i++) {
		struct group group = {.id = make_id(SESSIONS + i), .version = 1};
		snprintf(group.name, sizeof(group.name), "Project %u", i);
		must(bench, store_group_write(bench->store, uid, &group));
	}
	for (unsigned i = 0; i < SESSIONS; i++) {
		struct session session = {.id = make_id(i), .version = 1};
		session.kind = i < TIMERS ? KIND_TIMER : KIND_FOCUS;
		session.status = i < TIMERS ? STATUS_ACTIVE : STATUS_COMPLETED;
		session.created_at_ms = session.started_at_ms = BEGIN_MS;
		if (i % 2)
			session.group = make_id(SESSIONS + i % GROUPS);
		snprintf(session.title, sizeof(session.title), "Reading and writing %u", i);
		must(bench, store_session_write(bench->store, uid, &session));
	}
}

static void track(struct bench *bench, int64_t uid, unsigned session, int64_t start_ms, int64_t length_ms)
{
	struct uuid id = make_id(session);
	int64_t end_ms = start_ms + length_ms < NOW_MS ? start_ms + length_ms : NOW_MS;
	bench->ends_ms[session] = end_ms;
	must(bench, store_interval_close(bench->store, uid, &id, start_ms, end_ms));
}

/* One that isn't running then. */
static unsigned draw_session(const struct bench *bench, int64_t start_ms)
{
	unsigned session;
	do
		session = GOALS + (unsigned)(random() % (SESSIONS - GOALS));
	while (bench->ends_ms[session] > start_ms);
	return session;
}

/* In the order of their starts: each day the goals', then the others', some of them at once. */
static void add_intervals(struct bench *bench, int64_t uid)
{
	int64_t done = 0;
	for (int64_t day = 0; day < DAYS; day++) {
		int64_t start_ms = BEGIN_MS + day * DAY_MS;
		for (unsigned i = 0; i < GOALS; i++)
			track(bench, uid, i, start_ms, (GOAL_MINUTES + 5) * MINUTE);
		int64_t others = INTERVALS * (day + 1) / DAYS - done - GOALS;
		for (int64_t i = 0; i < others; i++) {
			int64_t at_ms = start_ms + (i * 1440 / others + random() % 30) * MINUTE;
			track(bench, uid, draw_session(bench, at_ms), at_ms,
				(1 + random() % 90) * MINUTE + random() % MINUTE);
		}
		done += others + GOALS;
	}
}

static void add_user(struct bench *bench, const char *name, bool with_goals, int64_t *ret_uid)
{
	struct user user = {.version = 1, .created_at_ms = BEGIN_MS, .rule_count = 1};
	user.rules[0] =
		(struct day_rule){.from_ms = DAY_RULE_FOREVER, .reset_minutes = 240, .zone = "Europe/Berlin"};
	snprintf(user.user_id, sizeof(user.user_id), "%s", name);
	must(bench, store_begin(bench->store));
	must(bench, store_user_add(bench->store, "https://issuer.example", name, &user));
	memset(bench->ends_ms, 0, sizeof(bench->ends_ms));
	add_sessions(bench, user.uid);
	add_intervals(bench, user.uid);
	for (unsigned i = 0; i < GOALS && with_goals; i++) {
		struct uuid id = make_id(i);
		must(bench, store_goal_set(bench->store, user.uid, &id, BEGIN_MS, GOAL_MINUTES));
	}
	must(bench, store_commit(bench->store));
	must(bench, store_checkpoint(bench->store, false));
	*ret_uid = user.uid;
}

static void open_store(struct bench *bench)
{
	char why[256];
	if (!store_open(bench->path, &bench->store, why))
		return;
	fprintf(stderr, "bench_analytics: %s\n", why);
	exit(1);
}

static size_t ask(struct bench *bench, int64_t uid, const struct view_query *query, int64_t *ret_ns)
{
	struct pass pass = {.store = bench->store, .now_ms = NOW_MS};
	struct turn turn;
	struct refusal why = {0};
	bool waits = false;
	TEXT_AUTO out = {0};
	must(bench, store_begin(bench->store));
	must(bench, turn_begin(&turn, &pass, uid));
	int64_t begun = clock_ns();
	must(bench, view_encode(&turn, query, &out, &waits, &why));
	*ret_ns = clock_ns() - begun;
	if (why.code)
		exit(1);
	store_rollback(bench->store);
	return out.len;
}

static int compare_waits(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static void run(struct bench *bench, int who, const char *what, enum analytics_period period, int from_year,
	int to_year)
{
	struct view_query query = {
		.kind = VIEW_ANALYTICS, .analytics = {.period = period, .has_from = true, .has_to = true}};
	char text[DAY_TEXT + 8];
	snprintf(text, sizeof(text), "%d-01-01", from_year);
	day_parse(text, &query.analytics.from);
	snprintf(text, sizeof(text), "%d-12-31", to_year);
	day_parse(text, &query.analytics.to);
	store_close(bench->store);
	open_store(bench);
	int64_t first;
	size_t bytes = ask(bench, bench->uids[who], &query, &first);
	for (int i = 0; i < bench->rounds; i++)
		ask(bench, bench->uids[who], &query, &bench->waits[i]);
	qsort(bench->waits, (size_t)bench->rounds, sizeof(*bench->waits), compare_waits);
	printf("%-6s %-26s %9zu %10.2f %10.2f %10.2f\n", who ? "yes" : "no", what, bytes / 1024,
		(double)bench->waits[bench->rounds / 2] / 1e6, (double)bench->waits[bench->rounds - 1] / 1e6,
		(double)first / 1e6);
}

static void remove_file(const struct bench *bench, const char *ending)
{
	char path[sizeof(bench->path) + 8];
	snprintf(path, sizeof(path), "%s%s", bench->path, ending);
	unlink(path);
}

int main(int argc, char **argv)
{
	struct bench bench = {.rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 200};
	snprintf(bench.path, sizeof(bench.path), "%s/bench_analytics.db", argc > 1 ? argv[1] : ".");
	mallopt(M_TRIM_THRESHOLD,
		256 << 20); /* what glibc gives back and takes again is not what is measured */
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	mallopt(M_TOP_PAD, 1 << 20);
	bench.waits = calloc((size_t)bench.rounds, sizeof(*bench.waits));
	remove_file(&bench, "");
	open_store(&bench);
	add_user(&bench, "without", false, &bench.uids[0]);
	add_user(&bench, "with", true, &bench.uids[1]);
	printf("%d rounds; first: with SQLite's page cache empty\n%-6s %-26s %9s %10s %10s %10s\n",
		bench.rounds, "goals", "asked", "KiB", "median ms", "worst ms", "first ms");
	for (int who = 0; who < 2; who++) {
		run(&bench, who, "last year, monthly", ANALYTICS_MONTHLY, 2025, 2025);
		run(&bench, who, "last year, weekly", ANALYTICS_WEEKLY, 2025, 2025);
		run(&bench, who, "last year, daily", ANALYTICS_DAILY, 2025, 2025);
		run(&bench, who, "first year, monthly", ANALYTICS_MONTHLY, 2021, 2021);
		run(&bench, who, "five years, monthly", ANALYTICS_MONTHLY, 2021, 2025);
	}
	store_close(bench.store);
	remove_file(&bench, "");
	remove_file(&bench, ".lock");
	free(bench.waits);
	return 0;
}
