#include "protocol/echo.h"

#include "protocol/instant.h"
#include "protocol/json.h"

#include <string.h>

/* How a member may differ from what a client has read of it before, though nobody has changed anything. */
enum drift { DRIFT_ANY, DRIFT_GROWS, DRIFT_SHRINKS, DRIFT_FROM_NULL };

/* ... while another member has this value, or, where there is none, on any later day of the user. */
static const struct drift_row {
	const char *name;
	enum drift drift;
	const char *member, *value;
} drifts[] = {
	{"timeLeft", DRIFT_SHRINKS, "state", "RUNNING"},
	{"elapsedSeconds", DRIFT_GROWS, "state", "RUNNING"},
	{"trackedSeconds", DRIFT_GROWS, "state", "RUNNING"},
	{"focusSeconds", DRIFT_GROWS, "state", "RUNNING"},
	{"trackedSeconds", DRIFT_ANY, NULL, NULL},
	{"focusSeconds", DRIFT_ANY, NULL, NULL},
	{"day", DRIFT_ANY, NULL, NULL},
	{"dayStartMs", DRIFT_ANY, NULL, NULL},
	{"dayEndMs", DRIFT_ANY, NULL, NULL},
	{"timeSpent", DRIFT_GROWS, "status", "Pending"},
	/* rest.md: "its timer may have ended first". */
	{"completed_at", DRIFT_FROM_NULL, "status", "completed"},
};

static const char *string_of(const cJSON *object, const char *name)
{
	const cJSON *item = name ? json_get(object, name) : NULL;
	return cJSON_IsString(item) ? item->valuestring : "";
}

static bool applies(const struct drift_row *row, const cJSON *echo, const cJSON *now)
{
	const char *read = string_of(echo, "day");
	if (row->member)
		return strcmp(string_of(now, row->member), row->value) == 0;
	return read[0] && strcmp(read, string_of(now, "day")) < 0;
}

/* Between two numbers; an absent limit is none. */
static bool is_between(const cJSON *given, const cJSON *low, const cJSON *high)
{
	return cJSON_IsNumber(given) && given->valuedouble >= (low ? low->valuedouble : 0) &&
	       (!cJSON_IsNumber(high) || given->valuedouble <= high->valuedouble);
}

static bool drifted(enum drift drift, const cJSON *now, const cJSON *given, const cJSON *is)
{
	switch (drift) {
	case DRIFT_ANY:
		return given->type == is->type;
	case DRIFT_GROWS:
		return is_between(given, NULL, is);
	case DRIFT_SHRINKS:
		return is_between(given, is, json_get(now, "initialDuration"));
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
		if (strcmp(given->string, row->name) == 0 && applies(row, echo, now) &&
			drifted(row->drift, now, given, is))
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
	const cJSON *given;
	cJSON_ArrayForEach (given, echo) {
		if (!accepts(echo, now, given))
			return refuse(ret_why, ERR_BAD_REQUEST, given->string, "%s cannot be changed here",
				given->string);
	}
	return OK;
}
