/* The issuers among the options: --firebase-project, --oidc-issuer with its --oidc-audience, and the --jwks
 * of either, in the order in which they stand; and what the page needs to sign in with one of them. Knows
 * which of them belong together; knows no file and no keys. For options*.c alone. */
#ifndef LOCKSTEP_SERVER_OPTIONS_ISSUERS_H
#define LOCKSTEP_SERVER_OPTIONS_ISSUERS_H

#include "server/options.h"

/* What each of the options says. Those that begin an issuer stand first. */
enum issuer_part { ISSUER_FIREBASE, ISSUER_OIDC, ISSUER_AUDIENCE, ISSUER_JWKS };

/* What can be said of an issuer in one line. */
#define ISSUER_WHY_BYTES 160

/* One source being read; zero at its start. */
struct issuer_reader {
	bool began; /* its first issuer drops those of lower sources */
	bool jwks;  /* the last issuer has said where its keys are */
};

/* Takes one option's value into `options`. False, with one line, for what cannot stand here. */
bool options_issuers_take(struct options *options, struct issuer_reader *reader, enum issuer_part part,
	const char *value, char ret_why[ISSUER_WHY_BYTES]);
/* When all sources are read: false, with one line, for an issuer that lacks something, and for what
 * the page could not sign in with. */
bool options_issuers_check(const struct options *options, char ret_why[ISSUER_WHY_BYTES]);
/* An issuer as it could be told: pointers into it. */
struct issuer_telling {
	size_t count;
	struct {
		const char *name, *value;
	} parts[3];
};
void options_issuers_tell(const struct issuer_option *issuer, struct issuer_telling *ret);

void options_issuers_finish(struct options *options);

#endif
