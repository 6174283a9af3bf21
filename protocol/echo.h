/* rest.md: a read-only field in a body is accepted when it equals the object's current value. */
#ifndef LOCKSTEP_PROTOCOL_ECHO_H
#define LOCKSTEP_PROTOCOL_ECHO_H

#include "protocol/errors.h"
#include "protocol/text.h"

struct cJSON;

/* Refuses, naming it, the first member of `echo` that the encoded object has otherwise or not at all. What
 * moves with time may have moved since the client has read it. */
enum err echo_check(const struct text *object, const struct cJSON *echo, struct refusal *ret_why) MUST_CHECK;

#endif
