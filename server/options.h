/* What the program was told: flags over LOCKSTEP_* variables over the configuration file over defaults. Knows
 * each option's name, kind and bounds; acts on none of them, and logs nothing. */
#ifndef LOCKSTEP_SERVER_OPTIONS_H
#define LOCKSTEP_SERVER_OPTIONS_H

#include "server/log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What arrays by row of the table have room for. */
#define OPTION_ROWS_MAX 64

/* Where an option was told: the last of them counts. */
enum option_source { SOURCE_DEFAULT, SOURCE_FILE, SOURCE_ENVIRONMENT, SOURCE_FLAG };

/* An option that may be given several times. */
struct option_list {
	size_t count;
	const char **items; /* each on the heap */
};

/* An issuer of tokens beside the local one: --firebase-project, or --oidc-issuer with its --oidc-audience;
 * and the --jwks that follows either. */
struct issuer_option {
	const char *issuer, *audience; /* the tokens' iss and aud */
	const char *jwks;              /* a file or an address; NULL: where the issuer's discovery says */
};

/* Texts are on the heap; NULL where there is none. */
struct options {
	const char *config;
	struct option_list listen;          /* "ADDR:PORT" or "unix:PATH"; at least one */
	const char *metrics;                /* "ADDR:PORT" or "unix:PATH" for who watches; NULL: nowhere */
	const char *db;                     /* never NULL */
	const char *record;                 /* keeps a trace of all commands there; NULL: nowhere */
	const char *web;                    /* the built page; NULL: the one beside the program */
	struct option_list origins;         /* empty: same host and port as Host */
	struct option_list trusted_proxies; /* addresses */
	const char *user;                   /* root becomes this one after binding; NULL: stays */
	bool dev;
	bool spares_loopback; /* max_sockets_address is not for loopback: dev, and nobody has set it */
	bool local_issuer;    /* unless told: when there is no other */
	size_t issuer_count;
	struct issuer_option *issuers;
	/* What the page signs people in with, to the first Firebase project; NULL: it doesn't. */
	const char *firebase_api_key;
	const char *firebase_auth_domain; /* NULL: the project's own at firebaseapp.com */
	const char *firebase_emulator;    /* dev only: asked instead of Google; NULL: Google */
	const char *tls_cert, *tls_key;   /* both or none */
	int64_t max_timers, max_groups, max_plans, max_tasks, max_problems;
	int64_t max_sockets, max_sockets_user, max_sockets_address, max_unauthenticated;
	int64_t max_message, max_outbox;             /* bytes */
	int64_t max_replay_events, max_replay_bytes; /* --max-replay EVENTS[/BYTES] */
	int64_t rate_commands, rate_burst;           /* --rate-commands N[/BURST], a second and user */
	int64_t max_queue;                           /* commands that may wait for the engine */
	int64_t keep_events_days;
	bool log_json;
	enum log_level log_level;
	bool check, version, help;
	unsigned char sources[OPTION_ROWS_MAX]; /* enum option_source, by row of the table */
	/* Not to be set: protocol.md has them fixed. */
	int64_t auth_timeout_ms, heartbeat_ms;
};

/* Exit codes of operations.md. */
enum options_exit { EXIT_USAGE = 2, EXIT_CONFIG = 78 };

/* Reads all sources into *ret, which options_finish frees. Returns 0, or the exit code with one line in
 * ret_why and nothing to free. */
int options_read(int argc, char *const *argv, char *const *environment, struct options *ret,
	char ret_why[256]) __attribute__((warn_unused_result));
void options_finish(struct options *options);

/* The first --firebase-project, or NULL. */
const char *options_firebase_project(const struct options *options);

/* Takes over from `fresh`, read again, what can change while the server runs; the rest stays. */
void options_reload(struct options *options, struct options *fresh);

/* One line for each option, as --help lists them. */
void options_print_help(FILE *out);

#endif
