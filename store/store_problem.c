/* Problems found on projects. */
#include "store/statement.h"
#include "store/store.h"

/* clang-format off */
#define PROBLEM_FIELDS(F, X) \
	F(group) X(version) X(severity) X(common) X(resolved) X(cost_impact) X(time_impact) X(discovery_ms) \
	X(resolved_at_ms) X(created_at_ms) X(description) X(solution)
/* clang-format on */
#define PROBLEM_COLUMN(field) COLUMN(struct problem, field),
static const struct column problem_columns[] = {PROBLEM_FIELDS(PROBLEM_COLUMN, PROBLEM_COLUMN)};
#define NAMES           SQL_NAMES(PROBLEM_FIELDS)
#define PROBLEM_COLUMNS (sizeof(problem_columns) / sizeof(*problem_columns))

static void read_problem(struct statement *statement, struct problem *ret)
{
	statement_uuid(statement, &ret->id);
	statement_columns(statement, problem_columns, PROBLEM_COLUMNS, ret);
}

enum err store_problem_load(struct store *store, int64_t uid, const struct uuid *id, struct problem *ret)
{
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_PROBLEM_LOAD, "SELECT id, " NAMES " FROM problems WHERE uid = ? AND id = ?");
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, id);
	enum err err = statement_row(&statement);
	if (!err)
		read_problem(&statement, ret);
	return err;
}

enum err store_problem_write(struct store *store, int64_t uid, const struct problem *problem)
{
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_PROBLEM_WRITE, SQL_UPSERT("problems", "uid, id", "?, ?", PROBLEM_FIELDS));
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, &problem->id);
	statement_bind_columns(&statement, problem_columns, PROBLEM_COLUMNS, problem);
	return statement_run(&statement);
}

static enum err count(struct store *store, enum slot slot, const char *sql, int64_t uid,
	const struct uuid *group, int64_t *ret)
{
	STATEMENT_AUTO statement = statement_get(store, slot, sql);
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, group);
	return statement_count(&statement, ret);
}

#define OF_GROUP " FROM problems INDEXED BY problems_of WHERE uid = ? AND \"group\" = ?"

enum err store_problem_list(struct store *store, int64_t uid, const struct uuid *group, int64_t limit,
	int64_t offset, int64_t *ret_total, store_problem_fn *fn, void *context)
{
	enum err err = count(store, SLOT_PROBLEMS_COUNT, "SELECT count(*)" OF_GROUP, uid, group, ret_total);
	if (err)
		return err;
	STATEMENT_AUTO statement = statement_get(store, SLOT_PROBLEMS_LISTED,
		"SELECT id, " NAMES OF_GROUP " ORDER BY discovery_ms DESC, id DESC LIMIT ? OFFSET ?");
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, group);
	statement_bind_integer(&statement, limit);
	statement_bind_integer(&statement, offset);
	while (!(err = statement_row(&statement))) {
		struct problem problem;
		read_problem(&statement, &problem);
		err = fn(context, &problem);
		if (err)
			return err;
	}
	return err == ERR_NOT_FOUND ? OK : err;
}

enum err store_problem_count(struct store *store, int64_t uid, const struct uuid *group, int64_t *ret)
{
	return count(store, SLOT_PROBLEMS_OPEN,
		"SELECT count(*) FROM problems INDEXED BY problems_open"
		" WHERE uid = ? AND \"group\" = ? AND resolved = 0",
		uid, group, ret);
}
