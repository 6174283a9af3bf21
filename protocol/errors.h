/* The error codes of the wire, and a refusal with all that its answer says. Knows no transport. */
#ifndef LOCKSTEP_PROTOCOL_ERRORS_H
#define LOCKSTEP_PROTOCOL_ERRORS_H

#include "protocol/uuid.h"

#include <stdbool.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))

/* protocol.md section 6; the last four are spoken by HTTP alone (rest.md). */
enum err {
	OK = 0,
	ERR_BAD_JSON,
	ERR_BAD_REQUEST,
	ERR_UNKNOWN_COMMAND,
	ERR_UNAUTHENTICATED,
	ERR_TOKEN_EXPIRED,
	ERR_TOKEN_INVALID,
	ERR_FORBIDDEN,
	ERR_NOT_FOUND,
	ERR_CONFLICT,
	ERR_ALREADY_ACTIVE,
	ERR_INVALID_STATE,
	ERR_SUPERSEDED,
	ERR_TOO_OLD,
	ERR_KEY_REUSE,
	ERR_LIMIT,
	ERR_TOO_LARGE,
	ERR_RATE_LIMITED,
	ERR_UNAVAILABLE,
	ERR_INTERNAL,
	ERR_METHOD_NOT_ALLOWED,
	ERR_LENGTH_REQUIRED,
	ERR_UNSUPPORTED_MEDIA_TYPE,
	ERR_NOT_IMPLEMENTED,
	ERR_COUNT
};

struct error_row {
	const char *code; /* on the wire */
	int status;       /* HTTP */
	const char *type; /* rest.md's error type */
	bool retryable;
};

/* Never NULL for a code other than OK. */
const struct error_row *error_row(enum err code);

/* Why something was refused. A plain value; zero is "not refused". */
struct refusal {
	enum err code;
	char field[64]; /* the field at fault, or empty */
	char message[192];
	/* What `details` says; zero is left out. */
	int64_t version;        /* conflict: the entity's */
	struct uuid active;     /* alreadyActive: the active session */
	int64_t retry_after_ms; /* rateLimited */
};

/* Fills *ret and returns `code`, so that a check reads `return refuse(ret, ...)`. field may be NULL;
 * field and message are cut to their room at a character's boundary. */
enum err refuse(struct refusal *ret, enum err code, const char *field, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Calls the field at fault by the name that a client knows it under, in the message too where that begins
 * with it. */
void refusal_rename(struct refusal *why, const char *name);

#endif
