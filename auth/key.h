/* A public key that one issuer signs with, and whether a signature is of it. Knows algorithms; knows no
 * claims. */
#ifndef LOCKSTEP_AUTH_KEY_H
#define LOCKSTEP_AUTH_KEY_H

#include "protocol/errors.h"

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>

struct key;

/* A key by the name that tokens call it, with the one algorithm it may be used with: "ES256" (EC P-256),
 * "RS256" or "PS256" (RSA of 2048 to 8192 bits, an odd exponent from 3 to 2^32), "EdDSA" (Ed25519). Keeps its
 * own reference to pkey. ERR_BAD_REQUEST for another algorithm or a key that doesn't fit it. */
enum err key_create(const char *kid, const char *alg, EVP_PKEY *pkey, struct key **ret,
	struct refusal *ret_why) MUST_CHECK;
void key_destroy(struct key *key);

const char *key_id(const struct key *key);

/* True when `alg`, as the token says, is the key's own and the signature over `bytes` is the key's, in the
 * form that JWS gives it (ES256: r and s of 32 bytes each; PS256: a salt of 32 bytes). Any thread. */
bool key_verify(const struct key *key, const char *alg, const char *bytes, size_t len, const char *signature,
	size_t signature_len) MUST_CHECK;

#endif
