/* Options: which source wins, what each may be, and what is told when it isn't. */
#include "server/options_show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define ARGUMENTS_MAX 32

static char *const no_environment[] = {NULL};

/* Arguments are separated by single blanks. */
static int read_all(const char *arguments, char *const *environment, struct options *ret, char ret_why[256])
{
	char text[512];
	char *argv[ARGUMENTS_MAX] = {(char *)"lockstepd"}, *rest;
	int argc = 1;
	snprintf(text, sizeof(text), "%s", arguments);
	for (char *at = strtok_r(text, " ", &rest); at; at = strtok_r(NULL, " ", &rest))
		argv[argc++] = at;
	assert_true(argc < ARGUMENTS_MAX);
	return options_read(argc, argv, environment, ret, ret_why);
}

static struct options accept(const char *arguments)
{
	struct options options;
	char why[256] = "";
	if (read_all(arguments, no_environment, &options, why))
		fail_msg("%s: %s", arguments, why);
	return options;
}

static void expect(const char *arguments, int exit_code, const char *told)
{
	struct options options;
	char why[256] = "";
	int got = read_all(arguments, no_environment, &options, why);
	if (!got)
		options_finish(&options);
	if (got != exit_code || !strstr(why, told) || strchr(why, '\n'))
		fail_msg("%s: exit %d: %s", arguments, got, why);
}

/* A file that is gone after the test. */
static char path[] = "/tmp/lockstep-options-XXXXXX";

static int make_file(void **state)
{
	(void)state;
	int fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_file(const char *content)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(content, file);
	fclose(file);
}

static const char *with_config(const char *more)
{
	static char arguments[256];
	snprintf(arguments, sizeof(arguments), "--config %s %s", path, more);
	return arguments;
}

static void defaults_are_the_documented_ones(void **state)
{
	(void)state;
	struct options options = accept("");
	assert_int_equal(options.listen.count, 1);
	assert_string_equal(options.listen.items[0], "127.0.0.1:8080");
	assert_string_equal(options.db, "lockstep.db");
	assert_null(options.web);
	assert_true(options.local_issuer);
	assert_null(options.metrics);
	assert_false(options.dev || options.check || options.help || options.version || options.log_json);
	assert_int_equal(options.max_timers, 500);
	assert_int_equal(options.max_groups, 200);
	assert_int_equal(options.max_sockets, 10000);
	assert_int_equal(options.max_sockets_user, 32);
	assert_int_equal(options.max_sockets_address, 64);
	assert_false(options.spares_loopback);
	assert_int_equal(options.max_unauthenticated, 256);
	assert_int_equal(options.max_message, 65536);
	assert_int_equal(options.max_outbox, 262144);
	assert_int_equal(options.max_replay_events, 500);
	assert_int_equal(options.max_replay_bytes, 262144);
	assert_int_equal(options.rate_commands, 20);
	assert_int_equal(options.rate_burst, 60);
	assert_int_equal(options.max_queue, 16384);
	assert_int_equal(options.keep_events_days, 90);
	assert_int_equal(options.log_level, LOG_LEVEL_INFO);
	assert_int_equal(options.auth_timeout_ms, 10000);
	assert_int_equal(options.heartbeat_ms, 25000);
	options_finish(&options);
}

static void flags_set_what_they_name(void **state)
{
	(void)state;
	struct options options =
		accept("--db x.db --web=page --max-timers 7 --rate-commands 5 --max-replay 10/2000"
		       " --log-format json --log-level debug --local-issuer off");
	assert_string_equal(options.db, "x.db");
	assert_string_equal(options.web, "page");
	assert_int_equal(options.max_timers, 7);
	assert_int_equal(options.rate_commands, 5);
	assert_int_equal(options.rate_burst, 15);
	assert_int_equal(options.max_replay_events, 10);
	assert_int_equal(options.max_replay_bytes, 2000);
	assert_true(options.log_json);
	assert_int_equal(options.log_level, LOG_LEVEL_DEBUG);
	assert_false(options.local_issuer);
	options_finish(&options);
	options = accept("--rate-commands 5/6 --check --max-timers 1 --max-timers 2");
	assert_int_equal(options.rate_burst, 6);
	assert_int_equal(options.max_timers, 2);
	assert_true(options.check);
	options_finish(&options);
}

