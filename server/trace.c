#include "server/trace.h"

#include "protocol/instant.h"
#include "protocol/json.h"
#include "server/clock.h"
#include "server/settle.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* What the server sends holds what clients send, a few levels down. */
#define SENT_DEPTH (2 * LIMIT_JSON_DEPTH)

/* The next days must have dates. */
#define LATEST_MS (LIMIT_INSTANT_MS - 365 * 24 * HOUR_MS)

/* A trace while it is played. */
struct playing {
	struct replay *replay;
	const char *db;
	const struct trace_ears *ears;
	char user[LIMIT_SUBJECT_BYTES + 1];
	int line, faults;
	bool expects; /* something has been said of what is sent */
	bool over;    /* the store has failed */
};

const struct trace_limit trace_limits[] = {
	{"max-timers", offsetof(struct engine_limits, max_timers)},
	{"max-groups", offsetof(struct engine_limits, max_groups)},
	{"max-plans", offsetof(struct engine_limits, max_plans)},
	{"max-tasks", offsetof(struct engine_limits, max_tasks)},
	{"max-problems", offsetof(struct engine_limits, max_problems)},
	{NULL, 0},
};

__attribute__((format(printf, 2, 3))) static void fault(struct playing *playing, const char *format, ...)
{
	char *text;
	va_list args;
	va_start(args, format);
	int len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		abort();
	playing->faults++;
	playing->ears->fault(playing->ears->context, playing->line, text);
	free(text);
}

static void say(const struct playing *playing, const char *text)
{
	if (playing->ears->line)
		playing->ears->line(playing->ears->context, text);
}

/* What the replay did; an error of its store's ends the play. */
static void mind(struct playing *playing, enum err err)
{
	if (!err)
		return;
	if (err == ERR_BAD_REQUEST) {
		fault(playing, "no command, batch or resume");
		return;
	}
	playing->over = true;
	fault(playing, "database: %s", store_message(playing->replay->store));
}

/* Instants in messages. */

void trace_write(struct text *out, const char *sign, const char *json, size_t len)
{
	text_append_string(out, sign);
	for (size_t i = 0; i < len; i++) {
		if (json[i] == '@')
			text_append_string(out, "\\u0040");
		else
			text_append(out, &json[i], 1);
	}
}

/* The instant that the text begins with; *ret_len is how long it is. */
static bool read_instant(const char *text, int64_t *ret, size_t *ret_len)
{
	char instant[INSTANT_TEXT + 1];
	size_t len = strcspn(text, "Z") + 1;
	if (len >= sizeof(instant) || !text[len - 1])
		return false;
	snprintf(instant, len + 1, "%s", text);
	*ret_len = len;
	return instant_parse(instant, ret);
}

static bool write_instants(const char *text, struct text *ret)
{
	const char *at;
	int64_t instant_ms;
	size_t len;
	text_append_string(ret, "");
	while ((at = strchr(text, '@'))) {
		text_append(ret, text, (size_t)(at - text));
		if (!read_instant(at + 1, &instant_ms, &len))
			return false;
		text_append_integer(ret, instant_ms);
		text = at + 1 + len;
	}
	text_append_string(ret, text);
	return true;
}

/* What is sent. */

/* Every member of `want` is in `have`, with that value; arrays have the same length. */
static bool contains(const cJSON *have, const cJSON *want, bool top)
{
	const cJSON *item;
	if (!have || (!cJSON_IsObject(want) && !cJSON_IsArray(want)))
		return have && cJSON_Compare(have, want, true);
	if (cJSON_IsArray(want) &&
		(!cJSON_IsArray(have) || cJSON_GetArraySize(have) != cJSON_GetArraySize(want)))
		return false;
	int index = 0;
	cJSON_ArrayForEach (item, want) {
		const cJSON *member =
			item->string ? json_get(have, item->string) : cJSON_GetArrayItem(have, index++);
		/* Each database has its own. */
		bool own = top && item->string && strcmp(item->string, "epoch") == 0;
		if (!own && !contains(member, item, false))
			return false;
	}
	return true;
}

static void compare(struct playing *playing, const char *text, const char *body, size_t len)
{
	JSON_AUTO *want = NULL;
	JSON_AUTO *have = NULL;
	struct refusal why;
	if (json_parse_within(text, strlen(text), SENT_DEPTH, &want, &why))
		fault(playing, "bad JSON: %s", why.message);
	else if (json_parse_within(body, len, SENT_DEPTH, &have, &why) || !contains(have, want, true))
		fault(playing, "expected %s\n  but was: %.*s", text, (int)len, body);
}

