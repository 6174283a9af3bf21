#include "tests/support/model.h"

#include <math.h>
#include <string.h>

#define WHOLE_DAY_MS (24 * HOUR_MS)

const enum field model_work_fields[4] = {
	FIELD_NOTES, FIELD_PLANNED_TASKS, FIELD_TOOLS_NEEDED, FIELD_PARTS_TO_INSTALL};

bool model_same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : !a == !b;
}

static bool given(const struct command *command, enum field field)
{
	return command->values[field].given;
}

/* The text that the field makes of `old`. */
static const char *take_text(const struct command *command, enum field field, const char *old)
{
	const struct value *value = &command->values[field];
	if (!value->given)
		return old;
	return value->null || !value->text[0] ? NULL : value->text;
}

const struct model_span *model_running(const struct model *model)
{
	const struct model_span *last = model->span_count ? &model->spans[model->span_count - 1] : NULL;
	return last && last->to < 0 ? last : NULL;
}

int64_t model_overlap(int64_t from, int64_t to, int64_t low, int64_t high)
{
	int64_t first = from > low ? from : low, last = to < high ? to : high;
	return last > first ? last - first : 0;
}

int64_t model_elapsed(const struct model *model, int64_t now)
{
	int64_t sum = 0;
	for (int i = 0; i < model->span_count; i++) {
		const struct model_span *span = &model->spans[i];
		if (span->life == model->life)
			sum += (span->to < 0 ? now : span->to) - span->from;
	}
	return sum;
}

/* Running time within [from, to). */
int64_t model_time(const struct model *model, int64_t from, int64_t to)
{
	int64_t sum = 0;
	for (int i = 0; i < model->span_count; i++) {
		int64_t end = model->spans[i].to < 0 ? INT64_MAX : model->spans[i].to;
		sum += model_overlap(model->spans[i].from, end, from, to);
	}
	return sum;
}

int64_t model_left(const struct model *model, int64_t now)
{
	int64_t left = model->length - model_elapsed(model, now);
	return left > 0 ? left : 0;
}

static void model_stop(struct model *model, int64_t at)
{
	model->clock = at;
	if (model_running(model))
		model->spans[model->span_count - 1].to = at;
}

static void model_start(struct model *model, int64_t at)
{
	model->spans[model->span_count++] = (struct model_span){at, -1, model->life};
	model->clock = at;
	if (!model->started_at)
		model->started_at = at;
	if (model->kind == KIND_FOCUS && model->pause_count)
		model->pauses[model->pause_count - 1].to = at;
}

static void model_reset(struct model *model, int64_t at)
{
	model_stop(model, at);
	model->life++;
	model->status = STATUS_ACTIVE;
	model->ended_at = model->started_at = 0;
}

/* "clamp(base - 5·distractions + bonus, 0, 100) rounded" */
static int naive_score(const struct model *model)
{
	int64_t actual = model_elapsed(model, model->clock);
	double base = actual >= model->length ? 80 : 80.0 * (double)actual / (double)model->length;
	double bonus = actual < model->length ? 0 : model->pause_count ? 10 : 20;
	double score = floor(base - 5.0 * model->distractions + bonus + 0.5);
	return score < 0 ? 0 : score > 100 ? 100 : (int)score;
}

static void model_end(struct model *model, enum session_status status, int64_t at)
{
	model_stop(model, at);
	model->status = status;
	model->ended_at = at;
	if (model->kind == KIND_FOCUS && status == STATUS_COMPLETED && model->score < 0)
		model->score = naive_score(model);
}

/* The next thing that happens by itself, found by looking at every rule. */
int64_t model_due(const struct model *model)
{
	const struct model_span *running = model_running(model);
	int64_t due = INT64_MAX;
	if (model->deleted || model->status != STATUS_ACTIVE)
		return due;
	if (running && model->length >= 0)
		due = running->from + model->length - model_elapsed(model, running->from);
	if (model->kind == KIND_WORK && model->started_at + WHOLE_DAY_MS < due)
		due = model->started_at + WHOLE_DAY_MS;
	if (model->kind == KIND_FOCUS && !running && model->clock + 10 * MINUTE_MS < due)
		due = model->clock + 10 * MINUTE_MS;
	return due;
}

