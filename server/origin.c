#include "server/origin.h"

#include <string.h>
#include <strings.h>

/* Its length without the port, if that is the scheme's own. */
static size_t length_without_port(const char *authority, const char *port)
{
	size_t len = strlen(authority);
	size_t port_len = strlen(port);
	if (len > port_len && strcmp(authority + len - port_len, port) == 0)
		return len - port_len;
	return len;
}

static bool is_same(const char *authority, const char *host, const char *port)
{
	size_t len = length_without_port(authority, port);
	return len > 0 && len == length_without_port(host, port) && strncasecmp(authority, host, len) == 0;
}

bool origin_listed(const char *origin, const char *const *allowed, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(origin, allowed[i]) == 0)
			return true;
	}
	return false;
}

bool origin_allowed(const char *origin, const char *host, const char *const *allowed, size_t count)
{
	if (count)
		return origin_listed(origin, allowed, count);
	if (strncasecmp(origin, "http://", 7) == 0)
		return is_same(origin + 7, host, ":80");
	if (strncasecmp(origin, "https://", 8) == 0)
		return is_same(origin + 8, host, ":443");
	return false;
}

bool origin_host_is_local(const char *host)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		size_t len = strlen(names[i]);
		if (strncasecmp(host, names[i], len) != 0)
			continue;
		if (!host[len])
			return true;
		if (host[len] == ':' && strspn(host + len + 1, "0123456789") == strlen(host + len + 1))
			return true;
	}
	return false;
}
