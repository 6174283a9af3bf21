/* examples/cli/replica, offset and pick: what a client knows after the messages it got. */
#include "examples/cli/offset.h"
#include "examples/cli/pick.h"
#include "examples/cli/replica.h"
#include "examples/cli/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SESSION_A "01890000-0000-7000-8000-00000000000a"
#define SESSION_B "01890000-0000-7000-8000-00000000000b"
#define GROUP_A   "01890000-0000-7000-8000-0000000000aa"
/* 2026-11-21T12:00:00Z */
#define NOON INT64_C(1795262400000)

static enum replica_step take(struct replica *replica, const char *json)
{
	JSON_AUTO *tree = NULL;
	struct refusal why;
	if (json_parse(json, strlen(json), &tree, &why) != OK)
		fail_msg("%s: %s", why.message, json);
	return replica_take(replica, tree);
}

static const struct session *get(const struct replica *replica, const char *id)
{
	struct uuid uuid;
	assert_true(uuid_parse(id, &uuid));
	return replica_session(replica, &uuid);
}

static const char snapshot[] =
	"{\"type\":\"snapshot\",\"epoch\":\"abc\",\"seq\":10,\"tag\":\"0000000a\",\"nowMs\":1795262400000,"
	"\"state\":{\"user\":{\"id\":\"alice\",\"name\":null,\"timeZone\":\"Europe/Berlin\","
	"\"sessionsResetTime\":\"04:00\",\"day\":\"2026-11-21\",\"pending\":null},"
	"\"groups\":[{\"id\":\"" GROUP_A "\",\"name\":\"Garage\",\"version\":1}],\"tasks\":[],\"plans\":[],"
	"\"sessions\":[{\"id\":\"" SESSION_A "\",\"kind\":\"timer\",\"title\":\"Read\",\"version\":3,"
	"\"groupId\":\"" GROUP_A "\",\"state\":\"RUNNING\",\"status\":\"active\",\"initialDuration\":1500,"
	"\"elapsedSeconds\":100.5,\"trackedSeconds\":200.25,\"runningSinceMs\":1795262390000,"
	"\"dailyGoalMinutes\":30,\"updatedAtMs\":1795262390000}]}}";

/* An event about a session that is paused, with `more` for its head. */
static void event(char *ret, size_t room, int seq, const char *id, const char *more)
{
	snprintf(ret, room,
		"{\"type\":\"event\",\"seq\":%d,\"tag\":\"%08x\",\"nowMs\":1795262400000%s,"
		"\"session\":{\"id\":\"%s\",\"kind\":\"timer\",\"title\":\"%d\",\"version\":1,\"state\":"
		"\"PAUSED\","
		"\"status\":\"active\",\"elapsedSeconds\":5,\"updatedAtMs\":%d}}",
		seq, (unsigned)seq, more, id, seq, seq);
}

static enum replica_step take_event(struct replica *replica, int seq, const char *id, const char *more)
{
	char json[600];
	event(json, sizeof(json), seq, id, more);
	return take(replica, json);
}

static void assert_position(const struct replica *replica, const char *expected)
{
	TEXT_AUTO out = {0};
	replica_append_position(replica, &out);
	assert_string_equal(out.data, expected);
}

static void test_snapshot(void **state)
{
	struct replica replica = {0};
	TEXT_AUTO none = {0};
	(void)state;
	replica_append_position(&replica, &none);
	assert_int_equal(none.len, 0);
	assert_int_equal(take(&replica, snapshot), REPLICA_CHANGED);
	assert_position(&replica, "{\"epoch\":\"abc\",\"seq\":10,\"tag\":\"0000000a\"}");
	const struct session *read = get(&replica, SESSION_A);
	assert_string_equal(read->title, "Read");
	assert_string_equal(replica_group(&replica, &read->group)->name, "Garage");
	/* It ran ten seconds when that was told. */
	assert_int_equal(session_elapsed_ms(read, NOON), 100500);
	assert_int_equal(session_elapsed_ms(read, NOON + 1500), 102000);
	assert_int_equal(session_left_ms(read, NOON), 1399500);
	assert_int_equal(session_target_ms(read), NOON + 1399500);
	assert_int_equal(session_tracked_ms(read, replica_day_start(&replica, NOON), NOON), 200250);
	/* The same again replaces it. */
	assert_int_equal(take(&replica, snapshot), REPLICA_CHANGED);
	assert_int_equal(replica.session_count, 1);
	replica_finish(&replica);
}

