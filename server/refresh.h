/* When something that changes elsewhere is to be fetched again. A plain value that is told what happened and
 * the time; knows no clock, no network, and not what is fetched. Times are milliseconds of one steady clock.
 */
#ifndef LOCKSTEP_SERVER_REFRESH_H
#define LOCKSTEP_SERVER_REFRESH_H

#include <stdbool.h>
#include <stdint.h>

/* How long an answer is kept: as it says, within reason; an hour where it does not say. */
#define REFRESH_KEEP_MIN_MS     (60 * 1000)
#define REFRESH_KEEP_MAX_MS     (24 * 3600 * 1000)
#define REFRESH_KEEP_DEFAULT_MS (3600 * 1000)
/* After a failure; each further one doubles it. */
#define REFRESH_RETRY_MIN_MS (5 * 1000)
#define REFRESH_RETRY_MAX_MS (5 * 60 * 1000)
/* Somebody asks for what is not in it: whoever makes up names shall not make us ask all day. */
#define REFRESH_WANTED_MS (60 * 1000)

/* Zero: never tried. */
struct refresh {
	bool had;          /* once at least */
	bool asking;       /* a try is under way */
	bool wanted;       /* ever, and when last */
	unsigned failures; /* in a row, until now */
	int64_t wanted_ms, ended_ms;
	int64_t next_ms; /* when the next try begins by itself; while none is under way */
};

void refresh_begin(struct refresh *refresh);
/* The try ended well; the answer may be kept so many seconds, or as long as is usual when negative. */
void refresh_succeed(struct refresh *refresh, int64_t keep_seconds, int64_t now_ms);
/* The try ended badly. What was had before is kept. */
void refresh_fail(struct refresh *refresh, int64_t now_ms);

/* Somebody needs what isn't in it, and no try is under way: true when one is to begin for that. */
bool refresh_wanted(struct refresh *refresh, int64_t now_ms);

#endif
