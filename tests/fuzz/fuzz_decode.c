/* decode_message on any bytes: what it accepts is within every bound, what it refuses it says why, and the id
 * that goes back is always JSON. */
#include "protocol/decode.h"
#include "protocol/encode.h"
#include "protocol/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_json(const char *text, int type)
{
	JSON_AUTO *tree = NULL;
	struct refusal why;
	check(json_parse(text, strlen(text), &tree, &why) == OK);
	check((tree->type & type) != 0);
}

/* Terminated within its room. */
static void check_room(const char *text, size_t room)
{
	check(memchr(text, '\0', room) != NULL);
}

static void check_refusal(const struct refusal *why)
{
	check(why->code == ERR_BAD_JSON || why->code == ERR_BAD_REQUEST || why->code == ERR_UNKNOWN_COMMAND);
	check_room(why->field, sizeof(why->field));
	check_room(why->message, sizeof(why->message));
	check(why->message[0]);
	TEXT_AUTO text = {0};
	encode_error(&text, why);
	check_json(text.data, cJSON_Object);
}

static void check_value(const struct field_row *row, const struct value *value)
{
	if (value->null) {
		check(row->nullable);
		return;
	}
	if (row->type == TYPE_ID)
		check(!uuid_is_nil(&value->id));
	if (row->type == TYPE_TEXT)
		check((int64_t)text_count_chars(value->text) >= row->min &&
			(int64_t)text_count_chars(value->text) <= row->max);
	if (row->type == TYPE_SECONDS || row->type == TYPE_INTEGER)
		check(value->number >= row->min && value->number <= row->max);
	if (row->type == TYPE_DAY_TIME)
		check(value->number >= 0 && value->number < DAY_MINUTES);
	if (row->type == TYPE_ZONE)
		check(day_zone_known(value->text));
}

static void check_command(const struct command *command)
{
	const struct command_row *row = &command_rows[command->type];
	check(!command->key[0] || decode_key_valid(command->key));
	check(!command->has_at || (command->at_ms >= 0 && command->at_ms <= LIMIT_INTEGER));
	check(!command->has_if_version || (command->if_version >= 1 && !(row->flags & COMMAND_NO_VERSION)));
	for (int field = 0; field < FIELD_COUNT; field++) {
		const struct value *value = &command->values[field];
		check(value->given || !(row->required & FIELD_BIT(field)));
		if (!value->given)
			continue;
		check(((row->required | row->optional) & FIELD_BIT(field)) != 0);
		check_value(&field_rows[field], value);
	}
	TEXT_AUTO text = {0};
	encode_command(&text, command);
	check_json(text.data, cJSON_Object);
}

static void check_position(const struct position *position)
{
	check_room(position->epoch, sizeof(position->epoch));
	check(position->seq >= 0 && position->seq <= LIMIT_INTEGER);
	check(!position->given || position->epoch[0]);
}

static void check_message(const struct message *message)
{
	check_room(message->client, sizeof(message->client));
	check_room(message->help, sizeof(message->help));
	check_position(&message->position);
	check((message->type == MESSAGE_AUTH) == (message->token != NULL));
	check((message->type == MESSAGE_COMMAND || message->type == MESSAGE_BATCH) == (message->count > 0));
	check(message->count <= LIMIT_BATCH_COMMANDS);
	if (message->type == MESSAGE_TIME)
		check_json(message->t0, cJSON_Number);
	for (size_t i = 0; i < message->count; i++) {
		const struct decoded *decoded = &message->commands[i];
		check_json(decoded->command.id, cJSON_String | cJSON_Number | cJSON_NULL);
		if (decoded->why.code)
			check_refusal(&decoded->why);
		else
			check_command(&decoded->command);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct message message;
	struct refusal why = {0};
	enum err err = decode_message((const char *)data, size, &message, &why);
	check(err == why.code);
	check_json(message.id, cJSON_String | cJSON_Number | cJSON_NULL);
	if (err) {
		check_refusal(&why);
		return 0;
	}
	check_message(&message);
	message_finish(&message);
	return 0;
}