static void model_changed(struct model *model, int events, int64_t at)
{
	model->version += events;
	if (events && at > model->changed_at)
		model->changed_at = at;
}

enum command_type model_happen(struct model *model)
{
	int64_t at = model_due(model);
	bool resumes = model->kind == KIND_FOCUS && !model_running(model);
	if (resumes)
		model_start(model, at);
	else
		model_end(model, STATUS_COMPLETED, at);
	model_changed(model, 1, at);
	return resumes ? COMMAND_START : COMMAND_COMPLETE;
}

/* "Every timer that is not running gets timeLeft = initialDuration, active." */
bool model_day_end(struct model *model, int64_t at)
{
	bool resets = model->kind == KIND_TIMER && !model_running(model) && !model->deleted &&
		      (model->status != STATUS_ACTIVE || model_elapsed(model, at) > 0);
	if (!resets)
		return false;
	model_reset(model, at);
	model_changed(model, 1, at);
	return true;
}

/* "Its timers and active focus sessions lose the group; ended sessions keep it." */
bool model_leave_group(struct model *model, int64_t at)
{
	if (!model->group || (model->kind != KIND_TIMER && model->status != STATUS_ACTIVE))
		return false;
	model->group = 0;
	model_changed(model, 1, at);
	return true;
}

/* What commands should do, one function each. */

static struct expected refused(enum err err)
{
	return (struct expected){.err = err};
}

static struct expected nothing(void)
{
	return (struct expected){.count = 0};
}

static struct expected once(const struct command *command)
{
	return (struct expected){.count = 1, .events = {command->type}};
}

static struct expected model_begin(struct model *model, const struct command *command, int64_t at)
{
	if (model_running(model))
		return nothing();
	if (model->status != STATUS_ACTIVE && model->kind != KIND_TIMER)
		return refused(ERR_INVALID_STATE);
	bool anew = model->status != STATUS_ACTIVE || (model->length >= 0 && model_left(model, at) == 0);
	if (anew)
		model_reset(model, at);
	model_start(model, at);
	if (anew)
		return (struct expected){.count = 2, .events = {COMMAND_RESET_SESSION, COMMAND_START}};
	return once(command);
}

static struct expected model_pause(struct model *model, const struct command *command, int64_t at)
{
	if (!model_running(model))
		return nothing();
	if (model->kind == KIND_FOCUS && model->pause_count == 3)
		return refused(ERR_LIMIT);
	if (model->kind == KIND_FOCUS)
		model->pauses[model->pause_count++] =
			(struct model_pause){at, 0, take_text(command, FIELD_REASON, NULL)};
	model_stop(model, at);
	return once(command);
}

static struct expected model_clear(struct model *model, const struct command *command, int64_t at)
{
	if (model->kind != KIND_TIMER)
		return refused(ERR_INVALID_STATE);
	if (!model_running(model) && model->status == STATUS_ACTIVE && model_elapsed(model, at) == 0)
		return nothing();
	model_reset(model, at);
	return once(command);
}

static void model_review(struct model *model, const struct command *command)
{
	model->rating =
		given(command, FIELD_QUALITY_RATING) ? (int)command->values[FIELD_QUALITY_RATING].number : 0;
	model->progress = take_text(command, FIELD_TASK_PROGRESS, NULL);
	if (given(command, FIELD_FOCUS_SCORE))
		model->score = (int)command->values[FIELD_FOCUS_SCORE].number;
	model->reviewed = true;
}

