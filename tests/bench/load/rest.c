/* Requests over HTTP, each over a connection of its own: `users` callers, each with one request under way. */
#include "tests/bench/load/course.h"
#include "tests/bench/load/http.h"
#include "tests/bench/load/scan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define READY_MAX  64
#define READ_BYTES 65536
#define PATH_BYTES 100
#define PAGE       20 /* items of a list, when it isn't said how many */

struct caller {
	struct wire wire;
	struct text out, in;
	int64_t number; /* of the request that is under way, or next */
	int64_t began_ns;
	bool asks;
};

struct rest {
	struct run *run;
	int epoll;
	size_t hosts, asking;
	int64_t until_ns, until_number;
	struct caller callers[];
};

/* --- What is asked, and what must be answered */

static bool lists(const struct rest *rest)
{
	return rest->run->scenario->pace == PACE_LIST;
}

/* The first requests of each caller add sessions. */
static bool adds(const struct rest *rest, int64_t number)
{
	return number < rest->run->scenario->behind;
}

static void make_request(struct rest *rest, size_t user)
{
	struct caller *caller = &rest->callers[user];
	struct people *people = rest->run->people;
	char path[PATH_BYTES];
	struct http_request request = {.method = "POST", .path = path, .token = people_token(people, user)};
	if (adds(rest, caller->number)) {
		snprintf(path, sizeof(path), "/v1/commands");
		request.body = people_command(people, user, caller->number, &request.len);
	} else if (lists(rest)) {
		snprintf(path, sizeof(path), "/sessions");
		request.method = "GET";
	} else {
		snprintf(path, sizeof(path), "/sessions/%s/actions/%s", people_session(people, user),
			caller->number % 2 ? "start" : "pause");
	}
	text_clear(&caller->out);
	http_append(&caller->out, &request);
}

/* The one session, moved once more. */
static bool is_moved(const struct rest *rest, size_t user, const struct http_answer *answer)
{
	int64_t number = rest->callers[user].number;
	char what[PATH_BYTES];
	snprintf(what, sizeof(what),
		"{\"id\":\"%s\",\"kind\":\"timer\",\"userId\":\"load-%zu\",\"version\":%" PRId64 ",",
		people_session(rest->run->people, user), user, number + 1);
	return answer->len > strlen(what) && memcmp(answer->body, what, strlen(what)) == 0 &&
	       scan_has(answer->body, answer->len,
		       number % 2 ? "\"state\":\"RUNNING\"" : "\"state\":\"PAUSED\"");
}

static bool is_list(const struct rest *rest, size_t user, const struct http_answer *answer)
{
	char whose[PATH_BYTES];
	snprintf(whose, sizeof(whose), "\"userId\":\"load-%zu\",", user);
	size_t count = scan_count(answer->body, answer->len, whose);
	int behind = rest->run->scenario->behind;
	return count >= (size_t)(behind < PAGE ? behind : PAGE) && count <= PAGE &&
	       scan_count(answer->body, answer->len, "\"kind\":\"timer\"") == count;
}

static bool is_good(const struct rest *rest, size_t user, const struct http_answer *answer)
{
	if (answer->status != 200)
		return false;
	if (adds(rest, rest->callers[user].number))
		return scan_has(answer->body, answer->len, "\"ok\":true");
	return lists(rest) ? is_list(rest, user, answer) : is_moved(rest, user, answer);
}

/* --- Connections */

static void ask(struct rest *rest, size_t user)
{
	struct caller *caller = &rest->callers[user];
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.u64 = user};
	if (caller->number >= rest->until_number || ticks_now() >= rest->until_ns)
		return;
	make_request(rest, user);
	text_clear(&caller->in);
	caller->began_ns = ticks_now();
	caller->asks = true;
	rest->asking++;
	/* Each from another address, lest one runs out of ports. */
	wire_open(&caller->wire, rest->run->target->port, rest->hosts++, rest->run->trust);
	if (epoll_ctl(rest->epoll, EPOLL_CTL_ADD, caller->wire.fd, &event))
		give_up("epoll_ctl: %s", strerror(errno));
}

