#include "server/route.h"

#include <stdio.h>
#include <string.h>

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

static bool stands_there(const struct route *route, bool below_api)
{
	return below_api ? route->flags & (ROUTE_API | ROUTE_API_ONLY) : !(route->flags & ROUTE_API_ONLY);
}

static bool is_known(const struct route *route, enum face face)
{
	unsigned faces = route->faces ? route->faces : FACE_BIT(FACE_PUBLIC);
	return faces & FACE_BIT(face);
}

struct route_match route_find(enum face face, enum route_method method, const char *path)
{
	static const char api[] = "/api/";
	bool below_api = strncmp(path, api, strlen(api)) == 0;
	struct route_match match = {0};
	if (below_api)
		path += strlen(api) - 1;
	for (const struct route *route = route_rows; route->path; route++) {
		if (!is_known(route, face) || !stands_there(route, below_api))
			continue;
		if (!matches(route->path, path, &match.id))
			continue;
		match.allowed |= route->methods;
		if (!match.route && (route->methods & method))
			match.route = route;
	}
	return match;
}

const struct route *route_next(const struct route *route)
{
	const struct route *next = route + 1;
	bool same = route->when.member && next->path && strcmp(next->path, route->path) == 0 &&
		    next->methods == route->methods;
	return same ? next : NULL;
}

enum session_kind route_kind(const struct route *route)
{
	enum session_kind kind = KIND_TIMER;
	while (kind < KIND_COUNT && route->kinds != ROUTE_KIND(kind))
		kind++;
	return kind;
}

uint64_t route_required(const struct route *route)
{
	uint64_t required = command_rows[route->command].required | route->needs;
	if (route->command == COMMAND_ADD_SESSION)
		required |= session_policies[route_kind(route)].add_required;
	if (route->target != FIELD_COUNT)
		required &= ~FIELD_BIT(route->target);
	if (route->constant.value)
		required &= ~FIELD_BIT(route->constant.field);
	return required;
}

bool route_needs_body(const struct route *route)
{
	if (route->does == ROUTE_COMMAND)
		return route->when.member || route_required(route);
	return route->does == ROUTE_COMMANDS || route->does == ROUTE_DEVICE_ADD ||
	       route->does == ROUTE_DEV_TOKEN || route->does == ROUTE_FORGET;
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
