#include "server/recorder.h"

#include "protocol/instant.h"
#include "protocol/json.h"
#include "server/answer.h"
#include "server/log.h"
#include "server/settle.h"
#include "server/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct recorder {
	int fd;        /* -1: it has failed */
	off_t end;     /* of what is to stay */
	off_t pass_at; /* where the pass began */
	struct entropy kernel;
	struct entropy entropy; /* the pass's: the kernel's, written down */
	/* What is being carried out: the random bytes that it drew, in hex; the lines in front of it; its
	 * own, or none; and whether the user had anything due. */
	struct text drawn, head, own;
	bool due;
	/* What the file said last. */
	int64_t now_ms, uid;
	struct text origin, claims;
};

/* The file. */

static void fail(struct recorder *recorder)
{
	log_error("recording has ended: %s", strerror(errno));
	close(recorder->fd);
	recorder->fd = -1;
}

static void write_at_end(struct recorder *recorder, const struct text *text)
{
	size_t done = 0;
	while (recorder->fd >= 0 && done < text->len) {
		ssize_t len = pwrite(
			recorder->fd, text->data + done, text->len - done, recorder->end + (off_t)done);
		if (len > 0)
			done += (size_t)len;
		else if (len == 0 || errno != EINTR)
			fail(recorder);
	}
}

/* What is written from now on says everything anew. */
static void forget(struct recorder *recorder)
{
	recorder->now_ms = -1;
	recorder->uid = 0;
	text_clear(&recorder->origin);
	text_clear(&recorder->claims);
}

static void begin_file(struct recorder *recorder, const struct engine_limits *limits)
{
	TEXT_AUTO text = {0};
	text_append_string(&text, recorder->end ? "\n! restart\n"
						: "# Recorded by lockstepd " LOCKSTEP_VERSION
						  ". It holds what people typed.\n");
	for (const struct trace_limit *limit = trace_limits; limit->name; limit++)
		text_append_format(&text, "! %s %lld\n", limit->name,
			(long long)*(const int64_t *)((const char *)limits + limit->at));
	write_at_end(recorder, &text);
	recorder->end += (off_t)text.len;
}

static void draw(void *context, void *ret, size_t len)
{
	struct recorder *recorder = context;
	entropy_fill(&recorder->kernel, ret, len);
	for (size_t i = 0; i < len; i++)
		text_append_format(&recorder->drawn, "%02x", ((const unsigned char *)ret)[i]);
}

enum err recorder_create(
	const char *path, const struct engine_limits *limits, struct recorder **ret, char ret_why[256])
{
	struct stat stat;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd < 0 || fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode)) {
		snprintf(ret_why, 256, "cannot record to %.160s: %s", path,
			fd < 0 ? strerror(errno) : "it is no file");
		if (fd >= 0)
			close(fd);
		return ERR_UNAVAILABLE;
	}
	struct recorder *recorder = calloc(1, sizeof(*recorder));
	if (!recorder)
		abort();
	recorder->fd = fd;
	recorder->end = stat.st_size;
	recorder->entropy = (struct entropy){.source = draw, .context = recorder};
	forget(recorder);
	begin_file(recorder, limits);
	*ret = recorder;
	return OK;
}

void recorder_destroy(struct recorder *recorder)
{
	if (!recorder)
		return;
	if (recorder->fd >= 0)
		close(recorder->fd);
	struct text *const texts[] = {
		&recorder->drawn, &recorder->head, &recorder->own, &recorder->origin, &recorder->claims};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		text_finish(texts[i]);
	free(recorder);
}

void recorder_begin(struct recorder *recorder, struct pass *pass)
{
	if (!recorder)
		return;
	recorder->pass_at = recorder->end;
	pass->entropy = &recorder->entropy;
}

void recorder_rollback(struct recorder *recorder)
{
	if (!recorder || recorder->fd < 0)
		return;
	if (ftruncate(recorder->fd, recorder->pass_at) != 0)
		fail(recorder);
	recorder->end = recorder->pass_at;
	forget(recorder);
}

/* Lines. */

static void append_line(struct text *out, const char *sign, const char *json, size_t len)
{
	trace_write(out, sign, json, len);
	text_append_string(out, "\n");
}

/* Whether the file said that last; if not, it is about to. */
static bool is_said(struct text *last, const struct text *now)
{
	bool same = last->len == now->len && memcmp(last->data, now->data, now->len) == 0;
	text_clear(last);
	text_append(last, now->data, now->len);
	return same;
}

