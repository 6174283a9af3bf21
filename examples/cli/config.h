/* Which server, who, and how to call itself: from flags, environment and the files below
 * $XDG_CONFIG_HOME/lockstep. Knows files; knows no network. */
#ifndef LOCKSTEP_CLI_CONFIG_H
#define LOCKSTEP_CLI_CONFIG_H

#include "examples/cli/address.h"
#include "protocol/limits.h"
#include "protocol/uuid.h"

#define CONFIG_PATH  4096
#define CONFIG_VALUE 1024

/* How the program is signed in. */
struct config_token {
	char text[LIMIT_TOKEN_BYTES + 1]; /* empty: not signed in */
	char url[CONFIG_VALUE];           /* the server that it is for; empty: whichever */
	char id[UUID_TEXT];               /* of the device token that signing in has made, or empty */
};

struct config {
	char folder[CONFIG_PATH];
	char url[CONFIG_VALUE];
	char name[CONFIG_VALUE]; /* what others see of this client */
	char ca[CONFIG_VALUE];   /* file with the certificates to believe, or empty: the system's */
	struct address address;  /* of url */
};

/* Reads the file `config` and what overrides it; `url` is --url's or NULL. Where none of them names a server
 * it is the one that the token is for. Says what is wrong. */
MUST_USE enum code config_load(const char *url, struct config *ret);
/* $LOCKSTEP_TOKEN, or the file `token`: refused when others may read it, or when it is for another server
 * than config's. Without one CODE_TOKEN. Says what is wrong. */
MUST_USE enum code config_load_token(const struct config *config, struct config_token *ret);
/* The file `token` alone, where it can be read; says nothing. */
MUST_USE bool config_peek_token(const struct config *config, struct config_token *ret);
/* Reads a token's text: one line of printable ASCII. */
MUST_USE bool config_parse_token(const char *text, struct config_token *ret);
/* Writes the file `token`, which nobody else may read, at once or not at all. Says what is wrong. */
MUST_USE enum code config_save_token(const struct config *config, const struct config_token *token);
MUST_USE enum code config_remove_token(const struct config *config);

#endif
