/* Whether a request may go to the engine now: there is room for it, and its user has not sent too many. Knows
 * the limits and what they count; refuses nothing itself. Loop thread only. */
#ifndef LOCKSTEP_SERVER_GATE_H
#define LOCKSTEP_SERVER_GATE_H

#include "server/service.h"

/* 0, or in how many ms to come again. Only then something is taken of the user's rate. A sync finds room
 * always: nobody is kept from coming back because others wait. The log hears of a full queue now and then. */
int64_t gate_take(struct service *service, int64_t uid, enum request_kind kind, int64_t monotonic_ms);

#endif
