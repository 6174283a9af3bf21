#include "protocol/decode.h"

#include "protocol/day.h"
#include "protocol/json.h"
#include "protocol/session.h"
#include "protocol/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* The types of fields: how each is read, and how a refusal speaks of it. What a reader leaves in *ret
 * when it fails is not looked at. */

static bool is_between(const struct field_row *row, int64_t number)
{
	return number >= row->min && number <= row->max;
}

static bool read_id(cJSON *item, const struct field_row *row, struct value *ret)
{
	(void)row;
	return cJSON_IsString(item) && uuid_parse(item->valuestring, &ret->id);
}

static bool read_text(cJSON *item, const struct field_row *row, struct value *ret)
{
	if (!cJSON_IsString(item) || !is_between(row, (int64_t)text_count_chars(item->valuestring)))
		return false;
	ret->text = item->valuestring;
	return true;
}

static bool read_seconds(cJSON *item, const struct field_row *row, struct value *ret)
{
	if (!cJSON_IsNumber(item) || !(fabs(item->valuedouble) <= (double)row->max))
		return false;
	int64_t ms = llround(item->valuedouble * 1000);
	/* Only a number of at most three decimals is the one nearest to its own milliseconds. */
	if ((double)ms / 1000 != item->valuedouble || !is_between(row, ms))
		return false;
	ret->number = ms;
	return true;
}

static bool read_integer(cJSON *item, const struct field_row *row, struct value *ret)
{
	int64_t number;
	if (!json_integer(item, &number) || !is_between(row, number))
		return false;
	ret->number = number;
	return true;
}

static bool read_boolean(cJSON *item, const struct field_row *row, struct value *ret)
{
	(void)row;
	ret->flag = cJSON_IsTrue(item);
	return cJSON_IsBool(item);
}

static bool read_choice(cJSON *item, const struct field_row *row, struct value *ret)
{
	if (!cJSON_IsString(item))
		return false;
	for (ret->number = 0; row->choices[ret->number]; ret->number++) {
		if (strcmp(item->valuestring, row->choices[ret->number]) == 0)
			return true;
	}
	return false;
}

static bool read_date(cJSON *item, const struct field_row *row, struct value *ret)
{
	(void)row;
	int32_t day;
	if (!cJSON_IsString(item) || !day_parse(item->valuestring, &day))
		return false;
	ret->number = day;
	return true;
}

static bool read_decimal(cJSON *item, const struct field_row *row, struct value *ret)
{
	if (!cJSON_IsNumber(item) || !(fabs(item->valuedouble) <= (double)row->max))
		return false;
	int64_t hundredths = llround(item->valuedouble * 100);
	/* As with seconds: a number of more decimals is not the one nearest to its hundredths. */
	if ((double)hundredths / 100 != item->valuedouble || !is_between(row, hundredths))
		return false;
	ret->number = hundredths;
	return true;
}

/* The tree keeps the text of an array or object where it keeps that of a string, and frees it with the rest.
 */
static bool keep_printed(cJSON *item, int64_t max, struct value *ret)
{
	struct text printed = {0};
	json_print(item, &printed);
	item->valuestring = printed.data;
	ret->text = printed.data;
	return max == 0 || printed.len <= (size_t)max;
}

static bool read_list(cJSON *item, const struct field_row *row, struct value *ret)
{
	if (!cJSON_IsArray(item) || !is_between(row, cJSON_GetArraySize(item)))
		return false;
	const cJSON *text;
	cJSON_ArrayForEach (text, item) {
		size_t chars = cJSON_IsString(text) ? text_count_chars(text->valuestring) : 0;
		if (chars < 1 || chars > LIMIT_LIST_ITEM_CHARS)
			return false;
	}
	ret->text = "";
	return !item->child || keep_printed(item, 0, ret);
}

