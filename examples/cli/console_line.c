#include "examples/cli/console_line.h"

#include "examples/cli/show.h"
#include "protocol/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SPACES " \t"
#define DEPTH  16

/* Messages that are no commands, and what else every command takes. */
static const char *const messages[] = {"help", "time", "resume", "batch", "auth", NULL};
static const char *const common[] = {"id", "key", "atMs", "ifVersion", NULL};

/* Takes the next word: what stands in quotes, lists and objects are part of it, spaces and all. */
static bool next_word(const char **at, struct text *ret)
{
	*at += strspn(*at, SPACES);
	if (!**at)
		return false;
	bool quoted = false;
	int open = 0;
	text_clear(ret);
	const char *start = *at;
	for (; **at && (quoted || open || !strchr(SPACES, **at)); (*at)++) {
		if (quoted && **at == '\\' && (*at)[1])
			(*at)++;
		else if (**at == '"')
			quoted = !quoted;
		else if (**at == '[' || **at == '{')
			open += !quoted;
		else if ((**at == ']' || **at == '}') && open)
			open -= !quoted;
	}
	text_append(ret, start, (size_t)(*at - start));
	return true;
}

/* 25, true, null, ["a"] stay what they are. */
static void append_value(struct text *out, const char *value)
{
	JSON_AUTO *tree = NULL;
	struct refusal why;
	if (json_parse_within(value, strlen(value), DEPTH, &tree, &why))
		text_append_json(out, value);
	else
		json_print(tree, out);
}

static bool append_field(struct text *out, const char *word, bool *ret_id)
{
	const char *equals = strchr(word, '=');
	if (!equals || equals == word)
		return false;
	TEXT_AUTO name = {0};
	text_append(&name, word, (size_t)(equals - word));
	text_append_string(out, ",");
	text_append_json(out, name.data);
	text_append_string(out, ":");
	append_value(out, equals + 1);
	if (strcmp(name.data, "id") == 0)
		*ret_id = true;
	return true;
}

static bool take_json(const char *line, struct text *out, struct text *ret_why)
{
	JSON_AUTO *tree = NULL;
	struct refusal why;
	if (json_parse_within(line, strlen(line), DEPTH, &tree, &why)) {
		text_append_string(ret_why, why.message);
		return false;
	}
	text_append_string(out, line);
	return true;
}

bool console_line_message(const char *line, int64_t id, struct text *out, struct text *ret_why)
{
	TEXT_AUTO word = {0};
	TEXT_AUTO made = {0};
	bool has_id = false;
	line += strspn(line, SPACES);
	if (*line == '{')
		return take_json(line, out, ret_why);
	if (!next_word(&line, &word))
		return false;
	text_append_string(&made, "{\"type\":");
	text_append_json(&made, word.data);
	while (next_word(&line, &word)) {
		if (append_field(&made, word.data, &has_id))
			continue;
		text_append_format(ret_why, "%s: a field is written name=value", word.data);
		return false;
	}
	if (!has_id)
		text_append_format(&made, ",\"id\":%" PRId64, id);
	text_append_string(&made, "}");
	text_append(out, made.data, made.len);
	return true;
}

/* --- What may come next --- */

/* Where the cursor stands. */
struct place {
	char type[64];  /* of the message, as far as it is known */
	char field[64]; /* whose value is being typed; empty: a name is */
	bool in_type;   /* the message's type is being typed */
	bool in_json, in_string;
	size_t from;       /* where what is replaced begins */
	const char *piece; /* what it is compared with */
	size_t len;
};

static void copy_name(char ret[64], const char *from, size_t len)
{
	snprintf(ret, 64, "%.*s", (int)(len < 63 ? len : 63), from);
}

static void find_in_words(struct place *place, const char *line, size_t len)
{
	const char *start = line + strspn(line, SPACES), *end = line + len;
	bool quoted = false;
	/* The cursor may stand among the blanks before it all. */
	if (start > end)
		start = end;
	const char *word = start;
	for (const char *c = start; c < end; c++) {
		quoted ^= *c == '"';
		if (!quoted && strchr(SPACES, *c))
			word = c + 1;
	}
	place->in_type = word == start;
	copy_name(place->type, start, strcspn(start, SPACES));
	const char *equals = memchr(word, '=', (size_t)(end - word));
	if (equals)
		copy_name(place->field, word, (size_t)(equals - word));
	place->piece = equals ? equals + 1 : word;
	place->from = (size_t)(place->piece - line);
	if (*place->piece == '"' && place->piece < end)
		place->piece++;
	place->len = (size_t)(end - place->piece);
}

/* A reader of strings is all that is needed: names stand before a colon, at the first level. */
static void find_in_json(struct place *place, const char *line, size_t len)
{
	const char *end = line + len, *string = NULL;
	char name[64] = "";
	int depth = 0;
	bool is_value = false;
	for (const char *c = line; c < end; c++) {
		if (string) {
			if (*c == '\\' && c + 1 < end) {
				c++;
			} else if (*c == '"') {
				if (depth == 1 && !is_value)
					copy_name(name, string, (size_t)(c - string));
				else if (depth == 1 && strcmp(name, "type") == 0)
					copy_name(place->type, string, (size_t)(c - string));
				string = NULL;
			}
			continue;
		}
		if (*c == '"')
			string = c + 1;
		depth += (*c == '{' || *c == '[') - (*c == '}' || *c == ']');
		if (*c == ':' || *c == ',' || *c == '{')
			is_value = *c == ':';
	}
	place->in_string = string != NULL;
	place->piece = string ? string : end;
	place->from = (size_t)(place->piece - line);
	place->len = (size_t)(end - place->piece);
	place->in_type = is_value && strcmp(name, "type") == 0;
	if (is_value)
		copy_name(place->field, name, strlen(name));
}

