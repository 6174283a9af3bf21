/* server/limiter and server/origin: who does too much, and who may come at all. */
#include "server/limiter.h"
#include "server/origin.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_bucket(void **state)
{
	(void)state;
	int64_t milli = 0, at_ms = 0, now_ms = 5000000;
	for (int i = 0; i < 60; i++)
		assert_int_equal(limiter_take(&milli, &at_ms, 20, 60, now_ms), 0);
	assert_int_equal(limiter_take(&milli, &at_ms, 20, 60, now_ms), 50);
	assert_int_equal(limiter_take(&milli, &at_ms, 20, 60, now_ms + 20), 30);
	assert_int_equal(limiter_take(&milli, &at_ms, 20, 60, now_ms + 50), 0);
	assert_true(limiter_take(&milli, &at_ms, 20, 60, now_ms + 50) > 0);
	/* A second brings twenty, a long time no more than the burst. */
	int taken = 0;
	for (int i = 0; i < 100; i++)
		taken += limiter_take(&milli, &at_ms, 20, 60, now_ms + 1050) == 0;
	assert_int_equal(taken, 20);
	taken = 0;
	for (int i = 0; i < 100; i++)
		taken += limiter_take(&milli, &at_ms, 20, 60, INT64_MAX / 2) == 0;
	assert_int_equal(taken, 60);
}

static void test_bucket_waits_long_enough(void **state)
{
	(void)state;
	for (int64_t rate = 1; rate < 50; rate++) {
		int64_t milli = 0, at_ms = 0, now_ms = 1000;
		assert_int_equal(limiter_take(&milli, &at_ms, rate, 1, now_ms), 0);
		int64_t wait_ms = limiter_take(&milli, &at_ms, rate, 1, now_ms);
		assert_true(wait_ms > 0 && wait_ms <= 1000);
		assert_int_equal(limiter_take(&milli, &at_ms, rate, 1, now_ms + wait_ms), 0);
	}
}

static void test_flood(void **state)
{
	(void)state;
	struct limiter_flood flood = {0};
	for (int i = 0; i < LIMITER_FLOOD_COUNT; i++)
		assert_false(limiter_flood_add(&flood, 1000 + i));
	assert_true(limiter_flood_add(&flood, 1000 + LIMITER_FLOOD_MS - 1));
	struct limiter_flood steady = {0};
	/* One every half second is twenty within any ten seconds, and no flood. */
	for (int i = 0; i < 1000; i++)
		assert_false(limiter_flood_add(&steady, i * (LIMITER_FLOOD_MS / LIMITER_FLOOD_COUNT)));
}

static void parse(const char *text, uint8_t ret[16])
{
	assert_true(limiter_address_parse(text, ret));
}

static void test_peers(void **state)
{
	(void)state;
	struct limiter_peers peers = {.max = 2};
	uint8_t a[16], b[16], v6[16], v6_same[16], v6_other[16];
	parse("192.0.2.1", a);
	parse("192.0.2.2", b);
	parse("2001:db8:1:2::1", v6);
	parse("2001:db8:1:2:ffff::9", v6_same);
	parse("2001:db8:1:3::1", v6_other);
	struct limiter_peer *first = limiter_peer_enter(&peers, a);
	assert_ptr_equal(limiter_peer_enter(&peers, a), first);
	assert_null(limiter_peer_enter(&peers, a));
	struct limiter_peer *second = limiter_peer_enter(&peers, b);
	assert_non_null(second);
	limiter_peer_leave(&peers, first);
	assert_ptr_equal(limiter_peer_enter(&peers, a), first);
	struct limiter_peer *net = limiter_peer_enter(&peers, v6);
	assert_ptr_equal(limiter_peer_enter(&peers, v6_same), net);
	assert_null(limiter_peer_enter(&peers, v6));
	struct limiter_peer *other = limiter_peer_enter(&peers, v6_other);
	assert_non_null(other);
	struct limiter_peer *all[] = {first, first, second, net, net, other, NULL};
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		limiter_peer_leave(&peers, all[i]);
	assert_null(peers.by_address);
}

static void test_addresses(void **state)
{
	(void)state;
	uint8_t text[16], mapped[16], bytes[16];
	struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000201)};
	struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr local = {.sa_family = AF_UNIX};
	parse("192.0.2.1", text);
	parse("::ffff:192.0.2.1", mapped);
	assert_memory_equal(text, mapped, 16);
	assert_true(limiter_address((struct sockaddr *)&ipv4, bytes));
	assert_memory_equal(text, bytes, 16);
	parse("::1", text);
	assert_true(limiter_address((struct sockaddr *)&ipv6, bytes));
	assert_memory_equal(text, bytes, 16);
	assert_false(limiter_address(&local, bytes));
	assert_false(limiter_address_parse("192.0.2.1:80", bytes));
	assert_false(limiter_address_parse("localhost", bytes));
	assert_false(limiter_address_parse("", bytes));
}

