/* What check.c, check_parse.c and check_return.c share. */
#ifndef LOCKSTEP_TESTS_BENCH_LOAD_CHECK_STATE_H
#define LOCKSTEP_TESTS_BENCH_LOAD_CHECK_STATE_H

#include "tests/bench/load/check.h"
#include "tests/bench/load/scan.h"

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
	int64_t top;   /* the highest seq that is known of, where commands may be refused */
	int64_t done;  /* there, too: the seq of the last result that had one of its own */
	bool refused;  /* and whether any was: what it did not start, it need not pause */
	uint32_t loose;
	struct slot *slots;
};

struct member {
	int64_t seq, began_ns;
	int64_t results; /* of the first socket: how many came */
	bool live, returning, snapshot, loose;
	enum check_return how;
	char tag[SCAN_TAG];
};

struct check {
	size_t users_count, sockets, live, loose;
	unsigned parse_every, until_parse;
	bool events_only, adds, tolerant;
	int64_t open;
	uint64_t parsed, said;
	int64_t from_ns, to_ns;
	char epoch[CHECK_EPOCH];
	struct check_faults faults;
	struct check_figures figures;
	struct user *users;
	struct member *members;
};

/* Counts one, and says the first few on stderr. */
__attribute__((format(printf, 4, 5))) void check_fault(
	struct check *check, uint64_t *count, size_t socket, const char *format, ...);

static inline struct user *user_of(const struct check *check, size_t socket)
{
	return &check->users[socket / check->sockets];
}

/* The last seq that the user's sockets must come to. */
static inline int64_t top_of(const struct check *check, const struct user *user)
{
	return check->tolerant ? user->top : user->base + user->next;
}

/* check_parse.c: whether it is what it should be, read by the strict parser. `number`: the command whose
 * event it is. */
bool check_is_good(const struct check *check, size_t socket, const struct scan *scan, int64_t number,
	const char *bytes, size_t len);
bool check_is_json(const char *bytes, size_t len);

/* check_return.c: what comes before a socket is live (again). */
void check_take_ready(struct check *check, size_t socket, const char *bytes, size_t len);
void check_take_snapshot(
	struct check *check, size_t socket, const struct scan *scan, const char *bytes, size_t len);
void check_take_replayed(struct check *check, size_t socket, const struct scan *scan);
void check_take_live(struct check *check, size_t socket, const struct scan *scan, int64_t at_ns);

#endif
