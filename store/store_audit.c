/* The audit log. Triggers keep it from being changed; its rows have no gaps, so that nothing needs counting.
 */
#include "store/statement.h"
#include "store/store.h"

#include <assert.h>

static_assert(
	ENTITY_SESSION == 1 && ENTITY_GROUP == 2 && ENTITY_USER == 3, "the schema knows them by number");

static enum err count(struct store *store, int64_t uid, int64_t *ret)
{
	STATEMENT_AUTO statement = statement_get(store, SLOT_AUDIT_COUNT,
		"SELECT coalesce((SELECT max(seq) FROM audit WHERE uid = ?1)"
		" - (SELECT min(seq) FROM audit WHERE uid = ?1) + 1, 0)");
	statement_bind_integer(&statement, uid);
	return statement_count(&statement, ret);
}

enum err store_audit_list(struct store *store, int64_t uid, int64_t limit, int64_t offset, int64_t *ret_total,
	store_audit_fn *fn, void *context)
{
	enum err err = count(store, uid, ret_total);
	if (err)
		return err;
	STATEMENT_AUTO statement = statement_get(store, SLOT_AUDIT_LISTED,
		"SELECT seq, at_ms, entity, id, action, origin FROM audit WHERE uid = ?1"
		" AND seq <= (SELECT max(seq) FROM audit WHERE uid = ?1) - ?2 ORDER BY seq DESC LIMIT ?3");
	statement_bind_integer(&statement, uid);
	statement_bind_integer(&statement, offset);
	statement_bind_integer(&statement, limit);
	while (!(err = statement_row(&statement))) {
		struct audit_row row;
		row.seq = statement_integer(&statement);
		row.at_ms = statement_integer(&statement);
		row.entity = (enum entity)statement_integer(&statement);
		statement_uuid(&statement, &row.id);
		row.action = statement_kept(&statement);
		row.origin = statement_kept(&statement);
		err = fn(context, &row);
		if (err)
			return err;
	}
	return err == ERR_NOT_FOUND ? OK : err;
}
