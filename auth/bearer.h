/* A bearer token's text, whatever it is: its fingerprint, and the text of device tokens. Knows no signatures
 * and no claims. */
#ifndef LOCKSTEP_AUTH_BEARER_H
#define LOCKSTEP_AUTH_BEARER_H

#include "protocol/device.h"

#include <stdbool.h>
#include <stddef.h>

/* "lockstep_" and 32 random bytes in base64url: scanners for secrets can know it, nobody can guess it. */
#define BEARER_RANDOM_BYTES 32
#define BEARER_DEVICE_BYTES 53

/* SHA-256 of its text. */
struct fingerprint bearer_fingerprint(const char *token, size_t len);

/* True for what can only be a device token. */
bool bearer_is_device(const char *token, size_t len);
/* Makes one. */
void bearer_make_device(const unsigned char random[BEARER_RANDOM_BYTES], char ret[BEARER_DEVICE_BYTES]);

#endif
