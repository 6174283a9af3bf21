#include "protocol/echo.h"

#include "protocol/json.h"

#include <string.h>

static bool moves_with_time(const char *name)
{
	static const char *const names[] = {
		"timeLeft", "elapsedSeconds", "trackedSeconds", "focusSeconds", "day"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

enum err echo_check(const struct text *object, const struct cJSON *echo, struct refusal *ret_why)
{
	JSON_AUTO *now = NULL;
	enum err err = json_parse(object->data, object->len, &now, ret_why);
	if (err)
		return err;
	const cJSON *state = json_get(now, "state");
	bool running = state && cJSON_IsString(state) && strcmp(state->valuestring, "RUNNING") == 0;
	const cJSON *given;
	cJSON_ArrayForEach (given, echo) {
		const cJSON *is = json_get(now, given->string);
		if (is && running && moves_with_time(given->string))
			continue;
		if (!is || !cJSON_Compare(is, given, true))
			return refuse(ret_why, ERR_BAD_REQUEST, given->string, "%s cannot be changed here",
				given->string);
	}
	return OK;
}
