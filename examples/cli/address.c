#include "examples/cli/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool take_scheme(const char **at, bool *ret_encrypted)
{
	static const char *const schemes[] = {"http://", "https://"};
	for (int i = 0; i < 2; i++) {
		size_t len = strlen(schemes[i]);
		if (strncmp(*at, schemes[i], len) == 0) {
			*at += len;
			*ret_encrypted = i == 1;
			return true;
		}
	}
	return false;
}

static bool take_host(const char **at, char *ret, size_t room)
{
	bool bracket = **at == '[';
	const char *start = *at + bracket;
	size_t len = strcspn(start, bracket ? "]" : ":/");
	if (len == 0 || len >= room || strcspn(start, "@?#") < len)
		return false;
	if (bracket && start[len] != ']')
		return false;
	memcpy(ret, start, len);
	ret[len] = '\0';
	*at = start + len + bracket;
	return true;
}

/* The port stays as it is where none is given. */
static bool take_port(const char **at, int *port)
{
	char *end;
	if (**at != ':')
		return true;
	if ((*at)[1] < '0' || (*at)[1] > '9')
		return false;
	long number = strtol(*at + 1, &end, 10);
	*at = end;
	*port = (int)number;
	return number > 0 && number < 65536;
}

static bool is_printable(const char *text)
{
	for (; *text; text++) {
		if (*text <= ' ' || *text > '~')
			return false;
	}
	return true;
}

bool address_parse(const char *url, struct address *ret)
{
	struct address address = {0};
	const char *at = url;
	if (!is_printable(url) || !take_scheme(&at, &address.encrypted))
		return false;
	const char *authority = at;
	address.port = address.encrypted ? 443 : 80;
	if (!take_host(&at, address.host, sizeof(address.host)) || !take_port(&at, &address.port))
		return false;
	snprintf(address.header, sizeof(address.header), "%.*s", (int)(at - authority), authority);
	size_t len = strlen(at);
	while (len && at[len - 1] == '/')
		len--;
	if ((*at && *at != '/') || strpbrk(at, "?#") || len >= sizeof(address.prefix))
		return false;
	memcpy(address.prefix, at, len);
	*ret = address;
	return true;
}

bool address_is_here(const struct address *address)
{
	struct in_addr numbers;
	/* 127.0.0.1.example.org is a name like any other. */
	return strcmp(address->host, "localhost") == 0 || strcmp(address->host, "::1") == 0 ||
	       (inet_pton(AF_INET, address->host, &numbers) == 1 && ntohl(numbers.s_addr) >> 24 == 127);
}
