#include "server/turn.h"

#include <stdlib.h>
#include <string.h>

const struct origin turn_server_origin = {.via = "server"};

static void take_now(struct turn *turn)
{
	turn->now_ms = turn->pass->now_ms > turn->user.clock_ms ? turn->pass->now_ms : turn->user.clock_ms;
	turn->view = view_make(&turn->user, turn->now_ms);
}

enum err turn_begin(struct turn *turn, struct pass *pass, int64_t uid)
{
	*turn = (struct turn){.pass = pass, .store = pass->store};
	enum err err = store_user_load(pass->store, uid, pass->now_ms, &turn->user);
	/* The wall clock was set back: the rules are those of the user's own time. */
	if (!err && turn->user.clock_ms > pass->now_ms)
		err = store_user_load(pass->store, uid, turn->user.clock_ms, &turn->user);
	if (err)
		return err;
	take_now(turn);
	return OK;
}

/* "userId is the sub if no other user has that id, else a new UUID." */
static void choose_user_id(struct pass *pass, struct user *user, const char *subject)
{
	memcpy(user->user_id, subject, strlen(subject) + 1);
	if (!store_user_id_taken(pass->store, subject))
		return;
	struct uuid id = entropy_uuid(pass->entropy, pass->now_ms);
	uuid_format(&id, user->user_id);
}

static enum err add_user(struct pass *pass, const struct auth_claims *claims, struct user *ret)
{
	struct user user = {
		.version = 1,
		.created_at_ms = pass->now_ms,
		.clock_ms = pass->now_ms,
		.rule_count = 1,
		.rules = {{.from_ms = DAY_RULE_FOREVER, .zone = "UTC"}},
	};
	choose_user_id(pass, &user, claims->subject);
	memcpy(user.name, claims->name, strlen(claims->name) + 1);
	memcpy(user.email, claims->email, strlen(claims->email) + 1);
	enum err err = store_user_add(pass->store, claims->issuer, claims->subject, &user);
	if (!err)
		*ret = user;
	return err;
}

/* Name and email follow the token; no event tells of it. */
static void take_claims(struct turn *turn, const struct auth_claims *claims)
{
	struct user *user = &turn->user;
	bool same = strcmp(user->name, claims->name) == 0 && strcmp(user->email, claims->email) == 0;
	if (same || turn->pass->unready)
		return;
	memcpy(user->name, claims->name, strlen(claims->name) + 1);
	memcpy(user->email, claims->email, strlen(claims->email) + 1);
	turn->user_changed = true;
}

enum err turn_begin_claims(struct turn *turn, struct pass *pass, const struct auth_claims *claims)
{
	struct user user;
	enum err err = store_user_find(pass->store, claims->issuer, claims->subject, &user);
	if (err == ERR_NOT_FOUND)
		err = add_user(pass, claims, &user);
	if (err)
		return err;
	err = turn_begin(turn, pass, user.uid);
	if (!err)
		take_claims(turn, claims);
	return err;
}

enum err turn_finish(struct turn *turn)
{
	if (!turn->user_changed)
		return OK;
	turn->user_changed = false;
	return store_user_write(turn->store, &turn->user);
}

void turn_set_user(struct turn *turn, const struct user *user)
{
	turn->user = *user;
	turn->user_changed = true;
	turn->view = view_make(&turn->user, turn->now_ms);
}

struct session_moment turn_moment(const struct turn *turn, int64_t at_ms)
{
	return (struct session_moment){.at_ms = at_ms, .day_start_ms = turn->view.day.start_ms};
}

struct reply *pass_reply(
	struct pass *pass, enum reply_kind kind, uint64_t client, int64_t uid, struct text *body)
{
	struct reply *reply = calloc(1, sizeof(*reply));
	if (!reply)
		abort();
	reply->kind = kind;
	reply->client = client;
	reply->uid = uid;
	reply->status = 200;
	if (body)
		reply->message = message_make(body->data, body->len);
	if (pass->last)
		pass->last->next = reply;
	else
		pass->first = reply;
	pass->last = reply;
	return reply;
}

void pass_answers(struct reply *reply, const struct request *request)
{
	reply->asked = request->kind;
	reply->submitted_us = request->submitted_us;
}

static enum err keep_event(struct turn *turn, const struct happening *what, const struct text *body)
{
	TEXT_AUTO origin = {0};
	encode_origin(&origin, what->origin, what->key);
	struct audit_row row = {
		.seq = turn->user.seq,
		.at_ms = what->at_ms,
		.action = what->action ? what->action : what->event,
		.entity = what->entity,
		.id = what->id,
		.origin = origin.data,
	};
	return store_event_add(
		turn->store, turn->user.uid, &row, turn->user.tag, turn->now_ms, body->data, body->len);
}

enum err turn_event(struct turn *turn, const struct happening *what, const struct text *entities)
{
	struct user *user = &turn->user;
	user->seq++;
	entropy_fill(turn->pass->entropy, &user->tag, sizeof(user->tag));
	user->clock_ms = turn->now_ms;

