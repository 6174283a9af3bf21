/* UUIDs as 16 bytes. Knows their text form and version 7; knows no clock and no randomness. */
#ifndef LOCKSTEP_PROTOCOL_UUID_H
#define LOCKSTEP_PROTOCOL_UUID_H

#include <stdbool.h>
#include <stdint.h>

#define UUID_TEXT 37

struct uuid {
	uint8_t bytes[16];
};

/* Reads the 36-character form, either case. False, and *ret untouched, for anything else. */
__attribute__((warn_unused_result)) bool uuid_parse(const char *string, struct uuid *ret);
/* Writes the lower-case form with its NUL. */
void uuid_format(const struct uuid *id, char ret[UUID_TEXT]);
/* Version 7 (RFC 9562): 48 bits of now_ms, the rest from ten random bytes. */
struct uuid uuid_make(int64_t now_ms, const uint8_t random[10]);
bool uuid_equal(const struct uuid *a, const struct uuid *b);
/* All zero: "no id". No client can bring it. */
bool uuid_is_nil(const struct uuid *id);

#endif
