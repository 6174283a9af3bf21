#include "examples/cli/pick.h"

/* When it ends; what counts up ends after everything else. */
static bool ends_before(const struct session *a, const struct session *b)
{
	int64_t a_ms = session_target_ms(a), b_ms = session_target_ms(b);
	if (a_ms && b_ms)
		return a_ms < b_ms;
	if (a_ms || b_ms)
		return a_ms != 0;
	return a->running_since_ms < b->running_since_ms;
}

const struct session *pick_current(const struct replica *replica)
{
	const struct session *best = NULL;
	for (size_t i = 0; i < replica->session_count; i++) {
		const struct session *session = &replica->sessions[i];
		if (session->state == STATE_RUNNING && (!best || ends_before(session, best)))
			best = session;
	}
	return best;
}

const struct session *pick_next(const struct replica *replica)
{
	const struct session *best = NULL;
	for (size_t i = 0; i < replica->session_count; i++) {
		const struct session *session = &replica->sessions[i];
		if (session->state != STATE_PAUSED || session->status != STATUS_ACTIVE)
			continue;
		if (!best || session->updated_at_ms > best->updated_at_ms)
			best = session;
	}
	return best;
}

const struct session *pick_done(const struct replica *replica, int64_t now_ms)
{
	const struct session *best = NULL;
	for (size_t i = 0; i < replica->session_count; i++) {
		const struct session *session = &replica->sessions[i];
		if (session->status != STATUS_COMPLETED || now_ms - session->ended_at_ms >= PICK_DONE_MS)
			continue;
		if (!best || session->ended_at_ms > best->ended_at_ms)
			best = session;
	}
	return best;
}

size_t pick_count_running(const struct replica *replica)
{
	size_t count = 0;
	for (size_t i = 0; i < replica->session_count; i++)
		count += replica->sessions[i].state == STATE_RUNNING;
	return count;
}