	TEXT_AUTO body = {0};
	text_reserve(&body, entities->len + 512);
	encode_event_head(&body, &(struct event_head){
					 .seq = user->seq,
					 .tag = user->tag,
					 .event = what->event,
					 .domain_event = what->domain_event,
					 .at_ms = what->at_ms,
					 .now_ms = turn->now_ms,
					 .origin = what->origin,
					 .key = what->key,
					 .n = what->n,
					 .of = what->of > 1 ? what->of : 0,
				 });
	text_append(&body, entities->data, entities->len);
	text_append_string(&body, "}");
	enum err err = keep_event(turn, what, &body);
	if (err)
		return err;
	struct reply *reply = pass_reply(turn->pass, REPLY_EVENT, 0, user->uid, &body);
	reply->seq = user->seq;
	reply->last_of_group = what->n == what->of;
	return OK;
}

enum err turn_session_events(struct turn *turn, const struct session_effects *effects, struct happening what,
	const struct text *more)
{
	enum err err = OK;
	for (int i = 0; i < effects->count && !err; i++) {
		const struct session *session = &effects->events[i].session;
		enum command_type event = effects->events[i].event;
		TEXT_AUTO entities = {0};
		text_append_string(&entities, ",\"session\":");
		encode_session(&entities, session, &turn->view);
		if (i + 1 == effects->count)
			text_append(&entities, more->data, more->len);
		what.event = command_rows[event].name;
		what.domain_event = session_domain_event(session->kind, event);
		what.action = session_audit_action(session->kind, event);
		what.entity = ENTITY_SESSION;
		what.id = session->id;
		what.n = i + 1;
		what.of = effects->count;
		err = turn_event(turn, &what, &entities);
	}
	return err;
}

static enum err write_interval(struct turn *turn, const struct session *before, const struct session *after)
{
	int64_t was = before ? before->running_since_ms : 0;
	int64_t is = after->running_since_ms;
	enum err err = OK;
	if (was == is)
		return OK;
	if (was)
		err = store_interval_close(turn->store, turn->user.uid, &after->id, was, after->clock_ms);
	if (is && !err)
		err = store_interval_open(turn->store, turn->user.uid, &after->id, is);
	return err;
}

static enum err write_due(struct turn *turn, const struct session *before, const struct session *after)
{
	struct session_due was = before ? session_due(before) : (struct session_due){0};
	struct session_due is = session_due(after);
	struct due due = {.uid = turn->user.uid, .session = after->id};
	enum err err = OK;
	if (was.at_ms == is.at_ms && was.rank == is.rank)
		return OK;
	if (was.at_ms) {
		due.at_ms = was.at_ms;
		due.rank = was.rank;
		err = store_due_remove(turn->store, &due);
	}
	if (is.at_ms && !err) {
		due.at_ms = is.at_ms;
		due.rank = is.rank;
		err = store_due_add(turn->store, &due);
	}
	return err;
}

enum err turn_set_reset_due(struct turn *turn, int64_t at_ms)
{
	struct due due = {.uid = turn->user.uid, .rank = DUE_DAILY_RESET, .at_ms = turn->user.reset_due_ms};
	enum err err = OK;
	if (due.at_ms == at_ms)
		return OK;
	if (due.at_ms)
		err = store_due_remove(turn->store, &due);
	due.at_ms = at_ms;
	if (at_ms && !err)
		err = store_due_add(turn->store, &due);
	turn->user.reset_due_ms = at_ms;
	turn->user_changed = true;
	return err;
}

/* A timer that the next boundary after at_ms would reset makes the user's daily reset due there. */
static enum err write_reset_due(struct turn *turn, const struct session *after, int64_t at_ms)
{
	if (!session_resettable(after))
		return OK;
	int64_t boundary_ms = user_day(&turn->user, at_ms).end_ms;
	if (turn->user.reset_due_ms && turn->user.reset_due_ms <= boundary_ms)
		return OK;
	return turn_set_reset_due(turn, boundary_ms);
}

enum err turn_write_session(
	struct turn *turn, const struct session *before, const struct session *after, int64_t at_ms)
{
	/* A goal holds from the session's last change on: of two that arrive in another order than they were
	 * made in, the last one holds. */
	int32_t goal_was = before ? session_goal(before) : 0;
	int32_t goal_is = session_goal(after);
	enum err err = store_session_write(turn->store, turn->user.uid, after);
	if (!err)
		err = write_interval(turn, before, after);
	if (!err)
		err = write_due(turn, before, after);
	if (!err && goal_was != goal_is)
		err = store_goal_set(turn->store, turn->user.uid, &after->id, after->updated_at_ms, goal_is);
	if (!err)
		err = write_reset_due(turn, after, at_ms > after->clock_ms ? at_ms : after->clock_ms);
	return err;
}

enum err session_list_add(void *context, const struct session *session)
{
	struct session_list *list = context;
	if (list->count == list->room) {
		list->room = list->room ? list->room * 2 : 16;
		list->items = reallocarray(list->items, list->room, sizeof(*list->items));
		if (!list->items)
			abort();
	}
	list->items[list->count++] = *session;
	return OK;
}

void session_list_finish(struct session_list *list)
{
	free(list->items);
	*list = (struct session_list){0};
}
