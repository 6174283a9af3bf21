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

static bool is_between(int64_t number, int64_t min, int64_t max)
{
	return number >= min && number <= max;
}

static int count_choices(const struct field_row *row)
{
	int count = 0;
	while (row->choices[count])
		count++;
	return count;
}

static void check_list(const struct field_row *row, const char *text)
{
	JSON_AUTO *tree = NULL;
	const cJSON *item;
	struct refusal why;
	if (!text[0])
		return;
	check(json_parse(text, strlen(text), &tree, &why) == OK && cJSON_IsArray(tree));
	check(is_between(cJSON_GetArraySize(tree), row->min, row->max));
	cJSON_ArrayForEach (item, tree)
		check(cJSON_IsString(item) &&
			is_between((int64_t)text_count_chars(item->valuestring), 1, LIMIT_LIST_ITEM_CHARS));
}

/* Printed again it is the same text. */
static void check_object(const struct field_row *row, const char *text)
{
	JSON_AUTO *tree = NULL;
	TEXT_AUTO again = {0};
	struct refusal why;
	check(json_parse(text, strlen(text), &tree, &why) == OK && cJSON_IsObject(tree));
	check(json_depth(tree) <= LIMIT_STRUCTURE_DEPTH && (int64_t)strlen(text) <= row->max);
	json_print(tree, &again);
	check(strcmp(again.data, text) == 0);
}

static void check_value(const struct field_row *row, const struct value *value)
{
	if (value->null) {
		check(row->nullable);
		return;
	}
	switch (row->type) {
	case TYPE_ID:
		check(!uuid_is_nil(&value->id));
		break;
	case TYPE_TEXT:
		check(is_between((int64_t)text_count_chars(value->text), row->min, row->max));
		break;
	case TYPE_SECONDS:
	case TYPE_INTEGER:
	case TYPE_INSTANT:
	case TYPE_DECIMAL:
		check(is_between(value->number, row->min, row->max));
		break;
	case TYPE_CHOICE:
		check(is_between(value->number, 0, count_choices(row) - 1));
		break;
	case TYPE_DAY_TIME:
		check(is_between(value->number, 0, DAY_MINUTES - 1));
		break;
	case TYPE_DATE:
		check(is_between(value->number, 0, DAY_LAST));
		break;
	case TYPE_ZONE:
		check(day_zone_known(value->text));
		break;
	case TYPE_LIST:
		check_list(row, value->text);
		break;
	case TYPE_OBJECT:
		check_object(row, value->text);
		break;
	case TYPE_BOOLEAN:
		break;
	}
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
