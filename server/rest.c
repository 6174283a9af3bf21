#include "server/rest.h"

#include "protocol/instant.h"
#include "protocol/json.h"
#include "server/query.h"
#include "server/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* More digits are no version of anything, and would not fit. */
#define VERSION_DIGITS 15

/* Bodies and headers. */

static enum err check_content_type(const struct rest_input *input, struct refusal *ret_why)
{
	static const char json[] = "application/json";
	const char *type = input->content_type ? input->content_type : "";
	size_t len = strcspn(type, "; \t");
	if (len == strlen(json) && strncasecmp(type, json, len) == 0)
		return OK;
	return refuse(ret_why, ERR_UNSUPPORTED_MEDIA_TYPE, NULL, "a body must be application/json");
}

/* The body's object; an empty one where there is no body. */
static enum err read_body(const struct rest_input *input, cJSON **ret, struct refusal *ret_why)
{
	if (input->body_len == 0) {
		*ret = cJSON_CreateObject();
		return OK;
	}
	enum err err = check_content_type(input, ret_why);
	if (!err)
		err = json_parse(input->body, input->body_len, ret, ret_why);
	if (!err && !cJSON_IsObject(*ret)) {
		json_free(ret);
		err = refuse(ret_why, ERR_BAD_JSON, NULL, "a body must be a JSON object");
	}
	return err;
}

/* Idempotency-Key, bare or quoted, stands for `key`. */
static enum err apply_key(const struct rest_input *input, cJSON *command, struct refusal *ret_why)
{
	const char *text = input->idempotency_key;
	if (!text)
		return OK;
	char key[LIMIT_KEY_BYTES + 2];
	size_t len = strlen(text);
	if (len >= 2 && text[0] == '"' && text[len - 1] == '"') {
		text++;
		len -= 2;
	}
	/* One that is too long is cut to one that still is: decoding says so. */
	snprintf(key, sizeof(key), "%.*s", (int)(len < sizeof(key) ? len : sizeof(key)), text);
	const cJSON *own = json_get(command, "key");
	if (!own)
		cJSON_AddStringToObject(command, "key", key);
	else if (!cJSON_IsString(own) || strcmp(own->valuestring, key) != 0)
		return refuse(ret_why, ERR_BAD_REQUEST, "key", "key and Idempotency-Key differ");
	return OK;
}

/* If-Match: "<version>" stands for `ifVersion`. */
static enum err apply_version(const struct rest_input *input, cJSON *command, struct refusal *ret_why)
{
	const char *text = input->if_match;
	if (!text)
		return OK;
	bool quoted = text[0] == '"';
	size_t digits = strspn(text + quoted, "0123456789");
	if (digits < 1 || digits > VERSION_DIGITS || strcmp(text + quoted + digits, quoted ? "\"" : "") != 0)
		return refuse(ret_why, ERR_BAD_REQUEST, "ifVersion", "If-Match must be \"<version>\"");
	double version = (double)strtoll(text + quoted, NULL, 10);
	const cJSON *own = json_get(command, "ifVersion");
	if (!own)
		cJSON_AddNumberToObject(command, "ifVersion", version);
	else if (!cJSON_IsNumber(own) || own->valuedouble != version)
		return refuse(ret_why, ERR_BAD_REQUEST, "ifVersion", "ifVersion and If-Match differ");
	return OK;
}

static enum err apply_headers(const struct rest_input *input, cJSON *command, struct refusal *ret_why)
{
	enum err err = apply_key(input, command, ret_why);
	return err ? err : apply_version(input, command, ret_why);
}

/* Decodes the one command of the request. Takes over the tree in any case. */
static enum err take_command(struct request *request, cJSON **tree, struct refusal *ret_why)
{
	request->commands = calloc(1, sizeof(*request->commands));
	if (!request->commands)
		abort();
	enum err err = decode_command(tree, &request->commands[0].command, ret_why);
	request->count = err ? 0 : 1;
	return err;
}

/* rest.md: one command. */

static bool holds(const struct route *route, const cJSON *body)
{
	const cJSON *member = json_get(body, route->when.member);
	if (!route->when.value)
		return member;
	return cJSON_IsString(member) && strcmp(member->valuestring, route->when.value) == 0;
}

