#include "protocol/decode.h"

#include "protocol/json.h"
#include "protocol/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No issuer's token is longer. */
/* What may stand where an epoch is meant: longer than any of ours, so that a wrong one leads to a snapshot.
 */
#define EPOCH_BYTES 64
#define FIELDS_MAX  3

/* One type of message: its fields beside type and id, and how it is read. */
struct message_row {
	const char *name;
	enum message_type type;
	const char *fields[FIELDS_MAX];
	enum err (*read)(const cJSON *object, struct message *ret, struct refusal *ret_why);
};

static bool is_listed(const char *name, const char *const fields[FIELDS_MAX])
{
	for (int i = 0; i < FIELDS_MAX && fields[i]; i++) {
		if (strcmp(name, fields[i]) == 0)
			return true;
	}
	return false;
}

/* A member, or NULL where it is absent or null: here both mean "none". */
static const cJSON *get_optional(const cJSON *object, const char *name)
{
	const cJSON *item = json_get(object, name);
	return cJSON_IsNull(item) ? NULL : item;
}

/* Positions. */

static bool epoch_possible(const char *epoch)
{
	static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-";
	size_t len = strspn(epoch, allowed);
	return len >= 1 && len < sizeof((struct position){0}.epoch) && epoch[len] == '\0';
}

static bool parse_tag(const char *text, uint32_t *ret)
{
	if (strlen(text) != 8 || strspn(text, "0123456789abcdefABCDEF") != 8)
		return false;
	*ret = (uint32_t)strtoul(text, NULL, 16);
	return true;
}

/* tag may be NULL. */
static enum err make_position(
	const char *epoch, int64_t seq, const char *tag, struct position *ret, struct refusal *ret_why)
{
	if (strlen(epoch) > EPOCH_BYTES)
		return refuse(
			ret_why, ERR_BAD_REQUEST, "epoch", "epoch must have at most %d bytes", EPOCH_BYTES);
	uint32_t number = 0;
	bool possible = epoch_possible(epoch) && (!tag || parse_tag(tag, &number));
	*ret = (struct position){.given = true, .has_tag = possible && tag, .seq = seq, .tag = number};
	const char *kept = possible ? epoch : "?";
	memcpy(ret->epoch, kept, strlen(kept) + 1);
	return OK;
}

static enum err refuse_seq(struct refusal *ret_why)
{
	return refuse(ret_why, ERR_BAD_REQUEST, "seq", "seq must be an integer from 0");
}

static enum err read_position(const cJSON *object, struct position *ret, struct refusal *ret_why)
{
	const cJSON *epoch = json_get(object, "epoch");
	const cJSON *tag = get_optional(object, "tag");
	int64_t seq;
	if (!cJSON_IsString(epoch))
		return refuse(ret_why, ERR_BAD_REQUEST, "epoch", "epoch must be a string");
	if (!json_integer(json_get(object, "seq"), &seq) || seq < 0)
		return refuse_seq(ret_why);
	if (tag && !cJSON_IsString(tag))
		return refuse(ret_why, ERR_BAD_REQUEST, "tag", "tag must be a string");
	return make_position(epoch->valuestring, seq, tag ? tag->valuestring : NULL, ret, ret_why);
}

enum err decode_position(
	const char *epoch, const char *seq, const char *tag, struct position *ret, struct refusal *ret_why)
{
	if (!epoch)
		return refuse(ret_why, ERR_BAD_REQUEST, "epoch", "epoch and seq belong together");
	size_t digits = seq ? strspn(seq, "0123456789") : 0;
	/* 16 digits are LIMIT_INTEGER's. */
	if (digits < 1 || digits > 16 || seq[digits] != '\0')
		return refuse_seq(ret_why);
	int64_t number = strtoll(seq, NULL, 10);
	if (number > LIMIT_INTEGER)
		return refuse_seq(ret_why);
	return make_position(epoch, number, tag, ret, ret_why);
}

/* The messages, each by its own function. */

static enum err check_members(
	const cJSON *object, const char *const fields[FIELDS_MAX], const char *of, struct refusal *ret_why)
{
	static const char *const everywhere[FIELDS_MAX] = {"type", "id"};
	const cJSON *item;
	cJSON_ArrayForEach (item, object) {
		if (!is_listed(item->string, fields) && !is_listed(item->string, everywhere))
			return refuse(ret_why, ERR_BAD_REQUEST, item->string, "%s has no such field", of);
	}
	return OK;
}

static enum err read_client(const cJSON *client, struct message *ret, struct refusal *ret_why)
{
	if (!cJSON_IsObject(client))
		return refuse(ret_why, ERR_BAD_REQUEST, "client", "client must be an object");
	const cJSON *name = get_optional(client, "name");
	if (!name)
		return OK;
	if (!cJSON_IsString(name) || text_count_chars(name->valuestring) > LIMIT_CLIENT_NAME_CHARS)
		return refuse(ret_why, ERR_BAD_REQUEST, "client.name",
			"client.name must be a string of at most %d characters", LIMIT_CLIENT_NAME_CHARS);
	memcpy(ret->client, name->valuestring, strlen(name->valuestring) + 1);
	return OK;
}

static enum err read_auth_resume(const cJSON *resume, struct message *ret, struct refusal *ret_why)
{
	static const char *const fields[FIELDS_MAX] = {"epoch", "seq", "tag"};
	if (!cJSON_IsObject(resume))
		return refuse(ret_why, ERR_BAD_REQUEST, "resume", "resume must be an object");
	enum err err = check_members(resume, fields, "resume", ret_why);
	return err ? err : read_position(resume, &ret->position, ret_why);
}

