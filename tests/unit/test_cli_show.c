/* examples/cli/watch_format, watch_bars, show, clean and address: what is printed, and what must never be. */
#include "examples/cli/address.h"
#include "examples/cli/clean.h"
#include "examples/cli/pick.h"
#include "examples/cli/show.h"
#include "examples/cli/watch_format.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1000000)

static struct session sessions[3];
static struct replica replica;

/* One that runs since two seconds, one that has run, one that never did. */
static struct watch_view view_of_all(void)
{
	sessions[0] = (struct session){
		.state = STATE_RUNNING, .initial_ms = 1500000, .running_since_ms = NOW - 2000};
	sessions[1] = (struct session){.initial_ms = 240000, .elapsed_ms = 60500, .updated_at_ms = 5};
	sessions[2] = (struct session){.initial_ms = SESSION_NO_LENGTH, .updated_at_ms = 3};
	snprintf(sessions[0].title, sizeof(sessions[0].title), "Read");
	snprintf(sessions[1].title, sizeof(sessions[1].title), "Tea");
	for (int i = 0; i < 3; i++)
		sessions[i].id.bytes[15] = (uint8_t)(i + 1);
	replica = (struct replica){.known = true, .sessions = sessions, .session_count = 3};
	return (struct watch_view){.replica = &replica,
		.phase = LINK_LIVE,
		.why = "revoked",
		.now_ms = NOW,
		.lost_ms = NOW - 1000,
		.since = "14:02"};
}

static void assert_line(const char *format, const struct watch_view *view, const char *expected)
{
	TEXT_AUTO out = {0};
	watch_format_find(format)->append(&out, view);
	assert_string_equal(out.data, expected);
}

static void assert_clock(const struct session *session, int64_t now_ms, const char *expected)
{
	TEXT_AUTO out = {0};
	show_clock(&out, show_seconds(session, now_ms));
	assert_string_equal(out.data, expected);
}

/* What is left is rounded up and what has gone by down, so that both change at a whole second and the last
 * second ends with the session. */
static void test_clock(void **state)
{
	struct session left = {.state = STATE_RUNNING, .initial_ms = 3601000};
	struct session up = {.state = STATE_RUNNING, .initial_ms = SESSION_NO_LENGTH};
	(void)state;
	assert_clock(&left, 0, "1:00:01");
	assert_clock(&left, 1, "1:00:01");
	assert_clock(&left, 1000, "1:00:00");
	assert_clock(&left, 1001, "1:00:00");
	assert_clock(&left, 2000, "59:59");
	assert_clock(&left, 3600999, "0:01");
	assert_clock(&left, 3601000, "0:00");
	assert_clock(&left, 4000000, "0:00");
	assert_clock(&up, 999, "0:00");
	assert_clock(&up, 1000, "0:01");
	assert_int_equal(show_next_ms(&left, 0), 1000);
	assert_int_equal(show_next_ms(&left, 999), 1000);
	assert_int_equal(show_next_ms(&left, 1000), 2000);
	assert_int_equal(show_next_ms(&left, 3601000), 0);
	assert_int_equal(show_next_ms(&up, 999), 1000);
	assert_int_equal(show_next_ms(&up, 1000), 2000);
	left.state = STATE_PAUSED;
	assert_int_equal(show_next_ms(&left, 0), 0);
	for (int64_t now_ms = 0; now_ms < 5000; now_ms += 7) {
		left.state = STATE_RUNNING;
		int64_t next_ms = show_next_ms(&left, now_ms);
		assert_int_equal(show_seconds(&left, next_ms - 1), show_seconds(&left, now_ms));
		assert_int_not_equal(show_seconds(&left, next_ms), show_seconds(&left, now_ms));
	}
}

static void test_plain(void **state)
{
	struct watch_view view = view_of_all();
	(void)state;
	assert_line("plain", &view, "Read 24:58");
	view.phase = LINK_OFFLINE;
	assert_line("plain", &view, "offline since 14:02, last: Read 24:59");
	view.phase = LINK_REFUSED;
	assert_line("plain", &view, "refused since 14:02 (revoked), last: Read 24:59");
	view.phase = LINK_LIVE;
	sessions[2].state = STATE_RUNNING;
	sessions[2].running_since_ms = NOW - 5000;
	assert_line("plain", &view, "Read 24:58 +1");
	sessions[0].state = sessions[2].state = STATE_PAUSED;
	assert_line("plain", &view, "⏸ Tea 3:00");
	sessions[0].status = STATUS_COMPLETED;
	sessions[0].ended_at_ms = NOW - 10;
	assert_line("plain", &view, "✔ Read 25:00");
	assert_int_equal(watch_next_ms(watch_format_find("plain"), &view), NOW - 10 + PICK_DONE_MS);
	assert_int_equal(watch_next_ms(watch_format_find("json"), &view), 0);
	replica.session_count = 0;
	assert_line("plain", &view, "–");
	replica.known = false;
	view.phase = LINK_CONNECTING;
	assert_line("plain", &view, "connecting");
	view.phase = LINK_OFFLINE;
	assert_line("plain", &view, "offline since 14:02");
	assert_null(watch_format_find("plai"));
}

