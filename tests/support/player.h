/* A replay (server/replay.h) in a folder of its own, for tests. Fails the running test when the road fails.
 */
#ifndef LOCKSTEP_TESTS_SUPPORT_PLAYER_H
#define LOCKSTEP_TESTS_SUPPORT_PLAYER_H

#include "server/replay.h"
#include "tests/support/store_fixture.h"

/* Stays where player_init made it. */
struct player {
	struct replay replay;
	struct store_fixture fixture; /* with the replay's store */
};

void player_init(struct player *player);
void player_finish(struct player *player);
/* Closes the database and opens it again. */
void player_restart(struct player *player);

/* One message of a socket of that user, in a transaction of its own. */
void player_send(struct player *player, const char *user, const char *message);
/* What is due by now happens, as in the background; `budget` items at most. */
void player_settle(struct player *player, int budget);

/* A transaction by hand: begins one, at now_ms; names the user, who is made if need be; commits it and keeps
 * what is to be sent. */
struct pass player_begin(struct player *player);
int64_t player_identify(struct pass *pass, const char *user);
void player_commit(struct player *player, const struct pass *pass);

/* The oldest message sent and not dropped, or NULL; it stays the player's. */
const struct reply *player_next(struct player *player);
void player_drop(struct player *player);

#endif
