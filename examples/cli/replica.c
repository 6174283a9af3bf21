#include "examples/cli/replica.h"

#include "examples/cli/clean.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Reading fields; what is missing or strange counts as not there ------------------------------------- */

static const char *get_text(const cJSON *object, const char *name)
{
	const cJSON *item = json_get(object, name);
	return cJSON_IsString(item) ? item->valuestring : "";
}

static int64_t get_integer(const cJSON *object, const char *name)
{
	int64_t number = 0;
	return json_integer(json_get(object, name), &number) ? number : 0;
}

/* Seconds with decimals to milliseconds. */
static int64_t get_seconds(const cJSON *object, const char *name, int64_t none)
{
	const cJSON *item = json_get(object, name);
	if (!cJSON_IsNumber(item) || !(fabs(item->valuedouble) < 1e12))
		return none;
	return llround(item->valuedouble * 1000);
}

/* Nil for null. */
static struct uuid get_id(const cJSON *object, const char *name)
{
	struct uuid id = {0};
	return uuid_parse(get_text(object, name), &id) ? id : (struct uuid){0};
}

/* Its index among the names, the first where it is none of them. */
static int get_choice(const cJSON *object, const char *name, const char *const *names)
{
	const char *text = get_text(object, name);
	for (int i = 0; names[i]; i++) {
		if (strcmp(names[i], text) == 0)
			return i;
	}
	return 0;
}

/* --- The user ------------------------------------------------------------------------------------------- */

static struct day_rule read_rule(const cJSON *object)
{
	struct day_rule rule = {.from_ms = DAY_RULE_FOREVER};
	int hours = 0, minutes = 0;
	snprintf(rule.zone, sizeof(rule.zone), "%s", get_text(object, "timeZone"));
	if (sscanf(get_text(object, "sessionsResetTime"), "%2d:%2d", &hours, &minutes) == 2 && hours >= 0 &&
		hours < 24 && minutes >= 0 && minutes < 60)
		rule.reset_minutes = (int16_t)(hours * 60 + minutes);
	return rule;
}

static void read_user(const cJSON *object, struct user *ret)
{
	const cJSON *pending = json_get(object, "pending");
	int32_t today = 0;
	*ret = (struct user){.version = get_integer(object, "version"), .rule_count = 1};
	clean_copy(get_text(object, "id"), ret->user_id, sizeof(ret->user_id));
	clean_copy(get_text(object, "name"), ret->name, sizeof(ret->name));
	ret->rules[0] = read_rule(object);
	if (!cJSON_IsObject(pending) || !day_parse(get_text(object, "day"), &today))
		return;
	int64_t from_ms = get_integer(pending, "fromMs");
	if (from_ms <= 0 || from_ms > LIMIT_INSTANT_MS)
		return;
	ret->rules[1] = read_rule(pending);
	ret->rules[1].from_ms = from_ms;
	/* A coming rule never makes two days of one. */
	ret->rules[1].from_day = today + 1;
	ret->rule_count = 2;
}

int64_t replica_day_start(const struct replica *replica, int64_t at_ms)
{
	if (!replica->user.rule_count)
		return 0;
	/* A server's clock may be out of this world; days are not. */
	if (at_ms < 0 || at_ms > LIMIT_INSTANT_MS)
		return at_ms;
	return day_find(replica->user.rules, (size_t)replica->user.rule_count, at_ms).start_ms;
}

/* --- Sessions and groups -------------------------------------------------------------------------------- */

/* `made_ms` is when the object was made, up to which its times count. */
static void read_clock(
	const struct replica *replica, const cJSON *object, int64_t made_ms, struct session *session)
{
	int64_t day_ms = replica_day_start(replica, made_ms);
	session->initial_ms = get_seconds(object, "initialDuration", SESSION_NO_LENGTH);
	session->elapsed_ms = get_seconds(object, "elapsedSeconds", 0);
	session->tracked_ms = get_seconds(object, "trackedSeconds", 0);
	session->tracked_day_ms = day_ms;
	if (session->state != STATE_RUNNING)
		return;
	session->running_since_ms = get_integer(object, "runningSinceMs");
	int64_t today_ms = session->running_since_ms > day_ms ? session->running_since_ms : day_ms;
	session->elapsed_ms -= made_ms - session->running_since_ms;
	session->tracked_ms -= made_ms - today_ms;
}