static void end(struct rest *rest, size_t user)
{
	struct caller *caller = &rest->callers[user];
	struct http_answer answer;
	int64_t now_ns = ticks_now();
	wire_close(&caller->wire);
	caller->asks = false;
	rest->asking--;
	bool whole = http_read(caller->in.data ? caller->in.data : "", caller->in.len, &answer);
	check_answer(rest->run->check, caller->began_ns, now_ns);
	if (!whole || !is_good(rest, user, &answer))
		check_wrong(rest->run->check, user, caller->in.data, caller->in.len);
	else
		check_parse(rest->run->check, user, answer.body, answer.len);
	caller->number++;
	ask(rest, user);
}

static void send_request(struct rest *rest, size_t user)
{
	struct caller *caller = &rest->callers[user];
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = user};
	ssize_t wrote = wire_write(&caller->wire, caller->out.data, caller->out.len);
	if (wrote < 0 && errno != EAGAIN)
		give_up("HTTP: %s", strerror(errno));
	if (wrote > 0) {
		caller->out.len -= (size_t)wrote;
		memmove(caller->out.data, caller->out.data + wrote, caller->out.len);
	}
	if ((!caller->out.len || caller->wire.reads_first) &&
		epoll_ctl(rest->epoll, EPOLL_CTL_MOD, caller->wire.fd, &event))
		give_up("epoll_ctl: %s", strerror(errno));
}

static void read_answer(struct rest *rest, size_t user)
{
	struct caller *caller = &rest->callers[user];
	char bytes[READ_BYTES];
	ssize_t got;
	while ((got = wire_read(&caller->wire, bytes, sizeof(bytes))) > 0)
		text_append(&caller->in, bytes, (size_t)got);
	if (got == 0)
		end(rest, user);
	else if (errno != EAGAIN)
		give_up("HTTP: %s", strerror(errno));
	else if (caller->out.len && !caller->wire.reads_first)
		send_request(rest, user);
}

/* Until each caller has asked so often, or it is time. */
static void call(struct rest *rest, int64_t until_number, int64_t until_ns)
{
	struct epoll_event ready[READY_MAX];
	rest->until_number = until_number;
	rest->until_ns = until_ns;
	for (int i = 0; i < rest->run->scenario->users; i++)
		ask(rest, (size_t)i);
	while (rest->asking) {
		int count = epoll_wait(rest->epoll, ready, READY_MAX, COURSE_PATIENCE_S * 1000);
		if (count == 0)
			give_up("an answer did not come in time");
		for (int i = 0; i < count; i++) {
			size_t user = ready[i].data.u64;
			if (rest->callers[user].out.len && (ready[i].events & EPOLLOUT))
				send_request(rest, user);
			if (ready[i].events & ~(uint32_t)EPOLLOUT)
				read_answer(rest, user);
		}
	}
}

void rest_prepare(struct run *run)
{
	size_t count = (size_t)run->scenario->users;
	run->rest = calloc(1, sizeof(*run->rest) + count * sizeof(run->rest->callers[0]));
	if (!run->rest)
		give_up("memory");
	run->rest->run = run;
	run->rest->epoll = epoll_create1(EPOLL_CLOEXEC);
	call(run->rest, run->scenario->behind, INT64_MAX);
}

void rest_go(struct run *run)
{
	call(run->rest, INT64_MAX, run->until_ns);
}

void rest_finish(struct run *run)
{
	if (!run->rest)
		return;
	for (int i = 0; i < run->scenario->users; i++) {
		text_finish(&run->rest->callers[i].in);
		text_finish(&run->rest->callers[i].out);
	}
	close(run->rest->epoll);
	free(run->rest);
}
