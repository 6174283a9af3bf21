/* The road of one command, after decoding and before COMMIT: key, target, age, what was due, version, state,
 * limits; then its writes and its events. Engine thread only. */
#ifndef LOCKSTEP_SERVER_ROAD_H
#define LOCKSTEP_SERVER_ROAD_H

#include "server/turn.h"

/* What became of a command. */
struct outcome {
	struct refusal why;        /* code OK: applied, or already so */
	bool duplicate, unchanged; /* nothing happened: it had been before, or was so already */
	enum command_type type;
	enum session_kind kind; /* of the session that it is about, if it is */
	struct uuid id;         /* of the entity made or changed; nil for the user's and resetAll */
	struct text result;     /* `"seq":12,"changed":true,"session":"..."`, as kept under the key */
};
void outcome_finish(struct outcome *outcome);

/* How a request's commands are carried out. */
struct errand {
	const struct origin *origin;
	const struct cJSON *echo; /* or NULL; see request */
	enum shape shape;         /* in which the echo is written */
	unsigned kinds;           /* of sessions; see request */
	bool read_only;           /* nothing may be changed */
};

/* Carries out the `index`th command of an errand; what was due when the errand came is settled. What it
 * refuses is in ret->why; an error is the store's, and fails the pass. */
enum err road_take(struct turn *turn, const struct errand *errand, size_t index,
	const struct decoded *decoded, struct outcome *ret) MUST_CHECK;

/* Appends the result object. */
void road_encode_result(struct text *out, const char *id, const struct outcome *outcome, int64_t now_ms);

/* Appends the entity that the outcome is about, as it now is (ANSWER_OBJECT). */
enum err road_encode_entity(
	struct turn *turn, struct text *out, enum shape shape, const struct outcome *outcome) MUST_CHECK;

#endif
