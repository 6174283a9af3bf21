/* Values to JSON: entities, events, results, snapshots. Each event is encoded once. Knows shapes, decides
 * nothing. */
#ifndef LOCKSTEP_PROTOCOL_ENCODE_H
#define LOCKSTEP_PROTOCOL_ENCODE_H

#include "protocol/group.h"
#include "protocol/plan.h"
#include "protocol/problem.h"
#include "protocol/session.h"
#include "protocol/task.h"
#include "protocol/text.h"
#include "protocol/user.h"

/* Seen from whom and when: what an object's derived fields (timeLeft, trackedSeconds, day) are made for. */
struct view {
	const struct user *user;
	struct day_span day; /* user_day(user, now_ms) */
	int64_t now_ms;
};
struct view view_make(const struct user *user, int64_t now_ms);

/* The canonical objects of domain.md section 1. */
void encode_session(struct text *out, const struct session *session, const struct view *view);
void encode_group(struct text *out, const struct group *group, const struct view *view);
void encode_user(struct text *out, const struct view *view);
void encode_task(struct text *out, const struct task *task);
void encode_problem(struct text *out, const struct problem *problem);
/* A list of plans leaves their structures out. */
void encode_plan(struct text *out, const struct plan *plan, bool with_structure, const struct view *view);

/* Who made an event. Texts may be empty (left out); via is "ws", "http" or "server". */
struct origin {
	char connection_id[UUID_TEXT];
	char client[LIMIT_BYTES(LIMIT_CLIENT_NAME_CHARS)];
	const char *via;
};

/* `{"via":"ws","client":...}` */
void encode_origin(struct text *out, const struct origin *origin, const char *key);

/* The head of an event; the caller appends its entities (`,"session":{...}`) and then "}". n of `of`, of 0:
 * alone. */
struct event_head {
	int64_t seq;
	uint32_t tag;
	const char *event;
	const char *domain_event; /* or NULL */
	int64_t at_ms, now_ms;
	const struct origin *origin;
	const char *key; /* or empty */
	int n, of;
};
void encode_event_head(struct text *out, const struct event_head *head);

/* `{"code":...}` of section 6. */
void encode_error(struct text *out, const struct refusal *why);
/* A refused result with its id (JSON text). */
void encode_refusal(struct text *out, const char *id, const struct refusal *why, int64_t now_ms);
/* rest.md's error body, of the type that goes with its HTTP status. */
void encode_rest_error(struct text *out, const struct refusal *why, const char *type);
/* The answer to help: everything (command empty), or one command or message. False for an unknown name. */
bool encode_help(struct text *out, const char *id, const char *command);
/* All that a command asks for, unambiguously: its name, its fields in the table's order, atMs and ifVersion.
 * Two requests under one key are the same command when these texts are equal, however each was spelled. */
void encode_command(struct text *out, const struct command *command);

#endif
