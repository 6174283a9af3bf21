#include "server/road.h"

#include "protocol/echo.h"
#include "server/effect.h"
#include "server/settle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void outcome_finish(struct outcome *outcome)
{
	text_finish(&outcome->result);
}

/* Keys. */

static void read_result_id(struct walk *walk)
{
	char name[32];
	snprintf(name, sizeof(name), ",\"%s\":\"", entity_name(walk->row->target));
	const char *at = strstr(walk->outcome->result.data, name);
	if (!at)
		return;
	char id[UUID_TEXT];
	snprintf(id, sizeof(id), "%s", at + strlen(name));
	if (!uuid_parse(id, &walk->outcome->id))
		walk->outcome->id = (struct uuid){0};
}

/* True in *ret_done when the key was used: by this very command (a duplicate) or by another (refused). */
static enum err check_key(struct walk *walk, bool *ret_done)
{
	if (!walk->command->key[0])
		return OK;
	TEXT_AUTO asked = {0};
	TEXT_AUTO result = {0};
	enum err err =
		store_key_find(walk->turn->store, walk->turn->user.uid, walk->command->key, &asked, &result);
	if (err)
		return err == ERR_NOT_FOUND ? OK : err;
	*ret_done = true;
	TEXT_AUTO asks = {0};
	encode_command(&asks, walk->command);
	if (asks.len != asked.len || memcmp(asks.data, asked.data, asks.len) != 0) {
		refuse(&walk->outcome->why, ERR_KEY_REUSE, "key", "this key was used for another command");
		return OK;
	}
	walk->outcome->duplicate = true;
	text_append(&walk->outcome->result, result.data, result.len);
	read_result_id(walk);
	return OK;
}

static enum err keep_key(const struct walk *walk)
{
	if (!walk->command->key[0] || (walk->row->flags & COMMAND_READ))
		return OK;
	TEXT_AUTO asks = {0};
	encode_command(&asks, walk->command);
	return store_key_add(walk->turn->store, walk->turn->user.uid, walk->command->key, walk->turn->now_ms,
		&asks, &walk->outcome->result);
}

/* Time and version. */

static int64_t moment_of(const struct turn *turn, const struct command *command)
{
	return command->has_at && command->at_ms < turn->now_ms ? command->at_ms : turn->now_ms;
}

static void check_age(struct walk *walk)
{
	if (walk->at_ms < walk->turn->now_ms - LIMIT_OFFLINE_MS)
		refuse(&walk->outcome->why, ERR_TOO_OLD, "atMs", "atMs is more than 7 days back");
}

static void check_version(struct walk *walk)
{
	int64_t version = walk->version;
	if (!walk->command->has_if_version || walk->command->if_version == version)
		return;
	refuse(&walk->outcome->why, ERR_CONFLICT, "ifVersion", "the version is %" PRId64, version);
	walk->outcome->why.version = version;
}

static void check_superseded(struct walk *walk)
{
	if ((walk->row->flags & COMMAND_CLOCK) && walk->row->target == ENTITY_SESSION &&
		walk->at_ms < walk->session.clock_ms)
		refuse(&walk->outcome->why, ERR_SUPERSEDED, "atMs",
			"the session's clock has changed since then");
}

static enum err check_echo(struct walk *walk)
{
	if (!walk->errand->echo)
		return OK;
	TEXT_AUTO object = {0};
	enum err err = road_encode_entity(walk->turn, &object, walk->errand->shape, walk->outcome);
	if (!err && echo_check(&object, walk->errand->echo, &walk->outcome->why))
		return OK;
	return err;
}

/* protocol.md section 3: "fields, key, target, tooOld, what was due before it, ifVersion, superseded, state,
 * limits". Fields were decoded, and what was due is settled: that a refused command settles it too does no
 * harm. */
static enum err walk_on(struct walk *walk)
{
	bool done = false;
	enum err err = check_key(walk, &done);
	if (err || done)
		return err;
	err = target_find(walk);
	if (!err && !walk_refused(walk))
		check_age(walk);
	if (!err && !walk_refused(walk))
		check_version(walk);
	if (!err && !walk_refused(walk))
		check_superseded(walk);
	if (!err && !walk_refused(walk))
		err = check_echo(walk);
	if (!err && !walk_refused(walk))
		err = effect_take(walk);
	if (!err && !walk_refused(walk))
		err = keep_key(walk);
	return err;
}

enum err road_take(struct turn *turn, const struct errand *errand, size_t index,
	const struct decoded *decoded, struct outcome *ret)
{
	const struct command *command = &decoded->command;
	*ret = (struct outcome){.why = decoded->why, .type = command->type};
	if (decoded->why.code)
		return OK;
	if (errand->read_only && !(command_rows[command->type].flags & COMMAND_READ)) {
		refuse(&ret->why, ERR_FORBIDDEN, NULL, "this token may only read");
		return OK;
	}
	if (command->type == COMMAND_ADD_SESSION) {
		ret->kind = session_added_kind(command);
		if (session_check_add(command, &ret->why))
			return OK;
	}
	struct walk walk = {
		.turn = turn,
		.errand = errand,
		.command = command,
		.row = &command_rows[command->type],
		.outcome = ret,
		.at_ms = moment_of(turn, command),
	};
	/* Between a batch's commands time stands at the next one's atMs. */
	int budget = SETTLE_ALL;
	enum err err = index > 0 ? settle_until(turn, walk.at_ms, &budget) : OK;
	return err ? err : walk_on(&walk);
}

void road_encode_result(struct text *out, const char *id, const struct outcome *outcome, int64_t now_ms)
{
	if (outcome->why.code) {
		encode_refusal(out, id, &outcome->why, now_ms);
		return;
	}
	text_append_format(out, "{\"type\":\"result\",\"id\":%s,\"ok\":true,", id);
	text_append(out, outcome->result.data, outcome->result.len);
	text_append_format(out, ",\"duplicate\":%s,\"nowMs\":%" PRId64 "}",
		outcome->duplicate ? "true" : "false", now_ms);
}

enum err road_encode_entity(
	struct turn *turn, struct text *out, enum shape shape, const struct outcome *outcome)
{
	return target_encode(turn, out, shape, command_rows[outcome->type].target, &outcome->id);
}
