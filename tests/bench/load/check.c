#include "tests/bench/load/check.h"

#include "protocol/json.h"
#include "tests/bench/load/scan.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX   32
#define FAULTS_SAID 5

/* A command that is under way. */
struct slot {
	int64_t due_ns;
	uint32_t delivered; /* to how many sockets */
	bool answered;
};

struct user {
	int64_t base;  /* the seq before the first command; -1: not known */
	int64_t next;  /* commands sent */
	int64_t first; /* the first that is under way */
	struct slot *slots;
};

struct member {
	int64_t seq;     /* of the last event */
	int64_t results; /* of the first socket: how many came */
	bool live;
};

struct check {
	size_t users_count, sockets, live;
	unsigned parse_every, until_parse;
	int64_t open;
	uint64_t parsed, said;
	int64_t from_ns, to_ns;
	struct check_faults faults;
	struct check_figures figures;
	struct user *users;
	struct member *members;
};

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

struct check *check_create(size_t users, size_t sockets, unsigned parse_every)
{
	struct check *check = must(calloc(1, sizeof(*check)));
	check->users_count = users;
	check->sockets = sockets;
	check->parse_every = check->until_parse = parse_every;
	check->users = must(calloc(users, sizeof(*check->users)));
	check->members = must(calloc(users * sockets, sizeof(*check->members)));
	for (size_t i = 0; i < users; i++)
		check->users[i].base = -1;
	return check;
}

void check_destroy(struct check *check)
{
	for (size_t i = 0; i < check->users_count; i++)
		free(check->users[i].slots);
	free(check->users);
	free(check->members);
	free(check);
}

void check_measure(struct check *check, int64_t from_ns, int64_t to_ns)
{
	check->from_ns = from_ns;
	check->to_ns = to_ns;
}

