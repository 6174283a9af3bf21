#include "protocol/text.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_finish(struct text *text)
{
	free(text->data);
	*text = (struct text){0};
}

void text_clear(struct text *text)
{
	text->len = 0;
}

void text_reserve(struct text *text, size_t more)
{
	size_t need = text->len + more + 1;
	if (need <= text->room)
		return;
	size_t room = text->room ? text->room : 256;
	while (room < need)
		room *= 2;
	char *data = realloc(text->data, room);
	if (!data)
		abort();
	text->data = data;
	text->room = room;
}

void text_append_string(struct text *text, const char *string)
{
	text_append(text, string, strlen(string));
}

void text_append_integer(struct text *text, int64_t number)
{
	char digits[24];
	char *end = digits + sizeof(digits);
	char *at = end;
	uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	do {
		*--at = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (number < 0)
		*--at = '-';
	text_append(text, at, (size_t)(end - at));
}

void text_append_format(struct text *text, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	text_reserve(text, 128);
	size_t room = text->room - text->len;
	int len = vsnprintf(text->data + text->len, room, format, args);
	va_end(args);
	if (len < 0)
		abort();
	if ((size_t)len >= room) {
		text_reserve(text, (size_t)len);
		vsnprintf(text->data + text->len, (size_t)len + 1, format, again);
	}
	va_end(again);
	text->len += (size_t)len;
}

char *text_put_digits(char *at, uint32_t number, int count)
{
	for (int i = count - 1; i >= 0; i--) {
		at[i] = (char)('0' + number % 10);
		number /= 10;
	}
	return at + count;
}

static bool is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7f;
}

/* The short escapes of JSON; '\0': it has none. */
static char escape_of(unsigned char byte)
{
	switch (byte) {
	case '"':
	case '\\':
		return (char)byte;
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return '\0';
	}
}

static void append_escaped(struct text *text, unsigned char byte)
{
	char escape = escape_of(byte);
	if (escape)
		text_append(text, (char[]){'\\', escape}, 2);
	else
		text_append_format(text, "\\u%04x", byte);
}

void text_append_json(struct text *text, const char *string)
{
	text_append(text, "\"", 1);
	for (;;) {
		const char *at = string;
		while (is_plain((unsigned char)*at))
			at++;
		text_append(text, string, (size_t)(at - string));
		if (!*at)
			break;
		append_escaped(text, (unsigned char)*at);
		string = at + 1;
	}
	text_append(text, "\"", 1);
}

size_t text_count_chars(const char *string)
{
	size_t count = 0;
	for (; *string; string++)
		count += ((unsigned char)*string & 0xc0) != 0x80;
	return count;
}

void text_append_roff(struct text *text, const char *string)
{
	if (*string == '.' || *string == '\'')
		text_append_string(text, "\\&");
	for (; *string; string++) {
		if (*string == '-' || *string == '\\')
			text_append_string(text, "\\");
		text_append(text, string, 1);
	}
}
