/* Which HTTP endpoints there are: one table of methods, paths and what each does. Knows names only: it reads
 * no body, and knows no library and no socket. */
#ifndef LOCKSTEP_SERVER_ROUTE_H
#define LOCKSTEP_SERVER_ROUTE_H

#include "server/engine.h"

/* Bits, so that Allow is a set of them. HEAD is GET without its body. */
enum route_method {
	ROUTE_GET = 1,
	ROUTE_POST = 2,
	ROUTE_PUT = 4,
	ROUTE_PATCH = 8,
	ROUTE_DELETE = 16,
	ROUTE_OTHER = 32
};

enum route_does {
	ROUTE_COMMAND,  /* one command, made of the path and the body */
	ROUTE_COMMANDS, /* the body is a command or a batch */
	ROUTE_VIEW,
	/* Answered on the spot, to anybody: */
	ROUTE_HEALTH,
	ROUTE_READY,
	ROUTE_VERSION,
	ROUTE_DEV_TOKEN
};

enum route_flag {
	ROUTE_API = 1,     /* also below /api */
	ROUTE_CREATES = 2, /* success is 201 */
	ROUTE_ECHOES = 4   /* read-only fields may come along as they are (rest.md) */
};

/* What a body calls a field of the command. */
struct route_field {
	const char *name; /* NULL ends a list */
	enum field field;
};

struct route {
	enum route_method method;
	const char *path; /* {id} stands for a UUID */
	enum route_does does;
	unsigned flags;                   /* enum route_flag */
	enum command_type command;        /* ROUTE_COMMAND */
	enum field target;                /* where {id} goes; FIELD_COUNT: nowhere */
	const struct route_field *fields; /* what a body may have, or NULL */
	enum view_kind view;              /* ROUTE_VIEW */
};

struct route_match {
	const struct route *route; /* NULL: the path is known, its method isn't, or neither */
	struct uuid id;            /* nil without {id} */
	unsigned allowed;          /* the methods that the path has; 0: unknown path */
};

/* Finds what a path (without its query) and a method mean. */
struct route_match route_find(enum route_method method, const char *path);

/* True when a request without a body makes no sense there. */
bool route_needs_body(const struct route *route);
/* True when it is answered without a token. */
bool route_is_open(const struct route *route);
/* In which shape a path speaks, known or not: ANSWER_V1 below /v1/, else ANSWER_OBJECT. */
enum answer_shape route_shape(const char *path);
/* "GET, HEAD, POST": for Allow. */
void route_list_methods(unsigned methods, char ret[64]);

#endif
