/* For tests of protocol/: commands made by hand, and what they make of a session. A helper that expects
 * something fails the running test when it is otherwise. Include after cmocka.h. */
#ifndef LOCKSTEP_TESTS_SUPPORT_MOVING_H
#define LOCKSTEP_TESTS_SUPPORT_MOVING_H

#include "protocol/session.h"

#include <string.h>

#define T0     1700000000000LL /* the user's day begins then, unless a test says otherwise */
#define SECOND 1000LL
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

static inline struct uuid id_of(uint8_t number)
{
	return (struct uuid){{number}};
}

/* Commands. */

static inline void put_number(struct command *command, enum field field, int64_t number)
{
	command->values[field] = (struct value){.given = true, .number = number};
}

static inline void put_text(struct command *command, enum field field, const char *text)
{
	command->values[field] = (struct value){.given = true, .text = text};
}

static inline void put_flag(struct command *command, enum field field, bool flag)
{
	command->values[field] = (struct value){.given = true, .flag = flag};
}

static inline void put_id(struct command *command, enum field field, uint8_t number)
{
	command->values[field] = (struct value){.given = true, .id = id_of(number)};
}

static inline void put_null(struct command *command, enum field field)
{
	command->values[field] = (struct value){.given = true, .null = true};
}

/* Any value that the field can have. */
static inline void put_anything(struct command *command, enum field field)
{
	switch (field_rows[field].type) {
	case TYPE_ID:
		put_id(command, field, 77);
		break;
	case TYPE_TEXT:
	case TYPE_ZONE:
		put_text(command, field, "x");
		break;
	case TYPE_LIST:
		put_text(command, field, "[\"x\"]");
		break;
	case TYPE_OBJECT:
		put_text(command, field, "{\"x\":1}");
		break;
	case TYPE_BOOLEAN:
		put_flag(command, field, true);
		break;
	case TYPE_SECONDS:
	case TYPE_INTEGER:
	case TYPE_CHOICE:
	case TYPE_DAY_TIME:
	case TYPE_INSTANT:
	case TYPE_DATE:
	case TYPE_DECIMAL:
		put_number(command, field, field_rows[field].min);
		break;
	}
}

/* Sessions. */

struct moved {
	enum err err;
	struct session_effects effects;
	struct refusal why;
};

static inline struct moved move_by(
	const struct session *session, const struct command *command, int64_t at_ms)
{
	struct session before = *session;
	struct session_moment moment = {.at_ms = at_ms, .day_start_ms = T0};
	struct moved moved = {0};
	moved.err = session_apply(session, command, &moment, &moved.effects, &moved.why);
	assert_memory_equal(&before, session, sizeof(before));
	assert_int_equal(moved.why.code, moved.err);
	return moved;
}

/* The session after a command that makes one event, of its own name. */
static inline struct session moved_by(
	const struct session *session, const struct command *command, int64_t at_ms)
{
	struct moved moved = move_by(session, command, at_ms);
	if (moved.err)
		fail_msg("%s: %s", command_rows[command->type].name, moved.why.message);
	assert_int_equal(moved.effects.count, 1);
	assert_int_equal(moved.effects.events[0].event, command->type);
	assert_int_equal(moved.effects.events[0].session.version, session->version + 1);
	return moved.effects.events[0].session;
}

/* The same of a command without fields. */
static inline struct session after(const struct session *session, enum command_type type, int64_t at_ms)
{
	struct command command = {.type = type};
	return moved_by(session, &command, at_ms);
}

/* "changed":false */
static inline void expect_same(const struct session *session, const struct command *command, int64_t at_ms)
{
	struct moved moved = move_by(session, command, at_ms);
	if (moved.err || moved.effects.count)
		fail_msg("%s: %d events, %s", command_rows[command->type].name, moved.effects.count,
			moved.why.message);
}

static inline void expect_no_change(const struct session *session, enum command_type type, int64_t at_ms)
{
	struct command command = {.type = type};
	expect_same(session, &command, at_ms);
}

/* field "": none is at fault. */
static inline void expect_refused(const struct session *session, const struct command *command, int64_t at_ms,
	enum err code, const char *field)
{
	struct moved moved = move_by(session, command, at_ms);
	if (moved.err != code || strcmp(moved.why.field, field) != 0)
		fail_msg("%s: %s at \"%s\": %s", command_rows[command->type].name,
			moved.err ? error_row(moved.err)->code : "applied", moved.why.field,
			moved.why.message);
}

static inline void expect_invalid(const struct session *session, enum command_type type, int64_t at_ms)
{
	struct command command = {.type = type};
	expect_refused(session, &command, at_ms, ERR_INVALID_STATE, "");
}

/* addSession, checked and carried out. */
static inline struct moved add_by(const struct command *add, int64_t at_ms)
{
	struct uuid id = id_of(1);
	struct session_moment moment = {.at_ms = at_ms, .day_start_ms = T0};
	struct moved moved = {0};
	moved.err = session_check_add(add, &moved.why);
	if (!moved.err)
		moved.err =
			session_add(add, &id, "{\"of\":\"the plan\"}", &moment, &moved.effects, &moved.why);
	assert_int_equal(moved.why.code, moved.err);
	return moved;
}

static inline struct session added_by(const struct command *add, int64_t at_ms)
{
	struct moved moved = add_by(add, at_ms);
	if (moved.err)
		fail_msg("%s (%s)", moved.why.message, moved.why.field);
	assert_int_equal(moved.effects.count, 1);
	assert_int_equal(moved.effects.events[0].event, COMMAND_ADD_SESSION);
	return moved.effects.events[0].session;
}

static inline void expect_not_added(const struct command *add, int64_t at_ms, const char *field)
{
	struct moved moved = add_by(add, at_ms);
	assert_int_equal(moved.err, ERR_BAD_REQUEST);
	assert_string_equal(moved.why.field, field);
	assert_true(moved.why.message[0]);
}

/* addSession with what its kind requires, and no more. */
static inline struct command adding(enum session_kind kind)
{
	struct command add = {.type = COMMAND_ADD_SESSION};
	put_number(&add, FIELD_KIND, kind);
	if (kind == KIND_TIMER)
		put_text(&add, FIELD_TITLE, "t");
	if (kind == KIND_FOCUS)
		put_number(&add, FIELD_SESSION_TYPE, SESSION_POMODORO);
	if (kind == KIND_WORK)
		put_id(&add, FIELD_GROUP, 2);
	if (kind == KIND_TRAINING) {
		put_id(&add, FIELD_PLAN, 3);
		put_number(&add, FIELD_DATE, 19675);
	}
	return add;
}

static inline struct session added(enum session_kind kind, int64_t at_ms)
{
	struct command add = adding(kind);
	return added_by(&add, at_ms);
}

/* What fell due has happened: at its instant, by one event of that name. */
static inline struct session settled(const struct session *session, enum command_type event)
{
	struct session_effects effects = {0};
	session_settle(session, T0, &effects);
	assert_int_equal(effects.count, 1);
	assert_int_equal(effects.events[0].event, event);
	assert_int_equal(effects.events[0].session.version, session->version + 1);
	assert_int_equal(effects.events[0].session.clock_ms, session_due(session).at_ms);
	return effects.events[0].session;
}

#endif