static void flags_override_environment_overrides_file(void **state)
{
	char *const environment[] = {(char *)"HOME=/", (char *)"LOCKSTEP_MAX_TIMERS=2",
		(char *)"LOCKSTEP_MAX_GROUPS=2", (char *)"LOCKSTEP_LISTEN=127.0.0.1:1,unix:/b",
		(char *)"LOCKSTEP_TOKEN=a-client's", NULL};
	struct options options;
	char why[256];
	(void)state;
	write_file("# a comment\nmax-timers = 1\nmax-groups = 1\nmax-message = 5000 ; another\n"
		   "listen = 127.0.0.1:7\norigin = https://a\norigin = https://b\n");
	if (read_all(with_config("--max-timers 3"), environment, &options, why))
		fail_msg("%s", why);
	assert_int_equal(options.max_timers, 3);
	assert_int_equal(options.max_groups, 2);
	assert_int_equal(options.max_message, 5000);
	assert_int_equal(options.listen.count, 2);
	assert_string_equal(options.listen.items[0], "127.0.0.1:1");
	assert_string_equal(options.listen.items[1], "unix:/b");
	assert_int_equal(options.origins.count, 2);
	assert_string_equal(options.origins.items[1], "https://b");
	options_finish(&options);
}

static void lists_of_one_source_add_up(void **state)
{
	(void)state;
	struct options options = accept("--listen [::1]:80 --listen unix:/x --trusted-proxy 10.0.0.1");
	assert_int_equal(options.listen.count, 2);
	assert_string_equal(options.listen.items[0], "[::1]:80");
	assert_int_equal(options.trusted_proxies.count, 1);
	options_finish(&options);
}

static void the_environment_names_the_file(void **state)
{
	char variable[64];
	char *const environment[] = {variable, NULL};
	struct options options;
	char why[256];
	(void)state;
	write_file("dev = on\n");
	snprintf(variable, sizeof(variable), "LOCKSTEP_CONFIG=%s", path);
	assert_int_equal(read_all("", environment, &options, why), 0);
	assert_true(options.dev);
	options_finish(&options);
}

static void usage_errors_are_2(void **state)
{
	(void)state;
	expect("--colour red", 2, "--colour");
	expect("-x", 2, "-x");
	expect("--max-timesr 5", 2, "unknown option --max-timesr; is it --max-timers?");
	expect("--db", 2, "--db needs a value");
	expect("serve", 2, "serve");
	expect("--config /nonexistent --colour", 2, "--colour");
}

static void bad_values_are_78(void **state)
{
	(void)state;
	expect("--max-timers 0", 78, "max-timers must be a number from 1");
	expect("--max-timers 1e3", 78, "max-timers");
	expect("--max-timers -1", 78, "max-timers");
	expect("--max-timers 99999999999999999999", 78, "max-timers");
	expect("--rate-commands 5/", 78, "rate-commands must be N[/BURST]");
	expect("--rate-commands 5/0", 78, "rate-commands");
	expect("--local-issuer yes", 78, "on or off");
	expect("--log-level loud", 78, "log-level");
	expect("--db=", 78, "db must not be empty");
	expect("--config /nonexistent", 78, "/nonexistent: cannot be read: No such file");
	expect("--listen 8080", 78, "listen");
	expect("--listen 127.0.0.1:http", 78, "listen");
	expect("--listen unix:", 78, "listen");
	expect("--metrics 9100", 78, "metrics must be ADDR:PORT");
	expect("--trusted-proxy here", 78, "trusted-proxy");
	expect("--tls-cert a.pem", 78, "belong together");
	expect("--dev --local-issuer off", 78, "local issuer");
}