static struct expected model_complete(struct model *model, const struct command *command, int64_t at)
{
	bool progress = given(command, FIELD_TASK_PROGRESS) && !command->values[FIELD_TASK_PROGRESS].null;
	bool reviews = given(command, FIELD_QUALITY_RATING) || given(command, FIELD_FOCUS_SCORE) || progress;
	bool focus_fields = reviews || given(command, FIELD_TASK_PROGRESS);
	if ((focus_fields && model->kind != KIND_FOCUS) ||
		(given(command, FIELD_STRUCTURE) && model->kind != KIND_TRAINING))
		return refused(ERR_BAD_REQUEST);
	if (model->status == STATUS_ABANDONED)
		return refused(ERR_INVALID_STATE);
	if (model->status == STATUS_COMPLETED) {
		if (given(command, FIELD_STRUCTURE) || (reviews && model->reviewed))
			return refused(ERR_INVALID_STATE);
		if (!reviews)
			return nothing();
		model_review(model, command);
		return once(command);
	}
	if (reviews)
		model_review(model, command);
	model->structure = take_text(command, FIELD_STRUCTURE, model->structure);
	model_end(model, STATUS_COMPLETED, at);
	return once(command);
}

static struct expected model_abandon(struct model *model, const struct command *command, int64_t at)
{
	bool can = model->kind == KIND_FOCUS || model->kind == KIND_TRAINING;
	if (!can || model->status == STATUS_COMPLETED)
		return refused(ERR_INVALID_STATE);
	if (model->status == STATUS_ABANDONED)
		return nothing();
	if (model->kind == KIND_FOCUS) {
		model->abandon_reason = take_text(command, FIELD_REASON, NULL);
		model->progress_made = take_text(command, FIELD_PROGRESS_MADE, NULL);
	}
	model_end(model, STATUS_ABANDONED, at);
	return once(command);
}

static struct expected model_distract(struct model *model, const struct command *command, int64_t at)
{
	(void)at;
	if (model->kind != KIND_FOCUS || model->status != STATUS_ACTIVE)
		return refused(ERR_INVALID_STATE);
	model->distractions++;
	return once(command);
}

static struct expected model_delete(struct model *model, const struct command *command, int64_t at)
{
	static const enum session_status ends[KIND_COUNT] = {
		STATUS_ACTIVE, STATUS_ABANDONED, STATUS_COMPLETED, STATUS_ABANDONED};
	if (model->deleted)
		return nothing();
	model->deleted = true;
	if (model->kind == KIND_TIMER && model_running(model))
		model_stop(model, at);
	else if (model->kind != KIND_TIMER && model->status == STATUS_ACTIVE)
		model_end(model, ends[model->kind], at);
	return once(command);
}

static struct expected model_restore(struct model *model, const struct command *command, int64_t at)
{
	(void)at;
	if (!model->deleted)
		return nothing();
	model->deleted = false;
	return once(command);
}

static struct expected model_rename(struct model *model, const struct command *command, int64_t at)
{
	(void)at;
	const char *title = take_text(command, FIELD_TITLE, NULL);
	if (!title && model->kind == KIND_TIMER)
		return refused(ERR_BAD_REQUEST);
	if (model->kind == KIND_TRAINING && model->status == STATUS_COMPLETED)
		return refused(ERR_INVALID_STATE);
	if (model_same_text(title, model->title))
		return nothing();
	model->title = title;
	return once(command);
}

static struct expected model_move(struct model *model, const struct command *command, int64_t at)
{
	(void)at;
	const struct value *value = &command->values[FIELD_GROUP];
	int group = value->null ? 0 : value->id.bytes[0];
	if (!group && model->kind == KIND_WORK)
		return refused(ERR_BAD_REQUEST);
	if (model->kind == KIND_TRAINING && model->status == STATUS_COMPLETED)
		return refused(ERR_INVALID_STATE);
	if (group == model->group)
		return nothing();
	model->group = group;
	return once(command);
}

static void take_timer(struct model *model, const struct command *command)
{
	const struct value *length = &command->values[FIELD_INITIAL_DURATION];
	const struct value *goal = &command->values[FIELD_DAILY_GOAL_MINUTES];
	if (length->given)
		model->length = length->null ? -1 : length->number;
	if (goal->given) {
		model->goal = goal->null ? 0 : (int)goal->number;
		model->no_goal = goal->null;
	}
	if (given(command, FIELD_NO_GOAL))
		model->no_goal = command->values[FIELD_NO_GOAL].flag;
}

