/* Where issuers' keys come from: files and addresses, read at the start and again before their end. Keeps the
 * keys of a struct auth up to date; keeps serving with old ones when new ones cannot be had. Knows files and
 * HTTP; knows no tokens. Loop thread only, and never blocks it. */
#ifndef LOCKSTEP_SERVER_KEYRING_H
#define LOCKSTEP_SERVER_KEYRING_H

#include "auth/auth.h"
#include "server/options.h"

struct ev_loop;
struct keyring;

/* What can be said of an issuer whose keys lack one that a token names. */
enum keyring_state {
	KEYRING_ASKING,  /* they are being fetched: the news will come */
	KEYRING_MISSING, /* they could never be had yet, and were tried a moment ago */
	KEYRING_KNOWN    /* they were had a moment ago, and it isn't among them; or they don't change */
};

/* Adds the options' issuers to `auth` and reads their key files; starts to fetch what has an address. The
 * options' issuers, auth and the loop must outlive it. ERR_BAD_REQUEST (exit code 78) with one line in
 * ret_why: a file that is no key set, an issuer given twice. */
enum err keyring_create(struct ev_loop *loop, struct auth *auth, const struct options *options,
	struct keyring **ret, char ret_why[256]) MUST_CHECK;
/* Before its loop. NULL is fine. */
void keyring_destroy(struct keyring *keyring);

/* --check: whether keyring_create would be content with these options. */
enum err keyring_check(const struct options *options, char ret_why[256]) MUST_CHECK;

/* Called on the loop's thread whenever a fetch has ended, well or not: at most 10 s after it began. */
void keyring_on_news(struct keyring *keyring, void (*news)(void *context), void *context);

/* A token of this issuer names a key that isn't there. Asks again, at most once a minute. */
enum keyring_state keyring_want(struct keyring *keyring, const char *issuer);

/* SIGHUP: reads the files again and fetches the rest. A file that is bad now is logged, its old keys stay. */
void keyring_reload(struct keyring *keyring);

#endif
