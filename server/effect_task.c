/* Tasks of work sessions. */
#include "server/effect.h"

/* 000's event beside a completion that must be done again; no command makes it. */
static const char rework_event[] = "reworkRequired", rework_domain_event[] = "ReworkRequired";

/* The session's running time since the task's start. */
static enum err measure(const struct walk *walk, const struct task *task, int64_t to_ms, int64_t *ret_ms)
{
	return store_interval_sum(walk->turn->store, walk->turn->user.uid, &task->session, task->start_ms,
		to_ms > task->start_ms ? to_ms : task->start_ms, ret_ms);
}

/* The events: what the command did, and that the work must be done again if so. */
static enum err commit_task(struct walk *walk, struct task *task, bool rework)
{
	struct happening what = effect_happening(walk);
	TEXT_AUTO entities = {0};
	enum err err = task->completed ? OK : measure(walk, task, walk->turn->now_ms, &task->time_ms);
	if (!err)
		err = store_task_write(walk->turn->store, walk->turn->user.uid, task);
	if (err)
		return err;
	text_append_string(&entities, ",\"task\":");
	encode_task(&entities, task);
	what.n = 1;
	what.of = rework ? 2 : 1;
	err = turn_event(walk->turn, &what, &entities);
	if (!err && rework) {
		what.n = 2;
		what.event = rework_event;
		what.domain_event = rework_domain_event;
		err = turn_event(walk->turn, &what, &entities);
	}
	if (!err)
		effect_result(walk, true);
	return err;
}

enum err effect_add_task(struct walk *walk)
{
	int64_t count = 0;
	enum err err = store_task_count(walk->turn->store, walk->turn->user.uid, &walk->session.id, &count);
	if (err)
		return err;
	if (task_add(walk->command, &walk->outcome->id, &walk->session, walk->at_ms, &walk->task,
		    &walk->outcome->why))
		return OK;
	effect_limit(walk, count, walk->turn->pass->limits->max_tasks, "tasks in a session");
	return walk_refused(walk) ? OK : commit_task(walk, &walk->task, false);
}

enum err effect_task(struct walk *walk)
{
	struct task next;
	bool changed;
	int64_t time_ms = 0;
	enum err err = measure(walk, &walk->task, walk->at_ms, &time_ms);
	if (err)
		return err;
	if (task_apply(&walk->task, &walk->session, walk->command, walk->at_ms, time_ms, &next, &changed,
		    &walk->outcome->why))
		return OK;
	if (changed)
		return commit_task(walk, &next, walk->command->type == COMMAND_COMPLETE_TASK && next.rework);
	effect_result(walk, false);
	return OK;
}
