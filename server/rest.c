#include "server/rest.h"

#include "protocol/json.h"
#include "server/query.h"

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

static const struct route_field *find_field(const struct route *route, const char *name)
{
	for (const struct route_field *field = route->fields; field && field->name; field++) {
		if (strcmp(field->name, name) == 0)
			return field;
	}
	return NULL;
}

/* The command calls it by another name only where the body's is not one it knows. */
static const char *command_name(const struct route_field *field)
{
	const struct field_row *row = &field_rows[field->field];
	bool alias = row->alias && strcmp(row->alias, field->name) == 0;
	return alias ? field->name : row->name;
}

/* Moves the body's members to where they belong: what may be written to the command, the rest of a PATCH to
 * what must be equal to the object. */
static enum err share_out(
	const struct route *route, cJSON *body, cJSON *command, cJSON **ret_echo, struct refusal *ret_why)
{
	cJSON *next;
	for (cJSON *item = body->child; item; item = next) {
		const struct route_field *field = find_field(route, item->string);
		next = item->next;
		if (!field && !(route->flags & ROUTE_ECHOES))
			return refuse(ret_why, ERR_BAD_REQUEST, item->string, "there is no field %s here",
				item->string);
		cJSON_DetachItemViaPointer(body, item);
		if (!field && !*ret_echo)
			*ret_echo = cJSON_CreateObject();
		/* The key is copied before the old one, which it may be, is freed. */
		char *name = strdup(field ? command_name(field) : item->string);
		if (!name || !cJSON_AddItemToObject(field ? command : *ret_echo, name, item))
			abort();
		free(name);
	}
	return OK;
}

static enum err require_fields(const struct route *route, const cJSON *command, struct refusal *ret_why)
{
	for (const struct route_field *field = route->fields; field && field->name; field++) {
		bool needed = (command_rows[route->command].required & FIELD_BIT(field->field)) ||
			      (route->command == COMMAND_ADD_SESSION && field->field == FIELD_TITLE);
		if (needed && !json_get(command, command_name(field)))
			return refuse(ret_why, ERR_BAD_REQUEST, field->name, "%s is required", field->name);
	}
	return OK;
}

/* Decoding speaks of the command's fields; the client knows the body's. */
static void rename_refusal(const struct route *route, struct refusal *why)
{
	for (const struct route_field *field = route->fields; field && field->name; field++) {
		const char *name = command_name(field);
		if (strcmp(why->field, name) != 0 || strcmp(field->name, name) == 0)
			continue;
		struct refusal said = *why;
		size_t len = strlen(name);
		bool begins = strncmp(said.message, name, len) == 0;
		refuse(why, said.code, field->name, "%s%s", begins ? field->name : "",
			said.message + (begins ? len : 0));
		return;
	}
}

static cJSON *begin_command(const struct rest_input *input)
{
	const struct route *route = input->route;
	cJSON *command = cJSON_CreateObject();
	cJSON_AddStringToObject(command, "type", command_rows[route->command].name);
	if (route->target != FIELD_COUNT) {
		char id[UUID_TEXT];
		uuid_format(&input->id, id);
		cJSON_AddStringToObject(command, field_rows[route->target].name, id);
	}
	return command;
}

static enum err read_command(const struct rest_input *input, struct request *request, struct refusal *ret_why)
{
	const struct route *route = input->route;
	JSON_AUTO *body = NULL;
	enum err err = read_body(input, &body, ret_why);
	if (err)
		return err;
	JSON_AUTO *command = begin_command(input);
	request->created = route->flags & ROUTE_CREATES;
	err = share_out(route, body, command, &request->echo, ret_why);
	if (!err)
		err = require_fields(route, command, ret_why);
	if (!err)
		err = apply_headers(input, command, ret_why);
	if (err)
		return err;
	err = take_command(request, &command, ret_why);
	if (err)
		rename_refusal(route, ret_why);
	return err;
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

static enum err check_accept(const struct rest_input *input, struct refusal *ret_why)
{
	if (input->route->view != VIEW_EVENTS || !input->accept ||
		!strcasestr(input->accept, "text/event-stream"))
		return OK;
	return refuse(ret_why, ERR_BAD_REQUEST, "Accept", "events are not streamed here; use waitMs");
}

static enum err read_view(const struct rest_input *input, struct request *request, int64_t *ret_wait_ms,
	struct refusal *ret_why)
{
	enum err err = check_accept(input, ret_why);
	if (err)
		return err;
	request->view.kind = input->route->view;
	request->view.id = input->id;
	return query_read(input->parameters, input->parameter_count, &request->view, ret_wait_ms, ret_why);
}

enum err rest_read(
	const struct rest_input *input, struct request **ret, int64_t *ret_wait_ms, struct refusal *ret_why)
{
	struct request *request = calloc(1, sizeof(*request));
	if (!request)
		abort();
	bool view = input->route->does == ROUTE_VIEW;
	request->kind = view ? REQUEST_VIEW : REQUEST_COMMANDS;
	request->shape = route_shape(input->route->path);
	request->origin.via = "http";
	snprintf(request->id, sizeof(request->id), "null");
	*ret_wait_ms = 0;
	enum err err = view ? OK : query_refuse(input->parameters, input->parameter_count, ret_why);
	if (view)
		err = read_view(input, request, ret_wait_ms, ret_why);
	else if (!err && input->route->does == ROUTE_COMMANDS)
		err = read_commands(input, request, ret_why);
	else if (!err)
		err = read_command(input, request, ret_why);
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
	const cJSON *user = NULL, *item;
	cJSON_ArrayForEach (item, body) {
		if (strcmp(item->string, "user") != 0)
			return refuse(ret_why, ERR_BAD_REQUEST, item->string, "there is no field %s here",
				item->string);
		user = item;
	}
	if (!cJSON_IsString(user))
		return refuse(ret_why, ERR_BAD_REQUEST, "user", "user must be a string");
	*ret_user = strdup(user->valuestring);
	if (!*ret_user)
		abort();
	return OK;
}
