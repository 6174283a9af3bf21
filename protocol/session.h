/* A session as a plain value, the policies of its kinds, and the one pure function that moves it.
 * Knows no clock, no socket, no SQL, no JSON; allocates nothing. Rules: domain.md sections 1 and 2. */
#ifndef LOCKSTEP_PROTOCOL_SESSION_H
#define LOCKSTEP_PROTOCOL_SESSION_H

#include "protocol/command.h"

enum session_kind { KIND_TIMER, KIND_FOCUS, KIND_WORK, KIND_TRAINING, KIND_COUNT };
enum session_state { STATE_PAUSED, STATE_RUNNING, STATE_COUNT };
enum session_status { STATUS_ACTIVE, STATUS_COMPLETED, STATUS_ABANDONED, STATUS_COUNT };
enum session_type { SESSION_POMODORO, SESSION_SHORT, SESSION_LONG, SESSION_CUSTOM, SESSION_TYPE_COUNT };

/* Names on the wire; the lists end with NULL. */
extern const char *const session_kind_names[KIND_COUNT + 1];
extern const char *const session_status_names[STATUS_COUNT + 1];
extern const char *const session_type_names[SESSION_TYPE_COUNT + 1];
const char *session_kind_name(enum session_kind kind);
const char *session_state_name(enum session_state state);
const char *session_status_name(enum session_status status);
bool session_kind_find(const char *name, enum session_kind *ret) MUST_CHECK;

#define SESSION_NO_LENGTH (-1)

/* What differs between the kinds. Times in ms; 0 is "no limit". */
struct session_policy {
	bool starts_when_added;
	bool resets;                  /* resetSession, the daily reset, and start once completed */
	bool abandons;                /* abandon is allowed */
	bool immutable;               /* nothing of it changes once completed */
	int max_active;               /* at once, of one user; 0: any number */
	int max_pauses;               /* -1: any number */
	int64_t max_pause_ms;         /* then it ends by itself */
	int64_t max_age_ms;           /* since started_at_ms; then it completes by itself */
	enum command_type deleted_as; /* how deletion ends what is active */
	/* FIELD_BITs a client may give: to addSession, editSession, that once it has ended, and complete. */
	uint64_t add_required, add_optional, edit, edit_ended, complete;
};
extern const struct session_policy session_policies[KIND_COUNT];

/* What only one kind has. Texts are borrowed from the command or the store, NULL where there is none; lists
 * and structures are minified JSON. */
struct session_pause {
	int64_t paused_at_ms, resumed_at_ms; /* 0: it has not been */
	const char *reason;
};
struct focus {
	enum session_type type;
	struct uuid task; /* nil: none */
	int32_t distractions;
	int32_t quality_rating; /* 0: none */
	int32_t score;          /* SESSION_NO_SCORE until it is completed */
	bool reviewed;
	const char *task_progress, *abandon_reason, *progress_made;
	struct session_pause pauses[LIMIT_FOCUS_PAUSES];
};
struct work {
	bool helper_present;
	const char *planned_tasks, *tools_needed, *parts_to_install, *notes;
};
struct training {
	struct uuid plan;
	int32_t date; /* a day (day.h) */
	const char *structure;
};
#define SESSION_NO_SCORE (-1)

/* Instants are ms since the epoch, 0 where there is none. */
struct session {
	struct uuid id;
	int64_t version;
	enum session_kind kind;
	enum session_state state;
	enum session_status status;
	bool deleted;
	bool no_goal;
	int32_t daily_goal_minutes; /* 0: none */
	struct uuid group;          /* nil: none */
	int64_t initial_ms;         /* SESSION_NO_LENGTH: counts up */
	int64_t elapsed_ms;         /* running time of closed intervals since begun or reset */
	int64_t running_since_ms;   /* while RUNNING */
	int64_t clock_ms;           /* the last change of the clock */
	int64_t started_at_ms, ended_at_ms, created_at_ms, updated_at_ms;
	int32_t pauses; /* begun since it started, for policies that count them */
	/* Cache of closed running time within the user's day that starts at tracked_day_ms. */
	int64_t tracked_day_ms, tracked_ms;
	union { /* by kind; none for a timer */
		struct focus focus;
		struct work work;
		struct training training;
	};
	char title[LIMIT_BYTES(LIMIT_TITLE_CHARS)]; /* or empty */
};

