/* Training plans. */
#include "server/effect.h"

static enum err commit_plan(struct walk *walk, const struct plan *plan)
{
	TEXT_AUTO entities = {0};
	text_append_string(&entities, ",\"plan\":");
	encode_plan(&entities, plan, true, &walk->turn->view);
	enum err err = store_plan_write(walk->turn->store, walk->turn->user.uid, plan);
	return err ? err : effect_commit(walk, &entities);
}

enum err effect_add_plan(struct walk *walk)
{
	int64_t count = 0;
	enum err err = store_plan_count(walk->turn->store, walk->turn->user.uid, &count);
	if (!err)
		effect_limit(walk, count, walk->turn->pass->limits->max_plans, "plans");
	if (err || walk_refused(walk))
		return err;
	plan_add(walk->command, &walk->outcome->id, walk->at_ms, &walk->plan);
	return commit_plan(walk, &walk->plan);
}

enum err effect_plan(struct walk *walk)
{
	struct plan next;
	if (plan_apply(&walk->plan, walk->command, walk->at_ms, &next))
		return commit_plan(walk, &next);
	effect_result(walk, false);
	return OK;
}
