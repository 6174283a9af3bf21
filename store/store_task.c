/* Tasks of work sessions. */
#include "store/statement.h"
#include "store/store.h"

/* clang-format off */
#define TASK_FIELDS(F, X) \
	F(session) X(version) X(deleted) X(completed) X(quality) X(rework) X(start_ms) X(completed_at_ms) \
	X(created_at_ms) X(description) X(challenges)
/* clang-format on */
#define TASK_COLUMN(field) COLUMN(struct task, field),
static const struct column task_columns[] = {TASK_FIELDS(TASK_COLUMN, TASK_COLUMN)};
#define NAMES        SQL_NAMES(TASK_FIELDS)
#define TASK_COLUMNS (sizeof(task_columns) / sizeof(*task_columns))

static enum err read_task(struct statement *statement, int64_t uid, int64_t now_ms, struct task *ret)
{
	statement_uuid(statement, &ret->id);
	statement_columns(statement, task_columns, TASK_COLUMNS, ret);
	return store_interval_sum(statement->store, uid, &ret->session, ret->start_ms,
		ret->completed ? ret->completed_at_ms : now_ms, &ret->time_ms);
}

enum err store_task_load(
	struct store *store, int64_t uid, const struct uuid *id, int64_t now_ms, struct task *ret)
{
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_TASK_LOAD, "SELECT id, " NAMES " FROM tasks WHERE uid = ? AND id = ?");
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, id);
	enum err err = statement_row(&statement);
	return err ? err : read_task(&statement, uid, now_ms, ret);
}

enum err store_task_write(struct store *store, int64_t uid, const struct task *task)
{
	STATEMENT_AUTO statement =
		statement_get(store, SLOT_TASK_WRITE, SQL_UPSERT("tasks", "uid, id", "?, ?", TASK_FIELDS));
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, &task->id);
	statement_bind_columns(&statement, task_columns, TASK_COLUMNS, task);
	return statement_run(&statement);
}

#define SHOWN " FROM tasks INDEXED BY tasks_shown WHERE uid = ? AND session = ? AND deleted = 0"

enum err store_task_each(struct store *store, int64_t uid, const struct uuid *session, int64_t now_ms,
	store_task_fn *fn, void *context)
{
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_TASKS_SHOWN, "SELECT id, " NAMES SHOWN " ORDER BY created_at_ms, id");
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, session);
	enum err err;
	while (!(err = statement_row(&statement))) {
		struct task task;
		err = read_task(&statement, uid, now_ms, &task);
		if (!err)
			err = fn(context, &task);
		if (err)
			return err;
	}
	return err == ERR_NOT_FOUND ? OK : err;
}

enum err store_task_count(struct store *store, int64_t uid, const struct uuid *session, int64_t *ret)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_TASKS_COUNT, "SELECT count(*)" SHOWN);
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, session);
	return statement_count(&statement, ret);
}