static bool read_object(cJSON *item, const struct field_row *row, struct value *ret)
{
	return cJSON_IsObject(item) && json_depth(item) <= LIMIT_STRUCTURE_DEPTH &&
	       keep_printed(item, row->max, ret);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool read_day_time(cJSON *item, const struct field_row *row, struct value *ret)
{
	(void)row;
	const char *at = item->valuestring;
	if (!cJSON_IsString(item) || strlen(at) != 5 || at[2] != ':')
		return false;
	if (!is_digit(at[0]) || !is_digit(at[1]) || !is_digit(at[3]) || !is_digit(at[4]))
		return false;
	int hours = (at[0] - '0') * 10 + at[1] - '0';
	int minutes = (at[3] - '0') * 10 + at[4] - '0';
	ret->number = hours * 60 + minutes;
	return hours < 24 && minutes < 60;
}

static bool read_zone(cJSON *item, const struct field_row *row, struct value *ret)
{
	(void)row;
	if (!cJSON_IsString(item) || !day_zone_known(item->valuestring))
		return false;
	ret->text = item->valuestring;
	return true;
}

#define TEXT_OF(limit)  TEXT_OF_(limit)
#define TEXT_OF_(limit) #limit

/* `what`, and where a type has bounds: ", <min> to <max> <unit>", the bounds divided by `scale`. */
static const struct type_row {
	bool (*read)(cJSON *item, const struct field_row *row, struct value *ret);
	const char *what;
	int64_t scale;
	const char *unit;
} types[] = {
	[TYPE_ID] = {read_id, "a UUID", 0, NULL},
	[TYPE_TEXT] = {read_text, "a string", 1, " characters"},
	[TYPE_SECONDS] = {read_seconds, "a number with at most three decimals", 1000, " seconds"},
	[TYPE_INTEGER] = {read_integer, "an integer", 1, ""},
	[TYPE_BOOLEAN] = {read_boolean, "true or false", 0, NULL},
	[TYPE_CHOICE] = {read_choice, "one of", 0, NULL},
	[TYPE_DAY_TIME] = {read_day_time, "a string HH:MM, 00:00 to 23:59", 0, NULL},
	[TYPE_ZONE] = {read_zone, "the IANA name of a known time zone", 0, NULL},
	[TYPE_INSTANT] = {read_integer, "milliseconds since 1970, an integer", 0, NULL},
	[TYPE_DATE] = {read_date, "a day, YYYY-MM-DD", 0, NULL},
	[TYPE_DECIMAL] = {read_decimal, "a number with at most two decimals", 100, ""},
	[TYPE_LIST] = {read_list,
		"an array of at most " TEXT_OF(LIMIT_LIST_ITEMS) " strings of 1 to " TEXT_OF(
			LIMIT_LIST_ITEM_CHARS) " characters",
		0, NULL},
	[TYPE_OBJECT] = {read_object,
		"a JSON object of at most " TEXT_OF(LIMIT_STRUCTURE_BYTES) " bytes and " TEXT_OF(
			LIMIT_STRUCTURE_DEPTH) " levels",
		0, NULL},
};

static enum err refuse_choice(
	const char *name, const struct field_row *row, bool nullable, struct refusal *ret_why)
{
	TEXT_AUTO names = {0};
	for (int i = 0; row->choices[i]; i++)
		text_append_format(&names, "%s%s", i ? ", " : "", row->choices[i]);
	return refuse(ret_why, ERR_BAD_REQUEST, name, "%s must be %sone of %s", name,
		nullable ? "null or " : "", names.data);
}

static enum err refuse_value(
	const char *name, const struct field_row *row, bool nullable, struct refusal *ret_why)
{
	const struct type_row *type = &types[row->type];
	const char *or_null = nullable ? "null or " : "";
	if (row->type == TYPE_CHOICE)
		return refuse_choice(name, row, nullable, ret_why);
	if (!type->scale)
		return refuse(ret_why, ERR_BAD_REQUEST, name, "%s must be %s%s", name, or_null, type->what);
	return refuse(ret_why, ERR_BAD_REQUEST, name, "%s must be %s%s, %" PRId64 " to %" PRId64 "%s", name,
		or_null, type->what, row->min / type->scale, row->max / type->scale, type->unit);
}

/* What every command may have beside its fields. */

enum err decode_id(const cJSON *object, char ret[LIMIT_COMMAND_ID_BYTES * 6 + 3], struct refusal *ret_why)
{
	const cJSON *item = json_get(object, "id");
	int64_t number;
	bool string = cJSON_IsString(item) && strlen(item->valuestring) <= LIMIT_COMMAND_ID_BYTES;
	bool integer = item && json_integer(item, &number);
	TEXT_AUTO text = {0};
	if (string)
		text_append_json(&text, item->valuestring);
	else if (integer)
		text_append_integer(&text, number);
	else
		text_append_string(&text, "null");
	memcpy(ret, text.data, text.len + 1);
	if (item && !string && !integer)
		return refuse(ret_why, ERR_BAD_REQUEST, "id",
			"id must be an integer or a string of at most %d bytes", LIMIT_COMMAND_ID_BYTES);
	return OK;
}

bool decode_key_valid(const char *key)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-";
	size_t len = strspn(key, allowed);
	return len >= 1 && len <= LIMIT_KEY_BYTES && key[len] == '\0';
}

static enum err take_key(const cJSON *item, struct command *ret, struct refusal *ret_why)
{
	if (!cJSON_IsString(item) || !decode_key_valid(item->valuestring))
		return refuse(ret_why, ERR_BAD_REQUEST, "key", "key must be 1 to %d of A-Z a-z 0-9 . _ : -",
			LIMIT_KEY_BYTES);
	memcpy(ret->key, item->valuestring, strlen(item->valuestring) + 1);
	return OK;
}

static enum err take_at(const cJSON *item, struct command *ret, struct refusal *ret_why)
{
	if (!json_integer(item, &ret->at_ms) || ret->at_ms < 0)
		return refuse(
			ret_why, ERR_BAD_REQUEST, "atMs", "atMs must be milliseconds since 1970, an integer");
	ret->has_at = true;
	return OK;
}

