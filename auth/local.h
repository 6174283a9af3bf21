/* The local issuer: the server's own key, which makes tokens for people without an identity provider. Knows
 * the key's file and how a token is written; knows no clock, and not how tokens are checked (auth.h). */
#ifndef LOCKSTEP_AUTH_LOCAL_H
#define LOCKSTEP_AUTH_LOCAL_H

#include "protocol/errors.h"

#include <stdint.h>

/* iss and aud of its tokens. */
#define LOCAL_ISSUER   "lockstep"
#define LOCAL_AUDIENCE "lockstep"
/* Ten years: a device may keep its token for as long as it lives. */
#define LOCAL_MINUTES_MAX (10 * 366 * 24 * 60)

struct auth;
struct local;

/* Opens `<db_path>.key` (EC P-256, PEM), or makes it (0600): of two that make it at once, both open the same
 * key. ERR_INTERNAL, with the reason and the path, for a file that others than its owner may use, that holds
 * no such key, or that cannot be read or made. */
enum err local_open(const char *db_path, struct local **ret, struct refusal *ret_why) MUST_CHECK;
void local_destroy(struct local *local);

/* Makes `auth` believe its tokens. Nothing in `auth` points into *local afterwards. ERR_BAD_REQUEST when an
 * issuer of that name is there already. */
enum err local_register(const struct local *local, struct auth *auth, struct refusal *ret_why) MUST_CHECK;

/* Makes a token for `user`, good from now for 1 to LOCAL_MINUTES_MAX minutes; the caller frees it with
 * free(). name and email may be NULL. ERR_BAD_REQUEST, with the field, for what no token may say. */
enum err local_mint(const struct local *local, const char *user, const char *name, const char *email,
	int64_t now_ms, int64_t minutes, char **ret_token, struct refusal *ret_why) MUST_CHECK;

#endif
