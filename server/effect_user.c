/* The user's own settings: when their day begins. */
#include "server/effect.h"

#include <stdlib.h>

/* What the change of the day's rule must not move. */
static enum err load_tracking(const struct turn *turn, struct user_tracking *ret)
{
	struct user_tracking tracking = {.past_end_ms = INT64_MIN};
	int64_t day_start_ms = turn->view.day.start_ms;
	int64_t last_ms = 0;
	enum err err = store_interval_any(turn->store, turn->user.uid, day_start_ms, &tracking.today);
	if (!err)
		err = store_interval_last(turn->store, turn->user.uid, day_start_ms, &last_ms);
	if (!err && last_ms) {
		struct day_rule *rules = NULL;
		size_t count = 0;
		err = store_rules_load(turn->store, turn->user.uid, &rules, &count);
		if (err)
			return err;
		struct day_span past = day_find(rules, count, last_ms - 1);
		tracking.past_end_ms = past.end_ms;
		tracking.past_day = past.day;
		free(rules);
	}
	if (!err)
		*ret = tracking;
	return err;
}

enum err effect_reset_time(struct walk *walk)
{
	struct turn *turn = walk->turn;
	struct user_tracking tracking;
	struct user next;
	enum err err = load_tracking(turn, &tracking);
	if (err)
		return err;
	if (!user_apply(&turn->user, walk->command, &tracking, turn->now_ms, &next)) {
		effect_result(walk, false);
		return OK;
	}
	int64_t from_ms;
	int count;
	const struct day_rule *rules = user_rules_changed(&turn->user, &next, turn->now_ms, &from_ms, &count);
	err = store_rules_replace(turn->store, turn->user.uid, from_ms, rules, count);
	turn_set_user(turn, &next);
	/* One that a batch has still to come to stays: it moves to the last boundary by itself. */
	if (!err && turn->user.reset_due_ms > turn->now_ms)
		err = turn_set_reset_due(turn, turn->view.day.end_ms);
	TEXT_AUTO entities = {0};
	text_append_string(&entities, ",\"user\":");
	encode_user(&entities, &turn->view);
	struct happening what = effect_happening(walk);
	if (!err)
		err = turn_event(turn, &what, &entities);
	if (!err)
		effect_result(walk, true);
	return err;
}
