/* The tables, as steps from one version to the next. Knows SQL; knows no value. For the files of store/
 * alone. */
#ifndef LOCKSTEP_STORE_SCHEMA_H
#define LOCKSTEP_STORE_SCHEMA_H

#include "store/statement.h"

/* ERR_INVALID_STATE, with a message: the file is another program's, or of a newer version. Changes nothing.
 */
enum err schema_check(struct store *store) MUST_CHECK;
/* ERR_INVALID_STATE, with a message: the file is another program's. */
enum err schema_check_ours(struct store *store) MUST_CHECK;
/* ERR_INVALID_STATE, with a message: the file is of an older version than this program. */
enum err schema_check_current(struct store *store) MUST_CHECK;
/* Brings the file to this program's version, each step in a transaction of its own. */
enum err schema_migrate(struct store *store) MUST_CHECK;
/* Between the two, within one transaction, rows of the audit log can be changed (not deleted): for who is
 * deleted, see store_forget_slice, and for nothing else. */
enum err schema_lift_audit(struct store *store) MUST_CHECK;
enum err schema_guard_audit(struct store *store) MUST_CHECK;

#endif