static void put_time(struct recorder *recorder, int64_t now_ms)
{
	char instant[INSTANT_TEXT];
	if (now_ms == recorder->now_ms)
		return;
	instant_format(now_ms, instant);
	text_append_format(&recorder->head, "@ %s\n", instant);
	recorder->now_ms = now_ms;
}

static void put_user(struct recorder *recorder, const struct user *user)
{
	if (user->uid == recorder->uid)
		return;
	text_append_string(&recorder->head, "= {\"user\":");
	text_append_json(&recorder->head, user->user_id);
	text_append_string(&recorder->head, "}\n");
	recorder->uid = user->uid;
}

static void put_origin(struct recorder *recorder, const struct origin *origin)
{
	TEXT_AUTO text = {0};
	encode_origin(&text, origin, "");
	if (is_said(&recorder->origin, &text))
		return;
	append_line(&recorder->head, "^ ", text.data, text.len);
}

/* What could not be read is no command: it changes nothing. */
static void put_message(struct recorder *recorder, const struct request *request)
{
	TEXT_AUTO text = {0};
	const char *comma = "";
	text_append_string(&text, request->batch ? "{\"type\":\"batch\",\"commands\":[" : "");
	for (size_t i = 0; i < request->count; i++) {
		if (request->commands[i].why.code)
			continue;
		text_append_string(&text, comma);
		json_print(request->commands[i].command.tree, &text);
		comma = ",";
	}
	text_append_string(&text, request->batch ? "]}" : "");
	append_line(&recorder->own, "> ", text.data, text.len);
}

/* Whether a socket could say it, and would be answered the same. */
static bool plays(const struct request *request)
{
	bool good = false;
	for (size_t i = 0; i < request->count; i++)
		good = good || !request->commands[i].why.code;
	return request->kind == REQUEST_COMMANDS && good && !request->read_only;
}

/* It has what they typed, whatever becomes of the database. */
static void prepare_forget(struct recorder *recorder, const struct pass *pass, const char *user_id)
{
	log_warn("a person is deleted, but not from what is recorded");
	put_time(recorder, pass->now_ms);
	text_append_format(&recorder->own, "! delete-user %s\n", user_id);
	recorder->uid = 0;
}

/* Makes the lines in front of what is asked for, and its own. What isn't there for the store is found out by
 * whoever carries it out. */
static void prepare(struct recorder *recorder, const struct pass *pass, const struct request *request)
{
	struct user user;
	struct due due;
	bool settles = request->kind == REQUEST_COMMANDS || request->kind == REQUEST_SYNC ||
		       request->kind == REQUEST_VIEW;
	if (request->kind == REQUEST_FORGET)
		prepare_forget(recorder, pass, request->user_id);
	if (!settles || store_user_load(pass->store, request->uid, pass->now_ms, &user))
		return;
	int64_t now_ms = pass->now_ms > user.clock_ms ? pass->now_ms : user.clock_ms;
	recorder->due = !store_due_first(pass->store, user.uid, now_ms, &due);
	if (!plays(request) && !recorder->due)
		return;
	put_time(recorder, pass->now_ms);
	put_user(recorder, &user);
	if (plays(request)) {
		put_origin(recorder, &request->origin);
		put_message(recorder, request);
	} else {
		text_append_string(&recorder->own, "~ own\n");
	}
}

/* What was sent. */

static void append_sent(struct text *out, const char *sign, const struct reply *reply)
{
	append_line(out, sign, (const char *)message_data(reply->message), reply->message->len);
}

/* A command's result is not in the answer of HTTP as a socket has it, but for that of a single one: no more
 * is expected of it than that it is one. */
static void append_results(struct text *out, const struct request *request, const struct reply *answer)
{
	for (size_t i = 0; i < request->count; i++) {
		if (!request->commands[i].why.code)
			text_append_string(out, "< {\"type\":\"result\"}\n");
	}
	append_sent(out, "# answered: ", answer);
}

static void append_answer(
	struct text *out, const struct request *request, const struct reply *answer, size_t index)
{
	bool whole = request->shape == ANSWER_SOCKET || (request->shape == ANSWER_V1 && !request->batch);
	if (!whole)
		append_results(out, request, answer);
	else
		append_sent(out, request->commands[index].why.code ? "# unread: " : "< ", answer);
}

static void append_replies(struct text *out, const struct request *request, const struct reply *reply)
{
	size_t index = 0;
	for (; reply; reply = reply->next) {
		if (reply->kind == REPLY_EVENT)
			append_sent(out, "< ", reply);
		else if (reply->kind == REPLY_ANSWER && request && plays(request))
			append_answer(out, request, reply, index++);
	}
}

