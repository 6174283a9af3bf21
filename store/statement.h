/* One connection and its prepared statements: prepare once, bind, step, read, and SQLite's result codes as
 * enum err. Knows sqlite3; knows no table. For the files of store/ alone.
 *
 * A statement keeps the first error that preparing or binding it met; stepping returns it. So a function
 * binds everything, and checks once. */
#ifndef LOCKSTEP_STORE_STATEMENT_H
#define LOCKSTEP_STORE_STATEMENT_H

#include "protocol/errors.h"
#include "protocol/text.h"
#include "protocol/uuid.h"
#include "store/arena.h"
#include "store/checkpoint.h"
#include "store/recent.h"

#include <sqlite3.h>
#include <stddef.h>

/* One for each SQL text that is kept prepared. */
enum slot {
	SLOT_BEGIN,
	SLOT_BEGIN_READING,
	SLOT_COMMIT,
	SLOT_ROLLBACK,
	SLOT_PROBE,
	SLOT_USER_FIND,
	SLOT_USER_LOAD,
	SLOT_USER_ID,
	SLOT_USER_ADD,
	SLOT_USER_WRITE,
	SLOT_FORGET_NEXT,
	SLOT_RULES_AT,
	SLOT_RULES_ALL,
	SLOT_RULE_ADD,
	SLOT_RULES_REMOVE,
	SLOT_SESSION_LOAD,
	SLOT_SESSION_UPDATE,
	SLOT_SESSION_WRITE,
	SLOT_SESSIONS_SHOWN,
	SLOT_SESSIONS_TIMERS,
	SLOT_SESSIONS_SHOWN_COUNT,
	SLOT_SESSIONS_TIMERS_COUNT,
	SLOT_SESSIONS_ACTIVE,
	SLOT_SESSIONS_WORKING,
	SLOT_HISTORY_NEWEST,
	SLOT_HISTORY_OLDEST,
	SLOT_HISTORY_COUNT,
	SLOT_TRAININGS_NEWEST,
	SLOT_TRAININGS_OLDEST,
	SLOT_TRAININGS_LAST,
	SLOT_TRAININGS_FIRST,
	SLOT_TRAININGS_COUNT,
	SLOT_FOCUS_LOAD,
	SLOT_FOCUS_WRITE,
	SLOT_PAUSES_LOAD,
	SLOT_PAUSE_WRITE,
	SLOT_WORK_LOAD,
	SLOT_WORK_WRITE,
	SLOT_TRAINING_LOAD,
	SLOT_TRAINING_WRITE,
	SLOT_SESSION_TIMED,
	SLOT_RUNNING_ADD,
	SLOT_RUNNING_REMOVE,
	SLOT_INTERVAL_ADD,
	SLOT_INTERVAL_LAST,
	SLOT_INTERVAL_ANY,
	SLOT_INTERVAL_SUM,
	SLOT_INTERVALS_TOUCHING,
	SLOT_GOAL_SET,
	SLOT_GOALS_ALL,
	SLOT_GROUP_LOAD,
	SLOT_GROUP_WRITE,
	SLOT_GROUPS_SHOWN,
	SLOT_GROUPS_COUNT,
	SLOT_TASK_LOAD,
	SLOT_TASK_WRITE,
	SLOT_TASKS_SHOWN,
	SLOT_TASKS_COUNT,
	SLOT_PROBLEM_LOAD,
	SLOT_PROBLEM_WRITE,
	SLOT_PROBLEMS_LISTED,
	SLOT_PROBLEMS_COUNT,
	SLOT_PROBLEMS_OPEN,
	SLOT_PLAN_LOAD,
	SLOT_PLAN_WRITE,
	SLOT_PLANS_LISTED,
	SLOT_PLANS_WHOLE,
	SLOT_PLANS_COUNT,
	SLOT_PROJECT_SESSIONS,
	SLOT_PROJECT_INTERVALS,
	SLOT_PROJECT_TASKS,
	SLOT_PROJECT_PROBLEM_COUNTS,
	SLOT_AUDIT_ADD,
	SLOT_AUDIT_LISTED,
	SLOT_AUDIT_COUNT,
	SLOT_DUE_ADD,
	SLOT_DUE_REMOVE,
	SLOT_DUE_FIRST,
	SLOT_DUE_NEXT,
	SLOT_EVENT_ADD,
	SLOT_EVENT_TAG,
	SLOT_EVENT_LAST,
	SLOT_EVENTS_AFTER,
	SLOT_EVENTS_OLDEST,
	SLOT_EVENTS_PRUNE,
	SLOT_KEY_FIND,
	SLOT_KEY_ADD,
	SLOT_KEYS_OLDEST,
	SLOT_KEYS_PRUNE,
	SLOT_DEVICE_ADD,
	SLOT_DEVICE_FIND,
	SLOT_DEVICE_LOAD,
	SLOT_DEVICE_USED,
	SLOT_DEVICE_REMOVE,
	SLOT_DEVICES_ALL,
	SLOT_DEVICES_COUNT,
	SLOT_COUNT
};