static bool read_session(
	const struct replica *replica, const cJSON *object, int64_t made_ms, struct session *ret)
{
	const cJSON *focus = json_get(object, "focus");
	struct session session = {.id = get_id(object, "id"), .version = get_integer(object, "version")};
	if (uuid_is_nil(&session.id))
		return false;
	session.kind = (enum session_kind)get_choice(object, "kind", session_kind_names);
	session.status = (enum session_status)get_choice(object, "status", session_status_names);
	session.state = strcmp(get_text(object, "state"), "RUNNING") == 0 ? STATE_RUNNING : STATE_PAUSED;
	session.deleted = cJSON_IsTrue(json_get(object, "isDeleted"));
	session.no_goal = cJSON_IsTrue(json_get(object, "noGoal"));
	session.daily_goal_minutes = (int32_t)get_integer(object, "dailyGoalMinutes");
	session.group = get_id(object, "groupId");
	session.started_at_ms = get_integer(object, "startedAtMs");
	session.ended_at_ms = get_integer(object, "endedAtMs");
	session.created_at_ms = get_integer(object, "createdAtMs");
	session.updated_at_ms = get_integer(object, "updatedAtMs");
	session.pauses = (int32_t)cJSON_GetArraySize(json_get(focus, "pauses"));
	session.focus.type = (enum session_type)get_choice(focus, "sessionType", session_type_names);
	session.focus.distractions = (int32_t)get_integer(focus, "distractions");
	clean_copy(get_text(object, "title"), session.title, sizeof(session.title));
	read_clock(replica, object, made_ms, &session);
	*ret = session;
	return true;
}

static void *grow(void *items, size_t count, size_t size)
{
	/* Room is doubled at powers of two. */
	if (count & (count - 1))
		return items;
	items = realloc(items, (count ? count * 2 : 1) * size);
	if (!items)
		abort();
	return items;
}

static size_t find_session(const struct replica *replica, const struct uuid *id)
{
	size_t at = 0;
	while (at < replica->session_count && !uuid_equal(&replica->sessions[at].id, id))
		at++;
	return at;
}

static void put_session(struct replica *replica, const cJSON *object, int64_t made_ms)
{
	struct session session;
	if (!cJSON_IsObject(object) || !read_session(replica, object, made_ms, &session))
		return;
	size_t at = find_session(replica, &session.id);
	if (session.deleted) {
		if (at < replica->session_count)
			replica->sessions[at] = replica->sessions[--replica->session_count];
		return;
	}
	if (at == replica->session_count) {
		replica->sessions = grow(replica->sessions, at, sizeof(session));
		replica->session_count++;
	}
	replica->sessions[at] = session;
}

static size_t find_group(const struct replica *replica, const struct uuid *id)
{
	size_t at = 0;
	while (at < replica->group_count && !uuid_equal(&replica->groups[at].id, id))
		at++;
	return at;
}

static void put_group(struct replica *replica, const cJSON *object)
{
	struct group group = {.id = get_id(object, "id"), .version = get_integer(object, "version")};
	if (!cJSON_IsObject(object) || uuid_is_nil(&group.id))
		return;
	size_t at = find_group(replica, &group.id);
	if (cJSON_IsTrue(json_get(object, "isDeleted"))) {
		if (at < replica->group_count)
			replica->groups[at] = replica->groups[--replica->group_count];
		return;
	}
	clean_copy(get_text(object, "name"), group.name, sizeof(group.name));
	if (at == replica->group_count) {
		replica->groups = grow(replica->groups, at, sizeof(group));
		replica->group_count++;
	}
	replica->groups[at] = group;
}

const struct session *replica_session(const struct replica *replica, const struct uuid *id)
{
	size_t at = find_session(replica, id);
	return at < replica->session_count ? &replica->sessions[at] : NULL;
}

const struct group *replica_group(const struct replica *replica, const struct uuid *id)
{
	size_t at = find_group(replica, id);
	return at < replica->group_count ? &replica->groups[at] : NULL;
}

/* --- Messages ------------------------------------------------------------------------------------------- */

static void forget_part(struct replica *replica)
{
	cJSON_Delete(replica->part);
	replica->part = NULL;
}

