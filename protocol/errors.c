#include "protocol/errors.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct error_row rows[ERR_COUNT] = {
	[ERR_BAD_JSON] = {"badJson", 400, "ValidationError", false},
	[ERR_BAD_REQUEST] = {"badRequest", 400, "ValidationError", false},
	[ERR_UNKNOWN_COMMAND] = {"unknownCommand", 404, "NotFound", false},
	[ERR_UNAUTHENTICATED] = {"unauthenticated", 401, "Unauthorized", false},
	[ERR_TOKEN_EXPIRED] = {"tokenExpired", 401, "Unauthorized", false},
	[ERR_TOKEN_INVALID] = {"tokenInvalid", 401, "Unauthorized", false},
	[ERR_FORBIDDEN] = {"forbidden", 403, "Forbidden", false},
	[ERR_NOT_FOUND] = {"notFound", 404, "NotFound", false},
	[ERR_CONFLICT] = {"conflict", 409, "ConflictError", false},
	[ERR_ALREADY_ACTIVE] = {"alreadyActive", 409, "ConflictError", false},
	[ERR_INVALID_STATE] = {"invalidState", 409, "ConflictError", false},
	[ERR_SUPERSEDED] = {"superseded", 409, "ConflictError", false},
	[ERR_TOO_OLD] = {"tooOld", 409, "ConflictError", false},
	[ERR_KEY_REUSE] = {"keyReuse", 409, "ConflictError", false},
	[ERR_LIMIT] = {"limit", 422, "ValidationError", false},
	[ERR_TOO_LARGE] = {"tooLarge", 413, "ValidationError", false},
	[ERR_RATE_LIMITED] = {"rateLimited", 429, "TooManyRequests", true},
	[ERR_UNAVAILABLE] = {"unavailable", 503, "ServiceUnavailable", true},
	[ERR_INTERNAL] = {"internal", 500, "InternalServerError", true},
	[ERR_METHOD_NOT_ALLOWED] = {"methodNotAllowed", 405, "ValidationError", false},
	[ERR_LENGTH_REQUIRED] = {"lengthRequired", 411, "ValidationError", false},
	[ERR_UNSUPPORTED_MEDIA_TYPE] = {"unsupportedMediaType", 415, "ValidationError", false},
	[ERR_NOT_IMPLEMENTED] = {"notImplemented", 501, "ValidationError", false},
};

const struct error_row *error_row(enum err code)
{
	assert(code > OK && code < ERR_COUNT);
	return &rows[code];
}

/* Drops a character that the cut left without its end. */
static void trim_partial(char *string, size_t room)
{
	size_t len = strlen(string);
	if (len < room - 1)
		return;
	while (len && ((unsigned char)string[len - 1] & 0xc0) == 0x80)
		len--;
	if (len && (unsigned char)string[len - 1] >= 0xc0)
		len--;
	string[len] = '\0';
}

enum err refuse(struct refusal *ret, enum err code, const char *field, const char *format, ...)
{
	*ret = (struct refusal){.code = code};
	if (field)
		snprintf(ret->field, sizeof(ret->field), "%s", field);
	trim_partial(ret->field, sizeof(ret->field));
	va_list args;
	va_start(args, format);
	vsnprintf(ret->message, sizeof(ret->message), format, args);
	va_end(args);
	trim_partial(ret->message, sizeof(ret->message));
	return code;
}

void refusal_rename(struct refusal *why, const char *name)
{
	struct refusal was = *why;
	size_t len = strlen(was.field);
	bool begins = len && strncmp(was.message, was.field, len) == 0;
	refuse(why, was.code, name, "%s%s", begins ? name : "", was.message + (begins ? len : 0));
	why->version = was.version;
	why->active = was.active;
	why->retry_after_ms = was.retry_after_ms;
}
