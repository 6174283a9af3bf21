#include "protocol/session.h"

#include <assert.h>
#include <string.h>

#define MINUTES_MS(minutes) ((minutes)*INT64_C(60000))
#define HOURS_MS(hours)     MINUTES_MS((hours)*60)

#define TIMER_EDITS \
	(FIELD_BIT(FIELD_INITIAL_DURATION) | FIELD_BIT(FIELD_DAILY_GOAL_MINUTES) | FIELD_BIT(FIELD_NO_GOAL))

/* domain.md section 1, column by column. */
const struct session_policy session_policies[KIND_COUNT] = {
	[KIND_TIMER] =
		{
			.min_length_ms = LIMIT_TIMER_MIN_MS,
			.max_length_ms = LIMIT_TIMER_MAX_MS,
			.open_length = true,
			.resets = true,
			.max_pauses = -1,
			.deleted_as = COMMAND_PAUSE,
			.add_required = FIELD_BIT(FIELD_TITLE),
			.add_optional = TIMER_EDITS | FIELD_BIT(FIELD_GROUP),
			.edit = TIMER_EDITS,
		},
	[KIND_FOCUS] =
		{
			.min_length_ms = MINUTES_MS(5),
			.max_length_ms = MINUTES_MS(120),
			.starts_when_added = true,
			.abandons = true,
			.max_pauses = 3,
			.max_pause_ms = MINUTES_MS(10),
			.deleted_as = COMMAND_ABANDON,
		},
	[KIND_WORK] =
		{
			.open_length = true,
			.starts_when_added = true,
			.max_pauses = -1,
			.max_age_ms = HOURS_MS(24),
			.deleted_as = COMMAND_COMPLETE,
		},
	[KIND_TRAINING] =
		{
			.open_length = true,
			.starts_when_added = true,
			.abandons = true,
			.max_pauses = -1,
			.deleted_as = COMMAND_ABANDON,
		},
};

static const char *const kind_names[KIND_COUNT] = {
	[KIND_TIMER] = "timer",
	[KIND_FOCUS] = "focus",
	[KIND_WORK] = "work",
	[KIND_TRAINING] = "training",
};
static const char *const state_names[STATE_COUNT] = {[STATE_PAUSED] = "PAUSED", [STATE_RUNNING] = "RUNNING"};
static const char *const status_names[STATUS_COUNT] = {
	[STATUS_ACTIVE] = "active",
	[STATUS_COMPLETED] = "completed",
	[STATUS_ABANDONED] = "abandoned",
};

const char *session_kind_name(enum session_kind kind)
{
	return kind_names[kind];
}

const char *session_state_name(enum session_state state)
{
	return state_names[state];
}

const char *session_status_name(enum session_status status)
{
	return status_names[status];
}

bool session_kind_find(const char *name, enum session_kind *ret)
{
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		if (strcmp(name, kind_names[kind]) == 0) {
			*ret = (enum session_kind)kind;
			return true;
		}
	}
	return false;
}

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
}

/* Decoding has bounded it. */
static void set_title(struct session *next, const char *title)
{
	size_t len = strlen(title);
	assert(len < sizeof(next->title));
	memcpy(next->title, title, len + 1);
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
	return refuse(step->why, ERR_INVALID_STATE, NULL, "%s cannot be applied to a %s session that is %s",
		command_rows[step->command->type].name, kind_names[step->session->kind],
		status_names[step->session->status]);
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
			kind_names[session->kind], max_pauses);
	struct session *next = step_event(step, COMMAND_PAUSE);
	halt(next, step->at_ms, step->day_start_ms);
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

