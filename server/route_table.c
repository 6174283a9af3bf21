/* The endpoints, by the document that asks for them. What bodies call the fields of commands stands here
 * and nowhere else. */
#include "server/route.h"

#include "server/control.h"

#include <stddef.h>

/* clang-format off */
#define IS(name_, field_)      {.name = name_, .field = FIELD_##field_}
#define INSTANT(name_, field_) {.name = name_, .field = FIELD_##field_, .instant = true}
#define END                    {.name = NULL}

/* What adds an entity begins with its id; what edits it has the rest. */
#define WITHOUT_ID(fields) ((fields) + 1)

/* 002's words, which are the canonical objects'. */
static const struct body_field new_timer[] = {
	IS("id", SESSION),
	IS("title", TITLE),
	IS("groupId", GROUP),
	IS("initialDuration", INITIAL_DURATION),
	IS("sessionDuration", INITIAL_DURATION),
	IS("dailyGoalMinutes", DAILY_GOAL_MINUTES),
	IS("noGoal", NO_GOAL),
	END,
};
static const struct body_field timer[] = {
	IS("initialDuration", INITIAL_DURATION),
	IS("sessionDuration", INITIAL_DURATION),
	IS("dailyGoalMinutes", DAILY_GOAL_MINUTES),
	IS("noGoal", NO_GOAL),
	END,
};
static const struct body_field new_group[] = {
	IS("id", GROUP),
	IS("name", NAME),
	IS("description", DESCRIPTION),
	END,
};
static const struct body_field me[] = {
	IS("timeZone", TIME_ZONE),
	IS("sessionsResetTime", SESSIONS_RESET_TIME),
	END,
};
static const struct body_field reason[] = {IS("reason", REASON), END};
static const struct body_field title[] = {IS("title", TITLE), END};
static const struct body_field group_id[] = {IS("groupId", GROUP), END};

/* 001's. */
static const struct body_field new_focus[] = {
	IS("sessionId", SESSION),
	IS("sessionType", SESSION_TYPE),
	IS("plannedDuration", PLANNED_MINUTES),
	IS("taskId", TASK),
	IS("projectId", GROUP),
	END,
};
static const struct body_field pause_reason[] = {IS("pauseReason", REASON), END};
static const struct body_field farewell[] = {
	IS("reason", REASON),
	IS("progressMade", PROGRESS_MADE),
	END,
};

/* 003's. */
static const struct body_field new_quest[] = {
	IS("id", SESSION),
	IS("quest_id", GROUP),
	IS("description", TITLE),
	IS("duration_minutes", PLANNED_MINUTES),
	END,
};

/* 000's. */
static const struct body_field new_work[] = {
	IS("id", SESSION),
	INSTANT("startTime", START_MS),
	IS("plannedTasks", PLANNED_TASKS),
	IS("toolsNeeded", TOOLS_NEEDED),
	IS("partsToInstall", PARTS_TO_INSTALL),
	IS("helperPresent", HELPER_PRESENT),
	IS("notes", NOTES),
	END,
};
static const struct body_field new_task[] = {
	IS("id", TASK),
	IS("description", TASK_DESCRIPTION),
	END,
};
static const struct body_field task[] = {
	IS("description", TASK_DESCRIPTION),
	IS("challengesEncountered", CHALLENGES_ENCOUNTERED),
	END,
};
static const struct body_field task_result[] = {
	IS("qualityResult", QUALITY_RESULT),
	IS("challengesEncountered", CHALLENGES_ENCOUNTERED),
	IS("reworkNeeded", REWORK_NEEDED),
	END,
};
static const struct body_field new_problem[] = {
	IS("id", PROBLEM),
	INSTANT("discoveryDate", DISCOVERY_MS),
	IS("description", PROBLEM_DESCRIPTION),
	IS("severity", SEVERITY),
	IS("costImpact", COST_IMPACT),
	IS("timeImpact", TIME_IMPACT),
	IS("solutionPlan", SOLUTION_PLAN),
	IS("isCommonProblem", IS_COMMON_PROBLEM),
	END,
};
static const struct body_field solution[] = {IS("solutionPlan", SOLUTION_PLAN), END};

/* 004's. */
static const struct body_field new_training[] = {
	IS("id", SESSION),
	IS("plan_id", PLAN),
	IS("date", DATE),
	IS("session", STRUCTURE),
	END,
};
static const struct body_field new_plan[] = {
	IS("id", PLAN),
	IS("name", NAME),
	IS("structure", STRUCTURE),
	END,
};

