/* protocol/decode, whole messages: batch, auth, resume, time, help, and positions in a URL. */
#include "protocol/text.h"
#include "tests/support/decoding.h"

static void batches_are_read(void **state)
{
	(void)state;
	struct message message = accept(
		"{\"type\":\"batch\",\"id\":\"b\",\"commands\":["
		"{\"type\":\"resetAll\",\"id\":1},{\"type\":\"nope\",\"id\":2},{\"type\":\"getSnapshot\","
		"\"id\":3},"
		"{\"type\":\"batch\",\"id\":4},7,{\"type\":\"time\",\"t0\":1},{\"type\":\"start\"," S "}]}");
	static const enum err codes[] = {OK, ERR_UNKNOWN_COMMAND, ERR_BAD_REQUEST, ERR_UNKNOWN_COMMAND,
		ERR_BAD_JSON, ERR_UNKNOWN_COMMAND, OK};
	static const char *const ids[] = {"1", "2", "3", "4", "null", "null", "null"};
	assert_int_equal(message.type, MESSAGE_BATCH);
	assert_string_equal(message.id, "\"b\"");
	assert_int_equal(message.count, 7);
	for (size_t i = 0; i < message.count; i++) {
		assert_int_equal(message.commands[i].why.code, codes[i]);
		assert_string_equal(message.commands[i].command.id, ids[i]);
	}
	assert_string_equal(message.commands[2].why.field, "type");
	message_finish(&message);
}

static void batches_have_bounds(void **state)
{
	(void)state;
	for (int count = LIMIT_BATCH_COMMANDS; count <= LIMIT_BATCH_COMMANDS + 1; count++) {
		TEXT_AUTO text = {0};
		text_append_string(&text, "{\"type\":\"batch\",\"commands\":[");
		for (int i = 0; i < count; i++)
			text_append_string(&text, i ? ",{\"type\":\"resetAll\"}" : "{\"type\":\"resetAll\"}");
		text_append_string(&text, "]}");
		struct example example = {text.data, count > LIMIT_BATCH_COMMANDS ? "commands" : NULL};
		check_examples(&example, 1);
	}
	static const struct example examples[] = {
		{"{\"type\":\"batch\",\"commands\":[]}", "commands"},
		{"{\"type\":\"batch\",\"commands\":{}}", "commands"},
		{"{\"type\":\"batch\"}", "commands"},
		{"{\"type\":\"batch\",\"commands\":[{\"type\":\"resetAll\"}],\"key\":\"k\"}", "key"},
	};
	CHECK(examples);
}

static void auth_is_read(void **state)
{
	(void)state;
	struct message message = accept("{\"type\":\"auth\",\"id\":1,\"token\":\"a.b.c\",\"client\":{"
					"\"name\":\"laptop/firefox\",\"os\":1},"
					"\"resume\":{\"epoch\":\"9b2c\",\"seq\":1234,\"tag\":\"5f03a1c2\"}}");
	assert_int_equal(message.type, MESSAGE_AUTH);
	assert_string_equal(message.token, "a.b.c");
	assert_string_equal(message.client, "laptop/firefox");
	assert_true(message.position.given && message.position.has_tag);
	assert_string_equal(message.position.epoch, "9b2c");
	assert_int_equal(message.position.seq, 1234);
	assert_int_equal(message.position.tag, 0x5f03a1c2);
	message_finish(&message);

	message = accept("{\"type\":\"auth\",\"token\":\"t\",\"client\":{},\"resume\":null}");
	assert_string_equal(message.client, "");
	assert_false(message.position.given);
	message_finish(&message);
}

static void auth_is_checked(void **state)
{
	(void)state;
#define AUTH(more) "{\"type\":\"auth\",\"token\":\"t\"," more "}"
	static const struct example examples[] = {
		{"{\"type\":\"auth\"}", "token"},
		{"{\"type\":\"auth\",\"token\":\"\"}", "token"},
		{"{\"type\":\"auth\",\"token\":7}", "token"},
		{"{\"type\":\"auth\",\"token\":null}", "token"},
		{AUTH("\"key\":\"k\""), "key"},
		{AUTH("\"client\":\"x\""), "client"},
		{AUTH("\"client\":{\"name\":7}"), "client.name"},
		{AUTH("\"client\":{\"name\":null}"), NULL},
		{AUTH("\"resume\":[]"), "resume"},
		{AUTH("\"resume\":{}"), "epoch"},
		{AUTH("\"resume\":{\"epoch\":\"e\"}"), "seq"},
		{AUTH("\"resume\":{\"epoch\":\"e\",\"seq\":0,\"x\":1}"), "x"},
	};
	CHECK(examples);
}

static void auth_has_bounds(void **state)
{
	static const struct {
		int token, name;
		const char *field;
	} rows[] = {{8192, LIMIT_CLIENT_NAME_CHARS, NULL}, {8193, 1, "token"},
		{1, LIMIT_CLIENT_NAME_CHARS + 1, "client.name"}};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		TEXT_AUTO text = {0};
		text_append_string(&text, "{\"type\":\"auth\",\"token\":\"");
		for (int n = 0; n < rows[i].token; n++)
			text_append_string(&text, "x");
		text_append_string(&text, "\",\"client\":{\"name\":\"");
		for (int n = 0; n < rows[i].name; n++)
			text_append_string(&text, "😀");
		text_append_string(&text, "\"}}");
		struct example example = {text.data, rows[i].field};
		check_examples(&example, 1);
	}
}

