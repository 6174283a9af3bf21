/* What is typed at the console, what may come next, and what is shown of a message. */
#include "examples/cli/console_frame.h"
#include "examples/cli/console_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check_message(const char *line, const char *message)
{
	TEXT_AUTO out = {0};
	TEXT_AUTO why = {0};
	assert_true(console_line_message(line, 7, &out, &why));
	assert_string_equal(out.data, message);
}

static void check_refused(const char *line, const char *part)
{
	TEXT_AUTO out = {0};
	TEXT_AUTO why = {0};
	assert_false(console_line_message(line, 7, &out, &why));
	assert_int_equal(out.len, 0);
	assert_non_null(strstr(why.data, part));
}

static void test_json_goes_out_as_it_is(void **state)
{
	(void)state;
	check_message("{\"type\":\"help\"}", "{\"type\":\"help\"}");
	check_message("  { \"a\" : 1 }", "{ \"a\" : 1 }");
	check_refused("{\"type\":", "JSON");
}

static void test_words_become_a_message(void **state)
{
	(void)state;
	check_message("help", "{\"type\":\"help\",\"id\":7}");
	check_message("resetAll  ", "{\"type\":\"resetAll\",\"id\":7}");
	check_message("addSession title=Tea initialDuration=240",
		"{\"type\":\"addSession\",\"title\":\"Tea\",\"initialDuration\":240,\"id\":7}");
	check_message("start id=x", "{\"type\":\"start\",\"id\":\"x\"}");
	check_refused("start 123", "name=value");
	check_refused("start =x", "name=value");
}

static void test_a_value_is_json_where_it_reads_as_json(void **state)
{
	(void)state;
	check_message("x a=25 b=\"25\" c=true d=null e=2.5",
		"{\"type\":\"x\",\"a\":25,\"b\":\"25\",\"c\":true,\"d\":null,\"e\":2.5,\"id\":7}");
	check_message("x a=\"two words\" b=[\"one two\", 3] c={\"d\": \"}\"}",
		"{\"type\":\"x\",\"a\":\"two words\",\"b\":[\"one two\",3],\"c\":{\"d\":\"}\"},\"id\":7}");
	check_message(
		"x a=don't b=a=b c=", "{\"type\":\"x\",\"a\":\"don't\",\"b\":\"a=b\",\"c\":\"\",\"id\":7}");
	check_message("x a=\"a \\\" b\"", "{\"type\":\"x\",\"a\":\"a \\\" b\",\"id\":7}");
	check_message("x a=1) b=c]d e=}", "{\"type\":\"x\",\"a\":\"1)\",\"b\":\"c]d\",\"e\":\"}\",\"id\":7}");
}

/* Two sessions and a group. */
static struct replica make_replica(void)
{
	static struct session sessions[2];
	static struct group group;
	sessions[0].id.bytes[0] = 0xaa;
	sessions[1].id.bytes[0] = 0xab;
	group.id.bytes[0] = 0xac;
	snprintf(sessions[0].title, sizeof(sessions[0].title), "Read");
	snprintf(sessions[1].title, sizeof(sessions[1].title), "Tea");
	snprintf(group.name, sizeof(group.name), "House");
	return (struct replica){.sessions = sessions, .session_count = 2, .groups = &group, .group_count = 1};
}

/* The ways on, in one line; in front of them what stays of the line. */
static void check_ways_at(const char *line, size_t cursor, const char *expected)
{
	struct replica replica = make_replica();
	struct completions found;
	TEXT_AUTO out = {0};
	console_line_complete(line, cursor, &replica, &found);
	text_append_format(&out, "%.*s|", (int)found.from, line);
	for (size_t i = 0; i < found.count; i++)
		text_append_format(&out, "%s%s", i ? "," : "", found.items[i].text);
	completions_finish(&found);
	assert_string_equal(out.data, expected);
}

static void check_ways(const char *line, const char *expected)
{
	check_ways_at(line, strlen(line), expected);
}

#define READ "aa000000-0000-0000-0000-000000000000"
#define TEA  "ab000000-0000-0000-0000-000000000000"