static void bad_files_are_78(void **state)
{
	(void)state;
	write_file("colour = red\n");
	expect(with_config(""), 78, "there is no key colour");
	write_file("help = on\n");
	expect(with_config(""), 78, "there is no key help");
	write_file("config = other\n");
	expect(with_config(""), 78, "there is no key config");
	write_file("[server]\ndb = x\n");
	expect(with_config(""), 78, "there is no section [server]");
	write_file("max-timers = 1\nnonsense\n");
	expect(with_config(""), 78, ":2: this is not name = value");
	write_file("\n; a comment\nmax-timers = 1\ncolour = red\n");
	expect(with_config(""), 78, ":4: there is no key colour");
	write_file("max-timer = 1\n");
	expect(with_config(""), 78, ":1: there is no key max-timer; is it max-timers?");
	write_file("max_timers = 1\n");
	expect(with_config(""), 78, "there is no key max_timers; is it max-timers?");
	write_file("check = on\n");
	expect(with_config(""), 78, "there is no key check");
	write_file("max-timers = many\n");
	expect(with_config(""), 78, path);
}

/* Of a line that doesn't fit its rest must not be taken for the next one. */
static void long_lines_and_zeros_are_78(void **state)
{
	char content[512];
	(void)state;
	int len = snprintf(content, sizeof(content), "# %*s\n", 196, "");
	write_file(content);
	struct options options = accept(with_config(""));
	options_finish(&options);
	snprintf(content + len - 1, sizeof(content) - (size_t)len, " dev = on\n");
	write_file(content);
	expect(with_config(""), 78, ":1: a line has at most 198 bytes");
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite("max-timers = 1\n\0max-groups = 1\n", 1, 31, file), 31);
	fclose(file);
	expect(with_config(""), 78, ":2: a line has at most");
	write_file("max-timers = 3");
	options = accept(with_config(""));
	assert_int_equal(options.max_timers, 3);
	options_finish(&options);
	write_file("");
	options = accept(with_config(""));
	options_finish(&options);
}

/* A folder can be opened as a file can. */
static void what_is_no_file_is_78(void **state)
{
	(void)state;
	expect("--config /tmp", 78, "/tmp: cannot be read: Is a directory");
}

static void dev_only_where_nobody_else_comes(void **state)
{
	static const char *const near[] = {"127.0.0.1:1", "127.3.4.5:1", "localhost:1", "[::1]:1", "unix:/x"};
	static const char *const far[] = {"0.0.0.0:1", "[::]:1", "192.168.0.1:1", "127.0.0.1.example.org:1",
		"128.0.0.1:1", "localhost.example.org:1"};
	char arguments[100];
	(void)state;
	for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++) {
		snprintf(arguments, sizeof(arguments), "--dev --listen %s", near[i]);
		struct options options = accept(arguments);
		options_finish(&options);
	}
	for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
		snprintf(arguments, sizeof(arguments), "--dev --listen unix:/x --listen %s", far[i]);
		expect(arguments, 78, "loopback");
	}
}

static void help_and_version_are_answered_all_the_same(void **state)
{
	(void)state;
	struct options options = accept("--help --dev --listen 0.0.0.0:1");
	assert_true(options.help);
	options_finish(&options);
	options = accept("--version --tls-cert x");
	assert_true(options.version);
	options_finish(&options);
}