/* Tells of the oldest thing that was sent, and drops it. */
static void tell_sent(struct playing *playing, const struct reply *reply)
{
	TEXT_AUTO line = {0};
	trace_write(&line, "< ", (const char *)message_data(reply->message), reply->message->len);
	say(playing, line.data);
	replay_drop(playing->replay);
}

/* Nothing more is expected of what was done before. */
static void expect_nothing(struct playing *playing)
{
	const struct reply *reply;
	while ((reply = replay_next(playing->replay))) {
		if (playing->expects)
			fault(playing, "nothing was expected, but: %.*s", (int)reply->message->len,
				(const char *)message_data(reply->message));
		tell_sent(playing, reply);
	}
}

static void play_sent(struct playing *playing, const char *text)
{
	const struct reply *reply = replay_next(playing->replay);
	playing->expects = true;
	if (!*text) {
		expect_nothing(playing);
		return;
	}
	if (!reply) {
		fault(playing, "nothing was sent");
		return;
	}
	compare(playing, text, (const char *)message_data(reply->message), reply->message->len);
	tell_sent(playing, reply);
}

/* The other lines, each by its sign. */

static void play_time(struct playing *playing, const char *text)
{
	int64_t now_ms;
	if (instant_parse(text, &now_ms) && now_ms >= CLOCK_EARLIEST_MS && now_ms <= LATEST_MS)
		playing->replay->now_ms = now_ms;
	else
		fault(playing, "bad time");
}

/* False when it is there and no text, or one that is too long. */
static bool copy_member(const cJSON *object, const char *name, char *ret, size_t room)
{
	const cJSON *item = json_get(object, name);
	if (!item)
		return true;
	if (!cJSON_IsString(item) || strlen(item->valuestring) >= room)
		return false;
	memcpy(ret, item->valuestring, strlen(item->valuestring) + 1);
	return true;
}

static bool read_claims(const cJSON *object, char user[LIMIT_SUBJECT_BYTES + 1], struct auth_claims *ret)
{
	*ret = (struct auth_claims){.issuer = REPLAY_ISSUER};
	return copy_member(object, "user", user, LIMIT_SUBJECT_BYTES + 1) &&
	       copy_member(object, "issuer", ret->issuer, sizeof(ret->issuer)) &&
	       copy_member(object, "subject", ret->subject, sizeof(ret->subject)) &&
	       copy_member(object, "name", ret->name, sizeof(ret->name)) &&
	       copy_member(object, "email", ret->email, sizeof(ret->email));
}

/* Somebody new is made by the first message, or at once by a token. */
static void play_user(struct playing *playing, const char *text)
{
	JSON_AUTO *object = NULL;
	struct refusal why;
	struct auth_claims claims = {.subject = ""};
	if (*text != '{')
		snprintf(playing->user, sizeof(playing->user), "%s", text);
	else if (json_parse(text, strlen(text), &object, &why) ||
		 !read_claims(object, playing->user, &claims))
		fault(playing, "= needs a user, or an object of texts");
	else if (claims.subject[0])
		mind(playing, replay_claims(playing->replay, &claims));
}

static void play_origin(struct playing *playing, const char *text)
{
	JSON_AUTO *object = NULL;
	struct refusal why;
	struct origin origin = {.via = "ws"};
	char via[8] = "ws";
	if (json_parse(text, strlen(text), &object, &why) || !cJSON_IsObject(object) ||
		!copy_member(object, "via", via, sizeof(via)) ||
		!copy_member(object, "connectionId", origin.connection_id, sizeof(origin.connection_id)) ||
		!copy_member(object, "client", origin.client, sizeof(origin.client))) {
		fault(playing, "^ needs an object of texts");
		return;
	}
	if (strcmp(via, "http") == 0)
		origin.via = "http";
	playing->replay->origin = origin;
}

static void play_message(struct playing *playing, const char *text)
{
	TEXT_AUTO message = {0};
	if (!write_instants(text, &message)) {
		fault(playing, "bad time");
		return;
	}
	enum err err = replay_user(playing->replay, playing->user);
	mind(playing, err ? err : replay_send(playing->replay, message.data));
}

