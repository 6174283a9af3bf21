#include "server/sync.h"
#include "protocol/member.h"
#include "server/metrics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *sync_reason_name(enum sync_reason reason)
{
	static const char *const names[SYNC_REASONS] = {
		[SYNC_REPLAY] = "replay",
		[SYNC_FRESH] = "fresh",
		[SYNC_EPOCH] = "epoch",
		[SYNC_FUTURE] = "future",
		[SYNC_PRUNED] = "pruned",
		[SYNC_TOO_MANY] = "tooMany",
		[SYNC_ASKED] = "fresh",
	};
	return names[reason];
}

void missed_finish(struct missed *missed)
{
	for (size_t i = 0; i < missed->count; i++)
		text_finish(&missed->events[i]);
	free(missed->events);
	*missed = (struct missed){0};
}

/* Why events after the position can't be replayed, or NULL so far. */
static enum err check_position(
	struct turn *turn, const struct position *position, enum sync_reason *ret_reason)
{
	const struct user *user = &turn->user;
	*ret_reason = SYNC_REPLAY;
	if (!position->given)
		*ret_reason = SYNC_FRESH;
	else if (strcmp(position->epoch, store_epoch(turn->store)) != 0)
		*ret_reason = SYNC_EPOCH;
	else if (position->seq > user->seq)
		*ret_reason = SYNC_FUTURE;
	if (*ret_reason || position->seq == 0)
		return OK;
	uint32_t tag;
	enum err err = store_event_tag(turn->store, user->uid, position->seq, &tag);
	if (err && err != ERR_NOT_FOUND)
		return err;
	if (err)
		*ret_reason = SYNC_PRUNED;
	else if (position->has_tag && position->tag != tag)
		*ret_reason = SYNC_EPOCH;
	return OK;
}

struct collector {
	const struct engine_limits *limits;
	struct missed *missed;
	int64_t next_seq;
};

static enum err collect_event(void *context, int64_t seq, uint32_t tag, const char *body, size_t len)
{
	struct collector *collector = context;
	struct missed *missed = collector->missed;
	(void)tag;
	missed->bytes += len;
	if (seq != collector->next_seq)
		missed->reason = SYNC_PRUNED;
	else if (missed->count >= (size_t)collector->limits->max_replay_events ||
		 missed->bytes > (size_t)collector->limits->max_replay_bytes)
		missed->reason = SYNC_TOO_MANY;
	if (missed->reason)
		return ERR_LIMIT;
	struct text *events = reallocarray(missed->events, missed->count + 1, sizeof(*events));
	if (!events)
		abort();
	missed->events = events;
	events[missed->count] = (struct text){0};
	text_append(&events[missed->count++], body, len);
	collector->next_seq++;
	return OK;
}

enum err missed_load(struct turn *turn, const struct position *position, struct missed *ret)
{
	struct missed missed = {0};
	enum err err = check_position(turn, position, &missed.reason);
	if (!err && !missed.reason && position->seq < turn->user.seq) {
		struct collector collector = {turn->pass->limits, &missed, position->seq + 1};
		err = store_event_each(turn->store, turn->user.uid, position->seq, collect_event, &collector);
		if (err == ERR_LIMIT)
			err = OK;
		/* "Never a partial replay." */
		if (!missed.reason && collector.next_seq != turn->user.seq + 1)
			missed.reason = SYNC_PRUNED;
	}
	if (err)
		missed_finish(&missed);
	else
		*ret = missed;
	return err;
}

void sync_encode_position(const struct turn *turn, struct text *out)
{
	text_append_format(
		out, "\"epoch\":\"%s\",\"seq\":%" PRId64, store_epoch(turn->store), turn->user.seq);
	member_tag_if(out, "tag", turn->user.seq != 0, turn->user.tag);
}

struct lister {
	struct text *out;
	struct turn *turn;
	struct text tasks; /* of the sessions listed */
};

static void separate(struct text *out)
{
	if (out->len && out->data[out->len - 1] == '}')
		text_append(out, ",", 1);
}

static enum err list_group(void *context, const struct group *group)
{
	struct lister *lister = context;
	separate(lister->out);
	encode_group(lister->out, group, &lister->turn->view);
	return OK;
}

static enum err list_plan(void *context, const struct plan *plan)
{
	struct lister *lister = context;
	separate(lister->out);
	encode_plan(lister->out, plan, false, &lister->turn->view);
	return OK;
}

static enum err list_task(void *context, const struct task *task)
{
	struct lister *lister = context;
	separate(&lister->tasks);
	encode_task(&lister->tasks, task);
	return OK;
}

static enum err list_session(void *context, const struct session *session)
{
	struct lister *lister = context;
	struct turn *turn = lister->turn;
	separate(lister->out);
	encode_session(lister->out, session, &turn->view);
	if (session->kind != KIND_WORK)
		return OK;
	return store_task_each(turn->store, turn->user.uid, &session->id, turn->now_ms, list_task, lister);
}