static void reload_changes_what_can_change(void **state)
{
	(void)state;
	struct options options = accept("--max-message 2000 --max-timers 1 --origin https://a");
	struct options fresh = accept(
		"--max-message 3000 --max-timers 2 --origin https://b --origin https://c --rate-commands 9"
		" --max-queue 70 --log-format json --log-level debug --trusted-proxy 10.0.0.1"
		" --max-sockets-address 5 --dev --user me");
	options_reload(&options, &fresh);
	options_finish(&fresh);
	assert_int_equal(options.max_message, 3000);
	assert_int_equal(options.max_timers, 1);
	assert_int_equal(options.origins.count, 2);
	assert_string_equal(options.origins.items[0], "https://b");
	assert_int_equal(options.rate_commands, 9);
	assert_int_equal(options.rate_burst, 27);
	assert_int_equal(options.max_queue, 70);
	assert_true(options.log_json);
	assert_int_equal(options.log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(options.trusted_proxies.count, 1);
	assert_int_equal(options.max_sockets_address, 5);
	assert_false(options.dev || options.check || options.version || options.help);
	assert_null(options.user);
	options_finish(&options);
}

#define FIREBASE_KEYS \
	"https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com"

static void expect_issuer(
	const struct options *options, size_t at, const char *issuer, const char *audience, const char *jwks)
{
	assert_true(at < options->issuer_count);
	assert_string_equal(options->issuers[at].issuer, issuer);
	assert_string_equal(options->issuers[at].audience, audience);
	if (jwks)
		assert_string_equal(options->issuers[at].jwks, jwks);
	else
		assert_null(options->issuers[at].jwks);
}

static void issuers_come_in_groups(void **state)
{
	(void)state;
	struct options options =
		accept("--firebase-project my-app --oidc-issuer https://id.example.org/ --oidc-audience a"
		       " --oidc-issuer https://b.example.org:8443/realms/x --jwks keys.json --oidc-audience b"
		       " --firebase-project demo-1 --jwks http://127.0.0.1:9099/keys");
	assert_int_equal(options.issuer_count, 4);
	expect_issuer(&options, 0, "https://securetoken.google.com/my-app", "my-app", FIREBASE_KEYS);
	expect_issuer(&options, 1, "https://id.example.org/", "a", NULL);
	expect_issuer(&options, 2, "https://b.example.org:8443/realms/x", "b", "keys.json");
	expect_issuer(
		&options, 3, "https://securetoken.google.com/demo-1", "demo-1", "http://127.0.0.1:9099/keys");
	assert_false(options.local_issuer);
	options_finish(&options);
}

/* On unless another is configured; told, it is as told, wherever that stands. */
static void the_local_issuer_steps_back(void **state)
{
	static const struct {
		const char *arguments;
		bool on;
	} rows[] = {
		{"", true},
		{"--firebase-project x", false},
		{"--firebase-project x --local-issuer on", true},
		{"--local-issuer on --firebase-project x", true},
		{"--local-issuer off", false},
		{"--dev --firebase-project x --local-issuer on", true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct options options = accept(rows[i].arguments);
		assert_int_equal(options.local_issuer, rows[i].on);
		options_finish(&options);
	}
	expect("--dev --firebase-project x", 78, "dev needs the local issuer");
	write_file("local-issuer = on\n");
	struct options options = accept(with_config("--firebase-project x"));
	assert_true(options.local_issuer);
	options_finish(&options);
}

static void issuers_stand_in_files(void **state)
{
	(void)state;
	write_file("oidc-issuer = https://a\noidc-audience = a\njwks = a.json\nmax-timers = 3\n"
		   "oidc-issuer = https://b\njwks = https://b/keys\noidc-audience = b\n");
	struct options options = accept(with_config(""));
	assert_int_equal(options.issuer_count, 2);
	expect_issuer(&options, 0, "https://a", "a", "a.json");
	expect_issuer(&options, 1, "https://b", "b", "https://b/keys");
	options_finish(&options);
	options = accept(with_config("--firebase-project x"));
	assert_int_equal(options.issuer_count, 1);
	expect_issuer(&options, 0, "https://securetoken.google.com/x", "x", FIREBASE_KEYS);
	options_finish(&options);
	expect(with_config("--jwks c.json"), 78, "jwks needs a firebase-project or an oidc-issuer before it");
	write_file("oidc-issuer = https://a\njwks = a.json\n");
	expect(with_config(""), 78, "oidc-issuer https://a needs an oidc-audience");
	expect(with_config("--oidc-audience a"), 78, "oidc-audience needs an oidc-issuer of its own");
}

/* One of each kind at most, whatever the variables' order; the keys are the OIDC issuer's if there is one. */
static void issuers_stand_in_variables(void **state)
{
	char *const both[] = {(char *)"LOCKSTEP_JWKS=keys.json", (char *)"LOCKSTEP_OIDC_AUDIENCE=a",
		(char *)"LOCKSTEP_OIDC_ISSUER=https://a", (char *)"LOCKSTEP_FIREBASE_PROJECT=x", NULL};
	char *const firebase[] = {
		(char *)"LOCKSTEP_JWKS=keys.json", (char *)"LOCKSTEP_FIREBASE_PROJECT=x", NULL};
	char *const lost[] = {(char *)"LOCKSTEP_JWKS=keys.json", NULL};
	struct options options;
	char why[256] = "";
	(void)state;
	assert_int_equal(read_all("", both, &options, why), 0);
	assert_int_equal(options.issuer_count, 2);
	expect_issuer(&options, 0, "https://securetoken.google.com/x", "x", FIREBASE_KEYS);
	expect_issuer(&options, 1, "https://a", "a", "keys.json");
	options_finish(&options);
	assert_int_equal(read_all("", firebase, &options, why), 0);
	expect_issuer(&options, 0, "https://securetoken.google.com/x", "x", "keys.json");
	options_finish(&options);
	assert_int_equal(read_all("--oidc-issuer https://b --oidc-audience b", both, &options, why), 0);
	assert_int_equal(options.issuer_count, 1);
	expect_issuer(&options, 0, "https://b", "b", NULL);
	options_finish(&options);
	assert_int_equal(read_all("", lost, &options, why), 78);
	assert_non_null(strstr(why, "environment: jwks needs"));
}

static void issuers_that_cannot_be_are_78(void **state)
{
	static const char *const rows[][2] = {
		{"--oidc-audience a", "oidc-audience needs an oidc-issuer"},
		{"--firebase-project x --oidc-audience a", "oidc-audience needs an oidc-issuer"},
		{"--oidc-issuer https://a --oidc-audience a --oidc-audience b",
			"oidc-audience needs an oidc-issuer of its own"},
		{"--oidc-issuer https://a", "oidc-issuer https://a needs an oidc-audience"},
		{"--oidc-issuer https://a --firebase-project x --oidc-audience a",
			"oidc-audience needs an oidc-issuer"},
		{"--oidc-issuer https://a --oidc-issuer https://b --oidc-audience b", "https://a needs"},
		{"--jwks keys.json", "jwks needs a firebase-project or an oidc-issuer before it"},
		{"--jwks keys.json --firebase-project x", "jwks needs"},
		{"--firebase-project x --jwks a --jwks b", "jwks is given twice"},
		{"--firebase-project x --jwks ftp://a/keys", "jwks must be a file, https://"},
		{"--firebase-project x --jwks http://example.org/keys", "jwks must be a file, https://"},
		{"--firebase-project x --jwks https://me:secret@example.org/keys", "jwks must be"},
		{"--firebase-project x --jwks https:///keys", "jwks must be"},
		{"--firebase-project x --jwks=", "jwks must not be empty"},
		{"--firebase-project=", "firebase-project must not be empty"},
		{"--firebase-project x/y", "firebase-project must be a project's id"},
		{"--oidc-issuer=", "oidc-issuer must not be empty"},
		{"--oidc-issuer https://a --oidc-audience=", "oidc-audience must not be empty"},
		{"--oidc-issuer example.org --oidc-audience a", "oidc-issuer must be an https://"},
		{"--oidc-issuer https://a/?b --oidc-audience a", "without a query"},
		{"--oidc-issuer file:///a --oidc-audience a", "oidc-issuer must be an https://"},
		{"--oidc-issuer http://example.org --oidc-audience a", "or http:// on loopback, or needs"},
		{"--oidc-issuer lockstep --oidc-audience lockstep", "oidc-issuer must be"},
		{"--firebase-project x --firebase-project x", "is there already"},
		{"--oidc-issuer https://securetoken.google.com/x --oidc-audience a --firebase-project x",
			"is there already"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect(rows[i][0], 78, rows[i][1]);
}

/* A name is believed for the keys' sake: where those are told, nobody asks the issuer. */
static void an_issuer_with_keys_is_only_a_name(void **state)
{
	char name[300] = "--oidc-audience";
	(void)state;
	struct options options =
		accept("--oidc-issuer http://keycloak:8080/realms/x --oidc-audience a --jwks keys.json");
	expect_issuer(&options, 0, "http://keycloak:8080/realms/x", "a", "keys.json");
	options_finish(&options);
	memcpy(name, "--oidc-issuer https://", strlen("--oidc-issuer https://"));
	memset(name + strlen("--oidc-issuer https://"), 'a', 256);
	expect(name, 78, "oidc-issuer must have at most 256 bytes");
}

/* The changes of one comparison, a line each. */
static void write_change(void *context, const struct option_change *change)
{
	text_append_format(context, "%s: %s -> %s%s\n", change->name, change->before, change->after,
		change->live ? "" : " (restart)");
}

static void expect_changes(const char *before, const char *after, const char *lines)
{
	struct options options = accept(before);
	struct options fresh = accept(after);
	TEXT_AUTO told = {0};
	size_t count = options_compare(&options, &fresh, write_change, &told);
	size_t expected = 0;
	for (const char *at = lines; (at = strchr(at, '\n')); at++)
		expected++;
	if (count != expected || strcmp(told.data ? told.data : "", lines) != 0)
		fail_msg("%s | %s: %zu: %s", before, after, count, told.data);
	options_finish(&options);
	options_finish(&fresh);
}

static void changes_are_told(void **state)
{
	(void)state;
	expect_changes("--max-timers 7 --origin https://a", "--origin https://a --max-timers 7", "");
	expect_changes("", "--max-timers 7 --max-message 2000",
		"max-timers: 500 -> 7 (restart)\nmax-message: 65536 -> 2000\n");
	expect_changes("", "--rate-commands 5", "rate-commands: 20/60 -> 5/15\n");
	expect_changes("--rate-commands 5", "--rate-commands 5/16", "rate-commands: 5/15 -> 5/16\n");
	expect_changes("", "--origin https://a --origin https://b",
		"origin: (same host and port) -> https://a, https://b\n");
	expect_changes("--listen unix:/a --listen unix:/b", "--listen unix:/a",
		"listen: unix:/a, unix:/b -> unix:/a (restart)\n");
	expect_changes(
		"--web /a", "", "web: /a -> (the one built or installed with the program) (restart)\n");
	expect_changes("--user me", "", "user: me -> (none) (restart)\n");
	expect_changes("", "--dev", "dev: off -> on (restart)\n");
	expect_changes("", "--log-format json --log-level debug",
		"log-format: text -> json\nlog-level: info -> debug\n");
}

static void a_change_of_issuers_is_told(void **state)
{
	static const char first[] = "--firebase-project x --oidc-issuer https://a --oidc-audience a";
	static const char *const others[][2] = {
		{"--firebase-project x", "firebase-project x"},
		{"--firebase-project x --oidc-issuer https://a --oidc-audience b",
			"firebase-project x, oidc-issuer https://a, oidc-audience b"},
		{"--oidc-issuer https://a --oidc-audience a --firebase-project x",
			"oidc-issuer https://a, oidc-audience a, firebase-project x"},
		{"--firebase-project x --jwks x.json --oidc-issuer https://a --oidc-audience a --jwks a.json",
			"firebase-project x, jwks x.json, oidc-issuer https://a, oidc-audience a, "
			"jwks a.json"},
	};
	char line[512];
	(void)state;
	expect_changes(first, first, "");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		snprintf(line, sizeof(line),
			"issuers: firebase-project x, oidc-issuer https://a, oidc-audience a -> %s "
			"(restart)\n",
			others[i][1]);
		expect_changes(first, others[i][0], line);
	}
	expect_changes("--firebase-project x", "",
		"local-issuer: off -> on (restart)\nissuers: firebase-project x -> (none) (restart)\n");
}

static void issuers_stay_with_a_reload(void **state)
{
	(void)state;
	struct options options = accept("--firebase-project x");
	struct options fresh = accept("--firebase-project y --firebase-project z");
	options_reload(&options, &fresh);
	options_finish(&fresh);
	assert_int_equal(options.issuer_count, 1);
	assert_string_equal(options.issuers[0].audience, "x");
	options_finish(&options);
}

static void expect_told(const char *arguments, char *const *environment, const char *lines)
{
	struct options options;
	char why[256] = "";
	TEXT_AUTO told = {0};
	if (read_all(arguments, environment, &options, why))
		fail_msg("%s: %s", arguments, why);
	options_append_told(&told, &options);
	if (strcmp(told.data ? told.data : "", lines) != 0)
		fail_msg("%s: %s", arguments, told.data);
	options_finish(&options);
}

/* Each as it could stand in a file, with where it came from; the last source counts. */
static void what_was_told_is_shown_with_its_source(void **state)
{
	char *const environment[] = {
		(char *)"LOCKSTEP_MAX_GROUPS=2", (char *)"LOCKSTEP_ORIGIN=https://a,https://b", NULL};
	char lines[512];
	(void)state;
	expect_told("", no_environment, "");
	expect_told("--dev --check --log-level warn", no_environment,
		"dev = on ; from a flag\nlog-level = warn ; from a flag\n");
	write_file("max-timers = 1\nmax-groups = 1\nmax-plans = 1\nfirebase-project = x\n"
		   "oidc-issuer = https://a\noidc-audience = a\njwks = a.json\n");
	snprintf(lines, sizeof(lines),
		"origin = https://a ; from the environment\norigin = https://b ; from the environment\n"
		"firebase-project = x ; from %s\noidc-issuer = https://a ; from %s\n"
		"oidc-audience = a ; from %s\njwks = a.json ; from %s\n"
		"max-timers = 3 ; from a flag\nmax-groups = 2 ; from the environment\n"
		"max-plans = 1 ; from %s\n",
		path, path, path, path, path);
	expect_told(with_config("--max-timers 3"), environment, lines);
}

static void the_page_signs_in_with_the_first_project(void **state)
{
	char *const key[] = {(char *)"LOCKSTEP_FIREBASE_API_KEY=of-the-environment", NULL};
	struct options options;
	char why[256] = "";
	(void)state;
	options = accept("--oidc-issuer https://a --oidc-audience a --firebase-project x"
			 " --firebase-api-key k_1-K --firebase-project y");
	assert_string_equal(options_firebase_project(&options), "x");
	assert_string_equal(options.firebase_api_key, "k_1-K");
	assert_null(options.firebase_auth_domain);
	assert_null(options.firebase_emulator);
	options_finish(&options);
	write_file("firebase-project = x\nfirebase-auth-domain = sign-in.example.org\n");
	assert_int_equal(read_all(with_config(""), key, &options, why), 0);
	assert_string_equal(options_firebase_project(&options), "x");
	assert_string_equal(options.firebase_api_key, "of-the-environment");
	assert_string_equal(options.firebase_auth_domain, "sign-in.example.org");
	options_finish(&options);
	options = accept("--dev --local-issuer on --firebase-project x --firebase-api-key k"
			 " --firebase-emulator http://127.0.0.1:9099");
	assert_string_equal(options.firebase_emulator, "http://127.0.0.1:9099");
	options_finish(&options);
	options = accept("--oidc-issuer https://a --oidc-audience a");
	assert_null(options_firebase_project(&options));
	options_finish(&options);
}

static void what_the_page_cannot_sign_in_with_is_78(void **state)
{
	static const char project[] = "--firebase-project x", dev[] = "--dev --local-issuer on";
	static const char *const rows[][2] = {
		{"--firebase-auth-domain a.example", "firebase-auth-domain needs a firebase-api-key"},
		{"--firebase-emulator http://127.0.0.1:9", "firebase-emulator needs a firebase-api-key"},
		{"--firebase-api-key=", "firebase-api-key must not be empty"},
		{"--firebase-api-key a;b", "firebase-api-key must be a project's web key"},
		{"--firebase-api-key a\"b", "firebase-api-key must be a project's web key"},
		{"--firebase-api-key k --firebase-auth-domain https://a", "must be a host's name"},
		{"--firebase-api-key k --firebase-auth-domain a/b", "must be a host's name"},
		{"--firebase-api-key k --firebase-emulator https://127.0.0.1:9",
			"must be http:// on loopback"},
		{"--firebase-api-key k --firebase-emulator http://a.example", "must be http:// on loopback"},
		{"--firebase-api-key k --firebase-emulator http://127.0.0.1:9/a;b", "without a path"},
		{"--firebase-api-key k --firebase-emulator 127.0.0.1:9", "must be http:// on loopback"},
	};
	char arguments[256];
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(arguments, sizeof(arguments), "%s %s %s", dev, project, rows[i][0]);
		expect(arguments, 78, rows[i][1]);
	}
	expect("--firebase-api-key k", 78, "firebase-api-key needs a firebase-project");
	expect("--oidc-issuer https://a --oidc-audience a --firebase-api-key k", 78,
		"needs a firebase-project");
	expect("--oidc-issuer https://securetoken.google.com/a\"b --oidc-audience a --jwks k"
	       " --firebase-api-key k",
		78, "firebase-api-key needs a firebase-project");
	expect("--firebase-project x --firebase-api-key k --firebase-emulator http://127.0.0.1:9", 78,
		"firebase-emulator is for dev only");
}

static void expect_spares_loopback(const char *arguments, bool spares)
{
	struct options options = accept(arguments);
	if (options.spares_loopback != spares)
		fail_msg("%s", arguments);
	options_finish(&options);
}

/* All of a developer's tabs and tests come from one address; who asks for a limit gets it. */
static void dev_spares_loopback(void **state)
{
	(void)state;
	expect_spares_loopback("--dev", true);
	expect_spares_loopback("--dev --max-sockets-address 64", false);
	expect_spares_loopback("--max-sockets-address 64", false);
	write_file("max-sockets-address = 3\n");
	expect_spares_loopback(with_config("--dev"), false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_the_documented_ones),
		cmocka_unit_test(flags_set_what_they_name),
		cmocka_unit_test(flags_override_environment_overrides_file),
		cmocka_unit_test(lists_of_one_source_add_up),
		cmocka_unit_test(the_environment_names_the_file),
		cmocka_unit_test(usage_errors_are_2),
		cmocka_unit_test(bad_values_are_78),
		cmocka_unit_test(bad_files_are_78),
		cmocka_unit_test(long_lines_and_zeros_are_78),
		cmocka_unit_test(what_is_no_file_is_78),
		cmocka_unit_test(dev_only_where_nobody_else_comes),
		cmocka_unit_test(dev_spares_loopback),
		cmocka_unit_test(help_and_version_are_answered_all_the_same),
		cmocka_unit_test(reload_changes_what_can_change),
		cmocka_unit_test(issuers_come_in_groups),
		cmocka_unit_test(the_local_issuer_steps_back),
		cmocka_unit_test(issuers_stand_in_files),
		cmocka_unit_test(issuers_stand_in_variables),
		cmocka_unit_test(issuers_that_cannot_be_are_78),
		cmocka_unit_test(an_issuer_with_keys_is_only_a_name),
		cmocka_unit_test(changes_are_told),
		cmocka_unit_test(a_change_of_issuers_is_told),
		cmocka_unit_test(issuers_stay_with_a_reload),
		cmocka_unit_test(what_was_told_is_shown_with_its_source),
		cmocka_unit_test(the_page_signs_in_with_the_first_project),
		cmocka_unit_test(what_the_page_cannot_sign_in_with_is_78),
	};
	return cmocka_run_group_tests(tests, make_file, remove_file);
}
