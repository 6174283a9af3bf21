#include "examples/cli/mirror.h"

#include "examples/cli/clean.h"
#include "examples/cli/now.h"
#include "examples/cli/term.h"

#include <ev.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of several exchanges one will have met nobody on its way. */
#define SAMPLES 4
/* A clock that is wrong by more than that is noticed. */
#define SEEN_MS 100
/* No event of a living connection is that old. */
#define FAR_MS 1000
/* The server says itself how long; but not for ever. */
#define RETRY_MAX_MS 5000

static bool is_type(const cJSON *message, const char *type)
{
	const cJSON *item = json_get(message, "type");
	return cJSON_IsString(item) && strcmp(item->valuestring, type) == 0;
}

/* --- The clock ------------------------------------------------------------------------------------------ */

static void ask_time(struct mirror *mirror)
{
	TEXT_AUTO ask = {0};
	text_append_format(&ask, "{\"type\":\"time\",\"id\":\"time\",\"t0\":%" PRId64 "}", now_boot_ms());
	link_send(mirror->link, ask.data);
}

static void take_time(struct mirror *mirror, const cJSON *message)
{
	int64_t t0, t1, t2, now_ms = now_boot_ms();
	if (!json_integer(json_get(message, "t0"), &t0) || !json_integer(json_get(message, "t1Ms"), &t1) ||
		!json_integer(json_get(message, "t2Ms"), &t2))
		return;
	int64_t before_ms = mirror->offset.ms;
	offset_exchange(&mirror->offset, t0, t1, t2, now_ms);
	if (mirror->samples && --mirror->samples)
		ask_time(mirror);
	/* What was shown by the old one is wrong. */
	if (llabs(mirror->offset.ms - before_ms) > SEEN_MS && mirror->hooks.changed)
		mirror->hooks.changed(mirror->context);
}

/* Events keep the time of their making: nothing to go by, but a far one is reason to ask. */
static bool is_far(const struct mirror *mirror, const cJSON *event, int64_t local_ms)
{
	int64_t server_ms;
	return mirror->phase == LINK_LIVE && json_integer(json_get(event, "nowMs"), &server_ms) &&
	       llabs(server_ms - offset_server_ms(&mirror->offset, local_ms)) > FAR_MS;
}

static void take_now(struct mirror *mirror, const cJSON *message)
{
	int64_t server_ms, local_ms = now_boot_ms();
	bool wanted = false;
	if (is_type(message, "event"))
		wanted = is_far(mirror, message, local_ms);
	else if (!is_type(message, "snapshot") && json_integer(json_get(message, "nowMs"), &server_ms))
		offset_hear(&mirror->offset, server_ms, local_ms);
	if (is_type(message, "live") || is_type(message, "hb"))
		wanted = offset_wants(&mirror->offset, local_ms);
	/* Who only visits needs no more than what the greeting says. */
	if (wanted && mirror->hooks.changed && !mirror->samples) {
		mirror->samples = SAMPLES;
		ask_time(mirror);
	}
}

int64_t mirror_now_ms(const struct mirror *mirror)
{
	return mirror->offset.known ? offset_server_ms(&mirror->offset, now_boot_ms()) : now_wall_ms();
}

/* --- Commands ------------------------------------------------------------------------------------------- */

void verdict_finish(struct verdict *verdict)
{
	json_free(&verdict->result);
}

static void copy_text(const cJSON *object, const char *name, char *ret, size_t room)
{
	const cJSON *item = json_get(object, name);
	clean_copy(cJSON_IsString(item) ? item->valuestring : "", ret, room);
}

static void read_verdict(const cJSON *result, struct verdict *ret)
{
	const cJSON *error = json_get(result, "error");
	*ret = (struct verdict){.ok = cJSON_IsTrue(json_get(result, "ok")),
		.changed = cJSON_IsTrue(json_get(result, "changed"))};
	copy_text(error, "code", ret->code, sizeof(ret->code));
	copy_text(error, "message", ret->message, sizeof(ret->message));
	for (int entity = ENTITY_SESSION; entity < ENTITY_COUNT && !*ret->id; entity++)
		copy_text(result, entity_name((enum entity)entity), ret->id, sizeof(ret->id));
	ret->result = cJSON_Duplicate(result, true);
}

