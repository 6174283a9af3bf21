/* Every option there is, as data: made of it are what is read, --help, the manuals and the file of defaults.
 */
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
	KIND_PAIR,   /* N[/M]: without M it is `second`, or else OPTION_BURST times N */
	KIND_ISSUER, /* number: an enum issuer_part; their order in the table is the environment's */
	KIND_FORMAT,
	KIND_LEVEL
};

/* Beside flags. */
enum option_where { WHERE_ANY, WHERE_NOT_FILE, WHERE_FLAG };

/* What belongs together when they are listed. */
enum option_group {
	GROUP_PROGRAM,
	GROUP_FILES,
	GROUP_LISTEN,
	GROUP_ISSUERS,
	GROUP_USER_LIMITS,
	GROUP_LIMITS,
	GROUP_LOG,
	GROUP_COUNT
};
extern const char *const option_group_titles[GROUP_COUNT];

struct option_row {
	const char *name, *argument; /* argument NULL for KIND_FLAG */
	enum option_group group;
	enum option_kind kind;
	enum option_where where;
	bool live; /* SIGHUP can change it */
	size_t at, second_at;
	int64_t number, min, max; /* number: the default */
	int64_t second;           /* KIND_PAIR: default of M; 0: as when only N is told */
	const char *normal;       /* the default, where it is neither a number nor nothing */
	const char *unset;        /* what counts without it, in words, where there is no default */
	const char *sample;       /* for the file of defaults, where there is no default */
	const char *help;         /* in a line */
	const char *more;         /* what else there is to be said of it, in sentences; or NULL */
};

extern const struct option_row option_rows[];
extern const size_t option_row_count;

/* A pair's second number, unless it is told: three seconds' worth at once. */
#define OPTION_BURST 3
/* Room for any default. */
#define OPTION_DEFAULT_BYTES 64

/* The option whose name is nearly that, with a slip or two; NULL: none is, or it is one. */
const char *option_nearest(const char *name);
/* As it could be told; empty where there is none. */
void option_default(const struct option_row *row, char ret[OPTION_DEFAULT_BYTES]);
/* KIND_PAIR: the default of its second number. */
int64_t option_second(const struct option_row *row);

#define OPTION_AT(member) offsetof(struct options, member)

#endif
