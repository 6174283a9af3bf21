/* What is counted, and the text that tells it. */
#include "server/metrics.h"

#include "server/metrics_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define STARTED_MS 1792195200123

static struct text written;

/* The text, until the next time. */
static const char *write_all(const struct metrics *metrics)
{
	text_clear(&written);
	metrics_write(metrics, &written);
	return written.data;
}

/* A whole line. */
static void expect_line(const struct metrics *metrics, const char *line)
{
	char whole[256];
	snprintf(whole, sizeof(whole), "\n%s\n", line);
	if (!strstr(write_all(metrics), whole))
		fail_msg("no line %s", line);
}

static void expect_nowhere(const struct metrics *metrics, const char *words)
{
	if (strstr(write_all(metrics), words))
		fail_msg("%s is there", words);
}

static void setup(struct metrics **ret)
{
	*ret = metrics_create(STARTED_MS);
}

static void teardown(struct metrics *metrics)
{
	metrics_destroy(metrics);
	text_finish(&written);
}

static void numbers_are_told_in_base_units(void **state)
{
	struct metrics *metrics;
	(void)state;
	setup(&metrics);
	expect_line(metrics, "process_start_time_seconds 1792195200.123");
	expect_line(metrics, "lockstep_build_info{version=\"" LOCKSTEP_VERSION "\"} 1");
	metrics_set(&metrics->cpu_us, 1000001);
	expect_line(metrics, "process_cpu_seconds_total 1.000001");
	metrics_set(&metrics->cpu_us, 500);
	expect_line(metrics, "process_cpu_seconds_total 0.0005");
	metrics_set(&metrics->overdue_ms, 20);
	expect_line(metrics, "lockstep_due_overdue_seconds 0.02");
	metrics_add(&metrics->connections[METRICS_STREAM], 3);
	metrics_add(&metrics->connections[METRICS_STREAM], -2);
	expect_line(metrics, "lockstep_connections{kind=\"stream\"} 1");
	teardown(metrics);
}

/* "le" is inclusive, and each bucket holds those before it. */
static void histograms_add_up(void **state)
{
	struct metrics *metrics;
	(void)state;
	setup(&metrics);
	metrics_observe(&metrics->commit, 0);
	metrics_observe(&metrics->commit, 100);
	metrics_observe(&metrics->commit, 101);
	metrics_observe(&metrics->commit, 60000000);
	expect_line(metrics, "lockstep_commit_duration_seconds_bucket{le=\"0.0001\"} 2");
	expect_line(metrics, "lockstep_commit_duration_seconds_bucket{le=\"0.00025\"} 3");
	expect_line(metrics, "lockstep_commit_duration_seconds_bucket{le=\"5\"} 3");
	expect_line(metrics, "lockstep_commit_duration_seconds_bucket{le=\"+Inf\"} 4");
	expect_line(metrics, "lockstep_commit_duration_seconds_sum 60.000201");
	expect_line(metrics, "lockstep_commit_duration_seconds_count 4");
	metrics_observe(&metrics->answer[REQUEST_VIEW], 2500);
	expect_line(metrics, "lockstep_answer_duration_seconds_bucket{kind=\"view\",le=\"0.001\"} 0");
	expect_line(metrics, "lockstep_answer_duration_seconds_bucket{kind=\"view\",le=\"0.0025\"} 1");
	expect_line(metrics, "lockstep_answer_duration_seconds_count{kind=\"sync\"} 0");
	teardown(metrics);
}

