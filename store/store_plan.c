/* Training plans. */
#include "store/statement.h"
#include "store/store.h"

#include <assert.h>

/* The structure is long: it comes last, and is left unread where it isn't wanted. */
#define PLAN_FIELDS(F, X)  F(version) X(deleted) X(has_sessions) X(created_at_ms) X(updated_at_ms) X(name)
#define WHOLE_FIELDS(F, X) PLAN_FIELDS(F, X) X(structure)
#define PLAN_COLUMN(field) COLUMN(struct plan, field),
static const struct column plan_columns[] = {WHOLE_FIELDS(PLAN_COLUMN, PLAN_COLUMN)};
#define WHOLE_COLUMNS (sizeof(plan_columns) / sizeof(*plan_columns))
#define PLAN_COLUMNS  (WHOLE_COLUMNS - 1)
#define NAMES         SQL_NAMES(PLAN_FIELDS)
#define WHOLE_NAMES   SQL_NAMES(WHOLE_FIELDS)

static void read_plan(struct statement *statement, bool with_structure, struct plan *ret)
{
	statement_uuid(statement, &ret->id);
	ret->structure = NULL;
	statement_columns(statement, plan_columns, with_structure ? WHOLE_COLUMNS : PLAN_COLUMNS, ret);
}

enum err store_plan_load(struct store *store, int64_t uid, const struct uuid *id, struct plan *ret)
{
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_PLAN_LOAD, "SELECT id, " WHOLE_NAMES " FROM plans WHERE uid = ? AND id = ?");
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, id);
	enum err err = statement_row(&statement);
	if (!err)
		read_plan(&statement, true, ret);
	return err;
}

enum err store_plan_write(struct store *store, int64_t uid, const struct plan *plan)
{
	assert(plan->structure);
	STATEMENT_AUTO statement =
		statement_get(store, SLOT_PLAN_WRITE, SQL_UPSERT("plans", "uid, id", "?, ?", WHOLE_FIELDS));
	statement_bind_integer(&statement, uid);
	statement_bind_uuid(&statement, &plan->id);
	statement_bind_columns(&statement, plan_columns, WHOLE_COLUMNS, plan);
	return statement_run(&statement);
}

#define SHOWN " FROM plans INDEXED BY plans_shown WHERE uid = ? AND deleted = 0"
#define PAGE  SHOWN " ORDER BY created_at_ms, id LIMIT ? OFFSET ?"

enum err store_plan_list(struct store *store, int64_t uid, bool with_structure, int64_t limit, int64_t offset,
	store_plan_fn *fn, void *context)
{
	STATEMENT_AUTO statement =
		with_structure ? statement_get(store, SLOT_PLANS_WHOLE, "SELECT id, " WHOLE_NAMES PAGE)
			       : statement_get(store, SLOT_PLANS_LISTED, "SELECT id, " NAMES PAGE);
	statement_bind_integer(&statement, uid);
	statement_bind_integer(&statement, limit);
	statement_bind_integer(&statement, offset);
	enum err err;
	while (!(err = statement_row(&statement))) {
		struct plan plan;
		read_plan(&statement, with_structure, &plan);
		err = fn(context, &plan);
		if (err)
			return err;
	}
	return err == ERR_NOT_FOUND ? OK : err;
}

enum err store_plan_count(struct store *store, int64_t uid, int64_t *ret)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_PLANS_COUNT, "SELECT count(*)" SHOWN);
	statement_bind_integer(&statement, uid);
	return statement_count(&statement, ret);
}
