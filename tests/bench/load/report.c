#include "tests/bench/load/report.h"

#include <inttypes.h>
#include <stdio.h>

static void print_times(const char *name, const struct histogram *times)
{
	printf(",\"%s\":{\"count\":%" PRIu64 ",\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f}", name,
		times->total, (double)histogram_at(times, 0.5) / 1e6, (double)histogram_at(times, 0.99) / 1e6,
		(double)histogram_at(times, 0.999) / 1e6, (double)times->max_ns / 1e6);
}

static void print_faults(const struct check_faults *faults)
{
	printf(",\"faults\":{\"missing\":%" PRIu64 ",\"twice\":%" PRIu64 ",\"disorder\":%" PRIu64
	       ",\"refused\":%" PRIu64 ",\"wrong\":%" PRIu64 ",\"closed\":%" PRIu64 "}",
		faults->missing, faults->twice, faults->disorder, faults->refused, faults->wrong,
		faults->closed);
}

void report_print(const struct scenario *scenario, const struct run_outcome *outcome)
{
	const struct check_figures *figures = &outcome->figures;
	int sockets = scenario->users * scenario->sockets;
	double seconds = outcome->seconds > 0 ? outcome->seconds : 1;
	printf("{\"scenario\":\"%s\",\"users\":%d,\"sockets\":%d,\"active\":%d,\"seconds\":%g",
		scenario->name, scenario->users, sockets, scenario->active, outcome->seconds);
	printf(",\"connectSeconds\":%.3f,\"handshakesPerSecond\":%.0f", outcome->connect_seconds,
		sockets ? sockets / outcome->connect_seconds : 0.0);
	printf(",\"rss\":%" PRId64 ",\"rssPerSocket\":%.0f", outcome->rss,
		sockets ? (double)(outcome->rss - outcome->rss_before) / sockets : 0.0);
	printf(",\"commandsPerSecond\":%.0f,\"deliveriesPerSecond\":%.0f,\"eventBytes\":%.0f",
		(double)figures->answered / seconds, (double)figures->delivered / seconds,
		figures->delivered ? (double)figures->event_bytes / (double)figures->delivered : 0.0);
	print_times("resultMs", &figures->results);
	print_times("eventMs", &figures->events);
	print_times("lagMs", &outcome->lag);
	print_times("returnMs", &figures->returns);
	printf(",\"replays\":%" PRIu64 ",\"snapshots\":%" PRIu64 ",\"replayed\":%" PRIu64
	       ",\"slowCloses\":%" PRIu64 ",\"again\":%" PRIu64,
		figures->replays, figures->snapshots, figures->replayed, outcome->slow_closes,
		outcome->again);
	printf(",\"limited\":%" PRIu64 ",\"unavailable\":%" PRIu64 ",\"unchanged\":%" PRIu64,
		figures->limited, figures->unavailable, figures->unchanged);
	printf(",\"bytes\":%" PRIu64 ",\"rssPeak\":%" PRId64 ",\"rssAfter\":%" PRId64
	       ",\"serverCpuMs\":%" PRId64 ",\"checkpoints\":%" PRIu32,
		outcome->bytes, outcome->rss_peak, outcome->rss_after, outcome->server_cpu_ms,
		outcome->checkpoints);
	printf(",\"serverCpu\":%.2f,\"loadCpu\":%.2f,\"dropped\":%" PRIu64 ",\"parsed\":%" PRIu64,
		outcome->server_cpu, outcome->load_cpu, outcome->dropped, outcome->parsed);
	print_faults(&outcome->faults);
	puts("}");
}