/* In the place of the issuer, of who is being deleted, and of who has been. Real ones are addresses, or
 * LOCAL_ISSUER. */
#define USER_DELETING "deleting"
#define USER_DELETED  "deleted"
#define USER_LIVES    "issuer NOT IN ('" USER_DELETING "', '" USER_DELETED "')"

struct store {
	sqlite3 *db;
	int lock_fd;
	int wal_pages;     /* in the WAL after the last commit */
	sqlite3_file *log; /* the WAL, SQLite's */
	int log_fd;        /* and ours, for store_sync */
	struct checkpoint checkpoint;
	int64_t checkpoints; /* whole ones so far */
	bool in_transaction; /* between begin and commit or rollback, even if SQLite has rolled back by itself
			      */
	enum err failed;     /* the first error since begin: nothing more is done until the rollback */
	struct arena arena;  /* texts of loaded values, until the transaction ends */
	struct recent *recent;
	char epoch[33];
	char message[256];
	sqlite3_stmt *statements[SLOT_COUNT];
};

/* Notes what SQLite says about `rc`, and tells what it means to the caller. `what` is the SQL or a word for
 * it. */
enum err statement_error(struct store *store, int rc, const char *what);
/* Runs SQL that is not kept, several statements too. */
enum err statement_execute(struct store *store, const char *sql) MUST_CHECK;
/* The first column of the first row of SQL that is not kept. */
enum err statement_query(struct store *store, const char *sql, int64_t *ret) MUST_CHECK;
void statement_close_all(struct store *store);

/* A kept statement in use; leaving the scope makes it ready for the next one. */
struct statement {
	struct store *store;
	sqlite3_stmt *stmt;
	int bound;  /* parameters so far */
	int column; /* columns read so far of this row */
	enum err err;
};
void statement_finish(struct statement *statement);
#define STATEMENT_AUTO __attribute__((cleanup(statement_finish))) struct statement

/* `sql` is always the same for one slot. */
struct statement statement_get(struct store *store, enum slot slot, const char *sql);

/* Each binds the next parameter. What pointers point to must stay until the last step. */
void statement_bind_integer(struct statement *statement, int64_t value);
void statement_bind_string(struct statement *statement, const char *value);
void statement_bind_text(struct statement *statement, const char *data, size_t len);
void statement_bind_uuid(struct statement *statement, const struct uuid *id);
void statement_bind_blob(struct statement *statement, const void *bytes, size_t len);
void statement_bind_null(struct statement *statement);
/* NULL where there is none; a nil id is none too. */
void statement_bind_text_or_null(struct statement *statement, const char *text);
void statement_bind_uuid_or_null(struct statement *statement, const struct uuid *id);
void statement_bind_integer_or_null(struct statement *statement, bool is, int64_t value);

/* OK: a row is there to read. ERR_NOT_FOUND: no more. */
enum err statement_row(struct statement *statement) MUST_CHECK;
/* The first column of the only row. */
enum err statement_count(struct statement *statement, int64_t *ret) MUST_CHECK;
/* ERR_INTERNAL, said of the statement: a row that must be there isn't, or is not as it was written. */
enum err statement_damaged(struct statement *statement);
/* Runs a statement that writes and has no rows; within a transaction. */
enum err statement_run(struct statement *statement) MUST_CHECK;