static void test_json(void **state)
{
	struct watch_view view = view_of_all();
	(void)state;
	replica.session_count = 1;
	snprintf(replica.user.user_id, sizeof(replica.user.user_id), "alice");
	assert_line("json", &view,
		"{\"phase\":\"live\",\"userName\":\"alice\",\"nowMs\":1000000,\"sessions\":[{\"id\":"
		"\"00000000-0000-0000-0000-000000000001\",\"kind\":\"timer\",\"title\":\"Read\",\"group\":"
		"null,"
		"\"state\":\"RUNNING\",\"status\":\"active\",\"initialSeconds\":1500,\"leftSeconds\":1498,"
		"\"elapsedSeconds\":2,\"targetTimeMs\":2498000,\"trackedSeconds\":2,\"goalMinutes\":null}],"
		"\"current\":\"00000000-0000-0000-0000-000000000001\",\"next\":null}");
}

static void test_bars(void **state)
{
	struct watch_view view = view_of_all();
	(void)state;
	assert_line("waybar", &view,
		"{\"text\":\"▶ Read 24:58\",\"tooltip\":\"Read "
		"24:58\",\"alt\":\"running\",\"class\":[\"running\"],"
		"\"percentage\":0}");
	assert_line("polybar", &view, "▶ Read 24:58");
	assert_line("tmux", &view, "▶ Read 24:58");
	view.phase = LINK_OFFLINE;
	assert_line("waybar", &view,
		"{\"text\":\"⚠ ▶ Read 24:58\",\"tooltip\":\"offline since 14:02\\nRead "
		"24:58\",\"alt\":\"offline\","
		"\"class\":[\"offline\"],\"percentage\":0}");
	assert_line("polybar", &view, "%{F#e06c75}⚠ ▶ Read 24:58%{F-}");
	assert_line("tmux", &view, "#[fg=#e06c75]⚠ ▶ Read 24:58#[default]");
	view.phase = LINK_LIVE;
	sessions[0].state = STATE_PAUSED;
	assert_line("waybar", &view,
		"{\"text\":\"⏸ Tea 3:00\",\"tooltip\":\"Tea "
		"3:00\",\"alt\":\"paused\",\"class\":[\"paused\"],"
		"\"percentage\":25}");
	replica.session_count = 0;
	assert_line("waybar", &view,
		"{\"text\":\"–\",\"tooltip\":\"\",\"alt\":\"idle\",\"class\":[\"idle\"],\"percentage\":0}");
	replica.known = false;
	view.phase = LINK_REFUSED;
	assert_line("polybar", &view, "%{F#e06c75}⚠ refused%{F-}");
}

/* Bars cut from the right, where the time is. */
static void test_long_titles(void **state)
{
	struct watch_view view = view_of_all();
	(void)state;
	snprintf(sessions[0].title, sizeof(sessions[0].title), "Écrire un livre sur les machines");
	assert_line("tmux", &view, "▶ Écrire un livre sur les machines 24:58");
	snprintf(sessions[0].title, sizeof(sessions[0].title), "Écrire des livres sur les machines");
	assert_line("tmux", &view, "▶ Écrire des livres sur les machi… 24:58");
	assert_line("polybar", &view, "▶ Écrire des livres sur les machi… 24:58");
	assert_line("waybar", &view,
		"{\"text\":\"▶ Écrire des livres sur les machi… 24:58\","
		"\"tooltip\":\"Écrire des livres sur les machines 24:58\","
		"\"alt\":\"running\",\"class\":[\"running\"],\"percentage\":0}");
}

