/* A growing byte buffer. Knows bytes only; running out of memory ends the process. */
#ifndef LOCKSTEP_PROTOCOL_TEXT_H
#define LOCKSTEP_PROTOCOL_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Zero-initialised it is empty. data is NUL-terminated once anything was appended (the NUL is not in len). */
struct text {
	char *data;
	size_t len;
	size_t room;
};

/* Frees the buffer and leaves it empty. */
void text_finish(struct text *text);
/* Empties it and keeps the memory. */
void text_clear(struct text *text);
/* Makes room for `more` further bytes. */
void text_reserve(struct text *text, size_t more);
void text_append_string(struct text *text, const char *string);
void text_append_integer(struct text *text, int64_t number);
void text_append_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Appends a JSON string with its quotes; `string` must be valid UTF-8. */
void text_append_json(struct text *text, const char *string);
/* For a manual page, at a line's start: a dash is a hyphen to roff unless it is told otherwise, and a dot or
 * a quote is a request there. */
void text_append_roff(struct text *text, const char *string);

/* Inline, since most of what is written are a few bytes that are known beforehand. */
static inline void text_append(struct text *text, const void *bytes, size_t len)
{
	if (text->room - text->len <= len)
		text_reserve(text, len);
	if (len)
		memcpy(text->data + text->len, bytes, len);
	text->len += len;
	text->data[text->len] = '\0';
}

/* Writes the last `count` decimal digits of the number, zeros in front too, and no NUL; returns their end. */
char *text_put_digits(char *at, uint32_t number, int count);

/* Number of Unicode code points in valid UTF-8. */
size_t text_count_chars(const char *string);

#define TEXT_AUTO __attribute__((cleanup(text_finish))) struct text

#endif
