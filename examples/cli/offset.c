#include "examples/cli/offset.h"

/* What a message may take that only says the time. */
#define TRAVEL_MS 1000
/* So late is no message of a living connection: the server's clock was set back. */
#define LATE_MS 5000
/* Two clocks drift apart by some 50 in a million. */
#define DRIFT_PER_MS(ms) ((ms) / 20000)
#define FRESH_MS         (5 * 60 * 1000)

static void set(struct offset *offset, int64_t ms, int64_t error_ms, int64_t local_ms)
{
	offset->known = true;
	offset->ms = ms;
	offset->error_ms = error_ms;
	offset->measured_ms = local_ms;
}

void offset_hear(struct offset *offset, int64_t server_ms, int64_t local_ms)
{
	int64_t travel_ms = offset_server_ms(offset, local_ms) - server_ms;
	int64_t error_ms = offset->error_ms + DRIFT_PER_MS(local_ms - offset->measured_ms) + 1;
	/* The server cannot have said a time that it has not reached. */
	if (offset->known && travel_ms >= -error_ms && travel_ms <= LATE_MS)
		return;
	set(offset, server_ms - local_ms, TRAVEL_MS, local_ms);
	offset->doubtful = true;
}

void offset_exchange(struct offset *offset, int64_t t0_ms, int64_t t1_ms, int64_t t2_ms, int64_t t3_ms)
{
	int64_t error_ms = ((t3_ms - t0_ms) - (t2_ms - t1_ms)) / 2 + 1;
	int64_t old_ms = offset->error_ms + DRIFT_PER_MS(t3_ms - offset->measured_ms);
	if (offset->known && !offset->doubtful && t3_ms - offset->measured_ms < FRESH_MS && error_ms > old_ms)
		return;
	set(offset, ((t1_ms - t0_ms) + (t2_ms - t3_ms)) / 2, error_ms, t3_ms);
	offset->doubtful = false;
}

bool offset_wants(const struct offset *offset, int64_t local_ms)
{
	return !offset->known || offset->doubtful || local_ms - offset->measured_ms >= FRESH_MS;
}

int64_t offset_server_ms(const struct offset *offset, int64_t local_ms)
{
	return local_ms + offset->ms;
}
