#include "protocol/day.h"

#include "protocol/text.h"

#include <assert.h>
#include <glib.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS_A_DAY 86400

/* A zone that GLib has read takes up to 40 kB, most of it future clock changes: at most 10 MB in all. */
#define ZONE_SLOTS 256
/* Slots that a name may take, so that two busy zones never drive each other out. */
#define ZONE_WAYS 8

struct zone_slot {
	char name[LIMIT_ZONE_BYTES + 1];
	GTimeZone *zone;
	uint64_t used;
};

static pthread_mutex_t zones_lock = PTHREAD_MUTEX_INITIALIZER;
static struct zone_slot zones[ZONE_SLOTS];
static uint64_t zones_used;

/* Zones */

static bool name_allowed(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+/-";
	/* Other trees of the same folder, and names that mean another zone on every machine. */
	static const char *const others[] = {"posix/", "right/", "localtime", "posixrules", "Factory"};
	size_t len = strlen(name);
	if (len == 0 || len > LIMIT_ZONE_BYTES || strspn(name, letters) != len)
		return false;
	if (name[0] == '/' || name[len - 1] == '/' || strstr(name, "//"))
		return false;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (strncmp(name, others[i], strlen(others[i])) == 0)
			return false;
	return true;
}

bool day_zone_known(const char *name)
{
	if (strcmp(name, "UTC") == 0)
		return true; /* every user's zone at first: not even tzdata is needed */
	if (!name_allowed(name))
		return false;
	const char *folder = getenv("TZDIR"); /* GLib looks there too */
	char path[4096];
	int len = snprintf(path, sizeof(path), "%s/%s", folder ? folder : "/usr/share/zoneinfo", name);
	if (len < 0 || (size_t)len >= sizeof(path))
		return false;
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	char magic[4];
	bool known = fread(magic, 1, sizeof(magic), file) == sizeof(magic) && memcmp(magic, "TZif", 4) == 0;
	fclose(file);
	return known;
}

static GTimeZone *zone_load(const char *name)
{
	/* The colon keeps GLib from reading a name such as EST5EDT as a rule of its own making. */
	char identifier[LIMIT_ZONE_BYTES + 2];
	snprintf(identifier, sizeof(identifier), ":%s", name);
	GTimeZone *zone = day_zone_known(name) ? g_time_zone_new_identifier(identifier) : NULL;
	return zone ? zone : g_time_zone_new_utc();
}

/* The slot that has the name, or else the least recently used of those that may take it. */
static struct zone_slot *zone_slot(const char *name)
{
	guint hash = g_str_hash(name);
	struct zone_slot *oldest = &zones[hash % ZONE_SLOTS];
	for (guint way = 0; way < ZONE_WAYS; way++) {
		struct zone_slot *slot = &zones[(hash + way) % ZONE_SLOTS];
		if (strcmp(slot->name, name) == 0)
			return slot;
		if (slot->used < oldest->used)
			oldest = slot;
	}
	return oldest;
}

/* The zone is the caller's until zone_give_back; all other threads wait. */
static GTimeZone *zone_borrow(const char *name)
{
	assert(strlen(name) <= LIMIT_ZONE_BYTES);
	pthread_mutex_lock(&zones_lock);
	struct zone_slot *slot = zone_slot(name);
	if (!slot->zone || strcmp(slot->name, name) != 0) {
		if (slot->zone)
			g_time_zone_unref(slot->zone);
		memcpy(slot->name, name, strlen(name) + 1);
		slot->zone = zone_load(name);
	}
	slot->used = ++zones_used;
	return slot->zone;
}

static void zone_give_back(void)
{
	pthread_mutex_unlock(&zones_lock);
}

static int interval_at(GTimeZone *zone, int64_t at_s)
{
	return g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, at_s);
}

/* The first second in (low, high] of a later interval than `interval`, which holds low but not high. */
static int64_t interval_end(GTimeZone *zone, int interval, int64_t low, int64_t high)
{
	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;
		if (interval_at(zone, middle) > interval)
			high = middle;
		else
			low = middle;
	}
	return high;
}

/* The first second at which the zone's clocks show wall_s (their own seconds since 1970) or later. */
static int64_t first_showing(GTimeZone *zone, int64_t wall_s)
{
	int64_t at = wall_s - SECONDS_A_DAY; /* no offset is as large */
	for (;;) {
		int interval = interval_at(zone, at);
		int64_t shown = wall_s - g_time_zone_get_offset(zone, interval);
		if (shown <= at)
			return at; /* a clock change skipped it */
		if (interval_at(zone, shown) == interval)
			return shown;
		at = interval_end(zone, interval, at, shown);
	}
}

