#include "tests/support/pair.h"

#include "tests/support/model.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define STEPS_PER_SESSION 120
#define DAY_MS            (6 * HOUR_MS) /* of the user: short, so that many begin */
#define PLAN              "{\"plan\":1}"

/* The things themselves, with the intervals that follow from what a session does. */
struct real {
	struct session session;
	struct {
		int64_t from, to;
	} closed[MODEL_SPANS];
	int closed_count;
	struct task tasks[MODEL_TASKS];
};

/* What is played now. */
static struct {
	struct source *source;
	struct model model;
	struct real real;
	int64_t now, day; /* the day's begin */
	int step;
	int left; /* steps of this session */
	int pace;
} playing;
static const char *said; /* the last command's name; only time passed since: "time" */

static int64_t random_below(int64_t bound)
{
	return source_below(playing.source, bound);
}

static bool chance(int percent)
{
	return source_chance(playing.source, percent);
}

static const char *random_word(void)
{
	static const char *const words[] = {"", "a", "bb", "ccc"};
	return words[random_below(4)];
}

#define MUST(condition)                                                                           \
	do {                                                                                      \
		if (!(condition))                                                                 \
			fail_msg("%s:%d: %s (seed %" PRIu64 ", step %d, %s)", __FILE__, __LINE__, \
				#condition, playing.source->seed, playing.step, said);            \
	} while (0)

/* Commands. */

static void maybe_number(struct command *command, enum field field, int percent, int64_t low, int64_t high)
{
	if (chance(percent))
		command->values[field] =
			(struct value){.given = true, .number = low + random_below(high - low + 1)};
}

/* At or just after one of two bounds. */
static void maybe_edge(struct command *command, enum field field, int64_t low, int64_t high)
{
	if (chance(10))
		command->values[field] =
			(struct value){.given = true, .number = (chance(50) ? low : high) + random_below(2)};
}

static void maybe_text(struct command *command, enum field field, int percent)
{
	if (chance(percent))
		command->values[field] = (struct value){.given = true, .text = random_word()};
}

static void maybe_flag(struct command *command, enum field field, int percent)
{
	if (chance(percent))
		command->values[field] = (struct value){.given = true, .flag = chance(50)};
}

static void maybe_null(struct command *command, enum field field, int percent)
{
	if (chance(percent))
		command->values[field] = (struct value){.given = true, .null = true};
}

static void put_group(struct command *command)
{
	command->values[FIELD_GROUP] =
		(struct value){.given = true, .id = {{(uint8_t)(1 + random_below(3))}}};
}

static void put_title(struct command *command)
{
	const char *word = random_word();
	command->values[FIELD_TITLE] = (struct value){.given = true, .text = word[0] ? word : "t"};
}

static void put_structure(struct command *command)
{
	static const char *const structures[] = {"{}", "{\"n\":1}", "{\"n\":2}"};
	command->values[FIELD_STRUCTURE] = (struct value){.given = true, .text = structures[random_below(3)]};
}

/* As long as it has run so far. */
static void maybe_elapsed(struct command *command)
{
	int64_t elapsed = model_elapsed(&playing.model, playing.now);
	if (chance(5) && elapsed >= LIMIT_TIMER_MIN_MS && elapsed <= LIMIT_TIMER_MAX_MS)
		command->values[FIELD_INITIAL_DURATION] = (struct value){.given = true, .number = elapsed};
}

static void give_timer(struct command *command)
{
	maybe_number(command, FIELD_INITIAL_DURATION, 50, 1, 3600);
	command->values[FIELD_INITIAL_DURATION].number *= 1000;
	maybe_elapsed(command);
	maybe_null(command, FIELD_INITIAL_DURATION, 12);
	maybe_number(command, FIELD_DAILY_GOAL_MINUTES, 40, 1, 4);
	maybe_null(command, FIELD_DAILY_GOAL_MINUTES, 12);
	maybe_flag(command, FIELD_NO_GOAL, 20);
}

static void give_work(struct command *command)
{
	for (int i = 0; i < 4; i++)
		maybe_text(command, model_work_fields[i], 30);
	maybe_flag(command, FIELD_HELPER_PRESENT, 20);
}

/* Mostly of its own kind. */
static void give_edit(struct command *command, enum session_kind kind)
{
	if (chance(5))
		kind = (enum session_kind)random_below(KIND_COUNT);
	if (kind == KIND_TIMER)
		give_timer(command);
	if (kind == KIND_WORK)
		give_work(command);
	if (kind == KIND_TRAINING && chance(90))
		put_structure(command);
}

static void give_end(struct command *command, enum session_kind kind)
{
	if (chance(5))
		kind = (enum session_kind)random_below(KIND_COUNT);
	if (kind == KIND_FOCUS && chance(60)) {
		maybe_number(command, FIELD_QUALITY_RATING, 30, 1, 5);
		maybe_number(command, FIELD_FOCUS_SCORE, 20, 0, 100);
		maybe_text(command, FIELD_TASK_PROGRESS, 30);
		maybe_null(command, FIELD_TASK_PROGRESS, 10);
	}
	if (kind == KIND_TRAINING && chance(40))
		put_structure(command);
}

/* Timers may end as often as they like; the others do so once. */
static enum command_type random_type(const struct model *model)
{
	static const enum command_type ends[] = {COMMAND_COMPLETE, COMMAND_ABANDON, COMMAND_DELETE_SESSION};
	static const enum command_type others[] = {COMMAND_START, COMMAND_START, COMMAND_START, COMMAND_START,
		COMMAND_PAUSE, COMMAND_PAUSE, COMMAND_PAUSE, COMMAND_RESET_SESSION, COMMAND_RESTORE_SESSION,
		COMMAND_EDIT_SESSION, COMMAND_EDIT_SESSION, COMMAND_DISTRACTION, COMMAND_RENAME_SESSION,
		COMMAND_MOVE_SESSION};
	bool over = model->status != STATUS_ACTIVE || model->kind == KIND_TIMER;
	if (chance(over ? 25 : 6))
		return ends[random_below(sizeof(ends) / sizeof(ends[0]))];
	return others[random_below(sizeof(others) / sizeof(others[0]))];
}

static struct command random_command(const struct model *model)
{
	struct command command = {.type = random_type(model)};
	switch ((int)command.type) {
	case COMMAND_PAUSE:
		maybe_text(&command, FIELD_REASON, 40);
		break;
	case COMMAND_ABANDON:
		maybe_text(&command, FIELD_REASON, 40);
		maybe_text(&command, FIELD_PROGRESS_MADE, 40);
		break;
	case COMMAND_COMPLETE:
		give_end(&command, model->kind);
		break;
	case COMMAND_EDIT_SESSION:
		give_edit(&command, model->kind);
		break;
	case COMMAND_RENAME_SESSION:
		put_title(&command);
		maybe_null(&command, FIELD_TITLE, 20);
		break;
	case COMMAND_MOVE_SESSION:
		put_group(&command);
		maybe_null(&command, FIELD_GROUP, 30);
		break;
	default:
		break;
	}
	return command;
}

/* Adding. */

static struct command random_add(enum session_kind kind, int64_t at)
{
	struct command add = {.type = COMMAND_ADD_SESSION};
	add.values[FIELD_KIND] = (struct value){.given = true, .number = kind};
	if (kind == KIND_TIMER || chance(30))
		put_title(&add);
	if (kind == KIND_WORK || chance(30))
		put_group(&add);
	if (kind == KIND_TIMER)
		give_timer(&add);
	if (kind == KIND_FOCUS) {
		int64_t type = random_below(SESSION_TYPE_COUNT);
		add.values[FIELD_SESSION_TYPE] = (struct value){.given = true, .number = type};
		maybe_number(&add, FIELD_PLANNED_MINUTES, type == SESSION_CUSTOM ? 100 : 0, 5, 120);
	}
	if (kind == KIND_WORK) {
		give_work(&add);
		maybe_number(&add, FIELD_START_MS, 50, at - 25 * HOUR_MS, at + MINUTE_MS);
		maybe_edge(&add, FIELD_START_MS, at - 24 * HOUR_MS, at);
	}
	if (kind == KIND_TRAINING) {
		add.values[FIELD_PLAN] = (struct value){.given = true, .id = {{9}}};
		add.values[FIELD_DATE] = (struct value){.given = true, .number = 19000};
		if (chance(50))
			put_structure(&add);
	}
	return add;
}

/* Adds sessions until one is accepted. */
static void add_session(struct model *model, struct real *real, int64_t at, int64_t now)
{
	static const struct uuid id = {{1}};
	bool good = false;
	while (!good) {
		struct command add = random_add((enum session_kind)random_below(KIND_COUNT), at);
		struct session_moment moment = {.at_ms = at, .day_start_ms = now - now % DAY_MS};
		struct session_effects effects = {0};
		struct refusal why = {0};
		said = command_rows[add.type].name;
		MUST(session_check_add(&add, &why) == OK);
		enum err err = session_add(&add, &id, PLAN, &moment, &effects, &why);
		struct expected expected = model_add(model, &add, PLAN, at);
		MUST(err == expected.err && why.code == err && effects.count == expected.count);
		MUST(err || effects.events[0].event == COMMAND_ADD_SESSION);
		good = !err;
		*real = (struct real){.session = effects.events[0].session};
	}
}

/* The real ones. */

/* The session has changed: an interval ends with its clock. */
static void real_set(struct real *real, const struct session *next)
{
	int64_t was = real->session.running_since_ms;
	if (was && was != next->running_since_ms) {
		real->closed[real->closed_count].from = was;
		real->closed[real->closed_count++].to = next->clock_ms;
	}
	real->session = *next;
}

/* Running time within [from, to), as intervals have it. */
static int64_t real_time(const struct real *real, int64_t from, int64_t to)
{
	int64_t sum = 0;
	for (int i = 0; i < real->closed_count; i++)
		sum += model_overlap(real->closed[i].from, real->closed[i].to, from, to);
	if (real->session.running_since_ms)
		sum += model_overlap(real->session.running_since_ms, INT64_MAX, from, to);
	return sum;
}

/* The same. */

static void check_focus(const struct model *model, const struct session *session)
{
	MUST(session->pauses == model->pause_count);
	MUST(session->focus.distractions == model->distractions);
	MUST(session->focus.quality_rating == model->rating);
	MUST(session->focus.score == model->score);
	MUST(session->focus.reviewed == model->reviewed);
	MUST(model_same_text(session->focus.task_progress, model->progress));
	MUST(model_same_text(session->focus.abandon_reason, model->abandon_reason));
	MUST(model_same_text(session->focus.progress_made, model->progress_made));
	for (int i = 0; i < model->pause_count; i++) {
		const struct model_pause *pause = &model->pauses[i];
		int64_t end = pause->to ? pause->to : model->ended_at;
		MUST(session->focus.pauses[i].paused_at_ms == pause->from);
		MUST(session->focus.pauses[i].resumed_at_ms == pause->to);
		MUST(model_same_text(session->focus.pauses[i].reason, pause->reason));
		MUST(session_pause_ms(session, i) == (end ? end - pause->from : -1));
		MUST(!end || end - pause->from <= 10 * MINUTE_MS);
	}
}

static void check_work(const struct model *model, const struct work *work)
{
	MUST(model_same_text(work->notes, model->work_texts[0]));
	MUST(model_same_text(work->planned_tasks, model->work_texts[1]));
	MUST(model_same_text(work->tools_needed, model->work_texts[2]));
	MUST(model_same_text(work->parts_to_install, model->work_texts[3]));
	MUST(work->helper_present == model->helper);
}

static void check_clock(struct model *model, const struct session *session, int64_t now)
{
	int64_t day = now - now % DAY_MS;
	const struct model_span *running = model_running(model);
	int64_t due = model_due(model);
	int64_t target = running && model->length >= 0
				 ? running->from + model->length - model_elapsed(model, running->from)
				 : 0;
	MUST((session->state == STATE_RUNNING) == (running != NULL));
	MUST(session->running_since_ms == (running ? running->from : 0));
	MUST(session->clock_ms == model->clock);
	MUST(session->started_at_ms == model->started_at);
	MUST(session->ended_at_ms == model->ended_at);
	MUST(session_elapsed_ms(session, now) == model_elapsed(model, now));
	MUST(session_tracked_ms(session, day, now) == model_time(model, day, now));
	MUST(session_left_ms(session, now) == (model->length < 0 ? -1 : model_left(model, now)));
	MUST(session_target_ms(session) == target);
	MUST(session_due(session).at_ms == (due == INT64_MAX ? 0 : due));
}

static void check_task(const struct model *model, const struct real *real, int i, int64_t now)
{
	const struct model_task *task = &model->tasks[i];
	const struct task *is = &real->tasks[i];
	MUST(is->version == task->version);
	MUST(is->deleted == task->deleted);
	MUST(is->start_ms == task->start);
	MUST(is->completed == (task->completed_at != 0));
	MUST(is->completed_at_ms == task->completed_at);
	MUST(!is->completed || ((int)is->quality == task->quality && is->rework == task->rework));
	MUST(strcmp(is->description, task->description) == 0);
	MUST(model_same_text(is->challenges, task->challenges));
	MUST(!is->completed || is->time_ms == task->time);
	MUST(real_time(real, is->start_ms, now) == model_time(model, task->start, now));
}

static void check_same(struct model *model, const struct real *real, int64_t now)
{
	const struct session *session = &real->session;
	MUST((int)session->status == (int)model->status);
	MUST(session->deleted == model->deleted);
	MUST(session->version == model->version);
	MUST(session->updated_at_ms == model->changed_at);
	MUST(model_same_text(session->title[0] ? session->title : NULL, model->title));
	MUST(session->group.bytes[0] == model->group);
	MUST(session->no_goal == model->no_goal);
	MUST(session->daily_goal_minutes == model->goal);
	MUST(session_goal(session) == (model->deleted || model->no_goal ? 0 : model->goal));
	check_clock(model, session, now);
	if (model->kind == KIND_FOCUS)
		check_focus(model, session);
	if (model->kind == KIND_WORK)
		check_work(model, &session->work);
	if (model->kind == KIND_TRAINING)
		MUST(model_same_text(session->training.structure, model->structure));
	for (int i = 0; i < model->task_count; i++)
		check_task(model, real, i, now);
}

/* Steps. */

/* The day's end comes to it. */
static void pass_boundary(struct model *model, struct real *real, int64_t boundary)
{
	struct session next;
	struct session_moment moment = {.at_ms = boundary, .day_start_ms = boundary};
	bool resettable = session_resettable(&real->session);
	bool resets = model_day_end(model, boundary);
	MUST(resettable == resets);
	MUST(session_daily_reset(&real->session, &moment, &next) == resets);
	if (resets)
		real_set(real, &next);
}

/* Lets time pass until `now`: what is due happens at its own time, days end. */
static void let_pass(struct model *model, struct real *real, int64_t *day, int64_t now)
{
	said = "time";
	for (;;) {
		int64_t due = model_due(model);
		int64_t boundary = *day + DAY_MS;
		if (due <= now && due <= boundary) {
			struct session_effects effects = {0};
			MUST(session_due(&real->session).at_ms == due);
			session_settle(&real->session, now - now % DAY_MS, &effects);
			MUST(effects.count == 1 && effects.events[0].event == model_happen(model));
			real_set(real, &effects.events[0].session);
		} else if (boundary <= now) {
			*day = boundary;
			pass_boundary(model, real, boundary);
		} else {
			return;
		}
	}
}

/* One command, made up to a while ago; one that moves the clock not before its last change. */
static void step_session(struct model *model, struct real *real, int64_t now)
{
	struct command command = random_command(model);
	int64_t at = now - (chance(75) ? 0 : random_below(30 * MINUTE_MS));
	if ((command_rows[command.type].flags & COMMAND_CLOCK) && at < model->clock)
		at = model->clock;
	if (model->deleted && !(command_rows[command.type].flags & COMMAND_DELETED))
		return;
	int64_t version = model->version;
	struct session_moment moment = {.at_ms = at, .day_start_ms = now - now % DAY_MS};
	struct session_effects effects = {0};
	struct refusal why = {0};
	struct session before = real->session;
	said = command_rows[command.type].name;
	enum err err = session_apply(&real->session, &command, &moment, &effects, &why);
	struct expected expected = model_apply(model, &command, at > model->clock ? at : model->clock);
	MUST(memcmp(&before, &real->session, sizeof(before)) == 0);
	MUST(err == expected.err && why.code == err && effects.count == expected.count);
	for (int i = 0; i < effects.count; i++) {
		MUST(effects.events[i].event == expected.events[i]);
		MUST(effects.events[i].session.version == version + i + 1);
	}
	if (effects.count)
		real_set(real, &effects.events[effects.count - 1].session);
}

/* The group it is in is deleted. A work session that is active doesn't let its group go. */
static void step_group(struct model *model, struct real *real, int64_t now)
{
	struct session_moment moment = {.at_ms = now, .day_start_ms = now - now % DAY_MS};
	struct session next;
	said = "time";
	if (model->kind == KIND_WORK && model->status == STATUS_ACTIVE)
		return;
	bool leaves = model_leave_group(model, now);
	MUST(session_leave_group(&real->session, &moment, &next) == leaves);
	if (leaves)
		real_set(real, &next);
}

/* Tasks. */

static void step_add_task(struct model *model, struct real *real, int64_t at)
{
	struct uuid id = {{(uint8_t)(100 + model->task_count)}};
	struct command add = {.type = COMMAND_ADD_TASK};
	struct refusal why = {0};
	struct task task;
	const char *word = random_word();
	add.values[FIELD_TASK_DESCRIPTION] = (struct value){.given = true, .text = word[0] ? word : "d"};
	maybe_number(&add, FIELD_START_MS, 40, at - 2 * HOUR_MS, at + MINUTE_MS);
	maybe_edge(&add, FIELD_START_MS, model->started_at - 1, at);
	said = command_rows[add.type].name;
	enum err err = task_add(&add, &id, &real->session, at, &task, &why);
	struct expected expected = model_add_task(model, &add, at);
	MUST(err == expected.err && why.code == err);
	MUST(err != ERR_BAD_REQUEST || strcmp(why.field, "startMs") == 0);
	if (!err)
		real->tasks[model->task_count - 1] = task;
}

static struct command random_task_command(void)
{
	static const enum command_type types[] = {
		COMMAND_EDIT_TASK, COMMAND_EDIT_TASK, COMMAND_COMPLETE_TASK, COMMAND_DELETE_TASK};
	struct command command = {.type = types[random_below(chance(20) ? 4 : 3)]};
	if (command.type == COMMAND_EDIT_TASK && chance(40))
		command.values[FIELD_TASK_DESCRIPTION] =
			(struct value){.given = true, .text = chance(50) ? "a" : "d"};
	if (command.type != COMMAND_DELETE_TASK)
		maybe_text(&command, FIELD_CHALLENGES_ENCOUNTERED, 40);
	if (command.type == COMMAND_COMPLETE_TASK) {
		maybe_number(&command, FIELD_QUALITY_RESULT, 100, 0, QUALITY_COUNT - 1);
		maybe_flag(&command, FIELD_REWORK_NEEDED, 30);
	}
	return command;
}

static void step_task(struct model *model, struct real *real, int64_t at)
{
	int i = (int)random_below(model->task_count);
	struct task *task = &real->tasks[i];
	struct command command = random_task_command();
	struct task next;
	struct refusal why = {0};
	bool changed = false;
	if (task->deleted)
		return;
	said = command_rows[command.type].name;
	enum err err = task_apply(task, &real->session, &command, at, real_time(real, task->start_ms, at),
		&next, &changed, &why);
	struct expected expected = model_apply_task(model, i, &command, at);
	MUST(err == expected.err && why.code == err);
	MUST(err || changed == (expected.count != 0));
	if (!err)
		*task = next;
}

static void step_tasks(struct model *model, struct real *real, int64_t now)
{
	int64_t at = now - (chance(75) ? 0 : random_below(3 * HOUR_MS));
	if (model->deleted)
		return;
	if (model->task_count < MODEL_TASKS && (model->task_count == 0 || chance(30)))
		step_add_task(model, real, at);
	else if (model->task_count)
		step_task(model, real, at);
}

static void step(struct model *model, struct real *real, int64_t now)
{
	bool tasks = model->kind == KIND_WORK ? chance(40) : chance(2);
	if (tasks)
		step_tasks(model, real, now);
	else if (chance(3))
		step_group(model, real, now);
	else
		step_session(model, real, now);
}

/* How fast time goes differs from session to session: in some minutes pass, in others days. */
static int64_t random_pace(int pace)
{
	static const int64_t scales[] = {1, 1000, MINUTE_MS, 4 * MINUTE_MS, 20 * MINUTE_MS, 8 * HOUR_MS};
	return random_below(scales[random_below(3 + pace)] + 1);
}

void pair_begin(struct source *source)
{
	memset(&playing, 0, sizeof(playing));
	playing.source = source;
	playing.now = 1000 * DAY_MS + 12345;
}

static void begin_session(void)
{
	int64_t now = playing.now;
	playing.day = now - now % DAY_MS;
	playing.pace = (int)random_below(4);
	add_session(&playing.model, &playing.real, now - (chance(75) ? 0 : random_below(HOUR_MS)), now);
	playing.left = STEPS_PER_SESSION;
}

void pair_step(void)
{
	struct model *model = &playing.model;
	struct real *real = &playing.real;
	playing.now += random_pace(playing.pace);
	bool over = playing.left > 0 && model->kind != KIND_TIMER && model->status != STATUS_ACTIVE;
	if (playing.left <= 0 || (over && chance(12)))
		begin_session();
	let_pass(model, real, &playing.day, playing.now);
	check_same(model, real, playing.now);
	step(model, real, playing.now);
	check_same(model, real, playing.now);
	let_pass(model, real, &playing.day, playing.now);
	check_same(model, real, playing.now);
	playing.step++;
	playing.left--;
}
