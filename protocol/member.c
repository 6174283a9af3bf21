#include "protocol/member.h"

#include "protocol/analytics.h"
#include "protocol/day.h"
#include "protocol/instant.h"

void member_open(struct text *out, const char *name)
{
	if (out->data[out->len - 1] != '{')
		text_append(out, ",", 1);
	text_append(out, "\"", 1);
	text_append_string(out, name);
	text_append(out, "\":", 2);
}

void member_null(struct text *out, const char *name)
{
	member_open(out, name);
	text_append(out, "null", 4);
}

void member_integer(struct text *out, const char *name, int64_t number)
{
	member_open(out, name);
	text_append_integer(out, number);
}

void member_bool(struct text *out, const char *name, bool flag)
{
	member_open(out, name);
	text_append_string(out, flag ? "true" : "false");
}

void member_string(struct text *out, const char *name, const char *string)
{
	member_open(out, name);
	text_append_json(out, string);
}

void member_id(struct text *out, const char *name, const struct uuid *id)
{
	char string[UUID_TEXT];
	uuid_format(id, string);
	member_string(out, name, string);
}

void member_tag_if(struct text *out, const char *name, bool is, uint32_t tag)
{
	char string[9] = "";
	for (int i = 0; i < 8; i++)
		string[i] = "0123456789abcdef"[tag >> (28 - 4 * i) & 15];
	member_text(out, name, is ? string : NULL);
}

/* `digits` decimals, three at most, without those that are zero at the end. */
static void append_fraction(struct text *out, int rest, int digits)
{
	if (!rest)
		return;
	for (; rest % 10 == 0; digits--)
		rest /= 10;
	char decimals[4] = ".";
	text_put_digits(decimals + 1, (uint32_t)rest, digits);
	text_append(out, decimals, (size_t)digits + 1);
}

void member_seconds(struct text *out, const char *name, int64_t ms)
{
	member_integer(out, name, ms / 1000);
	append_fraction(out, (int)(ms % 1000), 3);
}

void member_minutes(struct text *out, const char *name, int64_t ms)
{
	member_open(out, name);
	analytics_append_minutes(out, ms);
}

void member_day(struct text *out, const char *name, int32_t day)
{
	char string[DAY_TEXT];
	day_format(day, string);
	member_string(out, name, string);
}

void member_day_time(struct text *out, const char *name, int minutes)
{
	member_open(out, name);
	text_append_format(out, "\"%02d:%02d\"", minutes / 60, minutes % 60);
}

void member_instant(struct text *out, const char *name, int64_t ms)
{
	char string[INSTANT_TEXT];
	instant_format(ms, string);
	member_string(out, name, string);
}

void member_integer_if(struct text *out, const char *name, bool is, int64_t number)
{
	if (is)
		member_integer(out, name, number);
	else
		member_null(out, name);
}

void member_seconds_if(struct text *out, const char *name, bool is, int64_t ms)
{
	if (is)
		member_seconds(out, name, ms);
	else
		member_null(out, name);
}

void member_minutes_if(struct text *out, const char *name, bool is, int64_t ms)
{
	if (is)
		member_minutes(out, name, ms);
	else
		member_null(out, name);
}

void member_hundredths_if(struct text *out, const char *name, bool is, int64_t hundredths)
{
	member_integer_if(out, name, is, hundredths / 100);
	if (is)
		append_fraction(out, (int)(hundredths % 100), 2);
}

void member_instant_if(struct text *out, const char *name, bool is, int64_t ms)
{
	if (is)
		member_instant(out, name, ms);
	else
		member_null(out, name);
}

void member_string_or_null(struct text *out, const char *name, const char *string)
{
	member_text(out, name, string[0] ? string : NULL);
}

void member_id_or_null(struct text *out, const char *name, const struct uuid *id)
{
	if (uuid_is_nil(id))
		member_null(out, name);
	else
		member_id(out, name, id);
}

void member_text(struct text *out, const char *name, const char *string)
{
	if (string)
		member_string(out, name, string);
	else
		member_null(out, name);
}

void member_json(struct text *out, const char *name, const char *json, const char *otherwise)
{
	member_open(out, name);
	text_append_string(out, json ? json : otherwise);
}

void member_given(struct text *out, const char *name, const char *string)
{
	if (string && string[0])
		member_string(out, name, string);
}
