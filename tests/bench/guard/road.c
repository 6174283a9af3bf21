/* Transactions of commands, and of what falls due. Checkpoints, whose time comes with the size of the log,
 * are left out. */
#include "server/settle.h"
#include "tests/bench/guard/guard.h"
#include "tests/bench/guard/scene.h"

#include <stdio.h>

#define PEOPLE      64
#define DUE_PEOPLE  20
#define DUE_EACH    500
#define DUE_FIRST   (T0 + 1800000) /* ms */
#define DUE_STEP_MS 10

/* Two timers each. */
static void *create_people(void)
{
	struct scene *scene = scene_create(PEOPLE);
	struct pass pass = scene_begin(scene);
	for (int i = 0; i < 2 * PEOPLE; i++)
		scene_add_timer(scene, &pass, i % PEOPLE, i / PEOPLE);
	scene_commit(scene, &pass);
	scene_drop(scene);
	return scene;
}

/* The next person starts a timer, and pauses it when it is that person's turn again. */
static struct request *next_command(struct scene *scene)
{
	int person = (int)(scene->done % PEOPLE);
	bool pause = scene->done / PEOPLE % 2;
	char id[UUID_TEXT], text[256];
	scene_timer_id(id, person, 0);
	snprintf(text, sizeof(text), "{\"type\":\"%s\",\"id\":1,\"session\":\"%s\",\"key\":\"guard-%08d\"}",
		pause ? "pause" : "start", id, (int)scene->done++);
	return scene_command(scene->uids[person], text);
}

static void commit(struct scene *scene, int commands)
{
	struct request *requests[16];
	scene->player.replay.now_ms += 1;
	for (int i = 0; i < commands; i++)
		requests[i] = next_command(scene);
	guard_begin();
	struct pass pass = scene_begin(scene);
	for (int i = 0; i < commands; i++)
		scene_take(&pass, requests[i]);
	scene_commit(scene, &pass);
	bool told = scene->player.replay.sent && scene->player.replay.sent->kind == REPLY_EVENT;
	scene_drop(scene);
	guard_end();
	guard_must(told, "a command made no event");
}

static void run_commit(void *state)
{
	commit(state, 1);
}

static void run_commits(void *state)
{
	commit(state, 16);
}

/* The `number`th timer ends DUE_STEP_MS after the one before, which is somebody else's. */
static void add_running(struct turn *turn, int person, int number)
{
	char id[UUID_TEXT];
	int64_t since_ms = T0 + DUE_STEP_MS * (int64_t)(number * DUE_PEOPLE + person);
	struct session session = store_fixture_session(0);
	scene_timer_id(id, person, number);
	guard_must(uuid_parse(id, &session.id), "an id was not read");
	session.state = STATE_RUNNING;
	session.initial_ms = 1800000;
	session.elapsed_ms = session.tracked_ms = 0;
	session.running_since_ms = session.started_at_ms = session.clock_ms = since_ms;
	session.daily_goal_minutes = 0;
	guard_must(!turn_write_session(turn, NULL, &session, since_ms), "a timer was not written");
}

static void *create_due(void)
{
	struct scene *scene = scene_create(DUE_PEOPLE);
	struct pass pass = scene_begin(scene);
	for (int person = 0; person < DUE_PEOPLE; person++) {
		struct turn turn;
		guard_must(!turn_begin(&turn, &pass, scene->uids[person]), "a user is not there");
		for (int number = 0; number < DUE_EACH; number++)
			add_running(&turn, person, number);
		guard_must(!turn_finish(&turn), "a user was not written");
	}
	scene_commit(scene, &pass);
	return scene;
}

static void run_due(void *state)
{
	struct scene *scene = state;
	int64_t next_ms;
	scene->player.replay.now_ms = DUE_FIRST + DUE_STEP_MS * scene->done++;
	guard_begin();
	struct pass pass = scene_begin(scene);
	enum err err = settle_due(&pass, 64, &next_ms);
	scene_commit(scene, &pass);
	guard_end();
	guard_must(!err && next_ms == scene->player.replay.now_ms + DUE_STEP_MS &&
			   scene->player.replay.sent && !scene->player.replay.sent->next,
		"not one timer ended");
	scene_drop(scene);
}

const struct guard_path guard_road[] = {
	{"commit-1", 2 * PEOPLE, 1, create_people, run_commit, scene_destroy},
	{"commit-16", 16, 16, create_people, run_commits, scene_destroy},
	{"due", 64, 1, create_due, run_due, scene_destroy},
	{0},
};
