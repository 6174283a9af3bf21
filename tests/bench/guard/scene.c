#include "tests/bench/guard/scene.h"

#include "server/answer.h"
#include "tests/bench/guard/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pass scene_begin(struct scene *scene)
{
	scene->player.replay.entropy = scene->entropy;
	return player_begin(&scene->player);
}

void scene_commit(struct scene *scene, const struct pass *pass)
{
	player_commit(&scene->player, pass);
}

void scene_drop(struct scene *scene)
{
	while (scene->player.replay.sent)
		player_drop(&scene->player);
}

static struct entropy make_entropy(void)
{
	struct entropy entropy = {.filled = true};
	for (size_t i = 0; i < sizeof(entropy.bytes); i++)
		entropy.bytes[i] = (unsigned char)(129 + i % 97);
	return entropy;
}

struct scene *scene_create(int people)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	guard_must(scene && people <= SCENE_PEOPLE_MAX, "no room for so many people");
	player_init(&scene->player);
	scene->entropy = make_entropy();
	scene->player.replay.now_ms = T0;
	struct pass pass = scene_begin(scene);
	for (int i = 0; i < people; i++) {
		char user[32];
		snprintf(user, sizeof(user), "somebody-%03d", i);
		scene->uids[i] = player_identify(&pass, user);
	}
	scene_commit(scene, &pass);
	scene_drop(scene);
	return scene;
}

void scene_destroy(void *state)
{
	struct scene *scene = state;
	player_finish(&scene->player);
	free(scene);
}

struct request *scene_request(enum request_kind kind, int64_t uid)
{
	struct request *request = calloc(1, sizeof(*request));
	guard_must(request, "no memory");
	request->kind = kind;
	request->client = 1;
	request->uid = uid;
	request->shape = ANSWER_SOCKET;
	request->origin = (struct origin){"01890a5d-ac96-774b-bcce-b302099a8057", "laptop/firefox", "ws"};
	snprintf(request->id, sizeof(request->id), "1");
	return request;
}

struct request *scene_command(int64_t uid, const char *text)
{
	struct message message;
	struct refusal why;
	guard_must(!decode_message(text, strlen(text), &message, &why) && !message.commands[0].why.code,
		"a command was not read");
	struct request *request = scene_request(REQUEST_COMMANDS, uid);
	request->commands = message.commands;
	request->count = message.count;
	message.commands = NULL;
	message.count = 0;
	message_finish(&message);
	return request;
}

void scene_take(struct pass *pass, struct request *request)
{
	guard_must(!answer_request(pass, request), "a request failed");
	request_destroy(request);
}

void scene_fill(struct pass *pass, struct request *request)
{
	pass->entropy->used = 0;
	scene_take(pass, request);
	guard_must(pass->last && pass->last->status == 200, "a command was refused");
}

void scene_timer_id(char ret[UUID_TEXT], int person, int number)
{
	snprintf(ret, UUID_TEXT, "01890a5d-%04x-774b-8000-00000000%04x", (unsigned)number & 0xffff,
		(unsigned)person & 0xffff);
}

void scene_add_timer(struct scene *scene, struct pass *pass, int person, int number)
{
	char id[UUID_TEXT], text[256];
	scene_timer_id(id, person, number);
	snprintf(text, sizeof(text),
		"{\"type\":\"addSession\",\"id\":1,\"session\":\"%s\",\"title\":\"Reading and writing\","
		"\"initialDuration\":1800}",
		id);
	scene_fill(pass, scene_command(scene->uids[person], text));
}
