/* Decoding, applying, encoding: no store, no socket. */
#include "protocol/decode.h"
#include "protocol/encode.h"
#include "server/message.h"
#include "tests/bench/guard/guard.h"
#include "tests/support/store_fixture.h"

#include <stdlib.h>
#include <string.h>

struct pure {
	struct user user;
	struct session session;
	struct command command;
	struct session_moment moment;
	struct session_effects effects;
};

static void *create(void)
{
	struct pure *pure = calloc(1, sizeof(*pure));
	guard_must(pure, "memory");
	pure->user = store_fixture_user("Zt4cJx2NnUgV1mQf0aKp8rYsDe73");
	pure->session = store_fixture_session(1);
	pure->moment = (struct session_moment){.at_ms = T0 + 100000, .day_start_ms = T0 - HOUR_MS};
	return pure;
}

static void run_decode(void *state)
{
	static const char text[] =
		"{\"type\":\"pause\",\"id\":1041,\"session\":\"01890a5d-ac96-774b-bcce-b302099a8057\","
		"\"key\":\"tab-3f6e1a0b:1041\",\"atMs\":1700000123456,\"ifVersion\":17}";
	struct message message;
	struct refusal why;
	(void)state;
	guard_begin();
	enum err err = decode_message(text, sizeof(text) - 1, &message, &why);
	bool good = !err && message.count == 1 && message.commands[0].command.type == COMMAND_PAUSE;
	message_finish(&message);
	guard_end();
	guard_must(good, "the command was not read");
}

/* start, pause, start, … */
static void run_apply(void *state)
{
	struct pure *pure = state;
	struct refusal why;
	pure->command.type = pure->session.state == STATE_RUNNING ? COMMAND_PAUSE : COMMAND_START;
	pure->moment.at_ms += 1000;
	guard_begin();
	enum err err = session_apply(&pure->session, &pure->command, &pure->moment, &pure->effects, &why);
	guard_end();
	guard_must(!err && pure->effects.count == 1, "the command was not applied");
	pure->session = pure->effects.events[0].session;
	if (pure->session.elapsed_ms > MINUTE_MS)
		pure->session.elapsed_ms = 0;
}

/* As server/turn.c makes an event. */
static void run_encode(void *state)
{
	static const struct origin origin = {"01890a5d-ac96-774b-bcce-b302099a8057", "laptop/firefox", "ws"};
	const struct pure *pure = state;
	struct view view = view_make(&pure->user, T0 + 5000);
	struct event_head head = {
		.seq = 1041,
		.tag = 0x3f6e1a0b,
		.event = "pause",
		.at_ms = T0 + 5000,
		.now_ms = T0 + 5000,
		.origin = &origin,
		.key = "tab-3f6e1a0b:1041",
	};
	struct text body = {0};
	guard_begin();
	text_reserve(&body, 1024);
	encode_event_head(&body, &head);
	text_append_string(&body, ",\"session\":");
	encode_session(&body, &pure->session, &view);
	text_append_string(&body, "}");
	struct message_bytes *message = message_make(body.data, body.len);
	guard_end();
	guard_must(message->len > 500, "the event is not whole");
	message_drop(message);
	text_finish(&body);
}

const struct guard_path guard_pure[] = {
	{"decode", 500, 1, create, run_decode, free},
	{"apply", 500, 1, create, run_apply, free},
	{"encode", 500, 1, create, run_encode, free},
	{0},
};