static enum err refuse_choice(const struct route *first, struct refusal *ret_why)
{
	const char *member = first->when.member;
	TEXT_AUTO choices = {0};
	for (const struct route *row = first; row; row = route_next(row))
		text_append_format(&choices, "%s%s", row == first ? "" : " or ",
			row->when.value ? row->when.value : row->when.member);
	if (first->when.value)
		return refuse(ret_why, ERR_BAD_REQUEST, member, "%s must be %s", member, choices.data);
	return refuse(ret_why, ERR_BAD_REQUEST, member, "either %s is needed, not both", choices.data);
}

/* "Both or neither is a 400 that names the two." */
static enum err choose_row(const struct route **route, cJSON *body, struct refusal *ret_why)
{
	const struct route *first = *route;
	int holding = 0;
	if (!first->when.member)
		return OK;
	for (const struct route *row = first; row; row = route_next(row)) {
		if (!holds(row, body))
			continue;
		*route = row;
		holding++;
	}
	if (holding != 1)
		return refuse_choice(first, ret_why);
	if ((*route)->when.value)
		cJSON_DeleteItemFromObjectCaseSensitive(body, (*route)->when.member);
	return OK;
}

static const struct body_field *find_field(const struct route *route, const char *name)
{
	for (const struct body_field *field = route->fields; field && field->name; field++) {
		if (strcmp(field->name, name) == 0)
			return field;
	}
	return NULL;
}

/* The command calls it by another name only where the body's is not one it knows. */
static const char *command_name(const struct body_field *field)
{
	const struct field_row *row = &field_rows[field->field];
	bool alias = row->alias && strcmp(row->alias, field->name) == 0;
	return alias ? field->name : row->name;
}

/* The member's value as the command writes it, to be owned; NULL where an instant is none. */
static cJSON *take_value(cJSON *body, cJSON *item, bool instant)
{
	int64_t ms;
	if (!instant)
		return cJSON_DetachItemViaPointer(body, item);
	if (!cJSON_IsString(item) || !instant_parse(item->valuestring, &ms))
		return NULL;
	return cJSON_CreateNumber((double)ms);
}

/* Moves the body's members to where they belong: what may be written to the command, the rest of a PUT or
 * PATCH to what must be equal to the object. */
static enum err share_out(
	const struct route *route, cJSON *body, cJSON *command, cJSON **ret_echo, struct refusal *ret_why)
{
	cJSON *next;
	for (cJSON *item = body->child; item; item = next) {
		const struct body_field *field = find_field(route, item->string);
		next = item->next;
		if (!field && !(route->flags & ROUTE_ECHOES))
			return refuse(ret_why, ERR_BAD_REQUEST, item->string, "there is no field %s here",
				item->string);
		cJSON *value = take_value(body, item, field && field->instant);
		if (!value)
			return refuse(ret_why, ERR_BAD_REQUEST, item->string,
				"%s must be a date and time of ISO 8601, with Z or an offset", item->string);
		if (!field && !*ret_echo)
			*ret_echo = cJSON_CreateObject();
		/* The key is copied before the old one, which it may be, is freed. */
		char *name = strdup(field ? command_name(field) : item->string);
		if (!name || !cJSON_AddItemToObject(field ? command : *ret_echo, name, value))
			abort();
		free(name);
	}
	return OK;
}

static enum err require_fields(const struct route *route, const cJSON *command, struct refusal *ret_why)
{
	uint64_t required = route_required(route);
	for (const struct body_field *field = route->fields; field && field->name; field++) {
		if ((required & FIELD_BIT(field->field)) && !json_get(command, command_name(field)))
			return refuse(ret_why, ERR_BAD_REQUEST, field->name, "%s is required", field->name);
	}
	return OK;
}

/* Decoding speaks of the command's fields; the client knows the body's. False when it is none of those. */
static bool name_as_body(const struct route *route, struct refusal *why)
{
	for (const struct body_field *field = route->fields; field && field->name; field++) {
		if (strcmp(why->field, command_name(field)) != 0)
			continue;
		refusal_rename(why, field->name);
		return true;
	}
	return false;
}

