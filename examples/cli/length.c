#include "examples/cli/length.h"

#include "examples/cli/term.h"
#include "protocol/limits.h"
#include "protocol/member.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_MS (100. * 24 * 60 * MINUTE_MS)

/* Digits, and decimals behind a point; strtod would read much more. */
static bool take_number(const char **at, double *ret)
{
	size_t whole = strspn(*at, "0123456789");
	size_t len = whole;
	if ((*at)[len] == '.')
		len += 1 + strspn(*at + len + 1, "0123456789");
	if (!whole || len > 12 || (*at)[len - 1] == '.')
		return false;
	*ret = strtod(*at, NULL);
	*at += len;
	return true;
}

/* 1:30:00 or 25:00: minutes and seconds less than sixty, but for the first. */
static bool parse_clock(const char *at, double *ret_ms)
{
	double part;
	int parts = 0;
	*ret_ms = 0;
	do {
		size_t digits = strspn(at, "0123456789");
		if (at[digits] == '.' || !take_number(&at, &part) || (parts && (digits != 2 || part >= 60)))
			return false;
		*ret_ms = *ret_ms * 60 + part * 1000;
		parts++;
	} while (*at++ == ':');
	return at[-1] == '\0' && (parts == 2 || parts == 3);
}

/* Parts with their units, the greater ones first. */
static bool parse_units(const char *at, double *ret_ms)
{
	static const struct {
		char name;
		double ms;
	} units[] = {{'d', 24 * HOUR_MS}, {'h', HOUR_MS}, {'m', MINUTE_MS}, {'s', 1000}};
	size_t next = 0;
	double part;
	*ret_ms = 0;
	while (*at) {
		if (!take_number(&at, &part))
			return false;
		while (next < 4 && units[next].name != *at)
			next++;
		if (next == 4)
			return false;
		*ret_ms += part * units[next++].ms;
		at++;
		at += strspn(at, " ");
	}
	return next > 0;
}

static bool parse_minutes(const char *at, double *ret_ms)
{
	double minutes;
	if (!take_number(&at, &minutes) || *at)
		return false;
	*ret_ms = minutes * MINUTE_MS;
	return true;
}

bool length_parse(const char *text, int64_t *ret_ms)
{
	double ms;
	if (!parse_minutes(text, &ms) && !parse_clock(text, &ms) && !parse_units(text, &ms))
		return false;
	if (ms > MAX_MS)
		return false;
	*ret_ms = llround(ms);
	return true;
}

static bool parse_or_say(const char *text, const char *what, int64_t *ret_ms)
{
	if (length_parse(text, ret_ms))
		return true;
	term_say("%s %s: expected 25m, 1h30m, 90s, 1:30:00, minutes, or none", what, text);
	return false;
}

bool length_append_fields(struct text *out, const char *length, const char *goal)
{
	int64_t length_ms = 0, goal_ms = 0;
	bool endless = length && strcmp(length, "none") == 0;
	bool aimless = goal && strcmp(goal, "none") == 0;
	if (length && !endless && !parse_or_say(length, "length", &length_ms))
		return false;
	if (goal && !aimless && !parse_or_say(goal, "goal", &goal_ms))
		return false;
	if (length)
		member_seconds_if(out, "initialDuration", !endless, length_ms);
	if (aimless)
		member_null(out, "dailyGoalMinutes");
	else if (goal)
		member_integer(out, "dailyGoalMinutes", (goal_ms + MINUTE_MS / 2) / MINUTE_MS);
	return true;
}
