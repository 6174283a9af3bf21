/* Days and instants as a person writes them, for tests. Include after cmocka.h. */
#ifndef LOCKSTEP_TESTS_SUPPORT_CALENDAR_H
#define LOCKSTEP_TESTS_SUPPORT_CALENDAR_H

#include "protocol/day.h"

#include <time.h>

/* "2025-03-30" */
static inline int32_t label(const char *text)
{
	int32_t day = -1;
	assert_true(day_parse(text, &day));
	return day;
}

/* "2025-03-30 01:00" in UTC. */
static inline int64_t utc(const char *text)
{
	struct tm tm = {0};
	assert_non_null(strptime(text, "%Y-%m-%d %H:%M", &tm));
	return (int64_t)timegm(&tm) * 1000;
}

#endif
