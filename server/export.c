#include "server/export.h"

#include "protocol/member.h"
#include "server/shape.h"

#include <stdlib.h>

/* Written in pieces of about so much. */
#define PIECE 65536

struct export
{
	struct store *store;
	struct user user;
	struct view view;
	FILE *file;
	struct text out;
	bool is_first; /* of the list */
};

static enum err flush(struct export *export)
{
	size_t len = export->out.len;
	bool ok = fwrite(export->out.data, 1, len, export->file) == len;
	text_clear(&export->out);
	return ok ? OK : ERR_UNAVAILABLE;
}

/* The next item of the list goes to the text. */
static struct text *begin_item(struct export *export)
{
	text_append_string(&export->out, export->is_first ? "\n" : ",\n");
	export->is_first = false;
	return &export->out;
}

static enum err end_item(struct export *export)
{
	return export->out.len < PIECE ? OK : flush(export);
}

static enum err put_session(void *context, const struct session *session)
{
	struct export *export = context;
	encode_session(begin_item(export), session, &export->view);
	return end_item(export);
}

static enum err put_group(void *context, const struct group *group)
{
	struct export *export = context;
	encode_group(begin_item(export), group, &export->view);
	return end_item(export);
}

static enum err put_task(void *context, const struct task *task)
{
	struct export *export = context;
	encode_task(begin_item(export), task);
	return end_item(export);
}

static enum err put_problem(void *context, const struct problem *problem)
{
	struct export *export = context;
	encode_problem(begin_item(export), problem);
	return end_item(export);
}

static enum err put_plan(void *context, const struct plan *plan)
{
	struct export *export = context;
	encode_plan(begin_item(export), plan, true, &export->view);
	return end_item(export);
}

static enum err put_interval(void *context, const struct uuid *session, int64_t start_ms, int64_t end_ms)
{
	struct export *export = context;
	struct text *out = begin_item(export);
	text_append_string(out, "{");
	member_id(out, "sessionId", session);
	member_integer(out, "startMs", start_ms);
	member_integer_if(out, "endMs", end_ms != 0, end_ms);
	text_append_string(out, "}");
	return end_item(export);
}

static enum err put_goal(void *context, const struct uuid *session, int64_t at_ms, int32_t minutes)
{
	struct export *export = context;
	struct text *out = begin_item(export);
	text_append_string(out, "{");
	member_id(out, "sessionId", session);
	member_integer(out, "atMs", at_ms);
	member_integer_if(out, "minutes", minutes != 0, minutes);
	text_append_string(out, "}");
	return end_item(export);
}

static enum err put_device(void *context, const struct device *device)
{
	struct export *export = context;
	device_encode(begin_item(export), device, NULL);
	return end_item(export);
}

static enum err put_event(void *context, int64_t seq, uint32_t tag, const char *body, size_t len)
{
	struct export *export = context;
	(void)seq, (void)tag;
	text_append(begin_item(export), body, len);
	return end_item(export);
}

static enum err put_key(void *context, const struct kept_key *key)
{
	struct export *export = context;
	struct text *out = begin_item(export);
	text_append_string(out, "{");
	member_string(out, "key", key->key);
	member_integer(out, "nowMs", key->now_ms);
	member_json(out, "asked", key->asked, "{}");
	member_open(out, "result");
	text_append_format(out, "{%s}}", key->result);
	return end_item(export);
}

static enum err put_audit(void *context, const struct audit_row *row)
{
	struct export *export = context;
	shape_audit(begin_item(export), row, &export->view);
	return end_item(export);
}

/* The first rule has always been: it has no beginning. */
static void put_rule(struct export *export, const struct day_rule *rule)
{
	bool begins = rule->from_ms != DAY_RULE_FOREVER;
	struct text *out = begin_item(export);
	text_append_string(out, "{");
	member_integer_if(out, "fromMs", begins, rule->from_ms);
	if (begins)
		member_day(out, "fromDay", rule->from_day);
	else
		member_null(out, "fromDay");
	member_day_time(out, "sessionsResetTime", rule->reset_minutes);
	member_string(out, "timeZone", rule->zone);
	text_append_string(out, "}");
}

/* The lists, each by the store's function for it. */

