#include "server/url.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

struct parts {
	const char *host;
	size_t host_len;
	const char *port; /* digits, or empty */
	size_t port_len;
	const char *rest; /* from the path on */
};

static const char encrypted[] = "https://", plain[] = "http://";

static bool begins_with(const char *text, const char *prefix)
{
	return strncasecmp(text, prefix, strlen(prefix)) == 0;
}

static size_t host_length(const char *host)
{
	static const char name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
	if (*host != '[')
		return strspn(host, name);
	size_t len = 1 + strspn(host + 1, "0123456789abcdefABCDEF:.");
	return len > 1 && host[len] == ']' ? len + 1 : 0;
}

static bool split(const char *url, struct parts *ret)
{
	if (!begins_with(url, encrypted) && !begins_with(url, plain))
		return false;
	ret->host = strstr(url, "://") + 3;
	ret->host_len = host_length(ret->host);
	const char *after = ret->host + ret->host_len;
	ret->port = *after == ':' ? after + 1 : after;
	ret->port_len = *after == ':' ? strspn(ret->port, "0123456789") : 0;
	ret->rest = ret->port + ret->port_len;
	return ret->host_len > 0 && (*after != ':' || (ret->port_len >= 1 && ret->port_len <= 5)) &&
	       strchr("/?", *ret->rest);
}

bool url_is_web(const char *text)
{
	struct parts parts;
	if (!split(text, &parts))
		return false;
	for (const char *at = parts.rest; *at; at++) {
		if (*at <= ' ' || *at > '~' || *at == '#' || *at == '\\')
			return false;
	}
	return true;
}

bool url_is_encrypted(const char *url)
{
	return begins_with(url, encrypted);
}

bool url_may_be_asked(const char *url)
{
	struct parts parts;
	return url_is_web(url) && split(url, &parts) &&
	       (url_is_encrypted(url) || url_host_is_loopback(parts.host, parts.host_len));
}

bool url_is_loopback_origin(const char *url)
{
	struct parts parts;
	return split(url, &parts) && !*parts.rest && !url_is_encrypted(url) &&
	       url_host_is_loopback(parts.host, parts.host_len);
}

bool url_host_is_loopback(const char *host, size_t len)
{
	char text[INET6_ADDRSTRLEN + 2];
	struct in_addr address;
	if (len >= sizeof(text))
		return false;
	memcpy(text, host, len);
	text[len] = '\0';
	if (strcmp(text, "localhost") == 0 || strcmp(text, "[::1]") == 0)
		return true;
	return inet_pton(AF_INET, text, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}
