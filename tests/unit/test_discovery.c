/* What an OpenID provider may say of itself, and what is not believed. */
#include "server/discovery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void the_document_lies_below_the_issuer(void **state)
{
	static const char *const rows[][2] = {
		{"https://a", "https://a/.well-known/openid-configuration"},
		{"https://a/", "https://a/.well-known/openid-configuration"},
		{"https://a/realms/x", "https://a/realms/x/.well-known/openid-configuration"},
		{"https://a/realms/x/", "https://a/realms/x/.well-known/openid-configuration"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *address = discovery_address(rows[i][0]);
		assert_string_equal(address, rows[i][1]);
		free(address);
	}
}

static void it_says_where_the_keys_are(void **state)
{
	static const char *const rows[][3] = {
		{"{\"issuer\":\"https://a\",\"jwks_uri\":\"https://a/"
		 "keys\",\"scopes_supported\":[\"openid\"]}",
			"https://a", "https://a/keys"},
		{"{\"issuer\":\"https://a/\",\"jwks_uri\":\"https://b/keys?x=1\"}", "https://a/",
			"https://b/keys?x=1"},
		{"{\"issuer\":\"http://127.0.0.1:1\",\"jwks_uri\":\"http:\\/\\/127.0.0.1:2/\"}",
			"http://127.0.0.1:1", "http://127.0.0.1:2/"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct refusal why;
		char *keys;
		assert_int_equal(discovery_read(rows[i][0], strlen(rows[i][0]), rows[i][1], &keys, &why), OK);
		assert_string_equal(keys, rows[i][2]);
		free(keys);
	}
}

static void what_is_not_the_issuers_own_is_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"<html>",
		"[]",
		"null",
		"{}",
		"{\"issuer\":\"https://a\"}",
		"{\"jwks_uri\":\"https://a/keys\"}",
		"{\"issuer\":\"https://a/\",\"jwks_uri\":\"https://a/keys\"}",
		"{\"issuer\":\"https://A\",\"jwks_uri\":\"https://a/keys\"}",
		"{\"issuer\":\"https://b\",\"jwks_uri\":\"https://a/keys\"}",
		"{\"issuer\":[\"https://a\"],\"jwks_uri\":\"https://a/keys\"}",
		"{\"Issuer\":\"https://a\",\"jwks_uri\":\"https://a/keys\"}",
		"{\"issuer\":\"https://a\",\"jwks_uri\":1}",
		"{\"issuer\":\"https://a\",\"jwks_uri\":\"\"}",
		"{\"issuer\":\"https://a\",\"jwks_uri\":\"/keys\"}",
		"{\"issuer\":\"https://a\",\"jwks_uri\":\"http://a/keys\"}",
		"{\"issuer\":\"https://a\",\"jwks_uri\":\"http://127.0.0.1/keys\"}",
		"{\"issuer\":\"https://a\",\"jwks_uri\":\"file:///etc/passwd\"}",
		"{\"issuer\":\"https://a\",\"jwks_uri\":\"https://me@a/keys\"}",
		"{\"issuer\":\"https://a\",\"jwks_uri\":\"https://a/keys\"} x",
		"{\"issuer\":\"https://b\",\"issuer\":\"https://a\",\"jwks_uri\":\"https://a/keys\"}",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct refusal why = {0};
		char *keys = NULL;
		if (discovery_read(rows[i], strlen(rows[i]), "https://a", &keys, &why) != ERR_BAD_REQUEST ||
			keys || !*why.message)
			fail_msg("%s", rows[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_document_lies_below_the_issuer),
		cmocka_unit_test(it_says_where_the_keys_are),
		cmocka_unit_test(what_is_not_the_issuers_own_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
