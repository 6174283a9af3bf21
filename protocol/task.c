#include "protocol/task.h"

#include <string.h>

const char *const quality_names[QUALITY_COUNT + 1] = {
	[QUALITY_EXCELLENT] = "Excellent",
	[QUALITY_GOOD] = "Good",
	[QUALITY_ACCEPTABLE] = "Acceptable",
	[QUALITY_NEEDS_REWORK] = "NeedsRework",
};

const char *task_status_name(const struct task *task)
{
	return task->completed ? "Completed" : "Pending";
}

/* "Added only to an active work session"; once that has ended "no task added or edited". */
static enum err check_open(
	const struct session *session, const struct command *command, struct refusal *ret_why)
{
	if (session->kind == KIND_WORK && session->status == STATUS_ACTIVE)
		return OK;
	return refuse(ret_why, ERR_INVALID_STATE, NULL, "%s needs a work session that is active",
		command_rows[command->type].name);
}

enum err task_add(const struct command *command, const struct uuid *id, const struct session *session,
	int64_t at_ms, struct task *ret, struct refusal *ret_why)
{
	const char *start = field_rows[FIELD_START_MS].name;
	struct task task = {
		.id = *id,
		.session = session->id,
		.version = 1,
		.start_ms = command_number(command, FIELD_START_MS, at_ms, at_ms),
		.created_at_ms = at_ms,
	};
	enum err err = check_open(session, command, ret_why);
	if (err)
		return err;
	if (task.start_ms < session->started_at_ms || task.start_ms > at_ms)
		return refuse(ret_why, ERR_BAD_REQUEST, start, "%s must lie within the session", start);
	command_copy_text(command, FIELD_TASK_DESCRIPTION, task.description, sizeof(task.description));
	*ret = task;
	return OK;
}

static void edit(const struct command *command, struct task *next)
{
	command_copy_text(command, FIELD_TASK_DESCRIPTION, next->description, sizeof(next->description));
	next->challenges = command_text(command, FIELD_CHALLENGES_ENCOUNTERED, next->challenges);
}

static void complete(const struct command *command, int64_t at_ms, int64_t time_ms, struct task *next)
{
	enum quality quality = (enum quality)command_number(command, FIELD_QUALITY_RESULT, 0, 0);
	next->quality = quality;
	next->challenges = command_text(command, FIELD_CHALLENGES_ENCOUNTERED, next->challenges);
	/* "NeedsRework implies reworkNeeded." */
	next->rework =
		quality == QUALITY_NEEDS_REWORK || command_flag(command, FIELD_REWORK_NEEDED, next->rework);
	if (next->completed)
		return;
	next->completed = true;
	next->completed_at_ms = at_ms > next->start_ms ? at_ms : next->start_ms;
	next->time_ms = time_ms;
}

static bool same(const struct task *a, const struct task *b)
{
	return a->deleted == b->deleted && a->completed == b->completed && a->quality == b->quality &&
	       a->rework == b->rework && command_same_text(a->challenges, b->challenges) &&
	       strcmp(a->description, b->description) == 0;
}

/* What stands against a change. Already so is no offence, whatever the session has come to. */
static enum err check_change(const struct task *task, const struct session *session,
	const struct command *command, struct refusal *ret_why)
{
	if (command->type == COMMAND_EDIT_TASK)
		return check_open(session, command, ret_why);
	if (command->type == COMMAND_COMPLETE_TASK && task->completed)
		return refuse(ret_why, ERR_INVALID_STATE, NULL, "the task has been completed already");
	return OK;
}

enum err task_apply(const struct task *task, const struct session *session, const struct command *command,
	int64_t at_ms, int64_t time_ms, struct task *ret, bool *ret_changed, struct refusal *ret_why)
{
	struct task next = *task;
	if (command->type == COMMAND_DELETE_TASK)
		next.deleted = true;
	else if (command->type == COMMAND_COMPLETE_TASK)
		complete(command, at_ms, time_ms, &next);
	else
		edit(command, &next);
	bool changed = !same(task, &next);
	enum err err = changed ? check_change(task, session, command, ret_why) : OK;
	if (err)
		return err;
	next.version += changed;
	*ret = next;
	*ret_changed = changed;
	return OK;
}
