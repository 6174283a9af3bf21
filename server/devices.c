#include "server/devices.h"

#include "auth/bearer.h"
#include "server/answer.h"

#include <string.h>

/* "Last use" is known to the minute: noting each would make a write of every read. */
#define USED_EVERY_MS MINUTE_MS

static enum err find_device(
	struct pass *pass, const struct request *request, struct user *ret, struct device *ret_device)
{
	int64_t uid;
	enum err err = store_device_find(pass->store, &request->fingerprint, &uid, ret_device);
	if (!err && !pass->unready && pass->now_ms - ret_device->last_used_ms >= USED_EVERY_MS)
		err = store_device_used(pass->store, uid, &ret_device->id, pass->now_ms);
	return err ? err : store_user_load(pass->store, uid, pass->now_ms, ret);
}

static enum err find_person(struct pass *pass, const struct request *request, struct user *ret)
{
	struct turn turn;
	enum err err = turn_begin_claims(&turn, pass, request->claims);
	if (err)
		return err;
	*ret = turn.user;
	return turn_finish(&turn);
}

enum err device_identify(struct pass *pass, const struct request *request)
{
	struct user user = {0};
	struct device device = {0};
	enum err err = request->claims ? find_person(pass, request, &user)
				       : find_device(pass, request, &user, &device);
	if (err && err != ERR_NOT_FOUND)
		return err;
	struct reply *reply = pass_reply(pass, REPLY_IDENTITY, request->client, user.uid, NULL);
	pass_answers(reply, request);
	reply->refused = err ? ERR_TOKEN_INVALID : OK;
	reply->scope = device.scope;
	reply->device = device.id;
	memcpy(reply->user_id, user.user_id, sizeof(reply->user_id));
	return OK;
}

/* True when the request was refused. */
static bool refused(struct turn *turn, const struct request *request, const struct refusal *why)
{
	if (why->code)
		answer_refusal(turn->pass, request, turn->user.seq, why);
	return why->code;
}

static enum err check_may_add(struct turn *turn, const struct request *request, struct refusal *ret_why)
{
	int64_t count;
	enum err err = store_device_count(turn->store, turn->user.uid, &count);
	if (!err && request->read_only)
		refuse(ret_why, ERR_FORBIDDEN, NULL, "this token may only read");
	else if (!err && count >= LIMIT_DEVICES)
		refuse(ret_why, ERR_LIMIT, NULL, "there are %d tokens already; revoke one first",
			LIMIT_DEVICES);
	return err;
}

enum err device_add(struct turn *turn, const struct request *request)
{
	struct refusal why = {0};
	enum err err = check_may_add(turn, request, &why);
	if (err || refused(turn, request, &why))
		return err;
	unsigned char random[BEARER_RANDOM_BYTES];
	char token[BEARER_DEVICE_BYTES];
	struct device device = request->device;
	entropy_fill(turn->pass->entropy, random, sizeof(random));
	bearer_make_device(random, token);
	device.id = entropy_uuid(turn->pass->entropy, turn->now_ms);
	device.created_at_ms = turn->now_ms;
	struct fingerprint fingerprint = bearer_fingerprint(token, strlen(token));
	err = store_device_add(turn->store, turn->user.uid, &device, &fingerprint);
	if (err)
		return err;
	TEXT_AUTO body = {0};
	device_encode(&body, &device, token);
	answer(turn->pass, request, turn->user.seq, &body)->status = 201;
	return OK;
}

enum err device_remove(struct turn *turn, const struct request *request)
{
	struct refusal why = {0};
	struct device device;
	enum err err = store_device_load(turn->store, turn->user.uid, &request->device.id, &device);
	if (request->read_only)
		refuse(&why, ERR_FORBIDDEN, NULL, "this token may only read");
	else if (err == ERR_NOT_FOUND)
		refuse(&why, ERR_NOT_FOUND, NULL, "Token not found");
	if (refused(turn, request, &why))
		return OK;
	if (!err)
		err = store_device_remove(turn->store, turn->user.uid, &device.id);
	if (err)
		return err;
	pass_reply(turn->pass, REPLY_REVOKED, 0, turn->user.uid, NULL)->device = device.id;
	TEXT_AUTO body = {0};
	device_encode(&body, &device, NULL);
	answer(turn->pass, request, turn->user.seq, &body);
	return OK;
}
