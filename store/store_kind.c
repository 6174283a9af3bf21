#include "store/store_kind.h"

#include <assert.h>

/* clang-format off */
#define FOCUS_FIELDS(F, X) \
	F(type) X(task) X(distractions) X(quality_rating) X(score) X(reviewed) X(abandon_reason) X(task_progress) \
	X(progress_made)
#define WORK_FIELDS(F, X)     F(helper_present) X(planned_tasks) X(tools_needed) X(parts_to_install) X(notes)
#define TRAINING_FIELDS(F, X) F(plan) X(date) X(structure)
#define PAUSE_FIELDS(F, X)    F(paused_at_ms) X(resumed_at_ms) X(reason)
/* clang-format on */

#define FOCUS_COLUMN(field)    COLUMN(struct focus, field),
#define WORK_COLUMN(field)     COLUMN(struct work, field),
#define TRAINING_COLUMN(field) COLUMN(struct training, field),
#define PAUSE_COLUMN(field)    COLUMN(struct session_pause, field),
static const struct column focus_columns[] = {FOCUS_FIELDS(FOCUS_COLUMN, FOCUS_COLUMN)};
static const struct column work_columns[] = {WORK_FIELDS(WORK_COLUMN, WORK_COLUMN)};
static const struct column training_columns[] = {TRAINING_FIELDS(TRAINING_COLUMN, TRAINING_COLUMN)};
static const struct column pause_columns[] = {PAUSE_FIELDS(PAUSE_COLUMN, PAUSE_COLUMN)};
#define COUNT(columns) (sizeof(columns) / sizeof(*(columns)))

#define LOAD(table, fields)  "SELECT " SQL_NAMES(fields) " FROM " table " WHERE uid = ? AND id = ?"
#define WRITE(table, fields) SQL_UPSERT_CHANGED(table, "uid, id", "?, ?", fields)

/* One row of the table has all that a kind has, but for a focus session's pauses. A timer has none. */
static const struct kind_table {
	enum slot load_slot, write_slot;
	const char *load, *write;
	const struct column *columns;
	size_t count;
	size_t offset; /* in struct session */
} tables[KIND_COUNT] = {
	[KIND_FOCUS] = {SLOT_FOCUS_LOAD, SLOT_FOCUS_WRITE, LOAD("focus", FOCUS_FIELDS),
		WRITE("focus", FOCUS_FIELDS), focus_columns, COUNT(focus_columns),
		offsetof(struct session, focus)},
	[KIND_WORK] = {SLOT_WORK_LOAD, SLOT_WORK_WRITE, LOAD("work", WORK_FIELDS), WRITE("work", WORK_FIELDS),
		work_columns, COUNT(work_columns), offsetof(struct session, work)},
	[KIND_TRAINING] = {SLOT_TRAINING_LOAD, SLOT_TRAINING_WRITE, LOAD("training", TRAINING_FIELDS),
		WRITE("training", TRAINING_FIELDS), training_columns, COUNT(training_columns),
		offsetof(struct session, training)},
};

static enum err load_row(struct store *store, int64_t uid, struct session *session)
{
	const struct kind_table *table = &tables[session->kind];
	STATEMENT_AUTO statement = statement_get(store, table->load_slot, table->load);
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, &session->id);
	enum err err = statement_row(&statement);
	if (!err)
		statement_columns(&statement, table->columns, table->count, (char *)session + table->offset);
	return err == ERR_NOT_FOUND ? statement_damaged(&statement) : err;
}

static enum err write_row(struct store *store, int64_t uid, const struct session *session)
{
	const struct kind_table *table = &tables[session->kind];
	STATEMENT_AUTO statement = statement_get(store, table->write_slot, table->write);
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, &session->id);
	statement_bind_columns(
		&statement, table->columns, table->count, (const char *)session + table->offset);
	return statement_run(&statement);
}

static enum err load_pauses(struct store *store, int64_t uid, struct session *session)
{
	struct session_pause *pauses = session->focus.pauses;
	STATEMENT_AUTO statement = statement_get(store, SLOT_PAUSES_LOAD,
		"SELECT " SQL_NAMES(PAUSE_FIELDS) " FROM pauses WHERE uid = ? AND session = ? ORDER BY n");
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, &session->id);
	enum err err = OK;
	for (int i = 0; i < session->pauses && i < LIMIT_FOCUS_PAUSES && !err; i++) {
		err = statement_row(&statement);
		if (!err)
			statement_columns(&statement, pause_columns, COUNT(pause_columns), &pauses[i]);
	}
	return err == ERR_NOT_FOUND ? statement_damaged(&statement) : err;
}

static enum err write_pause(struct store *store, int64_t uid, const struct session *session, int n)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_PAUSE_WRITE,
		SQL_UPSERT_CHANGED("pauses", "uid, session, n", "?, ?, ?", PAUSE_FIELDS));
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, &session->id);
	statement_bind_integer(&statement, n);
	statement_bind_columns(&statement, pause_columns, COUNT(pause_columns), &session->focus.pauses[n]);
	return statement_run(&statement);
}

enum err store_kind_load(struct store *store, int64_t uid, struct session *session)
{
	if (session->kind == KIND_TIMER)
		return OK;
	if (session->kind == KIND_FOCUS)
		session->focus = (struct focus){0};
	enum err err = load_row(store, uid, session);
	return !err && session->kind == KIND_FOCUS && session->pauses ? load_pauses(store, uid, session)
								      : err;
}

enum err store_kind_write(struct store *store, int64_t uid, const struct session *session)
{
	if (session->kind == KIND_TIMER)
		return OK;
	enum err err = write_row(store, uid, session);
	int pauses = session->kind == KIND_FOCUS ? session->pauses : 0;
	assert(pauses <= LIMIT_FOCUS_PAUSES);
	for (int n = 0; n < pauses && !err; n++)
		err = write_pause(store, uid, session, n);
	return err;
}
