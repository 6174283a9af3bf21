/* The reports of one project (domain.md section 4): statistics, and where its time went. Engine thread only.
 */
#ifndef LOCKSTEP_SERVER_VIEW_PROJECT_H
#define LOCKSTEP_SERVER_VIEW_PROJECT_H

#include "server/views.h"

view_fn view_project_analytics, view_project_time;

#endif
