/* A coarse timer wheel for the deadlines of sockets and requests: heartbeat, ping, authentication, token end.
 * Insertion and removal cost the same at any number of sockets; a deadline is met within one tick (100 ms).
 */
#ifndef LOCKSTEP_SERVER_WHEEL_H
#define LOCKSTEP_SERVER_WHEEL_H

#include <stdint.h>

#define WHEEL_TICK_MS 100

struct wheel;
/* Embedded in its owner, zero-initialised. fire() may re-arm it, or free the owner. */
struct wheel_timer {
	struct wheel_timer *next, **link; /* link NULL: not armed */
	int64_t at_ms;                    /* monotonic */
	void (*fire)(struct wheel_timer *timer, int64_t monotonic_ms);
};

struct wheel *wheel_create(int64_t monotonic_ms);
void wheel_destroy(struct wheel *wheel);
/* Arms or moves it. */
void wheel_arm(struct wheel *wheel, struct wheel_timer *timer, int64_t at_ms);
void wheel_disarm(struct wheel_timer *timer); /* fine when not armed */
/* Fires all that is due; called every tick. */
void wheel_turn(struct wheel *wheel, int64_t monotonic_ms);

#endif
