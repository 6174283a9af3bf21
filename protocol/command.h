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
	COMMAND_ADD_SESSION,
	COMMAND_EDIT_SESSION,
	COMMAND_RENAME_SESSION,
	COMMAND_MOVE_SESSION,
	COMMAND_DELETE_SESSION,
	COMMAND_RESTORE_SESSION,
	COMMAND_START,
	COMMAND_PAUSE,
	COMMAND_RESET_SESSION,
	COMMAND_RESET_ALL,
	COMMAND_COMPLETE,
	COMMAND_ABANDON,
	COMMAND_AUTO_RESET_TIME_CHANGE,
	COMMAND_ADD_GROUP,
	COMMAND_EDIT_GROUP,
	COMMAND_DELETE_GROUP,
	COMMAND_GET_SESSION,
	COMMAND_GET_SNAPSHOT,
	COMMAND_COUNT
};

/* What a command is about: the entity it loads and its result names. */
enum entity { ENTITY_NONE, ENTITY_SESSION, ENTITY_GROUP, ENTITY_USER, ENTITY_COUNT };

/* Its name in results, events and fields ("session"). Empty for ENTITY_NONE. */
const char *entity_name(enum entity entity);

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
	FIELD_DESCRIPTION,
	FIELD_COUNT
};
#define FIELD_BIT(field) (UINT64_C(1) << (field))

enum field_type {
	TYPE_ID,       /* UUID */
	TYPE_TEXT,     /* min..max code points */
	TYPE_SECONDS,  /* decimal seconds on the wire, kept as integer ms; min..max in ms */
	TYPE_INTEGER,  /* min..max */
	TYPE_BOOLEAN,  /* */
	TYPE_KIND,     /* a session's kind by name */
	TYPE_DAY_TIME, /* "HH:MM", kept as minutes */
	TYPE_ZONE      /* an IANA name that tzdata knows */
};

struct field_row {
	const char *name;
	const char *alias; /* or NULL */
	enum field_type type;
	bool nullable; /* null is a value ("none") */
	int64_t min, max;
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
	const char *domain_event;    /* 002's name for the event of a timer, or NULL */
	const char *help;
};
extern const struct command_row command_rows[COMMAND_COUNT];

/* By name or alias; false for an unknown name. */
bool command_find(const char *name, enum command_type *ret) MUST_CHECK;

/* One decoded field. text points into the command's tree. */
struct value {
	bool given;
	bool null;
	union {
		struct uuid id;
		const char *text;
		int64_t number; /* milliseconds for TYPE_SECONDS, minutes for TYPE_DAY_TIME */
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

#endif
