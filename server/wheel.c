#include "server/wheel.h"

#include <stdlib.h>

/* One turn lasts 51.2 s, so that no usual deadline (heartbeat, ping, request) waits through a second one. A
 * timer that is further away stays in its slot until its turn comes. */
#define WHEEL_SLOTS 512

struct wheel {
	int64_t turned_to; /* the last tick that was fired */
	struct wheel_timer *slots[WHEEL_SLOTS];
};

/* The first tick at which the instant is over. */
static int64_t tick_of(int64_t at_ms)
{
	return (at_ms + WHEEL_TICK_MS - 1) / WHEEL_TICK_MS;
}

struct wheel *wheel_create(int64_t monotonic_ms)
{
	struct wheel *wheel = calloc(1, sizeof(*wheel));
	if (!wheel)
		abort();
	wheel->turned_to = monotonic_ms / WHEEL_TICK_MS;
	return wheel;
}

static void link_into(struct wheel_timer **list, struct wheel_timer *timer)
{
	timer->next = *list;
	timer->link = list;
	if (*list)
		(*list)->link = &timer->next;
	*list = timer;
}

void wheel_disarm(struct wheel_timer *timer)
{
	if (!timer->link)
		return;
	*timer->link = timer->next;
	if (timer->next)
		timer->next->link = timer->link;
	timer->next = NULL;
	timer->link = NULL;
}

void wheel_destroy(struct wheel *wheel)
{
	if (!wheel)
		return;
	for (int i = 0; i < WHEEL_SLOTS; i++) {
		while (wheel->slots[i])
			wheel_disarm(wheel->slots[i]);
	}
	free(wheel);
}

void wheel_arm(struct wheel *wheel, struct wheel_timer *timer, int64_t at_ms)
{
	int64_t tick = tick_of(at_ms);
	wheel_disarm(timer);
	timer->at_ms = at_ms;
	/* What is over already fires at the next tick, never within this one: a timer that re-arms itself
	 * for now must not keep the wheel from turning. */
	if (tick <= wheel->turned_to)
		tick = wheel->turned_to + 1;
	link_into(&wheel->slots[tick % WHEEL_SLOTS], timer);
}

/* Fires what is due in one slot. The list is moved aside first: whoever fires may arm, disarm or free any
 * timer, its neighbours included. */
static void turn_slot(struct wheel *wheel, int64_t tick, int64_t monotonic_ms)
{
	struct wheel_timer **slot = &wheel->slots[tick % WHEEL_SLOTS];
	struct wheel_timer *rest = *slot;
	*slot = NULL;
	if (rest)
		rest->link = &rest;
	while (rest) {
		struct wheel_timer *timer = rest;
		wheel_disarm(timer);
		if (tick_of(timer->at_ms) > tick)
			link_into(slot, timer);
		else
			timer->fire(timer, monotonic_ms);
	}
}

void wheel_turn(struct wheel *wheel, int64_t monotonic_ms)
{
	int64_t now = monotonic_ms / WHEEL_TICK_MS;
	/* After a long sleep each slot is looked at once. */
	if (now - wheel->turned_to > WHEEL_SLOTS)
		wheel->turned_to = now - WHEEL_SLOTS;
	while (wheel->turned_to < now) {
		wheel->turned_to++;
		turn_slot(wheel, wheel->turned_to, monotonic_ms);
	}
}
