/* What must hold of every row, as a table: each a query for the rows of which it doesn't. Knows the tables
 * and the values' numbers; knows no file. For the files of store/ alone. */
#ifndef LOCKSTEP_STORE_INVARIANTS_H
#define LOCKSTEP_STORE_INVARIANTS_H

#include "store/statement.h"

struct invariant {
	const char *says; /* what is wrong with those rows */
	/* Their user (uid or NULL), id (or NULL) and a word on them (or NULL). */
	const char *sql;
};
extern const struct invariant invariants[]; /* one without words ends them */

/* What the queries ask of the protocol, as functions of SQL. */
enum err invariants_teach(struct store *store) MUST_CHECK;

#endif