static void test_words_are_completed(void **state)
{
	(void)state;
	check_ways("sta", "|start ");
	check_ways("  paus", "  |pause ");
	check_ways("start ", "start |session=,id=,key=,atMs=,ifVersion=");
	check_ways("start se", "start |session=");
	check_ways("start session=re", "start session=|" READ " ");
	check_ways("start session=\"re", "start session=|" READ " ");
	check_ways("start session=a", "start session=|" READ " ," TEA " ");
	check_ways("start session=" TEA " k", "start session=" TEA " |key=");
	check_ways("addSession kind=f", "addSession kind=|focus ");
	check_ways("addSession group=h", "addSession group=|ac000000-0000-0000-0000-000000000000 ");
	check_ways("addSession noGoal=t", "addSession noGoal=|true ");
	check_ways("addSession title=T", "addSession title=|");
	check_ways("help com", "help |command=");
	check_ways("help command=sta", "help command=|start ");
	check_ways("nothing x", "nothing |");
}

static void test_what_stands_behind_the_cursor_is_not_looked_at(void **state)
{
	(void)state;
	check_ways_at("start session=re", 3, "|start ");
	check_ways_at("start session=re", 8, "start |session=");
	check_ways_at("   start session=re", 4, "   |start ");
	/* Among the blanks before the first word: whatever a line may begin with. */
	struct replica replica = make_replica();
	for (size_t cursor = 0; cursor < 3; cursor++) {
		struct completions found;
		console_line_complete("   start session=re", cursor, &replica, &found);
		assert_int_equal(found.from, cursor);
		assert_true(found.count > 10);
		completions_finish(&found);
	}
}

static void test_json_is_completed(void **state)
{
	(void)state;
	check_ways("{", "{|\"type\":");
	check_ways("{\"ty", "{\"|type\":");
	check_ways("{\"type\":\"sta", "{\"type\":\"|start\"");
	check_ways("{\"type\":\"start\",\"ses", "{\"type\":\"start\",\"|session\":");
	check_ways("{\"type\":\"start\",\"session\":\"te", "{\"type\":\"start\",\"session\":\"|" TEA "\"");
	check_ways("{\"type\":\"addSession\",\"kind\":\"w", "{\"type\":\"addSession\",\"kind\":\"|work\"");
}

static void check_frame(const char *message, int columns, const char *expected)
{
	struct frame_style style = {.columns = columns};
	JSON_AUTO *tree = NULL;
	struct refusal why;
	TEXT_AUTO out = {0};
	assert_int_equal(json_parse(message, strlen(message), &tree, &why), OK);
	console_frame_append(&out, tree, &style);
	assert_string_equal(out.data, expected);
}

static void test_what_is_long_is_broken(void **state)
{
	(void)state;
	check_frame("{\"type\":\"live\",\"seq\":4}", 80, "{\"type\": \"live\", \"seq\": 4}\n");
	check_frame("{\"type\":\"live\",\"list\":[1,2,3],\"none\":[]}", 24,
		"{\n  \"type\": \"live\",\n  \"list\": [1, 2, 3],\n  \"none\": []\n}\n");
	check_frame("{\"list\":[{\"name\":\"a long one\"},{\"name\":\"b\"}]}", 30,
		"{\n  \"list\": [\n    {\"name\": \"a long one\"},\n    {\"name\": \"b\"}\n  ]\n}\n");
}

static void test_instants_have_their_time_of_day(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	check_frame("{\"atMs\":1795270156503,\"inMs\":5000}", 80,
		"{\"atMs\": 1795270156503 (14:09:16.503), \"inMs\": 5000}\n");
}

static void test_a_title_controls_no_terminal(void **state)
{
	(void)state;
	/* U+009B begins a control sequence; U+202E turns the writing's direction. */
	check_frame("{\"title\":\"a\xc2\x9b"
		    "2Jb\xe2\x80\xae"
		    "c\"}",
		80,
		"{\"title\": \"a\xef\xbf\xbd"
		"2Jb\xef\xbf\xbd"
		"c\"}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_goes_out_as_it_is),
		cmocka_unit_test(test_words_become_a_message),
		cmocka_unit_test(test_a_value_is_json_where_it_reads_as_json),
		cmocka_unit_test(test_words_are_completed),
		cmocka_unit_test(test_what_stands_behind_the_cursor_is_not_looked_at),
		cmocka_unit_test(test_json_is_completed),
		cmocka_unit_test(test_what_is_long_is_broken),
		cmocka_unit_test(test_instants_have_their_time_of_day),
		cmocka_unit_test(test_a_title_controls_no_terminal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