/* "At user.dayEndMs a client sets it to 0": the day begins at four in Berlin, three by UTC. */
static void test_day(void **state)
{
	struct replica replica = {0};
	int64_t end_ms = NOON + 15 * HOUR_MS;
	(void)state;
	take(&replica, snapshot);
	const struct session *read = get(&replica, SESSION_A);
	assert_int_equal(replica_day_start(&replica, NOON), end_ms - 24 * HOUR_MS);
	assert_int_equal(replica_day_start(&replica, end_ms - 1), end_ms - 24 * HOUR_MS);
	assert_int_equal(replica_day_start(&replica, end_ms), end_ms);
	assert_int_equal(session_tracked_ms(read, end_ms, end_ms), 0);
	assert_int_equal(session_tracked_ms(read, end_ms, end_ms + 2000), 2000);
	replica_finish(&replica);
}

/* A change of the day that is to come: the present day ends then. */
static void test_coming_day(void **state)
{
	struct replica replica = {0};
	(void)state;
	take(&replica, snapshot);
	assert_int_equal(
		take(&replica,
			"{\"type\":\"event\",\"seq\":11,\"nowMs\":1795262400000,\"user\":{\"id\":\"alice\","
			"\"timeZone\":\"Europe/"
			"Berlin\",\"sessionsResetTime\":\"04:00\",\"day\":\"2026-11-21\","
			"\"pending\":{\"timeZone\":\"UTC\",\"sessionsResetTime\":\"12:00\","
			"\"fromMs\":1795348800000}}}"),
		REPLICA_CHANGED);
	assert_int_equal(replica_day_start(&replica, NOON + 24 * HOUR_MS - 1), NOON - 9 * HOUR_MS);
	assert_int_equal(replica_day_start(&replica, NOON + 24 * HOUR_MS), NOON + 24 * HOUR_MS);
	assert_int_equal(replica_day_start(&replica, NOON + 48 * HOUR_MS), NOON + 48 * HOUR_MS);
	replica_finish(&replica);
}

/* protocol.md section 5: `seq == last+1` apply; `<= last` ignore; `> last+1` is a gap. */
static void test_sequence(void **state)
{
	struct replica replica = {0};
	(void)state;
	assert_int_equal(take_event(&replica, 1, SESSION_B, ""), REPLICA_GAP);
	take(&replica, snapshot);
	assert_int_equal(take_event(&replica, 10, SESSION_B, ""), REPLICA_SAME);
	assert_int_equal(take_event(&replica, 12, SESSION_B, ""), REPLICA_GAP);
	assert_null(get(&replica, SESSION_B));
	assert_int_equal(take_event(&replica, 11, SESSION_B, ""), REPLICA_CHANGED);
	assert_string_equal(get(&replica, SESSION_B)->title, "11");
	assert_int_equal(take_event(&replica, 11, SESSION_A, ""), REPLICA_SAME);
	assert_int_equal(take(&replica, "{\"type\":\"hb\",\"seq\":11,\"nowMs\":1}"), REPLICA_SAME);
	assert_int_equal(take(&replica, "{\"type\":\"hb\",\"seq\":12,\"nowMs\":1}"), REPLICA_GAP);
	assert_int_equal(take(&replica, "{\"type\":\"live\",\"seq\":12}"), REPLICA_GAP);
	assert_int_equal(take(&replica, "{\"type\":\"something\",\"seq\":99}"), REPLICA_SAME);
	assert_position(&replica, "{\"epoch\":\"abc\",\"seq\":11,\"tag\":\"0000000b\"}");
	replica_finish(&replica);
}

