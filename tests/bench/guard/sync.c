/* What somebody gets who comes back: a snapshot, a replay, or nothing, for one who has missed nothing. */
#include "tests/bench/guard/guard.h"
#include "tests/bench/guard/scene.h"

#include <stdio.h>

#define SHOWN   50
#define MISSED  100
#define RUNNING 10

/* One person with SHOWN timers, some of which run, and MISSED events since. */
static void *create(void)
{
	struct scene *scene = scene_create(1);
	struct pass pass = scene_begin(scene);
	for (int i = 0; i < SHOWN; i++)
		scene_add_timer(scene, &pass, 0, i);
	for (int i = 0; i < MISSED; i++) {
		char id[UUID_TEXT], text[256];
		scene_timer_id(id, 0, i % SHOWN);
		snprintf(text, sizeof(text),
			i < RUNNING ? "{\"type\":\"start\",\"id\":1,\"session\":\"%s\"}"
				    : "{\"type\":\"renameSession\",\"id\":1,\"session\":\"%s\",\"title\":"
				      "\"Writing %03d\"}",
			id, i);
		scene_fill(&pass, scene_command(scene->uids[0], text));
	}
	scene_commit(scene, &pass);
	scene_drop(scene);
	return scene;
}

/* So many replies must come of it. */
static void sync(struct scene *scene, const struct position *position, int replies)
{
	struct request *request = scene_request(REQUEST_SYNC, scene->uids[0]);
	request->position = *position;
	guard_begin();
	struct pass pass = scene_begin(scene);
	scene_take(&pass, request);
	scene_commit(scene, &pass);
	guard_end();
	for (struct reply *reply = scene->player.replay.sent; reply; reply = reply->next)
		replies--;
	guard_must(replies == 0, "a sync brought something else");
	scene_drop(scene);
}

static struct position position_at(const struct scene *scene, int64_t seq)
{
	struct position position = {.given = true, .seq = seq};
	snprintf(position.epoch, sizeof(position.epoch), "%s", store_epoch(scene->player.fixture.store));
	return position;
}

/* SYNCED, ready, what was missed, live, LIVE. */
static void run_snapshot(void *state)
{
	sync(state, &(struct position){0}, 5);
}

static void run_replay(void *state)
{
	struct position position = position_at(state, SHOWN);
	sync(state, &position, 4 + MISSED);
}

static void run_nothing(void *state)
{
	struct position position = position_at(state, SHOWN + MISSED);
	sync(state, &position, 4);
}

const struct guard_path guard_sync[] = {
	{"snapshot-50", 16, 1, create, run_snapshot, scene_destroy},
	{"replay-100", 16, 1, create, run_replay, scene_destroy},
	{"sync-0", 64, 1, create, run_nothing, scene_destroy},
	{0},
};