static void test_loopback(void **state)
{
	(void)state;
	static const char *const is[] = {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"};
	static const char *const is_not[] = {"126.0.0.1", "128.0.0.1", "::", "::127.0.0.1", "2001:db8::1"};
	uint8_t address[16];
	for (size_t i = 0; i < sizeof(is) / sizeof(*is); i++) {
		parse(is[i], address);
		assert_true(limiter_is_loopback(address));
	}
	for (size_t i = 0; i < sizeof(is_not) / sizeof(*is_not); i++) {
		parse(is_not[i], address);
		assert_false(limiter_is_loopback(address));
	}
}

/* The client of this header, where 10.0.0.1, 10.0.0.2 and 2001:db8::1 are proxies; NULL: nobody can be told.
 */
static void expect_client(const char *header, const char *client)
{
	uint8_t addresses[3][16], got[16], wanted[16];
	struct limiter_proxies proxies = {.addresses = addresses, .count = 3};
	parse("10.0.0.1", addresses[0]);
	parse("10.0.0.2", addresses[1]);
	parse("2001:db8::1", addresses[2]);
	if (limiter_forwarded(&proxies, header, got) != (client != NULL))
		fail_msg("%s", header);
	if (!client)
		return;
	parse(client, wanted);
	if (memcmp(got, wanted, 16) != 0)
		fail_msg("%s is not %s", header, client);
}

static void test_forwarded(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"192.0.2.1", "192.0.2.1"},
		{" 192.0.2.1\t", "192.0.2.1"},
		/* What the client wrote itself stands in front. */
		{"198.51.100.1, 192.0.2.1", "192.0.2.1"},
		{"10.0.0.1,192.0.2.1", "192.0.2.1"},
		{"nonsense, , 192.0.2.1", "192.0.2.1"},
		/* Proxies of ours, one behind the other. */
		{"198.51.100.1, 192.0.2.1, 10.0.0.1", "192.0.2.1"},
		{"192.0.2.1,10.0.0.2,2001:db8::1,10.0.0.1", "192.0.2.1"},
		{"192.0.2.1, 10.0.0.3, 10.0.0.1", "10.0.0.3"},
		{"192.0.2.1:4711", "192.0.2.1"},
		{"192.0.2.1:4711, 10.0.0.1:80", "192.0.2.1"},
		{"2001:db8::2", "2001:db8::2"},
		{"[2001:db8::2]", "2001:db8::2"},
		{"[2001:db8::2]:4711", "2001:db8::2"},
		{"192.0.2.1, [2001:db8::1]:443", "192.0.2.1"},
		{"::ffff:192.0.2.1", "192.0.2.1"},
		{"", NULL},
		{"10.0.0.1, 10.0.0.2", NULL},
		{"192.0.2.1,", NULL},
		{"192.0.2.1, unknown", NULL},
		{"192.0.2.1, unknown, 10.0.0.1", NULL},
		{"[192.0.2.1]", NULL},
		{"[2001:db8::2", NULL},
		{"[2001:db8::2]4711", NULL},
		{"192.0.2.1, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		expect_client(rows[i][0], rows[i][1]);
}

static void test_own_origin(void **state)
{
	(void)state;
	assert_true(origin_allowed("http://a.example:8080", "a.example:8080", NULL, 0));
	assert_true(origin_allowed("http://A.example", "a.EXAMPLE", NULL, 0));
	assert_true(origin_allowed("https://a.example", "a.example:443", NULL, 0));
	assert_true(origin_allowed("http://a.example:80", "a.example", NULL, 0));
	assert_true(origin_allowed("http://[::1]:81", "[::1]:81", NULL, 0));
	assert_false(origin_allowed("http://a.example", "a.example:81", NULL, 0));
	assert_false(origin_allowed("https://a.example", "a.example:80", NULL, 0));
	assert_false(origin_allowed("http://a.example.evil", "a.example", NULL, 0));
	assert_false(origin_allowed("http://evil", "a.example", NULL, 0));
	assert_false(origin_allowed("null", "null", NULL, 0));
	assert_false(origin_allowed("http://", "", NULL, 0));
	assert_false(origin_allowed("ftp://a.example", "a.example", NULL, 0));
}

static void test_listed_origins(void **state)
{
	(void)state;
	static const char *const allowed[] = {"https://one.example", "http://two.example:8080"};
	assert_true(origin_allowed("https://one.example", "x", allowed, 2));
	assert_true(origin_allowed("http://two.example:8080", "x", allowed, 2));
	/* A list says all there is. */
	assert_false(origin_allowed("http://x", "x", allowed, 2));
	assert_false(origin_allowed("http://one.example", "x", allowed, 2));
}

static void test_local_hosts(void **state)
{
	(void)state;
	static const char *const local[] = {
		"localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:65535"};
	static const char *const foreign[] = {"", "localhost.evil.example", "127.0.0.1.evil.example",
		"127.0.0.10", "localhost:80.evil", "evil.example", "::1", "[::1]x"};
	for (size_t i = 0; i < sizeof(local) / sizeof(*local); i++)
		assert_true(origin_host_is_local(local[i]));
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++)
		assert_false(origin_host_is_local(foreign[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bucket),
		cmocka_unit_test(test_bucket_waits_long_enough),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_peers),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_forwarded),
		cmocka_unit_test(test_own_origin),
		cmocka_unit_test(test_listed_origins),
		cmocka_unit_test(test_local_hosts),
	};
	return cmocka_run_group_tests_name("limiter", tests, NULL, NULL);
}
