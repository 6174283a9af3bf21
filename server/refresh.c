#include "server/refresh.h"

#include <assert.h>

static int64_t keep_ms(int64_t seconds)
{
	if (seconds < 0)
		return REFRESH_KEEP_DEFAULT_MS;
	if (seconds < REFRESH_KEEP_MIN_MS / 1000)
		return REFRESH_KEEP_MIN_MS;
	return seconds < REFRESH_KEEP_MAX_MS / 1000 ? seconds * 1000 : REFRESH_KEEP_MAX_MS;
}

static int64_t retry_ms(unsigned failures)
{
	int64_t ms = REFRESH_RETRY_MIN_MS;
	for (unsigned i = 1; i < failures && ms < REFRESH_RETRY_MAX_MS; i++)
		ms *= 2;
	return ms < REFRESH_RETRY_MAX_MS ? ms : REFRESH_RETRY_MAX_MS;
}

void refresh_begin(struct refresh *refresh)
{
	assert(!refresh->asking);
	refresh->asking = true;
}

/* A fifth before its end there is time left for a few failures. */
void refresh_succeed(struct refresh *refresh, int64_t keep_seconds, int64_t now_ms)
{
	refresh->asking = false;
	refresh->had = true;
	refresh->failures = 0;
	refresh->ended_ms = now_ms;
	refresh->next_ms = now_ms + keep_ms(keep_seconds) / 5 * 4;
}

void refresh_fail(struct refresh *refresh, int64_t now_ms)
{
	refresh->asking = false;
	refresh->failures++;
	refresh->ended_ms = now_ms;
	refresh->next_ms = now_ms + retry_ms(refresh->failures);
}

/* As long as nothing was ever had, nobody gets in: then those who ask shorten the wait. */
bool refresh_wanted(struct refresh *refresh, int64_t now_ms)
{
	assert(!refresh->asking);
	if (!refresh->had)
		return now_ms - refresh->ended_ms >= REFRESH_RETRY_MIN_MS;
	if (refresh->wanted && now_ms - refresh->wanted_ms < REFRESH_WANTED_MS)
		return false;
	refresh->wanted = true;
	refresh->wanted_ms = now_ms;
	return true;
}
