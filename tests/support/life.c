#include "tests/support/life.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define HOUR  3600000LL
#define RULES 400
#define DAYS  400

const char *const life_zones[] = {"UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati",
	"Pacific/Pago_Pago", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia", "America/Havana",
	"Asia/Kathmandu", "Europe/Dublin", "Africa/Casablanca", "Antarctica/Troll", "America/Sao_Paulo",
	"Asia/Gaza", "Asia/Tehran", "America/St_Johns", "Pacific/Chatham", "Pacific/Kwajalein",
	"America/Caracas", "Asia/Pyongyang", "Africa/Monrovia", "America/Scoresbysund", "Europe/Volgograd",
	NULL};
#define ZONES (sizeof(life_zones) / sizeof(*life_zones) - 1)

struct life {
	struct source *source;
	int64_t from_ms, now_ms;
	int pace; /* hours between two steps, at most */
	struct day_rule rules[RULES];
	size_t rule_count;
	struct day_span tracked[DAYS]; /* the days with something tracked, ascending */
	size_t tracked_count;
	bool given_all; /* day_change sees all rules, and not just the current and the coming one */
};

static struct day_span day_at(const struct life *life, int64_t at_ms)
{
	return day_find(life->rules, life->rule_count, at_ms);
}

static void track(struct life *life)
{
	struct day_span span = day_at(life, life->now_ms);
	size_t last = life->tracked_count;
	if (last > 0 && life->tracked[last - 1].start_ms == span.start_ms)
		return;
	assert_true(last == 0 || life->tracked[last - 1].day < span.day);
	life->tracked[life->tracked_count++] = span;
}

static void check_change(struct life *life, const struct day_wish *wish, struct day_span before, bool now)
{
	struct day_span after = day_at(life, wish->now_ms);
	if (!now) {
		assert_int_equal(after.day, before.day);
		assert_int_equal(after.start_ms, before.start_ms);
		assert_true(after.end_ms > wish->now_ms);
		assert_int_equal(day_at(life, after.end_ms).start_ms, after.end_ms);
	} else {
		assert_int_equal(
			after.end_ms, day_boundary_ms(wish->zone, wish->reset_minutes, after.day + 1));
	}
}

/* Where the rules begin that day_change is given: at the current one, or at the first. */
static size_t rules_given_from(const struct life *life)
{
	size_t current = life->rule_count - 1;
	while (current > 0 && life->rules[current].from_ms > life->now_ms)
		current--;
	return life->given_all ? 0 : current;
}

size_t life_rules_kept(
	const struct day_rule *rules, size_t count, const struct day_rule *rule, int64_t now_ms)
{
	while (count > 0 && (rules[count - 1].from_ms > now_ms || rules[count - 1].from_ms >= rule->from_ms))
		count--;
	return count;
}

static const char *choose_zone(struct life *life)
{
	return life_zones[source_below(life->source, ZONES)];
}

static int choose_reset(struct life *life)
{
	return (int)(source_below(life->source, 3) * source_below(life->source, 480));
}

/* How many of the tracked days are before today, and what a wish has to know of them. */
static size_t look_back(const struct life *life, struct day_wish *wish)
{
	size_t past = life->tracked_count;
	wish->tracked_today = past > 0 && life->tracked[past - 1].day == day_at(life, wish->now_ms).day;
	if (wish->tracked_today)
		past--;
	if (past > 0) {
		wish->past_day = life->tracked[past - 1].day;
		wish->past_end_ms = life->tracked[past - 1].end_ms;
	}
	return past;
}

static void change(struct life *life)
{
	struct day_span today = day_at(life, life->now_ms);
	struct day_wish wish = {.now_ms = life->now_ms, .past_end_ms = INT64_MIN};
	wish.zone = choose_zone(life);
	wish.reset_minutes = choose_reset(life);
	size_t past = look_back(life, &wish);
	size_t current = rules_given_from(life);
	struct day_rule rule;
	bool now = day_change(life->rules + current, life->rule_count - current, &wish, &rule);
	life->rule_count = life_rules_kept(life->rules, life->rule_count, &rule, life->now_ms);
	life->rules[life->rule_count++] = rule;
	check_change(life, &wish, today, now);
	if (wish.tracked_today)
		life->tracked[past].end_ms = day_at(life, life->now_ms).end_ms;
}

static void check_tracked(const struct life *life)
{
	for (size_t i = 0; i < life->tracked_count; i++) {
		struct day_span span = day_at(life, life->tracked[i].start_ms);
		assert_int_equal(span.day, life->tracked[i].day);
		assert_int_equal(span.start_ms, life->tracked[i].start_ms);
		assert_int_equal(span.end_ms, life->tracked[i].end_ms);
	}
}

static void check_days(const struct life *life, int64_t from_ms, int64_t to_ms)
{
	struct day_span span = day_at(life, from_ms);
	while (span.end_ms < to_ms) {
		struct day_span next = day_at(life, span.end_ms);
		assert_int_equal(next.start_ms, span.end_ms);
		assert_true(next.end_ms > next.start_ms && next.day > span.day);
		assert_true(next.end_ms - next.start_ms <= 80 * HOUR);
		assert_int_equal(day_at(life, next.end_ms - 1).start_ms, next.start_ms);
		assert_int_equal(day_start_ms(life->rules, life->rule_count, next.day), next.start_ms);
		assert_int_equal(day_start_ms(life->rules, life->rule_count, span.day + 1), next.start_ms);
		span = next;
	}
}

/* Before Samoa left out a day, before Europe's clocks change, or any day up to 2037. */
static int64_t choose_begin(struct source *source)
{
	static const int64_t begins_ms[] = {1322697600000, 1740009600000};
	int64_t begin = source_below(source, 3);
	return begin < 2 ? begins_ms[begin] : source_below(source, 24400) * 24 * HOUR;
}

static void begin(struct life *life, struct source *source)
{
	*life = (struct life){.source = source, .from_ms = choose_begin(source), .rule_count = 1};
	life->now_ms = life->from_ms;
	life->given_all = source_chance(source, 50);
	life->pace = 1 + (int)source_below(source, 60);
	life->rules[0] = (struct day_rule){.from_ms = DAY_RULE_FOREVER};
	snprintf(life->rules[0].zone, sizeof(life->rules[0].zone), "%s", choose_zone(life));
}

void life_play(struct source *source)
{
	static struct life life;
	begin(&life, source);
	while (life.now_ms < life.from_ms + 60 * 24 * HOUR && !source_empty(source)) {
		life.now_ms += source_below(source, life.pace * 3600) * 1000;
		if (source_chance(source, 50))
			track(&life);
		else
			change(&life);
		if (life.rule_count == RULES || life.tracked_count == DAYS)
			break;
	}
	check_tracked(&life);
	check_days(&life, life.from_ms - 10 * 24 * HOUR, life.now_ms + 10 * 24 * HOUR);
}
