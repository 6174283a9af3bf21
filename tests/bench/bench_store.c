/* What the store's part of a typical command costs, by commands a transaction, and what the disk alone takes.
 * Times are the machine's; statements, pages and writes a command are the store's own and repeat.
 *
 *     bench_store [folder [users [seconds]]]
 */
#include "store/statement.h"
#include "store/store.h"

#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define EVENT_BYTES 900
#define SYNCS       200

struct bench {
	struct store *store;
	struct user *users;
	struct uuid *sessions; /* two a user */
	int user_count;
	int64_t now_ms;
	int64_t commands;
	char event[EVENT_BYTES + 1];
	int64_t *waits; /* of each transaction, begin to commit, in ns */
	size_t wait_count, wait_room;
	int64_t longest_checkpoint;
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
	fprintf(stderr, "bench_store: %s\n", store_message(bench->store));
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

static void add_users(struct bench *bench)
{
	must(bench, store_begin(bench->store));
	for (int i = 0; i < bench->user_count; i++) {
		struct user *user = &bench->users[i];
		*user = (struct user){.version = 1, .created_at_ms = bench->now_ms, .rule_count = 1};
		user->rules[0] = (struct day_rule){.from_ms = INT64_MIN, .zone = "Europe/Berlin"};
		snprintf(user->user_id, sizeof(user->user_id), "user-%d", i);
		snprintf(user->name, sizeof(user->name), "Somebody %d", i);
		must(bench, store_user_add(bench->store, "https://issuer.example", user->user_id, user));
		for (int n = 0; n < 2; n++) {
			struct session session = {.id = make_id((uint64_t)i * 2 + (uint64_t)n + 1),
				.version = 1,
				.initial_ms = 1500000};
			snprintf(session.title, sizeof(session.title), "Reading and writing %d", n);
			bench->sessions[i * 2 + n] = session.id;
			must(bench, store_session_write(bench->store, user->uid, &session));
		}
	}
	must(bench, store_commit(bench->store));
	must(bench, store_checkpoint(bench->store, false));
}

/* start, or pause of what the last one started. */
static enum err move_clock(struct bench *bench, int64_t uid, struct session *session)
{
	struct due due = {.uid = uid, .rank = DUE_TARGET, .session = session->id};
	enum err err;
	if (session->state == STATE_RUNNING) {
		due.at_ms = session->running_since_ms + 1500000;
		err = store_interval_close(
			bench->store, uid, &session->id, session->running_since_ms, bench->now_ms);
		session->state = STATE_PAUSED;
		return err ? err : store_due_remove(bench->store, &due);
	}
	session->state = STATE_RUNNING;
	session->running_since_ms = bench->now_ms;
	due.at_ms = bench->now_ms + 1500000;
	err = store_interval_open(bench->store, uid, &session->id, bench->now_ms);
	return err ? err : store_due_add(bench->store, &due);
}

static void one_command(struct bench *bench)
{
	int which = (int)(random() % bench->user_count);
	bench->now_ms += 1 + random() % 3;
	char key[32];
	snprintf(key, sizeof(key), "tab1:%lld", (long long)bench->commands++);
	TEXT_AUTO asked = {0};
	TEXT_AUTO result = {0};
	struct user user;
	struct session session;
	must(bench, store_user_load(bench->store, bench->users[which].uid, bench->now_ms, &user));
	if (store_key_find(bench->store, user.uid, key, &asked, &result) != ERR_NOT_FOUND)
		abort();
	struct due due;
	(void)!store_due_first(bench->store, user.uid, bench->now_ms, &due);
	must(bench, store_session_load(bench->store, user.uid, &bench->sessions[which * 2], &session));
	must(bench, move_clock(bench, user.uid, &session));
	session.version++;
	session.clock_ms = session.updated_at_ms = bench->now_ms;
	must(bench, store_session_write(bench->store, user.uid, &session));
	struct audit_row row = {.seq = user.seq + 1,
		.at_ms = bench->now_ms,
		.action = "start",
		.entity = ENTITY_SESSION,
		.id = session.id,
		.origin = "{\"client\":\"laptop\",\"via\":\"ws\"}"};
	must(bench, store_event_add(bench->store, user.uid, &row, (uint32_t)random(), bench->now_ms,
			    bench->event, EVENT_BYTES));
	text_append_string(
		&asked, "{\"type\":\"start\",\"session\":\"01890a5d-ac96-774b-bcce-b302099a8057\"}");
	text_append_string(&result, "\"seq\":1241,\"changed\":true,\"session\":\"01890a5d-ac96-774b-bcce\"");
	must(bench, store_key_add(bench->store, user.uid, key, bench->now_ms, &asked, &result));
}

static void note_wait(struct bench *bench, int64_t wait)
{
	if (bench->wait_count == bench->wait_room) {
		bench->wait_room = bench->wait_room ? bench->wait_room * 2 : 4096;
		bench->waits = realloc(bench->waits, bench->wait_room * sizeof(*bench->waits));
		if (!bench->waits)
			abort();
	}
	bench->waits[bench->wait_count++] = wait;
}

static void one_transaction(struct bench *bench, int commands)
{
	int64_t begun = clock_ns();
	must(bench, store_begin(bench->store));
	for (int i = 0; i < commands; i++)
		one_command(bench);
	must(bench, store_commit(bench->store));
	int64_t committed = clock_ns();
	note_wait(bench, committed - begun);
	must(bench, store_checkpoint(bench->store, false));
	int64_t checkpoint = clock_ns() - committed;
	if (checkpoint > bench->longest_checkpoint)
		bench->longest_checkpoint = checkpoint;
}

static int compare_waits(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* What has been done since the file was opened. */
struct effort {
	int64_t statements;
	int64_t pages;  /* written to the WAL */
	int64_t writes; /* system calls, checkpoints' too */
	int64_t bytes;  /* in them */
	int64_t cpu_us; /* of the processor, the system's part too */
};

static struct effort effort_so_far(struct store *store)
{
	struct effort effort = {0};
	for (int slot = 0; slot < SLOT_COUNT; slot++)
		if (store->statements[slot])
			effort.statements +=
				sqlite3_stmt_status(store->statements[slot], SQLITE_STMTSTATUS_RUN, false);
	int pages = 0, unused;
	sqlite3_db_status(store->db, SQLITE_DBSTATUS_CACHE_WRITE, &pages, &unused, false);
	effort.pages = pages;
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	effort.cpu_us = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec +
			usage.ru_stime.tv_usec;
	char line[64];
	FILE *io = fopen("/proc/self/io", "re");
	while (io && fgets(line, sizeof(line), io)) {
		sscanf(line, "wchar: %" SCNd64, &effort.bytes);
		sscanf(line, "syscw: %" SCNd64, &effort.writes);
	}
	if (io)
		fclose(io);
	return effort;
}

/* In milliseconds. */
static double wait_at(const struct bench *bench, double share)
{
	return (double)bench->waits[(size_t)((double)(bench->wait_count - 1) * share)] / 1e6;
}

static void print_run(struct bench *bench, int commands, double took, const struct effort *before)
{
	struct effort after = effort_so_far(bench->store);
	double count = (double)bench->commands;
	qsort(bench->waits, bench->wait_count, sizeof(*bench->waits), compare_waits);
	printf("%12d  %10.0f  %10.1f  %6.1f  %10.1f  %5.2f  %6.2f  %5.1f  %9.2f  %9.2f  %9.2f  %14.2f\n",
		commands, count / took, took * 1e6 / count, (double)(after.cpu_us - before->cpu_us) / count,
		(double)(after.statements - before->statements) / count,
		(double)(after.pages - before->pages) / count,
		(double)(after.writes - before->writes) / count,
		(double)(after.bytes - before->bytes) / count / 1024, wait_at(bench, 0.5),
		wait_at(bench, 0.99), wait_at(bench, 1), (double)bench->longest_checkpoint / 1e6);
}

static void run(const char *folder, int users, double seconds, int commands)
{
	struct bench bench = {.user_count = users, .now_ms = 1700000000000};
	char path[4096], why[256];
	snprintf(path, sizeof(path), "%s/bench_store.db", folder);
	unlink(path);
	if (store_open(path, &bench.store, why)) {
		fprintf(stderr, "bench_store: %s\n", why);
		exit(1);
	}
	memset(bench.event, 'x', EVENT_BYTES);
	bench.users = calloc((size_t)users, sizeof(*bench.users));
	bench.sessions = calloc((size_t)users * 2, sizeof(*bench.sessions));
	add_users(&bench);
	struct effort before = effort_so_far(bench.store);
	int64_t begun = clock_ns();
	while ((double)(clock_ns() - begun) < seconds * 1e9)
		one_transaction(&bench, commands);
	double took = (double)(clock_ns() - begun) / 1e9;
	print_run(&bench, commands, took, &before);
	store_close(bench.store);
	unlink(path);
	snprintf(path, sizeof(path), "%s/bench_store.db.lock", folder);
	unlink(path);
	free(bench.users);
	free(bench.sessions);
	free(bench.waits);
}

static void run_sync(const char *folder)
{
	struct bench bench = {0};
	char path[4096], block[4096];
	memset(block, 'x', sizeof(block));
	snprintf(path, sizeof(path), "%s/bench_store.raw", folder);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	for (int i = 0; i < SYNCS && fd >= 0; i++) {
		int64_t begun = clock_ns();
		if (write(fd, block, sizeof(block)) != sizeof(block) || fdatasync(fd) != 0)
			break;
		note_wait(&bench, clock_ns() - begun);
	}
	if (bench.wait_count) {
		qsort(bench.waits, bench.wait_count, sizeof(*bench.waits), compare_waits);
		printf("fdatasync of 4 KiB appended: median %.3f ms, p99 %.3f ms\n", wait_at(&bench, 0.5),
			wait_at(&bench, 0.99));
	}
	free(bench.waits);
	close(fd);
	unlink(path);
}

int main(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : ".";
	int users = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 1000;
	double seconds = argc > 3 ? strtod(argv[3], NULL) : 3;
	static const int sizes[] = {1, 16, 128};
	mallopt(M_TRIM_THRESHOLD,
		64 << 20); /* what glibc gives back and takes again is not what is measured */
	run_sync(folder);
	printf("%d users; cpu us, statements, pages, writes and KiB are those of one command\n", users);
	printf("%12s  %10s  %10s  %6s  %10s  %5s  %6s  %5s  %9s  %9s  %9s  %14s\n", "commands/tx",
		"commands/s", "us/command", "cpu us", "statements", "pages", "writes", "KiB", "tx p50 ms",
		"tx p99 ms", "tx max ms", "checkpoint max");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		run(folder, users, seconds, sizes[i]);
	return 0;
}
