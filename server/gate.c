#include "server/gate.h"

#include "server/log.h"
#include "server/quota.h"

#include <inttypes.h>

/* By then the engine has done what fills the queue, on all but the slowest disks. */
#define RETRY_MS 1000
/* So often the log hears of it. */
#define TELL_MS 10000

/* Whoever runs the server must hear of it, but there may be thousands a second. */
static void tell_crowded(struct service *service, int64_t waiting, int64_t monotonic_ms)
{
	if (service->crowded_ms && monotonic_ms - service->crowded_ms < TELL_MS)
		return;
	service->crowded_ms = monotonic_ms;
	log_warn("%" PRId64 " commands wait for the database: more are refused for a while", waiting);
}

static bool has_room(struct service *service, int64_t monotonic_ms)
{
	int64_t waiting = engine_waiting(service->engine);
	if (waiting < service->options->max_queue)
		return true;
	tell_crowded(service, waiting, monotonic_ms);
	return false;
}

int64_t gate_take(struct service *service, int64_t uid, enum request_kind kind, int64_t monotonic_ms)
{
	const struct options *options = service->options;
	if (kind != REQUEST_SYNC && !has_room(service, monotonic_ms))
		return RETRY_MS;
	return quota_take(service->quota, uid, options->rate_commands, options->rate_burst, monotonic_ms);
}
