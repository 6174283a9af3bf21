/* Plays every trace of tests/scenario/traces against the real road and a real store, in virtual time.
 *
 *   @ 2026-03-28T23:00:00.000Z   time stands there from now on
 *   = bob                        the next messages are this user's (at first: alice)
 *   > {...}                      a message of a socket
 *   < {...}                      the next thing sent has at least these members
 *   <                            nothing more was sent
 *   ~                            what is due by now happens, as in the background
 *   ! restart                    the database is closed and opened again
 *
 * Within messages @2026-03-28T23:00:00.000Z stands for that instant in milliseconds.
 */
#include "protocol/json.h"
#include "protocol/text.h"
#include "server/settle.h"
#include "tests/support/player.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

struct trace {
	struct player player;
	char user[32];
	const char *path;
	int line;
};

/* Every member of `want` is in `have`, with that value; arrays have the same length. */
static bool contains(const cJSON *have, const cJSON *want)
{
	const cJSON *item;
	if (!have)
		return false;
	if (!cJSON_IsObject(want) && !cJSON_IsArray(want))
		return cJSON_Compare(have, want, true);
	if (cJSON_IsArray(want) &&
		(!cJSON_IsArray(have) || cJSON_GetArraySize(have) != cJSON_GetArraySize(want)))
		return false;
	int index = 0;
	cJSON_ArrayForEach (item, want) {
		const cJSON *member =
			item->string ? json_get(have, item->string) : cJSON_GetArrayItem(have, index++);
		if (!contains(member, item))
			return false;
	}
	return true;
}

static void expect(struct trace *trace, const char *text)
{
	const struct reply *reply = player_next(&trace->player);
	int len = reply ? (int)reply->message->len : 0;
	const char *body = reply ? (const char *)message_data(reply->message) : "";
	if (!*text && reply)
		fail_msg("%s:%d: nothing was expected, but: %.*s", trace->path, trace->line, len, body);
	if (!*text)
		return;
	if (!reply)
		fail_msg("%s:%d: nothing was sent", trace->path, trace->line);
	JSON_AUTO *want = cJSON_Parse(text);
	JSON_AUTO *have = cJSON_ParseWithLength(body, (size_t)len);
	if (!want)
		fail_msg("%s:%d: bad JSON in the trace", trace->path, trace->line);
	if (!contains(have, want))
		fail_msg("%s:%d: expected %s\n  but was: %.*s", trace->path, trace->line, text, len, body);
	player_drop(&trace->player);
}

/* The instant that the text begins with; *ret_rest is what follows its Z. */
static int64_t read_time(const struct trace *trace, const char *text, const char **ret_rest)
{
	struct tm tm = {0};
	char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	long ms = rest && *rest == '.' ? strtol(rest + 1, &rest, 10) : 0;
	if (!rest || *rest != 'Z')
		fail_msg("%s:%d: bad time", trace->path, trace->line);
	*ret_rest = rest + 1;
	return (int64_t)timegm(&tm) * 1000 + ms;
}

static void write_times(const struct trace *trace, const char *line, struct text *ret)
{
	const char *at;
	text_append_string(ret, "");
	while ((at = strstr(line, "@20"))) {
		text_append(ret, line, (size_t)(at - line));
		text_append_integer(ret, read_time(trace, at + 1, &line));
	}
	text_append_string(ret, line);
}

static void play_line(struct trace *trace, char *line)
{
	const char *rest = line + 1 + strspn(line + 1, " ");
	TEXT_AUTO message = {0};
	write_times(trace, *line == '@' ? "" : rest, &message);
	switch (*line) {
	case '@':
		trace->player.now_ms = read_time(trace, rest, &rest);
		break;
	case '=':
		snprintf(trace->user, sizeof(trace->user), "%s", rest);
		break;
	case '>':
		expect(trace, "");
		player_send(&trace->player, trace->user, message.data);
		break;
	case '<':
		expect(trace, message.data);
		break;
	case '~':
		player_settle(&trace->player, SETTLE_ALL);
		break;
	case '!':
		player_restart(&trace->player);
		break;
	case '#':
	case '\0':
		break;
	default:
		fail_msg("%s:%d: what is this?", trace->path, trace->line);
	}
}

static void play(void **state)
{
	struct trace trace = {.user = "alice", .path = *state};
	player_init(&trace.player);
	FILE *file = fopen(trace.path, "re");
	assert_non_null(file);
	char *line = NULL;
	size_t room = 0;
	while (getline(&line, &room, file) > 0) {
		trace.line++;
		line[strcspn(line, "\n")] = '\0';
		play_line(&trace, line);
	}
	expect(&trace, "");
	free(line);
	fclose(file);
	player_finish(&trace.player);
}

static int is_trace(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');
	return dot && strcmp(dot, ".trace") == 0;
}

int main(void)
{
	static const char dir[] = "tests/scenario/traces";
	struct dirent **entries;
	int count = scandir(dir, &entries, is_trace, alphasort);
	if (count <= 0)
		return 1;
	struct CMUnitTest *tests = calloc((size_t)count, sizeof(*tests));
	if (!tests)
		abort();
	for (int i = 0; i < count; i++) {
		char *path;
		if (asprintf(&path, "%s/%s", dir, entries[i]->d_name) < 0)
			abort();
		tests[i] = (struct CMUnitTest){.name = path, .test_func = play, .initial_state = path};
		free(entries[i]);
	}
	free(entries);
	int failed = _cmocka_run_group_tests("traces", tests, (size_t)count, NULL, NULL);
	for (int i = 0; i < count; i++)
		free(tests[i].initial_state);
	free(tests);
	return failed;
}
