#include "server/limiter.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

int64_t limiter_take(
	int64_t *bucket_milli, int64_t *bucket_at_ms, int64_t rate, int64_t burst, int64_t now_ms)
{
	int64_t full = burst * 1000;
	int64_t passed_ms = now_ms - *bucket_at_ms;
	/* Full again, or never used; a long time must not overflow the product below. */
	if (*bucket_at_ms == 0 || passed_ms > full / rate + 1)
		*bucket_milli = full;
	else if (passed_ms > 0)
		*bucket_milli += passed_ms * rate;
	if (*bucket_milli > full)
		*bucket_milli = full;
	*bucket_at_ms = now_ms;
	if (*bucket_milli < 1000)
		return (1000 - *bucket_milli + rate - 1) / rate;
	*bucket_milli -= 1000;
	return 0;
}

bool limiter_flood_add(struct limiter_flood *flood, int64_t now_ms)
{
	/* The ring's next place holds the oldest of the last twenty. */
	bool full = flood->count == LIMITER_FLOOD_COUNT;
	bool too_many = full && now_ms - flood->at_ms[flood->next] < LIMITER_FLOOD_MS;
	flood->at_ms[flood->next] = now_ms;
	flood->next = (flood->next + 1) % LIMITER_FLOOD_COUNT;
	if (!full)
		flood->count++;
	return too_many;
}

static bool is_ipv4(const uint8_t address[16])
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
	return memcmp(address, prefix, sizeof(prefix)) == 0;
}

struct limiter_peer *limiter_peer_enter(struct limiter_peers *peers, const uint8_t address[16])
{
	struct limiter_peer *peer;
	uint8_t key[16] = {0};
	memcpy(key, address, is_ipv4(address) ? 16 : 8);
	HASH_FIND(hh, peers->by_address, key, sizeof(key), peer);
	if (peer && peer->connections >= peers->max)
		return NULL;
	if (!peer) {
		peer = calloc(1, sizeof(*peer));
		if (!peer)
			abort();
		memcpy(peer->address, key, sizeof(key));
		HASH_ADD(hh, peers->by_address, address, sizeof(peer->address), peer);
	}
	peer->connections++;
	return peer;
}

void limiter_peer_leave(struct limiter_peers *peers, struct limiter_peer *peer)
{
	if (!peer || --peer->connections > 0)
		return;
	HASH_DEL(peers->by_address, peer);
	free(peer);
}

static void map_ipv4(const struct in_addr *address, uint8_t ret[16])
{
	memset(ret, 0, 10);
	memset(ret + 10, 0xff, 2);
	memcpy(ret + 12, address, 4);
}

bool limiter_address(const struct sockaddr *address, uint8_t ret[16])
{
	if (address->sa_family == AF_INET) {
		struct sockaddr_in ipv4;
		memcpy(&ipv4, address, sizeof(ipv4));
		map_ipv4(&ipv4.sin_addr, ret);
		return true;
	}
	if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 ipv6;
		memcpy(&ipv6, address, sizeof(ipv6));
		memcpy(ret, &ipv6.sin6_addr, 16);
		return true;
	}
	return false;
}

bool limiter_address_parse(const char *text, uint8_t ret[16])
{
	struct in_addr ipv4;
	if (inet_pton(AF_INET, text, &ipv4) == 1) {
		map_ipv4(&ipv4, ret);
		return true;
	}
	return inet_pton(AF_INET6, text, ret) == 1;
}

bool limiter_is_loopback(const uint8_t address[16])
{
	static const uint8_t ipv6[16] = {[15] = 1};
	return is_ipv4(address) ? address[12] == 127 : memcmp(address, ipv6, sizeof(ipv6)) == 0;
}

bool limiter_is_proxy(const struct limiter_proxies *proxies, const uint8_t address[16])
{
	for (size_t i = 0; i < proxies->count; i++) {
		if (memcmp(proxies->addresses[i], address, 16) == 0)
			return true;
	}
	return false;
}

/* An address with or without a port; with one, IPv6 stands in brackets. */
static bool parse_with_port(char *text, uint8_t ret[16])
{
	char *colon = strchr(text, ':');
	if (*text == '[') {
		char *end = strchr(text, ']');
		if (!end || (end[1] && end[1] != ':'))
			return false;
		*end = '\0';
		return inet_pton(AF_INET6, text + 1, ret) == 1;
	}
	if (colon && !strchr(colon + 1, ':'))
		*colon = '\0';
	return limiter_address_parse(text, ret);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool parse_part(const char *part, size_t len, uint8_t ret[16])
{
	char text[64];
	for (; len && is_blank(*part); part++)
		len--;
	while (len && is_blank(part[len - 1]))
		len--;
	if (len >= sizeof(text))
		return false;
	memcpy(text, part, len);
	text[len] = '\0';
	return parse_with_port(text, ret);
}

bool limiter_forwarded(const struct limiter_proxies *proxies, const char *list, uint8_t ret[16])
{
	size_t end = strlen(list);
	for (;;) {
		size_t start = end;
		while (start > 0 && list[start - 1] != ',')
			start--;
		if (!parse_part(list + start, end - start, ret))
			return false;
		if (!limiter_is_proxy(proxies, ret))
			return true;
		if (start == 0)
			return false;
		end = start - 1;
	}
}
