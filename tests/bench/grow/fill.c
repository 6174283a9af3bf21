/* Fills a database with people and their sessions as years of use would have left them: through the store's
 * own functions, many in one transaction. May be run again on the same file, with another --name.
 *
 *     fill --db FILE [--name PREFIX] [--users N] [--timers N] [--running N] [--history N] [--events N]
 *          [--due-at MS] [--scatter N]
 *
 * Each user PREFIX0, PREFIX1 … of the local issuer has `timers`, and `history` completed focus sessions, one
 * for each six hours back from now; the last `events` are in the log, with their keys. Of all the timers
 * `running` run since an hour before they are due, all at --due-at (an instant; in ten days). With --scatter
 * users whose numbers follow each other lie so many apart in the file. Prints what it made as a line of JSON.
 */
#include "auth/local.h"
#include "protocol/encode.h"
#include "store/store.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HISTORY_MS  (6LL * HOUR_MS)
#define FOCUS_MS    (25LL * MINUTE_MS)
#define TIMER_MS    (25LL * MINUTE_MS)
#define DUE_MS      (10LL * 24 * HOUR_MS)
#define ROWS_A_TURN 50000 /* users, sessions and events in one transaction */

struct fill {
	const char *db, *name;
	int64_t users, timers, running, history, events, due_at_ms, scatter;
	struct store *store;
	int64_t now_ms;
	int64_t made, made_running; /* timers */
	int64_t rows, ids;
	struct text entities, body, result;
};

__attribute__((noreturn)) static void explain(void)
{
	fputs("usage: fill --db FILE [--name PREFIX] [--users N] [--timers N] [--running N] [--history N]\n"
	      "            [--events N] [--due-at MS] [--scatter N]\n",
		stderr);
	exit(2);
}

static void must(const struct fill *fill, enum err err)
{
	if (!err)
		return;
	fprintf(stderr, "fill: %s\n", store_message(fill->store));
	exit(1);
}

