/* What a session holds beside its clock: its fields by kind, taken from commands. For session*.c alone. Pure.
 */
#ifndef LOCKSTEP_PROTOCOL_SESSION_FIELDS_H
#define LOCKSTEP_PROTOCOL_SESSION_FIELDS_H

#include "protocol/session.h"

/* Sets the given ones of the kind's fields. */
void session_take_fields(struct session *session, const struct command *command);
/* The fields (FIELD_BITs) in which two sessions of one kind differ. */
uint64_t session_fields_changed(const struct session *a, const struct session *b);

/* complete on a focus session: its review, if the command brings one; true if it does. */
bool session_take_review(struct session *session, const struct command *command);
/* What completing makes of the kind's fields: the score of a focus session that has none. */
void session_score(struct session *session);

#endif
