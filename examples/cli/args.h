/* The command line, taken apart. Knows every option there is; knows not which goes with which command. */
#ifndef LOCKSTEP_CLI_ARGS_H
#define LOCKSTEP_CLI_ARGS_H

#include "examples/cli/codes.h"

#include <stdbool.h>
#include <stdint.h>

enum arg {
	ARG_URL,
	ARG_TIMEOUT,
	ARG_HELP,
	ARG_VERSION,
	ARG_JSON,
	ARG_ALL,
	ARG_NAMES,
	ARG_FORMAT,
	ARG_ONCE,
	ARG_GOAL,
	ARG_GROUP,
	ARG_START,
	ARG_LENGTH,
	ARG_REASON,
	ARG_PROGRESS,
	ARG_RATING,
	ARG_TOKEN_FILE,
	ARG_DEV,
	ARG_KEEP,
	ARG_DAY,
	ARG_WEEK,
	ARG_MONTH,
	ARG_FROM,
	ARG_TO,
	ARG_RAW,
	ARG_COUNT
};
#define ARG_BIT(arg) (UINT64_C(1) << (arg))
/* Every command has these. */
#define ARGS_COMMON (ARG_BIT(ARG_URL) | ARG_BIT(ARG_TIMEOUT) | ARG_BIT(ARG_HELP))

struct arg_row {
	const char *name;
	const char *value; /* what it takes, or NULL */
	const char *help;
};
extern const struct arg_row arg_rows[ARG_COUNT];

struct args {
	const char *values[ARG_COUNT]; /* NULL: not given; "" for one that takes none */
	int count;                     /* words that are no options, the command's name first */
	char **words;
};

/* Options may stand anywhere; behind `--` there are none. False: it has said what is wrong. Reorders argv,
 * which everything points into. */
MUST_USE bool args_parse(int argc, char **argv, struct args *ret);
/* False, having said so, when one is given that is not among `allowed` (ARG_BITs). */
MUST_USE bool args_allow(const struct args *args, uint64_t allowed);

#endif
