/* How many commands each user may send, over all their sockets and requests together. Knows numbers only. */
#ifndef LOCKSTEP_SERVER_QUOTA_H
#define LOCKSTEP_SERVER_QUOTA_H

#include <stdint.h>

struct quota;

struct quota *quota_create(void);
void quota_destroy(struct quota *quota);

/* Takes one command of the user's bucket, which fills with `rate` a second up to `burst`. Returns 0, or in
 * how many ms there will be one. */
int64_t quota_take(struct quota *quota, int64_t uid, int64_t rate, int64_t burst, int64_t monotonic_ms);

#endif
