/* What each command does once nothing stands against it but state and limits: its writes, its event, its
 * result's fields. effect.c has the table and what the others share; effect_*.c one family each. Engine
 * thread only. */
#ifndef LOCKSTEP_SERVER_EFFECT_H
#define LOCKSTEP_SERVER_EFFECT_H

#include "server/target.h"

/* Does what the command says. What state or limits refuse is in walk->outcome->why. */
enum err effect_take(struct walk *walk) MUST_CHECK;

/* For effect_*.c alone. Each takes one command, with everything checked but state and limits. */
typedef enum err effect_fn(struct walk *walk);
effect_fn effect_add_session, effect_session, effect_reset_all, effect_get_session;
effect_fn effect_reset_time;
effect_fn effect_add_group, effect_edit_group, effect_delete_group;
effect_fn effect_add_task, effect_task;
effect_fn effect_add_problem, effect_problem;
effect_fn effect_add_plan, effect_plan;

/* The event of the command, about its target. */
struct happening effect_happening(const struct walk *walk);
/* The result's fields, as the key keeps them. */
void effect_result(struct walk *walk, bool changed);
/* Refuses when `count` of them is the most there can be. */
void effect_limit(struct walk *walk, int64_t count, int64_t limit, const char *what);
/* The one event of a command that made or changed one entity (`,"task":{...}`), and its result. */
enum err effect_commit(struct walk *walk, const struct text *entities) MUST_CHECK;
/* Makes one event of many sessions, after `lead` (`,"group":{...}` or empty); their writes are done. */
enum err effect_commit_sessions(
	struct walk *walk, const struct text *lead, const struct session_list *changed) MUST_CHECK;

#endif