/* What one command makes: at most two events (start on a completed timer: reset, then start),
 * each with the whole session as it is after it. */
#define SESSION_EVENTS_MAX 2
struct session_effects {
	int count;
	struct {
		enum command_type event; /* named after its command */
		struct session session;
	} events[SESSION_EVENTS_MAX];
};

/* When and how the command happens. */
struct session_moment {
	int64_t at_ms;        /* when it is taken to happen; at most now_ms */
	int64_t day_start_ms; /* start of the user's day that holds now_ms */
};

/* Refuses an addSession that lacks a field of its kind, or has one that the kind doesn't know, or a length
 * that its type hasn't. */
enum err session_check_add(const struct command *command, struct refusal *ret_why) MUST_CHECK;
/* The kind that an addSession adds. */
enum session_kind session_added_kind(const struct command *command);
/* Makes a new session of the checked command's fields: version 1, one addSession event. `id` is its id;
 * `structure` the plan's, for a training session that brings none. Refuses a start in the future or too far
 * back. */
enum err session_add(const struct command *command, const struct uuid *id, const char *structure,
	const struct session_moment *moment, struct session_effects *ret, struct refusal *ret_why) MUST_CHECK;

/* Moves a session by one command. Success with count 0: it was so already (`changed:false`). The session is
 * never touched; a refusal makes no event. Bounds of fields were checked by decoding; superseded and
 * ifVersion by the caller. */
enum err session_apply(const struct session *session, const struct command *command,
	const struct session_moment *moment, struct session_effects *ret, struct refusal *ret_why) MUST_CHECK;

/* The daily reset of one timer: true, with the session after it, if it changes. */
bool session_daily_reset(
	const struct session *session, const struct session_moment *moment, struct session *ret);
/* The group it is in was deleted: true, with the session after it, if that concerns it. */
bool session_leave_group(
	const struct session *session, const struct session_moment *moment, struct session *ret);
/* True when the next daily reset would change it once it is not running. */
bool session_resettable(const struct session *session);

/* What falls due by itself; at one instant in this order (domain.md section 2). */
enum due_rank { DUE_TARGET = 1, DUE_PAUSE_END = 2, DUE_MAX_AGE = 3, DUE_DAILY_RESET = 4 };

/* What falls due on the session next. */
struct session_due {
	int64_t at_ms; /* 0: nothing */
	enum due_rank rank;
};
struct session_due session_due(const struct session *session);
/* Makes what fell due happen, at its own instant (session_due().at_ms): always one event. */
void session_settle(const struct session *session, int64_t day_start_ms, struct session_effects *ret);

/* Derived, all in ms. */
int64_t session_elapsed_ms(const struct session *session, int64_t now_ms);
int64_t session_left_ms(
	const struct session *session, int64_t now_ms);   /* SESSION_NO_LENGTH without a length */
int64_t session_target_ms(const struct session *session); /* 0 unless RUNNING with a length */
int64_t session_tracked_ms(const struct session *session, int64_t day_start_ms, int64_t now_ms);
/* A pause's length: until the end of the session that was never resumed; -1 while it lasts. */
int64_t session_pause_ms(const struct session *session, int pause);
/* What a requirement document calls that event of a session of this kind; NULL where none names it. */
const char *session_domain_event(enum session_kind kind, enum command_type event);
/* What the audit log calls it: 004's words for a training session, else the event's name. */
const char *session_audit_action(enum session_kind kind, enum command_type event);
/* The goal that holds now for analytics: minutes, 0 when none, noGoal or deleted. */
int32_t session_goal(const struct session *session);

#endif
