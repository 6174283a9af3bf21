#include "server/settle.h"

#include "server/metrics.h"

/* When the next reset finds something to do on this timer. */
static int64_t earlier_reset(const struct turn *turn, const struct session *timer, int64_t known_ms)
{
	if (!session_resettable(timer))
		return known_ms;
	int64_t boundary_ms = user_day(&turn->user, timer->clock_ms).end_ms;
	return known_ms && known_ms < boundary_ms ? known_ms : boundary_ms;
}

/* Writes every session that the reset changes and lists them in `entities`, counting them in *ret_changed.
 * *ret_next_ms is when one that was touched after at_ms is to be reset; 0: none. */
static enum err reset_timers(
	struct turn *turn, int64_t at_ms, struct text *entities, int *ret_changed, int64_t *ret_next_ms)
{
	__attribute__((cleanup(session_list_finish))) struct session_list timers = {0};
	enum err err = store_session_each(
		turn->store, turn->user.uid, SESSIONS_TIMERS, NULL, session_list_add, &timers);
	struct session_moment moment = turn_moment(turn, at_ms);
	for (size_t i = 0; i < timers.count && !err; i++) {
		struct session next;
		if (!session_daily_reset(&timers.items[i], &moment, &next)) {
			*ret_next_ms = earlier_reset(turn, &timers.items[i], *ret_next_ms);
			continue;
		}
		text_append_string(entities, (*ret_changed)++ ? "," : ",\"sessions\":[");
		encode_session(entities, &next, &turn->view);
		err = turn_write_session(turn, &timers.items[i], &next, at_ms);
	}
	if (*ret_changed)
		text_append_string(entities, "]");
	return err;
}

/* "Days missed while the server was down make one reset, stamped with the last boundary." Each timer that it
 * changes is as much work as an item of its own, and many people's days end at one instant. */
static enum err settle_daily_reset(struct turn *turn, int64_t at_ms, int *budget)
{
	TEXT_AUTO entities = {0};
	int changed = 0;
	int64_t next_ms = 0;
	enum err err = turn_set_reset_due(turn, 0);
	if (!err)
		err = reset_timers(turn, at_ms, &entities, &changed, &next_ms);
	if (!err)
		err = turn_set_reset_due(turn, next_ms);
	*budget -= changed;
	if (err || !changed)
		return err;
	metrics_note_due(turn->pass->notes, turn->pass->now_ms - at_ms);
	struct happening what = {
		.event = command_rows[COMMAND_RESET_ALL].name,
		.domain_event = command_domain_event(COMMAND_RESET_ALL),
		.entity = ENTITY_USER,
		.at_ms = at_ms,
		.origin = &turn_server_origin,
		.key = "",
	};
	return turn_event(turn, &what, &entities);
}

/* Several boundaries may have passed: the reset moves to the last one, behind what fell due between them. */
static enum err settle_reset_due(struct turn *turn, const struct due *due, int64_t until_ms, int *budget)
{
	int64_t last_ms = user_day(&turn->user, until_ms).start_ms;
	if (last_ms > due->at_ms)
		return turn_set_reset_due(turn, last_ms);
	return settle_daily_reset(turn, due->at_ms, budget);
}

/* "At one instant in this order": what happens by itself at a boundary comes before that boundary's reset. */
static enum err meet_boundary(struct turn *turn, const struct session *session, int64_t at_ms)
{
	if (!session_resettable(session) || user_day(&turn->user, at_ms).start_ms != at_ms)
		return OK;
	return turn_set_reset_due(turn, at_ms);
}

static enum err settle_session(struct turn *turn, const struct due *due)
{
	struct session session;
	enum err err = store_session_load(turn->store, turn->user.uid, &due->session, &session);
	if (err && err != ERR_NOT_FOUND)
		return err;
	/* A row that its session knows nothing of is damage; it must not stop everybody's time. */
	if (err || session_due(&session).at_ms != due->at_ms || session_due(&session).rank != due->rank)
		return store_due_remove(turn->store, due);
	struct session_effects effects;
	session_settle(&session, turn->view.day.start_ms, &effects);
	err = turn_write_session(turn, &session, &effects.events[0].session, due->at_ms);
	if (!err)
		err = meet_boundary(turn, &effects.events[0].session, due->at_ms);
	if (err)
		return err;
	metrics_note_due(turn->pass->notes, turn->pass->now_ms - due->at_ms);
	return turn_session_events(turn, &effects,
		(struct happening){.at_ms = due->at_ms, .origin = &turn_server_origin, .key = ""},
		&(struct text){.data = ""});
}

enum err settle_until(struct turn *turn, int64_t until_ms, int *budget)
{
	while (*budget > 0) {
		struct due due;
		enum err err = store_due_first(turn->store, turn->user.uid, until_ms, &due);
		if (err)
			return err == ERR_NOT_FOUND ? OK : err;
		err = due.rank == DUE_DAILY_RESET ? settle_reset_due(turn, &due, until_ms, budget)
						  : settle_session(turn, &due);
		if (err)
			return err;
		--*budget;
	}
	return OK;
}

enum err settle_due(struct pass *pass, int budget, int64_t *ret_next_ms)
{
	struct due due;
	enum err err;
	while (!(err = store_due_next(pass->store, &due)) && due.at_ms <= pass->now_ms && budget > 0) {
		struct turn turn;
		err = turn_begin(&turn, pass, due.uid);
		if (!err)
			err = settle_until(&turn, pass->now_ms, &budget);
		if (!err)
			err = turn_finish(&turn);
		if (err)
			return err;
	}
	if (err && err != ERR_NOT_FOUND)
		return err;
	*ret_next_ms = err ? 0 : due.at_ms;
	return OK;
}
