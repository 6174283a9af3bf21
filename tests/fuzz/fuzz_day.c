/* Days: texts of dates, instants, zones and times of day against a naive reading of them; boundaries in odd
 * zones against the C library's clocks; and lives of changed rules. The first byte says which. */
#include "protocol/decode.h"
#include "protocol/encode.h"
#include "protocol/instant.h"
#include "tests/support/life.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECONDS_A_DAY 86400
#define LAST_DAY      25000 /* in 2038: GLib 2.74 puts Dublin's winters from then on an hour wrong */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* Texts */

#define DATE "[0-9]{4}-[0-9]{2}-[0-9]{2}"
#define TIME "([01][0-9]|2[0-3]):[0-5][0-9]"

static bool fits(const char *text, const char *pattern)
{
	regex_t regex;
	check(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) == 0);
	bool found = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return found;
}

/* Days since 1970 of the first ten characters; -1: not a day of 1970 to 9999. */
static int32_t naive_day(const char *text)
{
	char date[DAY_TEXT], again[64];
	struct tm tm = {0};
	snprintf(date, sizeof(date), "%s", text);
	if (!fits(date, "^" DATE "$") || strncmp(date, "1970", 4) < 0 || !strptime(date, "%Y-%m-%d", &tm))
		return -1;
	time_t seconds = timegm(&tm);
	check(strftime(again, sizeof(again), "%Y-%m-%d", &tm) > 0);
	return strcmp(again, date) == 0 ? (int32_t)(seconds / SECONDS_A_DAY) : -1;
}

static void check_date(const char *text)
{
	char again[DAY_TEXT];
	int32_t day = -7, naive = strlen(text) == DAY_TEXT - 1 ? naive_day(text) : -1;
	check(day_parse(text, &day) == (naive >= 0));
	check(day == (naive >= 0 ? naive : -7));
	if (naive < 0)
		return;
	day_format(day, again);
	check(strcmp(again, text) == 0);
	int32_t month = day_month_start(day, 0), next = day_month_start(day, 1);
	check(month <= day && day < next && next - month >= 28 && next - month <= 31);
	check(day_month_start(next - 1, 0) == month);
}

static int64_t two_digits(const char *at)
{
	return (at[0] - '0') * 10 + at[1] - '0';
}

/* Of a text that has the form of an instant. */
static int64_t naive_instant(const char *text)
{
	const char *zone = text + strcspn(text + 11, "Z+-") + 11;
	int64_t ms = naive_day(text) * INT64_C(86400000);
	ms += two_digits(text + 11) * HOUR_MS + two_digits(text + 14) * MINUTE_MS;
	if (text[16] == ':')
		ms += two_digits(text + 17) * 1000;
	if (text[16] == ':' && text[19] == '.') {
		char digits[4] = "000";
		for (int i = 0; i < 3 && text + 20 + i < zone; i++)
			digits[i] = text[20 + i];
		ms += strtol(digits, NULL, 10);
	}
	if (*zone == 'Z')
		return ms;
	int64_t offset = two_digits(zone + 1) * HOUR_MS + two_digits(zone + 4) * MINUTE_MS;
	return *zone == '+' ? ms - offset : ms + offset;
}

static void check_instant(const char *text)
{
	char again[INSTANT_TEXT];
	int64_t ms = -7;
	bool form = fits(text, "^" DATE "T" TIME "(:[0-5][0-9](\\.[0-9]+)?)?(Z|[+-]" TIME ")$");
	int64_t naive = form && naive_day(text) >= 0 ? naive_instant(text) : -1;
	bool good = naive >= 0 && naive <= LIMIT_INSTANT_MS;
	check(instant_parse(text, &ms) == good);
	check(ms == (good ? naive : -7));
	if (!good)
		return;
	instant_format(ms, again);
	check(strlen(again) == INSTANT_TEXT - 1 && naive_instant(again) == ms);
	check(instant_parse(again, &naive) && naive == ms);
}

