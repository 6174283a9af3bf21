/* tests/bench/load: what each peer says is read as Lockstep's messages, however its bytes are cut. */
#include "tests/bench/load/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define TEXT_OF(string) string, sizeof(string) - 1

static const char published[] = "HTTP/1.1 201 Created\r\nServer: n\r\nContent-Length: 3\r\n\r\nok\n";

static const struct {
	const char *peer;
	const char *bytes;
	size_t len;
	enum frame_kind kind;
	const char *payload; /* NULL: does not matter */
} messages[] = {
	{"lockstep", TEXT_OF("\x81\x02{}"), FRAME_TEXT, "{}"},
	{"socket.io",
		TEXT_OF("\x81\x0d"
			"42[\"told\",{}]"),
		FRAME_TEXT, "{}"},
	{"socket.io",
		TEXT_OF("\x81\x0c"
			"0{\"sid\":\"a\"}"),
		FRAME_PING, NULL},
	{"socket.io",
		TEXT_OF("\x81\x0d"
			"40{\"sid\":\"a\"}"),
		FRAME_OTHER, NULL},
	{"socket.io",
		TEXT_OF("\x81\x01"
			"2"),
		FRAME_PING, "2"},
	{"mqtt", TEXT_OF("\x20\x02\0\0"), FRAME_OTHER, NULL},
	{"mqtt", TEXT_OF("\x90\x03\0\x01\0"), FRAME_TEXT, PEER_LIVE},
	{"mqtt", TEXT_OF("\x30\x05\0\x01t{}"), FRAME_TEXT, "{}"},
	{"nats", TEXT_OF("INFO {}\r\n"), FRAME_OTHER, NULL},
	{"nats", TEXT_OF("PING\r\n"), FRAME_PING, NULL},
	{"nats", TEXT_OF("PONG\r\n"), FRAME_TEXT, PEER_LIVE},
	{"nats", TEXT_OF("MSG channel.0 1 4\r\n{\r\n}\r\n"), FRAME_TEXT, "{\r\n}"},
	{"nchan", TEXT_OF("\x81\x02{}"), FRAME_TEXT, "{}"},
	{"nchan", TEXT_OF(published), FRAME_OTHER, NULL},
};

static void test_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		const struct peer *peer = peer_find(messages[i].peer);
		struct frame frame;
		for (size_t part = 0; part < messages[i].len; part++) {
			assert_true(peer->read(messages[i].bytes, part, &frame));
			assert_int_equal(frame.size, 0);
		}
		assert_true(peer->read(messages[i].bytes, messages[i].len, &frame));
		assert_int_equal(frame.size, messages[i].len);
		assert_int_equal(frame.kind, messages[i].kind);
		if (!messages[i].payload)
			continue;
		assert_int_equal(frame.len, strlen(messages[i].payload));
		assert_memory_equal(frame.payload, messages[i].payload, frame.len);
	}
}

static void test_refused(void **state)
{
	(void)state;
	static const struct {
		const char *peer, *bytes;
		size_t len;
	} refusals[] = {
		{"socket.io", TEXT_OF("\x81\x0f"
				      "44{\"message\":1}")},
		{"mqtt", TEXT_OF("\x20\x02\0\x05")},
		{"mqtt", TEXT_OF("\x90\x03\0\x01\x80")},
		{"nats", TEXT_OF("-ERR 'Unknown Protocol Operation'\r\n")},
		{"nchan", TEXT_OF("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")},
	};
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct frame frame;
		assert_false(peer_find(refusals[i].peer)->read(refusals[i].bytes, refusals[i].len, &frame));
	}
}

static const struct {
	const char *peer;
	enum frame_kind kind;
	const char *said, *bytes;
	size_t len;
} words[] = {
	{"socket.io", FRAME_TEXT, "{}",
		TEXT_OF("\x81\x90\0\0\0\0"
			"42[\"command\",{}]")},
	{"socket.io", FRAME_PONG, "0{}",
		TEXT_OF("\x81\x82\0\0\0\0"
			"40")},
	{"socket.io", FRAME_PONG, "2",
		TEXT_OF("\x81\x81\0\0\0\0"
			"3")},
	{"mqtt", FRAME_TEXT, "{}",
		TEXT_OF("\x30\x0d\0\x09"
			"channel/7{}")},
	{"nats", FRAME_TEXT, "{}", TEXT_OF("PUB channel.7 2\r\n{}\r\n")},
	{"nats", FRAME_PONG, "", TEXT_OF("PONG\r\n")},
	{"nchan", FRAME_TEXT, "{}",
		TEXT_OF("POST /publish/7 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n{}")},
};

static void test_append(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		TEXT_AUTO out = {0};
		struct peer_word word = {.user = 7,
			.kind = words[i].kind,
			.bytes = words[i].said,
			.len = strlen(words[i].said)};
		peer_find(words[i].peer)->append(&out, &word);
		assert_int_equal(out.len, words[i].len);
		assert_memory_equal(out.data, words[i].bytes, out.len);
	}
}

static void test_events_are_of_one_length(void **state)
{
	(void)state;
	static const int64_t numbers[] = {0, 1, 99, 1000000};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		TEXT_AUTO out = {0};
		peer_append_event(&out, numbers[i]);
		assert_int_equal(out.len, PEER_EVENT_BYTES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_events_are_of_one_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