static enum err read_auth(const cJSON *object, struct message *ret, struct refusal *ret_why)
{
	const cJSON *token = json_get(object, "token");
	const cJSON *client = get_optional(object, "client");
	const cJSON *resume = get_optional(object, "resume");
	size_t len = cJSON_IsString(token) ? strlen(token->valuestring) : 0;
	if (len < 1 || len > LIMIT_TOKEN_BYTES)
		return refuse(ret_why, ERR_BAD_REQUEST, "token", "token must be a string of 1 to %d bytes",
			LIMIT_TOKEN_BYTES);
	enum err err = client ? read_client(client, ret, ret_why) : OK;
	if (!err && resume)
		err = read_auth_resume(resume, ret, ret_why);
	if (err)
		return err;
	ret->token = strdup(token->valuestring);
	if (!ret->token)
		abort();
	return OK;
}

static enum err read_resume(const cJSON *object, struct message *ret, struct refusal *ret_why)
{
	return read_position(object, &ret->position, ret_why);
}

static enum err read_time(const cJSON *object, struct message *ret, struct refusal *ret_why)
{
	const cJSON *t0 = json_get(object, "t0");
	if (!cJSON_IsNumber(t0))
		return refuse(ret_why, ERR_BAD_REQUEST, "t0", "t0 must be a number");
	TEXT_AUTO number = {0};
	json_print(t0, &number);
	memcpy(ret->t0, number.data, number.len + 1);
	return OK;
}

static enum err read_help(const cJSON *object, struct message *ret, struct refusal *ret_why)
{
	const cJSON *command = get_optional(object, "command");
	if (!command)
		return OK;
	size_t len = cJSON_IsString(command) ? strlen(command->valuestring) : 0;
	if (len < 1 || len >= sizeof(ret->help))
		return refuse(ret_why, ERR_BAD_REQUEST, "command", "command must be the name of one");
	memcpy(ret->help, command->valuestring, len + 1);
	return OK;
}

static struct decoded *make_commands(struct message *message, size_t count)
{
	message->commands = calloc(count, sizeof(*message->commands));
	if (!message->commands)
		abort();
	message->count = count;
	return message->commands;
}

/* A snapshot shows one moment; a batch's commands pass through many. */
static enum err refuse_in_batch(const struct command *command, struct refusal *ret_why)
{
	if (command->type != COMMAND_GET_SNAPSHOT)
		return OK;
	return refuse(ret_why, ERR_BAD_REQUEST, "type", "getSnapshot cannot stand in a batch");
}

static enum err read_batch(const cJSON *object, struct message *ret, struct refusal *ret_why)
{
	cJSON *list = cJSON_GetObjectItemCaseSensitive(object, "commands");
	int count = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
	if (count < 1 || count > LIMIT_BATCH_COMMANDS)
		return refuse(ret_why, ERR_BAD_REQUEST, "commands",
			"commands must be an array of 1 to %d commands", LIMIT_BATCH_COMMANDS);
	struct decoded *decoded = make_commands(ret, (size_t)count);
	for (int i = 0; i < count; i++, decoded++) {
		cJSON *item = cJSON_DetachItemFromArray(list, 0);
		enum err err = decode_command(&item, &decoded->command, &decoded->why);
		if (!err && refuse_in_batch(&decoded->command, &decoded->why))
			command_finish(&decoded->command);
	}
	return OK;
}

static const struct message_row *find_row(const char *name)
{
	static const struct message_row rows[] = {
		{"batch", MESSAGE_BATCH, {"commands"}, read_batch},
		{"auth", MESSAGE_AUTH, {"token", "client", "resume"}, read_auth},
		{"resume", MESSAGE_RESUME, {"epoch", "seq", "tag"}, read_resume},
		{"time", MESSAGE_TIME, {"t0"}, read_time},
		{"help", MESSAGE_HELP, {"command"}, read_help},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(name, rows[i].name) == 0)
			return &rows[i];
	}
	return NULL;
}

/* Takes the tree over when it is a command. */
static enum err read_message(cJSON **tree, struct message *ret, struct refusal *ret_why)
{
	if (!cJSON_IsObject(*tree))
		return refuse(ret_why, ERR_BAD_JSON, NULL, "a message must be a JSON object");
	enum err err = decode_id(*tree, ret->id, ret_why);
	if (err)
		return err;
	const cJSON *type = json_get(*tree, "type");
	const struct message_row *row = cJSON_IsString(type) ? find_row(type->valuestring) : NULL;
	if (!row)
		return decode_command(tree, &make_commands(ret, 1)->command, ret_why);
	ret->type = row->type;
	err = check_members(*tree, row->fields, row->name, ret_why);
	return err ? err : row->read(*tree, ret, ret_why);
}

enum err decode_message(const char *bytes, size_t len, struct message *ret, struct refusal *ret_why)
{
	JSON_AUTO *tree = NULL;
	*ret = (struct message){.type = MESSAGE_COMMAND, .id = "null"};
	enum err err = json_parse(bytes, len, &tree, ret_why);
	if (!err)
		err = read_message(&tree, ret, ret_why);
	if (err)
		message_finish(ret);
	return err;
}

void message_finish(struct message *message)
{
	for (size_t i = 0; i < message->count; i++)
		command_finish(&message->commands[i].command);
	free(message->commands);
	free(message->token);
	message->commands = NULL;
	message->token = NULL;
	message->count = 0;
}
