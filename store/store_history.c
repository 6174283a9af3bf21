/* Lists of the sessions that are no timers. */
#include "store/statement.h"
#include "store/store.h"

#include <assert.h>

/* Parameters 1 to 7. `kinds` is a set of bits; one that is NULL narrows nothing. */
#define MATCHING                                                                                \
	" AND s.deleted = 0 AND s.kind <> 0 AND (?2 >> s.kind) & 1"                             \
	" AND s.started_at_ms >= ?3 AND s.started_at_ms < ?4 AND (?5 IS NULL OR s.status = ?5)" \
	" AND (?6 IS NULL OR (s.status = 1) = ?6) AND (?7 IS NULL OR s.\"group\" = ?7)"
static_assert(KIND_TIMER == 0 && STATUS_COMPLETED == 1, "the statements know them by number");

#define SESSIONS " FROM sessions s INDEXED BY sessions_history WHERE s.uid = ?1" MATCHING
#define TRAININGS                                                                           \
	" FROM training t INDEXED BY training_dates CROSS JOIN sessions s ON s.uid = t.uid" \
	" AND s.id = t.id WHERE t.uid = ?1" MATCHING                                        \
	" AND t.date >= ?8 AND t.date <= ?9 AND (?10 IS NULL OR t.plan = ?10)"
#define PAGE " LIMIT ? OFFSET ?"

struct query {
	enum slot slot;
	const char *sql;
};

/* Where the rows of a list come from: trainings alone when it is their plan or their date that matters.
 * Reading along an index, by start and by date, needs no sorting. */
static const struct source {
	bool trainings;
	struct query count;
	struct query pages[2][2]; /* by date, ascending */
} all_sessions =
	{
		false,
		{SLOT_HISTORY_COUNT, "SELECT count(*)" SESSIONS},
		{{{SLOT_HISTORY_NEWEST,
			  "SELECT s.id" SESSIONS " ORDER BY s.started_at_ms DESC, s.id DESC" PAGE},
			{SLOT_HISTORY_OLDEST,
				"SELECT s.id" SESSIONS " ORDER BY s.started_at_ms, s.id" PAGE}}},
},
  trainings = {
	  true,
	  {SLOT_TRAININGS_COUNT, "SELECT count(*)" TRAININGS},
	  {{{SLOT_TRAININGS_NEWEST, "SELECT s.id" TRAININGS " ORDER BY s.started_at_ms DESC, s.id DESC" PAGE},
		   {SLOT_TRAININGS_OLDEST, "SELECT s.id" TRAININGS " ORDER BY s.started_at_ms, s.id" PAGE}},
		  {{SLOT_TRAININGS_LAST, "SELECT t.id" TRAININGS " ORDER BY t.date DESC, t.id DESC" PAGE},
			  {SLOT_TRAININGS_FIRST, "SELECT t.id" TRAININGS " ORDER BY t.date, t.id" PAGE}}},
};

static struct statement get_query(struct store *store, int64_t uid, const struct source *source,
	const struct query *query, const struct session_filter *filter)
{
	struct statement statement = statement_get(store, query->slot, query->sql);
	statement_bind_integer(&statement, uid);
	statement_bind_integer(&statement, filter->kinds);
	statement_bind_integer(&statement, filter->from_ms);
	statement_bind_integer(&statement, filter->to_ms);
	statement_bind_integer_or_null(&statement, filter->has_status, filter->status);
	statement_bind_integer_or_null(&statement, filter->has_completed, filter->completed);
	statement_bind_uuid_or_null(&statement, &filter->group);
	if (source->trainings) {
		statement_bind_integer(&statement, filter->date_from);
		statement_bind_integer(&statement, filter->date_to);
		statement_bind_uuid_or_null(&statement, &filter->plan);
	}
	return statement;
}

static enum err count(struct store *store, int64_t uid, const struct source *source,
	const struct session_filter *filter, int64_t *ret)
{
	*ret = 0;
	if (!filter->kinds)
		return OK;
	STATEMENT_AUTO statement = get_query(store, uid, source, &source->count, filter);
	return statement_count(&statement, ret);
}

static enum err each(struct store *store, int64_t uid, const struct source *source,
	const struct session_filter *filter, store_session_fn *fn, void *context)
{
	if (!filter->kinds)
		return OK;
	STATEMENT_AUTO statement =
		get_query(store, uid, source, &source->pages[filter->by_date][filter->ascending], filter);
	statement_bind_integer(&statement, filter->limit);
	statement_bind_integer(&statement, filter->offset);
	enum err err;
	while (!(err = statement_row(&statement))) {
		struct uuid id;
		struct session session;
		statement_uuid(&statement, &id);
		err = store_session_load(store, uid, &id, &session);
		if (!err)
			err = fn(context, &session);
		if (err)
			return err;
	}
	return err == ERR_NOT_FOUND ? OK : err;
}

/* By date: the trainings, then those that have none. */
static enum err list_by_date(struct store *store, int64_t uid, const struct session_filter *filter,
	const struct source *source, int64_t *ret_total, store_session_fn *fn, void *context)
{
	struct session_filter dated = *filter, others = *filter;
	int64_t dated_count = 0, other_count = 0;
	dated.kinds &= 1U << KIND_TRAINING;
	others.kinds &= source->trainings ? 0 : ~dated.kinds;
	others.by_date = false;
	enum err err = count(store, uid, source, &dated, &dated_count);
	if (!err)
		err = count(store, uid, &all_sessions, &others, &other_count);
	if (err)
		return err;
	*ret_total = dated_count + other_count;
	err = each(store, uid, &trainings, &dated, fn, context);
	int64_t left = dated_count > filter->offset ? dated_count - filter->offset : 0;
	others.limit -= left < others.limit ? left : others.limit;
	others.offset -= dated_count - left;
	return err ? err : each(store, uid, &all_sessions, &others, fn, context);
}

enum err store_session_list(struct store *store, int64_t uid, const struct session_filter *filter,
	int64_t *ret_total, store_session_fn *fn, void *context)
{
	bool of_training =
		!uuid_is_nil(&filter->plan) || filter->date_from != INT32_MIN || filter->date_to != INT32_MAX;
	const struct source *source = of_training ? &trainings : &all_sessions;
	if (filter->by_date)
		return list_by_date(store, uid, filter, source, ret_total, fn, context);
	enum err err = count(store, uid, source, filter, ret_total);
	return err ? err : each(store, uid, source, filter, fn, context);
}
