#include "server/notify.h"

#include "server/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define STATUS_EVERY_MS 5000

void notify_open(struct notify *notify)
{
	*notify = (struct notify){0};
	systemd_open(&notify->systemd);
}

void notify_close(struct notify *notify)
{
	systemd_close(&notify->systemd);
}

static void make_status(const struct service *service, char *ret, size_t room)
{
	const char *unready = engine_unready(service->engine);
	if (unready)
		snprintf(ret, room, "%s", unready);
	else
		snprintf(ret, room, "%zu connections, %zu users", service->sockets,
			registry_users(service->registry));
}

void notify_ready(struct notify *notify, const struct service *service, int64_t now_ms)
{
	make_status(service, notify->status, sizeof(notify->status));
	notify->status_at_ms = now_ms + STATUS_EVERY_MS;
	systemd_tell(&notify->systemd, "READY=1\nSTATUS=%s", notify->status);
}

void notify_reloading(struct notify *notify, int64_t now_us)
{
	systemd_tell(&notify->systemd, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, now_us);
}

void notify_reloaded(struct notify *notify)
{
	systemd_tell(&notify->systemd, "READY=1");
}

void notify_stopping(struct notify *notify)
{
	systemd_tell(&notify->systemd, "STOPPING=1\nSTATUS=saying goodbye");
}

static void tell_status(struct notify *notify, const struct service *service, int64_t now_ms)
{
	char status[sizeof(notify->status)];
	if (now_ms < notify->status_at_ms)
		return;
	notify->status_at_ms = now_ms + STATUS_EVERY_MS;
	make_status(service, status, sizeof(status));
	if (strcmp(status, notify->status) == 0)
		return;
	memcpy(notify->status, status, sizeof(status));
	systemd_tell(&notify->systemd, "STATUS=%s", status);
}

/* A quarter of the time that systemd waits, and not once the engine is away for half of it: then whatever
 * takes no longer than that time never lacks a word, and what takes half as long again always does. With
 * half and half, a sync of nine tenths of it could be taken for a hang. */
static void tell_watchdog(struct notify *notify, const struct service *service, int64_t now_ms)
{
	int64_t watchdog_ms = notify->systemd.watchdog_ms;
	if (!watchdog_ms || now_ms < notify->watchdog_at_ms)
		return;
	int64_t late_ms = engine_late_ms(service->engine);
	bool stuck = late_ms >= watchdog_ms / 2;
	if (stuck && !notify->stuck)
		log_error("the engine has not come back for %" PRId64
			  " ms; systemd is not told that all is well",
			late_ms);
	notify->stuck = stuck;
	if (stuck)
		return;
	notify->watchdog_at_ms = now_ms + watchdog_ms / 4;
	systemd_tell(&notify->systemd, "WATCHDOG=1");
}

void notify_turn(struct notify *notify, const struct service *service, int64_t now_ms)
{
	if (notify->systemd.fd < 0)
		return;
	if (!service->draining)
		tell_status(notify, service, now_ms);
	tell_watchdog(notify, service, now_ms);
}