static void play_expected(struct playing *playing, const char *text)
{
	TEXT_AUTO expected = {0};
	if (write_instants(text, &expected))
		play_sent(playing, expected.data);
	else
		fault(playing, "bad time");
}

static bool read_number(const char *text, int max, int64_t *ret)
{
	char *end;
	long long number = strtoll(text, &end, 10);
	bool good = isdigit((unsigned char)*text) && !*end && number <= max;
	if (good)
		*ret = number;
	return good;
}

static void play_due(struct playing *playing, const char *text)
{
	int64_t budget = SETTLE_ALL;
	if (strcmp(text, "own") == 0) {
		enum err err = replay_user(playing->replay, playing->user);
		mind(playing, err ? err : replay_settle_user(playing->replay));
	} else if (!*text || read_number(text, SETTLE_ALL, &budget)) {
		mind(playing, replay_settle(playing->replay, (int)budget));
	} else {
		fault(playing, "~ takes a number or `own`");
	}
}

static void play_random(struct playing *playing, const char *text)
{
	static const char digits[] = "0123456789abcdef";
	TEXT_AUTO bytes = {0};
	for (; *text; text += 2) {
		const char *high = strchr(digits, text[0]);
		const char *low = text[1] ? strchr(digits, text[1]) : NULL;
		if (!high || !low) {
			fault(playing, "%% needs bytes in hex");
			return;
		}
		unsigned char byte = (unsigned char)((high - digits) << 4 | (low - digits));
		text_append(&bytes, &byte, 1);
	}
	replay_give(playing->replay, bytes.data, bytes.len);
}

static bool set_limit(struct playing *playing, const char *text)
{
	size_t len = strcspn(text, " ");
	for (const struct trace_limit *limit = trace_limits; limit->name; limit++) {
		if (strlen(limit->name) == len && strncmp(limit->name, text, len) == 0 && text[len])
			return read_number(text + len + 1, INT32_MAX,
				(int64_t *)((char *)&playing->replay->limits + limit->at));
	}
	return false;
}

static void restart(struct playing *playing)
{
	char why[256];
	playing->over = replay_restart(playing->replay, playing->db, why);
	if (playing->over)
		fault(playing, "%s", why);
}

static void play_setting(struct playing *playing, const char *text)
{
	static const char forget[] = "delete-user ";
	if (strcmp(text, "restart") == 0)
		restart(playing);
	else if (strncmp(text, forget, strlen(forget)) == 0)
		mind(playing, replay_forget(playing->replay, text + strlen(forget)));
	else if (!set_limit(playing, text))
		fault(playing, "what is this?");
}

static void play_nothing(struct playing *playing, const char *text)
{
	(void)playing;
	(void)text;
}

static const struct sign {
	char sign;
	bool acts; /* what was sent before must have been told of before */
	void (*play)(struct playing *playing, const char *text);
} signs[] = {
	{'@', false, play_time},
	{'=', true, play_user},
	{'^', false, play_origin},
	{'>', true, play_message},
	{'<', false, play_expected},
	{'~', true, play_due},
	{'%', false, play_random},
	{'!', true, play_setting},
	{'#', false, play_nothing},
	{'\0', false, play_nothing},
};

static const struct sign *find_sign(char sign)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		if (signs[i].sign == sign)
			return &signs[i];
	}
	return NULL;
}

static void play_line(struct playing *playing, const char *line)
{
	const struct sign *sign = find_sign(*line);
	if (!sign) {
		fault(playing, "what is this?");
		return;
	}
	if (sign->acts)
		expect_nothing(playing);
	if (*line != '<')
		say(playing, line);
	sign->play(playing, *line ? line + 1 + strspn(line + 1, " ") : "");
	if (sign->acts)
		replay_give(playing->replay, NULL, 0);
}

int trace_play(FILE *file, const char *db, struct replay *replay, const struct trace_ears *ears)
{
	struct playing playing = {.replay = replay, .db = db, .ears = ears, .user = "alice"};
	char *line = NULL;
	size_t room = 0;
	if (replay->now_ms < CLOCK_EARLIEST_MS)
		replay->now_ms = CLOCK_EARLIEST_MS;
	while (!playing.over && getline(&line, &room, file) > 0) {
		playing.line++;
		line[strcspn(line, "\n")] = '\0';
		play_line(&playing, line);
	}
	if (ferror(file))
		fault(&playing, "cannot be read: %s", strerror(errno));
	if (!playing.over)
		expect_nothing(&playing);
	free(line);
	return playing.faults;
}
