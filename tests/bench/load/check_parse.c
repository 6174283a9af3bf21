#include "tests/bench/load/check_state.h"

#include "protocol/json.h"

#include <string.h>

#define DEPTH_MAX 32

static bool is_number(const cJSON *tree, const char *name, int64_t expected)
{
	int64_t number;
	return json_integer(json_get(tree, name), &number) && number == expected;
}

static bool is_text(const cJSON *tree, const char *name, const char *expected)
{
	const cJSON *item = json_get(tree, name);
	return cJSON_IsString(item) && (!expected || strcmp(item->valuestring, expected) == 0);
}

/* Command 0 adds the session, the odd ones start it, the others pause it; or each adds one. */
static bool is_event(const struct check *check, const cJSON *tree, const struct scan *scan, int64_t number,
	const struct user *user)
{
	bool add = check->adds || number == 0, start = !add && number % 2;
	int64_t version = check->adds ? 1 : scan->seq - user->base;
	const cJSON *session = json_get(tree, "session");
	return is_text(tree, "type", "event") && is_number(tree, "seq", scan->seq) &&
	       is_text(tree, "tag", NULL) &&
	       is_text(tree, "event",
		       add     ? "addSession"
		       : start ? "start"
			       : "pause") &&
	       is_text(session, "state", start ? "RUNNING" : "PAUSED") && is_text(session, "id", NULL) &&
	       is_number(session, "version", version) && cJSON_IsObject(json_get(tree, "origin"));
}

static bool is_result(const cJSON *tree, const struct scan *scan)
{
	return is_text(tree, "type", "result") && is_number(tree, "id", scan->id) &&
	       cJSON_IsTrue(json_get(tree, "ok")) == scan->ok;
}

bool check_is_good(const struct check *check, size_t socket, const struct scan *scan, int64_t number,
	const char *bytes, size_t len)
{
	JSON_AUTO *tree = NULL;
	struct refusal why = {0};
	if (json_parse_within(bytes, len, DEPTH_MAX, &tree, &why) != OK)
		return false;
	if (scan->type == SCAN_EVENT)
		return is_event(check, tree, scan, number, user_of(check, socket));
	return scan->type != SCAN_RESULT || is_result(tree, scan);
}

bool check_is_json(const char *bytes, size_t len)
{
	JSON_AUTO *tree = NULL;
	struct refusal why = {0};
	return json_parse_within(bytes, len, DEPTH_MAX, &tree, &why) == OK;
}