static void take_position(struct replica *replica, const cJSON *message)
{
	replica->seq = get_integer(message, "seq");
	snprintf(replica->tag, sizeof(replica->tag), "%.8s", get_text(message, "tag"));
}

static enum replica_step take_snapshot(struct replica *replica, const cJSON *message)
{
	const cJSON *state = json_get(message, "state"), *item;
	int64_t made_ms = get_integer(message, "nowMs");
	replica->session_count = replica->group_count = 0;
	forget_part(replica);
	snprintf(replica->epoch, sizeof(replica->epoch), "%.60s", get_text(message, "epoch"));
	take_position(replica, message);
	read_user(json_get(state, "user"), &replica->user);
	cJSON_ArrayForEach (item, json_get(state, "groups"))
		put_group(replica, item);
	cJSON_ArrayForEach (item, json_get(state, "sessions"))
		put_session(replica, item, made_ms);
	replica->known = true;
	return REPLICA_CHANGED;
}

/* A session that has ended is shown until the next thing happens; a timer stays. */
static void forget_ended(struct replica *replica)
{
	for (size_t at = 0; at < replica->session_count;) {
		const struct session *session = &replica->sessions[at];
		if (session->kind != KIND_TIMER && session->status != STATUS_ACTIVE)
			replica->sessions[at] = replica->sessions[--replica->session_count];
		else
			at++;
	}
}

static void apply_event(struct replica *replica, const cJSON *event)
{
	const cJSON *item;
	int64_t made_ms = get_integer(event, "nowMs");
	forget_ended(replica);
	if (json_get(event, "user"))
		read_user(json_get(event, "user"), &replica->user);
	put_group(replica, json_get(event, "group"));
	put_session(replica, json_get(event, "session"), made_ms);
	cJSON_ArrayForEach (item, json_get(event, "sessions"))
		put_session(replica, item, made_ms);
	take_position(replica, event);
}

static void apply_part(struct replica *replica)
{
	const cJSON *event;
	cJSON_ArrayForEach (event, replica->part)
		apply_event(replica, event);
	forget_part(replica);
}

/* Events that belong together are applied together: until the last is there, the position stays before the
 * first. */
static enum replica_step take_event(struct replica *replica, const cJSON *event)
{
	int64_t waiting = cJSON_GetArraySize(replica->part);
	int64_t seq = get_integer(event, "seq");
	if (!replica->known || seq > replica->seq + waiting + 1)
		return REPLICA_GAP;
	if (seq <= replica->seq + waiting)
		return REPLICA_SAME;
	if (get_integer(event, "n") >= get_integer(event, "of") && !waiting) {
		apply_event(replica, event);
		return REPLICA_CHANGED;
	}
	if (!replica->part)
		replica->part = cJSON_CreateArray();
	cJSON *copy = cJSON_Duplicate(event, true);
	if (!copy || !cJSON_AddItemToArray(replica->part, copy))
		abort();
	if (get_integer(event, "n") < get_integer(event, "of"))
		return REPLICA_SAME;
	apply_part(replica);
	return REPLICA_CHANGED;
}

enum replica_step replica_take(struct replica *replica, const cJSON *message)
{
	const char *type = get_text(message, "type");
	if (strcmp(type, "snapshot") == 0)
		return take_snapshot(replica, message);
	if (strcmp(type, "event") == 0)
		return take_event(replica, message);
	/* What was on its way comes again, or is in the snapshot. */
	if (strcmp(type, "ready") == 0)
		forget_part(replica);
	if (strcmp(type, "hb") == 0 || strcmp(type, "live") == 0)
		return get_integer(message, "seq") > replica->seq ? REPLICA_GAP : REPLICA_SAME;
	return REPLICA_SAME;
}

void replica_append_position(const struct replica *replica, struct text *out)
{
	if (!replica->known)
		return;
	text_append_string(out, "{\"epoch\":");
	text_append_json(out, replica->epoch);
	text_append_string(out, ",\"seq\":");
	text_append_integer(out, replica->seq);
	if (*replica->tag) {
		text_append_string(out, ",\"tag\":");
		text_append_json(out, replica->tag);
	}
	text_append_string(out, "}");
}

void replica_finish(struct replica *replica)
{
	free(replica->sessions);
	free(replica->groups);
	forget_part(replica);
	*replica = (struct replica){0};
}
