#include "server/options_show.h"

#include "server/options_issuers.h"
#include "server/options_table.h"

#include <string.h>

static const void *member(const struct options *options, const struct option_row *row)
{
	return (const char *)options + row->at;
}

static int64_t number_at(const struct options *options, size_t at)
{
	return *(const int64_t *)(const void *)((const char *)options + at);
}

static void append_list(struct text *out, const struct option_list *list, const char *between)
{
	for (size_t i = 0; i < list->count; i++)
		text_append_format(out, "%s%s", i ? between : "", list->items[i]);
}

/* Issuers: the parts in their order, as they could be told. */
static void append_issuers(struct text *out, const struct options *options)
{
	for (size_t i = 0; i < options->issuer_count; i++) {
		struct issuer_telling telling;
		options_issuers_tell(&options->issuers[i], &telling);
		for (size_t part = 0; part < telling.count; part++)
			text_append_format(out, "%s%s %s", out->len ? ", " : "", telling.parts[part].name,
				telling.parts[part].value);
	}
}

/* Empty: it is not told, and has no default. */
static void append_value(struct text *out, const struct options *options, const struct option_row *row)
{
	const void *at = member(options, row);
	switch (row->kind) {
	case KIND_FLAG:
	case KIND_SWITCH:
		text_append_string(out, *(const bool *)at ? "on" : "off");
		return;
	case KIND_TEXT:
		text_append_string(out, *(const char *const *)at ? *(const char *const *)at : "");
		return;
	case KIND_LIST:
		append_list(out, at, ", ");
		return;
	case KIND_NUMBER:
		text_append_integer(out, *(const int64_t *)at);
		return;
	case KIND_PAIR:
		text_append_integer(out, *(const int64_t *)at);
		text_append_string(out, "/");
		text_append_integer(out, number_at(options, row->second_at));
		return;
	case KIND_ISSUER:
		append_issuers(out, options);
		return;
	case KIND_FORMAT:
		text_append_string(out, *(const bool *)at ? "json" : "text");
		return;
	case KIND_LEVEL:
		text_append_string(out, log_level_name(*(const enum log_level *)at));
		return;
	}
}

/* The rows of issuers are one: that of the first of them. */
static bool is_listed(const struct option_row *row)
{
	return row->where == WHERE_ANY && (row->kind != KIND_ISSUER || row->number == ISSUER_FIREBASE);
}

static void append_worded(struct text *out, const struct options *options, const struct option_row *row)
{
	append_value(out, options, row);
	if (!out->len)
		text_append_format(out, "(%s)", row->unset && row->kind != KIND_ISSUER ? row->unset : "none");
}

size_t options_compare(const struct options *before, const struct options *after,
	void (*each)(void *context, const struct option_change *change), void *context)
{
	size_t count = 0;
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];
		TEXT_AUTO was = {0};
		TEXT_AUTO is = {0};
		if (!is_listed(row))
			continue;
		append_worded(&was, before, row);
		append_worded(&is, after, row);
		if (strcmp(was.data, is.data) == 0)
			continue;
		const char *name = row->kind == KIND_ISSUER ? "issuers" : row->name;
		each(context, &(struct option_change){name, was.data, is.data, row->live});
		count++;
	}
	return count;
}

static void append_line(
	struct text *out, const struct options *options, const struct option_row *row, const char *value)
{
	static const char *const sources[] = {
		[SOURCE_FILE] = NULL, [SOURCE_ENVIRONMENT] = "the environment", [SOURCE_FLAG] = "a flag"};
	enum option_source source = (enum option_source)options->sources[row - option_rows];
	text_append_format(out, "%s = %s ; from %s\n", row->name, value,
		source == SOURCE_FILE ? options->config : sources[source]);
}

/* Where the same flag is given again, each line has one of its values. */
static void append_lines(struct text *out, const struct options *options, const struct option_row *row)
{
	const struct option_list *list = member(options, row);
	if (row->kind == KIND_LIST) {
		for (size_t i = 0; i < list->count; i++)
			append_line(out, options, row, list->items[i]);
		return;
	}
	TEXT_AUTO value = {0};
	append_value(&value, options, row);
	append_line(out, options, row, value.data ? value.data : "");
}

static const struct option_row *row_of(const char *name)
{
	const struct option_row *row = option_rows;
	while (strcmp(row->name, name) != 0)
		row++;
	return row;
}

static void append_issuer_lines(struct text *out, const struct options *options)
{
	for (size_t i = 0; i < options->issuer_count; i++) {
		struct issuer_telling telling;
		options_issuers_tell(&options->issuers[i], &telling);
		for (size_t part = 0; part < telling.count; part++)
			append_line(
				out, options, row_of(telling.parts[part].name), telling.parts[part].value);
	}
}

void options_append_told(struct text *out, const struct options *options)
{
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];
		if (!is_listed(row))
			continue;
		if (row->kind == KIND_ISSUER)
			append_issuer_lines(out, options);
		else if (options->sources[i] != SOURCE_DEFAULT)
			append_lines(out, options, row);
	}
}
