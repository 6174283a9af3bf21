#include "protocol/instant.h"

#include "protocol/day.h"
#include "protocol/text.h"

#include <stdio.h>
#include <string.h>

#define DAY_MS (24 * HOUR_MS)

void instant_format(int64_t ms, char ret[INSTANT_TEXT])
{
	uint32_t rest = (uint32_t)(ms % DAY_MS);
	const struct {
		char before;
		uint32_t number;
		int digits;
	} parts[] = {{'T', rest / 3600000, 2}, {':', rest / 60000 % 60, 2}, {':', rest / 1000 % 60, 2},
		{'.', rest % 1000, 3}};
	day_format((int32_t)(ms / DAY_MS), ret);
	char *at = ret + DAY_TEXT - 1;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		*at++ = parts[i].before;
		at = text_put_digits(at, parts[i].number, parts[i].digits);
	}
	memcpy(at, "Z", 2);
}

/* Two digits, less than `limit`; moves on. -1: there are none. */
static int take_two(const char **at, int limit)
{
	const char *digits = *at;
	if (digits[0] < '0' || digits[0] > '9' || digits[1] < '0' || digits[1] > '9')
		return -1;
	int number = (digits[0] - '0') * 10 + digits[1] - '0';
	*at += 2;
	return number < limit ? number : -1;
}

static bool take_char(const char **at, char c)
{
	if (**at != c)
		return false;
	++*at;
	return true;
}

/* HH:MM */
static bool take_minutes(const char **at, int64_t *ret_ms)
{
	int hours = take_two(at, 24);
	if (hours < 0 || !take_char(at, ':'))
		return false;
	int minutes = take_two(at, 60);
	*ret_ms = (hours * 60 + minutes) * MINUTE_MS;
	return minutes >= 0;
}

/* [:SS[.fraction]] */
static bool take_seconds(const char **at, int64_t *ret_ms)
{
	*ret_ms = 0;
	if (!take_char(at, ':'))
		return true;
	int seconds = take_two(at, 60);
	*ret_ms = seconds * INT64_C(1000);
	if (seconds < 0 || !take_char(at, '.'))
		return seconds >= 0;
	int digits = 0;
	for (int weight = 100; **at >= '0' && **at <= '9'; ++*at, weight /= 10, digits++)
		*ret_ms += (**at - '0') * weight;
	return digits > 0;
}

static bool take_offset(const char **at, int64_t *ret_ms)
{
	*ret_ms = 0;
	if (take_char(at, 'Z'))
		return true;
	bool west = **at == '-';
	if (!take_char(at, '+') && !take_char(at, '-'))
		return false;
	if (!take_minutes(at, ret_ms))
		return false;
	if (west)
		*ret_ms = -*ret_ms;
	return true;
}

bool instant_parse(const char *text, int64_t *ret)
{
	char date[DAY_TEXT];
	int32_t day;
	int64_t minutes_ms, seconds_ms, offset_ms;
	snprintf(date, sizeof(date), "%s", text);
	if (!day_parse(date, &day))
		return false;
	const char *at = text + strlen(date);
	if (!take_char(&at, 'T') || !take_minutes(&at, &minutes_ms) || !take_seconds(&at, &seconds_ms) ||
		!take_offset(&at, &offset_ms) || *at)
		return false;
	int64_t ms = day * DAY_MS + minutes_ms + seconds_ms - offset_ms;
	if (ms < 0 || ms > LIMIT_INSTANT_MS)
		return false;
	*ret = ms;
	return true;
}
