/* All that a person has. Asked for seldom: nothing is kept prepared. */
#include "store/maintain.h"
#include "store/statement.h"

/* What a row is made into. */
typedef enum err row_fn(struct statement *statement, void *context);

struct walk {
	int64_t uid;
	union {
		store_session_fn *session;
		store_group_fn *group;
		store_task_fn *task;
		store_problem_fn *problem;
		store_plan_fn *plan;
		store_interval_fn *interval;
		store_goal_fn *goal;
		store_audit_fn *audit;
		store_key_fn *key;
	} fn;
	void *context;
	int64_t now_ms;
};

/* The texts of a row live as long as its callback: a person may have more of them than fit in memory. */
static enum err walk_rows(struct store *store, const char *sql, row_fn *row, struct walk *walk)
{
	struct statement statement = {.store = store};
	int rc = sqlite3_prepare_v2(store->db, sql, -1, &statement.stmt, NULL);
	enum err err = rc == SQLITE_OK ? OK : statement_error(store, rc, sql);
	if (!err)
		statement_bind_integer(&statement, walk->uid);
	while (!err && !(err = statement_row(&statement))) {
		err = row(&statement, walk);
		arena_clear(&store->arena);
	}
	sqlite3_finalize(statement.stmt);
	return err == ERR_NOT_FOUND ? OK : err;
}

enum err store_user_token(struct store *store, int64_t uid, struct text *issuer, struct text *subject)
{
	static const char sql[] = "SELECT issuer, subject FROM users WHERE uid = ?";
	struct text *texts[] = {issuer, subject};
	struct statement statement = {.store = store};
	int rc = sqlite3_prepare_v2(store->db, sql, -1, &statement.stmt, NULL);
	enum err err = rc == SQLITE_OK ? OK : statement_error(store, rc, sql);
	if (!err) {
		statement_bind_integer(&statement, uid);
		err = statement_row(&statement);
	}
	for (size_t i = 0; !err && i < sizeof(texts) / sizeof(*texts); i++) {
		size_t len;
		const char *text = statement_text(&statement, &len);
		text_append(texts[i], text, len);
	}
	sqlite3_finalize(statement.stmt);
	return err;
}

/* Entities are found by their ids, and then loaded as ever. What has an id that was just read is there. */

static enum err is_missing(struct statement *statement, enum err err)
{
	return err == ERR_NOT_FOUND ? statement_damaged(statement) : err;
}

static enum err give_session(struct statement *statement, void *context)
{
	const struct walk *walk = context;
	struct uuid id;
	struct session session;
	statement_uuid(statement, &id);
	enum err err = store_session_load(statement->store, walk->uid, &id, &session);
	return err ? is_missing(statement, err) : walk->fn.session(walk->context, &session);
}

enum err store_all_sessions(struct store *store, int64_t uid, store_session_fn *fn, void *context)
{
	struct walk walk = {.uid = uid, .fn.session = fn, .context = context};
	return walk_rows(store, "SELECT id FROM sessions WHERE uid = ? ORDER BY id", give_session, &walk);
}

static enum err give_group(struct statement *statement, void *context)
{
	const struct walk *walk = context;
	struct uuid id;
	struct group group;
	statement_uuid(statement, &id);
	enum err err = store_group_load(statement->store, walk->uid, &id, &group);
	return err ? is_missing(statement, err) : walk->fn.group(walk->context, &group);
}

enum err store_all_groups(struct store *store, int64_t uid, store_group_fn *fn, void *context)
{
	struct walk walk = {.uid = uid, .fn.group = fn, .context = context};
	return walk_rows(store, "SELECT id FROM groups WHERE uid = ? ORDER BY id", give_group, &walk);
}

static enum err give_task(struct statement *statement, void *context)
{
	const struct walk *walk = context;
	struct uuid id;
	struct task task;
	statement_uuid(statement, &id);
	enum err err = store_task_load(statement->store, walk->uid, &id, walk->now_ms, &task);
	return err ? is_missing(statement, err) : walk->fn.task(walk->context, &task);
}

enum err store_all_tasks(struct store *store, int64_t uid, int64_t now_ms, store_task_fn *fn, void *context)
{
	struct walk walk = {.uid = uid, .fn.task = fn, .context = context, .now_ms = now_ms};
	return walk_rows(store, "SELECT id FROM tasks WHERE uid = ? ORDER BY id", give_task, &walk);
}

