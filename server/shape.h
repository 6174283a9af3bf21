/* How the requirement documents write entities (rest.md): their field names, their instants and units. Knows
 * values and JSON; decides nothing, and knows no HTTP. */
#ifndef LOCKSTEP_SERVER_SHAPE_H
#define LOCKSTEP_SERVER_SHAPE_H

#include "server/engine.h"
#include "store/store.h"

/* A session's status in the words of 003 and of 000, whose sessions can't be abandoned; NULL ends them. */
extern const char *const shape_quest_statuses[STATUS_COUNT + 1];
extern const char *const shape_work_statuses[STATUS_COUNT + 1];
/* 004's words for a wrong body. */
extern const char shape_invalid_training[];

/* A session in that shape; in_list leaves out what is long (004's structure). */
void shape_session(struct text *out, enum shape shape, const struct session *session, bool in_list,
	const struct view *view);
void shape_task(struct text *out, enum shape shape, const struct task *task);
void shape_problem(struct text *out, enum shape shape, const struct problem *problem);
void shape_plan(struct text *out, enum shape shape, const struct plan *plan, const struct view *view);
/* An audit row as GET /api/audit-log shows it. */
void shape_audit(struct text *out, const struct audit_row *row, const struct view *view);

#endif