static int64_t boundary_ms(GTimeZone *zone, int reset_minutes, int32_t day)
{
	return first_showing(zone, (int64_t)day * SECONDS_A_DAY + reset_minutes * 60) * 1000;
}

int64_t day_boundary_ms(const char *zone, int reset_minutes, int32_t day)
{
	assert(reset_minutes >= 0 && reset_minutes < DAY_MINUTES);
	int64_t ret = boundary_ms(zone_borrow(zone), reset_minutes, day);
	zone_give_back();
	return ret;
}

static int64_t floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* The last day that has begun at at_ms; the one after it has not, so it is not empty. */
static int32_t day_begun(const struct day_rule *rule, int64_t at_ms)
{
	GTimeZone *zone = zone_borrow(rule->zone);
	int64_t at_s = floor_divide(at_ms, 1000);
	int64_t wall_s = at_s + g_time_zone_get_offset(zone, interval_at(zone, at_s));
	int32_t day = (int32_t)floor_divide(wall_s - rule->reset_minutes * 60, SECONDS_A_DAY);
	/* The clocks may have shown more already, before they were put back. */
	while (boundary_ms(zone, rule->reset_minutes, day + 1) <= at_ms)
		day++;
	zone_give_back();
	return day;
}

/* Rules */

/* Where one rule of a sequence holds: over [from_ms, until_ms), for labels from from_day to last_day. */
struct reach {
	const struct day_rule *rule;
	int64_t from_ms, until_ms;
	int32_t from_day, last_day;
};

/* The reach of the last of the rules that have begun. Before the first one the same rule holds, back for
 * ever. */
static struct reach reach_make(const struct day_rule *rules, size_t count, size_t begun)
{
	const struct day_rule *rule = &rules[begun > 0 ? begun - 1 : 0];
	struct reach reach = {rule, DAY_RULE_FOREVER, INT64_MAX, INT32_MIN, INT32_MAX};
	if (begun > 0 && rule->from_ms != DAY_RULE_FOREVER) {
		reach.from_ms = rule->from_ms;
		reach.from_day = rule->from_day;
	}
	if (begun < count) {
		reach.until_ms = rules[begun].from_ms;
		reach.last_day = rules[begun].from_day - 1;
	}
	return reach;
}

static size_t count_begun(const struct day_rule *rules, size_t count, int64_t at_ms)
{
	while (count > 0 && rules[count - 1].from_ms > at_ms)
		count--;
	return count;
}

static int64_t rule_boundary_ms(const struct day_rule *rule, int32_t day)
{
	return day_boundary_ms(rule->zone, rule->reset_minutes, day);
}

static int64_t reach_start_ms(const struct reach *reach, int32_t day)
{
	if (day <= reach->from_day)
		return reach->from_ms;
	int64_t start = rule_boundary_ms(reach->rule, day);
	return start > reach->from_ms ? start : reach->from_ms;
}

static int64_t reach_end_ms(const struct reach *reach, int32_t day)
{
	if (day >= reach->last_day)
		return reach->until_ms;
	int64_t end = rule_boundary_ms(reach->rule, day + 1);
	return end < reach->until_ms ? end : reach->until_ms;
}

struct day_span day_find(const struct day_rule *rules, size_t count, int64_t at_ms)
{
	assert(count > 0 && at_ms > -LIMIT_INTEGER && at_ms < LIMIT_INTEGER);
	struct reach reach = reach_make(rules, count, count_begun(rules, count, at_ms));
	int32_t day = day_begun(reach.rule, at_ms);
	if (day < reach.from_day)
		day = reach.from_day;
	if (day > reach.last_day)
		day = reach.last_day;
	return (struct day_span){day, reach_start_ms(&reach, day), reach_end_ms(&reach, day)};
}

int64_t day_start_ms(const struct day_rule *rules, size_t count, int32_t day)
{
	assert(count > 0);
	for (size_t begun = count_begun(rules, count, DAY_RULE_FOREVER); begun < count; begun++) {
		struct reach reach = reach_make(rules, count, begun);
		if (day > reach.last_day)
			continue;
		int64_t start = reach_start_ms(&reach, day);
		if (start < reach.until_ms)
			return start;
	}
	struct reach last = reach_make(rules, count, count);
	return reach_start_ms(&last, day);
}

/* Changing the rule */

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The rule holds from the end of the last day with anything tracked: that day stays as it is, and what came
 * after is empty. So the current day becomes what the rule alone makes of it, or the rest of it that isn't
 * taken. */
