/* For tests of auth/: tokens by hand, whatever their header says. Knows how JWS spells and signs; knows no
 * rule of what is accepted. A failure of OpenSSL ends the process. */
#ifndef LOCKSTEP_TESTS_SUPPORT_SIGNING_H
#define LOCKSTEP_TESTS_SUPPORT_SIGNING_H

#include "protocol/text.h"

#include <openssl/types.h>
#include <stddef.h>

/* RSA of 8192 bits. */
#define SIGNING_BYTES_MAX 1024

/* How an RSA key signs: by PKCS #1 v1.5, or by PSS with a salt of so many bytes. Of no matter to others. */
#define SIGNING_PKCS1      (-1)
#define SIGNING_PSS_SHA256 32

/* Appends bytes as base64url without padding. */
void signing_append_base64(struct text *out, const void *bytes, size_t len);
/* Appends what is signed: header and payload, each encoded. */
void signing_append_parts(struct text *out, const char *header, const char *payload);
/* Appends the dot and the signature of all that *out holds. */
void signing_append(struct text *out, EVP_PKEY *pkey, int salt);

/* The signature in the form that JWS gives it (EC: r and s side by side); returns its length. */
size_t signing_sign(
	EVP_PKEY *pkey, int salt, const void *bytes, size_t len, unsigned char ret[SIGNING_BYTES_MAX]);

/* A whole token; the caller calls text_finish. */
struct text signing_token(const char *header, const char *payload, EVP_PKEY *pkey, int salt);

#endif
