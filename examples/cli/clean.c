#include "examples/cli/clean.h"

#include <string.h>

#define REPLACEMENT      0xfffd
#define REPLACEMENT_UTF8 "\xef\xbf\xbd"

/* How a character of 1 + n bytes begins, and the least that may be written so long. */
static const struct {
	unsigned char mask, lead;
	uint32_t least;
} forms[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};

uint32_t clean_next(const char **at)
{
	const unsigned char *bytes = (const unsigned char *)(*at)++;
	size_t extra = 0;
	while (extra < 4 && (*bytes & forms[extra].mask) != forms[extra].lead)
		extra++;
	if (extra == 4)
		return REPLACEMENT;
	uint32_t code = *bytes & (unsigned char)~forms[extra].mask;
	for (size_t i = 1; i <= extra; i++) {
		if ((bytes[i] & 0xc0) != 0x80) /* the NUL too */
			return REPLACEMENT;
		code = code << 6 | (bytes[i] & 0x3f);
	}
	if (code < forms[extra].least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return REPLACEMENT;
	*at += extra;
	return code;
}

bool clean_is_utf8(const char *text)
{
	while (*text) {
		bool written = strncmp(text, REPLACEMENT_UTF8, strlen(REPLACEMENT_UTF8)) == 0;
		if (clean_next(&text) == REPLACEMENT && !written)
			return false;
	}
	return true;
}

/* Control characters of both sets, line separators, and what turns or isolates the writing's direction. */
static bool is_unfit(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x061c ||
	       (code >= 0x200e && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069);
}

void clean_append(struct text *out, const char *text)
{
	while (*text) {
		const char *start = text;
		uint32_t code = clean_next(&text);
		if (code == REPLACEMENT || is_unfit(code))
			text_append_string(out, REPLACEMENT_UTF8);
		else
			text_append(out, start, (size_t)(text - start));
	}
}

void clean_copy(const char *text, char *ret, size_t room)
{
	TEXT_AUTO clean = {0};
	clean_append(&clean, text);
	size_t len = clean.len < room ? clean.len : room - 1;
	while (len < clean.len && len && ((unsigned char)clean.data[len] & 0xc0) == 0x80)
		len--;
	if (len)
		memcpy(ret, clean.data, len);
	ret[len] = '\0';
}
