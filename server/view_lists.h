/* Lists as JSON (rest.md): one envelope for all but 003's, the entities in whichever shape. Engine thread
 * only. */
#ifndef LOCKSTEP_SERVER_VIEW_LISTS_H
#define LOCKSTEP_SERVER_VIEW_LISTS_H

#include "server/views.h"

view_fn view_timers;
/* Of the other kinds, by query->sessions. */
view_fn view_sessions, view_focus_sessions, view_project_sessions;
view_fn view_groups, view_tasks, view_problems, view_plans, view_audit, view_devices;

#endif
