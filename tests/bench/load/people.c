#include "tests/bench/load/people.h"

#include "auth/local.h"
#include "protocol/text.h"
#include "tests/bench/load/peer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#define TOKEN_MINUTES 600

struct person {
	char *token;
	char session[UUID_TEXT];
};

struct people {
	size_t count;
	bool adds, relayed;
	uint32_t run; /* in the keys: those of an earlier run are other keys */
	struct text command;
	struct person all[];
};

void give_up(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("load: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static int64_t wall_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void random_bytes(void *bytes, size_t len)
{
	if (getrandom(bytes, len, 0) != (ssize_t)len)
		give_up("no random bytes");
}

static void make_id(char ret[UUID_TEXT])
{
	uint8_t random[10];
	random_bytes(random, sizeof(random));
	struct uuid id = uuid_make(wall_ms(), random);
	uuid_format(&id, ret);
}

static char *make_token(const struct local *local, size_t user)
{
	char name[32], *token;
	struct refusal why = {0};
	snprintf(name, sizeof(name), "load-%zu", user);
	if (local_mint(local, name, NULL, NULL, wall_ms(), TOKEN_MINUTES, &token, &why))
		give_up("%s", why.message);
	return token;
}

struct people *people_create(const char *db, size_t count, bool adds)
{
	struct people *people = calloc(1, sizeof(*people) + count * sizeof(people->all[0]));
	struct local *local = NULL;
	struct refusal why = {0};
	if (!people || (db && local_open(db, &local, &why)))
		give_up("%s", people ? why.message : "memory");
	people->relayed = !db;
	people->count = count;
	people->adds = adds;
	random_bytes(&people->run, sizeof(people->run));
	for (size_t i = 0; i < count; i++) {
		people->all[i].token = local ? make_token(local, i) : NULL;
		make_id(people->all[i].session);
	}
	local_destroy(local);
	return people;
}

void people_destroy(struct people *people)
{
	if (!people)
		return;
	for (size_t i = 0; i < people->count; i++)
		free(people->all[i].token);
	text_finish(&people->command);
	free(people);
}

const char *people_token(const struct people *people, size_t user)
{
	return people->all[user].token;
}

const char *people_session(const struct people *people, size_t user)
{
	return people->all[user].session;
}

static void append_command(struct people *people, size_t user, int64_t number)
{
	bool add = people->adds || number == 0;
	if (people->adds && number > 0)
		make_id(people->all[user].session);
	text_append_format(&people->command,
		"{\"type\":\"%s\",\"id\":%" PRId64 ",\"key\":\"%08" PRIx32 ":%" PRId64
		"\",\"session\":\"%s\"",
		add          ? "addSession"
		: number % 2 ? "start"
			     : "pause",
		number, people->run, number, people->all[user].session);
	if (add)
		text_append_string(&people->command,
			",\"title\":\"Reading and "
			"writing\",\"initialDuration\":86400,\"dailyGoalMinutes\":90");
	text_append_string(&people->command, "}");
}

const char *people_command(struct people *people, size_t user, int64_t number, size_t *ret_len)
{
	text_clear(&people->command);
	if (people->relayed)
		peer_append_event(&people->command, number);
	else
		append_command(people, user, number);
	*ret_len = people->command.len;
	return people->command.data;
}
