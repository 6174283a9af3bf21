#include "protocol/echo.h"

#include "protocol/instant.h"
#include "protocol/json.h"

#include <string.h>

/* How a member may differ from what a client has read of it before, though nobody has changed anything. */
enum drift { DRIFT_ANY, DRIFT_GROWS, DRIFT_FROM_NULL };

/* ... while another member has this value, or, where it is of the user's day, on any later day. */
static const struct drift_row {
	const char *name;
	enum drift drift;
	bool daily;
	const char *member, *value;
} drifts[] = {
	{"timeLeft", DRIFT_ANY, false, "state", "RUNNING"},
	{"elapsedSeconds", DRIFT_ANY, false, "state", "RUNNING"},
	{"trackedSeconds", DRIFT_ANY, true, "state", "RUNNING"},
	{"focusSeconds", DRIFT_ANY, true, "state", "RUNNING"},
	{"day", DRIFT_ANY, true, "state", "RUNNING"},
	{"dayStartMs", DRIFT_ANY, true, NULL, NULL},
	{"dayEndMs", DRIFT_ANY, true, NULL, NULL},
	{"timeSpent", DRIFT_GROWS, false, "status", "Pending"},
	/* rest.md: "its timer may have ended first". */
	{"completed_at", DRIFT_FROM_NULL, false, "status", "completed"},
};

static const char *string_of(const cJSON *object, const char *name)
{
	const cJSON *item = name ? json_get(object, name) : NULL;
	return cJSON_IsString(item) ? item->valuestring : "";
}

static bool applies(const struct drift_row *row, const cJSON *echo, const cJSON *now)
{
	const char *read = string_of(echo, "day");
	if (row->daily && read[0] && strcmp(read, string_of(now, "day")) < 0)
		return true;
	return row->member && strcmp(string_of(now, row->member), row->value) == 0;
}

static bool drifted(enum drift drift, const cJSON *given, const cJSON *is)
{
	switch (drift) {
	case DRIFT_ANY:
		return given->type == is->type;
	case DRIFT_GROWS:
		return cJSON_IsNumber(given) && given->valuedouble >= 0 &&
		       given->valuedouble <= is->valuedouble;
	case DRIFT_FROM_NULL:
		return cJSON_IsNull(given);
	}
	return false;
}

/* An instant is the same however it is spelled. */
static bool equal(const cJSON *given, const cJSON *is)
{
	int64_t given_ms, is_ms;
	if (cJSON_Compare(given, is, true))
		return true;
	return cJSON_IsString(given) && cJSON_IsString(is) && instant_parse(given->valuestring, &given_ms) &&
	       instant_parse(is->valuestring, &is_ms) && given_ms == is_ms;
}

static bool accepts(const cJSON *echo, const cJSON *now, const cJSON *given)
{
	const cJSON *is = json_get(now, given->string);
	if (!is || equal(given, is))
		return is;
	for (size_t i = 0; i < sizeof(drifts) / sizeof(drifts[0]); i++) {
		const struct drift_row *row = &drifts[i];
		if (strcmp(given->string, row->name) == 0)
			return applies(row, echo, now) && drifted(row->drift, given, is);
	}
	return false;
}

enum err echo_check(const struct text *object, const struct cJSON *echo, struct refusal *ret_why)
{
	JSON_AUTO *now = NULL;
	enum err err = json_parse(object->data, object->len, &now, ret_why);
	if (err)
		return err;
	const cJSON *given;
	cJSON_ArrayForEach (given, echo) {
		if (!accepts(echo, now, given))
			return refuse(ret_why, ERR_BAD_REQUEST, given->string, "%s cannot be changed here",
				given->string);
	}
	return OK;
}
