#include "examples/cli/console_frame.h"

#include "examples/cli/clean.h"
#include "examples/cli/now.h"
#include "examples/cli/show.h"

#include <string.h>

#define INDENT 2
/* After 2001 and before 2286: what else is called …Ms is a length of time. */
#define INSTANT_MIN INT64_C(1000000000000)
#define INSTANT_MAX INT64_C(10000000000000)

#define PLAIN  "\033[0m"
#define NAME   "\033[36m"
#define STRING "\033[32m"
#define NUMBER "\033[33m"
#define WORD   "\033[35m"
#define DIMMED "\033[2m"

static void append_colored(
	struct text *out, const struct frame_style *style, const char *color, const char *text)
{
	if (style->color)
		text_append_string(out, color);
	clean_append(out, text);
	if (style->color)
		text_append_string(out, PLAIN);
}

static bool is_instant(const cJSON *item, int64_t *ret)
{
	size_t len = item->string ? strlen(item->string) : 0;
	return len > 2 && strcmp(item->string + len - 2, "Ms") == 0 && json_integer(item, ret) &&
	       *ret >= INSTANT_MIN && *ret < INSTANT_MAX;
}

static void append_leaf(struct text *out, const cJSON *item, const struct frame_style *style)
{
	TEXT_AUTO value = {0};
	int64_t instant;
	json_print(item, &value);
	append_colored(out, style,
		cJSON_IsString(item)   ? STRING
		: cJSON_IsNumber(item) ? NUMBER
				       : WORD,
		value.data);
	if (!is_instant(item, &instant))
		return;
	char time[NOW_INSTANT];
	now_format_instant(instant, time);
	TEXT_AUTO note = {0};
	text_append_format(&note, " (%s)", time);
	append_colored(out, style, DIMMED, note.data);
}

static void append_item(struct text *out, const cJSON *item, const struct frame_style *style, int indent);

static void append_break(struct text *out, int indent)
{
	text_append_string(out, "\n");
	for (int i = 0; i < indent; i++)
		text_append_string(out, " ");
}

/* indent below 0: all on one line. */
static void append_members(struct text *out, const cJSON *item, const struct frame_style *style, int indent)
{
	bool broken = indent >= 0;
	int inner = broken ? indent + INDENT : indent;
	text_append_string(out, cJSON_IsArray(item) ? "[" : "{");
	for (const cJSON *child = item->child; child; child = child->next) {
		if (broken)
			append_break(out, inner);
		if (child->string) {
			TEXT_AUTO name = {0};
			text_append_json(&name, child->string);
			append_colored(out, style, NAME, name.data);
			text_append_string(out, ": ");
		}
		append_item(out, child, style, inner);
		if (child->next)
			text_append_string(out, broken ? "," : ", ");
	}
	if (broken)
		append_break(out, indent);
	text_append_string(out, cJSON_IsArray(item) ? "]" : "}");
}

static bool fits(const cJSON *item, int indent, int columns)
{
	static const struct frame_style plain = {.color = false};
	TEXT_AUTO line = {0};
	append_members(&line, item, &plain, -1);
	return indent + show_columns(line.data) + INDENT <= columns;
}

static void append_item(struct text *out, const cJSON *item, const struct frame_style *style, int indent)
{
	if (!item->child && !cJSON_IsArray(item) && !cJSON_IsObject(item))
		append_leaf(out, item, style);
	else if (indent < 0 || !item->child || fits(item, indent, style->columns))
		append_members(out, item, style, -1);
	else
		append_members(out, item, style, indent);
}

void console_frame_append(struct text *out, const cJSON *message, const struct frame_style *style)
{
	append_item(out, message, style, 0);
	text_append_string(out, "\n");
}