/* Where documents share a path, what any of them writes there: which kind the session is of, only the engine
 * knows. */
static const struct body_field any_session[] = {
	IS("plannedTasks", PLANNED_TASKS),
	IS("toolsNeeded", TOOLS_NEEDED),
	IS("partsToInstall", PARTS_TO_INSTALL),
	IS("helperPresent", HELPER_PRESENT),
	IS("notes", NOTES),
	IS("session", STRUCTURE),
	END,
};
static const struct body_field any_result[] = {
	IS("qualityRating", QUALITY_RATING),
	IS("taskProgress", TASK_PROGRESS),
	IS("focusScore", FOCUS_SCORE),
	IS("session", STRUCTURE),
	END,
};

/* Whose words a row speaks, and which sessions it knows. */
#define PLAIN    .shape = SHAPE_OBJECT
#define TIMERS   .shape = SHAPE_OBJECT, .kinds = ROUTE_KIND(KIND_TIMER)
#define QUESTS   .shape = SHAPE_QUEST, .kinds = ROUTE_KIND(KIND_FOCUS)
#define FOCUS    .shape = SHAPE_SESSION, .kinds = ROUTE_KIND(KIND_FOCUS)
#define WORK     .shape = SHAPE_SESSION, .kinds = ROUTE_KIND(KIND_WORK)
#define TRAINING .shape = SHAPE_SESSION, .kinds = ROUTE_KIND(KIND_TRAINING)
#define SHARED   ROUTE_KIND(KIND_FOCUS) | ROUTE_KIND(KIND_WORK) | ROUTE_KIND(KIND_TRAINING)
#define SESSIONS .shape = SHAPE_SESSION, .kinds = SHARED
#define OF_WORK  .shape = SHAPE_WORK
#define PLANS    .shape = SHAPE_PLAN

/* 000's and 004's sessions are one path: PUT and PATCH are both theirs, and "both partial"; POST and PUT "are both
 * accepted" on its verbs. */
#define EDIT (ROUTE_PUT | ROUTE_PATCH)
#define VERB (ROUTE_POST | ROUTE_PUT)

#define API    ROUTE_API
#define ONLY   ROUTE_API_ONLY
#define NEW    ROUTE_CREATES
#define ECHOES ROUTE_ECHOES

#define PEOPLE  FACE_BIT(FACE_PUBLIC)
#define WATCHED (FACE_BIT(FACE_PUBLIC) | FACE_BIT(FACE_METRICS))
#define CONTROL FACE_BIT(FACE_CONTROL)

/* what it does, methods, path, who knows it */
#define LOCAL(does_, methods_, path_, faces_) \
	{.does = does_, .methods = methods_, .path = path_, .faces = faces_}
