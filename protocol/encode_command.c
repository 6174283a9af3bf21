#include "protocol/encode.h"

#include <inttypes.h>
#include <string.h>

/* What names each type of field to people, and what the bounds of its row are divided by; 0: it has none. */
static const struct {
	const char *name;
	int64_t scale;
} types[] = {
	[TYPE_ID] = {"uuid", 0},
	[TYPE_TEXT] = {"string", 1},
	[TYPE_SECONDS] = {"seconds", 1000},
	[TYPE_INTEGER] = {"integer", 1},
	[TYPE_BOOLEAN] = {"boolean", 0},
	[TYPE_CHOICE] = {"choice", 0},
	[TYPE_DAY_TIME] = {"HH:MM", 0},
	[TYPE_ZONE] = {"IANA time zone", 0},
	[TYPE_INSTANT] = {"milliseconds since 1970", 1},
	[TYPE_DATE] = {"YYYY-MM-DD", 0},
	[TYPE_DECIMAL] = {"decimal", 100},
	[TYPE_LIST] = {"list of strings", 1},
	[TYPE_OBJECT] = {"JSON object", 1},
};

static void help_choices(struct text *out, const char *const *choices)
{
	text_append_string(out, ",\"values\":[");
	for (int i = 0; choices[i]; i++) {
		text_append_string(out, i ? "," : "");
		text_append_json(out, choices[i]);
	}
	text_append_string(out, "]");
}

static void help_field(struct text *out, const struct field_row *row, bool required)
{
	text_append_format(out, "{\"name\":\"%s\",", row->name);
	if (row->alias)
		text_append_format(out, "\"alias\":\"%s\",", row->alias);
	text_append_format(
		out, "\"type\":\"%s\",\"required\":%s", types[row->type].name, required ? "true" : "false");
	if (row->choices)
		help_choices(out, row->choices);
	if (types[row->type].scale)
		text_append_format(out, ",\"min\":%" PRId64 ",\"max\":%" PRId64,
			row->min / types[row->type].scale, row->max / types[row->type].scale);
	text_append_string(out, ",\"help\":");
	text_append_json(out, row->help);
	text_append(out, "}", 1);
}

static void help_fields(struct text *out, const struct command_row *row)
{
	const char *comma = "";
	for (int field = 0; field < FIELD_COUNT; field++) {
		if (!((row->required | row->optional) & FIELD_BIT(field)))
			continue;
		text_append_string(out, comma);
		help_field(out, &field_rows[field], row->required & FIELD_BIT(field));
		comma = ",";
	}
}

static void help_command(struct text *out, const struct command_row *row)
{
	text_append_format(out, "{\"name\":\"%s\",\"aliases\":[", row->name);
	if (row->alias)
		text_append_json(out, row->alias);
	text_append_string(out, "],\"help\":");
	text_append_json(out, row->help);
	text_append_string(out, ",\"fields\":[");
	help_fields(out, row);
	text_append_string(out, "]}");
}

static void help_commands(struct text *out)
{
	for (int type = 0; type < COMMAND_COUNT; type++) {
		text_append_string(out, type ? "," : "");
		help_command(out, &command_rows[type]);
	}
}

/* What a client may say that is no command. */
static const struct {
	const char *name, *help;
} messages[] = {
	{"auth", "signs in with token, or renews it; client.name and resume {epoch, seq, tag} are optional"},
	{"batch", "applies up to 64 commands in order; each is answered by its own id"},
	{"help", "this; with command, one of them"},
	{"resume", "asks for the events after the position epoch, seq, tag"},
	{"time", "answers t0 with the server's time, t1Ms received and t2Ms sent"},
};
#define MESSAGE_COUNT (sizeof(messages) / sizeof(messages[0]))

static void help_message(struct text *out, size_t which)
{
	text_append_format(out, "{\"name\":\"%s\",\"help\":", messages[which].name);
	text_append_json(out, messages[which].help);
	text_append(out, "}", 1);
}

static void help_messages(struct text *out)
{
	for (size_t i = 0; i < MESSAGE_COUNT; i++) {
		text_append_string(out, i ? "," : "");
		help_message(out, i);
	}
}

/* MESSAGE_COUNT where there is none. */
static size_t find_message(const char *name)
{
	size_t which = 0;
	while (which < MESSAGE_COUNT && strcmp(name, messages[which].name) != 0)
		which++;
	return which;
}

static void open_help(struct text *out, const char *id)
{
	text_append_string(out, "{\"type\":\"help\",\"id\":");
	text_append_string(out, id);
	text_append_string(out, ",\"commands\":[");
}

static void help_all(struct text *out, const char *id)
{
	open_help(out, id);
	help_commands(out);
	text_append_string(
		out, "],\"everyCommand\":\"id, key, atMs and ifVersion are optional\",\"messages\":[");
	help_messages(out);
	text_append_string(out, "]}");
}

bool encode_help(struct text *out, const char *id, const char *command)
{
	enum command_type type;
	size_t message = find_message(command);
	if (!command[0]) {
		help_all(out, id);
		return true;
	}
	if (command_find(command, &type)) {
		open_help(out, id);
		help_command(out, &command_rows[type]);
		text_append_string(out, "]}");
		return true;
	}
	if (message == MESSAGE_COUNT)
		return false;
	open_help(out, id);
	text_append_string(out, "],\"messages\":[");
	help_message(out, message);
	text_append_string(out, "]}");
	return true;
}

static void put_value(struct text *out, enum field_type type, const struct value *value)
{
	char id[UUID_TEXT];
	switch (type) {
	case TYPE_ID:
		uuid_format(&value->id, id);
		text_append_json(out, id);
		break;
	case TYPE_TEXT:
	case TYPE_ZONE:
		text_append_json(out, value->text);
		break;
	case TYPE_LIST:
	case TYPE_OBJECT:
		text_append_string(out, value->text[0] ? value->text : "[]");
		break;
	case TYPE_BOOLEAN:
		text_append_string(out, value->flag ? "true" : "false");
		break;
	case TYPE_SECONDS:
	case TYPE_INTEGER:
	case TYPE_CHOICE:
	case TYPE_DAY_TIME:
	case TYPE_INSTANT:
	case TYPE_DATE:
	case TYPE_DECIMAL:
		text_append_integer(out, value->number);
		break;
	}
}

void encode_command(struct text *out, const struct command *command)
{
	text_append_format(out, "{\"type\":\"%s\"", command_rows[command->type].name);
	for (int field = 0; field < FIELD_COUNT; field++) {
		const struct value *value = &command->values[field];
		if (!value->given)
			continue;
		text_append_format(out, ",\"%s\":", field_rows[field].name);
		if (value->null)
			text_append_string(out, "null");
		else
			put_value(out, field_rows[field].type, value);
	}
	if (command->has_at)
		text_append_format(out, ",\"atMs\":%lld", (long long)command->at_ms);
	if (command->has_if_version)
		text_append_format(out, ",\"ifVersion\":%lld", (long long)command->if_version);
	text_append(out, "}", 1);
}
