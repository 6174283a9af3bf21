/* Web addresses that others are believed at: their form, and which of them may be asked. Knows their text;
 * knows no network. */
#ifndef LOCKSTEP_SERVER_URL_H
#define LOCKSTEP_SERVER_URL_H

#include <stdbool.h>
#include <stddef.h>

/* True for http:// or https:// with a host, perhaps a port, and what follows them in printable ASCII.
 * Nobody's name or password may stand in it: addresses are logged. Nor a fragment, which no server ever sees.
 */
bool url_is_web(const char *text);
/* Of an address with that form: whether nobody on the way can change what it answers. */
bool url_is_encrypted(const char *url);
/* True for https, and for http to this machine alone. */
bool url_may_be_asked(const char *url);

/* True for http to this machine, with a host and perhaps a port, and nothing behind them. */
bool url_is_loopback_origin(const char *url);

/* True for localhost, an IPv4 address 127.x.y.z and [::1]. */
bool url_host_is_loopback(const char *host, size_t len);

#endif
