#include "protocol/analytics.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define MS_A_MINUTE 60000
#define STREAK_DAYS 16 /* looked at first; then each time twice as many as before it */

/* Ranges */

static const struct period_row {
	const char *name;
	int usual; /* how many periods when the query says nothing */
} period_rows[] = {
	[ANALYTICS_DAILY] = {"daily", 7},
	[ANALYTICS_WEEKLY] = {"weekly", 8},
	[ANALYTICS_MONTHLY] = {"monthly", 12},
};

bool analytics_period_parse(const char *name, enum analytics_period *ret)
{
	for (size_t i = 0; i < sizeof(period_rows) / sizeof(*period_rows); i++) {
		if (strcmp(name, period_rows[i].name) == 0) {
			*ret = (enum analytics_period)i;
			return true;
		}
	}
	return false;
}

const char *analytics_period_name(enum analytics_period period)
{
	return period_rows[period].name;
}

/* The first day of the period that comes `count` after the day's own (before it, if negative). */
static int32_t period_start(enum analytics_period period, int32_t day, int count)
{
	switch (period) {
	case ANALYTICS_DAILY:
		return day + count;
	case ANALYTICS_WEEKLY:
		return day - (day_weekday(day) - 1) + 7 * count;
	case ANALYTICS_MONTHLY:
		return day_month_start(day, count);
	}
	abort();
}

static size_t count_periods(enum analytics_period period, int32_t from, int32_t to)
{
	size_t count = 0;
	for (int32_t day = from; day <= to; day = period_start(period, day, 1))
		count++;
	return count;
}

enum err analytics_range_make(const struct analytics_query *query, const struct day_rule *rules,
	size_t rule_count, int64_t now_ms, struct analytics_range *ret_range, struct refusal *ret_refusal)
{
	enum analytics_period period = query->period;
	int32_t last = query->has_to ? query->to : day_find(rules, rule_count, now_ms).day;
	int32_t from = query->has_from ? period_start(period, query->from, 0)
				       : period_start(period, last, 1 - period_rows[period].usual);
	int32_t to = period_start(period, last, 1) - 1;
	if (from > to)
		return refuse(ret_refusal, ERR_BAD_REQUEST, "from", "from comes after to");
	if (from < 0)
		return refuse(ret_refusal, ERR_BAD_REQUEST, query->has_from ? "from" : "to",
			"A period begins before 1970");
	if (to > DAY_LAST)
		return refuse(ret_refusal, ERR_BAD_REQUEST, "to", "A period ends after the year 9999");
	if (to - from >= ANALYTICS_DAYS || count_periods(period, from, to) > ANALYTICS_PERIODS)
		return refuse(ret_refusal, ERR_BAD_REQUEST, "from",
			"At most %d days and %d periods: let from come later, or choose longer periods",
			ANALYTICS_DAYS, ANALYTICS_PERIODS);
	*ret_range = analytics_range_days(rules, rule_count, from, to);
	ret_range->period = period;
	return OK;
}

struct analytics_range analytics_range_days(
	const struct day_rule *rules, size_t rule_count, int32_t from, int32_t to)
{
	struct analytics_range range = {.period = ANALYTICS_DAILY, .from = from, .to = to};
	range.from_ms = day_start_ms(rules, rule_count, from);
	range.to_ms = day_start_ms(rules, rule_count, to + 1);
	return range;
}

/* Memory */

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);
	if (!memory)
		abort();
	return memory;
}

/* Time and goal of a session in a bucket, or a part of them. */
struct piece {
	uint32_t bucket, session;
	int64_t ms, goal_minutes;
};

struct pieces {
	struct piece *items;
	size_t count, room;
};

static void pieces_push(struct pieces *pieces, struct piece piece)
{
	if (pieces->count == pieces->room) {
		pieces->room = pieces->room ? 2 * pieces->room : 1024;
		pieces->items = reallocarray(pieces->items, pieces->room, sizeof(*pieces->items));
		if (!pieces->items)
			abort();
	}
	pieces->items[pieces->count++] = piece;
}

