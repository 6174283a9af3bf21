#include "protocol/user.h"

#include <assert.h>
#include <string.h>

const struct day_rule *user_pending(const struct user *user, int64_t now_ms)
{
	const struct day_rule *last = &user->rules[user->rule_count - 1];
	return user->rule_count > 1 && last->from_ms > now_ms ? last : NULL;
}

const struct day_rule *user_rule(const struct user *user, int64_t now_ms)
{
	return user_pending(user, now_ms) ? &user->rules[0] : &user->rules[user->rule_count - 1];
}

struct day_span user_day(const struct user *user, int64_t at_ms)
{
	return day_find(user->rules, (size_t)user->rule_count, at_ms);
}

static bool same_rule(const struct day_rule *a, const struct day_rule *b)
{
	return a->reset_minutes == b->reset_minutes && strcmp(a->zone, b->zone) == 0;
}

/* What the person asks for: what isn't given stays as it is, or is about to be. */
static struct day_rule wished_rule(const struct day_rule *base, const struct command *command)
{
	const struct value *zone = command_value(command, FIELD_TIME_ZONE);
	const struct value *time = command_value(command, FIELD_SESSIONS_RESET_TIME);
	struct day_rule wished = *base;
	if (zone) {
		size_t len = strlen(zone->text);
		assert(len < sizeof(wished.zone));
		memcpy(wished.zone, zone->text, len + 1);
	}
	if (time)
		wished.reset_minutes = (int16_t)time->number;
	return wished;
}

bool user_apply(const struct user *user, const struct command *command, const struct user_tracking *tracking,
	int64_t now_ms, struct user *ret)
{
	const struct day_rule *current = user_rule(user, now_ms);
	const struct day_rule *pending = user_pending(user, now_ms);
	struct day_rule wished = wished_rule(pending ? pending : current, command);
	if (same_rule(&wished, pending ? pending : current))
		return false;

	struct user next = *user;
	next.version++;
	next.rules[0] = *current;
	next.rule_count = 1;
	/* Back to the rule that still holds: the coming one is just dropped, unless it has lengthened the
	 * day. */
	if (same_rule(&wished, current) && day_find(current, 1, now_ms).day == user_day(user, now_ms).day) {
		*ret = next;
		return true;
	}
	struct day_rule rule;
	bool at_once = day_change(user->rules, (size_t)user->rule_count,
		&(struct day_wish){
			.zone = wished.zone,
			.reset_minutes = wished.reset_minutes,
			.now_ms = now_ms,
			.tracked_today = tracking->today,
			.past_end_ms = tracking->past_end_ms,
			.past_day = tracking->past_day,
		},
		&rule);
	next.rules[at_once ? 0 : 1] = rule;
	next.rule_count = at_once ? 1 : 2;
	*ret = next;
	return true;
}

const struct day_rule *user_rules_changed(const struct user *before, const struct user *after, int64_t now_ms,
	int64_t *ret_from_ms, int *ret_count)
{
	const struct day_rule *was = user_rule(before, now_ms);
	const struct day_rule *is = &after->rules[0];
	bool current_stays = was->from_ms == is->from_ms && same_rule(was, is);
	*ret_from_ms = current_stays ? now_ms + 1 : is->from_ms;
	*ret_count = after->rule_count - (current_stays ? 1 : 0);
	return current_stays ? is + 1 : is;
}