static void add(struct completions *ret, const struct place *place, const char *text, const char *suffix,
	const char *label)
{
	struct completion *items = realloc(ret->items, (ret->count + 1) * sizeof(*items));
	TEXT_AUTO whole = {0};
	if (!items)
		abort();
	ret->items = items;
	/* In JSON a word that can be nothing else gets its quotes. */
	if (place->in_json && !place->in_string)
		text_append_string(&whole, "\"");
	text_append_string(&whole, text);
	text_append_string(&whole, suffix);
	ret->items[ret->count].text = strdup(whole.data);
	ret->items[ret->count].label = strdup(label);
	if (!ret->items[ret->count].text || !ret->items[ret->count].label)
		abort();
	ret->count++;
}

static void offer(struct completions *ret, const struct place *place, const char *text, const char *suffix)
{
	if (strncasecmp(text, place->piece, place->len) == 0)
		add(ret, place, text, suffix, text);
}

static void offer_all(
	struct completions *ret, const struct place *place, const char *const *texts, const char *suffix)
{
	for (; *texts; texts++)
		offer(ret, place, *texts, suffix);
}

static void offer_types(struct completions *ret, const struct place *place)
{
	const char *suffix = place->in_json ? "\"" : " ";
	for (int type = 0; type < COMMAND_COUNT; type++)
		offer(ret, place, command_rows[type].name, suffix);
	offer_all(ret, place, messages, suffix);
}

static void offer_fields(struct completions *ret, const struct place *place)
{
	const char *suffix = place->in_json ? "\":" : "=";
	enum command_type type;
	if (place->in_json && !place->type[0])
		offer(ret, place, "type", suffix);
	if (strcmp(place->type, "help") == 0)
		offer(ret, place, "command", suffix);
	if (!command_find(place->type, &type))
		return;
	for (int field = 0; field < FIELD_COUNT; field++) {
		if ((command_rows[type].required | command_rows[type].optional) & FIELD_BIT(field))
			offer(ret, place, field_rows[field].name, suffix);
	}
	offer_all(ret, place, common, suffix);
}

static void offer_id(
	struct completions *ret, const struct place *place, const struct uuid *id, const char *title)
{
	char text[UUID_TEXT];
	TEXT_AUTO label = {0};
	uuid_format(id, text);
	if (strncasecmp(text, place->piece, place->len) != 0 &&
		strncasecmp(title, place->piece, place->len) != 0)
		return;
	text_append_format(&label, "%s  %s", text, title);
	add(ret, place, text, place->in_json ? "\"" : " ", label.data);
}

static const struct field_row *row_of(const struct place *place)
{
	enum command_type type;
	if (!command_find(place->type, &type))
		return NULL;
	for (int field = 0; field < FIELD_COUNT; field++) {
		const struct field_row *row = &field_rows[field];
		if ((command_rows[type].required | command_rows[type].optional) & FIELD_BIT(field) &&
			(strcmp(row->name, place->field) == 0 ||
				(row->alias && strcmp(row->alias, place->field) == 0)))
			return row;
	}
	return NULL;
}

static void offer_values(struct completions *ret, const struct place *place, const struct replica *replica)
{
	static const char *const flags[] = {"true", "false", NULL};
	const struct field_row *row = row_of(place);
	if (strcmp(place->type, "help") == 0 && strcmp(place->field, "command") == 0)
		offer_types(ret, place);
	if (!row)
		return;
	if (row->type == TYPE_CHOICE)
		offer_all(ret, place, row->choices, place->in_json ? "\"" : " ");
	if (row->type == TYPE_BOOLEAN && !place->in_json)
		offer_all(ret, place, flags, " ");
	if (row->type != TYPE_ID)
		return;
	for (size_t i = 0; i < replica->session_count && strcmp(row->name, "session") == 0; i++)
		offer_id(ret, place, &replica->sessions[i].id, show_title(&replica->sessions[i]));
	for (size_t i = 0; i < replica->group_count && strcmp(row->name, "group") == 0; i++)
		offer_id(ret, place, &replica->groups[i].id, replica->groups[i].name);
}

void console_line_complete(
	const char *line, size_t len, const struct replica *replica, struct completions *ret)
{
	struct place place = {.in_json = line[strspn(line, SPACES)] == '{'};
	*ret = (struct completions){0};
	if (place.in_json)
		find_in_json(&place, line, len);
	else
		find_in_words(&place, line, len);
	ret->from = place.from;
	if (place.in_type)
		offer_types(ret, &place);
	else if (place.field[0])
		offer_values(ret, &place, replica);
	else
		offer_fields(ret, &place);
}

void completions_finish(struct completions *completions)
{
	for (size_t i = 0; i < completions->count; i++) {
		free(completions->items[i].text);
		free(completions->items[i].label);
	}
	free(completions->items);
	*completions = (struct completions){0};
}