static enum err apply_complete(struct step *step)
{
	if (step->session->status == STATUS_COMPLETED)
		return OK;
	if (step->session->status == STATUS_ABANDONED)
		return refuse_state(step);
	end(step_event(step, COMMAND_COMPLETE), STATUS_COMPLETED, step->at_ms, step->day_start_ms);
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
	end(step_event(step, COMMAND_ABANDON), STATUS_ABANDONED, step->at_ms, step->day_start_ms);
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

static enum err apply_rename(struct step *step)
{
	const char *title = command_value(step->command, FIELD_TITLE)->text;
	if (strcmp(title, step->session->title) != 0)
		set_title(step_event(step, COMMAND_RENAME_SESSION), title);
	return OK;
}

static enum err apply_move(struct step *step)
{
	const struct value *group = command_value(step->command, FIELD_GROUP);
	struct uuid to = group ? group->id : (struct uuid){0};
	if (!uuid_equal(&to, &step->session->group))
		step_event(step, COMMAND_MOVE_SESSION)->group = to;
	return OK;
}

/* Length and goal from the command's fields. "Setting a goal makes noGoal false unless that is sent too." */
static void take_timer_fields(struct session *next, const struct command *command)
{
	const struct value *length = command_value(command, FIELD_INITIAL_DURATION);
	const struct value *goal = command_value(command, FIELD_DAILY_GOAL_MINUTES);
	const struct value *no_goal = command_value(command, FIELD_NO_GOAL);
	if (command_has(command, FIELD_INITIAL_DURATION))
		next->initial_ms = length ? length->number : SESSION_NO_LENGTH;
	if (command_has(command, FIELD_DAILY_GOAL_MINUTES)) {
		next->daily_goal_minutes = goal ? (int32_t)goal->number : 0;
		next->no_goal = !goal;
	}
	if (no_goal)
		next->no_goal = no_goal->flag;
}

static bool same_timer_fields(const struct session *a, const struct session *b)
{
	return a->initial_ms == b->initial_ms && a->daily_goal_minutes == b->daily_goal_minutes &&
	       a->no_goal == b->no_goal;
}

/* Refuses the first given field that is not among `allowed`. */
static enum err check_fields(
	const struct command *command, enum session_kind kind, uint64_t allowed, struct refusal *why)
{
	for (int field = 0; field < FIELD_COUNT; field++) {
		if (command->values[field].given && !(allowed & FIELD_BIT(field)))
			return refuse(why, ERR_BAD_REQUEST, field_rows[field].name,
				"a %s has no such field here", kind_names[kind]);
	}
	return OK;
}

static enum err apply_edit(struct step *step)
{
	const struct session *session = step->session;
	enum err err = check_fields(
		step->command, session->kind, policy_of(session)->edit | FIELD_BIT(FIELD_SESSION), step->why);
	if (err)
		return err;
	struct session edited = *session;
	take_timer_fields(&edited, step->command);
	if (same_timer_fields(&edited, session))
		return OK;
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

static enum session_kind added_kind(const struct command *command)
{
	const struct value *kind = command_value(command, FIELD_KIND);
	return kind ? (enum session_kind)kind->number : KIND_TIMER;
}

enum err session_check_add(const struct command *command, struct refusal *ret_why)
{
	enum session_kind kind = added_kind(command);
	const struct session_policy *policy = &session_policies[kind];
	if (!policy->add_required)
		return refuse(ret_why, ERR_BAD_REQUEST, "kind", "only a timer can be added");
	for (int field = 0; field < FIELD_COUNT; field++) {
		if ((policy->add_required & FIELD_BIT(field)) && !command_value(command, (enum field)field))
			return refuse(ret_why, ERR_BAD_REQUEST, field_rows[field].name, "%s is required",
				field_rows[field].name);
	}
	uint64_t allowed = policy->add_required | policy->add_optional | FIELD_BIT(FIELD_SESSION) |
			   FIELD_BIT(FIELD_KIND);
	return check_fields(command, kind, allowed, ret_why);
}

void session_add(const struct command *command, const struct uuid *id, const struct session_moment *moment,
	struct session_effects *ret)
{
	struct session fresh = {
		.id = *id,
		.kind = added_kind(command),
		.initial_ms = SESSION_NO_LENGTH,
		.no_goal = true,
		.clock_ms = moment->at_ms,
		.created_at_ms = moment->at_ms,
	};
	const struct value *group = command_value(command, FIELD_GROUP);
	if (group)
		fresh.group = group->id;
	set_title(&fresh, command_value(command, FIELD_TITLE)->text);
	take_timer_fields(&fresh, command);
	ret->count = 0;
	begin_event(ret, &fresh, COMMAND_ADD_SESSION, moment->at_ms);
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