/* Only to who has let us in; until then it waits for the phase to change. */
static void send_command(struct mirror *mirror)
{
	TEXT_AUTO message = {0};
	if (!mirror->command || mirror->answered || mirror->phase != LINK_LIVE)
		return;
	/* Whatever was said to it before counts no more. */
	verdict_finish(mirror->verdict);
	*mirror->verdict = (struct verdict){0};
	text_append_format(
		&message, "%s,\"id\":\"%s\",\"key\":\"cli:%s\"}", mirror->command, mirror->key, mirror->key);
	link_send(mirror->link, message.data);
}

static void on_again(struct ev_loop *ev, struct ev_timer *timer, int events)
{
	(void)ev;
	(void)events;
	send_command(timer->data);
}

/* Asked to come again a little later: the loop goes on, and ends with the time-out at the latest. */
static void wait_again(struct mirror *mirror, const cJSON *error)
{
	int64_t wait_ms = 500;
	if (!json_integer(json_get(json_get(error, "details"), "retryAfterMs"), &wait_ms) || wait_ms < 0)
		wait_ms = 500;
	ev_timer_stop(mirror->ev, &mirror->again);
	ev_timer_set(&mirror->again, (double)(wait_ms < RETRY_MAX_MS ? wait_ms : RETRY_MAX_MS) / 1000., 0.);
	ev_timer_start(mirror->ev, &mirror->again);
}

static void take_result(struct mirror *mirror, const cJSON *message)
{
	const cJSON *id = json_get(message, "id"), *error = json_get(message, "error");
	if (!mirror->command || mirror->answered || !cJSON_IsString(id) ||
		strcmp(id->valuestring, mirror->key) != 0)
		return;
	verdict_finish(mirror->verdict);
	read_verdict(message, mirror->verdict);
	if (cJSON_IsTrue(json_get(error, "retryable"))) {
		wait_again(mirror, error);
		return;
	}
	mirror->answered = true;
}

/* --- What the link tells -------------------------------------------------------------------------------- */

static void ask_missed(struct mirror *mirror)
{
	TEXT_AUTO position = {0}, ask = {0};
	if (mirror->resuming)
		return;
	replica_append_position(&mirror->replica, &position);
	if (!position.len)
		return;
	/* The position's members are the message's. */
	text_append_format(&ask, "{\"type\":\"resume\",\"id\":\"resume\",%s", position.data + 1);
	mirror->resuming = true;
	link_send(mirror->link, ask.data);
}

static void on_message(void *context, const cJSON *message, const char *bytes, size_t len)
{
	struct mirror *mirror = context;
	(void)bytes;
	(void)len;
	take_now(mirror, message);
	if (is_type(message, "time"))
		take_time(mirror, message);
	if (is_type(message, "ready"))
		mirror->resuming = false;
	enum replica_step step = replica_take(&mirror->replica, message);
	if (step == REPLICA_GAP)
		ask_missed(mirror);
	if (step == REPLICA_CHANGED && mirror->hooks.changed)
		mirror->hooks.changed(mirror->context);
	if (is_type(message, "result"))
		take_result(mirror, message);
}

static void on_phase(void *context, enum link_phase phase, const char *why)
{
	struct mirror *mirror = context;
	mirror->phase = phase;
	mirror->resuming = false;
	if (phase != LINK_LIVE)
		mirror->samples = 0;
	snprintf(mirror->why, sizeof(mirror->why), "%s", why);
	if (phase == LINK_LIVE) {
		mirror->was_live = true;
		send_command(mirror);
	}
	if (mirror->hooks.phase)
		mirror->hooks.phase(mirror->context, phase, why);
}

static const char *on_token(void *context)
{
	struct mirror *mirror = context;
	struct config_token token;
	/* It may have been renewed; while the file is no good, the old one is tried. */
	if (config_load_token(mirror->config, &token) == CODE_OK)
		mirror->token = token;
	return mirror->token.text;
}

