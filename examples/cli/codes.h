/* What the program's exit code says. Knows numbers only; `lockstep help exit-codes` tells people. */
#ifndef LOCKSTEP_CLI_CODES_H
#define LOCKSTEP_CLI_CODES_H

enum code {
	CODE_OK = 0,
	CODE_REFUSED = 1, /* the server refused; its message is on stderr */
	CODE_USAGE = 2,   /* the command line makes no sense */
	CODE_NAME = 3,    /* nothing, or more than one thing, is called that; status: nothing runs */
	CODE_TOKEN = 4,   /* not signed in, or the token was refused */
	CODE_OFFLINE = 5, /* no connection, or no answer in time */
	CODE_CONFIG = 78  /* the configuration or the token file is no good */
};

#define MUST_USE __attribute__((warn_unused_result))

#endif
