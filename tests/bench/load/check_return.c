#include "tests/bench/load/check_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void check_leave(struct check *check, size_t socket, int64_t seq)
{
	struct member *member = &check->members[socket];
	if (member->live)
		check->live--;
	member->live = member->snapshot = false;
	member->seq = seq;
}

void check_return(struct check *check, size_t socket, enum check_return how, int64_t began_ns)
{
	struct member *member = &check->members[socket];
	member->returning = true;
	member->how = how;
	member->began_ns = began_ns;
}

void check_loosen(struct check *check, size_t socket)
{
	check->members[socket].loose = true;
	user_of(check, socket)->loose++;
	check->loose++;
}

int64_t check_seq(const struct check *check, size_t socket)
{
	return check->members[socket].seq;
}

bool check_is_live(const struct check *check, size_t socket)
{
	return check->members[socket].live;
}

void check_place(const struct check *check, size_t socket, char ret[CHECK_PLACE])
{
	const struct member *member = &check->members[socket];
	snprintf(ret, CHECK_PLACE, "?epoch=%s&seq=%" PRId64 "%s%s", check->epoch, member->seq,
		*member->tag ? "&tag=" : "", member->tag);
}

bool check_is_whole(const struct check *check)
{
	size_t all = check->users_count * check->sockets;
	if (check->live < all)
		return false;
	for (size_t i = 0; check->loose && i < all; i++) {
		if (check->members[i].seq < top_of(check, user_of(check, i)))
			return false;
	}
	return true;
}

void check_take_ready(struct check *check, size_t socket, const char *bytes, size_t len)
{
	struct member *member = &check->members[socket];
	bool replay = scan_has(bytes, len, "\"mode\":\"replay\"");
	if (!*check->epoch)
		scan_text(bytes, len, "\"epoch\":\"", check->epoch, sizeof(check->epoch));
	if (!member->returning)
		return;
	if (member->how != (replay ? RETURN_TO_REPLAY : RETURN_TO_SNAPSHOT) &&
		member->how != RETURN_TO_EITHER)
		check_fault(check, &check->faults.wrong, socket,
			"not brought up to date as it should be: %.*s", (int)len, bytes);
	member->snapshot = !replay;
	if (replay)
		check->figures.replays++;
	else
		check->figures.snapshots++;
}

void check_take_snapshot(
	struct check *check, size_t socket, const struct scan *scan, const char *bytes, size_t len)
{
	struct member *member = &check->members[socket];
	if (!member->returning)
		return;
	if (!member->snapshot)
		check_fault(check, &check->faults.wrong, socket, "a snapshot that was not announced");
	if (check->adds &&
		scan_count(bytes, len, "\"kind\":\"timer\"") != (size_t)user_of(check, socket)->next)
		check_fault(check, &check->faults.wrong, socket, "a snapshot without all sessions");
	member->snapshot = false;
	member->seq = scan->seq;
}

void check_take_replayed(struct check *check, size_t socket, const struct scan *scan)
{
	struct member *member = &check->members[socket];
	if (!member->returning || member->snapshot)
		check_fault(check, &check->faults.wrong, socket, "an event before live");
	else if (scan->seq <= member->seq)
		check_fault(check, &check->faults.twice, socket, "event %" PRId64 " again", scan->seq);
	else if (scan->seq != member->seq + 1)
		check_fault(check, &check->faults.disorder, socket, "event %" PRId64 " behind %" PRId64,
			scan->seq, member->seq);
	else
		check->figures.replayed++;
	member->seq = scan->seq;
}

/* A user's first socket says where the user's log stands. */
static void take_first_live(struct check *check, size_t socket, const struct scan *scan)
{
	struct user *user = user_of(check, socket);
	if (user->base < 0)
		user->base = user->top = user->done = scan->seq;
	if (top_of(check, user) != scan->seq)
		check_fault(check, &check->faults.wrong, socket, "live at %" PRId64 ", not %" PRId64,
			scan->seq, top_of(check, user));
	check->members[socket].seq = scan->seq;
}

static void take_live_again(struct check *check, size_t socket, const struct scan *scan, int64_t at_ns)
{
	struct member *member = &check->members[socket];
	if (scan->seq != member->seq || member->snapshot)
		check_fault(check, &check->faults.missing, socket,
			"live at %" PRId64 ", and got up to %" PRId64, scan->seq, member->seq);
	histogram_add(&check->figures.returns, at_ns - member->began_ns);
	member->returning = false;
}

void check_take_live(struct check *check, size_t socket, const struct scan *scan, int64_t at_ns)
{
	struct member *member = &check->members[socket];
	if (member->live) {
		check_fault(check, &check->faults.twice, socket, "live again");
		return;
	}
	if (member->returning)
		take_live_again(check, socket, scan, at_ns);
	else
		take_first_live(check, socket, scan);
	memcpy(member->tag, scan->tag, sizeof(member->tag));
	member->live = true;
	check->live++;
}
