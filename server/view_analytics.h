/* GET /analytics: time tracked and goals met, by day, week and month, as JSON. Engine thread only. */
#ifndef LOCKSTEP_SERVER_VIEW_ANALYTICS_H
#define LOCKSTEP_SERVER_VIEW_ANALYTICS_H

#include "server/views.h"

view_fn view_analytics;

#endif