/* "Events of one command that belong together carry n and of; a client applies them together." */
static void test_together(void **state)
{
	struct replica replica = {0};
	(void)state;
	take(&replica, snapshot);
	assert_int_equal(take_event(&replica, 11, SESSION_A, ",\"n\":1,\"of\":2"), REPLICA_SAME);
	assert_string_equal(get(&replica, SESSION_A)->title, "Read");
	assert_int_equal(replica.seq, 10);
	assert_int_equal(take_event(&replica, 11, SESSION_A, ",\"n\":1,\"of\":2"), REPLICA_SAME);
	assert_int_equal(take_event(&replica, 13, SESSION_A, ""), REPLICA_GAP);
	assert_int_equal(take_event(&replica, 12, SESSION_A, ",\"n\":2,\"of\":2"), REPLICA_CHANGED);
	assert_string_equal(get(&replica, SESSION_A)->title, "12");
	assert_int_equal(replica.seq, 12);
	/* Cut off between the two: resumed from before the first, which comes again. */
	assert_int_equal(take_event(&replica, 13, SESSION_B, ",\"n\":1,\"of\":2"), REPLICA_SAME);
	take(&replica, "{\"type\":\"ready\",\"epoch\":\"abc\",\"seq\":14}");
	assert_position(&replica, "{\"epoch\":\"abc\",\"seq\":12,\"tag\":\"0000000c\"}");
	assert_int_equal(take_event(&replica, 13, SESSION_B, ",\"n\":1,\"of\":2"), REPLICA_SAME);
	assert_int_equal(take_event(&replica, 14, SESSION_B, ",\"n\":2,\"of\":2"), REPLICA_CHANGED);
	assert_string_equal(get(&replica, SESSION_B)->title, "14");
	replica_finish(&replica);
}

static void test_leaving(void **state)
{
	struct replica replica = {0};
	(void)state;
	take(&replica, snapshot);
	take(&replica, "{\"type\":\"event\",\"seq\":11,\"nowMs\":1,\"session\":{\"id\":\"" SESSION_A
		       "\",\"isDeleted\":true}}");
	assert_null(get(&replica, SESSION_A));
	take(&replica,
		"{\"type\":\"event\",\"seq\":12,\"nowMs\":1,\"session\":{\"id\":\"" SESSION_B
		"\",\"kind\":\"focus\",\"state\":\"PAUSED\",\"status\":\"completed\",\"endedAtMs\":1000,"
		"\"focus\":{\"sessionType\":\"short\",\"pauses\":[{},{}],\"distractions\":3}}}");
	/* It is seen to have ended, and gone with the next event. */
	const struct session *focus = get(&replica, SESSION_B);
	assert_int_equal(focus->focus.type, SESSION_SHORT);
	assert_int_equal(focus->pauses, 2);
	assert_ptr_equal(pick_done(&replica, 1000 + PICK_DONE_MS - 1), focus);
	assert_null(pick_done(&replica, 1000 + PICK_DONE_MS));
	take(&replica, "{\"type\":\"event\",\"seq\":13,\"nowMs\":1,\"group\":{\"id\":\"" GROUP_A
		       "\",\"isDeleted\":true}}");
	assert_null(get(&replica, SESSION_B));
	assert_int_equal(replica.group_count, 0);
	replica_finish(&replica);
}