/* view, path, flags, whose words */
#define VIEW(view_, path_, flags_, ...) \
	{.does = ROUTE_VIEW, .methods = ROUTE_GET, .view = VIEW_##view_, .path = path_, .flags = flags_, __VA_ARGS__}
/* methods, path, command, where {id} goes, fields of the body, flags, whose words, what else there is to say */
#define COMMAND(methods_, path_, command_, target_, fields_, flags_, ...) \
	{.does = ROUTE_COMMAND, .methods = methods_, .path = path_, .command = COMMAND_##command_, \
		.target = target_, .fields = fields_, .flags = flags_, __VA_ARGS__}
#define NOWHERE    FIELD_COUNT
#define TO_SESSION FIELD_SESSION
#define TO_GROUP   FIELD_GROUP
#define TO_TASK    FIELD_TASK
#define TO_PROBLEM FIELD_PROBLEM
#define TO_PLAN    FIELD_PLAN

#define ACTION(action, command_, fields_) \
	COMMAND(ROUTE_POST, "/sessions/{id}/actions/" action, command_, TO_SESSION, fields_, 0, TIMERS)
#define STATUS(value_, command_) \
	COMMAND(ROUTE_PATCH, "/focus-sessions/{id}", command_, TO_SESSION, NULL, API | ECHOES, QUESTS, .when = {"status", value_})

const struct route route_rows[] = {
	LOCAL(ROUTE_HEALTH, ROUTE_GET, "/healthz", WATCHED),
	LOCAL(ROUTE_READY, ROUTE_GET, "/readyz", WATCHED),
	LOCAL(ROUTE_METRICS, ROUTE_GET, "/metrics", FACE_BIT(FACE_METRICS)),
	LOCAL(ROUTE_VERSION, ROUTE_GET, "/version", PEOPLE),
	LOCAL(ROUTE_OPENAPI, ROUTE_GET, "/openapi.yaml", PEOPLE),
	LOCAL(ROUTE_ASYNCAPI, ROUTE_GET, "/asyncapi.yaml", PEOPLE),
	LOCAL(ROUTE_CONFIG, ROUTE_GET, "/v1/config", PEOPLE),
	LOCAL(ROUTE_DEV_TOKEN, ROUTE_POST, "/v1/dev/token", PEOPLE),
	LOCAL(ROUTE_FORGET, ROUTE_POST, CONTROL_DELETE_USER, CONTROL),

	/* protocol.md section 7 */
	LOCAL(ROUTE_COMMANDS, ROUTE_POST, "/v1/commands", PEOPLE),
	VIEW(STATE, "/v1/state", 0, PLAIN),
	VIEW(EVENTS, "/v1/events", 0, PLAIN),
	VIEW(ANALYTICS, "/v1/analytics", 0, PLAIN),
	VIEW(DEVICES, "/v1/tokens", 0, PLAIN),
	LOCAL(ROUTE_DEVICE_ADD, ROUTE_POST, "/v1/tokens", PEOPLE),
	LOCAL(ROUTE_DEVICE_REMOVE, ROUTE_DELETE, "/v1/tokens/{id}", PEOPLE),

	/* 002: timers and their groups, and the person. */
	VIEW(TIMERS, "/sessions", 0, TIMERS),
	COMMAND(ROUTE_POST, "/sessions", ADD_SESSION, NOWHERE, new_timer, NEW, TIMERS),
	VIEW(SESSION, "/sessions/{id}", 0, TIMERS),
	COMMAND(ROUTE_PATCH, "/sessions/{id}", EDIT_SESSION, TO_SESSION, timer, ECHOES, TIMERS),
	COMMAND(ROUTE_DELETE, "/sessions/{id}", DELETE_SESSION, TO_SESSION, NULL, 0, TIMERS),
	ACTION("start", START, NULL),
	ACTION("pause", PAUSE, reason),
	ACTION("reset", RESET_SESSION, NULL),
	ACTION("complete", COMPLETE, NULL),
	ACTION("restore", RESTORE_SESSION, NULL),
	ACTION("rename", RENAME_SESSION, title),
	ACTION("move", MOVE_SESSION, group_id),
	COMMAND(ROUTE_POST, "/sessions/actions/reset-all", RESET_ALL, NOWHERE, group_id, 0, TIMERS),
	VIEW(GROUPS, "/groups", API, PLAIN),
	COMMAND(ROUTE_POST, "/groups", ADD_GROUP, NOWHERE, new_group, API | NEW, PLAIN),
	COMMAND(ROUTE_PATCH, "/groups/{id}", EDIT_GROUP, TO_GROUP, WITHOUT_ID(new_group), API | ECHOES, PLAIN),
	COMMAND(ROUTE_DELETE, "/groups/{id}", DELETE_GROUP, TO_GROUP, NULL, API, PLAIN),
	VIEW(ANALYTICS, "/analytics", API, PLAIN),
	VIEW(ME, "/me", API, PLAIN),
	COMMAND(ROUTE_PATCH, "/me", AUTO_RESET_TIME_CHANGE, NOWHERE, me, API | ECHOES, PLAIN),

	/* 001, 000 and 004 on one path: focus, work and training sessions. */
	VIEW(SESSIONS, "/sessions", ONLY, SESSIONS),
	COMMAND(ROUTE_POST, "/sessions", ADD_SESSION, NOWHERE, new_focus, ONLY | NEW, FOCUS, .when = {"sessionType", NULL}),
	COMMAND(ROUTE_POST, "/sessions", ADD_SESSION, NOWHERE, new_training, ONLY | NEW, TRAINING, .when = {"plan_id", NULL}),
	VIEW(SESSION, "/sessions/{id}", ONLY, SESSIONS),
	COMMAND(EDIT, "/sessions/{id}", EDIT_SESSION, TO_SESSION, any_session, ONLY | ECHOES, SESSIONS),
	COMMAND(ROUTE_DELETE, "/sessions/{id}", DELETE_SESSION, TO_SESSION, NULL, ONLY, SESSIONS),
	COMMAND(VERB, "/sessions/{id}/complete", COMPLETE, TO_SESSION, any_result, ONLY, SESSIONS),
	COMMAND(VERB, "/sessions/{id}/abandon", ABANDON, TO_SESSION, farewell, ONLY, SESSIONS),
	COMMAND(VERB, "/sessions/{id}/pause", PAUSE, TO_SESSION, pause_reason, ONLY, SESSIONS),
	COMMAND(VERB, "/sessions/{id}/resume", START, TO_SESSION, NULL, ONLY, SESSIONS),
	COMMAND(ROUTE_POST, "/sessions/{id}/distractions", DISTRACTION, TO_SESSION, NULL, ONLY, SESSIONS),
	VIEW(TASKS, "/sessions/{id}/tasks", ONLY, OF_WORK, .kinds = SHARED),
	COMMAND(ROUTE_POST, "/sessions/{id}/tasks", ADD_TASK, TO_SESSION, new_task, ONLY | NEW, OF_WORK, .kinds = SHARED),

	/* 003: focus sessions as a history. */
	VIEW(FOCUS_SESSIONS, "/focus-sessions", API, QUESTS),
	COMMAND(ROUTE_POST, "/focus-sessions", ADD_SESSION, NOWHERE, new_quest, API, QUESTS,
		.constant = {FIELD_SESSION_TYPE, "custom"}, .needs = FIELD_BIT(FIELD_PLANNED_MINUTES)),
	STATUS("completed", COMPLETE),
	STATUS("cancelled", ABANDON),
	COMMAND(ROUTE_DELETE, "/focus-sessions/{id}", DELETE_SESSION, TO_SESSION, NULL, API, QUESTS),

	/* 000: projects, the work on them, its tasks, their problems. */
	VIEW(GROUPS, "/projects", API, PLAIN),
	COMMAND(ROUTE_POST, "/projects", ADD_GROUP, NOWHERE, new_group, API | NEW, PLAIN),
	VIEW(GROUP, "/projects/{id}", API, PLAIN),
	COMMAND(ROUTE_PATCH, "/projects/{id}", EDIT_GROUP, TO_GROUP, WITHOUT_ID(new_group), API | ECHOES, PLAIN),
	COMMAND(ROUTE_DELETE, "/projects/{id}", DELETE_GROUP, TO_GROUP, NULL, API, PLAIN),
	VIEW(PROJECT_SESSIONS, "/projects/{id}/sessions", API, WORK),
	COMMAND(ROUTE_POST, "/projects/{id}/sessions", ADD_SESSION, TO_GROUP, new_work, API | NEW, WORK),
	VIEW(PROJECT_ANALYTICS, "/projects/{id}/sessions/analytics", API, PLAIN),
	VIEW(PROJECT_TIME, "/projects/{id}/time-tracking", API, PLAIN),
	VIEW(PROBLEMS, "/projects/{id}/problems", API, OF_WORK),
	COMMAND(ROUTE_POST, "/projects/{id}/problems", REPORT_PROBLEM, TO_GROUP, new_problem, API | NEW, OF_WORK),
	VIEW(TASK, "/tasks/{id}", API, OF_WORK),
	COMMAND(ROUTE_PUT, "/tasks/{id}", EDIT_TASK, TO_TASK, task, API | ECHOES, OF_WORK),
	COMMAND(ROUTE_DELETE, "/tasks/{id}", DELETE_TASK, TO_TASK, NULL, API, OF_WORK),
	COMMAND(ROUTE_POST, "/tasks/{id}/complete", COMPLETE_TASK, TO_TASK, task_result, API, OF_WORK),
	VIEW(PROBLEM, "/problems/{id}", API, OF_WORK),
	COMMAND(ROUTE_PUT, "/problems/{id}", EDIT_PROBLEM, TO_PROBLEM, WITHOUT_ID(new_problem), API | ECHOES, OF_WORK),
	COMMAND(ROUTE_POST, "/problems/{id}/resolve", RESOLVE_PROBLEM, TO_PROBLEM, solution, API, OF_WORK),

	/* 004: plans and the audit log. */
	VIEW(PLANS, "/plans", API, PLANS),
	COMMAND(ROUTE_POST, "/plans", ADD_PLAN, NOWHERE, new_plan, API | NEW, PLANS),
	VIEW(PLAN, "/plans/{id}", API, PLANS),
	COMMAND(ROUTE_PATCH, "/plans/{id}", EDIT_PLAN, TO_PLAN, WITHOUT_ID(new_plan), API | ECHOES, PLANS),
	COMMAND(ROUTE_DELETE, "/plans/{id}", DELETE_PLAN, TO_PLAN, NULL, API, PLANS),
	VIEW(AUDIT, "/audit-log", API, PLAIN),

	{.path = NULL},
};
/* clang-format on */
