/* For tests of the store: two values are the same in every field that is kept. Include after cmocka.h. */
#ifndef LOCKSTEP_TESTS_SUPPORT_STORE_EQUAL_H
#define LOCKSTEP_TESTS_SUPPORT_STORE_EQUAL_H

#include "store/store.h"

/* NULL is not empty. */
static inline void assert_texts_equal(const char *a, const char *b)
{
	assert_int_equal(a == NULL, b == NULL);
	if (a)
		assert_string_equal(a, b);
}

static inline void assert_ids_equal(const struct uuid *a, const struct uuid *b)
{
	assert_memory_equal(a->bytes, b->bytes, sizeof(a->bytes));
}

static inline void assert_focus_equal(const struct session *a, const struct session *b)
{
	assert_int_equal(a->focus.type, b->focus.type);
	assert_ids_equal(&a->focus.task, &b->focus.task);
	assert_int_equal(a->focus.distractions, b->focus.distractions);
	assert_int_equal(a->focus.quality_rating, b->focus.quality_rating);
	assert_int_equal(a->focus.score, b->focus.score);
	assert_int_equal(a->focus.reviewed, b->focus.reviewed);
	assert_texts_equal(a->focus.task_progress, b->focus.task_progress);
	assert_texts_equal(a->focus.abandon_reason, b->focus.abandon_reason);
	assert_texts_equal(a->focus.progress_made, b->focus.progress_made);
	for (int i = 0; i < LIMIT_FOCUS_PAUSES; i++) {
		const struct session_pause *left = &a->focus.pauses[i], *right = &b->focus.pauses[i];
		assert_int_equal(left->paused_at_ms, right->paused_at_ms);
		assert_int_equal(left->resumed_at_ms, right->resumed_at_ms);
		assert_texts_equal(left->reason, right->reason);
	}
}

static inline void assert_kinds_equal(const struct session *a, const struct session *b)
{
	switch (a->kind) {
	case KIND_FOCUS:
		assert_focus_equal(a, b);
		return;
	case KIND_WORK:
		assert_int_equal(a->work.helper_present, b->work.helper_present);
		assert_texts_equal(a->work.planned_tasks, b->work.planned_tasks);
		assert_texts_equal(a->work.tools_needed, b->work.tools_needed);
		assert_texts_equal(a->work.parts_to_install, b->work.parts_to_install);
		assert_texts_equal(a->work.notes, b->work.notes);
		return;
	case KIND_TRAINING:
		assert_ids_equal(&a->training.plan, &b->training.plan);
		assert_int_equal(a->training.date, b->training.date);
		assert_texts_equal(a->training.structure, b->training.structure);
		return;
	case KIND_TIMER:
	case KIND_COUNT:
		return;
	}
}

static inline void assert_sessions_equal(const struct session *a, const struct session *b)
{
	assert_ids_equal(&a->id, &b->id);
	assert_int_equal(a->version, b->version);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->deleted, b->deleted);
	assert_int_equal(a->no_goal, b->no_goal);
	assert_int_equal(a->daily_goal_minutes, b->daily_goal_minutes);
	assert_ids_equal(&a->group, &b->group);
	assert_int_equal(a->initial_ms, b->initial_ms);
	assert_int_equal(a->elapsed_ms, b->elapsed_ms);
	assert_int_equal(a->running_since_ms, b->running_since_ms);
	assert_int_equal(a->clock_ms, b->clock_ms);
	assert_int_equal(a->started_at_ms, b->started_at_ms);
	assert_int_equal(a->ended_at_ms, b->ended_at_ms);
	assert_int_equal(a->created_at_ms, b->created_at_ms);
	assert_int_equal(a->updated_at_ms, b->updated_at_ms);
	assert_int_equal(a->pauses, b->pauses);
	assert_int_equal(a->tracked_day_ms, b->tracked_day_ms);
	assert_int_equal(a->tracked_ms, b->tracked_ms);
	assert_string_equal(a->title, b->title);
	assert_kinds_equal(a, b);
}

static inline void assert_tasks_equal(const struct task *a, const struct task *b)
{
	assert_ids_equal(&a->id, &b->id);
	assert_ids_equal(&a->session, &b->session);
	assert_int_equal(a->version, b->version);
	assert_int_equal(a->deleted, b->deleted);
	assert_int_equal(a->completed, b->completed);
	assert_int_equal(a->quality, b->quality);
	assert_int_equal(a->rework, b->rework);
	assert_int_equal(a->start_ms, b->start_ms);
	assert_int_equal(a->completed_at_ms, b->completed_at_ms);
	assert_int_equal(a->created_at_ms, b->created_at_ms);
	assert_int_equal(a->time_ms, b->time_ms);
	assert_texts_equal(a->challenges, b->challenges);
	assert_string_equal(a->description, b->description);
}

static inline void assert_problems_equal(const struct problem *a, const struct problem *b)
{
	assert_ids_equal(&a->id, &b->id);
	assert_ids_equal(&a->group, &b->group);
	assert_int_equal(a->version, b->version);
	assert_int_equal(a->severity, b->severity);
	assert_int_equal(a->common, b->common);
	assert_int_equal(a->resolved, b->resolved);
	assert_int_equal(a->cost_impact, b->cost_impact);
	assert_int_equal(a->time_impact, b->time_impact);
	assert_int_equal(a->discovery_ms, b->discovery_ms);
	assert_int_equal(a->resolved_at_ms, b->resolved_at_ms);
	assert_int_equal(a->created_at_ms, b->created_at_ms);
	assert_string_equal(a->description, b->description);
	assert_string_equal(a->solution, b->solution);
}

static inline void assert_plans_equal(const struct plan *a, const struct plan *b)
{
	assert_ids_equal(&a->id, &b->id);
	assert_int_equal(a->version, b->version);
	assert_int_equal(a->deleted, b->deleted);
	assert_int_equal(a->has_sessions, b->has_sessions);
	assert_int_equal(a->created_at_ms, b->created_at_ms);
	assert_int_equal(a->updated_at_ms, b->updated_at_ms);
	assert_texts_equal(a->structure, b->structure);
	assert_string_equal(a->name, b->name);
}

#endif
