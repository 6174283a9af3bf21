/* Users, and the rules of their days. */
#include "store/statement.h"
#include "store/store.h"

#include <stdlib.h>

/* What changes; user_id and created_at_ms stay as they were added. Where the user's log ends, the log says.
 */
#define USER_FIELDS(F, X)  F(version) X(reset_due_ms) X(name) X(email)
#define USER_COLUMN(field) COLUMN(struct user, field),
static const struct column user_columns[] = {USER_FIELDS(USER_COLUMN, USER_COLUMN)};
#define NAMES        SQL_NAMES(USER_FIELDS)
#define VALUES       SQL_PARAMETERS(USER_FIELDS)
#define USER_COLUMNS (sizeof(user_columns) / sizeof(*user_columns))

#define RULES "SELECT from_ms, from_day, reset_minutes, zone FROM day_rules WHERE uid = ?1 "

static void read_rule(struct statement *statement, struct day_rule *ret)
{
	ret->from_ms = statement_integer(statement);
	ret->from_day = (int32_t)statement_integer(statement);
	ret->reset_minutes = (int16_t)statement_integer(statement);
	statement_string(statement, ret->zone, sizeof(ret->zone));
}

/* The rule that holds at the instant, the first one before there was any, and the coming one. */
static enum err load_rules(struct store *store, int64_t uid, int64_t at_ms, struct user *ret)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_RULES_AT,
		RULES "AND from_ms >= coalesce("
		      "(SELECT max(from_ms) FROM day_rules WHERE uid = ?1 AND from_ms <= ?2), ?2)"
		      " ORDER BY from_ms LIMIT 2");
	statement_bind_integer(&statement, uid);
	statement_bind_integer(&statement, at_ms);
	enum err err;
	ret->rule_count = 0;
	while (!(err = statement_row(&statement)))
		read_rule(&statement, &ret->rules[ret->rule_count++]);
	return err == ERR_NOT_FOUND ? OK : err;
}

/* Its seq, tag and time are the user's; before the first one time begins with the user. */
static enum err load_last_event(struct store *store, struct user *ret)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_EVENT_LAST,
		"SELECT a.seq, e.row, e.tag, e.now_ms FROM audit a LEFT JOIN events e ON e.row = a.row"
		" WHERE a.uid = ? ORDER BY a.seq DESC LIMIT 1");
	statement_bind_integer(&statement, ret->uid);
	ret->clock_ms = ret->created_at_ms;
	enum err err = statement_row(&statement);
	if (err)
		return err == ERR_NOT_FOUND ? OK : err;
	ret->seq = statement_integer(&statement);
	if (!statement_integer(&statement))
		return statement_damaged(&statement);
	ret->tag = (uint32_t)statement_integer(&statement);
	ret->clock_ms = statement_integer(&statement);
	return OK;
}

static enum err read_user(struct store *store, struct user *ret)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_USER_LOAD,
		"SELECT user_id, created_at_ms, " NAMES " FROM users WHERE uid = ?"
		" AND " USER_LIVES);
	statement_bind_integer(&statement, ret->uid);
	enum err err = statement_row(&statement);
	if (err)
		return err;
	statement_string(&statement, ret->user_id, sizeof(ret->user_id));
	ret->created_at_ms = statement_integer(&statement);
	statement_columns(&statement, user_columns, USER_COLUMNS, ret);
	return OK;
}

/* Of the user's own time; whether the rules that were loaded then are those of `now_ms`. */
#define AT_CLOCK INT64_MIN
static int64_t moment(const struct user *user, int64_t now_ms)
{
	return now_ms == AT_CLOCK ? user->clock_ms : now_ms;
}

static bool has_rules_of(const struct user *user, int64_t now_ms)
{
	int64_t at_ms = moment(user, now_ms);
	return user->rules[0].from_ms <= at_ms && (user->rule_count < 2 || at_ms < user->rules[1].from_ms);
}

enum err store_user_load(struct store *store, int64_t uid, int64_t now_ms, struct user *ret)
{
	struct user user;
	if (recent_user(store->recent, uid, &user) && has_rules_of(&user, now_ms)) {
		*ret = user;
		return OK;
	}
	user = (struct user){.uid = uid};
	enum err err = read_user(store, &user);
	if (!err)
		err = load_last_event(store, &user);
	if (!err)
		err = load_rules(store, uid, moment(&user, now_ms), &user);
	if (err)
		return err;
	recent_keep_user(store->recent, &user);
	*ret = user;
	return OK;
}