/* The command as far as the path says it. */
static cJSON *begin_command(const struct rest_input *input, const struct route *route)
{
	cJSON *command = cJSON_CreateObject();
	cJSON_AddStringToObject(command, "type", command_rows[route->command].name);
	if (route->target != FIELD_COUNT) {
		char id[UUID_TEXT];
		uuid_format(&input->id, id);
		cJSON_AddStringToObject(command, field_rows[route->target].name, id);
	}
	if (route->command == COMMAND_ADD_SESSION)
		cJSON_AddStringToObject(
			command, field_rows[FIELD_KIND].name, session_kind_name(route_kind(route)));
	if (route->constant.value)
		cJSON_AddStringToObject(
			command, field_rows[route->constant.field].name, route->constant.value);
	return command;
}

/* 004's words for a wrong body of a training session, on whose paths there are others too: what it may bring
 * tells. */
static bool is_training(const struct route *route, const cJSON *body)
{
	if (route_kind(route) == KIND_TRAINING)
		return true;
	for (const struct body_field *field = route->fields; field && field->name; field++) {
		if (field->field == FIELD_STRUCTURE)
			return (route->kinds & ROUTE_KIND(KIND_TRAINING)) && json_get(body, field->name);
	}
	return false;
}

static void say_invalid(struct refusal *why)
{
	snprintf(why->message, sizeof(why->message), "%s", shape_invalid_training);
}

static enum err make_command(const struct rest_input *input, const struct route *route, cJSON *body,
	struct request *request, struct refusal *ret_why)
{
	bool training = is_training(route, body);
	JSON_AUTO *command = begin_command(input, route);
	enum err err = share_out(route, body, command, &request->echo, ret_why);
	if (!err)
		err = require_fields(route, command, ret_why);
	if (err && training)
		say_invalid(ret_why);
	if (!err)
		err = apply_headers(input, command, ret_why);
	if (err)
		return err;
	err = take_command(request, &command, ret_why);
	if (err && name_as_body(route, ret_why) && training)
		say_invalid(ret_why);
	return err;
}

static enum err read_command(const struct rest_input *input, struct request *request, struct refusal *ret_why)
{
	const struct route *route = input->route;
	JSON_AUTO *body = NULL;
	enum err err = read_body(input, &body, ret_why);
	/* Nobody can know whose it was meant to be. */
	bool shared = (route->flags & ROUTE_API_ONLY) && route->shape == SHAPE_SESSION;
	if (err == ERR_BAD_JSON && shared)
		say_invalid(ret_why);
	if (!err)
		err = choose_row(&route, body, ret_why);
	if (err)
		return err;
	request->created = route->flags & ROUTE_CREATES;
	request->shape_of_object = route->shape;
	request->kinds = route->kinds;
	request->names = route->fields;
	request->path_field = route->target;
	return make_command(input, route, body, request, ret_why);
}

/* protocol.md section 7: the commands as the WebSocket has them. */

static enum err read_batch(const struct rest_input *input, struct request *request, struct refusal *ret_why)
{
	struct message message;
	if (input->idempotency_key || input->if_match)
		return refuse(ret_why, ERR_BAD_REQUEST, input->idempotency_key ? "key" : "ifVersion",
			"each command of a batch has its own key and ifVersion");
	enum err err = decode_message(input->body, input->body_len, &message, ret_why);
	if (err)
		return err;
	request->batch = true;
	request->commands = message.commands;
	request->count = message.count;
	message.commands = NULL;
	message.count = 0;
	message_finish(&message);
	return OK;
}

static enum err read_commands(
	const struct rest_input *input, struct request *request, struct refusal *ret_why)
{
	JSON_AUTO *body = NULL;
	enum err err = read_body(input, &body, ret_why);
	if (err)
		return err;
	const cJSON *type = json_get(body, "type");
	if (cJSON_IsString(type) && strcmp(type->valuestring, "batch") == 0)
		return read_batch(input, request, ret_why);
	err = apply_headers(input, body, ret_why);
	return err ? err : take_command(request, &body, ret_why);
}

/* Views. */

static enum err read_view(const struct rest_input *input, struct request *request, int64_t *ret_wait_ms,
	struct refusal *ret_why)
{
	request->view.kind = input->route->view;
	request->view.shape = input->route->shape;
	request->view.sessions.kinds = input->route->kinds;
	request->view.id = input->id;
	return query_read(input->parameters, input->parameter_count, &request->view, ret_wait_ms, ret_why);
}

/* Tokens of devices. */

