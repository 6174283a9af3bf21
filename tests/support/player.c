#include "tests/support/player.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

void player_init(struct player *player)
{
	char why[256];
	store_fixture_init_in(&player->fixture, store_fixture_where());
	if (replay_open(&player->replay, player->fixture.path, why))
		fail_msg("%s", why);
	player->fixture.store = player->replay.store;
}

void player_finish(struct player *player)
{
	replay_close(&player->replay);
	player->fixture.store = NULL;
	store_fixture_finish(&player->fixture);
}

void player_restart(struct player *player)
{
	char why[256];
	if (replay_restart(&player->replay, player->fixture.path, why))
		fail_msg("%s", why);
	player->fixture.store = player->replay.store;
}

struct pass player_begin(struct player *player)
{
	struct pass pass;
	assert_int_equal(replay_begin(&player->replay, &pass), OK);
	return pass;
}

void player_commit(struct player *player, const struct pass *pass)
{
	assert_int_equal(replay_commit(&player->replay, pass), OK);
}

/* As the loop knows a user before anything else: by what the token says. */
int64_t player_identify(struct pass *pass, const char *user)
{
	struct auth_claims claims = {.issuer = STORE_ISSUER};
	int64_t uid = 0;
	snprintf(claims.subject, sizeof(claims.subject), "%s", user);
	assert_int_equal(replay_identify(pass, &claims, &uid), OK);
	return uid;
}

void player_send(struct player *player, const char *user, const char *message)
{
	assert_int_equal(replay_user(&player->replay, user), OK);
	assert_int_equal(replay_send(&player->replay, message), OK);
}

void player_settle(struct player *player, int budget)
{
	assert_int_equal(replay_settle(&player->replay, budget), OK);
}

const struct reply *player_next(struct player *player)
{
	return replay_next(&player->replay);
}

void player_drop(struct player *player)
{
	replay_drop(&player->replay);
}
