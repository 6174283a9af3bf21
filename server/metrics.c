#include "server/metrics.h"

#include "server/metrics_table.h"

#include <inttypes.h>
#include <stdlib.h>

static size_t cells_of(const struct metrics_family *family)
{
	size_t cells = 1;
	for (int i = 0; i < 2 && family->labels[i]; i++)
		cells *= family->labels[i]->count;
	return cells;
}

static struct metrics_histogram *histogram_at(struct metrics *metrics, const struct metrics_family *family)
{
	return (struct metrics_histogram *)((char *)metrics + family->at);
}

struct metrics *metrics_create(int64_t now_ms)
{
	struct metrics *metrics = calloc(1, sizeof(*metrics));
	if (!metrics)
		abort();
	for (const struct metrics_family *family = metrics_families; family->name; family++) {
		struct metrics_histogram *histograms = histogram_at(metrics, family);
		for (size_t i = 0; family->type == METRICS_HISTOGRAM && i < cells_of(family); i++)
			histograms[i].scale = family->scale;
	}
	metrics_set(&metrics->build, 1);
	metrics_set(&metrics->start_time_ms, now_ms);
	return metrics;
}

void metrics_destroy(struct metrics *metrics)
{
	free(metrics);
}

/* Counting. Nothing is ordered by a count. */

void metrics_add(metrics_count *count, int64_t n)
{
	atomic_fetch_add_explicit(count, n, memory_order_relaxed);
}

void metrics_set(metrics_count *count, int64_t n)
{
	atomic_store_explicit(count, n, memory_order_relaxed);
}

static int64_t get(const metrics_count *count)
{
	return atomic_load_explicit(count, memory_order_relaxed);
}

static metrics_count *bucket_of(struct metrics_histogram *histogram, int64_t value)
{
	const struct metrics_scale *scale = histogram->scale;
	size_t bucket = 0;
	while (bucket < scale->count && value > scale->bounds[bucket])
		bucket++;
	return &histogram->buckets[bucket];
}

void metrics_observe(struct metrics_histogram *histogram, int64_t value)
{
	metrics_add(bucket_of(histogram, value), 1);
	metrics_add(&histogram->sum, value);
}

/* The last place is for what isn't listed. */
static size_t place_of(const int *listed, size_t count, int wanted)
{
	size_t place = 0;
	while (place + 1 < count && listed[place] != wanted)
		place++;
	return place;
}

void metrics_closed(struct metrics *metrics, int code)
{
	metrics_add(&metrics->closes[place_of(metrics_close_codes, METRICS_CLOSES, code)], 1);
}

void metrics_handshake(struct metrics *metrics, int status)
{
	size_t place = place_of(metrics_handshake_statuses, METRICS_HANDSHAKES, status);
	metrics_add(&metrics->handshakes[place], 1);
}

void metrics_http_request(struct metrics *metrics, int status)
{
	if (status >= 200 && status < 600)
		metrics_add(&metrics->http_requests[status / 100 - 2], 1);
}

void metrics_token(struct metrics *metrics, enum err code)
{
	enum metrics_token outcome = METRICS_TOKEN_INVALID;
	if (code == OK)
		outcome = METRICS_TOKEN_GOOD;
	else if (code == ERR_TOKEN_EXPIRED)
		outcome = METRICS_TOKEN_EXPIRED;
	else if (code == ERR_UNAVAILABLE || code == ERR_INTERNAL)
		outcome = METRICS_TOKEN_UNAVAILABLE;
	metrics_add(&metrics->tokens[outcome], 1);
}

/* What could not be decoded has no type. */
static metrics_count *command_cell(struct metrics *metrics, const struct decoded *decoded, size_t outcome)
{
	size_t type = decoded->why.code ? COMMAND_COUNT : decoded->command.type;
	return &metrics->commands[type][outcome];
}

void metrics_message_refused(struct metrics *metrics, enum err code)
{
	metrics_add(&metrics->messages_refused[code - 1], 1);
}

void metrics_command_refused(struct metrics *metrics, const struct decoded *decoded, enum err code)
{
	enum err why = decoded->why.code ? decoded->why.code : code;
	metrics_add(command_cell(metrics, decoded, why), 1);
	metrics_add(&metrics->commands_refused[why - 1], 1);
}

/* Notes. */

void metrics_notes_finish(struct metrics_notes *notes)
{
	free(notes->items);
	*notes = (struct metrics_notes){0};
}

void metrics_notes_keep(struct metrics_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++)
		metrics_add(notes->items[i].count, notes->items[i].n);
	notes->count = 0;
}

void metrics_notes_drop(struct metrics_notes *notes, size_t left)
{
	notes->count = left;
}

static void note(struct metrics_notes *notes, metrics_count *count, int64_t n)
{
	if (notes->count == notes->room) {
		notes->room = notes->room ? notes->room * 2 : 64;
		notes->items = reallocarray(notes->items, notes->room, sizeof(*notes->items));
		if (!notes->items)
			abort();
	}
	notes->items[notes->count++] = (struct metrics_note){count, n};
}

