/* The server's address: which ones there are, and what is in them. */
#include "examples/cli/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct address address_of(const char *url)
{
	struct address address;
	assert_true(address_parse(url, &address));
	return address;
}

static void it_is_taken_apart(void **state)
{
	(void)state;
	struct address plain = address_of("http://lockstep.example");
	assert_false(plain.encrypted);
	assert_int_equal(plain.port, 80);
	assert_string_equal(plain.host, "lockstep.example");
	assert_string_equal(plain.prefix, "");
	struct address whole = address_of("https://[::1]:8443/a/b//");
	assert_true(whole.encrypted);
	assert_int_equal(whole.port, 8443);
	assert_string_equal(whole.host, "::1");
	assert_string_equal(whole.header, "[::1]:8443");
	assert_string_equal(whole.prefix, "/a/b");
}

static void what_is_none_is_refused(void **state)
{
	(void)state;
	static const char *const urls[] = {"", "lockstep.example", "ftp://a", "http://", "http://:80",
		"http://a:", "http://a:0", "http://a:65536", "http://a:8x", "http://[::1", "http://me:word@a",
		"http://me@a", "http://a/?b", "http://a/#b", "http://a b", "http://a:80@b", "http://\u00e9"};
	struct address address;
	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++)
		assert_false(address_parse(urls[i], &address));
}

/* Whoever signs in elsewhere without https is warned. */
static void only_this_machine_is_here(void **state)
{
	(void)state;
	static const char *const here[] = {
		"http://localhost:8080", "http://127.0.0.1", "http://127.1.2.3:80", "http://[::1]/a"};
	static const char *const elsewhere[] = {"http://127.0.0.1.example.org", "http://127.example.org",
		"http://localhost.example.org", "http://10.0.0.1", "http://[::2]", "http://0.0.0.0"};
	for (size_t i = 0; i < sizeof(here) / sizeof(*here); i++) {
		struct address address = address_of(here[i]);
		assert_true(address_is_here(&address));
	}
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(*elsewhere); i++) {
		struct address address = address_of(elsewhere[i]);
		assert_false(address_is_here(&address));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_taken_apart),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(only_this_machine_is_here),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
