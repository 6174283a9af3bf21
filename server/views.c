#include "server/views.h"

#include "server/sync.h"
#include "server/view_analytics.h"
#include "server/view_entities.h"
#include "server/view_lists.h"
#include "server/view_project.h"

static enum err view_state(struct turn *turn, const struct view_query *query, struct text *out,
	bool *ret_waits, struct refusal *ret_why)
{
	(void)query, (void)ret_waits, (void)ret_why;
	return sync_encode_snapshot(turn, NULL, SYNC_ASKED, out);
}

static enum err view_events(struct turn *turn, const struct view_query *query, struct text *out,
	bool *ret_waits, struct refusal *ret_why)
{
	(void)ret_why;
	__attribute__((cleanup(missed_finish))) struct missed missed = {0};
	enum err err = missed_load(turn, &query->position, &missed);
	if (err)
		return err;
	if (missed.reason)
		return sync_encode_snapshot(turn, NULL, missed.reason, out);
	text_append_string(out, "{");
	sync_encode_position(turn, out);
	text_append_string(out, ",\"mode\":\"replay\",\"events\":[");
	for (size_t i = 0; i < missed.count; i++) {
		text_append_string(out, i ? "," : "");
		text_append(out, missed.events[i].data, missed.events[i].len);
	}
	text_append_string(out, "]}");
	*ret_waits = missed.count == 0;
	return OK;
}

static enum err view_me(struct turn *turn, const struct view_query *query, struct text *out, bool *ret_waits,
	struct refusal *ret_why)
{
	(void)query, (void)ret_waits, (void)ret_why;
	encode_user(out, &turn->view);
	return OK;
}

static view_fn *const views[VIEW_COUNT] = {
	[VIEW_STATE] = view_state,
	[VIEW_EVENTS] = view_events,
	[VIEW_ANALYTICS] = view_analytics,
	[VIEW_TIMERS] = view_timers,
	[VIEW_SESSIONS] = view_sessions,
	[VIEW_FOCUS_SESSIONS] = view_focus_sessions,
	[VIEW_PROJECT_SESSIONS] = view_project_sessions,
	[VIEW_SESSION] = view_session,
	[VIEW_GROUPS] = view_groups,
	[VIEW_GROUP] = view_group,
	[VIEW_TASKS] = view_tasks,
	[VIEW_TASK] = view_task,
	[VIEW_PROBLEMS] = view_problems,
	[VIEW_PROBLEM] = view_problem,
	[VIEW_PLANS] = view_plans,
	[VIEW_PLAN] = view_plan,
	[VIEW_PROJECT_ANALYTICS] = view_project_analytics,
	[VIEW_PROJECT_TIME] = view_project_time,
	[VIEW_AUDIT] = view_audit,
	[VIEW_DEVICES] = view_devices,
	[VIEW_ME] = view_me,
};

enum err view_encode(struct turn *turn, const struct view_query *query, struct text *out, bool *ret_waits,
	struct refusal *ret_why)
{
	return views[query->kind](turn, query, out, ret_waits, ret_why);
}