/* Whatever a server says that is none of ours, there is nothing to fall over. */
static void test_nonsense(void **state)
{
	static const char *const messages[] = {"{}", "[]", "1", "{\"type\":7}", "{\"type\":\"snapshot\"}",
		"{\"type\":\"snapshot\",\"state\":[]}",
		"{\"type\":\"snapshot\",\"state\":{\"user\":7,\"groups\":7,\"sessions\":[7,{},{\"id\":\"x\"}]"
		"}}",
		"{\"type\":\"event\",\"seq\":1,\"n\":1,\"of\":2}",
		"{\"type\":\"event\",\"seq\":2,\"sessions\":{}}", "{\"type\":\"event\",\"seq\":\"3\"}",
		"{\"type\":\"event\",\"seq\":1,\"session\":{\"id\":\"" SESSION_A
		"\",\"elapsedSeconds\":1e300}}"};
	struct replica replica = {0};
	(void)state;
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		take(&replica, messages[i]);
	replica_finish(&replica);
}

/* A server whose clock or whose person's days are out of this world. */
static void test_strange_times(void **state)
{
	static const char *const times[] = {
		"0", "-1", "-9007199254740991", "9007199254740991", "253402300800000"};
	static const char *const zones[] = {"UTC", "Nowhere/Atall", "../../etc/passwd", "", "Pacific/Apia"};
	char json[600];
	(void)state;
	for (size_t i = 0; i < 25; i++) {
		struct replica replica = {0};
		snprintf(json, sizeof(json),
			"{\"type\":\"snapshot\",\"epoch\":\"abc\",\"seq\":1,\"nowMs\":%s,\"state\":{\"user\":"
			"{"
			"\"timeZone\":\"%s\",\"sessionsResetTime\":\"99:99\",\"day\":\"2026-11-21\","
			"\"pending\":{"
			"\"timeZone\":\"%s\",\"fromMs\":%s}},\"sessions\":[{\"id\":\"" SESSION_A "\","
			"\"state\":\"RUNNING\",\"runningSinceMs\":%s,\"initialDuration\":1e11}]}}",
			times[i % 5], zones[i / 5], zones[i / 5], times[i % 5], times[i % 5]);
		assert_int_equal(take(&replica, json), REPLICA_CHANGED);
		for (size_t at = 0; at < 5; at++)
			replica_day_start(&replica, strtoll(times[at], NULL, 10));
		TEXT_AUTO out = {0};
		show_json(&out, &replica, get(&replica, SESSION_A), strtoll(times[i % 5], NULL, 10));
		show_clock(&out, show_seconds(get(&replica, SESSION_A), 0));
		replica_finish(&replica);
	}
}

static void test_growth(void **state)
{
	struct replica replica = {0};
	char id[UUID_TEXT];
	(void)state;
	take(&replica, snapshot);
	for (int i = 0; i < 600; i++) {
		snprintf(id, sizeof(id), "01890000-0000-7000-8000-0000000f%04u", (unsigned)i % 10000);
		assert_int_equal(take_event(&replica, 11 + i, id, ""), REPLICA_CHANGED);
	}
	assert_int_equal(replica.session_count, 601);
	assert_string_equal(get(&replica, id)->title, "610");
	/* The last that was used is the one to go on with. */
	assert_ptr_equal(pick_next(&replica), get(&replica, id));
	assert_ptr_equal(pick_current(&replica), get(&replica, SESSION_A));
	assert_int_equal(pick_count_running(&replica), 1);
	replica_finish(&replica);
}

static void test_current(void **state)
{
	struct session sessions[] = {
		{.state = STATE_RUNNING, .initial_ms = SESSION_NO_LENGTH, .running_since_ms = 1},
		{.state = STATE_RUNNING, .initial_ms = 9000, .running_since_ms = 5},
		{.state = STATE_RUNNING, .initial_ms = 8000, .running_since_ms = 10},
		{.state = STATE_PAUSED, .initial_ms = 1, .updated_at_ms = 7},
		{.state = STATE_PAUSED, .initial_ms = 1, .updated_at_ms = 9, .status = STATUS_COMPLETED},
		{.state = STATE_RUNNING, .initial_ms = SESSION_NO_LENGTH, .running_since_ms = 0},
	};
	struct replica replica = {.sessions = sessions, .session_count = 6};
	(void)state;
	assert_ptr_equal(pick_current(&replica), &sessions[2]);
	assert_ptr_equal(pick_next(&replica), &sessions[3]);
	sessions[1].state = sessions[2].state = STATE_PAUSED;
	sessions[1].status = sessions[2].status = STATUS_COMPLETED;
	assert_ptr_equal(pick_current(&replica), &sessions[5]);
}

