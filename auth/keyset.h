/* A published document of keys, read: a JWK set, or a map of names to X.509 certificates as Google publishes
 * it. Knows both forms; knows no address, no clock, and not when a document is to be read again. */
#ifndef LOCKSTEP_AUTH_KEYSET_H
#define LOCKSTEP_AUTH_KEYSET_H

#include "protocol/errors.h"

#include <stddef.h>

struct key;

/* The largest document that is read; a provider's has two to ten keys of 0.5 to 2 KiB. */
#define KEYSET_BYTES_MAX (256 * 1024)
#define KEYSET_KEYS_MAX  64

/* Reads `len` bytes into an array of keys on the heap; the caller owns the array and each key. A JWK's own
 * `alg` counts, else what its kind of key means (RSA: RS256, P-256: ES256, Ed25519: EdDSA); a certificate's
 * is always what its kind means. A key that is for something else (use, key_ops, key usage, another kind or
 * algorithm, private or symmetric) or is broken is left out. ERR_BAD_REQUEST for what is no such document or
 * has more than KEYSET_KEYS_MAX entries, and when no key can be used, or two that can have one name. */
enum err keyset_read(const char *text, size_t len, struct key ***ret_keys, size_t *ret_count,
	struct refusal *ret_why) MUST_CHECK;

#endif