static enum err give_problem(struct statement *statement, void *context)
{
	const struct walk *walk = context;
	struct uuid id;
	struct problem problem;
	statement_uuid(statement, &id);
	enum err err = store_problem_load(statement->store, walk->uid, &id, &problem);
	return err ? is_missing(statement, err) : walk->fn.problem(walk->context, &problem);
}

enum err store_all_problems(struct store *store, int64_t uid, store_problem_fn *fn, void *context)
{
	struct walk walk = {.uid = uid, .fn.problem = fn, .context = context};
	return walk_rows(store, "SELECT id FROM problems WHERE uid = ? ORDER BY id", give_problem, &walk);
}

static enum err give_plan(struct statement *statement, void *context)
{
	const struct walk *walk = context;
	struct uuid id;
	struct plan plan;
	statement_uuid(statement, &id);
	enum err err = store_plan_load(statement->store, walk->uid, &id, &plan);
	return err ? is_missing(statement, err) : walk->fn.plan(walk->context, &plan);
}

enum err store_all_plans(struct store *store, int64_t uid, store_plan_fn *fn, void *context)
{
	struct walk walk = {.uid = uid, .fn.plan = fn, .context = context};
	return walk_rows(store, "SELECT id FROM plans WHERE uid = ? ORDER BY id", give_plan, &walk);
}

/* Rows that are no entities. */

static enum err give_interval(struct statement *statement, void *context)
{
	const struct walk *walk = context;
	struct uuid session;
	statement_uuid(statement, &session);
	int64_t start_ms = statement_integer(statement), end_ms = statement_integer(statement);
	return walk->fn.interval(walk->context, &session, start_ms, end_ms);
}

enum err store_all_intervals(struct store *store, int64_t uid, store_interval_fn *fn, void *context)
{
	struct walk walk = {.uid = uid, .fn.interval = fn, .context = context};
	return walk_rows(store,
		"SELECT session, start_ms, end_ms FROM intervals WHERE uid = ?1"
		" UNION ALL SELECT session, start_ms, 0 FROM running WHERE uid = ?1 ORDER BY start_ms, "
		"session",
		give_interval, &walk);
}

static enum err give_goal(struct statement *statement, void *context)
{
	const struct walk *walk = context;
	struct uuid session;
	statement_uuid(statement, &session);
	int64_t at_ms = statement_integer(statement), minutes = statement_integer(statement);
	return walk->fn.goal(walk->context, &session, at_ms, (int32_t)minutes);
}

enum err store_all_goals(struct store *store, int64_t uid, store_goal_fn *fn, void *context)
{
	struct walk walk = {.uid = uid, .fn.goal = fn, .context = context};
	return walk_rows(store,
		"SELECT session, at_ms, minutes FROM goals WHERE uid = ? ORDER BY session, at_ms", give_goal,
		&walk);
}

static enum err give_audit(struct statement *statement, void *context)
{
	const struct walk *walk = context;
	struct audit_row row;
	row.seq = statement_integer(statement);
	row.at_ms = statement_integer(statement);
	row.entity = (enum entity)statement_integer(statement);
	statement_uuid(statement, &row.id);
	row.action = statement_kept(statement);
	row.origin = statement_kept(statement);
	return walk->fn.audit(walk->context, &row);
}

enum err store_all_audit(struct store *store, int64_t uid, store_audit_fn *fn, void *context)
{
	struct walk walk = {.uid = uid, .fn.audit = fn, .context = context};
	return walk_rows(store,
		"SELECT seq, at_ms, entity, id, action, origin FROM audit WHERE uid = ? ORDER BY seq",
		give_audit, &walk);
}

static enum err give_key(struct statement *statement, void *context)
{
	const struct walk *walk = context;
	struct kept_key key;
	key.key = statement_kept(statement);
	key.now_ms = statement_integer(statement);
	key.asked = statement_kept(statement);
	key.result = statement_kept(statement);
	return walk->fn.key(walk->context, &key);
}

enum err store_all_keys(struct store *store, int64_t uid, store_key_fn *fn, void *context)
{
	struct walk walk = {.uid = uid, .fn.key = fn, .context = context};
	return walk_rows(store,
		"SELECT key, now_ms, asked, result FROM keys WHERE uid = ? ORDER BY now_ms, key", give_key,
		&walk);
}