__attribute__((format(printf, 4, 5))) static void fault(
	struct check *check, uint64_t *count, size_t socket, const char *format, ...)
{
	(*count)++;
	if (check->said++ >= FAULTS_SAID)
		return;
	va_list args;
	va_start(args, format);
	fprintf(stderr, "load: socket %zu: ", socket);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

/* --- Commands
 * -------------------------------------------------------------------------------------------------- */

static struct slot *slot_of(struct user *user, int64_t number)
{
	return &user->slots[number % CHECK_UNDER_WAY];
}

int64_t check_under_way(const struct check *check, size_t user)
{
	return check->users[user].next - check->users[user].first;
}

int64_t check_send(struct check *check, size_t user_index, int64_t due_ns)
{
	struct user *user = &check->users[user_index];
	if (check_under_way(check, user_index) >= CHECK_UNDER_WAY)
		return -1;
	if (!user->slots)
		user->slots = must(calloc(CHECK_UNDER_WAY, sizeof(*user->slots)));
	*slot_of(user, user->next) = (struct slot){.due_ns = due_ns};
	check->open++;
	return user->next++;
}

static void finish_first(struct check *check, struct user *user)
{
	while (user->first < user->next) {
		const struct slot *slot = slot_of(user, user->first);
		if (!slot->answered || slot->delivered < check->sockets)
			return;
		user->first++;
		check->open--;
	}
}

/* --- Messages
 * -------------------------------------------------------------------------------------------------- */

static bool is_within(const struct check *check, int64_t at_ns)
{
	return at_ns >= check->from_ns && at_ns < check->to_ns;
}

static void take_live(struct check *check, size_t socket, const struct scan *scan)
{
	struct user *user = &check->users[socket / check->sockets];
	struct member *member = &check->members[socket];
	if (member->live)
		fault(check, &check->faults.twice, socket, "live again");
	if (user->base < 0)
		user->base = scan->seq;
	if (user->base + user->next != scan->seq)
		fault(check, &check->faults.wrong, socket, "live at %" PRId64 ", not %" PRId64, scan->seq,
			user->base + user->next);
	member->seq = scan->seq;
	member->live = true;
	check->live++;
}

static void take_event(struct check *check, size_t socket, const struct scan *scan, size_t len, int64_t at_ns)
{
	struct user *user = &check->users[socket / check->sockets];
	struct member *member = &check->members[socket];
	if (scan->seq <= member->seq) {
		fault(check, &check->faults.twice, socket, "event %" PRId64 " again", scan->seq);
		return;
	}
	if (scan->seq != member->seq + 1)
		fault(check, &check->faults.disorder, socket, "event %" PRId64 " behind %" PRId64, scan->seq,
			member->seq);
	member->seq = scan->seq;
	int64_t number = scan->seq - user->base - 1;
	if (number < user->first || number >= user->next) {
		fault(check, &check->faults.wrong, socket, "event %" PRId64 " of no command", scan->seq);
		return;
	}
	struct slot *slot = slot_of(user, number);
	slot->delivered++;
	if (is_within(check, slot->due_ns))
		histogram_add(&check->figures.events, at_ns - slot->due_ns);
	if (is_within(check, at_ns)) {
		check->figures.delivered++;
		check->figures.event_bytes += len;
	}
	finish_first(check, user);
}

static void take_result(struct check *check, size_t socket, const struct scan *scan, int64_t at_ns,
	const char *bytes, size_t len)
{
	struct user *user = &check->users[socket / check->sockets];
	struct member *member = &check->members[socket];
	if (socket % check->sockets || scan->id >= user->next) {
		fault(check, &check->faults.wrong, socket, "result of what was not asked: %.*s", (int)len,
			bytes);
		return;
	}
	if (scan->id < member->results) {
		fault(check, &check->faults.twice, socket, "result %" PRId64 " again", scan->id);
		return;
	}
	if (scan->id > member->results)
		fault(check, &check->faults.disorder, socket, "result %" PRId64 ", not %" PRId64, scan->id,
			member->results);
	member->results = scan->id + 1;
	struct slot *slot = slot_of(user, scan->id);
	slot->answered = true;
	if (!scan->done)
		fault(check, &check->faults.refused, socket, "%.*s", (int)len, bytes);
	else if (scan->seq != user->base + scan->id + 1)
		fault(check, &check->faults.wrong, socket, "wrong seq: %.*s", (int)len, bytes);
	else if (member->seq < scan->seq)
		fault(check, &check->faults.disorder, socket, "before its event: %.*s", (int)len, bytes);
	if (is_within(check, slot->due_ns))
		histogram_add(&check->figures.results, at_ns - slot->due_ns);
	if (is_within(check, at_ns))
		check->figures.answered++;
	finish_first(check, user);
}

static bool is_number(const cJSON *tree, const char *name, int64_t expected)
{
	int64_t number;
	return json_integer(json_get(tree, name), &number) && number == expected;
}

static bool is_text(const cJSON *tree, const char *name, const char *expected)
{
	const cJSON *item = json_get(tree, name);
	return cJSON_IsString(item) && (!expected || strcmp(item->valuestring, expected) == 0);
}

/* Command 0 adds the session, the odd ones start it, the others pause it. */
static bool is_event(const cJSON *tree, const struct scan *scan, const struct user *user)
{
	int64_t number = scan->seq - user->base - 1;
	const cJSON *session = json_get(tree, "session");
	return is_text(tree, "type", "event") && is_number(tree, "seq", scan->seq) &&
	       is_text(tree, "tag", NULL) &&
	       is_text(tree, "event",
		       number == 0  ? "addSession"
		       : number % 2 ? "start"
				    : "pause") &&
	       is_text(session, "state", number % 2 ? "RUNNING" : "PAUSED") && is_text(session, "id", NULL) &&
	       is_number(session, "version", number + 1) && cJSON_IsObject(json_get(tree, "origin"));
}

static bool is_result(const cJSON *tree, const struct scan *scan)
{
	return is_text(tree, "type", "result") && is_number(tree, "id", scan->id) &&
	       cJSON_IsTrue(json_get(tree, "ok")) == scan->done;
}

static void parse(struct check *check, size_t socket, const struct scan *scan, const char *bytes, size_t len)
{
	const struct user *user = &check->users[socket / check->sockets];
	JSON_AUTO *tree = NULL;
	struct refusal why = {0};
	check->parsed++;
	bool good = json_parse_within(bytes, len, DEPTH_MAX, &tree, &why) == OK;
	if (good && scan->type == SCAN_EVENT)
		good = is_event(tree, scan, user);
	else if (good && scan->type == SCAN_RESULT)
		good = is_result(tree, scan);
	if (!good)
		fault(check, &check->faults.wrong, socket, "not as it should be: %.*s", (int)len, bytes);
}

void check_message(struct check *check, size_t socket, const char *bytes, size_t len, int64_t at_ns)
{
	struct scan scan = scan_message(bytes, len);
	if (--check->until_parse == 0) {
		check->until_parse = check->parse_every;
		parse(check, socket, &scan, bytes, len);
	}
	switch (scan.type) {
	case SCAN_EVENT:
		take_event(check, socket, &scan, len, at_ns);
		break;
	case SCAN_RESULT:
		take_result(check, socket, &scan, at_ns, bytes, len);
		break;
	case SCAN_LIVE:
		take_live(check, socket, &scan);
		break;
	case SCAN_OTHER:
		break;
	case SCAN_UNKNOWN:
		fault(check, &check->faults.wrong, socket, "what is this: %.*s", (int)len, bytes);
		break;
	}
}

void check_closed(struct check *check, size_t socket, const char *why)
{
	fault(check, &check->faults.closed, socket, "%s", why);
}

/* --- What came of it
 * ------------------------------------------------------------------------------------------- */

size_t check_live(const struct check *check)
{
	return check->live;
}

int64_t check_open(const struct check *check)
{
	return check->open;
}

uint64_t check_parsed(const struct check *check)
{
	return check->parsed;
}

const struct check_figures *check_figures(const struct check *check)
{
	return &check->figures;
}

struct check_faults check_end(struct check *check)
{
	for (size_t i = 0; i < check->users_count * check->sockets; i++) {
		const struct user *user = &check->users[i / check->sockets];
		const struct member *member = &check->members[i];
		int64_t missing = user->base + user->next - member->seq;
		if (i % check->sockets == 0)
			missing += user->next - member->results;
		if (member->live && missing > 0) {
			fault(check, &check->faults.missing, i, "%" PRId64 " events or results never came",
				missing);
			check->faults.missing += (uint64_t)missing - 1;
		}
	}
	return check->faults;
}
