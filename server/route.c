#include "server/route.h"

#include <stdio.h>
#include <string.h>

/* What bodies call the fields of commands. */
static const struct route_field new_session[] = {
	{"id", FIELD_SESSION},
	{"title", FIELD_TITLE},
	{"groupId", FIELD_GROUP},
	{"initialDuration", FIELD_INITIAL_DURATION},
	{"sessionDuration", FIELD_INITIAL_DURATION},
	{"dailyGoalMinutes", FIELD_DAILY_GOAL_MINUTES},
	{"noGoal", FIELD_NO_GOAL},
	{0},
};
static const struct route_field session[] = {
	{"initialDuration", FIELD_INITIAL_DURATION},
	{"sessionDuration", FIELD_INITIAL_DURATION},
	{"dailyGoalMinutes", FIELD_DAILY_GOAL_MINUTES},
	{"noGoal", FIELD_NO_GOAL},
	{0},
};
static const struct route_field new_group[] = {
	{"id", FIELD_GROUP},
	{"name", FIELD_NAME},
	{"description", FIELD_DESCRIPTION},
	{0},
};
static const struct route_field group[] = {
	{"name", FIELD_NAME},
	{"description", FIELD_DESCRIPTION},
	{0},
};
static const struct route_field me[] = {
	{"timeZone", FIELD_TIME_ZONE},
	{"sessionsResetTime", FIELD_SESSIONS_RESET_TIME},
	{0},
};
static const struct route_field reason[] = {{"reason", FIELD_REASON}, {0}};
static const struct route_field title[] = {{"title", FIELD_TITLE}, {0}};
static const struct route_field group_id[] = {{"groupId", FIELD_GROUP}, {0}};

#define LOCAL(does_, method_, path_)                            \
	{                                                       \
		.does = does_, .method = method_, .path = path_ \
	}
#define VIEW(view_, path_, flags_)                                                                     \
	{                                                                                              \
		.does = ROUTE_VIEW, .method = ROUTE_GET, .path = path_, .view = view_, .flags = flags_ \
	}
/* command, method, path, where {id} goes, fields, flags */
#define COMMAND(command_, method_, path_, target_, fields_, flags_)                           \
	{                                                                                     \
		.does = ROUTE_COMMAND, .method = method_, .path = path_, .command = command_, \
		.target = target_, .fields = fields_, .flags = flags_                         \
	}
#define ACTION(command_, action, fields_) \
	COMMAND(command_, ROUTE_POST, "/sessions/{id}/actions/" action, FIELD_SESSION, fields_, 0)

/* clang-format off */
static const struct route routes[] = {
	LOCAL(ROUTE_HEALTH, ROUTE_GET, "/healthz"),
	LOCAL(ROUTE_READY, ROUTE_GET, "/readyz"),
	LOCAL(ROUTE_VERSION, ROUTE_GET, "/version"),
	LOCAL(ROUTE_DEV_TOKEN, ROUTE_POST, "/v1/dev/token"),

	/* protocol.md section 7 */
	LOCAL(ROUTE_COMMANDS, ROUTE_POST, "/v1/commands"),
	VIEW(VIEW_STATE, "/v1/state", 0),
	VIEW(VIEW_EVENTS, "/v1/events", 0),
	VIEW(VIEW_ANALYTICS, "/v1/analytics", 0),

	/* rest.md: 002's */
	VIEW(VIEW_SESSIONS, "/sessions", 0),
	COMMAND(COMMAND_ADD_SESSION, ROUTE_POST, "/sessions", FIELD_COUNT, new_session, ROUTE_CREATES),
	VIEW(VIEW_SESSION, "/sessions/{id}", 0),
	COMMAND(COMMAND_EDIT_SESSION, ROUTE_PATCH, "/sessions/{id}", FIELD_SESSION, session, ROUTE_ECHOES),
	COMMAND(COMMAND_DELETE_SESSION, ROUTE_DELETE, "/sessions/{id}", FIELD_SESSION, NULL, 0),
	ACTION(COMMAND_START, "start", NULL),
	ACTION(COMMAND_PAUSE, "pause", reason),
	ACTION(COMMAND_RESET_SESSION, "reset", NULL),
	ACTION(COMMAND_COMPLETE, "complete", NULL),
	ACTION(COMMAND_RESTORE_SESSION, "restore", NULL),
	ACTION(COMMAND_RENAME_SESSION, "rename", title),
	ACTION(COMMAND_MOVE_SESSION, "move", group_id),
	COMMAND(COMMAND_RESET_ALL, ROUTE_POST, "/sessions/actions/reset-all", FIELD_COUNT, group_id, 0),
	VIEW(VIEW_ANALYTICS, "/analytics", ROUTE_API),
	VIEW(VIEW_GROUPS, "/groups", ROUTE_API),
	COMMAND(COMMAND_ADD_GROUP, ROUTE_POST, "/groups", FIELD_COUNT, new_group, ROUTE_API | ROUTE_CREATES),
	COMMAND(COMMAND_EDIT_GROUP, ROUTE_PATCH, "/groups/{id}", FIELD_GROUP, group, ROUTE_API | ROUTE_ECHOES),
	COMMAND(COMMAND_DELETE_GROUP, ROUTE_DELETE, "/groups/{id}", FIELD_GROUP, NULL, ROUTE_API),
	VIEW(VIEW_ME, "/me", ROUTE_API),
	COMMAND(COMMAND_AUTO_RESET_TIME_CHANGE, ROUTE_PATCH, "/me", FIELD_COUNT, me, ROUTE_API | ROUTE_ECHOES),
};
/* clang-format on */