static void on_position(void *context, struct text *out)
{
	struct mirror *mirror = context;
	replica_append_position(&mirror->replica, out);
}

/* --- Its life ------------------------------------------------------------------------------------------- */

enum code mirror_open(
	struct mirror *mirror, const struct config *config, const struct mirror_hooks *hooks, void *context)
{
	static const struct link_hooks link_hooks = {on_message, on_phase, on_token, on_position};
	*mirror = (struct mirror){.config = config, .context = context};
	enum code code = config_load_token(config, &mirror->token);
	if (code)
		return code;
	if (hooks)
		mirror->hooks = *hooks;
	mirror->options = (struct link_options){.address = &config->address,
		.name = config->name,
		.ca = config->ca,
		.hooks = &link_hooks,
		.context = mirror};
	mirror->ev = ev_loop_new(EVFLAG_NOENV);
	if (!mirror->ev)
		abort();
	ev_timer_init(&mirror->again, on_again, 0., 0.);
	mirror->again.data = mirror;
	mirror->link = link_create(mirror->ev, &mirror->options);
	if (mirror->link)
		return CODE_OK;
	term_say("libwebsockets does not start (is libwebsockets-evlib-ev installed?)");
	mirror_close(mirror);
	return CODE_OFFLINE;
}

static void on_late(struct ev_loop *ev, struct ev_timer *timer, int events)
{
	struct mirror *mirror = timer->data;
	(void)ev;
	(void)events;
	mirror->late = true;
}

static enum code say_unreachable(const struct mirror *mirror)
{
	if (mirror->phase == LINK_REFUSED) {
		term_say("%s does not let us in: %s", mirror->config->url, mirror->why);
		return CODE_TOKEN;
	}
	term_say("no answer from %s: %s", mirror->config->url, *mirror->why ? mirror->why : "the time is up");
	return CODE_OFFLINE;
}

/* Runs the loop until `done`, the time is up or there is no hope: then it is false. */
static bool run_until(struct mirror *mirror, int64_t timeout_ms, bool (*done)(const struct mirror *))
{
	struct ev_timer timer;
	ev_timer_init(&timer, on_late, (double)timeout_ms / 1000., 0.);
	timer.data = mirror;
	mirror->late = false;
	ev_now_update(mirror->ev);
	ev_timer_start(mirror->ev, &timer);
	bool hope = true;
	while (!done(mirror) && !mirror->late && hope) {
		ev_run(mirror->ev, EVRUN_ONCE);
		hope = mirror->phase != LINK_REFUSED && (mirror->was_live || mirror->phase != LINK_OFFLINE);
	}
	ev_timer_stop(mirror->ev, &timer);
	return done(mirror);
}

static bool is_live(const struct mirror *mirror)
{
	return mirror->phase == LINK_LIVE;
}

enum code mirror_wait(struct mirror *mirror, int64_t timeout_ms)
{
	return run_until(mirror, timeout_ms, is_live) ? CODE_OK : say_unreachable(mirror);
}

static bool is_answered(const struct mirror *mirror)
{
	return mirror->answered;
}

enum code mirror_ask(struct mirror *mirror, const char *command, int64_t timeout_ms, struct verdict *ret)
{
	uint8_t random[10];
	now_random(random, sizeof(random));
	struct uuid key = uuid_make(now_wall_ms(), random);
	uuid_format(&key, mirror->key);
	*ret = (struct verdict){0};
	mirror->command = command;
	mirror->verdict = ret;
	mirror->answered = false;
	send_command(mirror);
	bool answered = run_until(mirror, timeout_ms, is_answered);
	mirror->command = NULL;
	/* Refused for now, and there is no more time: that is an answer, too. */
	return answered || (mirror->late && *ret->code) ? CODE_OK : say_unreachable(mirror);
}

void mirror_close(struct mirror *mirror)
{
	link_destroy(mirror->link);
	ev_timer_stop(mirror->ev, &mirror->again);
	ev_loop_destroy(mirror->ev);
	replica_finish(&mirror->replica);
}