/* A title is other people's text: it writes no markup. */
static void test_escaping(void **state)
{
	struct watch_view view = view_of_all();
	(void)state;
	sessions[0].initial_ms = 2000;
	snprintf(sessions[0].title, sizeof(sessions[0].title), "<b>&\"'%%{F-}%%%%{##[x]#(y)\\");
	assert_line("polybar", &view, "▶ <b>&\"'% {F-}%% {##[x]#(y)\\ 0:00");
	assert_line("tmux", &view, "▶ <b>&\"'%{F-}%%{####[x]##(y)\\ 0:00");
	assert_line("waybar", &view,
		"{\"text\":\"▶ &lt;b&gt;&amp;&quot;&#39;%{F-}%%{##[x]#(y)\\\\ 0:00\","
		"\"tooltip\":\"&lt;b&gt;&amp;&quot;&#39;%{F-}%%{##[x]#(y)\\\\ 0:00\","
		"\"alt\":\"running\",\"class\":[\"running\"],\"percentage\":100}");
	/* Not with what the bar itself writes behind it, either. */
	snprintf(sessions[0].title, sizeof(sessions[0].title), "100%%");
	assert_line("polybar", &view, "▶ 100% 0:00");
}

static void test_clean(void **state)
{
	static const struct {
		const char *text, *clean;
	} rows[] = {
		{"Read", "Read"},
		{"Écrire 茶 🍵", "Écrire 茶 🍵"},
		{"a\033[2Jb", "a\uFFFD[2Jb"},
		{"\t\r\n\177", "\uFFFD\uFFFD\uFFFD\uFFFD"},
		{"\xc2\x9b", "\uFFFD"},                             /* CSI in one */
		{"a\u202eb\u2066c\u2028", "a\uFFFDb\uFFFDc\uFFFD"}, /* turned around */
		{"\xff\xc3", "\uFFFD\uFFFD"},
		{"\xc0\x9b", "\uFFFD\uFFFD"}, /* an escape, written too long */
		{"\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},
		{"\uFFFD", "\uFFFD"},
	};
	char room[8];
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		TEXT_AUTO out = {0};
		clean_append(&out, rows[i].text);
		assert_string_equal(out.data, rows[i].clean);
	}
	clean_copy("", room, sizeof(room));
	assert_string_equal(room, "");
	clean_copy("abcdef\u00e9", room, sizeof(room)); /* one byte too many */
	assert_string_equal(room, "abcdef");
	assert_true(clean_is_utf8("Écrire \uFFFD"));
	assert_false(clean_is_utf8("Ecri\xe9re"));
	assert_false(clean_is_utf8("\xff"));
}

static void test_table(void **state)
{
	struct table table = {.width = 3, .right = 1 << 2};
	TEXT_AUTO wide = {0}, narrow = {0};
	static const char *const cells[] = {
		"TITLE", "", "LEFT", "茶", "x", "4:00", "A long title it is", "", ""};
	(void)state;
	for (size_t i = 0; i < 9; i++)
		table_add(&table, cells[i]);
	table_append(&table, 100, &wide);
	assert_string_equal(wide.data, "TITLE                  LEFT\n"
				       "茶                  x  4:00\n"
				       "A long title it is\n");
	table_append(&table, 20, &narrow);
	assert_string_equal(narrow.data, "TITLE           LEFT\n"
					 "茶           x  4:00\n"
					 "A long tit…\n");
	table_finish(&table);
}

static void test_address(void **state)
{
	static const struct {
		const char *url, *host, *header, *prefix;
		int port;
		bool encrypted;
	} rows[] = {
		{"http://127.0.0.1:8080", "127.0.0.1", "127.0.0.1:8080", "", 8080, false},
		{"https://example.org", "example.org", "example.org", "", 443, true},
		{"https://example.org:444/lock/", "example.org", "example.org:444", "/lock", 444, true},
		{"http://[::1]:80/", "::1", "[::1]:80", "", 80, false},
		{"http://[fe80::1]", "fe80::1", "[fe80::1]", "", 80, false},
	};
	static const char *const none[] = {"", "localhost:8080", "ftp://x", "http://", "http://:80",
		"http://a:0", "http://a:65536", "http://a:x", "http://me:secret@a", "http://a@b",
		"http://a/?q", "http://a#f", "http://[::1", "http://[]", "http://a b", "http://a\n",
		"http://é", "http://a:80x", "http://a:"};
	struct address address;
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(address_parse(rows[i].url, &address));
		assert_string_equal(address.host, rows[i].host);
		assert_string_equal(address.header, rows[i].header);
		assert_string_equal(address.prefix, rows[i].prefix);
		assert_int_equal(address.port, rows[i].port);
		assert_int_equal(address.encrypted, rows[i].encrypted);
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		if (address_parse(none[i], &address))
			fail_msg("%s is taken for an address", none[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_bars),
		cmocka_unit_test(test_long_titles),
		cmocka_unit_test(test_escaping),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_address),
	};
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
