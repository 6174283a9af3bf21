#include "server/http_exchange.h"

#include "server/clock.h"
#include "server/metrics.h"
#include "server/process.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

static int64_t size_of(const char *path, const char *suffix)
{
	char name[PATH_MAX + 8];
	struct stat about;
	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return stat(name, &about) == 0 ? about.st_size : 0;
}

/* SQLite's log lies beside the file itself, not beside a link to it. */
static void take_sizes(struct metrics *metrics, const char *db)
{
	char path[PATH_MAX];
	if (!realpath(db, path))
		return;
	metrics_set(&metrics->database_bytes, size_of(path, ""));
	metrics_set(&metrics->wal_bytes, size_of(path, "-wal"));
}

static void take_process(struct metrics *metrics)
{
	struct process_usage usage = process_measure();
	metrics_set(&metrics->cpu_us, usage.cpu_us);
	metrics_set(&metrics->resident_bytes, usage.resident_bytes);
	metrics_set(&metrics->virtual_bytes, usage.virtual_bytes);
	metrics_set(&metrics->open_fds, usage.open_fds);
	metrics_set(&metrics->max_fds, usage.max_fds);
}

static void take_overdue(struct metrics *metrics)
{
	int64_t next_ms = atomic_load_explicit(&metrics->next_due_ms, memory_order_relaxed);
	int64_t late_ms = next_ms ? clock_wall_ms() - next_ms : 0;
	metrics_set(&metrics->overdue_ms, late_ms > 0 ? late_ms : 0);
}

static void take_service(struct metrics *metrics, const struct exchange *exchange)
{
	const struct service *service = exchange->service;
	const struct options *options = service->options;
	metrics_set(&metrics->ready, !exchange_unready(exchange));
	metrics_set(&metrics->users, (int64_t)registry_users(service->registry));
	metrics_set(&metrics->outbox_bytes, (int64_t)registry_waiting(service->registry));
	metrics_set(&metrics->unauthenticated, (int64_t)service->unauthenticated);
	metrics_set(&metrics->unauthenticated_max, options->max_unauthenticated);
	metrics_set(&metrics->connections_max, options->max_sockets);
	metrics_set(&metrics->waiting, engine_waiting(service->engine));
	metrics_set(&metrics->waiting_max, options->max_queue);
}

void exchange_answer_metrics(struct exchange *exchange)
{
	struct metrics *metrics = exchange->service->metrics;
	TEXT_AUTO text = {0};
	take_service(metrics, exchange);
	take_overdue(metrics);
	take_sizes(metrics, exchange->service->options->db);
	take_process(metrics);
	metrics_write(metrics, &text);
	exchange->answer.type = "text/plain; version=0.0.4; charset=utf-8";
	exchange_answer_message(exchange, 200, message_make(text.data, text.len));
}
