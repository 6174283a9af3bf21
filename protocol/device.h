/* A token that a person made for a device or script: what may be told of it. Knows neither its text nor who
 * holds it. */
#ifndef LOCKSTEP_PROTOCOL_DEVICE_H
#define LOCKSTEP_PROTOCOL_DEVICE_H

#include "protocol/limits.h"
#include "protocol/text.h"
#include "protocol/uuid.h"

/* What its holder may do: everything, or only read. */
enum scope { SCOPE_FULL, SCOPE_READ, SCOPE_COUNT };
/* Names on the wire; the list ends with NULL. */
extern const char *const scope_names[SCOPE_COUNT + 1];

struct device {
	struct uuid id;
	enum scope scope;
	int64_t created_at_ms, last_used_ms; /* last_used_ms 0: never */
	char name[LIMIT_BYTES(LIMIT_NAME_CHARS)];
};

/* What is kept of a token's text: its SHA-256. */
#define FINGERPRINT_BYTES 32
struct fingerprint {
	uint8_t bytes[FINGERPRINT_BYTES];
};

/* Appends it as a JSON object; `token` is its text, told once, or NULL. */
void device_encode(struct text *out, const struct device *device, const char *token);

#endif