static enum err all_rules(struct export *export)
{
	struct day_rule *rules = NULL;
	size_t count = 0;
	enum err err = store_rules_load(export->store, export->user.uid, &rules, &count);
	for (size_t i = 0; i < count && !err; i++)
		put_rule(export, &rules[i]);
	free(rules);
	return err;
}

static enum err all_groups(struct export *export)
{
	return store_all_groups(export->store, export->user.uid, put_group, export);
}

static enum err all_plans(struct export *export)
{
	return store_all_plans(export->store, export->user.uid, put_plan, export);
}

static enum err all_sessions(struct export *export)
{
	return store_all_sessions(export->store, export->user.uid, put_session, export);
}

static enum err all_tasks(struct export *export)
{
	return store_all_tasks(export->store, export->user.uid, export->view.now_ms, put_task, export);
}

static enum err all_problems(struct export *export)
{
	return store_all_problems(export->store, export->user.uid, put_problem, export);
}

static enum err all_intervals(struct export *export)
{
	return store_all_intervals(export->store, export->user.uid, put_interval, export);
}

static enum err all_goals(struct export *export)
{
	return store_all_goals(export->store, export->user.uid, put_goal, export);
}

static enum err all_devices(struct export *export)
{
	return store_device_each(export->store, export->user.uid, put_device, export);
}

static enum err all_events(struct export *export)
{
	return store_event_each(export->store, export->user.uid, 0, put_event, export);
}

static enum err all_keys(struct export *export)
{
	return store_all_keys(export->store, export->user.uid, put_key, export);
}

static enum err all_audit(struct export *export)
{
	return store_all_audit(export->store, export->user.uid, put_audit, export);
}

static const struct {
	const char *name;
	enum err (*all)(struct export *export);
} lists[] = {
	{"dayRules", all_rules},
	{"groups", all_groups},
	{"plans", all_plans},
	{"sessions", all_sessions},
	{"tasks", all_tasks},
	{"problems", all_problems},
	{"intervals", all_intervals},
	{"goals", all_goals},
	{"devices", all_devices},
	{"events", all_events},
	{"keys", all_keys},
	{"audit", all_audit},
};

static enum err put_lists(struct export *export)
{
	enum err err = OK;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists) && !err; i++) {
		text_append_format(&export->out, ",\n\"%s\":[", lists[i].name);
		export->is_first = true;
		err = lists[i].all(export);
		text_append_string(&export->out, "]");
	}
	text_append_string(&export->out, "}\n");
	return err ? err : flush(export);
}

static void put_head(struct export *export, const struct text *issuer, const struct text *subject)
{
	struct text *out = &export->out;
	text_append_string(out, "{\"format\":\"lockstep-export\",\"formatVersion\":1");
	member_integer(out, "exportedAtMs", export->view.now_ms);
	member_integer(out, "seq", export->user.seq);
	member_string(out, "issuer", issuer->data ? issuer->data : "");
	member_string(out, "subject", subject->data ? subject->data : "");
	member_open(out, "user");
	encode_user(out, &export->view);
}

/* For a person time never runs backwards: a wall clock that was set back doesn't count. */
static enum err load_user(struct export *export, int64_t uid, int64_t now_ms)
{
	enum err err = store_user_load(export->store, uid, now_ms, &export->user);
	if (!err && export->user.clock_ms > now_ms) {
		now_ms = export->user.clock_ms;
		err = store_user_load(export->store, uid, now_ms, &export->user);
	}
	if (!err)
		export->view = view_make(&export->user, now_ms);
	return err;
}

enum err export_write(struct store *store, const char *user_id, int64_t now_ms, FILE *file)
{
	struct export export = {.store = store, .file = file};
	TEXT_AUTO issuer = {0};
	TEXT_AUTO subject = {0};
	int64_t uid;
	enum err err = store_begin_reading(store);
	if (err)
		return err;
	err = store_user_named(store, user_id, &uid);
	if (!err)
		err = store_user_token(store, uid, &issuer, &subject);
	if (!err)
		err = load_user(&export, uid, now_ms);
	if (!err) {
		put_head(&export, &issuer, &subject);
		err = put_lists(&export);
	}
	text_finish(&export.out);
	store_rollback(store);
	return err;
}
