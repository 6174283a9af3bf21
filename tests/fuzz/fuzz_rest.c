/* rest_read on any request: lines (method and path with its query, Idempotency-Key, If-Match), an empty one,
 * the body. What it accepts is the command or view of its endpoint and nothing else; what it refuses it says
 * why. */
#include "server/rest.h"

#include "protocol/json.h"

#include <stdlib.h>
#include <string.h>

#define PARAMETERS_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* Cuts off the text up to `end`, and steps behind that; NULL for a text that was at its end. */
static char *cut(char **at, const char *end)
{
	char *begin = *at;
	if (!begin)
		return NULL;
	char *found = strstr(begin, end);
	*at = found ? found + strlen(end) : NULL;
	if (found)
		*found = '\0';
	return begin;
}

static enum route_method method_of(const char *name)
{
	static const struct {
		const char *name;
		enum route_method method;
	} methods[] = {{"GET", ROUTE_GET}, {"POST", ROUTE_POST}, {"PUT", ROUTE_PUT}, {"PATCH", ROUTE_PATCH},
		{"DELETE", ROUTE_DELETE}};
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (strcmp(name, methods[i].name) == 0)
			return methods[i].method;
	}
	return ROUTE_OTHER;
}

/* Any of the rows that the body chose between may have been it. */
static bool may_give(const struct route *route, enum field field)
{
	bool adds_kind = route->command == COMMAND_ADD_SESSION && field == FIELD_KIND;
	if (adds_kind || field == route->target || (route->constant.value && field == route->constant.field))
		return true;
	for (const struct body_field *own = route->fields; own && own->name; own++) {
		if (own->field == field)
			return true;
	}
	const struct route *next = route_next(route);
	return next && may_give(next, field);
}

static void check_command(const struct rest_input *input, const struct request *request)
{
	const struct command *command = &request->commands[0].command;
	const struct command_row *row = &command_rows[command->type];
	check(request->count == 1 && !request->batch && request->commands[0].why.code == OK);
	for (int field = 0; field < FIELD_COUNT; field++) {
		const struct value *value = &command->values[field];
		check(value->given || !(row->required & FIELD_BIT(field)));
		check(!value->given || may_give(input->route, (enum field)field));
		if (value->given && (enum field)field == input->route->target)
			check(uuid_equal(&value->id, &input->id));
	}
	check(!request->echo || (input->route->flags & ROUTE_ECHOES));
	check(!command->key[0] == !input->idempotency_key);
	check(command->has_if_version == (input->if_match != NULL));
	check(!command->has_at);
}

static void check_view(const struct rest_input *input, const struct request *request)
{
	const struct view_query *view = &request->view;
	unsigned kinds = input->route->kinds;
	check(view->kind == input->route->view && view->shape == input->route->shape);
	check(view->limit >= 1 && view->limit <= 100 && view->offset >= 0);
	check(!(view->sessions.kinds & ~kinds) && !view->sessions.kinds == !kinds);
	check(!view->sessions.has_from || !view->sessions.has_to || view->sessions.from <= view->sessions.to);
	check(uuid_equal(&view->id, &input->id));
}

static void check_refusal(const struct refusal *why)
{
	check(why->code > OK && why->code < ERR_COUNT && why->message[0]);
	check(memchr(why->field, '\0', sizeof(why->field)) != NULL);
	check(memchr(why->message, '\0', sizeof(why->message)) != NULL);
}

static void read_request(const struct rest_input *input)
{
	struct request *request;
	struct refusal why = {0};
	int64_t wait_ms;
	enum err err = rest_read(input, &request, &wait_ms, &why);
	check(err == why.code);
	if (err) {
		check_refusal(&why);
		return;
	}
	check(wait_ms >= 0);
	if (request->kind == REQUEST_VIEW)
		check_view(input, request);
	else if (request->shape == ANSWER_OBJECT)
		check_command(input, request);
	request_destroy(request);
}

static void read_text(char *text)
{
	const char *parameters[PARAMETERS_MAX];
	char *body = text, *head = cut(&body, "\n\n"), *line = cut(&head, "\n");
	char *path = line, *method = cut(&path, " ");
	struct rest_input input = {.parameters = parameters, .content_type = "application/json"};
	input.idempotency_key = cut(&head, "\n");
	input.if_match = cut(&head, "\n");
	if (!path)
		return;
	char *query = path;
	struct route_match match = route_find(FACE_PUBLIC, method_of(method), cut(&query, "?"));
	if (!match.route || route_is_open(match.route))
		return;
	while (query && input.parameter_count < PARAMETERS_MAX)
		parameters[input.parameter_count++] = cut(&query, "&");
	input.route = match.route;
	input.id = match.id;
	input.body = body;
	input.body_len = body ? strlen(body) : 0;
	read_request(&input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	check(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	read_text(text);
	free(text);
	return 0;
}
