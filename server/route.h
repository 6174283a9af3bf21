/* Which HTTP endpoints there are: one table of methods, paths and what each does (route_table.c). Knows names
 * only: it reads no body, and knows no library and no socket. */
#ifndef LOCKSTEP_SERVER_ROUTE_H
#define LOCKSTEP_SERVER_ROUTE_H

#include "server/engine.h"
#include "server/face.h"

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
	ROUTE_DEVICE_ADD, /* a token for a device; {id}: */
	ROUTE_DEVICE_REMOVE,
	/* Answered to anybody: */
	ROUTE_HEALTH,
	ROUTE_READY,
	ROUTE_VERSION,
	ROUTE_CONFIG,
	ROUTE_OPENAPI,
	ROUTE_ASYNCAPI,
	ROUTE_DEV_TOKEN,
	ROUTE_METRICS,
	ROUTE_FORGET /* deletes a person */
};

enum route_flag {
	ROUTE_API = 1,      /* also below /api */
	ROUTE_API_ONLY = 2, /* only there */
	ROUTE_CREATES = 4,  /* success is 201 */
	ROUTE_ECHOES = 8    /* read-only fields may come along as they are (rest.md) */
};

/* A set of kinds of sessions. */
#define ROUTE_KIND(kind) (1U << (kind))

struct route {
	unsigned methods; /* enum route_method */
	const char *path; /* {id} stands for a UUID */
	enum route_does does;
	unsigned flags; /* enum route_flag */
	unsigned faces; /* on which it is known: a set of FACE_BIT; 0: the public one alone */
	enum shape shape;
	unsigned kinds; /* of sessions that the path knows, or adds: a set of ROUTE_KIND; 0: all */
	/* ROUTE_COMMAND */
	enum command_type command;
	enum field target;               /* where {id} goes; FIELD_COUNT: nowhere */
	const struct body_field *fields; /* what a body may have, or NULL */
	uint64_t needs;                  /* FIELD_BITs that it must have, beside what the command requires */
	struct {
		enum field field;
		const char *value; /* NULL: none */
	} constant;                /* a field that the endpoint gives by itself */
	struct {
		const char *member; /* NULL: for any body */
		const char *value;  /* NULL: of any value */
	} when; /* the row holds for a body that has this; rows of which the body chooses one follow each
		   other */
	/* ROUTE_VIEW */
	enum view_kind view;
};
extern const struct route route_rows[]; /* one without a path ends them */

struct route_match {
	const struct route *route; /* NULL: the path is known, its method isn't, or neither */
	struct uuid id;            /* nil without {id} */
	unsigned allowed;          /* the methods that the path has; 0: unknown path */
};

/* Finds what a path (without its query) and a method mean on a face: the first row, where several depend on
 * the body. */
struct route_match route_find(enum face face, enum route_method method, const char *path);
/* The next row that the body chooses between, or NULL. */
const struct route *route_next(const struct route *route);

/* The one kind of session that it knows, or adds; KIND_COUNT for several or none. */
enum session_kind route_kind(const struct route *route);
/* The fields (FIELD_BITs) that a body must have. */
uint64_t route_required(const struct route *route);
/* True when a request without a body makes no sense there. */
bool route_needs_body(const struct route *route);
/* True when it is answered without a token. */
bool route_is_open(const struct route *route);
/* In which shape a path speaks, known or not: ANSWER_V1 below /v1/, else ANSWER_OBJECT. */
enum answer_shape route_shape(const char *path);
/* "GET, HEAD, POST": for Allow. */
void route_list_methods(unsigned methods, char ret[64]);

#endif
