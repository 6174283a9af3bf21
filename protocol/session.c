#include "protocol/session_fields.h"

#include <assert.h>
#include <string.h>

static const struct session_policy *policy_of(const struct session *session)
{
	return &session_policies[session->kind];
}

static int64_t max_ms(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Derived values. */

int64_t session_elapsed_ms(const struct session *session, int64_t now_ms)
{
	if (session->state != STATE_RUNNING)
		return session->elapsed_ms;
	return session->elapsed_ms + max_ms(0, now_ms - session->running_since_ms);
}

int64_t session_left_ms(const struct session *session, int64_t now_ms)
{
	if (session->initial_ms == SESSION_NO_LENGTH)
		return SESSION_NO_LENGTH;
	return max_ms(0, session->initial_ms - session_elapsed_ms(session, now_ms));
}

int64_t session_target_ms(const struct session *session)
{
	if (session->state != STATE_RUNNING || session->initial_ms == SESSION_NO_LENGTH)
		return 0;
	return session->running_since_ms + session->initial_ms - session->elapsed_ms;
}

int64_t session_tracked_ms(const struct session *session, int64_t day_start_ms, int64_t now_ms)
{
	int64_t tracked = session->tracked_day_ms == day_start_ms ? session->tracked_ms : 0;
	if (session->state == STATE_RUNNING)
		tracked += max_ms(0, now_ms - max_ms(session->running_since_ms, day_start_ms));
	return tracked;
}

int64_t session_pause_ms(const struct session *session, int pause)
{
	const struct session_pause *begun = &session->focus.pauses[pause];
	int64_t end_ms = begun->resumed_at_ms ? begun->resumed_at_ms : session->ended_at_ms;
	return end_ms ? end_ms - begun->paused_at_ms : -1;
}

int32_t session_goal(const struct session *session)
{
	return session->deleted || session->no_goal ? 0 : session->daily_goal_minutes;
}

struct session_due session_due(const struct session *session)
{
	const struct session_policy *policy = policy_of(session);
	if (session->status != STATUS_ACTIVE || session->deleted)
		return (struct session_due){0};
	int64_t target_ms = session_target_ms(session);
	if (target_ms)
		return (struct session_due){target_ms, DUE_TARGET};
	if (policy->max_pause_ms && session->state == STATE_PAUSED && session->pauses)
		return (struct session_due){session->clock_ms + policy->max_pause_ms, DUE_PAUSE_END};
	if (policy->max_age_ms)
		return (struct session_due){session->started_at_ms + policy->max_age_ms, DUE_MAX_AGE};
	return (struct session_due){0};
}

/* The moves of the clock. Each changes a copy; begin_event made it. */

static struct session *begin_event(
	struct session_effects *effects, const struct session *from, enum command_type event, int64_t at_ms)
{
	assert(effects->count < SESSION_EVENTS_MAX);
	effects->events[effects->count].event = event;
	struct session *next = &effects->events[effects->count++].session;
	*next = *from;
	next->version++;
	next->updated_at_ms = max_ms(next->updated_at_ms, at_ms);
	return next;
}

static void run(struct session *next, int64_t at_ms)
{
	next->state = STATE_RUNNING;
	next->running_since_ms = at_ms;
	next->clock_ms = at_ms;
	if (!next->started_at_ms)
		next->started_at_ms = at_ms;
	if (next->kind == KIND_FOCUS && next->pauses)
		next->focus.pauses[next->pauses - 1].resumed_at_ms = at_ms;
}

/* Closes the open interval, if there is one: its time is elapsed and tracked. */
static void halt(struct session *next, int64_t at_ms, int64_t day_start_ms)
{
	next->clock_ms = at_ms;
	if (next->state != STATE_RUNNING)
		return;
	next->elapsed_ms = session_elapsed_ms(next, at_ms);
	next->tracked_ms = session_tracked_ms(next, day_start_ms, at_ms);
	next->tracked_day_ms = day_start_ms;
	next->state = STATE_PAUSED;
	next->running_since_ms = 0;
}

static void reset(struct session *next, int64_t at_ms, int64_t day_start_ms)
{
	halt(next, at_ms, day_start_ms);
	next->elapsed_ms = 0;
	next->status = STATUS_ACTIVE;
	next->started_at_ms = 0;
	next->ended_at_ms = 0;
}

static void end(struct session *next, enum session_status status, int64_t at_ms, int64_t day_start_ms)
{
	halt(next, at_ms, day_start_ms);
	next->status = status;
	next->ended_at_ms = at_ms;
	if (status == STATUS_COMPLETED)
		session_score(next);
}

/* The effects of the commands, one function each. */

struct step {
	const struct session *session;
	const struct command *command;
	int64_t at_ms, day_start_ms;
	struct session_effects *effects;
	struct refusal *why;
};

static struct session *step_event(struct step *step, enum command_type event)
{
	return begin_event(step->effects, step->session, event, step->at_ms);
}

static enum err refuse_state(struct step *step)
{
	/* 004's words. */
	if (policy_of(step->session)->immutable && step->session->status == STATUS_COMPLETED)
		return refuse(step->why, ERR_INVALID_STATE, NULL, "Cannot update completed session");
	return refuse(step->why, ERR_INVALID_STATE, NULL, "%s cannot be applied to a %s session that is %s",
		command_rows[step->command->type].name, session_kind_name(step->session->kind),
		session_status_name(step->session->status));
}

static enum err apply_start(struct step *step)
{
	const struct session *session = step->session;
	if (session->state == STATE_RUNNING)
		return OK;
	bool ended = session->status != STATUS_ACTIVE;
	if (ended && !policy_of(session)->resets)
		return refuse_state(step);
	if (ended || session_left_ms(session, step->at_ms) == 0) {
		struct session *fresh = step_event(step, COMMAND_RESET_SESSION);
		reset(fresh, step->at_ms, step->day_start_ms);
		session = fresh;
	}
	run(begin_event(step->effects, session, COMMAND_START, step->at_ms), step->at_ms);
	return OK;
}

static enum err apply_pause(struct step *step)
{
	const struct session *session = step->session;
	int max_pauses = policy_of(session)->max_pauses;
	if (session->state != STATE_RUNNING)
		return OK;
	if (max_pauses >= 0 && session->pauses >= max_pauses)
		return refuse(step->why, ERR_LIMIT, NULL, "a %s session can be paused %d times",
			session_kind_name(session->kind), max_pauses);
	struct session *next = step_event(step, COMMAND_PAUSE);
	halt(next, step->at_ms, step->day_start_ms);
	if (session->kind == KIND_FOCUS)
		next->focus.pauses[next->pauses] = (struct session_pause){.paused_at_ms = step->at_ms,
			.reason = command_text(step->command, FIELD_REASON, NULL)};
	next->pauses++;
	return OK;
}

bool session_resettable(const struct session *session)
{
	return policy_of(session)->resets && !session->deleted && session->state != STATE_RUNNING &&
	       (session->status != STATUS_ACTIVE || session->elapsed_ms > 0);
}

static enum err apply_reset(struct step *step)
{
	const struct session *session = step->session;
	if (!policy_of(session)->resets)
		return refuse_state(step);
	if (session->state == STATE_RUNNING || session_resettable(session))
		reset(step_event(step, step->command->type), step->at_ms, step->day_start_ms);
	return OK;
}

/* What the command gives is only for the kinds that take it. */
static enum err check_given(const struct step *step, uint64_t allowed)
{
	return command_check_fields(step->command, allowed | FIELD_BIT(FIELD_SESSION),
		session_kind_name(step->session->kind), step->why);
}

/* "A session already completed takes these once, later, by the same command." */
static enum err review(struct step *step)
{
	struct session reviewed = *step->session;
	if (policy_of(step->session)->immutable && command_has(step->command, FIELD_STRUCTURE))
		return refuse_state(step);
	if (!session_take_review(&reviewed, step->command))
		return OK;
	if (step->session->focus.reviewed)
		return refuse(step->why, ERR_INVALID_STATE, NULL, "the session has been reviewed already");
	begin_event(step->effects, &reviewed, COMMAND_COMPLETE, step->at_ms);
	return OK;
}

static enum err apply_complete(struct step *step)
{
	enum err err = check_given(step, policy_of(step->session)->complete);
	if (err)
		return err;
	if (step->session->status == STATUS_COMPLETED)
		return review(step);
	if (step->session->status == STATUS_ABANDONED)
		return refuse_state(step);
	struct session *next = step_event(step, COMMAND_COMPLETE);
	session_take_review(next, step->command);
	if (command_has(step->command, FIELD_STRUCTURE))
		session_take_fields(next, step->command);
	end(next, STATUS_COMPLETED, step->at_ms, step->day_start_ms);
	return OK;
}

static enum err apply_abandon(struct step *step)
{
	if (!policy_of(step->session)->abandons)
		return refuse_state(step);
	if (step->session->status == STATUS_ABANDONED)
		return OK;
	if (step->session->status == STATUS_COMPLETED)
		return refuse_state(step);
	struct session *next = step_event(step, COMMAND_ABANDON);
	if (next->kind == KIND_FOCUS) {
		next->focus.abandon_reason = command_text(step->command, FIELD_REASON, NULL);
		next->focus.progress_made = command_text(step->command, FIELD_PROGRESS_MADE, NULL);
	}
	end(next, STATUS_ABANDONED, step->at_ms, step->day_start_ms);
	return OK;
}

static enum err apply_distraction(struct step *step)
{
	if (step->session->kind != KIND_FOCUS || step->session->status != STATUS_ACTIVE)
		return refuse_state(step);
	step_event(step, COMMAND_DISTRACTION)->focus.distractions++;
	return OK;
}

static enum err apply_delete(struct step *step)
{
	const struct session *session = step->session;
	if (session->deleted)
		return OK;
	struct session *next = step_event(step, COMMAND_DELETE_SESSION);
	next->deleted = true;
	enum command_type as = policy_of(session)->deleted_as;
	if (session->status != STATUS_ACTIVE)
		return OK;
	if (as == COMMAND_PAUSE && session->state == STATE_RUNNING)
		halt(next, step->at_ms, step->day_start_ms);
	else if (as != COMMAND_PAUSE)
		end(next, as == COMMAND_COMPLETE ? STATUS_COMPLETED : STATUS_ABANDONED, step->at_ms,
			step->day_start_ms);
	return OK;
}

static enum err apply_restore(struct step *step)
{
	if (step->session->deleted)
		step_event(step, COMMAND_RESTORE_SESSION)->deleted = false;
	return OK;
}

/* A name or group that the kind can't be without, or of a session that nothing changes any more. */
static enum err check_named(struct step *step, enum field field)
{
	const struct session_policy *policy = policy_of(step->session);
	const char *name = field_rows[field].name;
	if (!command_value(step->command, field) && (policy->add_required & FIELD_BIT(field)))
		return refuse(step->why, ERR_BAD_REQUEST, name, "a %s session needs a %s",
			session_kind_name(step->session->kind), name);
	if (policy->immutable && step->session->status == STATUS_COMPLETED)
		return refuse_state(step);
	return OK;
}

static enum err apply_rename(struct step *step)
{
	struct session renamed = *step->session;
	enum err err = check_named(step, FIELD_TITLE);
	if (err)
		return err;
	command_copy_text(step->command, FIELD_TITLE, renamed.title, sizeof(renamed.title));
	if (strcmp(renamed.title, step->session->title) != 0)
		begin_event(step->effects, &renamed, COMMAND_RENAME_SESSION, step->at_ms);
	return OK;
}

static enum err apply_move(struct step *step)
{
	struct uuid to = command_uuid(step->command, FIELD_GROUP, (struct uuid){0});
	enum err err = check_named(step, FIELD_GROUP);
	if (!err && !uuid_equal(&to, &step->session->group))
		step_event(step, COMMAND_MOVE_SESSION)->group = to;
	return err;
}

static enum err check_edit(struct step *step)
{
	const struct session_policy *policy = policy_of(step->session);
	enum err err = check_given(step, policy->edit);
	if (!err && policy->immutable && !command_has(step->command, FIELD_STRUCTURE))
		return refuse(step->why, ERR_BAD_REQUEST, field_rows[FIELD_STRUCTURE].name, "%s is required",
			field_rows[FIELD_STRUCTURE].name);
	if (!err && policy->immutable && step->session->status != STATUS_ACTIVE)
		return refuse_state(step);
	return err;
}

static enum err apply_edit(struct step *step)
{
	const struct session *session = step->session;
	struct session edited = *session;
	enum err err = check_edit(step);
	if (err)
		return err;
	session_take_fields(&edited, step->command);
	uint64_t changed = session_fields_changed(session, &edited);
	if (!changed)
		return OK;
	if (session->status != STATUS_ACTIVE && (changed & ~policy_of(session)->edit_ended))
		return refuse_state(step);
	struct session *next = begin_event(step->effects, &edited, COMMAND_EDIT_SESSION, step->at_ms);
	int64_t target_ms = session_target_ms(next);
	if (target_ms && target_ms <= step->at_ms)
		end(begin_event(step->effects, next, COMMAND_COMPLETE, step->at_ms), STATUS_COMPLETED,
			step->at_ms, step->day_start_ms);
	return OK;
}

typedef enum err apply_fn(struct step *step);

static apply_fn *const effects_of[COMMAND_COUNT] = {
	[COMMAND_EDIT_SESSION] = apply_edit,
	[COMMAND_RENAME_SESSION] = apply_rename,
	[COMMAND_MOVE_SESSION] = apply_move,
	[COMMAND_DELETE_SESSION] = apply_delete,
	[COMMAND_RESTORE_SESSION] = apply_restore,
	[COMMAND_START] = apply_start,
	[COMMAND_PAUSE] = apply_pause,
	[COMMAND_RESET_SESSION] = apply_reset,
	[COMMAND_RESET_ALL] = apply_reset,
	[COMMAND_COMPLETE] = apply_complete,
	[COMMAND_ABANDON] = apply_abandon,
	[COMMAND_DISTRACTION] = apply_distraction,
};

enum err session_apply(const struct session *session, const struct command *command,
	const struct session_moment *moment, struct session_effects *ret, struct refusal *ret_why)
{
	assert(effects_of[command->type]);
	ret->count = 0;
	struct step step = {
		.session = session,
		.command = command,
		.at_ms = max_ms(moment->at_ms, session->clock_ms),
		.day_start_ms = moment->day_start_ms,
		.effects = ret,
		.why = ret_why,
	};
	return effects_of[command->type](&step);
}

bool session_daily_reset(
	const struct session *session, const struct session_moment *moment, struct session *ret)
{
	if (!session_resettable(session) || session->clock_ms > moment->at_ms)
		return false;
	struct session_effects effects = {0};
	struct session *next = begin_event(&effects, session, COMMAND_RESET_ALL, moment->at_ms);
	reset(next, moment->at_ms, moment->day_start_ms);
	*ret = *next;
	return true;
}

bool session_leave_group(
	const struct session *session, const struct session_moment *moment, struct session *ret)
{
	bool stays = session->kind != KIND_TIMER && session->status != STATUS_ACTIVE;
	if (uuid_is_nil(&session->group) || stays)
		return false;
	struct session_effects effects = {0};
	struct session *next = begin_event(&effects, session, COMMAND_MOVE_SESSION, moment->at_ms);
	next->group = (struct uuid){0};
	*ret = *next;
	return true;
}

void session_settle(const struct session *session, int64_t day_start_ms, struct session_effects *ret)
{
	struct session_due due = session_due(session);
	assert(due.at_ms);
	ret->count = 0;
	if (due.rank == DUE_PAUSE_END)
		run(begin_event(ret, session, COMMAND_START, due.at_ms), due.at_ms);
	else
		end(begin_event(ret, session, COMMAND_COMPLETE, due.at_ms), STATUS_COMPLETED, due.at_ms,
			day_start_ms);
}
