/* What the recorder (server/recorder.h) leaves in its file when passes fail, and when the process ends. */
#include "server/recorder.h"
#include "server/trace.h"
#include "tests/support/player.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1774738800000)
#define ADD "{\"type\":\"addSession\",\"title\":\"%s\",\"initialDuration\":60}"

/* An engine's part: passes of its own, recorded. */
struct scene {
	struct player player;
	struct recorder *recorder;
	char path[192];
	int64_t uid;
};

static void set_up(struct scene *scene)
{
	char why[256];
	player_init(&scene->player);
	scene->player.replay.now_ms = NOW;
	snprintf(scene->path, sizeof(scene->path), "%s.trace", scene->player.fixture.path);
	assert_int_equal(
		recorder_create(scene->path, &scene->player.replay.limits, &scene->recorder, why), OK);
}

static void tear_down(struct scene *scene)
{
	recorder_destroy(scene->recorder);
	unlink(scene->path);
	player_finish(&scene->player);
}

static struct pass begin(struct scene *scene)
{
	struct pass pass = player_begin(&scene->player);
	recorder_begin(scene->recorder, &pass);
	return pass;
}

static void identify(struct scene *scene, struct pass *pass)
{
	struct auth_claims claims = {.issuer = "https://x.example", .subject = "anna", .name = "Anna"};
	const struct request request = {.kind = REQUEST_IDENTIFY, .claims = &claims};
	assert_int_equal(recorder_answer(scene->recorder, pass, &request), OK);
	scene->uid = pass->last->uid;
}

static void add(struct scene *scene, struct pass *pass, const char *title)
{
	char text[256];
	struct message message;
	struct refusal why;
	snprintf(text, sizeof(text), ADD, title);
	assert_int_equal(decode_message(text, strlen(text), &message, &why), OK);
	const struct request request = {.kind = REQUEST_COMMANDS,
		.uid = scene->uid,
		.id = "1",
		.origin = {.via = "ws"},
		.count = 1,
		.commands = message.commands};
	assert_int_equal(recorder_answer(scene->recorder, pass, &request), OK);
	message_finish(&message);
}

/* What the store could not write is as if it had never been said. */
static void lose(struct scene *scene, struct pass *pass)
{
	while (pass->first) {
		struct reply *reply = pass->first;
		pass->first = reply->next;
		reply_destroy(reply);
	}
	pass->last = NULL;
	store_rollback(scene->player.fixture.store);
	recorder_rollback(scene->recorder);
}

static void read_trace(const struct scene *scene, struct text *ret)
{
	char bytes[4096];
	size_t len;
	FILE *file = fopen(scene->path, "re");
	assert_non_null(file);
	while ((len = fread(bytes, 1, sizeof(bytes), file)) > 0)
		text_append(ret, bytes, len);
	fclose(file);
}

static void tell(void *context, int line, const char *text)
{
	print_error("%s:%d: %s\n", (const char *)context, line, text);
}

/* Every row of every table is there again. */
static void check_replay(struct scene *scene)
{
	struct player other;
	TEXT_AUTO was = {0};
	TEXT_AUTO is = {0};
	const struct trace_ears ears = {.context = scene->path, .fault = tell};
	FILE *file = fopen(scene->path, "re");
	assert_non_null(file);
	player_init(&other);
	assert_int_equal(trace_play(file, other.fixture.path, &other.replay, &ears), 0);
	fclose(file);
	assert_int_equal(store_fixture_dump(scene->player.fixture.store, &was), OK);
	assert_int_equal(store_fixture_dump(other.replay.store, &is), OK);
	assert_string_equal(was.data, is.data);
	player_finish(&other);
}

static void lost_passes_are_taken_out(void **state)
{
	(void)state;
	struct scene scene;
	set_up(&scene);
	struct pass pass = begin(&scene);
	identify(&scene, &pass);
	lose(&scene, &pass);
	pass = begin(&scene);
	identify(&scene, &pass);
	add(&scene, &pass, "first");
	player_commit(&scene.player, &pass);
	pass = begin(&scene);
	add(&scene, &pass, "lost");
	lose(&scene, &pass);
	scene.player.replay.now_ms += 1000;
	pass = begin(&scene);
	add(&scene, &pass, "second");
	player_commit(&scene.player, &pass);

	TEXT_AUTO trace = {0};
	read_trace(&scene, &trace);
	assert_null(strstr(trace.data, "lost"));
	check_replay(&scene);
	tear_down(&scene);
}

static void end_process(void *context, void *ret, size_t len)
{
	(void)context;
	(void)ret;
	(void)len;
	_exit(7);
}

static void the_command_that_ends_the_process_is_the_last_line(void **state)
{
	(void)state;
	struct scene scene;
	struct entropy deadly = {.source = end_process};
	int status;
	set_up(&scene);
	struct pass pass = begin(&scene);
	identify(&scene, &pass);
	add(&scene, &pass, "first");
	player_commit(&scene.player, &pass);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		pass = begin(&scene);
		pass.entropy = &deadly;
		add(&scene, &pass, "last");
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 7);

	TEXT_AUTO trace = {0};
	read_trace(&scene, &trace);
	static const char last[] =
		"\n> {\"type\":\"addSession\",\"title\":\"last\",\"initialDuration\":60}\n";
	assert_string_equal(trace.data + trace.len - strlen(last), last);
	tear_down(&scene);
}

static void a_second_start_goes_on_where_the_first_ended(void **state)
{
	(void)state;
	struct scene scene;
	char why[256];
	set_up(&scene);
	struct pass pass = begin(&scene);
	identify(&scene, &pass);
	add(&scene, &pass, "first");
	player_commit(&scene.player, &pass);
	recorder_destroy(scene.recorder);
	player_restart(&scene.player);
	assert_int_equal(recorder_create(scene.path, &scene.player.replay.limits, &scene.recorder, why), OK);
	pass = begin(&scene);
	add(&scene, &pass, "second");
	player_commit(&scene.player, &pass);
	check_replay(&scene);
	tear_down(&scene);
}

static void only_its_owner_may_read_the_file(void **state)
{
	(void)state;
	struct scene scene;
	struct stat stat_;
	mode_t mask = umask(0);
	set_up(&scene);
	umask(mask);
	assert_int_equal(stat(scene.path, &stat_), 0);
	assert_int_equal(stat_.st_mode & 0777, 0600);
	tear_down(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lost_passes_are_taken_out),
		cmocka_unit_test(the_command_that_ends_the_process_is_the_last_line),
		cmocka_unit_test(a_second_start_goes_on_where_the_first_ended),
		cmocka_unit_test(only_its_owner_may_read_the_file),
	};
	return cmocka_run_group_tests_name("recorder", tests, NULL, NULL);
}
