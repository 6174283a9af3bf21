/* A person's days over months in which the zone and the reset time are changed again and again. Fails the
 * running test, or ends the process, when a day is not what it must be. */
#ifndef LOCKSTEP_TESTS_SUPPORT_LIFE_H
#define LOCKSTEP_TESTS_SUPPORT_LIFE_H

#include "protocol/day.h"
#include "tests/support/source.h"

/* Zones whose clocks do what is unusual; NULL at the end. */
extern const char *const life_zones[];

/* Tracks and changes the rule for two months, or until a source of bytes is empty. Looks at every day then:
 * those with something tracked are what they were, and all follow one another with rising labels. */
void life_play(struct source *source);

/* How many of the rules stay when `rule` is added behind them. */
size_t life_rules_kept(
	const struct day_rule *rules, size_t count, const struct day_rule *rule, int64_t now_ms);

#endif