/* What a user with that reset time is told of it. */
static void check_user(int64_t minutes, const char *text)
{
	struct user user = {.rule_count = 1,
		.rules = {{.from_ms = DAY_RULE_FOREVER, .reset_minutes = (int16_t)minutes, .zone = "UTC"}}};
	struct view view = view_make(&user, 86400000);
	char told[32];
	TEXT_AUTO object = {0};
	snprintf(told, sizeof(told), "\"sessionsResetTime\":\"%.5s\"", text);
	encode_user(&object, &view);
	check(strstr(object.data, told) != NULL);
}

/* As a command brings it, and as it is told of. */
static void check_day_time(const char *text)
{
	static const char form[] = "{\"type\":\"autoResetTimeChange\",\"sessionsResetTime\":\"%s\"}";
	char bytes[128];
	struct message message;
	struct refusal why;
	int len = snprintf(bytes, sizeof(bytes), form, text);
	if ((size_t)len >= sizeof(bytes) || !fits(text, "^[ !#-Z^-~]*$"))
		return;
	bool good = fits(text, "^" TIME "$");
	check((decode_message(bytes, (size_t)len, &message, &why) == OK) == good);
	if (!good)
		return;
	int64_t minutes = message.commands[0].command.values[FIELD_SESSIONS_RESET_TIME].number;
	check(minutes == two_digits(text) * 60 + two_digits(text + 3));
	check_user(minutes, text);
	message_finish(&message);
}

/* One rule */

/* What the clocks of the C library's zone show: seconds since 1970 of their own. */
static int64_t shown(int64_t at_s)
{
	struct tm tm;
	time_t at = (time_t)at_s;
	check(localtime_r(&at, &tm));
	return (int64_t)timegm(&(struct tm){.tm_year = tm.tm_year,
		.tm_mon = tm.tm_mon,
		.tm_mday = tm.tm_mday,
		.tm_hour = tm.tm_hour,
		.tm_min = tm.tm_min,
		.tm_sec = tm.tm_sec});
}

static void set_clocks(const char *zone)
{
	char name[LIMIT_ZONE_BYTES + 2];
	snprintf(name, sizeof(name), ":%s", zone);
	check(setenv("TZ", name, true) == 0);
	tzset();
}

/* "The first instant at which the zone's clocks show the day's reset time or later": before it, back for more
 * than any clock was ever moved, they show less whenever one looks. */
static void check_boundary(struct source *source, const struct day_rule *rule, int32_t day)
{
	int64_t ms = day_boundary_ms(rule->zone, rule->reset_minutes, day);
	int64_t wall_s = (int64_t)day * SECONDS_A_DAY + rule->reset_minutes * 60;
	check(ms % 1000 == 0);
	set_clocks(rule->zone);
	check(shown(ms / 1000) >= wall_s && shown(ms / 1000 - 1) < wall_s);
	int64_t first = ms / 1000 - 2 - source_below(source, 600);
	for (int64_t at = first; at > first - 26 * 3600; at -= 600)
		check(shown(at) < wall_s);
}

/* The day that holds the instant, and its neighbours. */
static void check_span(const struct day_rule *rule, int64_t at_ms)
{
	struct day_span span = day_find(rule, 1, at_ms);
	check(span.start_ms <= at_ms && at_ms < span.end_ms);
	check(span.end_ms - span.start_ms <= 49 * HOUR_MS);
	check(span.start_ms == day_boundary_ms(rule->zone, rule->reset_minutes, span.day));
	check(span.end_ms == day_boundary_ms(rule->zone, rule->reset_minutes, span.day + 1));
	check(day_start_ms(rule, 1, span.day) == span.start_ms);
	check(day_find(rule, 1, span.start_ms).day == span.day &&
		day_find(rule, 1, span.end_ms - 1).day == span.day);
	struct day_span before = day_find(rule, 1, span.start_ms - 1), next = day_find(rule, 1, span.end_ms);
	check(before.end_ms == span.start_ms && before.day < span.day);
	check(next.start_ms == span.end_ms && next.day > span.day);
}