static void what_is_not_listed_has_a_place(void **state)
{
	struct metrics *metrics;
	(void)state;
	setup(&metrics);
	metrics_closed(metrics, 0);
	metrics_closed(metrics, 4408);
	metrics_closed(metrics, 4999);
	expect_line(metrics, "lockstep_closes_total{code=\"peer\"} 1");
	expect_line(metrics, "lockstep_closes_total{code=\"4408\"} 1");
	expect_line(metrics, "lockstep_closes_total{code=\"other\"} 1");
	metrics_handshake(metrics, 101);
	metrics_handshake(metrics, 418);
	expect_line(metrics, "lockstep_handshakes_total{status=\"101\"} 1");
	expect_line(metrics, "lockstep_handshakes_total{status=\"other\"} 1");
	metrics_http_request(metrics, 204);
	metrics_http_request(metrics, 599);
	metrics_http_request(metrics, 101);
	expect_line(metrics, "lockstep_http_requests_total{status=\"2xx\"} 1");
	expect_line(metrics, "lockstep_http_requests_total{status=\"5xx\"} 1");
	metrics_token(metrics, ERR_NOT_FOUND);
	metrics_token(metrics, ERR_TOKEN_INVALID);
	metrics_token(metrics, ERR_INTERNAL);
	expect_line(metrics, "lockstep_tokens_total{outcome=\"tokenInvalid\"} 2");
	expect_line(metrics, "lockstep_tokens_total{outcome=\"unavailable\"} 1");
	teardown(metrics);
}

static const struct decoded start = {.command.type = COMMAND_START};

/* What a transaction will have done is counted when it is committed, or never. */
static void notes_are_kept_or_dropped(void **state)
{
	struct metrics *metrics;
	(void)state;
	setup(&metrics);
	struct metrics_notes notes = {.metrics = metrics};
	for (int i = 0; i < 200; i++)
		metrics_note_command(&notes, &start, (enum metrics_outcome)OK);
	metrics_notes_drop(&notes, 150);
	expect_line(metrics, "lockstep_commands_total{type=\"start\",outcome=\"ok\"} 0");
	metrics_notes_keep(&notes);
	expect_line(metrics, "lockstep_commands_total{type=\"start\",outcome=\"ok\"} 150");
	metrics_note_due(&notes, 10);
	metrics_note_due(&notes, -3);
	metrics_note_replay(&notes, 7);
	metrics_note_snapshot(&notes, SYNC_PRUNED);
	metrics_note_snapshot(&notes, SYNC_ASKED);
	metrics_notes_keep(&notes);
	metrics_notes_keep(&notes);
	expect_line(metrics, "lockstep_commands_total{type=\"start\",outcome=\"ok\"} 150");
	expect_line(metrics, "lockstep_due_lag_seconds_sum 0.01");
	expect_line(metrics, "lockstep_due_lag_seconds_count 2");
	expect_line(metrics, "lockstep_replayed_events_total 7");
	expect_line(metrics, "lockstep_snapshots_total{reason=\"pruned\"} 1");
	expect_line(metrics, "lockstep_snapshots_total{reason=\"asked\"} 1");
	metrics_notes_finish(&notes);
	/* A tool has nobody who counts. */
	metrics_note_command(NULL, &start, (enum metrics_outcome)OK);
	metrics_note_due(NULL, 1);
	metrics_note_replay(NULL, 1);
	metrics_note_snapshot(NULL, SYNC_FRESH);
	teardown(metrics);
}

static void refused_commands_count_by_code(void **state)
{
	struct metrics *metrics;
	(void)state;
	setup(&metrics);
	struct metrics_notes notes = {.metrics = metrics};
	const struct decoded nothing = {.why.code = ERR_UNKNOWN_COMMAND};
	expect_line(metrics, "lockstep_commands_refused_total{code=\"internal\"} 0");
	expect_nowhere(metrics, "outcome=\"conflict\"");
	metrics_note_command(&notes, &start, (enum metrics_outcome)ERR_CONFLICT);
	metrics_note_command(&notes, &start, METRICS_UNCHANGED);
	metrics_note_command(&notes, &start, METRICS_DUPLICATE);
	metrics_notes_keep(&notes);
	metrics_command_refused(metrics, &start, ERR_UNAVAILABLE);
	metrics_command_refused(metrics, &nothing, ERR_UNAVAILABLE);
	expect_line(metrics, "lockstep_commands_total{type=\"start\",outcome=\"conflict\"} 1");
	expect_line(metrics, "lockstep_commands_total{type=\"start\",outcome=\"unchanged\"} 1");
	expect_line(metrics, "lockstep_commands_total{type=\"start\",outcome=\"duplicate\"} 1");
	expect_line(metrics, "lockstep_commands_total{type=\"start\",outcome=\"unavailable\"} 1");
	expect_line(metrics, "lockstep_commands_total{type=\"none\",outcome=\"unknownCommand\"} 1");
	expect_line(metrics, "lockstep_commands_refused_total{code=\"conflict\"} 1");
	expect_line(metrics, "lockstep_commands_refused_total{code=\"unavailable\"} 1");
	expect_line(metrics, "lockstep_commands_refused_total{code=\"unknownCommand\"} 1");
	metrics_message_refused(metrics, ERR_BAD_JSON);
	metrics_message_refused(metrics, ERR_NOT_IMPLEMENTED);
	expect_line(metrics, "lockstep_messages_refused_total{code=\"badJson\"} 1");
	expect_line(metrics, "lockstep_messages_refused_total{code=\"notImplemented\"} 1");
	metrics_notes_finish(&notes);
	teardown(metrics);
}