enum err store_user_find(struct store *store, const char *issuer, const char *subject, struct user *ret)
{
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_USER_FIND, "SELECT uid FROM users WHERE issuer = ? AND subject = ?");
	statement_bind_string(&statement, issuer);
	statement_bind_string(&statement, subject);
	enum err err = statement_row(&statement);
	return err ? err : store_user_load(store, statement_integer(&statement), AT_CLOCK, ret);
}

enum err store_user_named(struct store *store, const char *user_id, int64_t *ret_uid)
{
	STATEMENT_AUTO statement =
		statement_get(store, SLOT_USER_ID, "SELECT uid FROM users WHERE user_id = ?");
	statement_bind_string(&statement, user_id);
	enum err err = statement_row(&statement);
	if (!err)
		*ret_uid = statement_integer(&statement);
	return err;
}

bool store_user_id_taken(struct store *store, const char *user_id)
{
	int64_t uid;
	return store_user_named(store, user_id, &uid) != ERR_NOT_FOUND;
}

static enum err add_rule(struct store *store, int64_t uid, const struct day_rule *rule)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_RULE_ADD,
		"INSERT INTO day_rules (uid, from_ms, from_day, reset_minutes, zone) VALUES (?, ?, ?, ?, ?)");
	statement_bind_integer(&statement, uid);
	statement_bind_integer(&statement, rule->from_ms);
	statement_bind_integer(&statement, rule->from_day);
	statement_bind_integer(&statement, rule->reset_minutes);
	statement_bind_string(&statement, rule->zone);
	return statement_run(&statement);
}

enum err store_user_add(struct store *store, const char *issuer, const char *subject, struct user *user)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_USER_ADD,
		"INSERT INTO users (issuer, subject, user_id, created_at_ms, " NAMES ")"
		" VALUES (?, ?, ?, ?, " VALUES ")");
	statement_bind_string(&statement, issuer);
	statement_bind_string(&statement, subject);
	statement_bind_string(&statement, user->user_id);
	statement_bind_integer(&statement, user->created_at_ms);
	statement_bind_columns(&statement, user_columns, USER_COLUMNS, user);
	enum err err = statement_run(&statement);
	if (err)
		return err;
	int64_t uid = sqlite3_last_insert_rowid(store->db);
	err = add_rule(store, uid, &user->rules[0]);
	if (!err)
		user->uid = uid;
	return err;
}

enum err store_user_write(struct store *store, const struct user *user)
{
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_USER_WRITE, "UPDATE users SET " SQL_SETS(USER_FIELDS) " WHERE uid = ?");
	statement_bind_columns(&statement, user_columns, USER_COLUMNS, user);
	statement_bind_integer(&statement, user->uid);
	enum err err = statement_run(&statement);
	if (err)
		return err;
	recent_drop_user(store->recent, user->uid);
	return sqlite3_changes(store->db) ? OK : ERR_NOT_FOUND;
}

enum err store_rules_replace(
	struct store *store, int64_t uid, int64_t from_ms, const struct day_rule *rules, int count)
{
	STATEMENT_AUTO statement = statement_get(
		store, SLOT_RULES_REMOVE, "DELETE FROM day_rules WHERE uid = ? AND from_ms >= ?");
	statement_bind_integer(&statement, uid);
	statement_bind_integer(&statement, from_ms);
	enum err err = statement_run(&statement);
	recent_drop_user(store->recent, uid);
	for (int i = 0; !err && i < count; i++)
		err = add_rule(store, uid, &rules[i]);
	return err;
}

enum err store_rules_load(struct store *store, int64_t uid, struct day_rule **ret, size_t *ret_count)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_RULES_ALL, RULES "ORDER BY from_ms");
	statement_bind_integer(&statement, uid);
	struct text rules = {0};
	struct day_rule rule = {0};
	enum err err;
	while (!(err = statement_row(&statement))) {
		read_rule(&statement, &rule);
		text_append(&rules, &rule, sizeof(rule));
	}
	if (err != ERR_NOT_FOUND) {
		text_finish(&rules);
		return err;
	}
	*ret_count = rules.len / sizeof(rule);
	*ret = (struct day_rule *)(void *)rules.data;
	return OK;
}
