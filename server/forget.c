#include "server/forget.h"

#include "server/answer.h"
#include "server/log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* A file up to here is written anew while everybody waits: some 30 ms. */
#define REWRITE_BYTES (4 * 1024 * 1024)
/* Somebody else reads the file, a backup say. */
#define WIPE_AGAIN_MS 500

struct forget_waiter {
	struct forget_waiter *next;
	uint64_t client;
	int64_t uid;
	bool joined;    /* what it asked for is committed */
	bool answered;  /* in this transaction */
	char user_id[]; /* as it called the person */
};

void forget_init(struct forget *forget)
{
	*forget = (struct forget){.now.wanted = true};
}

static void drop_waiters(struct forget *forget, bool (*which)(const struct forget_waiter *waiter))
{
	struct forget_waiter *waiter, *next;
	LL_FOREACH_SAFE(forget->waiters, waiter, next)
	{
		if (!which(waiter))
			continue;
		LL_DELETE(forget->waiters, waiter);
		free(waiter);
	}
}

static bool is_any(const struct forget_waiter *waiter)
{
	return waiter;
}

static bool is_strange(const struct forget_waiter *waiter)
{
	return !waiter->joined;
}

static bool is_answered(const struct forget_waiter *waiter)
{
	return waiter->answered;
}

void forget_finish(struct forget *forget)
{
	drop_waiters(forget, is_any);
}

void forget_begin(struct forget *forget)
{
	struct forget_waiter *waiter;
	forget->next = forget->now;
	drop_waiters(forget, is_strange);
	LL_FOREACH(forget->waiters, waiter)
	waiter->answered = false;
}

void forget_committed(struct forget *forget)
{
	struct forget_waiter *waiter;
	if (forget->now.stage == FORGET_END && forget->next.stage != FORGET_END)
		log_info("somebody is deleted, and is %s", forget->now.person.pseudonym);
	forget->now = forget->next;
	drop_waiters(forget, is_answered);
	LL_FOREACH(forget->waiters, waiter)
	waiter->joined = true;
}

static void add_waiter(struct forget *forget, const struct request *request, int64_t uid)
{
	size_t size = strlen(request->user_id) + 1;
	struct forget_waiter *waiter = calloc(1, sizeof(*waiter) + size);
	if (!waiter)
		abort();
	waiter->client = request->client;
	waiter->uid = uid;
	memcpy(waiter->user_id, request->user_id, size);
	LL_APPEND(forget->waiters, waiter);
}

enum err forget_take(struct forget *forget, struct pass *pass, const struct request *request)
{
	unsigned char random[16];
	int64_t uid;
	entropy_fill(pass->entropy, random, sizeof(random));
	enum err err = store_forget_begin(pass->store, request->user_id, random, &uid);
	if (err == ERR_NOT_FOUND) {
		struct refusal why;
		refuse(&why, ERR_NOT_FOUND, NULL, "there is no user %s", request->user_id);
		answer_refusal(pass, request, 0, &why);
		return OK;
	}
	if (err)
		return err;
	forget->next.wanted = true;
	add_waiter(forget, request, uid);
	pass_reply(pass, REPLY_REVOKED, 0, uid, NULL);
	return OK;
}

void forget_tell(struct text *out, const char *user_id, const struct forgetting *person, bool rewritten)
{
	static const char *const names[] = {
		[FORGET_SESSIONS] = "session",
		[FORGET_TASKS] = "task",
		[FORGET_GROUPS] = "group",
		[FORGET_PROBLEMS] = "problem",
		[FORGET_PLANS] = "plan",
		[FORGET_EVENTS] = "event",
		[FORGET_DEVICES] = "device token",
	};
	text_append_format(out, "deleted %s", user_id);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		text_append_format(out, "%s %" PRId64 " %s%s", i ? "," : ":", person->gone[i], names[i],
			person->gone[i] == 1 ? "" : "s");
	text_append_format(out, "; %" PRId64 " %s, as %s%s\n", person->audit_rows,
		person->audit_rows == 1 ? "line of the audit log stays" : "lines of the audit log stay",
		person->pseudonym, rewritten ? "" : " (the file was not written anew)");
}

static void answer_waiters(struct forget *forget, struct pass *pass)
{
	const struct forget_progress *done = &forget->next;
	struct forget_waiter *waiter;
	LL_FOREACH(forget->waiters, waiter)
	{
		if (waiter->uid != done->person.uid)
			continue;
		TEXT_AUTO line = {0};
		forget_tell(&line, waiter->user_id, &done->person, done->rewritten);
		pass_reply(pass, REPLY_ANSWER, waiter->client, 0, &line);
		waiter->answered = true;
	}
}

static enum err end(struct forget *forget, struct pass *pass)
{
	struct forget_progress *next = &forget->next;
	enum err err = store_forget_end(pass->store, next->person.uid);
	if (err)
		return err;
	answer_waiters(forget, pass);
	*next = (struct forget_progress){.wanted = true};
	return OK;
}

static enum err begin_next(struct forget_progress *next, struct store *store)
{
	enum err err = store_forget_next(store, &next->person);
	if (err == ERR_NOT_FOUND)
		next->wanted = false;
	return err == ERR_NOT_FOUND ? OK : err;
}

enum err forget_slice(struct forget *forget, struct pass *pass)
{
	struct forget_progress *next = &forget->next;
	bool done = false;
	if (!next->wanted || next->stage == FORGET_WIPE)
		return OK;
	if (next->stage == FORGET_END)
		return end(forget, pass);
	if (!next->person.uid)
		return begin_next(next, pass->store);
	enum err err = store_forget_slice(pass->store, &next->person, &done);
	if (!err && done)
		next->stage = FORGET_WIPE;
	return err;
}

enum err forget_wipe(struct forget *forget, struct store *store, int64_t monotonic_ms)
{
	struct forget_progress *now = &forget->now;
	if (now->stage != FORGET_WIPE || monotonic_ms < forget->wipe_at_ms)
		return OK;
	enum err err = store_forget_wipe(store, REWRITE_BYTES, &now->rewritten);
	if (!err)
		now->stage = FORGET_END;
	forget->wipe_at_ms = err ? monotonic_ms + WIPE_AGAIN_MS : 0;
	return err == ERR_UNAVAILABLE ? OK : err;
}

int64_t forget_wait_ms(const struct forget *forget, int64_t monotonic_ms)
{
	if (!forget->now.wanted)
		return -1;
	int64_t left_ms = forget->now.stage == FORGET_WIPE ? forget->wipe_at_ms - monotonic_ms : 0;
	return left_ms > 0 ? left_ms : 0;
}