/* The grid: a run of days, grouped into buckets, one for each period */

struct grid {
	size_t count;    /* buckets */
	int32_t *labels; /* bucket i holds the labels from labels[i] to labels[i + 1] - 1, */
	int64_t *starts; /* the instants [starts[i], starts[i + 1]) */
	size_t *days;    /* and the ends from days[i] to days[i + 1] - 1 */
	int64_t *ends;   /* where each day ends that isn't empty */
	size_t day_count;
};

static void grid_finish(struct grid *grid)
{
	free(grid->labels);
	free(grid->starts);
	free(grid->days);
	free(grid->ends);
}

static void grid_fill_days(
	struct grid *grid, const struct analytics_input *input, int64_t at_ms, int64_t to_ms)
{
	size_t room = (size_t)(grid->labels[grid->count] - grid->labels[0]);
	size_t bucket = 0; /* its start is still open */
	while (at_ms < to_ms && grid->day_count < room) {
		struct day_span span = day_find(input->rules, input->rule_count, at_ms);
		for (; bucket < grid->count && grid->labels[bucket] <= span.day; bucket++) {
			grid->starts[bucket] = at_ms;
			grid->days[bucket] = grid->day_count;
		}
		at_ms = span.end_ms;
		grid->ends[grid->day_count++] = at_ms;
	}
	for (; bucket <= grid->count; bucket++) {
		grid->starts[bucket] = to_ms;
		grid->days[bucket] = grid->day_count;
	}
}

static struct grid grid_make(const struct analytics_input *input, const struct analytics_range *range)
{
	struct grid grid = {.count = count_periods(range->period, range->from, range->to)};
	grid.labels = allocate(grid.count + 1, sizeof(*grid.labels));
	grid.starts = allocate(grid.count + 1, sizeof(*grid.starts));
	grid.days = allocate(grid.count + 1, sizeof(*grid.days));
	grid.ends = allocate((size_t)(range->to - range->from + 1), sizeof(*grid.ends));
	for (size_t i = 0; i <= grid.count; i++)
		grid.labels[i] = i > 0 ? period_start(range->period, grid.labels[i - 1], 1) : range->from;
	grid_fill_days(&grid, input, range->from_ms, range->to_ms);
	return grid;
}

/* Splits intervals, ascending by end, at the buckets' edges. */
static void grid_split(const struct grid *grid, const struct analytics_interval *intervals, size_t count,
	struct pieces *pieces)
{
	size_t last = 0; /* the bucket that holds the interval's end, or the first or last one */
	for (size_t i = 0; i < count; i++) {
		int64_t start = intervals[i].start_ms, end = intervals[i].end_ms;
		while (last + 1 < grid->count && grid->starts[last + 1] < end)
			last++;
		for (size_t bucket = last + 1; bucket-- > 0 && grid->starts[bucket + 1] > start;) {
			int64_t low = start > grid->starts[bucket] ? start : grid->starts[bucket];
			int64_t high = end < grid->starts[bucket + 1] ? end : grid->starts[bucket + 1];
			if (low < high)
				pieces_push(pieces, (struct piece){(uint32_t)bucket, intervals[i].session,
							    high - low, 0});
		}
	}
}

