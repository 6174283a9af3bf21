/* The state machine against a naive model: random commands in virtual time, every derived value recomputed
 * from a plain list of intervals after each step. The model is written from domain.md, not from the code. */
#include "protocol/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STEPS_PER_SEED    400000
#define STEPS_PER_SESSION 120
#define DAY_MS            (6 * 3600 * 1000LL)
#define MINUTE_MS         60000LL

struct span {
	int64_t from, to; /* to -1: running */
	int life;         /* which life of the session: a reset begins a new one */
};

struct model {
	enum session_kind kind;
	int64_t length; /* -1: none */
	struct span spans[STEPS_PER_SESSION * 3];
	int span_count, life;
	enum { ACTIVE, COMPLETED, ABANDONED } status;
	bool deleted, no_goal;
	int goal, pauses;
	int64_t version, paused_at, added_at, ended_at;
};

static uint64_t random_state;

static uint64_t random_next(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static int64_t random_below(int64_t bound)
{
	return (int64_t)(random_next() % (uint64_t)bound);
}

static struct span *model_running(struct model *model)
{
	struct span *last = model->span_count ? &model->spans[model->span_count - 1] : NULL;
	return last && last->to < 0 ? last : NULL;
}

static int64_t model_elapsed(const struct model *model, int64_t now)
{
	int64_t sum = 0;
	for (int i = 0; i < model->span_count; i++) {
		const struct span *span = &model->spans[i];
		if (span->life == model->life)
			sum += (span->to < 0 ? now : span->to) - span->from;
	}
	return sum;
}

static int64_t model_tracked(const struct model *model, int64_t day, int64_t now)
{
	int64_t sum = 0;
	for (int i = 0; i < model->span_count; i++) {
		int64_t from = model->spans[i].from > day ? model->spans[i].from : day;
		int64_t to = model->spans[i].to < 0 ? now : model->spans[i].to;
		sum += to > from ? to - from : 0;
	}
	return sum;
}

static int64_t model_left(const struct model *model, int64_t now)
{
	int64_t left = model->length - model_elapsed(model, now);
	return left > 0 ? left : 0;
}

static void model_stop(struct model *model, int64_t at)
{
	struct span *running = model_running(model);
	if (running) {
		running->to = at;
		model->paused_at = at;
	}
}

static void model_start(struct model *model, int64_t at)
{
	model->spans[model->span_count++] = (struct span){at, -1, model->life};
}

static void model_reset(struct model *model, int64_t at)
{
	model_stop(model, at);
	model->life++;
	model->status = ACTIVE;
	model->ended_at = 0;
}

static void model_end(struct model *model, int status, int64_t at)
{
	model_stop(model, at);
	model->status = status;
	model->ended_at = at;
}

/* The next thing that happens by itself, found by looking at every rule. */
static int64_t model_due(struct model *model)
{
	struct span *running = model_running(model);
	int64_t due = INT64_MAX;
	if (model->deleted || model->status != ACTIVE)
		return due;
	if (running && model->length >= 0)
		due = running->from + model->length - model_elapsed(model, running->from);
	if (model->kind == KIND_WORK && model->added_at + 24 * 60 * MINUTE_MS < due)
		due = model->added_at + 24 * 60 * MINUTE_MS;
	if (model->kind == KIND_FOCUS && !running && model->paused_at + 10 * MINUTE_MS < due)
		due = model->paused_at + 10 * MINUTE_MS;
	return due;
}

static void model_happen(struct model *model, int64_t at)
{
	if (model->kind == KIND_FOCUS && !model_running(model))
		model_start(model, at);
	else
		model_end(model, COMPLETED, at);
	model->version++;
}

/* What a command should do: the number of events, or a refusal as a negative number. */
static int model_apply(struct model *model, const struct command *command, int64_t at)
{
	bool running = model_running(model) != NULL;
	bool timer = model->kind == KIND_TIMER;
	switch ((int)command->type) {
	case COMMAND_START:
		if (running)
			return 0;
		if (model->status != ACTIVE && !timer)
			return -ERR_INVALID_STATE;
		if (model->status != ACTIVE || (model->length >= 0 && model_left(model, at) == 0)) {
			model_reset(model, at);
			model_start(model, at);
			return 2;
		}
		model_start(model, at);
		return 1;
	case COMMAND_PAUSE:
		if (!running)
			return 0;
		if (model->kind == KIND_FOCUS && model->pauses == 3)
			return -ERR_LIMIT;
		model->pauses++;
		model_stop(model, at);
		return 1;
	case COMMAND_RESET_SESSION:
		if (!timer)
			return -ERR_INVALID_STATE;
		if (!running && model->status == ACTIVE && model_elapsed(model, at) == 0)
			return 0;
		model_reset(model, at);
		return 1;
	case COMMAND_COMPLETE:
		if (model->status == ABANDONED)
			return -ERR_INVALID_STATE;
		if (model->status == COMPLETED)
			return 0;
		model_end(model, COMPLETED, at);
		return 1;
	case COMMAND_ABANDON:
		if (model->kind == KIND_TIMER || model->kind == KIND_WORK || model->status == COMPLETED)
			return -ERR_INVALID_STATE;
		if (model->status == ABANDONED)
			return 0;
		model_end(model, ABANDONED, at);
		return 1;
	case COMMAND_DELETE_SESSION:
		if (model->deleted)
			return 0;
		model->deleted = true;
		if (timer)
			model_stop(model, at);
		else if (model->status == ACTIVE)
			model_end(model, model->kind == KIND_WORK ? COMPLETED : ABANDONED, at);
		return 1;
	case COMMAND_RESTORE_SESSION:
		if (!model->deleted)
			return 0;
		model->deleted = false;
		return 1;
	default:
		abort();
	}
}

/* editSession with a length or a goal, on a timer. */
static int model_edit(struct model *model, const struct command *command, int64_t at)
{
	const struct value *length = &command->values[FIELD_INITIAL_DURATION];
	const struct value *goal = &command->values[FIELD_DAILY_GOAL_MINUTES];
	struct model was = *model;
	if (length->given)
		model->length = length->null ? -1 : length->number;
	if (goal->given) {
		model->goal = goal->null ? 0 : (int)goal->number;
		model->no_goal = goal->null;
	}
	if (was.length == model->length && was.goal == model->goal && was.no_goal == model->no_goal)
		return 0;
	if (model_running(model) && model->length >= 0 && model_left(model, at) == 0) {
		model_end(model, COMPLETED, at);
		return 2;
	}
	return 1;
}

static void check_same(struct model *model, const struct session *session, int64_t now)
{
	int64_t day = now - now % DAY_MS;
	struct span *running = model_running(model);
	assert_int_equal(session->state == STATE_RUNNING, running != NULL);
	assert_int_equal(session->status, model->status);
	assert_int_equal(session->deleted, model->deleted);
	assert_int_equal(session->version, model->version);
	assert_int_equal(session->running_since_ms, running ? running->from : 0);
	assert_int_equal(session_elapsed_ms(session, now), model_elapsed(model, now));
	assert_int_equal(session_tracked_ms(session, day, now), model_tracked(model, day, now));
	assert_int_equal(session->ended_at_ms, model->ended_at);
	assert_int_equal(session_left_ms(session, now), model->length < 0 ? -1 : model_left(model, now));
	int64_t target = running && model->length >= 0
				 ? running->from + model->length - model_elapsed(model, running->from)
				 : 0;
	assert_int_equal(session_target_ms(session), target);
	int64_t due = model_due(model);
	assert_int_equal(session_due(session).at_ms, due == INT64_MAX ? 0 : due);
	assert_int_equal(session_goal(session), model->deleted || model->no_goal ? 0 : model->goal);
}

/* The day's end comes to a timer: "every timer that is not running gets timeLeft = initialDuration, active".
 */
static void pass_boundary(struct model *model, struct session *session, int64_t boundary)
{
	bool resets = model->kind == KIND_TIMER && !model_running(model) && !model->deleted &&
		      (model->status != ACTIVE || model_elapsed(model, boundary) > 0);
	struct session next;
	struct session_moment moment = {.at_ms = boundary, .day_start_ms = boundary};
	assert_int_equal(session_daily_reset(session, &moment, &next), resets);
	if (!resets)
		return;
	*session = next;
	model_reset(model, boundary);
	model->version++;
}

/* Lets time pass until `now`: what is due happens at its own time, days end. */
static void let_pass(struct model *model, struct session *session, int64_t *day, int64_t now)
{
	for (;;) {
		int64_t due = model_due(model);
		int64_t boundary = *day + DAY_MS;
		if (due <= now && due <= boundary) {
			struct session_effects effects;
			session_settle(session, now - now % DAY_MS, &effects);
			assert_int_equal(effects.count, 1);
			*session = effects.events[0].session;
			model_happen(model, due);
			assert_int_equal(session->clock_ms, due);
		} else if (boundary <= now) {
			*day = boundary;
			pass_boundary(model, session, boundary);
		} else {
			return;
		}
	}
}

static struct session fresh_session(struct model *model, int64_t now)
{
	*model = (struct model){
		.kind = (enum session_kind)random_below(KIND_COUNT), .no_goal = true, .version = 1};
	bool timer = model->kind == KIND_TIMER;
	model->length = timer && random_below(3) ? 1000 * (1 + random_below(3600)) : -1;
	if (model->kind == KIND_FOCUS)
		model->length = (5 + random_below(116)) * MINUTE_MS;
	model->added_at = now;
	if (!timer)
		model_start(model, now);
	return (struct session){
		.kind = model->kind,
		.version = 1,
		.no_goal = true,
		.initial_ms = model->length,
		.clock_ms = now,
		.created_at_ms = now,
		.updated_at_ms = now,
		.state = timer ? STATE_PAUSED : STATE_RUNNING,
		.running_since_ms = timer ? 0 : now,
		.started_at_ms = timer ? 0 : now,
	};
}

static struct command random_command(void)
{
	static const enum command_type types[] = {COMMAND_START, COMMAND_START, COMMAND_START, COMMAND_PAUSE,
		COMMAND_PAUSE, COMMAND_PAUSE, COMMAND_RESET_SESSION, COMMAND_COMPLETE, COMMAND_ABANDON,
		COMMAND_DELETE_SESSION, COMMAND_RESTORE_SESSION, COMMAND_RESTORE_SESSION,
		COMMAND_EDIT_SESSION};
	struct command command = {.type = types[random_below(sizeof(types) / sizeof(types[0]))]};
	if (command.type == COMMAND_EDIT_SESSION) {
		struct value *length = &command.values[FIELD_INITIAL_DURATION];
		struct value *goal = &command.values[FIELD_DAILY_GOAL_MINUTES];
		length->given = random_below(2);
		length->null = random_below(4) == 0;
		length->number = 1000 * (1 + random_below(3600));
		goal->given = random_below(2);
		goal->null = random_below(4) == 0;
		goal->number = 1 + random_below(1440);
	}
	return command;
}

/* One command, made up to a while ago but not before the clock's last change. */
static void step(struct model *model, struct session *session, int64_t now)
{
	struct command command = random_command();
	bool edit = command.type == COMMAND_EDIT_SESSION;
	bool gone = model->deleted && command.type != COMMAND_RESTORE_SESSION &&
		    command.type != COMMAND_DELETE_SESSION;
	if (gone || (edit && model->kind != KIND_TIMER))
		return;
	int64_t back = random_below(4) ? 0 : random_below(30 * MINUTE_MS);
	int64_t at = now - back < session->clock_ms ? session->clock_ms : now - back;
	struct session_moment moment = {.at_ms = at, .day_start_ms = now - now % DAY_MS};
	struct session_effects effects;
	struct refusal why = {0};
	struct session before = *session;
	enum err err = session_apply(session, &command, &moment, &effects, &why);
	int expected = edit ? model_edit(model, &command, at) : model_apply(model, &command, at);
	assert_memory_equal(&before, session, sizeof(before));
	assert_int_equal(err ? -(int)err : effects.count, expected);
	assert_int_equal(why.code, err);
	if (!err && effects.count) {
		*session = effects.events[effects.count - 1].session;
		model->version += effects.count;
	}
}

static void run_seed(uint64_t seed)
{
	struct model model;
	struct session session = {0};
	int64_t now = 1000 * DAY_MS + 12345;
	int64_t day = now - now % DAY_MS;
	random_state = seed * 0x9e3779b97f4a7c15ULL + 1;
	for (int i = 0; i < STEPS_PER_SEED; i++) {
		if (i % STEPS_PER_SESSION == 0)
			session = fresh_session(&model, now);
		static const int64_t scales[] = {1, 1000, MINUTE_MS, 20 * MINUTE_MS, 8 * 60 * MINUTE_MS};
		now += random_below(scales[random_below(5)] + 1);
		let_pass(&model, &session, &day, now);
		step(&model, &session, now);
		let_pass(&model, &session, &day, now);
		check_same(&model, &session, now);
	}
}

static void seeds_agree_with_model(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++)
		run_seed(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(seeds_agree_with_model)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
