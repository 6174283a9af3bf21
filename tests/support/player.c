#include "tests/support/player.h"

#include "server/answer.h"
#include "server/settle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

void player_init(struct player *player)
{
	*player = (struct player){.limits = {
					  .max_timers = 500,
					  .max_groups = 200,
					  .max_plans = 200,
					  .max_tasks = 200,
					  .max_problems = 1000,
					  .max_replay_events = 500,
					  .max_replay_bytes = 256 * 1024,
					  .keep_events_days = 90,
				  }};
	store_fixture_init(&player->fixture);
}

void player_finish(struct player *player)
{
	while (player_next(player))
		player_drop(player);
	store_fixture_finish(&player->fixture);
}

void player_restart(struct player *player)
{
	store_fixture_reopen(&player->fixture);
}

struct pass player_begin(struct player *player)
{
	assert_int_equal(store_begin(player->fixture.store), OK);
	return (struct pass){
		.store = player->fixture.store,
		.entropy = &player->entropy,
		.limits = &player->limits,
		.now_ms = player->now_ms,
	};
}

static void keep(struct player *player, const struct pass *pass)
{
	struct reply **end = &player->sent;
	while (*end)
		end = &(*end)->next;
	*end = pass->first;
}

void player_commit(struct player *player, const struct pass *pass)
{
	assert_int_equal(store_commit(player->fixture.store), OK);
	keep(player, pass);
}

/* As the loop answers what it cannot read. */
static void answer_unread(struct player *player, const char *id, const struct refusal *why)
{
	struct pass pass = {0};
	TEXT_AUTO body = {0};
	encode_refusal(&body, id, why, player->now_ms);
	pass_reply(&pass, REPLY_ANSWER, 1, 0, &body);
	keep(player, &pass);
}

/* As the loop knows a user before anything else: by what the token says. */
int64_t player_identify(struct pass *pass, const char *user)
{
	struct auth_claims claims = {.issuer = STORE_ISSUER};
	snprintf(claims.subject, sizeof(claims.subject), "%s", user);
	const struct request request = {.kind = REQUEST_IDENTIFY, .claims = &claims};
	assert_int_equal(answer_request(pass, &request), OK);
	return pass->last->uid;
}

void player_send(struct player *player, const char *user, const char *text)
{
	struct message message;
	struct refusal why;
	if (decode_message(text, strlen(text), &message, &why) != OK) {
		answer_unread(player, message.id, &why);
		return;
	}
	struct pass pass = player_begin(player);
	struct request request = {
		.kind = message.type == MESSAGE_RESUME ? REQUEST_SYNC : REQUEST_COMMANDS,
		.client = 1,
		.uid = player_identify(&pass, user),
		.shape = ANSWER_SOCKET,
		.position = message.position,
		.origin = {.via = "ws"},
		.count = message.count,
		.commands = message.commands,
		.batch = message.type == MESSAGE_BATCH,
	};
	memcpy(request.id, message.id, sizeof(request.id));
	assert_int_equal(answer_request(&pass, &request), OK);
	player_commit(player, &pass);
	message_finish(&message);
}

void player_settle(struct player *player, int budget)
{
	struct pass pass = player_begin(player);
	int64_t next_ms;
	assert_int_equal(settle_due(&pass, budget, &next_ms), OK);
	player_commit(player, &pass);
}

/* Replies without a message are the loop's own business. */
const struct reply *player_next(struct player *player)
{
	while (player->sent && !player->sent->message)
		player_drop(player);
	return player->sent;
}

void player_drop(struct player *player)
{
	struct reply *reply = player->sent;
	player->sent = reply->next;
	reply_destroy(reply);
}
