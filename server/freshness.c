#include "server/freshness.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* A part of a header line. */
struct span {
	const char *at;
	size_t len;
};

static struct span trim(struct span span)
{
	while (span.len && isspace((unsigned char)*span.at))
		span = (struct span){span.at + 1, span.len - 1};
	while (span.len && isspace((unsigned char)span.at[span.len - 1]))
		span.len--;
	return span;
}

static bool is(struct span span, const char *name)
{
	return span.len == strlen(name) && strncasecmp(span.at, name, span.len) == 0;
}

/* What stands before the mark; *rest is what stands behind it, empty where there is none. */
static struct span cut(struct span *rest, char mark)
{
	const char *found = memchr(rest->at, mark, rest->len);
	struct span before = {rest->at, found ? (size_t)(found - rest->at) : rest->len};
	size_t taken = before.len + (found != NULL);
	*rest = (struct span){rest->at + taken, rest->len - taken};
	return trim(before);
}

/* Digits, perhaps in quotes, which should not be there. False for anything else. */
static bool read_seconds(struct span span, int64_t *ret)
{
	int64_t seconds = 0;
	if (span.len >= 2 && *span.at == '"' && span.at[span.len - 1] == '"')
		span = (struct span){span.at + 1, span.len - 2};
	if (span.len == 0)
		return false;
	for (size_t i = 0; i < span.len; i++) {
		if (!isdigit((unsigned char)span.at[i]))
			return false;
		seconds = seconds * 10 + (span.at[i] - '0');
		if (seconds > FRESHNESS_MAX_SECONDS)
			seconds = FRESHNESS_MAX_SECONDS;
	}
	*ret = seconds;
	return true;
}

/* Where several are said, the shortest counts. */
static void limit(struct freshness *freshness, int64_t seconds)
{
	if (!freshness->has_max_age || seconds < freshness->max_age)
		freshness->max_age = seconds;
	freshness->has_max_age = true;
}

/* RFC 9111 4.2.1: a time that cannot be read has passed. */
static void read_cache_control(struct freshness *freshness, struct span value)
{
	while (value.len) {
		struct span directive = cut(&value, ',');
		struct span name = cut(&directive, '=');
		int64_t seconds = 0;
		if (is(name, "max-age")) {
			if (!read_seconds(trim(directive), &seconds))
				seconds = 0;
			limit(freshness, seconds);
		} else if (is(name, "no-store") || is(name, "no-cache")) {
			limit(freshness, 0);
		}
	}
}

void freshness_read(struct freshness *freshness, const char *line, size_t len)
{
	struct span value = {line, len};
	struct span name = cut(&value, ':');
	int64_t seconds;
	if (is(name, "cache-control"))
		read_cache_control(freshness, trim(value));
	else if (is(name, "age") && read_seconds(trim(value), &seconds))
		freshness->age = seconds;
}

int64_t freshness_seconds(const struct freshness *freshness)
{
	if (!freshness->has_max_age)
		return FRESHNESS_UNSAID;
	int64_t left = freshness->max_age - freshness->age;
	return left > 0 ? left : 0;
}
