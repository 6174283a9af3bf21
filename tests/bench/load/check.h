/* Whether each event arrives once and in order at each socket of its user, and each result once, behind its
 * event; and how long that took. Knows what was sent and what must come of it; knows no sockets.
 *
 * One socket of each user, the first, sends all of the user's commands, numbered 0, 1, 2 …; each makes one
 * event. So command n makes the event with the n-th seq after the one that the user had at first. */
#ifndef LOCKSTEP_TESTS_BENCH_LOAD_CHECK_H
#define LOCKSTEP_TESTS_BENCH_LOAD_CHECK_H

#include "tests/bench/load/histogram.h"

#include <stdbool.h>
#include <stddef.h>

/* Commands of one user that may be under way. */
#define CHECK_UNDER_WAY 256

#define CHECK_EPOCH 64
#define CHECK_PLACE 160

struct check_faults {
	uint64_t missing;  /* events and results that never came */
	uint64_t twice;    /* that came again */
	uint64_t disorder; /* that came too early, or with a gap before them */
	uint64_t refused;  /* commands */
	uint64_t wrong;    /* messages that are not what they should be */
	uint64_t closed;   /* sockets that we did not close */
};

/* What is counted of the commands that were due between two instants. */
struct check_figures {
	struct histogram results,
		events; /* from when a command was due to when its result, its event, was there */
	uint64_t answered, delivered; /* between these instants */
	uint64_t event_bytes;         /* of those delivered */
	/* Of commands that were refused because there were too many: by the user's limit, by the server. And
	   of those that had nothing to change, since the one before was refused. */
	uint64_t limited, unavailable, unchanged;
	/* Of sockets that came back: from when they began to connect to live. And how they were brought up to
	   date, and by how many events. */
	struct histogram returns;
	uint64_t replays, snapshots, replayed;
};

/* How a socket that comes back is to be brought up to date. */
enum check_return {
	RETURN_TO_REPLAY,
	RETURN_TO_SNAPSHOT,
	RETURN_TO_EITHER,
};

struct check;

/* `sockets` of each of `users`: the socket of index i is the (i / sockets)-th user's. Of the messages one in
 * `parse_every` is parsed by the strict parser, too. */
struct check *check_create(size_t users, size_t sockets, unsigned parse_every);
void check_destroy(struct check *check);
/* There are no results: a command is done when its event is at each socket. */
void check_events_only(struct check *check);
/* Each command adds a session, where else only the first one does. */
void check_adds(struct check *check);
/* There may be too many commands: refusals for that reason are counted, and are no faults. */
void check_tolerate(struct check *check);

/* From here on figures are counted, until the other instant. */
void check_measure(struct check *check, int64_t from_ns, int64_t to_ns);

/* The user's next command, which was due then. Returns its number; -1 when CHECK_UNDER_WAY are. */
int64_t check_send(struct check *check, size_t user, int64_t due_ns);
/* Commands of the user whose result or event at some socket has not come. */
int64_t check_under_way(const struct check *check, size_t user);

/* A message that has arrived at a socket. */
void check_message(struct check *check, size_t socket, const char *bytes, size_t len, int64_t at_ns);
void check_closed(struct check *check, size_t socket, const char *why);

/* --- Answers that belong to no socket: whoever asked knows what they should be */

/* One that came then to what was asked then. */
void check_answer(struct check *check, int64_t due_ns, int64_t at_ns);
/* It is not what it should be. */
void check_wrong(struct check *check, size_t caller, const char *bytes, size_t len);
/* It is; but is it JSON? One in so many is looked at. */
void check_parse(struct check *check, size_t caller, const char *bytes, size_t len);

/* --- Sockets that come back */

/* It is closed, and forgets what it had after `seq`. Its user's others must not miss it: no command is under
 * way, or it was loosened. */
void check_leave(struct check *check, size_t socket, int64_t seq);
/* It begins to connect again: what it missed must come, in order, before it is live. */
void check_return(struct check *check, size_t socket, enum check_return how, int64_t began_ns);
/* From here on no command is under way for this socket's sake: it may lag. While none of the user's is under
 * way; not the user's first one. */
void check_loosen(struct check *check, size_t socket);
/* Where it is: of the last event that it has, or "?epoch=…" for the URL. */
int64_t check_seq(const struct check *check, size_t socket);
void check_place(const struct check *check, size_t socket, char ret[CHECK_PLACE]);
bool check_is_live(const struct check *check, size_t socket);
/* All are live, and those that may lag don't. */
bool check_is_whole(const struct check *check);

/* Sockets that are live. */
size_t check_live(const struct check *check);
/* Commands of all users of which something is still to come. */
int64_t check_open(const struct check *check);
/* Something was wrong already. */
bool check_is_faulty(const struct check *check);
uint64_t check_parsed(const struct check *check);
const struct check_figures *check_figures(const struct check *check);

/* Counts as missing what has not come. The first faults are said on stderr. */
struct check_faults check_end(struct check *check);

#endif
