/* What systemd hears of the server: that it serves, reloads and stops, how many are there, and that both
 * threads are at work. Knows when each of it is told; the time is an argument. Loop thread only. */
#ifndef LOCKSTEP_SERVER_NOTIFY_H
#define LOCKSTEP_SERVER_NOTIFY_H

#include "server/service.h"
#include "server/systemd.h"

struct notify {
	struct systemd systemd;
	int64_t watchdog_at_ms, status_at_ms; /* not before; monotonic, as all times here */
	bool stuck;                           /* the engine, which was logged */
	char status[128];                     /* as last told */
};

/* Before threads are started: it reads the environment. */
void notify_open(struct notify *notify);
void notify_close(struct notify *notify);

/* Whoever connects is served. */
void notify_ready(struct notify *notify, const struct service *service, int64_t now_ms);
/* SIGHUP: the new configuration is being read; notify_reloaded: it is read, or refused. */
void notify_reloading(struct notify *notify, int64_t now_us);
void notify_reloaded(struct notify *notify);
void notify_stopping(struct notify *notify);

/* To be called a few times a second while the server runs. The watchdog is told as long as the engine, too,
 * comes back from what it does. */
void notify_turn(struct notify *notify, const struct service *service, int64_t now_ms);

#endif