static void begin_now(struct day_rule *rule, const struct day_wish *wish)
{
	if (wish->past_end_ms == INT64_MIN)
		return;
	assert(wish->past_end_ms <= wish->now_ms);
	rule->from_ms = wish->past_end_ms;
	rule->from_day = wish->past_day + 1;
}

/* "The current day ends at the later of its old end and the new rule's end." A coming rule may have put off
 * its end beyond both: then there it stays. */
static void begin_later(
	struct day_rule *rule, const struct day_rule *rules, size_t count, const struct day_wish *wish)
{
	struct day_span today = day_find(rules, count, wish->now_ms);
	struct reach current = reach_make(rules, count, count_begun(rules, count, wish->now_ms));
	int64_t end =
		later(rule_boundary_ms(current.rule, today.day + 1), rule_boundary_ms(rule, today.day + 1));
	rule->from_ms = end > wish->now_ms ? end : today.end_ms;
	rule->from_day = today.day + 1;
}

bool day_change(
	const struct day_rule *rules, size_t count, const struct day_wish *wish, struct day_rule *ret_rule)
{
	assert(wish->reset_minutes >= 0 && wish->reset_minutes < DAY_MINUTES);
	struct day_rule rule = {.from_ms = DAY_RULE_FOREVER, .reset_minutes = (int16_t)wish->reset_minutes};
	assert(strlen(wish->zone) <= LIMIT_ZONE_BYTES);
	memcpy(rule.zone, wish->zone, strlen(wish->zone) + 1);
	if (wish->tracked_today)
		begin_later(&rule, rules, count, wish);
	else
		begin_now(&rule, wish);
	*ret_rule = rule;
	return !wish->tracked_today;
}

/* The calendar */

struct date {
	int32_t year, month, day;
};

/* Years that begin in March, in eras of 400, have the leap day at their end (Howard Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms"). All of it for days from 1970 on. */
static struct date date_of(int32_t day)
{
	assert(day >= 0 && day <= DAY_LAST);
	int32_t shifted = day + 719468; /* since 0000-03-01 */
	int32_t in_era = shifted % 146097;
	int32_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int32_t in_year = in_era - (365 * year + year / 4 - year / 100);
	int32_t march = (5 * in_year + 2) / 153; /* months since March */
	int32_t month = march < 10 ? march + 3 : march - 9;
	year += shifted / 146097 * 400 + (month <= 2);
	return (struct date){year, month, in_year - (153 * march + 2) / 5 + 1};
}

static int32_t day_of(struct date date)
{
	int32_t year = date.year - (date.month <= 2);
	int32_t march = (date.month + 9) % 12;
	int32_t in_year = (153 * march + 2) / 5 + date.day - 1;
	return 365 * year + year / 4 - year / 100 + year / 400 + in_year - 719468;
}

void day_format(int32_t day, char ret[DAY_TEXT])
{
	struct date date = date_of(day);
	char *at = text_put_digits(ret, (uint32_t)date.year, 4);
	*at++ = '-';
	at = text_put_digits(at, (uint32_t)date.month, 2);
	*at++ = '-';
	at = text_put_digits(at, (uint32_t)date.day, 2);
	*at = '\0';
}

static bool parse_digits(const char *text, int count, int32_t *ret)
{
	int32_t value = 0;
	for (int i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (text[i] - '0');
	}
	*ret = value;
	return true;
}

bool day_parse(const char *text, int32_t *ret)
{
	struct date date;
	if (strlen(text) != DAY_TEXT - 1 || text[4] != '-' || text[7] != '-')
		return false;
	if (!parse_digits(text, 4, &date.year) || !parse_digits(text + 5, 2, &date.month) ||
		!parse_digits(text + 8, 2, &date.day))
		return false;
	if (date.year < 1970 || date.month < 1 || date.month > 12 || date.day < 1 || date.day > 31)
		return false;
	int32_t day = day_of(date);
	if (date_of(day).day != date.day) /* the month is shorter */
		return false;
	*ret = day;
	return true;
}

int day_weekday(int32_t day)
{
	assert(day >= 0);
	return (day + 3) % 7 + 1; /* 1970-01-01 was a Thursday */
}

int32_t day_month_start(int32_t day, int months)
{
	struct date date = date_of(day);
	int32_t month = date.year * 12 + date.month - 1 + months;
	assert(month >= 0);
	return day_of((struct date){month / 12, month % 12 + 1, 1});
}
