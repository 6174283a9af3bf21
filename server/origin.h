/* Whether a web page may speak to us, and under which name the server may be asked. Knows the texts of Origin
 * and Host. */
#ifndef LOCKSTEP_SERVER_ORIGIN_H
#define LOCKSTEP_SERVER_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>

/* True when `origin` is one of the allowed ones or, where none is configured, names the same host and port as
 * `host`. */
bool origin_allowed(const char *origin, const char *host, const char *const *allowed, size_t count);

/* True when `origin` is one of the allowed ones, by name: only such a page may read our answers from another
 * origin's script (CORS). */
bool origin_listed(const char *origin, const char *const *allowed, size_t count);

/* True for localhost, 127.0.0.1 and [::1] with any port: all that --dev serves, so that no other site's name
 * can be pointed at it. */
bool origin_host_is_local(const char *host);

#endif
