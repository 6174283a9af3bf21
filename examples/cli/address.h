/* The server's address, http(s)://host[:port][/prefix], taken apart. Knows its text; knows no network. */
#ifndef LOCKSTEP_CLI_ADDRESS_H
#define LOCKSTEP_CLI_ADDRESS_H

#include "examples/cli/codes.h"

#include <stdbool.h>

struct address {
	bool encrypted;
	int port;
	char host[256];   /* without the brackets of IPv6 */
	char header[272]; /* as `Host` has it */
	char prefix[256]; /* before /v1/…; empty or beginning with / */
};

/* False for what is no such address, one with a name or password in it, a query or a fragment too. */
MUST_USE bool address_parse(const char *url, struct address *ret);
/* Whether it can be none but this machine: localhost, ::1, or 127.… in numbers. */
bool address_is_here(const struct address *address);

#endif