/* The first day of the grid that ends after at_ms: the first for which a change at at_ms counts. */
static size_t grid_day_after(const struct grid *grid, int64_t at_ms)
{
	size_t low = 0, high = grid->day_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (grid->ends[middle] > at_ms)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Gives each bucket the goals of its days. goals: ascending by session and at_ms. */
static void grid_split_goals(
	const struct grid *grid, const struct analytics_goal *goals, size_t count, struct pieces *pieces)
{
	for (size_t i = 0; i < count; i++) {
		if (goals[i].minutes == 0)
			continue;
		bool holds_on = i + 1 == count || goals[i + 1].session != goals[i].session;
		size_t from = grid_day_after(grid, goals[i].at_ms);
		size_t to = holds_on ? grid->day_count : grid_day_after(grid, goals[i + 1].at_ms);
		for (size_t bucket = 0; bucket < grid->count && grid->days[bucket] < to; bucket++) {
			size_t low = from > grid->days[bucket] ? from : grid->days[bucket];
			size_t high = to < grid->days[bucket + 1] ? to : grid->days[bucket + 1];
			if (low < high)
				pieces_push(pieces, (struct piece){(uint32_t)bucket, goals[i].session, 0,
							    (int64_t)(high - low) * goals[i].minutes});
		}
	}
}

/* Sorting and joining pieces */

static uint32_t piece_session(const struct piece *piece)
{
	return piece->session;
}

static uint32_t piece_bucket(const struct piece *piece)
{
	return piece->bucket;
}

/* A stable counting sort by a key that is less than `keys`. */
static void pieces_sort(struct pieces *pieces, uint32_t (*key)(const struct piece *), size_t keys)
{
	size_t *next = allocate(keys + 1, sizeof(*next));
	struct piece *sorted = allocate(pieces->count, sizeof(*sorted));
	for (size_t i = 0; i < pieces->count; i++)
		next[key(&pieces->items[i]) + 1]++;
	for (size_t i = 0; i < keys; i++)
		next[i + 1] += next[i];
	for (size_t i = 0; i < pieces->count; i++)
		sorted[next[key(&pieces->items[i])]++] = pieces->items[i];
	free(next);
	free(pieces->items);
	pieces->items = sorted;
	pieces->room = pieces->count;
}

/* Leaves one piece for each bucket and session, ascending. */
static void pieces_join(struct pieces *pieces, size_t buckets, size_t sessions)
{
	pieces_sort(pieces, piece_session, sessions);
	pieces_sort(pieces, piece_bucket, buckets);
	size_t kept = 0;
	for (size_t i = 0; i < pieces->count; i++) {
		struct piece piece = pieces->items[i];
		struct piece *last = kept > 0 ? &pieces->items[kept - 1] : NULL;
		if (last && last->bucket == piece.bucket && last->session == piece.session) {
			last->ms += piece.ms;
			last->goal_minutes += piece.goal_minutes;
		} else {
			pieces->items[kept++] = piece;
		}
	}
	pieces->count = kept;
}

/* The input in order */

struct ordered {
	struct analytics_interval *intervals; /* those that touch the range, ascending by end */
	size_t interval_count;
	struct analytics_goal *goals; /* ascending by session and at_ms */
	size_t goal_count;
	uint32_t session_count;
};

static int compare_intervals(const void *a, const void *b)
{
	const struct analytics_interval *left = a, *right = b;
	return (left->end_ms > right->end_ms) - (left->end_ms < right->end_ms);
}

/* By pointer, so that changes at one instant stay in the order of the input. */
static int compare_goals(const void *a, const void *b)
{
	const struct analytics_goal *left = *(const struct analytics_goal *const *)a;
	const struct analytics_goal *right = *(const struct analytics_goal *const *)b;
	if (left->session != right->session)
		return left->session < right->session ? -1 : 1;
	if (left->at_ms != right->at_ms)
		return left->at_ms < right->at_ms ? -1 : 1;
	return (left > right) - (left < right);
}

static void ordered_fill_intervals(
	struct ordered *ordered, const struct analytics_input *input, const struct analytics_range *range)
{
	struct analytics_interval *items = allocate(input->interval_count, sizeof(*items));
	size_t count = 0;
	bool sorted = true;
	for (size_t i = 0; i < input->interval_count; i++) {
		const struct analytics_interval *next = &input->intervals[i];
		assert(next->session < input->session_count);
		if (next->start_ms >= next->end_ms || next->end_ms <= range->from_ms ||
			next->start_ms >= range->to_ms)
			continue;
		sorted = sorted && (count == 0 || items[count - 1].end_ms <= next->end_ms);
		items[count++] = *next;
	}
	if (!sorted)
		qsort(items, count, sizeof(*items), compare_intervals);
	ordered->intervals = items;
	ordered->interval_count = count;
}

static void ordered_fill_goals(struct ordered *ordered, const struct analytics_input *input)
{
	const struct analytics_goal **order = allocate(input->goal_count, sizeof(*order));
	for (size_t i = 0; i < input->goal_count; i++) {
		assert(input->goals[i].session < input->session_count && input->goals[i].minutes >= 0);
		order[i] = &input->goals[i];
	}
	qsort(order, input->goal_count, sizeof(*order), compare_goals);
	ordered->goals = allocate(input->goal_count, sizeof(*ordered->goals));
	for (size_t i = 0; i < input->goal_count; i++)
		ordered->goals[i] = *order[i];
	ordered->goal_count = input->goal_count;
	free(order);
}

static struct ordered ordered_make(const struct analytics_input *input, const struct analytics_range *range)
{
	struct ordered ordered = {.session_count = input->session_count};
	ordered_fill_intervals(&ordered, input, range);
	ordered_fill_goals(&ordered, input);
	return ordered;
}

static void ordered_finish(struct ordered *ordered)
{
	free(ordered->intervals);
	free(ordered->goals);
}

/* One piece for each bucket and session that has time or a goal, ascending. The caller frees its items. */
static struct pieces pieces_make(const struct grid *grid, const struct ordered *ordered)
{
	struct pieces pieces = {0};
	grid_split(grid, ordered->intervals, ordered->interval_count, &pieces);
	grid_split_goals(grid, ordered->goals, ordered->goal_count, &pieces);
	pieces_join(&pieces, grid->count, ordered->session_count);
	return pieces;
}

static bool goal_met(const struct piece *piece)
{
	return piece->goal_minutes > 0 && piece->ms >= piece->goal_minutes * MS_A_MINUTE;
}

/* The streak */

/* Which buckets have a goal, and which one that was not met. */
struct marks {
	bool goal, unmet;
};

static struct marks *marks_make(const struct grid *grid, const struct ordered *ordered)
{
	struct pieces pieces = pieces_make(grid, ordered);
	struct marks *marks = allocate(grid->count, sizeof(*marks));
	for (size_t i = 0; i < pieces.count; i++) {
		const struct piece *piece = &pieces.items[i];
		marks[piece->bucket].goal |= piece->goal_minutes > 0;
		marks[piece->bucket].unmet |= piece->goal_minutes > 0 && !goal_met(piece);
	}
	free(pieces.items);
	return marks;
}

struct analytics_streak analytics_streak_begin(
	const struct day_rule *rules, size_t rule_count, int64_t now_ms)
{
	int32_t today = day_find(rules, rule_count, now_ms).day;
	return (struct analytics_streak){.today = today,
		.range = analytics_range_days(rules, rule_count, today - STREAK_DAYS + 1, today)};
}

/* The next stretch. The day before the first goal ends any streak. */
static void streak_advance(struct analytics_streak *streak, const struct analytics_input *input)
{
	int64_t first_ms = input->now_ms;
	for (size_t i = 0; i < input->goal_count; i++) {
		if (input->goals[i].minutes > 0 && input->goals[i].at_ms < first_ms)
			first_ms = input->goals[i].at_ms;
	}
	int32_t earliest = day_find(input->rules, input->rule_count, first_ms).day - 1;
	int32_t to = streak->range.from - 1, days = 2 * (streak->today - to);
	int32_t from = to + 1 - (days > STREAK_DAYS ? days : STREAK_DAYS);
	if (from < earliest)
		from = earliest < to ? earliest : to;
	streak->range = analytics_range_days(input->rules, input->rule_count, from, to);
}

void analytics_streak_extend(struct analytics_streak *streak, const struct analytics_input *input)
{
	struct ordered ordered = ordered_make(input, &streak->range);
	struct grid grid = grid_make(input, &streak->range);
	struct marks *marks = marks_make(&grid, &ordered);
	for (size_t i = grid.count; i-- > 0 && !streak->ended;) {
		if (grid.starts[i] == grid.starts[i + 1])
			continue; /* a day that never was */
		bool today = grid.starts[i + 1] > input->now_ms;
		if (marks[i].goal && !marks[i].unmet)
			streak->days++;
		else
			streak->ended = !today;
	}
	if (!streak->ended)
		streak_advance(streak, input);
	free(marks);
	grid_finish(&grid);
	ordered_finish(&ordered);
}

/* The whole */

static void fill_rows(struct analytics *analytics, const struct pieces *pieces)
{
	analytics->rows = allocate(pieces->count, sizeof(*analytics->rows));
	for (size_t i = 0; i < pieces->count; i++) {
		const struct piece *piece = &pieces->items[i];
		struct analytics_result *period = &analytics->periods[piece->bucket];
		analytics->rows[i] = (struct analytics_row){
			piece->session, piece->ms, piece->goal_minutes, goal_met(piece)};
		if (period->row_count++ == 0)
			period->rows = &analytics->rows[i];
		period->sum_ms += piece->ms;
	}
}

/* Back from the last end, each interval lengthens what comes after it or stands apart from it. */
static void fill_unions(struct analytics *analytics, const struct grid *grid, const struct ordered *ordered)
{
	struct pieces pieces = {0};
	struct analytics_interval *unions = allocate(ordered->interval_count, sizeof(*unions));
	size_t first = ordered->interval_count;
	for (size_t i = ordered->interval_count; i-- > 0;) {
		const struct analytics_interval *next = &ordered->intervals[i];
		if (first == ordered->interval_count || next->end_ms < unions[first].start_ms)
			unions[--first] = *next;
		else if (next->start_ms < unions[first].start_ms)
			unions[first].start_ms = next->start_ms;
	}
	grid_split(grid, unions + first, ordered->interval_count - first, &pieces);
	for (size_t i = 0; i < pieces.count; i++)
		analytics->periods[pieces.items[i].bucket].union_ms += pieces.items[i].ms;
	free(pieces.items);
	free(unions);
}

void analytics_compute(
	const struct analytics_input *input, const struct analytics_range *range, struct analytics *ret)
{
	struct ordered ordered = ordered_make(input, range);
	struct grid grid = grid_make(input, range);
	struct pieces pieces = pieces_make(&grid, &ordered);
	struct analytics analytics = {.period_count = grid.count};
	analytics.periods = allocate(grid.count, sizeof(*analytics.periods));
	for (size_t i = 0; i < grid.count; i++) {
		analytics.periods[i].from = grid.labels[i];
		analytics.periods[i].to = grid.labels[i + 1] - 1;
	}
	fill_rows(&analytics, &pieces);
	fill_unions(&analytics, &grid, &ordered);
	free(pieces.items);
	grid_finish(&grid);
	ordered_finish(&ordered);
	*ret = analytics;
}

void analytics_finish(struct analytics *analytics)
{
	free(analytics->periods);
	free(analytics->rows);
	*analytics = (struct analytics){0};
}

int64_t analytics_time_within(
	const struct analytics_interval *intervals, size_t count, int64_t from_ms, int64_t to_ms)
{
	int64_t sum_ms = 0;
	for (size_t i = 0; i < count; i++) {
		int64_t start = intervals[i].start_ms > from_ms ? intervals[i].start_ms : from_ms;
		int64_t end = intervals[i].end_ms < to_ms ? intervals[i].end_ms : to_ms;
		sum_ms += start < end ? end - start : 0;
	}
	return sum_ms;
}

void analytics_append_minutes(struct text *text, int64_t ms)
{
	assert(ms >= 0);
	int64_t hundredths = (ms + 300) / 600;
	char tenth = (char)('0' + hundredths / 10 % 10), last = (char)('0' + hundredths % 10);
	text_append_integer(text, hundredths / 100);
	if (hundredths % 100 != 0)
		text_append(text, (char[]){'.', tenth, last}, last != '0' ? 3 : 2);
}
