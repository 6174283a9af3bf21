#include "tests/bench/load/scan.h"

#include <string.h>

#define TYPE_BYTES 12 /* the longest name is snapshot */

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
		{"ready\"", SCAN_OTHER},
		{"snapshot\"", SCAN_OTHER},
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

struct scan scan_message(const char *bytes, size_t len)
{
	struct scan scan = {.type = type_of(bytes, len), .seq = -1, .id = -1};
	if (scan.type == SCAN_OTHER || scan.type == SCAN_UNKNOWN)
		return scan;
	scan.seq = number_after(bytes, len, "\"seq\":");
	if (scan.type == SCAN_RESULT) {
		scan.id = number_after(bytes, len, "\"id\":");
		scan.done = find(bytes, len, "\"ok\":true") && find(bytes, len, "\"changed\":true") &&
			    find(bytes, len, "\"duplicate\":false");
	}
	return scan;
}
