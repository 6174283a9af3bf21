/* Every option there is, as data: read by options.c and by --help. */
#ifndef LOCKSTEP_SERVER_OPTIONS_TABLE_H
#define LOCKSTEP_SERVER_OPTIONS_TABLE_H

#include "server/options_issuers.h"

#define OPTION_DEFAULT_LISTEN "127.0.0.1:8080"
#define OPTION_DEFAULT_DB     "lockstep.db"

enum option_kind {
	KIND_FLAG,   /* bool; as a flag it stands alone, elsewhere it is on or off */
	KIND_SWITCH, /* bool; on or off */
	KIND_TEXT,
	KIND_LIST,
	KIND_NUMBER,
	KIND_PAIR,   /* N[/M]: M has the bounds of N times `scale`, and is left alone, or `scale` times N */
	KIND_ISSUER, /* number: an enum issuer_part; their order in the table is the environment's */
	KIND_FORMAT,
	KIND_LEVEL
};

enum option_where {
	WHERE_FLAG = 0,
	WHERE_ENVIRONMENT = 1,
	WHERE_FILE = 2,
	WHERE_ANY = WHERE_ENVIRONMENT | WHERE_FILE
};

struct option_row {
	const char *name, *argument; /* argument NULL for KIND_FLAG */
	enum option_kind kind;
	unsigned where; /* beside flags */
	bool live;      /* SIGHUP can change it */
	size_t at, second_at;
	int64_t number, min, max; /* number: the default */
	int64_t second;           /* KIND_PAIR: default of M; 0: three times N */
	const char *help;
};

#define OPTION_ROWS 39
extern const struct option_row option_rows[OPTION_ROWS];

#define OPTION_AT(member) offsetof(struct options, member)

#endif