static void take_work(struct model *model, const struct command *command)
{
	for (int i = 0; i < 4; i++)
		model->work_texts[i] = take_text(command, model_work_fields[i], model->work_texts[i]);
	if (given(command, FIELD_HELPER_PRESENT))
		model->helper = command->values[FIELD_HELPER_PRESENT].flag;
}

/* editSession on a timer. */
static struct expected model_edit_timer(struct model *model, const struct command *command, int64_t at)
{
	struct model was = *model;
	take_timer(model, command);
	if (was.length == model->length && was.goal == model->goal && was.no_goal == model->no_goal)
		return nothing();
	if (model_running(model) && model->length >= 0 && model_left(model, at) == 0) {
		model_end(model, STATUS_COMPLETED, at);
		return (struct expected){.count = 2, .events = {COMMAND_EDIT_SESSION, COMMAND_COMPLETE}};
	}
	return once(command);
}

static struct expected model_edit_work(struct model *model, const struct command *command)
{
	struct model was = *model;
	bool other = false;
	take_work(model, command);
	for (int i = 1; i < 4; i++)
		other = other || !model_same_text(was.work_texts[i], model->work_texts[i]);
	other = other || was.helper != model->helper;
	bool notes = !model_same_text(was.work_texts[0], model->work_texts[0]);
	if (other && model->status != STATUS_ACTIVE) {
		*model = was;
		return refused(ERR_INVALID_STATE);
	}
	return other || notes ? once(command) : nothing();
}

static struct expected model_edit_training(struct model *model, const struct command *command)
{
	if (!given(command, FIELD_STRUCTURE))
		return refused(ERR_BAD_REQUEST);
	if (model->status != STATUS_ACTIVE)
		return refused(ERR_INVALID_STATE);
	if (model_same_text(model->structure, command->values[FIELD_STRUCTURE].text))
		return nothing();
	model->structure = command->values[FIELD_STRUCTURE].text;
	return once(command);
}

static struct expected model_edit(struct model *model, const struct command *command, int64_t at)
{
	bool timer = given(command, FIELD_INITIAL_DURATION) || given(command, FIELD_DAILY_GOAL_MINUTES) ||
		     given(command, FIELD_NO_GOAL);
	bool work = given(command, FIELD_HELPER_PRESENT);
	for (int i = 0; i < 4; i++)
		work = work || given(command, model_work_fields[i]);
	bool training = given(command, FIELD_STRUCTURE);
	if ((timer && model->kind != KIND_TIMER) || (work && model->kind != KIND_WORK) ||
		(training && model->kind != KIND_TRAINING))
		return refused(ERR_BAD_REQUEST);
	if (model->kind == KIND_TIMER)
		return model_edit_timer(model, command, at);
	if (model->kind == KIND_WORK)
		return model_edit_work(model, command);
	return model->kind == KIND_TRAINING ? model_edit_training(model, command) : nothing();
}

struct expected model_apply(struct model *model, const struct command *command, int64_t at)
{
	static struct expected (*const moves[COMMAND_COUNT])(
		struct model *, const struct command *, int64_t) = {
		[COMMAND_START] = model_begin,
		[COMMAND_PAUSE] = model_pause,
		[COMMAND_RESET_SESSION] = model_clear,
		[COMMAND_COMPLETE] = model_complete,
		[COMMAND_ABANDON] = model_abandon,
		[COMMAND_DISTRACTION] = model_distract,
		[COMMAND_DELETE_SESSION] = model_delete,
		[COMMAND_RESTORE_SESSION] = model_restore,
		[COMMAND_RENAME_SESSION] = model_rename,
		[COMMAND_MOVE_SESSION] = model_move,
		[COMMAND_EDIT_SESSION] = model_edit,
	};
	struct expected expected = moves[command->type](model, command, at);
	model_changed(model, expected.count, at);
	return expected;
}