/* A refused request of rest.md: what its path and its body's other fields have to say to it is not in the
 * message, and it has changed nothing. */
static bool refused_elsewhere(const struct request *request, const struct reply *reply)
{
	while (reply && reply->next)
		reply = reply->next;
	return reply && request && request->shape == ANSWER_OBJECT && reply->status >= 400;
}

static void append_refused(struct recorder *recorder, struct text *out, const struct reply *reply)
{
	text_append_string(out, recorder->due ? "~ own\n" : "");
	for (; reply->next; reply = reply->next) {
		if (reply->kind == REPLY_EVENT)
			append_sent(out, "< ", reply);
	}
	text_append_string(out, "# ");
	text_append(out, recorder->own.data, recorder->own.len);
	append_sent(out, "# refused: ", reply);
}

static void append_random(const struct recorder *recorder, struct text *out)
{
	if (recorder->drawn.len)
		text_append_format(out, "%% %s\n", recorder->drawn.data);
}

static void keep(struct recorder *recorder, const struct request *request, const struct reply *first)
{
	TEXT_AUTO out = {0};
	if (!recorder->own.len)
		return;
	text_append(&out, recorder->head.data, recorder->head.len);
	append_random(recorder, &out);
	if (refused_elsewhere(request, first)) {
		append_refused(recorder, &out, first);
	} else {
		text_append(&out, recorder->own.data, recorder->own.len);
		append_replies(&out, request, first);
	}
	write_at_end(recorder, &out);
	recorder->end += (off_t)out.len;
}

/* A token of an issuer: who comes to be by it, and whose name changes. */
static void keep_claims(struct recorder *recorder, const struct pass *pass, const struct auth_claims *claims)
{
	TEXT_AUTO line = {0};
	TEXT_AUTO out = {0};
	const struct {
		const char *name, *value;
	} members[] = {{"user", pass->last->user_id}, {"issuer", claims->issuer},
		{"subject", claims->subject}, {"name", claims->name}, {"email", claims->email}};
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		text_append_format(&line, "%s\"%s\":", i ? "," : "{", members[i].name);
		text_append_json(&line, members[i].value);
	}
	text_append_string(&line, "}");
	if (is_said(&recorder->claims, &line))
		return;
	put_time(recorder, pass->now_ms);
	text_append(&out, recorder->head.data, recorder->head.len);
	append_random(recorder, &out);
	append_line(&out, "= ", line.data, line.len);
	write_at_end(recorder, &out);
	recorder->end += (off_t)out.len;
	recorder->uid = pass->last->uid;
}

/* What the engine does. */

static void begin_block(struct recorder *recorder)
{
	text_clear(&recorder->drawn);
	text_clear(&recorder->head);
	text_clear(&recorder->own);
	recorder->due = false;
}

static void write_ahead(struct recorder *recorder)
{
	TEXT_AUTO out = {0};
	if (!recorder->own.len)
		return;
	text_append(&out, recorder->head.data, recorder->head.len);
	text_append(&out, recorder->own.data, recorder->own.len);
	write_at_end(recorder, &out);
}

enum err recorder_answer(struct recorder *recorder, struct pass *pass, const struct request *request)
{
	if (!recorder || recorder->fd < 0)
		return answer_request(pass, request);
	const struct reply *before = pass->last;
	begin_block(recorder);
	prepare(recorder, pass, request);
	write_ahead(recorder);
	enum err err = answer_request(pass, request);
	if (err)
		return err;
	if (request->kind == REQUEST_FORGET)
		text_clear(&recorder->claims);
	if (request->kind == REQUEST_IDENTIFY && request->claims)
		keep_claims(recorder, pass, request->claims);
	else
		keep(recorder, request, before ? before->next : pass->first);
	return OK;
}

enum err recorder_settle(struct recorder *recorder, struct pass *pass, int budget, int64_t *ret_next_ms)
{
	struct due due;
	if (!recorder || recorder->fd < 0)
		return settle_due(pass, budget, ret_next_ms);
	const struct reply *before = pass->last;
	begin_block(recorder);
	if (!store_due_next(pass->store, &due) && due.at_ms <= pass->now_ms) {
		put_time(recorder, pass->now_ms);
		text_append_format(&recorder->own, "~ %d\n", budget);
	}
	write_ahead(recorder);
	enum err err = settle_due(pass, budget, ret_next_ms);
	if (!err)
		keep(recorder, NULL, before ? before->next : pass->first);
	return err;
}
