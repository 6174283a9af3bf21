/* Addresses: which have the form of one, and which may be asked for keys. */
#include "server/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void only_web_addresses_have_the_form(void **state)
{
	static const char *const good[] = {"https://a", "http://a/", "https://a.example.org:8443/x?y=z&w=%20",
		"HTTPS://A", "https://[::1]:80/x", "https://a/me@b", "http://10.0.0.1"};
	static const char *const bad[] = {"", "a", "https:", "https://", "https:///x", "https://:80",
		"ftp://a", "file:///etc/passwd", "https://a:", "https://a:x", "https://a:123456",
		"https://a b", "https://a/x y", "https://a/\n", "https://a/\x7f", "https://a/\xc3\xa9",
		"https://me@a", "https://me:secret@a", "https://127.0.0.1:80@a", "https://a#x",
		"https://a/#x", "https://a\\b", "https://a/\\b", "https://[::1", "https://[]", "https://[x]",
		"//a", " https://a"};
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		if (!url_is_web(good[i]))
			fail_msg("%s", good[i]);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (url_is_web(bad[i]) || url_may_be_asked(bad[i]))
			fail_msg("%s", bad[i]);
	}
}

static void only_this_machine_is_asked_unencrypted(void **state)
{
	static const char *const good[] = {"https://a", "https://10.0.0.1", "http://localhost",
		"http://localhost:80/x", "http://127.0.0.1:8080/keys", "http://127.3.4.5", "http://[::1]:80"};
	static const char *const bad[] = {"http://a", "http://10.0.0.1", "http://localhost.example.org",
		"http://127.0.0.1.example.org", "http://127.1", "http://2130706433", "http://0x7f.0.0.1",
		"http://[::]", "http://[::ffff:10.0.0.1]", "http://0.0.0.0", "http://128.0.0.1",
		"http://127.0.0.1:80@example.org"};
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		if (!url_may_be_asked(good[i]))
			fail_msg("%s", good[i]);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (url_may_be_asked(bad[i]))
			fail_msg("%s", bad[i]);
	}
	assert_true(url_is_encrypted("https://a") && url_is_encrypted("HTTPS://a"));
	assert_false(url_is_encrypted("http://a"));
}

static void only_an_origin_has_nothing_behind_it(void **state)
{
	static const char *const good[] = {"http://localhost", "http://127.0.0.1:9099", "http://[::1]:80"};
	static const char *const bad[] = {"", "http://", "127.0.0.1:9099", "https://127.0.0.1", "http://a",
		"http://127.0.0.1/", "http://127.0.0.1:9099/x", "http://127.0.0.1?x", "http://127.0.0.1;x",
		"http://127.0.0.1 x", "http://me@127.0.0.1"};
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		if (!url_is_loopback_origin(good[i]))
			fail_msg("%s", good[i]);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (url_is_loopback_origin(bad[i]))
			fail_msg("%s", bad[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_web_addresses_have_the_form),
		cmocka_unit_test(only_this_machine_is_asked_unencrypted),
		cmocka_unit_test(only_an_origin_has_nothing_behind_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
