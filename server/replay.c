#include "server/replay.h"

#include "server/answer.h"
#include "server/settle.h"

#include <stdio.h>
#include <string.h>

/* splitmix64: any two draws differ, and it needs no more than a counter. */
static uint64_t draw_word(struct replay *replay)
{
	uint64_t word = replay->drawn += UINT64_C(0x9e3779b97f4a7c15);
	word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
	return word ^ word >> 31;
}

static void draw(void *context, void *ret, size_t len)
{
	struct replay *replay = context;
	unsigned char *at = ret;
	size_t left = replay->given.len - replay->given_used;
	size_t given = left < len ? left : len;
	if (given)
		memcpy(at, replay->given.data + replay->given_used, given);
	replay->given_used += given;
	for (size_t done = given; done < len; done += sizeof(uint64_t)) {
		uint64_t word = draw_word(replay);
		memcpy(at + done, &word, len - done < sizeof(word) ? len - done : sizeof(word));
	}
}

void replay_give(struct replay *replay, const void *bytes, size_t len)
{
	text_clear(&replay->given);
	text_append(&replay->given, bytes, len);
	replay->given_used = 0;
}

enum err replay_open(struct replay *replay, const char *db, char ret_why[256])
{
	*replay = (struct replay){
		.limits =
			{
				.max_timers = 500,
				.max_groups = 200,
				.max_plans = 200,
				.max_tasks = 200,
				.max_problems = 1000,
				.max_replay_events = 500,
				.max_replay_bytes = 256 * 1024,
				.keep_events_days = 90,
			},
		.entropy = {.source = draw, .context = replay},
		.origin = {.via = "ws"},
	};
	return store_open(db, &replay->store, ret_why);
}

enum err replay_restart(struct replay *replay, const char *db, char ret_why[256])
{
	store_close(replay->store);
	replay->store = NULL;
	return store_open(db, &replay->store, ret_why);
}

void replay_close(struct replay *replay)
{
	while (replay->sent)
		replay_drop(replay);
	text_finish(&replay->given);
	store_close(replay->store);
	replay->store = NULL;
}

/* Transactions. */

enum err replay_begin(struct replay *replay, struct pass *ret)
{
	*ret = (struct pass){
		.store = replay->store,
		.entropy = &replay->entropy,
		.limits = &replay->limits,
		.now_ms = replay->now_ms,
	};
	return store_begin(replay->store);
}

static void keep(struct replay *replay, const struct pass *pass)
{
	struct reply **end = &replay->sent;
	while (*end)
		end = &(*end)->next;
	*end = pass->first;
}

enum err replay_commit(struct replay *replay, const struct pass *pass)
{
	keep(replay, pass);
	return store_commit(replay->store);
}

/* Commits, without a wait for the disk: what is played can be played again. After an error it gives up. */
static enum err end(struct replay *replay, const struct pass *pass, enum err err)
{
	bool unsynced;
	keep(replay, pass);
	if (err) {
		store_rollback(replay->store);
		return err;
	}
	err = store_commit_unsynced(replay->store, &unsynced);
	return err ? err : store_checkpoint(replay->store, false);
}

/* Users. */

enum err replay_identify(struct pass *pass, const struct auth_claims *claims, int64_t *ret_uid)
{
	struct auth_claims own = *claims;
	const struct request request = {.kind = REQUEST_IDENTIFY, .claims = &own};
	enum err err = answer_request(pass, &request);
	if (!err)
		*ret_uid = pass->last->uid;
	return err;
}

enum err replay_claims(struct replay *replay, const struct auth_claims *claims)
{
	struct pass pass;
	enum err err = replay_begin(replay, &pass);
	if (err)
		return err;
	err = replay_identify(&pass, claims, &replay->uid);
	return end(replay, &pass, err);
}

enum err replay_user(struct replay *replay, const char *user_id)
{
	struct auth_claims claims = {.issuer = REPLAY_ISSUER};
	enum err err = store_user_named(replay->store, user_id, &replay->uid);
	if (err != ERR_NOT_FOUND)
		return err;
	snprintf(claims.subject, sizeof(claims.subject), "%s", user_id);
	return replay_claims(replay, &claims);
}

/* Messages. */

/* As the loop answers what it cannot read. */
static void answer_unread(struct replay *replay, const char *id, const struct refusal *why)
{
	struct pass pass = {0};
	TEXT_AUTO body = {0};
	encode_refusal(&body, id, why, replay->now_ms);
	pass_reply(&pass, REPLY_ANSWER, 1, 0, &body);
	keep(replay, &pass);
}

static enum err send_read(struct replay *replay, const struct message *message)
{
	struct request request = {
		.kind = message->type == MESSAGE_RESUME ? REQUEST_SYNC : REQUEST_COMMANDS,
		.client = 1,
		.uid = replay->uid,
		.shape = ANSWER_SOCKET,
		.position = message->position,
		.origin = replay->origin,
		.count = message->count,
		.commands = message->commands,
		.batch = message->type == MESSAGE_BATCH,
	};
	struct pass pass;
	bool plays = message->count || message->type == MESSAGE_RESUME;
	if (!plays || !replay->uid)
		return ERR_BAD_REQUEST;
	memcpy(request.id, message->id, sizeof(request.id));
	enum err err = replay_begin(replay, &pass);
	if (err)
		return err;
	err = answer_request(&pass, &request);
	return end(replay, &pass, err);
}

enum err replay_send(struct replay *replay, const char *text)
{
	struct message message;
	struct refusal why;
	if (decode_message(text, strlen(text), &message, &why)) {
		answer_unread(replay, message.id, &why);
		return OK;
	}
	enum err err = send_read(replay, &message);
	message_finish(&message);
	return err;
}

/* What happens by itself. */

enum err replay_settle(struct replay *replay, int budget)
{
	struct pass pass;
	int64_t next_ms;
	enum err err = replay_begin(replay, &pass);
	if (err)
		return err;
	err = settle_due(&pass, budget, &next_ms);
	return end(replay, &pass, err);
}

static enum err settle_one(struct pass *pass, int64_t uid)
{
	struct turn turn;
	int budget = SETTLE_ALL;
	enum err err = turn_begin(&turn, pass, uid);
	if (!err)
		err = settle_until(&turn, turn.now_ms, &budget);
	return err ? err : turn_finish(&turn);
}

enum err replay_settle_user(struct replay *replay)
{
	struct pass pass;
	enum err err = replay_begin(replay, &pass);
	if (err)
		return err;
	err = settle_one(&pass, replay->uid);
	return end(replay, &pass, err);
}

/* What was theirs may stay: nobody comes to see it. */
enum err replay_forget(struct replay *replay, const char *user_id)
{
	unsigned char random[16];
	struct pass pass;
	int64_t uid;
	enum err err = replay_begin(replay, &pass);
	if (err)
		return err;
	entropy_fill(&replay->entropy, random, sizeof(random));
	err = store_forget_begin(replay->store, user_id, random, &uid);
	return end(replay, &pass, err == ERR_NOT_FOUND ? OK : err);
}

/* What was sent. Replies without a message are the loop's own business. */

const struct reply *replay_next(struct replay *replay)
{
	while (replay->sent && !replay->sent->message)
		replay_drop(replay);
	return replay->sent;
}

void replay_drop(struct replay *replay)
{
	struct reply *reply = replay->sent;
	replay->sent = reply->next;
	reply_destroy(reply);
}