/* Compares the whole path; {id} takes one UUID. */
static bool matches(const char *pattern, const char *path, struct uuid *ret_id)
{
	static const char placeholder[] = "{id}";
	const char *hole = strstr(pattern, placeholder);
	if (!hole)
		return strcmp(pattern, path) == 0;
	size_t before = (size_t)(hole - pattern);
	const char *after = hole + strlen(placeholder);
	char id[UUID_TEXT] = "";
	if (strncmp(pattern, path, before) != 0 || strlen(path + before) < UUID_TEXT - 1)
		return false;
	memcpy(id, path + before, UUID_TEXT - 1);
	return strcmp(after, path + before + UUID_TEXT - 1) == 0 && uuid_parse(id, ret_id);
}

struct route_match route_find(enum route_method method, const char *path)
{
	static const char api[] = "/api/";
	bool below_api = strncmp(path, api, strlen(api)) == 0;
	struct route_match match = {0};
	if (below_api)
		path += strlen(api) - 1;
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		const struct route *route = &routes[i];
		if ((below_api && !(route->flags & ROUTE_API)) || !matches(route->path, path, &match.id))
			continue;
		match.allowed |= route->method;
		if (route->method == method)
			match.route = route;
	}
	return match;
}

bool route_needs_body(const struct route *route)
{
	if (route->does == ROUTE_COMMANDS || route->does == ROUTE_DEV_TOKEN)
		return true;
	if (route->does != ROUTE_COMMAND)
		return false;
	uint64_t from_path = route->target == FIELD_COUNT ? 0 : FIELD_BIT(route->target);
	uint64_t needed = command_rows[route->command].required & ~from_path;
	/* A timer is what this endpoint adds, and a timer has a title. */
	return needed || route->command == COMMAND_ADD_SESSION;
}

bool route_is_open(const struct route *route)
{
	return route->does >= ROUTE_HEALTH;
}

enum answer_shape route_shape(const char *path)
{
	return strncmp(path, "/v1/", strlen("/v1/")) == 0 ? ANSWER_V1 : ANSWER_OBJECT;
}

void route_list_methods(unsigned methods, char ret[64])
{
	static const struct {
		unsigned method;
		const char *name;
	} names[] = {
		{ROUTE_GET, "GET, HEAD"},
		{ROUTE_POST, "POST"},
		{ROUTE_PUT, "PUT"},
		{ROUTE_PATCH, "PATCH"},
		{ROUTE_DELETE, "DELETE"},
	};
	size_t len = 0;
	ret[0] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(methods & names[i].method))
			continue;
		const char *comma = len ? ", " : "";
		len += (size_t)snprintf(ret + len, 64 - len, "%s%s", comma, names[i].name);
	}
}