/* The member's text among the body's; refuses what is no text, and any other member than `names`. */
static enum err read_texts(const cJSON *body, const char *const *names, const char **ret_texts, size_t count,
	struct refusal *ret_why)
{
	const cJSON *item;
	cJSON_ArrayForEach (item, body) {
		size_t i = 0;
		while (i < count && strcmp(item->string, names[i]) != 0)
			i++;
		if (i == count)
			return refuse(ret_why, ERR_BAD_REQUEST, item->string, "there is no field %s here",
				item->string);
		if (!cJSON_IsString(item))
			return refuse(ret_why, ERR_BAD_REQUEST, names[i], "%s must be a string", names[i]);
		ret_texts[i] = item->valuestring;
	}
	for (size_t i = 0; i < count; i++) {
		if (!ret_texts[i])
			return refuse(ret_why, ERR_BAD_REQUEST, names[i], "%s is required", names[i]);
	}
	return OK;
}

static enum err read_device(const struct rest_input *input, struct request *request, struct refusal *ret_why)
{
	static const char *const names[] = {"name", "scope"};
	const char *texts[2] = {0};
	struct device *device = &request->device;
	JSON_AUTO *body = NULL;
	enum err err = read_body(input, &body, ret_why);
	if (!err)
		err = read_texts(body, names, texts, 2, ret_why);
	if (err)
		return err;
	size_t chars = text_count_chars(texts[0]);
	if (chars < 1 || chars > LIMIT_NAME_CHARS)
		return refuse(ret_why, ERR_BAD_REQUEST, names[0], "name must have 1 to %d characters",
			LIMIT_NAME_CHARS);
	while (device->scope < SCOPE_COUNT && strcmp(texts[1], scope_names[device->scope]) != 0)
		device->scope++;
	if (device->scope == SCOPE_COUNT)
		return refuse(ret_why, ERR_BAD_REQUEST, names[1], "scope must be full or read");
	memcpy(device->name, texts[0], strlen(texts[0]) + 1);
	return OK;
}

static enum err read_request(const struct rest_input *input, struct request *request, int64_t *ret_wait_ms,
	struct refusal *ret_why)
{
	if (input->route->does == ROUTE_VIEW)
		return read_view(input, request, ret_wait_ms, ret_why);
	enum err err = query_refuse(input->parameters, input->parameter_count, ret_why);
	if (err)
		return err;
	if (input->route->does == ROUTE_COMMANDS)
		return read_commands(input, request, ret_why);
	if (input->route->does == ROUTE_DEVICE_ADD)
		return read_device(input, request, ret_why);
	request->device.id = input->id;
	return input->route->does == ROUTE_DEVICE_REMOVE ? OK : read_command(input, request, ret_why);
}

enum err rest_read(
	const struct rest_input *input, struct request **ret, int64_t *ret_wait_ms, struct refusal *ret_why)
{
	static const enum request_kind kinds[] = {
		[ROUTE_COMMAND] = REQUEST_COMMANDS,
		[ROUTE_COMMANDS] = REQUEST_COMMANDS,
		[ROUTE_VIEW] = REQUEST_VIEW,
		[ROUTE_DEVICE_ADD] = REQUEST_DEVICE_ADD,
		[ROUTE_DEVICE_REMOVE] = REQUEST_DEVICE_REMOVE,
	};
	struct request *request = calloc(1, sizeof(*request));
	if (!request)
		abort();
	request->kind = kinds[input->route->does];
	request->shape = route_shape(input->route->path);
	request->origin.via = "http";
	snprintf(request->id, sizeof(request->id), "null");
	*ret_wait_ms = 0;
	enum err err = read_request(input, request, ret_wait_ms, ret_why);
	if (err)
		request_destroy(request);
	else
		*ret = request;
	return err;
}

enum err rest_read_user(const struct rest_input *input, char **ret_user, struct refusal *ret_why)
{
	JSON_AUTO *body = NULL;
	enum err err = query_refuse(input->parameters, input->parameter_count, ret_why);
	if (!err)
		err = read_body(input, &body, ret_why);
	if (err)
		return err;
	static const char *const name = "user";
	const char *user = NULL;
	err = read_texts(body, &name, &user, 1, ret_why);
	if (err)
		return err;
	*ret_user = strdup(user);
	if (!*ret_user)
		abort();
	return OK;
}
