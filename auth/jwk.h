/* One public key as JSON spells it (RFC 7517, 7518, 8037). Knows the members of a JWK; knows no documents. */
#ifndef LOCKSTEP_AUTH_JWK_H
#define LOCKSTEP_AUTH_JWK_H

struct cJSON;
struct key;

/* The key, which the caller owns; NULL for anything but a whole and public one, with a name, that checks
 * signatures by an algorithm of key.h: its own `alg`, else what its kind means. May leave errors in OpenSSL's
 * queue. */
struct key *jwk_read(const struct cJSON *jwk);

#endif