static void positions_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *text, *epoch;
		bool has_tag;
	} rows[] = {
		{"\"epoch\":\"0123456789abcdef0123456789abcdef\",\"seq\":0",
			"0123456789abcdef0123456789abcdef", false},
		{"\"epoch\":\"9b2c\",\"seq\":5,\"tag\":\"0000000A\"", "9b2c", true},
		{"\"epoch\":\"9b2c\",\"seq\":5,\"tag\":null", "9b2c", false},
		{"\"epoch\":\"9b2c\",\"seq\":5,\"tag\":\"xyz\"", "?", false},
		{"\"epoch\":\"9b2c\",\"seq\":5,\"tag\":\"\"", "?", false},
		{"\"epoch\":\"9b2c\",\"seq\":5,\"tag\":\"123456789\"", "?", false},
		{"\"epoch\":\"\",\"seq\":5", "?", false},
		{"\"epoch\":\"a b\",\"seq\":5", "?", false},
		{"\"epoch\":\"0123456789abcdef0123456789abcdef0\",\"seq\":5", "?", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		TEXT_AUTO text = {0};
		text_append_format(&text, "{\"type\":\"resume\",\"id\":1,%s}", rows[i].text);
		struct message message = accept(text.data);
		assert_int_equal(message.type, MESSAGE_RESUME);
		assert_true(message.position.given);
		assert_string_equal(message.position.epoch, rows[i].epoch);
		assert_int_equal(message.position.has_tag, rows[i].has_tag);
		message_finish(&message);
	}
	static const struct example examples[] = {
		{"{\"type\":\"resume\",\"seq\":1}", "epoch"},
		{"{\"type\":\"resume\",\"epoch\":1,\"seq\":1}", "epoch"},
		{"{\"type\":\"resume\",\"epoch\":"
		 "\"12345678901234567890123456789012345678901234567890123456789012345\","
		 "\"seq\":1}",
			"epoch"},
		{"{\"type\":\"resume\",\"epoch\":\"e\"}", "seq"},
		{"{\"type\":\"resume\",\"epoch\":\"e\",\"seq\":-1}", "seq"},
		{"{\"type\":\"resume\",\"epoch\":\"e\",\"seq\":1.5}", "seq"},
		{"{\"type\":\"resume\",\"epoch\":\"e\",\"seq\":\"1\"}", "seq"},
		{"{\"type\":\"resume\",\"epoch\":\"e\",\"seq\":1,\"tag\":7}", "tag"},
		{"{\"type\":\"resume\",\"epoch\":\"e\",\"seq\":1,\"token\":\"t\"}", "token"},
	};
	CHECK(examples);
}

static void positions_are_read_from_a_url(void **state)
{
	(void)state;
	static const struct {
		const char *epoch, *seq, *tag, *field;
	} rows[] = {{"e", "0", NULL, NULL}, {"e", "9007199254740991", "5f03a1c2", NULL},
		{NULL, "1", NULL, "epoch"}, {"e", NULL, NULL, "seq"}, {"e", "", NULL, "seq"},
		{"e", "-1", NULL, "seq"}, {"e", "1x", NULL, "seq"}, {"e", "9007199254740992", NULL, "seq"},
		{"e", "99999999999999999999", NULL, "seq"}, {"e", "1", "zz", NULL}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct position position = {0};
		struct refusal why = {0};
		enum err err = decode_position(rows[i].epoch, rows[i].seq, rows[i].tag, &position, &why);
		assert_int_equal(err, rows[i].field ? ERR_BAD_REQUEST : OK);
		assert_string_equal(why.field, rows[i].field ? rows[i].field : "");
		assert_int_equal(position.given, !rows[i].field);
	}
}

static void time_echoes_its_number(void **state)
{
	(void)state;
	static const char *const same[] = {"0", "-5", "1700000000123", "9007199254740991", "0.1", "1234.5678",
		"1e+300", "0.30000000000000004", "-1.5e-300"};
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		TEXT_AUTO text = {0};
		text_append_format(&text, "{\"type\":\"time\",\"id\":3,\"t0\":%s}", same[i]);
		struct message message = accept(text.data);
		assert_int_equal(message.type, MESSAGE_TIME);
		assert_string_equal(message.t0, same[i]);
		assert_string_equal(message.id, "3");
		message_finish(&message);
	}
	static const struct example examples[] = {
		{"{\"type\":\"time\"}", "t0"},
		{"{\"type\":\"time\",\"t0\":\"1\"}", "t0"},
		{"{\"type\":\"time\",\"t0\":null}", "t0"},
		{"{\"type\":\"time\",\"t0\":1,\"t1\":2}", "t1"},
	};
	CHECK(examples);
}

static void help_is_read(void **state)
{
	(void)state;
	struct message message = accept("{\"type\":\"help\",\"id\":9}");
	assert_int_equal(message.type, MESSAGE_HELP);
	assert_string_equal(message.help, "");
	message_finish(&message);
	message = accept("{\"type\":\"help\",\"command\":\"start\"}");
	assert_string_equal(message.help, "start");
	message_finish(&message);
	static const struct example examples[] = {
		{"{\"type\":\"help\",\"command\":\"\"}", "command"},
		{"{\"type\":\"help\",\"command\":1}", "command"},
		{"{\"type\":\"help\",\"command\":"
		 "\"1234567890123456789012345678901234567890123456789012345678901234\"}",
			"command"},
		{"{\"type\":\"help\",\"name\":\"start\"}", "name"},
	};
	CHECK(examples);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(batches_are_read),
		cmocka_unit_test(batches_have_bounds),
		cmocka_unit_test(auth_is_read),
		cmocka_unit_test(auth_is_checked),
		cmocka_unit_test(auth_has_bounds),
		cmocka_unit_test(positions_are_read),
		cmocka_unit_test(positions_are_read_from_a_url),
		cmocka_unit_test(time_echoes_its_number),
		cmocka_unit_test(help_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