void metrics_note_command(
	struct metrics_notes *notes, const struct decoded *decoded, enum metrics_outcome outcome)
{
	if (!notes)
		return;
	note(notes, command_cell(notes->metrics, decoded, outcome), 1);
	if (outcome > 0 && outcome < METRICS_UNCHANGED)
		note(notes, &notes->metrics->commands_refused[outcome - 1], 1);
}

void metrics_note_replay(struct metrics_notes *notes, size_t events)
{
	if (!notes)
		return;
	note(notes, &notes->metrics->replays, 1);
	note(notes, &notes->metrics->replayed_events, (int64_t)events);
}

void metrics_note_snapshot(struct metrics_notes *notes, enum sync_reason reason)
{
	if (notes)
		note(notes, &notes->metrics->snapshots[reason - 1], 1);
}

void metrics_note_due(struct metrics_notes *notes, int64_t lag_ms)
{
	if (!notes)
		return;
	struct metrics_histogram *histogram = &notes->metrics->due_lag;
	int64_t late_ms = lag_ms > 0 ? lag_ms : 0;
	note(notes, bucket_of(histogram, late_ms), 1);
	note(notes, &histogram->sum, late_ms);
}

/* The text. */

/* A number of which `per` make one, without a rounding of our own: in whole ones and decimal places. */
static void write_number(struct text *out, int64_t number, int64_t per)
{
	int64_t whole = number / per, rest = number % per;
	text_append_integer(out, whole);
	if (!rest)
		return;
	text_append_string(out, ".");
	for (per /= 10; rest; per /= 10) {
		text_append_integer(out, rest / per);
		rest %= per;
	}
}

/* The labels of the index-th count, without braces. */
static void write_labels(struct text *out, const struct metrics_family *family, size_t index)
{
	const struct metrics_label *first = family->labels[0], *second = family->labels[1];
	if (!first)
		return;
	size_t inner = second ? second->count : 1;
	text_append_format(out, "%s=\"%s\"", first->name, first->value(index / inner));
	if (second)
		text_append_format(out, ",%s=\"%s\"", second->name, second->value(index % inner));
}

static void write_sample(struct text *out, const struct metrics_family *family, const char *suffix,
	size_t index, int64_t number, int64_t per)
{
	text_append_format(out, "%s%s", family->name, suffix);
	if (family->labels[0]) {
		text_append_string(out, "{");
		write_labels(out, family, index);
		text_append_string(out, "}");
	}
	text_append_string(out, " ");
	write_number(out, number, per);
	text_append_string(out, "\n");
}

static void write_bucket(
	struct text *out, const struct metrics_family *family, size_t index, size_t bucket, int64_t count)
{
	const struct metrics_scale *scale = family->scale;
	text_append_format(out, "%s_bucket{", family->name);
	write_labels(out, family, index);
	text_append_string(out, family->labels[0] ? ",le=\"" : "le=\"");
	if (bucket < scale->count)
		write_number(out, scale->bounds[bucket], scale->per);
	else
		text_append_string(out, "+Inf");
	text_append_format(out, "\"} %" PRId64 "\n", count);
}

/* Each bucket is read once, and the count is their sum, so that the text agrees with itself. */
static void write_histogram(struct text *out, const struct metrics_family *family, size_t index,
	const struct metrics_histogram *histogram)
{
	int64_t count = 0;
	for (size_t bucket = 0; bucket <= family->scale->count; bucket++) {
		count += get(&histogram->buckets[bucket]);
		write_bucket(out, family, index, bucket, count);
	}
	write_sample(out, family, "_sum", index, get(&histogram->sum), family->scale->per);
	write_sample(out, family, "_count", index, count, 1);
}

static bool is_left_out(const struct metrics_family *family, size_t index, int64_t number)
{
	return family->sparse && !number && index % family->labels[1]->count != 0;
}

static void write_family(struct text *out, const struct metrics *metrics, const struct metrics_family *family)
{
	static const char *const types[] = {
		[METRICS_COUNTER] = "counter", [METRICS_GAUGE] = "gauge", [METRICS_HISTOGRAM] = "histogram"};
	const char *at = (const char *)metrics + family->at;
	text_append_format(out, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help, family->name,
		types[family->type]);
	for (size_t i = 0; i < cells_of(family); i++) {
		if (family->type == METRICS_HISTOGRAM) {
			write_histogram(out, family, i, (const struct metrics_histogram *)at + i);
			continue;
		}
		int64_t number = get((const metrics_count *)at + i);
		if (!is_left_out(family, i, number))
			write_sample(out, family, "", i, number, family->per ? family->per : 1);
	}
}

void metrics_write(const struct metrics *metrics, struct text *out)
{
	for (const struct metrics_family *family = metrics_families; family->name; family++)
		write_family(out, metrics, family);
}
