/* Which commands exist and what each takes: one const table that decoding, help and HTTP are made from.
 * Knows names, types and bounds; knows nothing of what a command does. */
#ifndef LOCKSTEP_PROTOCOL_COMMAND_H
#define LOCKSTEP_PROTOCOL_COMMAND_H

#include "protocol/errors.h"
#include "protocol/limits.h"
#include "protocol/uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* domain.md section 6. Each makes the event of its name, but for the reads. */
enum command_type {
#define COMMAND(name, ...) COMMAND_##name,
#include "protocol/command_rows.h"
#undef COMMAND
	COMMAND_COUNT
};

/* What a command is about: the entity it loads and its result names. */
enum entity {
	ENTITY_NONE,
	ENTITY_SESSION,
	ENTITY_GROUP,
	ENTITY_USER,
	ENTITY_TASK,
	ENTITY_PROBLEM,
	ENTITY_PLAN,
	ENTITY_COUNT
};

/* Its name in results, events and fields ("session"). Empty for ENTITY_NONE. */
const char *entity_name(enum entity entity);

/* Append only: what was asked for under a key is kept in this order. */
enum field {
	FIELD_SESSION,
	FIELD_GROUP,
	FIELD_KIND,
	FIELD_TITLE,
	FIELD_INITIAL_DURATION,
	FIELD_DAILY_GOAL_MINUTES,
	FIELD_NO_GOAL,
	FIELD_REASON,
	FIELD_PROGRESS_MADE,
	FIELD_SESSIONS_RESET_TIME,
	FIELD_TIME_ZONE,
	FIELD_NAME,
	FIELD_DESCRIPTION, /* a group's */
	FIELD_SESSION_TYPE,
	FIELD_PLANNED_MINUTES,
	FIELD_TASK,
	FIELD_START_MS,
	FIELD_PLANNED_TASKS,
	FIELD_TOOLS_NEEDED,
	FIELD_PARTS_TO_INSTALL,
	FIELD_HELPER_PRESENT,
	FIELD_NOTES,
	FIELD_PLAN,
	FIELD_DATE,
	FIELD_STRUCTURE,
	FIELD_QUALITY_RATING,
	FIELD_TASK_PROGRESS,
	FIELD_FOCUS_SCORE,
	FIELD_TASK_DESCRIPTION,
	FIELD_QUALITY_RESULT,
	FIELD_CHALLENGES_ENCOUNTERED,
	FIELD_REWORK_NEEDED,
	FIELD_PROBLEM,
	FIELD_PROBLEM_DESCRIPTION,
	FIELD_SEVERITY,
	FIELD_COST_IMPACT,
	FIELD_TIME_IMPACT,
	FIELD_SOLUTION_PLAN,
	FIELD_IS_COMMON_PROBLEM,
	FIELD_DISCOVERY_MS,
	FIELD_COUNT
};
#define FIELD_BIT(field) (UINT64_C(1) << (field))

enum field_type {
	TYPE_ID,       /* UUID */
	TYPE_TEXT,     /* min..max code points */
	TYPE_SECONDS,  /* decimal seconds on the wire, kept as integer ms; min..max in ms */
	TYPE_INTEGER,  /* min..max */
	TYPE_BOOLEAN,  /* */
	TYPE_CHOICE,   /* one of the row's choices by name, kept as its index */
	TYPE_DAY_TIME, /* "HH:MM", kept as minutes */
	TYPE_ZONE,     /* an IANA name that tzdata knows */
	TYPE_INSTANT,  /* integer ms since the epoch */
	TYPE_DATE,     /* "YYYY-MM-DD", kept as a day (day.h) */
	TYPE_DECIMAL,  /* at most two decimals, kept as integer hundredths; min..max in hundredths */
	TYPE_LIST,     /* an array of at most `max` strings of 1..LIMIT_LIST_ITEM_CHARS, kept as JSON text */
	TYPE_OBJECT    /* any JSON object, at most `max` bytes minified, kept as that text */
};

struct field_row {
	const char *name;
	const char *alias; /* or NULL */
	enum field_type type;
	bool nullable; /* null is a value ("none") */
	int64_t min, max;
	const char *const *choices; /* TYPE_CHOICE: names, NULL ends them */
	const char *help;
};
extern const struct field_row field_rows[FIELD_COUNT];

enum command_flag {
	COMMAND_ADDS = 1,       /* makes its entity; may bring its id; no ifVersion */
	COMMAND_CLOCK = 2,      /* moves a session's clock: an older atMs is `superseded` */
	COMMAND_DELETED = 4,    /* also finds a deleted entity */
	COMMAND_READ = 8,       /* changes nothing, makes no event */
	COMMAND_NO_VERSION = 16 /* ifVersion makes no sense */
};

struct command_row {
	const char *name;
	const char *alias; /* or NULL */
	enum entity target;
	unsigned flags;              /* enum command_flag */
	uint64_t required, optional; /* FIELD_BITs */
	const char *help;
};
extern const struct command_row command_rows[COMMAND_COUNT];

/* What the requirement documents call the command's event, or NULL; session_domain_event() knows those of
 * single sessions. */
const char *command_domain_event(enum command_type type);

/* By name or alias; false for an unknown name. */
bool command_find(const char *name, enum command_type *ret) MUST_CHECK;

/* One decoded field. text belongs to the command's tree. */
struct value {
	bool given;
	bool null;
	union {
		struct uuid id;
		const char *text;
		int64_t number; /* in the unit that its type is kept in */
		bool flag;
	};
};

/* A command, typed and within its bounds. */
struct command {
	enum command_type type;
	char id[LIMIT_COMMAND_ID_BYTES * 6 + 3]; /* as JSON text; "null" where there was none */
	char key[LIMIT_KEY_BYTES + 1];           /* or empty */
	bool has_at, has_if_version;
	int64_t at_ms;
	int64_t if_version;
	struct value values[FIELD_COUNT];
	void *tree; /* the JSON that the texts point into; command_finish frees it */
};

void command_finish(struct command *command);

/* The field's value if it was given and isn't null, else NULL. */
const struct value *command_value(const struct command *command, enum field field);
/* True when the field was given, be it as null. */
bool command_has(const struct command *command, enum field field);
/* Refuses the first given field that is not among `allowed`, those of a session of `kind`. */
enum err command_check_fields(const struct command *command, uint64_t allowed, const char *kind,
	struct refusal *ret_why) MUST_CHECK;

/* What the command says of the field; `unchanged` when it says nothing, `none` (or nil, or NULL) when it says
 * null. The empty text is NULL too; texts are borrowed from the command. */
int64_t command_number(const struct command *command, enum field field, int64_t unchanged, int64_t none);
bool command_flag(const struct command *command, enum field field, bool unchanged);
struct uuid command_uuid(const struct command *command, enum field field, struct uuid unchanged);
const char *command_text(const struct command *command, enum field field, const char *unchanged);
/* The same into a room that decoding has bounded the text to; null is "". */
void command_copy_text(const struct command *command, enum field field, char *to, size_t room);
/* Equal, where NULL is none. */
bool command_same_text(const char *a, const char *b);

#endif