/* Each reads the next column. Texts and blobs live until the next step. */
int64_t statement_integer(struct statement *statement);
void statement_uuid(struct statement *statement, struct uuid *ret);
/* A text longer than its room is cut. */
void statement_string(struct statement *statement, char *ret, size_t room);
const char *statement_text(struct statement *statement, size_t *ret_len);
/* A copy that lives until the transaction ends, NULL for NULL. */
const char *statement_kept(struct statement *statement);

/* A struct's field that a column of the same name keeps. */
enum column_type {
	COLUMN_INT64,
	COLUMN_INT32,
	COLUMN_UINT32,
	COLUMN_BOOL,
	COLUMN_UUID,
	COLUMN_STRING,
	COLUMN_TEXT
};
struct column {
	enum column_type type;
	size_t offset, size;
};
#define COLUMN(type, field)                                                                        \
	{                                                                                          \
		COLUMN_TYPE(((type *)0)->field), offsetof(type, field), sizeof(((type *)0)->field) \
	}
/* An enum is an unsigned int here. A nil UUID is kept as NULL; so is a text that is NULL. */
#define COLUMN_TYPE(value) \
	_Generic((value),                                                                                    \
		int64_t: COLUMN_INT64,                                                                       \
		int32_t: COLUMN_INT32,                                                                       \
		uint32_t: COLUMN_UINT32,                                                                     \
		bool: COLUMN_BOOL,                                                                           \
		struct uuid: COLUMN_UUID,                                                                    \
		char *: COLUMN_STRING,                                                                       \
		const char *: COLUMN_TEXT)

/* The next parameters or columns, in the order of the table. */
void statement_bind_columns(
	struct statement *statement, const struct column *columns, size_t count, const void *object);
void statement_columns(struct statement *statement, const struct column *columns, size_t count, void *object);

/* Parts of SQL made from a list of fields, NAMES(F, X): F for the first, X for the others. Quoted, since
 * `group` is a field. */
#define SQL_NAME_FIRST(field)      "\"" #field "\""
#define SQL_NAME(field)            ", " SQL_NAME_FIRST(field)
#define SQL_PARAMETER_FIRST(field) "?"
#define SQL_PARAMETER(field)       ", ?"
#define SQL_SET_FIRST(field)       SQL_NAME_FIRST(field) " = ?"
#define SQL_SET(field)             ", " SQL_SET_FIRST(field)
#define SQL_EXCLUDED_FIRST(field)  SQL_NAME_FIRST(field) " = excluded." SQL_NAME_FIRST(field)
#define SQL_EXCLUDED(field)        ", " SQL_EXCLUDED_FIRST(field)
#define SQL_CHANGED_FIRST(field)   SQL_NAME_FIRST(field) " IS NOT excluded." SQL_NAME_FIRST(field)
#define SQL_CHANGED(field)         " OR " SQL_CHANGED_FIRST(field)
#define SQL_EQUAL(field)           " AND " SQL_NAME_FIRST(field) " IS ?"
#define SQL_NAMES(fields)          fields(SQL_NAME_FIRST, SQL_NAME)
#define SQL_PARAMETERS(fields)     fields(SQL_PARAMETER_FIRST, SQL_PARAMETER)
#define SQL_SETS(fields)           fields(SQL_SET_FIRST, SQL_SET)
#define SQL_SETS_EXCLUDED(fields)  fields(SQL_EXCLUDED_FIRST, SQL_EXCLUDED)
#define SQL_ANY_CHANGED(fields)    fields(SQL_CHANGED_FIRST, SQL_CHANGED)
#define SQL_ALL_EQUAL(fields)      fields(SQL_EQUAL, SQL_EQUAL)
/* Inserts a row or replaces its fields. Parameters: those of the key, then the fields. */
#define SQL_UPSERT(table, key, key_parameters, fields)                           \
	"INSERT INTO " table " (" key                                            \
	", " SQL_NAMES(fields) ") VALUES (" key_parameters                       \
			       ", " SQL_PARAMETERS(fields) ") ON CONFLICT (" key \
							   ") DO UPDATE SET " SQL_SETS_EXCLUDED(fields)
/* Leaves the row, and its long texts, alone when nothing of it changes. */
#define SQL_UPSERT_CHANGED(table, key, key_parameters, fields) \
	SQL_UPSERT(table, key, key_parameters, fields) " WHERE " SQL_ANY_CHANGED(fields)

#endif
