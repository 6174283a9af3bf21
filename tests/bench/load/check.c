#include "tests/bench/load/check_state.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAULTS_SAID 5

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

void check_events_only(struct check *check)
{
	check->events_only = true;
}

void check_adds(struct check *check)
{
	check->adds = true;
}

void check_tolerate(struct check *check)
{
	check->tolerant = true;
}

void check_measure(struct check *check, int64_t from_ns, int64_t to_ns)
{
	check->from_ns = from_ns;
	check->to_ns = to_ns;
}

void check_fault(struct check *check, uint64_t *count, size_t socket, const char *format, ...)
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

static struct slot *slot_of(const struct user *user, int64_t number)
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
	*slot_of(user, user->next) = (struct slot){.due_ns = due_ns, .answered = check->events_only};
	check->open++;
	return user->next++;
}

static void finish_first(struct check *check, struct user *user)
{
	while (user->first < user->next) {
		const struct slot *slot = slot_of(user, user->first);
		if (!slot->answered || slot->delivered < check->sockets - user->loose)
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

/* Which command made it; where some are refused, only the event itself says so. */
static int64_t number_of(const struct check *check, const struct user *user, const struct scan *scan,
	const char *bytes, size_t len)
{
	return check->tolerant ? scan_key(bytes, len) : scan->seq - user->base - 1;
}

/* False for one that did not come in its turn. */
static bool take_seq(struct check *check, size_t socket, const struct scan *scan)
{
	struct member *member = &check->members[socket];
	if (scan->seq <= member->seq) {
		check_fault(check, &check->faults.twice, socket, "event %" PRId64 " again", scan->seq);
		return false;
	}
	if (scan->seq != member->seq + 1)
		check_fault(check, &check->faults.disorder, socket, "event %" PRId64 " behind %" PRId64,
			scan->seq, member->seq);
	member->seq = scan->seq;
	memcpy(member->tag, scan->tag, sizeof(member->tag));
	return true;
}

static void take_event(struct check *check, size_t socket, const struct scan *scan, int64_t number,
	size_t len, int64_t at_ns)
{
	struct user *user = user_of(check, socket);
	if (!check->members[socket].live) {
		check_take_replayed(check, socket, scan);
		return;
	}
	if (!take_seq(check, socket, scan) || check->members[socket].loose)
		return;
	if (number < user->first || number >= user->next) {
		check_fault(
			check, &check->faults.wrong, socket, "event %" PRId64 " of no command", scan->seq);
		return;
	}
	if (user->top < scan->seq)
		user->top = scan->seq;
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

/* What a good result must say. */
static void check_done(
	struct check *check, size_t socket, const struct scan *scan, const char *bytes, size_t len)
{
	struct user *user = user_of(check, socket);
	bool expected = check->tolerant ? scan->seq > user->done : scan->seq == user->base + scan->id + 1;
	if (!expected)
		check_fault(check, &check->faults.wrong, socket, "wrong seq: %.*s", (int)len, bytes);
	else if (check->members[socket].seq < scan->seq)
		check_fault(
			check, &check->faults.disorder, socket, "before its event: %.*s", (int)len, bytes);
	user->done = scan->seq;
	if (user->top < scan->seq)
		user->top = scan->seq;
}

/* One that changed nothing. */
static void check_refused(
	struct check *check, size_t socket, const struct scan *scan, const char *bytes, size_t len)
{
	struct user *user = user_of(check, socket);
	struct check_figures *figures = &check->figures;
	uint64_t *count = scan->ok && user->refused                          ? &figures->unchanged
			  : scan_has(bytes, len, "\"code\":\"rateLimited\"") ? &figures->limited
			  : scan_has(bytes, len, "\"code\":\"unavailable\"") ? &figures->unavailable
									     : NULL;
	/* Nothing else will come of it. */
	slot_of(user, scan->id)->delivered = (uint32_t)check->sockets;
	user->refused = true;
	if (check->tolerant && count)
		(*count)++;
	else
		check_fault(check, &check->faults.refused, socket, "%.*s", (int)len, bytes);
}

/* False for a result that isn't the next one. Refusals may overtake those before them: they need no disk. */
static bool take_id(
	struct check *check, size_t socket, const struct scan *scan, const char *bytes, size_t len)
{
	struct user *user = user_of(check, socket);
	struct member *member = &check->members[socket];
	if (socket % check->sockets || scan->id >= user->next || scan->id < 0) {
		check_fault(check, &check->faults.wrong, socket, "result of what was not asked: %.*s",
			(int)len, bytes);
		return false;
	}
	bool again = check->tolerant ? scan->id < user->first || slot_of(user, scan->id)->answered
				     : scan->id < member->results;
	if (again) {
		check_fault(check, &check->faults.twice, socket, "result %" PRId64 " again", scan->id);
		return false;
	}
	if (!check->tolerant && scan->id > member->results)
		check_fault(check, &check->faults.disorder, socket, "result %" PRId64 ", not %" PRId64,
			scan->id, member->results);
	member->results = scan->id + 1;
	return true;
}

static void take_result(struct check *check, size_t socket, const struct scan *scan, int64_t at_ns,
	const char *bytes, size_t len)
{
	struct user *user = user_of(check, socket);
	if (!take_id(check, socket, scan, bytes, len))
		return;
	struct slot *slot = slot_of(user, scan->id);
	slot->answered = true;
	if (scan->done)
		check_done(check, socket, scan, bytes, len);
	else
		check_refused(check, socket, scan, bytes, len);
	if (scan->ok && is_within(check, slot->due_ns))
		histogram_add(&check->figures.results, at_ns - slot->due_ns);
	if (scan->ok && is_within(check, at_ns))
		check->figures.answered++;
	finish_first(check, user);
}

/* One in so many is. */
static bool is_parsed(struct check *check)
{
	if (--check->until_parse)
		return false;
	check->until_parse = check->parse_every;
	check->parsed++;
	return true;
}

void check_message(struct check *check, size_t socket, const char *bytes, size_t len, int64_t at_ns)
{
	struct scan scan = scan_message(bytes, len);
	int64_t number =
		scan.type == SCAN_EVENT ? number_of(check, user_of(check, socket), &scan, bytes, len) : 0;
	if (is_parsed(check) && !check_is_good(check, socket, &scan, number, bytes, len))
		check_wrong(check, socket, bytes, len);
	switch (scan.type) {
	case SCAN_EVENT:
		take_event(check, socket, &scan, number, len, at_ns);
		break;
	case SCAN_RESULT:
		take_result(check, socket, &scan, at_ns, bytes, len);
		break;
	case SCAN_LIVE:
		check_take_live(check, socket, &scan, at_ns);
		break;
	case SCAN_READY:
		check_take_ready(check, socket, bytes, len);
		break;
	case SCAN_SNAPSHOT:
		check_take_snapshot(check, socket, &scan, bytes, len);
		break;
	case SCAN_OTHER:
		break;
	case SCAN_UNKNOWN:
		check_fault(check, &check->faults.wrong, socket, "what is this: %.*s", (int)len, bytes);
		break;
	}
}

void check_closed(struct check *check, size_t socket, const char *why)
{
	check_fault(check, &check->faults.closed, socket, "%s", why);
}

/* --- Answers
 * ------------------------------------------------------------------------------------------------------- */

void check_answer(struct check *check, int64_t due_ns, int64_t at_ns)
{
	if (is_within(check, due_ns))
		histogram_add(&check->figures.results, at_ns - due_ns);
	if (is_within(check, at_ns))
		check->figures.answered++;
}

void check_wrong(struct check *check, size_t caller, const char *bytes, size_t len)
{
	check_fault(check, &check->faults.wrong, caller, "not as it should be: %.*s", (int)len,
		bytes ? bytes : "");
}

void check_parse(struct check *check, size_t caller, const char *bytes, size_t len)
{
	if (!is_parsed(check))
		return;
	if (!check_is_json(bytes, len))
		check_wrong(check, caller, bytes, len);
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

bool check_is_faulty(const struct check *check)
{
	return check->said;
}

uint64_t check_parsed(const struct check *check)
{
	return check->parsed;
}

const struct check_figures *check_figures(const struct check *check)
{
	return &check->figures;
}

/* Of the user's commands. */
static int64_t unanswered(const struct user *user)
{
	int64_t count = 0;
	for (int64_t number = user->first; number < user->next; number++)
		count += !slot_of(user, number)->answered;
	return count;
}

struct check_faults check_end(struct check *check)
{
	for (size_t i = 0; i < check->users_count * check->sockets; i++) {
		const struct user *user = user_of(check, i);
		const struct member *member = &check->members[i];
		int64_t missing = top_of(check, user) - member->seq;
		if (i % check->sockets == 0)
			missing += unanswered(user);
		if (member->returning) {
			check_fault(check, &check->faults.missing, i, "did not come back");
		} else if (member->live && missing > 0) {
			check_fault(check, &check->faults.missing, i,
				"%" PRId64 " events or results never came", missing);
			check->faults.missing += (uint64_t)missing - 1;
		}
	}
	return check->faults;
}