static int64_t clock_ms(clockid_t id)
{
	struct timespec now;
	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t read_number(const char *text)
{
	char *end;
	int64_t number = strtoll(text, &end, 10);
	if (!*text || *end || number < 0)
		explain();
	return number;
}

static void read_settings(int argc, char **argv, struct fill *fill)
{
	const struct {
		const char *name;
		int64_t *number;
	} rows[] = {{"--users", &fill->users}, {"--timers", &fill->timers}, {"--running", &fill->running},
		{"--history", &fill->history}, {"--events", &fill->events}, {"--due-at", &fill->due_at_ms},
		{"--scatter", &fill->scatter}};
	const size_t count = sizeof(rows) / sizeof(rows[0]);
	for (int i = 1; i + 1 < argc; i += 2) {
		size_t row = 0;
		while (row < count && strcmp(rows[row].name, argv[i]) != 0)
			row++;
		if (row < count)
			*rows[row].number = read_number(argv[i + 1]);
		else if (strcmp(argv[i], "--db") == 0)
			fill->db = argv[i + 1];
		else if (strcmp(argv[i], "--name") == 0)
			fill->name = argv[i + 1];
		else
			explain();
	}
	if (argc % 2 == 0 || !fill->db || fill->running > fill->users * fill->timers ||
		(fill->scatter && fill->users % fill->scatter))
		explain();
}

/* As clients make them: those made later are greater. */
static struct uuid make_id(struct fill *fill, int64_t at_ms)
{
	uint8_t rest[10] = {0};
	uint64_t number = (uint64_t)++fill->ids;
	for (size_t i = 0; i < 8; i++)
		rest[i + 2] = (uint8_t)(number >> (8 * (7 - i)));
	return uuid_make(at_ms, rest);
}

/* Commits when enough has come together, and in the end. */
static void turn_over(struct fill *fill, bool last)
{
	if (!last && ++fill->rows % ROWS_A_TURN)
		return;
	must(fill, store_commit(fill->store));
	must(fill, store_checkpoint(fill->store, false));
	if (!last)
		must(fill, store_begin(fill->store));
}

/* It is noon where they live: nobody's day ends while something is measured. */
static void make_zone(const struct fill *fill, char *ret, size_t room)
{
	int hours = 12 - (int)(fill->now_ms / HOUR_MS % 24);
	if (hours)
		snprintf(ret, room, "Etc/GMT%+d", -hours); /* the sign is that of POSIX: west is positive */
	else
		snprintf(ret, room, "Etc/GMT");
}

static struct user make_user(const struct fill *fill, int64_t number)
{
	struct user user = {.version = 1,
		.created_at_ms = fill->now_ms - (fill->history + 1) * HISTORY_MS,
		.rule_count = 1};
	user.clock_ms = user.created_at_ms;
	user.rules[0].from_ms = DAY_RULE_FOREVER;
	make_zone(fill, user.rules[0].zone, sizeof(user.rules[0].zone));
	snprintf(user.user_id, sizeof(user.user_id), "%s%" PRId64, fill->name, number);
	return user;
}

/* Whether this timer is one of those that run: they lie evenly among all. */
static bool is_running(struct fill *fill)
{
	int64_t total = fill->users * fill->timers;
	int64_t due = ++fill->made * fill->running / total;
	bool runs = due > fill->made_running;
	fill->made_running = due;
	return runs;
}

static void add_timer(struct fill *fill, int64_t uid, int64_t number, struct session *ret)
{
	int64_t made_ms = fill->now_ms - 2 * HOUR_MS;
	struct session session = {.id = make_id(fill, made_ms),
		.version = 1,
		.kind = KIND_TIMER,
		.initial_ms = TIMER_MS,
		.created_at_ms = made_ms,
		.updated_at_ms = made_ms,
		.clock_ms = made_ms};
	snprintf(session.title, sizeof(session.title), "Reading and writing %" PRId64, number);
	if (is_running(fill)) {
		session.version = 2;
		session.state = STATE_RUNNING;
		session.running_since_ms = fill->now_ms < fill->due_at_ms ? fill->now_ms : fill->due_at_ms;
		session.running_since_ms -= HOUR_MS;
		session.clock_ms = session.updated_at_ms = session.started_at_ms = session.running_since_ms;
		session.initial_ms = fill->due_at_ms - session.running_since_ms;
		struct due due = {uid, fill->due_at_ms, DUE_TARGET, session.id};
		must(fill, store_interval_open(fill->store, uid, &session.id, session.running_since_ms));
		must(fill, store_due_add(fill->store, &due));
	}
	must(fill, store_session_write(fill->store, uid, &session));
	turn_over(fill, false);
	*ret = session;
}

static void add_history(struct fill *fill, int64_t uid, int64_t number)
{
	int64_t start_ms = fill->now_ms - (fill->history - number) * HISTORY_MS, end_ms = start_ms + FOCUS_MS;
	struct session session = {.id = make_id(fill, start_ms),
		.version = 2,
		.kind = KIND_FOCUS,
		.status = STATUS_COMPLETED,
		.initial_ms = FOCUS_MS,
		.elapsed_ms = FOCUS_MS,
		.created_at_ms = start_ms,
		.started_at_ms = start_ms,
		.ended_at_ms = end_ms,
		.clock_ms = end_ms,
		.updated_at_ms = end_ms,
		.focus = {.type = SESSION_POMODORO, .quality_rating = 4, .score = 80}};
	snprintf(session.title, sizeof(session.title), "Chapter %" PRId64, number);
	must(fill, store_session_write(fill->store, uid, &session));
	must(fill, store_interval_close(fill->store, uid, &session.id, start_ms, end_ms));
	turn_over(fill, false);
}

/* What is kept of a command whose event was just made. */
static void add_key(struct fill *fill, const struct user *user, const char *key)
{
	static const char asked[] = "start session 01890a5d-ac96-774b-bcce-b302099a8057";
	text_clear(&fill->body);
	text_append_string(&fill->body, asked);
	text_clear(&fill->result);
	text_append_format(&fill->result, "\"seq\":%" PRId64 ",\"changed\":true", user->seq);
	must(fill, store_key_add(fill->store, user->uid, key, user->clock_ms, &fill->body, &fill->result));
}

/* The log of somebody who has always started and stopped this one. */
static void add_event(struct fill *fill, struct user *user, const struct session *session)
{
	struct origin origin = {.client = "laptop/firefox", .via = "ws"};
	const char *name = user->seq++ % 2 ? "pause" : "start";
	char key[32];
	snprintf(key, sizeof(key), "tab1:%" PRId64, user->seq);
	user->tag = (uint32_t)(user->seq * 2654435761U);
	user->clock_ms = fill->now_ms - (fill->events - user->seq) * 1000;
	struct event_head head = {.seq = user->seq,
		.tag = user->tag,
		.event = name,
		.at_ms = user->clock_ms,
		.now_ms = user->clock_ms,
		.origin = &origin,
		.key = key};
	text_clear(&fill->body);
	encode_event_head(&fill->body, &head);
	text_append(&fill->body, fill->entities.data, fill->entities.len);
	struct audit_row row = {.seq = user->seq,
		.at_ms = user->clock_ms,
		.action = name,
		.entity = ENTITY_SESSION,
		.id = session->id,
		.origin = "{\"client\":\"laptop/firefox\",\"via\":\"ws\",\"key\":\"tab1:812\"}"};
	must(fill, store_event_add(fill->store, user->uid, &row, user->tag, user->clock_ms, fill->body.data,
			   fill->body.len));
	add_key(fill, user, key);
	turn_over(fill, false);
}

static void add_events(struct fill *fill, struct user *user, const struct session *session)
{
	struct view view = view_make(user, fill->now_ms);
	text_clear(&fill->entities);
	text_append_string(&fill->entities, ",\"session\":");
	encode_session(&fill->entities, session, &view);
	text_append_string(&fill->entities, "}");
	for (int64_t i = 0; i < fill->events; i++)
		add_event(fill, user, session);
	if (fill->events)
		must(fill, store_user_write(fill->store, user));
}

static void add_user(struct fill *fill, int64_t number)
{
	struct user user = make_user(fill, number);
	struct session session = {0};
	must(fill, store_user_add(fill->store, LOCAL_ISSUER, user.user_id, &user));
	turn_over(fill, false);
	for (int64_t i = 0; i < fill->history; i++)
		add_history(fill, user.uid, i);
	for (int64_t i = 0; i < fill->timers; i++)
		add_timer(fill, user.uid, i, &session);
	add_events(fill, &user, &session);
}

static void add_users(struct fill *fill)
{
	int64_t apart = fill->scatter ? fill->scatter : 1;
	must(fill, store_begin(fill->store));
	for (int64_t i = 0; i < fill->users; i++)
		add_user(fill, i % apart * (fill->users / apart) + i / apart);
	turn_over(fill, true);
}

int main(int argc, char **argv)
{
	struct fill fill = {.name = "load-", .users = 1000, .timers = 1, .now_ms = clock_ms(CLOCK_REALTIME)};
	char why[256];
	int64_t begun_ms = clock_ms(CLOCK_MONOTONIC);
	fill.due_at_ms = fill.now_ms + DUE_MS;
	read_settings(argc, argv, &fill);
	mallopt(M_TRIM_THRESHOLD,
		64 << 20); /* what glibc gives back and takes again is not what is measured */
	if (store_open(fill.db, &fill.store, why)) {
		fprintf(stderr, "fill: %s\n", why);
		return 1;
	}
	add_users(&fill);
	store_close(fill.store);
	text_finish(&fill.entities);
	text_finish(&fill.body);
	text_finish(&fill.result);
	printf("{\"users\":%" PRId64 ",\"timers\":%" PRId64 ",\"running\":%" PRId64 ",\"dueAtMs\":%" PRId64
	       ",\"seconds\":%.1f}\n",
		fill.users, fill.users * fill.timers, fill.running, fill.due_at_ms,
		(double)(clock_ms(CLOCK_MONOTONIC) - begun_ms) / 1000);
	return 0;
}