struct expected model_add(struct model *model, const struct command *add, const char *structure, int64_t at)
{
	static const int64_t minutes[] = {25, 15, 45};
	*model = (struct model){.kind = (enum session_kind)add->values[FIELD_KIND].number,
		.length = -1,
		.no_goal = true,
		.version = 1,
		.score = -1,
		.changed_at = at};
	model->title = take_text(add, FIELD_TITLE, NULL);
	model->group = add->values[FIELD_GROUP].id.bytes[0];
	if (model->kind == KIND_TIMER)
		take_timer(model, add);
	if (model->kind == KIND_WORK)
		take_work(model, add);
	if (model->kind == KIND_FOCUS) {
		int64_t type = add->values[FIELD_SESSION_TYPE].number;
		model->length =
			MINUTE_MS *
			(type == SESSION_CUSTOM ? add->values[FIELD_PLANNED_MINUTES].number : minutes[type]);
	}
	if (model->kind == KIND_TRAINING)
		model->structure = take_text(add, FIELD_STRUCTURE, structure);
	int64_t start = given(add, FIELD_START_MS) ? add->values[FIELD_START_MS].number : at;
	if (start > at || start <= at - WHOLE_DAY_MS)
		return refused(ERR_BAD_REQUEST);
	if (model->kind != KIND_TIMER)
		model_start(model, start);
	model->clock = at;
	return once(add);
}

/* Tasks. */

struct expected model_add_task(struct model *model, const struct command *add, int64_t at)
{
	int64_t start = given(add, FIELD_START_MS) ? add->values[FIELD_START_MS].number : at;
	if (model->kind != KIND_WORK || model->status != STATUS_ACTIVE)
		return refused(ERR_INVALID_STATE);
	if (start > at || start < model->started_at)
		return refused(ERR_BAD_REQUEST);
	model->tasks[model->task_count++] = (struct model_task){
		.start = start, .version = 1, .description = add->values[FIELD_TASK_DESCRIPTION].text};
	return once(add);
}

/* What the task should be after it. */
static struct model_task task_after(const struct model_task *task, const struct command *command, int64_t at)
{
	struct model_task next = *task;
	if (given(command, FIELD_TASK_DESCRIPTION))
		next.description = command->values[FIELD_TASK_DESCRIPTION].text;
	next.challenges = take_text(command, FIELD_CHALLENGES_ENCOUNTERED, next.challenges);
	if (command->type == COMMAND_DELETE_TASK)
		next.deleted = true;
	if (command->type != COMMAND_COMPLETE_TASK)
		return next;
	next.quality = (int)command->values[FIELD_QUALITY_RESULT].number;
	if (given(command, FIELD_REWORK_NEEDED))
		next.rework = command->values[FIELD_REWORK_NEEDED].flag;
	next.rework = next.rework || next.quality == QUALITY_NEEDS_REWORK;
	if (!next.completed_at)
		next.completed_at = at > next.start ? at : next.start;
	return next;
}

static bool task_differs(const struct model_task *a, const struct model_task *b)
{
	return a->deleted != b->deleted || !a->completed_at != !b->completed_at || a->quality != b->quality ||
	       a->rework != b->rework || !model_same_text(a->description, b->description) ||
	       !model_same_text(a->challenges, b->challenges);
}

struct expected model_apply_task(struct model *model, int i, const struct command *command, int64_t at)
{
	struct model_task *task = &model->tasks[i];
	struct model_task next = task_after(task, command, at);
	if (!task_differs(task, &next))
		return nothing();
	if (task->completed_at && command->type == COMMAND_COMPLETE_TASK)
		return refused(ERR_INVALID_STATE);
	if (model->status != STATUS_ACTIVE && command->type == COMMAND_EDIT_TASK)
		return refused(ERR_INVALID_STATE);
	if (!task->completed_at && next.completed_at)
		next.time = model_time(model, next.start, at);
	next.version++;
	*task = next;
	return once(command);
}
