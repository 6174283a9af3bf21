/* How many commands each person may send, over all their sockets and requests together. Knows claims and
 * numbers only. */
#ifndef LOCKSTEP_SERVER_QUOTA_H
#define LOCKSTEP_SERVER_QUOTA_H

#include "auth/auth.h"

#include <stdint.h>

struct quota;

struct quota *quota_create(void);
void quota_destroy(struct quota *quota);

/* The text that names whom a token speaks of: issuer and subject. On the heap. */
char *quota_person(const struct auth_claims *claims);

/* Takes one command of the person's bucket, which fills with `rate` a second up to `burst`. Returns 0, or in
 * how many ms there will be one. */
int64_t quota_take(
	struct quota *quota, const char *person, int64_t rate, int64_t burst, int64_t monotonic_ms);

#endif
