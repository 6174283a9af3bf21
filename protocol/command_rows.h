/* The commands, a row for each. Included twice: by command.h, which makes an enum of the names, and by
 * command.c, which makes the table; so it has no guard, and includes nothing.
 *
 * COMMAND_<name>, name, alias, target, flags, required, optional, help */
/* clang-format off */
COMMAND(ADD_SESSION, "addSession", "add", ENTITY_SESSION, ADDS,
	0, F(SESSION) | F(GROUP) | F(KIND) | F(TITLE) | TIMER_FIELDS | FOCUS_FIELDS | WORK_FIELDS | F(START_MS) |
		F(PLAN) | F(DATE) | F(STRUCTURE),
	"adds a session, a timer unless kind says otherwise")
COMMAND(EDIT_SESSION, "editSession", "edit", ENTITY_SESSION, 0,
	F(SESSION), TIMER_FIELDS | WORK_FIELDS | F(STRUCTURE),
	"changes what its kind allows; a timer's elapsed time stays")
COMMAND(RENAME_SESSION, "renameSession", NULL, ENTITY_SESSION, 0,
	F(SESSION) | F(TITLE), 0, "gives a session another title")
COMMAND(MOVE_SESSION, "moveSession", NULL, ENTITY_SESSION, 0,
	F(SESSION) | F(GROUP), 0, "puts a session into a group, or with null into none")
COMMAND(DELETE_SESSION, "deleteSession", "delete", ENTITY_SESSION, COMMAND_DELETED,
	F(SESSION), 0, "ends a session and hides it; its time stays in the analytics")
COMMAND(RESTORE_SESSION, "restoreSession", NULL, ENTITY_SESSION, COMMAND_DELETED,
	F(SESSION), 0, "brings a deleted session back")
COMMAND(START, "start", NULL, ENTITY_SESSION, COMMAND_CLOCK,
	F(SESSION), 0, "starts a session or continues it; a completed timer starts anew")
COMMAND(PAUSE, "pause", "stop", ENTITY_SESSION, COMMAND_CLOCK,
	F(SESSION), F(REASON), "stops a session's clock")
COMMAND(RESET_SESSION, "resetSession", "reset", ENTITY_SESSION, COMMAND_CLOCK,
	F(SESSION), 0, "puts a timer back to its full length, paused")
COMMAND(RESET_ALL, "resetAll", NULL, ENTITY_NONE, COMMAND_NO_VERSION,
	0, F(GROUP), "resets every timer, or every timer of a group")
COMMAND(COMPLETE, "complete", NULL, ENTITY_SESSION, COMMAND_CLOCK,
	F(SESSION), REVIEW_FIELDS | F(STRUCTURE), "completes a session now; a focus session takes its review once, later too")
COMMAND(ABANDON, "abandon", NULL, ENTITY_SESSION, COMMAND_CLOCK,
	F(SESSION), F(REASON) | F(PROGRESS_MADE), "gives a focus or training session up")
COMMAND(AUTO_RESET_TIME_CHANGE, "autoResetTimeChange", NULL, ENTITY_USER, 0,
	0, F(SESSIONS_RESET_TIME) | F(TIME_ZONE), "changes when the user's day begins, and in which time zone")
COMMAND(ADD_GROUP, "addGroup", NULL, ENTITY_GROUP, ADDS,
	F(NAME), F(GROUP) | F(DESCRIPTION), "adds a group: a project, a quest")
COMMAND(EDIT_GROUP, "editGroup", NULL, ENTITY_GROUP, 0,
	F(GROUP), F(NAME) | F(DESCRIPTION), "changes a group's name or description")
COMMAND(DELETE_GROUP, "deleteGroup", NULL, ENTITY_GROUP, 0,
	F(GROUP), 0, "deletes a group; its timers stay, without a group")
COMMAND(GET_SESSION, "getSession", NULL, ENTITY_SESSION, COMMAND_READ | COMMAND_DELETED,
	F(SESSION), 0, "answers with one session, as the result's value")
COMMAND(GET_SNAPSHOT, "getSnapshot", NULL, ENTITY_NONE, COMMAND_READ | COMMAND_NO_VERSION,
	0, 0, "answers with a snapshot of everything")
COMMAND(DISTRACTION, "distraction", NULL, ENTITY_SESSION, 0,
	F(SESSION), 0, "counts a distraction from an active focus session")
COMMAND(ADD_TASK, "addTask", NULL, ENTITY_TASK, ADDS,
	F(SESSION) | F(TASK_DESCRIPTION), F(TASK) | F(START_MS), "adds a task to an active work session")
COMMAND(EDIT_TASK, "editTask", NULL, ENTITY_TASK, 0,
	F(TASK), F(TASK_DESCRIPTION) | F(CHALLENGES_ENCOUNTERED), "changes a task while its session is active")
COMMAND(COMPLETE_TASK, "completeTask", NULL, ENTITY_TASK, 0,
	F(TASK) | F(QUALITY_RESULT), F(CHALLENGES_ENCOUNTERED) | F(REWORK_NEEDED),
	"completes a task; its time is calculated")
COMMAND(DELETE_TASK, "deleteTask", NULL, ENTITY_TASK, 0, F(TASK), 0, "deletes a task")
COMMAND(REPORT_PROBLEM, "reportProblem", NULL, ENTITY_PROBLEM, ADDS,
	F(GROUP) | F(PROBLEM_DESCRIPTION) | F(SEVERITY), F(PROBLEM) | PROBLEM_FIELDS,
	"reports a problem found on a project")
COMMAND(EDIT_PROBLEM, "editProblem", NULL, ENTITY_PROBLEM, 0,
	F(PROBLEM), F(PROBLEM_DESCRIPTION) | F(SEVERITY) | PROBLEM_FIELDS, "changes what is known of a problem")
COMMAND(RESOLVE_PROBLEM, "resolveProblem", NULL, ENTITY_PROBLEM, 0,
	F(PROBLEM), F(SOLUTION_PLAN), "marks a problem as resolved")
COMMAND(ADD_PLAN, "addPlan", NULL, ENTITY_PLAN, ADDS,
	F(NAME) | F(STRUCTURE), F(PLAN), "adds a training plan")
COMMAND(EDIT_PLAN, "editPlan", NULL, ENTITY_PLAN, 0,
	F(PLAN), F(NAME) | F(STRUCTURE), "changes a plan; sessions made from it stay as they are")
COMMAND(DELETE_PLAN, "deletePlan", NULL, ENTITY_PLAN, 0,
	F(PLAN), 0, "deletes a plan; sessions made from it stay")
/* clang-format on */