/* --- The server's clock --------------------------------------------------------------------------------- */

static void test_offset_of_messages(void **state)
{
	struct offset offset = {0};
	(void)state;
	assert_true(offset_wants(&offset, 0));
	offset_hear(&offset, NOON, 1000);
	assert_int_equal(offset_server_ms(&offset, 1500), NOON + 500);
	assert_true(offset_wants(&offset, 1000));
	/* A message that was under way for long tells nothing. */
	offset_hear(&offset, NOON + 100, 2000);
	assert_int_equal(offset_server_ms(&offset, 2000), NOON + 1000);
}

static void test_offset_of_exchanges(void **state)
{
	struct offset offset = {0};
	(void)state;
	offset_hear(&offset, NOON - 300, 1000); /* 300 ms under way */
	/* There in 100, back in 20: half of the difference is wrong, and the error says as much. */
	offset_exchange(&offset, 1000, NOON + 100, NOON + 110, 1130);
	assert_int_equal(offset_server_ms(&offset, 1000), NOON + 40);
	assert_in_range(offset.error_ms, 40, 61);
	assert_false(offset_wants(&offset, 1130));
	/* A quicker one is better, a slower one is not. */
	offset_exchange(&offset, 2000, NOON + 1005, NOON + 1005, 2010);
	assert_int_equal(offset_server_ms(&offset, 2000), NOON + 1000);
	offset_exchange(&offset, 3000, NOON + 2900, NOON + 2900, 4000);
	assert_int_equal(offset_server_ms(&offset, 2000), NOON + 1000);
	/* Clocks drift: after a while another is wanted, and believed. */
	assert_true(offset_wants(&offset, 2010 + 5 * MINUTE_MS));
	int64_t later_ms = 2000 + 5 * MINUTE_MS + 10;
	offset_exchange(
		&offset, later_ms, NOON + 5 * MINUTE_MS + 1120, NOON + 5 * MINUTE_MS + 1120, later_ms + 200);
	assert_int_equal(offset_server_ms(&offset, later_ms), NOON + 5 * MINUTE_MS + 1020);
}

static void test_offset_after_a_step(void **state)
{
	struct offset offset = {0};
	(void)state;
	offset_hear(&offset, NOON, 1000);
	offset_exchange(&offset, 1000, NOON, NOON, 1002);
	/* Forward: the server says a time that it could not have reached. */
	offset_hear(&offset, NOON + HOUR_MS, 2000);
	assert_int_equal(offset_server_ms(&offset, 2000), NOON + HOUR_MS);
	assert_true(offset_wants(&offset, 2000));
	offset_exchange(&offset, 2000, NOON + HOUR_MS + 5, NOON + HOUR_MS + 5, 2200);
	assert_false(offset_wants(&offset, 2200));
	/* Back: no message takes an hour. */
	offset_hear(&offset, NOON, 3000);
	assert_int_equal(offset_server_ms(&offset, 3000), NOON);
	assert_true(offset_wants(&offset, 3000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_snapshot),
		cmocka_unit_test(test_day),
		cmocka_unit_test(test_coming_day),
		cmocka_unit_test(test_sequence),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_leaving),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_strange_times),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_current),
		cmocka_unit_test(test_offset_of_messages),
		cmocka_unit_test(test_offset_of_exchanges),
		cmocka_unit_test(test_offset_after_a_step),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
