/* What is due when the table of due items is not what it should be: one damaged row must not stop everybody's
 * time. */
#include "server/settle.h"
#include "tests/support/player.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1773136800000LL
#define ID  "00000000-0000-7000-8000-00000000000a"

static bool next_is(struct player *player, const char *part)
{
	const struct reply *reply = player_next(player);
	if (!reply)
		return false;
	bool found = memmem(message_data(reply->message), reply->message->len, part, strlen(part)) != NULL;
	player_drop(player);
	return found;
}

static void damaged_rows_are_passed_over(void **state)
{
	(void)state;
	struct player player;
	player_init(&player);
	player.replay.now_ms = NOW;
	player_send(&player, "alice",
		"{\"type\":\"add\",\"session\":\"" ID "\",\"title\":\"A\",\"initialDuration\":60}");
	player_send(&player, "alice", "{\"type\":\"start\",\"session\":\"" ID "\"}");
	while (player_next(&player))
		player_drop(&player);

	struct due next;
	struct store *store = player.fixture.store;
	assert_int_equal(store_due_next(store, &next), OK);
	struct due unknown = {.uid = next.uid, .at_ms = NOW + 1, .rank = DUE_TARGET, .session = {{1}}};
	struct due early = {.uid = next.uid, .at_ms = NOW + 2, .rank = DUE_TARGET, .session = next.session};
	assert_int_equal(store_begin(store), OK);
	assert_int_equal(store_due_add(store, &unknown), OK);
	assert_int_equal(store_due_add(store, &early), OK);
	assert_int_equal(store_commit(store), OK);

	player.replay.now_ms = NOW + 1000;
	player_settle(&player, SETTLE_ALL);
	assert_null(player_next(&player));
	player.replay.now_ms = NOW + 60000;
	player_settle(&player, SETTLE_ALL);
	assert_true(next_is(&player, "\"event\":\"complete\",\"atMs\":1773136860000"));
	assert_null(player_next(&player));
	player_finish(&player);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(damaged_rows_are_passed_over)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
