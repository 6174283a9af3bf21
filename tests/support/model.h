/* What a session and its tasks should be, kept the naive way: a list of intervals, and every value computed
 * from it anew. Written from domain.md, not from the code, so that the two can be held against each other.
 * Texts are borrowed from the commands. */
#ifndef LOCKSTEP_TESTS_SUPPORT_MODEL_H
#define LOCKSTEP_TESTS_SUPPORT_MODEL_H

#include "protocol/command.h"
#include "protocol/session.h"
#include "protocol/task.h"

#define MODEL_SPANS 360
#define MODEL_TASKS 6

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)

struct model_span {
	int64_t from, to; /* to -1: running */
	int life;         /* which life of the session: a reset begins a new one */
};

struct model_pause {
	int64_t from, to; /* to 0: it was never resumed */
	const char *reason;
};

struct model_task {
	int64_t start, completed_at; /* 0: pending */
	int64_t time;                /* as it was known when it was completed */
	int64_t version;
	bool deleted, rework;
	int quality;
	const char *description, *challenges; /* or NULL */
};

/* Texts are NULL where there is none. */
struct model {
	enum session_kind kind;
	int64_t length; /* -1: none */
	struct model_span spans[MODEL_SPANS];
	int span_count, life;
	enum session_status status;
	bool deleted, no_goal;
	int goal, group; /* 0: none */
	int64_t version, changed_at, clock, started_at, ended_at;
	const char *title;
	/* focus */
	struct model_pause pauses[3];
	int pause_count, distractions, rating, score; /* score -1: none */
	bool reviewed;
	const char *progress, *abandon_reason, *progress_made;
	/* work */
	const char *work_texts[4]; /* model_work_fields */
	bool helper;
	/* training */
	const char *structure;
	struct model_task tasks[MODEL_TASKS];
	int task_count;
};
extern const enum field model_work_fields[4];

/* What should become of a command: a refusal, or events by name. */
struct expected {
	enum err err;
	int count;
	enum command_type events[2];
};

/* addSession, its fields checked; `structure` is the plan's. */
struct expected model_add(struct model *model, const struct command *add, const char *structure, int64_t at);
/* A command on it, at or after its clock's last change. */
struct expected model_apply(struct model *model, const struct command *command, int64_t at);
/* The next thing that happens by itself, found by looking at every rule; INT64_MAX: nothing. */
int64_t model_due(const struct model *model);
/* It happens; COMMAND_START or COMMAND_COMPLETE. */
enum command_type model_happen(struct model *model);
/* The user's day ends; true: that resets it. */
bool model_day_end(struct model *model, int64_t at);
/* Its group is deleted; true: that concerns it. */
bool model_leave_group(struct model *model, int64_t at);

struct expected model_add_task(struct model *model, const struct command *add, int64_t at);
struct expected model_apply_task(struct model *model, int task, const struct command *command, int64_t at);

/* NULL unless it runs. */
const struct model_span *model_running(const struct model *model);
int64_t model_elapsed(const struct model *model, int64_t now);
int64_t model_left(const struct model *model, int64_t now);
/* Running time within [from, to). */
int64_t model_time(const struct model *model, int64_t from, int64_t to);
/* How long two stretches of time run together. */
int64_t model_overlap(int64_t from, int64_t to, int64_t low, int64_t high);
bool model_same_text(const char *a, const char *b);

#endif
