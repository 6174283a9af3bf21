/* What an OpenID provider says of itself (OpenID Connect Discovery 1.0), as far as it is needed: where its
 * keys are. Knows the document; fetches nothing. */
#ifndef LOCKSTEP_SERVER_DISCOVERY_H
#define LOCKSTEP_SERVER_DISCOVERY_H

#include "protocol/errors.h"

#include <stddef.h>

/* Where the issuer has its document; on the heap. */
char *discovery_address(const char *issuer);

/* Reads `len` bytes of it; the address of the keys is the caller's, on the heap. ERR_BAD_REQUEST for what is
 * no such document or another issuer's, or leads to where keys may not be asked for: no web address, or an
 * unencrypted one when the issuer's is encrypted. */
enum err discovery_read(const char *text, size_t len, const char *issuer, char **ret_keys_address,
	struct refusal *ret_why) MUST_CHECK;

#endif