/* A day, and half of the time the next one at whose noon the clocks are not what they were the noon before.
 */
static int32_t choose_day(struct source *source, const char *zone)
{
	int32_t day = (int32_t)source_below(source, LAST_DAY - 400);
	int64_t noon = (int64_t)day * SECONDS_A_DAY + SECONDS_A_DAY / 2;
	if (source_chance(source, 50))
		return day;
	set_clocks(zone);
	for (int i = 0; i < 400 && shown(noon) - noon == shown(noon - SECONDS_A_DAY) - (noon - SECONDS_A_DAY);
		i++)
		noon += SECONDS_A_DAY;
	return (int32_t)(noon / SECONDS_A_DAY);
}

static void check_rule(struct source *source, const char *zone)
{
	struct day_rule rule = {.from_ms = DAY_RULE_FOREVER};
	/* Clocks are moved at night. */
	rule.reset_minutes = (int16_t)source_below(source, source_chance(source, 50) ? DAY_MINUTES : 4 * 60);
	snprintf(rule.zone, sizeof(rule.zone), "%s", zone);
	int32_t day = choose_day(source, zone);
	check_boundary(source, &rule, day);
	check(day_boundary_ms(zone, rule.reset_minutes, day) <=
		day_boundary_ms(zone, rule.reset_minutes, day + 1));
	check_span(&rule, day * INT64_C(86400000) + source_below(source, 86400000));
	/* The hour may be shown again. */
	check_span(&rule, day_boundary_ms(zone, rule.reset_minutes, day) + source_below(source, 3 * HOUR_MS));
	/* Any instant that JSON carries. */
	int64_t far = source_below(source, INT64_C(1) << 47) * 60;
	check_span(&rule, source_chance(source, 50) ? far : -far);
}

static void check_zone(struct source *source, const char *text)
{
	if (!day_zone_known(text))
		return;
	check(strlen(text) <= LIMIT_ZONE_BYTES && fits(text, "^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$"));
	check_rule(source, text);
}

static void check_texts(struct source *source)
{
	char text[256];
	size_t len = 0;
	while (len < sizeof(text) - 1 && !source_empty(source))
		text[len++] = (char)source_below(source, 256);
	text[len] = '\0';
	check_date(text);
	check_instant(text);
	check_day_time(text);
	check_zone(source, text);
}

/* Texts that are nearly right. */
static void check_calendar(struct source *source)
{
	static const char *const ends[] = {
		"Z", ":59Z", ":00.5Z", "+23:59", ":60Z", "-00:01", ":07.0019+05:30", ""};
	char text[96];
	int year = 1960 + (int)source_below(source, source_chance(source, 50) ? 150 : 8050);
	int month = (int)source_below(source, 14), day = (int)source_below(source, 33);
	int hour = (int)source_below(source, 25), minute = (int)source_below(source, 61);
	snprintf(text, sizeof(text), "%04d-%02d-%02d", year, month, day);
	check_date(text);
	snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d%s", year, month, day, hour, minute,
		ends[source_below(source, sizeof(ends) / sizeof(*ends))]);
	check_instant(text);
	snprintf(text, sizeof(text), "%02d:%02d", hour, minute);
	check_day_time(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source source = source_of_bytes(data, size);
	size_t zones = 0;
	while (life_zones[zones])
		zones++;
	setenv("CMOCKA_TEST_ABORT", "1", true);
	switch (source_below(&source, 4)) {
	case 0:
		check_texts(&source);
		break;
	case 1:
		check_rule(&source, life_zones[source_below(&source, (int64_t)zones)]);
		break;
	case 2:
		check_calendar(&source);
		break;
	default:
		life_play(&source);
		break;
	}
	return 0;
}