static enum err take_if_version(const cJSON *item, struct command *ret, struct refusal *ret_why)
{
	const struct command_row *row = &command_rows[ret->type];
	if (row->flags & (COMMAND_NO_VERSION | COMMAND_ADDS))
		return refuse(ret_why, ERR_BAD_REQUEST, "ifVersion", "%s takes no ifVersion", row->name);
	if (!json_integer(item, &ret->if_version) || ret->if_version < 1)
		return refuse(ret_why, ERR_BAD_REQUEST, "ifVersion", "ifVersion must be an integer from 1");
	ret->has_if_version = true;
	return OK;
}

/* NULL: read before the others. */
static const struct common_row {
	const char *name;
	enum err (*take)(const cJSON *item, struct command *ret, struct refusal *ret_why);
} commons[] = {
	{"type", NULL}, {"id", NULL}, {"key", take_key}, {"atMs", take_at}, {"ifVersion", take_if_version}};

static const struct common_row *find_common(const char *name)
{
	for (size_t i = 0; i < sizeof(commons) / sizeof(commons[0]); i++) {
		if (strcmp(name, commons[i].name) == 0)
			return &commons[i];
	}
	return NULL;
}

/* The command. */

static bool find_field(const char *name, uint64_t allowed, enum field *ret)
{
	for (int field = 0; field < FIELD_COUNT; field++) {
		const struct field_row *row = &field_rows[field];
		if (!(allowed & FIELD_BIT(field)))
			continue;
		if (strcmp(name, row->name) == 0 || (row->alias && strcmp(name, row->alias) == 0)) {
			*ret = (enum field)field;
			return true;
		}
	}
	return false;
}

/* The entity that a command is about, or that what it adds belongs to, is never "none", whatever the field
 * may be elsewhere. */
static bool allows_null(const struct command_row *command, enum field field)
{
	bool needed = (command->flags & COMMAND_ADDS) && (command->required & FIELD_BIT(field));
	return field_rows[field].nullable && !needed &&
	       strcmp(field_rows[field].name, entity_name(command->target)) != 0;
}

static enum err take_field(cJSON *item, struct command *ret, struct refusal *ret_why)
{
	const struct command_row *command = &command_rows[ret->type];
	enum field field;
	if (!find_field(item->string, command->required | command->optional, &field))
		return refuse(ret_why, ERR_BAD_REQUEST, item->string, "%s has no such field", command->name);
	const struct field_row *row = &field_rows[field];
	struct value *value = &ret->values[field];
	if (value->given)
		return refuse(ret_why, ERR_BAD_REQUEST, item->string, "%s and %s are the same field",
			row->name, row->alias ? row->alias : row->name);
	bool nullable = allows_null(command, field);
	value->given = true;
	value->null = nullable && cJSON_IsNull(item);
	if (!value->null && !types[row->type].read(item, row, value))
		return refuse_value(item->string, row, nullable, ret_why);
	return OK;
}

static enum err take_type(const cJSON *object, struct command *ret, struct refusal *ret_why)
{
	const cJSON *type = json_get(object, "type");
	if (!cJSON_IsString(type))
		return refuse(ret_why, ERR_BAD_REQUEST, "type", "type must be the name of a command");
	if (!command_find(type->valuestring, &ret->type))
		return refuse(
			ret_why, ERR_UNKNOWN_COMMAND, "type", "there is no command %s", type->valuestring);
	return OK;
}

static enum err require_fields(const struct command *command, struct refusal *ret_why)
{
	const struct command_row *row = &command_rows[command->type];
	for (int field = 0; field < FIELD_COUNT; field++) {
		const char *name = field_rows[field].name;
		if ((row->required & FIELD_BIT(field)) && !command->values[field].given)
			return refuse(ret_why, ERR_BAD_REQUEST, name, "%s needs %s", row->name, name);
	}
	return OK;
}

static enum err read_command(cJSON *object, struct command *ret, struct refusal *ret_why)
{
	if (!cJSON_IsObject(object))
		return refuse(ret_why, ERR_BAD_JSON, NULL, "a command must be a JSON object");
	enum err err = decode_id(object, ret->id, ret_why);
	if (!err)
		err = take_type(object, ret, ret_why);
	if (err)
		return err;
	cJSON *item;
	cJSON_ArrayForEach (item, object) {
		const struct common_row *common = find_common(item->string);
		if (!common)
			err = take_field(item, ret, ret_why);
		else if (common->take)
			err = common->take(item, ret, ret_why);
		if (err)
			return err;
	}
	return require_fields(ret, ret_why);
}

enum err decode_command(cJSON **tree, struct command *ret, struct refusal *ret_why)
{
	*ret = (struct command){.id = "null", .tree = *tree};
	*tree = NULL;
	enum err err = read_command(ret->tree, ret, ret_why);
	if (err)
		command_finish(ret);
	return err;
}

/* Stands here because only decoding knows what the tree is. */
void command_finish(struct command *command)
{
	cJSON *tree = command->tree;
	json_free(&tree);
	command->tree = NULL;
}
