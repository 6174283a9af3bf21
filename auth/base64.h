/* base64url (RFC 7515), read strictly. Knows digits; knows nothing of what they carry. */
#ifndef LOCKSTEP_AUTH_BASE64_H
#define LOCKSTEP_AUTH_BASE64_H

#include "protocol/errors.h"
#include "protocol/text.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends the bytes that `len` digits carry to *out. False for any but the one spelling of some bytes: no
 * padding, no white space, nothing in the bits left over; *out may then have grown. */
bool base64_decode(const char *digits, size_t len, struct text *out) MUST_CHECK;

#endif
