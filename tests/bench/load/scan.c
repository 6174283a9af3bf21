#include "tests/bench/load/scan.h"

#include <string.h>

#define TYPE_BYTES 12 /* the longest name is snapshot */
#define TAG_WITHIN 120

static const char *find(const char *bytes, size_t len, const char *what)
{
	return memmem(bytes, len, what, strlen(what));
}

/* The digits behind the first `name`, which has its colon; -1 when there are none. */
static int64_t number_after(const char *bytes, size_t len, const char *name)
{
	const char *at = find(bytes, len, name), *end = bytes + len;
	if (!at)
		return -1;
	at += strlen(name);
	if (at == end || *at < '0' || *at > '9')
		return -1;
	int64_t number = 0;
	for (; at < end && *at >= '0' && *at <= '9'; at++)
		number = number * 10 + (*at - '0');
	return number;
}

static enum scan_type type_of(const char *bytes, size_t len)
{
	static const struct {
		const char *name;
		enum scan_type type;
	} types[] = {
		{"event\"", SCAN_EVENT},
		{"result\"", SCAN_RESULT},
		{"live\"", SCAN_LIVE},
		{"hb\"", SCAN_OTHER},
		{"hello\"", SCAN_OTHER},
		{"ready\"", SCAN_READY},
		{"snapshot\"", SCAN_SNAPSHOT},
	};
	static const char name[] = "\"type\":\"";
	const char *at = find(bytes, len, name);
	if (!at || (size_t)(bytes + len - at) < strlen(name) + TYPE_BYTES)
		return SCAN_UNKNOWN;
	at += strlen(name);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (memcmp(at, types[i].name, strlen(types[i].name)) == 0)
			return types[i].type;
	}
	return SCAN_UNKNOWN;
}

bool scan_has(const char *bytes, size_t len, const char *what)
{
	return find(bytes, len, what);
}

size_t scan_count(const char *bytes, size_t len, const char *what)
{
	size_t count = 0;
	const char *end = bytes + len;
	for (const char *at = bytes; (at = find(at, (size_t)(end - at), what)); at += strlen(what))
		count++;
	return count;
}

void scan_text(const char *bytes, size_t len, const char *before, char *ret, size_t room)
{
	const char *at = find(bytes, len, before), *end = bytes + len;
	ret[0] = '\0';
	if (!at)
		return;
	at += strlen(before);
	const char *quote = memchr(at, '"', (size_t)(end - at));
	if (!quote || (size_t)(quote - at) >= room)
		return;
	memcpy(ret, at, (size_t)(quote - at));
	ret[quote - at] = '\0';
}

int64_t scan_key(const char *bytes, size_t len)
{
	static const char name[] = "\"key\":\"";
	const char *at = find(bytes, len, name);
	if (!at)
		return -1;
	return number_after(at + strlen(name), (size_t)(bytes + len - at) - strlen(name), ":");
}

struct scan scan_message(const char *bytes, size_t len)
{
	struct scan scan = {.type = type_of(bytes, len), .seq = -1, .id = -1};
	if (scan.type == SCAN_OTHER || scan.type == SCAN_UNKNOWN || scan.type == SCAN_READY)
		return scan;
	scan.seq = number_after(bytes, len, "\"seq\":");
	if (scan.type == SCAN_EVENT || scan.type == SCAN_LIVE) {
		/* It stands right behind. */
		scan_text(
			bytes, len < TAG_WITHIN ? len : TAG_WITHIN, "\"tag\":\"", scan.tag, sizeof(scan.tag));
	} else if (scan.type == SCAN_RESULT) {
		scan.id = number_after(bytes, len, "\"id\":");
		scan.ok = find(bytes, len, "\"ok\":true");
		scan.done = scan.ok && find(bytes, len, "\"changed\":true") &&
			    find(bytes, len, "\"duplicate\":false");
	}
	return scan;
}