/* protocol.md section 2: user, groups, plans, sessions, tasks. */
static enum err encode_state(struct turn *turn, struct text *out)
{
	struct lister lister = {.out = out, .turn = turn};
	int64_t uid = turn->user.uid;
	text_append_string(out, "{\"user\":");
	encode_user(out, &turn->view);
	text_append_string(out, ",\"groups\":[");
	enum err err = store_group_each(turn->store, uid, list_group, &lister);
	text_append_string(out, "],\"plans\":[");
	if (!err)
		err = store_plan_list(turn->store, uid, false, INT64_MAX, 0, list_plan, &lister);
	text_append_string(out, "],\"sessions\":[");
	if (!err)
		err = store_session_each(turn->store, uid, SESSIONS_SHOWN, NULL, list_session, &lister);
	text_append_string(out, "],\"tasks\":[");
	text_append(out, lister.tasks.data, lister.tasks.len);
	text_append_string(out, "]}");
	text_finish(&lister.tasks);
	return err;
}

enum err sync_encode_snapshot(struct turn *turn, const char *id, enum sync_reason reason, struct text *out)
{
	text_append_string(out, "{\"type\":\"snapshot\",");
	if (id)
		text_append_format(out, "\"id\":%s,", id);
	sync_encode_position(turn, out);
	text_append_format(out,
		",\"reason\":\"%s\",\"nowMs\":%" PRId64 ",\"state\":", sync_reason_name(reason),
		turn->now_ms);
	enum err err = encode_state(turn, out);
	text_append_string(out, "}");
	metrics_note_snapshot(turn->pass->notes, reason);
	return err;
}

static void answer(struct turn *turn, const struct request *request, struct text *body)
{
	pass_reply(turn->pass, REPLY_ANSWER, request->client, turn->user.uid, body)->seq = turn->user.seq;
}

static void answer_ready(struct turn *turn, const struct request *request, const struct missed *missed)
{
	TEXT_AUTO out = {0};
	text_append_format(&out, "{\"type\":\"ready\",\"id\":%s,\"userId\":", request->id);
	text_append_json(&out, turn->user.user_id);
	text_append_string(&out, ",\"connectionId\":");
	text_append_json(&out, request->origin.connection_id);
	text_append_string(&out, ",");
	sync_encode_position(turn, &out);
	if (missed->reason)
		text_append_format(
			&out, ",\"mode\":\"snapshot\",\"reason\":\"%s\"", sync_reason_name(missed->reason));
	else
		text_append_format(&out, ",\"mode\":\"replay\",\"replayCount\":%zu", missed->count);
	text_append_string(&out, ",\"tokenExpiresAtMs\":");
	if (request->token_expires_at_ms)
		text_append_integer(&out, request->token_expires_at_ms);
	else
		text_append_string(&out, "null");
	text_append_format(&out, ",\"nowMs\":%" PRId64, turn->pass->now_ms);
	text_append(&out, request->ready_tail.data, request->ready_tail.len);
	text_append_string(&out, "}");
	answer(turn, request, &out);
}

static enum err answer_missed(struct turn *turn, const struct request *request, const struct missed *missed)
{
	for (size_t i = 0; !missed->reason && i < missed->count; i++)
		answer(turn, request, &missed->events[i]);
	if (!missed->reason) {
		metrics_note_replay(turn->pass->notes, missed->count);
		return OK;
	}
	TEXT_AUTO out = {0};
	enum err err = sync_encode_snapshot(turn, NULL, missed->reason, &out);
	if (!err)
		answer(turn, request, &out);
	return err;
}

static void answer_live(struct turn *turn, const struct request *request)
{
	TEXT_AUTO out = {0};
	text_append_format(&out, "{\"type\":\"live\",\"seq\":%" PRId64, turn->user.seq);
	member_tag_if(&out, "tag", turn->user.seq != 0, turn->user.tag);
	text_append(&out, "}", 1);
	answer(turn, request, &out);
	struct reply *live = pass_reply(turn->pass, REPLY_LIVE, request->client, turn->user.uid, NULL);
	pass_answers(live, request);
	live->seq = turn->user.seq;
}

enum err sync_answer(struct turn *turn, const struct request *request)
{
	__attribute__((cleanup(missed_finish))) struct missed missed = {0};
	enum err err = missed_load(turn, &request->position, &missed);
	if (err)
		return err;
	struct reply *synced = pass_reply(turn->pass, REPLY_SYNCED, request->client, turn->user.uid, NULL);
	synced->seq = turn->user.seq;
	memcpy(synced->user_id, turn->user.user_id, sizeof(synced->user_id));
	answer_ready(turn, request, &missed);
	err = answer_missed(turn, request, &missed);
	if (!err)
		answer_live(turn, request);
	return err;
}