static size_t size_of(const struct metrics_family *family)
{
	size_t one =
		family->type == METRICS_HISTOGRAM ? sizeof(struct metrics_histogram) : sizeof(metrics_count);
	for (int i = 0; i < 2 && family->labels[i]; i++)
		one *= family->labels[i]->count;
	return one;
}

/* No two families share a count, each lies within the struct, and all of it is told but next_due_ms. */
static void each_count_is_told_once(void **state)
{
	static unsigned char told[sizeof(struct metrics)];
	(void)state;
	for (const struct metrics_family *family = metrics_families; family->name; family++) {
		size_t end = family->at + size_of(family);
		assert_true(end <= sizeof(told));
		for (size_t at = family->at; at < end; at++) {
			if (told[at]++)
				fail_msg("%s shares its place", family->name);
		}
		if (family->type != METRICS_HISTOGRAM)
			continue;
		assert_true(family->scale->count <= METRICS_BUCKETS);
		for (size_t i = 1; i < family->scale->count; i++)
			assert_true(family->scale->bounds[i] > family->scale->bounds[i - 1]);
	}
	size_t next_due = offsetof(struct metrics, next_due_ms);
	for (size_t at = 0; at < sizeof(told); at++) {
		if (!told[at] && (at < next_due || at >= next_due + sizeof(metrics_count)))
			fail_msg("what stands at %zu is not told", at);
	}
}

static void each_label_has_its_words(void **state)
{
	(void)state;
	for (const struct metrics_family *family = metrics_families; family->name; family++) {
		for (int i = 0; i < 2 && family->labels[i]; i++) {
			const struct metrics_label *label = family->labels[i];
			for (size_t a = 0; a < label->count; a++) {
				assert_non_null(label->value(a));
				for (size_t b = 0; b < a; b++)
					assert_string_not_equal(label->value(a), label->value(b));
			}
		}
	}
}

static void expect_numbers(const char *family_name, const int *numbers, size_t first, size_t end)
{
	const struct metrics_family *family = metrics_families;
	while (strcmp(family->name, family_name) != 0)
		family++;
	for (size_t i = first; i < end; i++) {
		char word[16];
		snprintf(word, sizeof(word), "%d", numbers[i]);
		assert_string_equal(family->labels[0]->value(i), word);
	}
}

/* All but the first, which is the peer's, and the last, which is all others. */
static void codes_are_the_words_of_their_labels(void **state)
{
	(void)state;
	expect_numbers("lockstep_closes_total", metrics_close_codes, 1, METRICS_CLOSES - 1);
	expect_numbers("lockstep_handshakes_total", metrics_handshake_statuses, 0, METRICS_HANDSHAKES - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_told_in_base_units),
		cmocka_unit_test(histograms_add_up),
		cmocka_unit_test(what_is_not_listed_has_a_place),
		cmocka_unit_test(notes_are_kept_or_dropped),
		cmocka_unit_test(refused_commands_count_by_code),
		cmocka_unit_test(each_count_is_told_once),
		cmocka_unit_test(each_label_has_its_words),
		cmocka_unit_test(codes_are_the_words_of_their_labels),
	};
	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
