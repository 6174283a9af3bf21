#include "server/metrics_table.h"

#include <assert.h>
#include <stddef.h>

/* Labels. */

/* The last stands for all others. */
const int metrics_close_codes[METRICS_CLOSES] = {0, 1001, 1003, 1008, 1009, 4401, 4403, 4408, 4409, 4429, -1};
const int metrics_handshake_statuses[METRICS_HANDSHAKES] = {101, 400, 403, 404, 405, 503, -1};

static const char *const connections[METRICS_CONNECTIONS] = {
	[METRICS_NEW] = "new",
	[METRICS_HTTP] = "http",
	[METRICS_STREAM] = "stream",
	[METRICS_WEBSOCKET] = "websocket",
	[METRICS_ASIDE_METRICS] = "metrics",
	[METRICS_ASIDE_CONTROL] = "control",
};
static const char *const refusals[METRICS_REFUSALS] = {
	[METRICS_REFUSED_ALL] = "maxSockets",
	[METRICS_REFUSED_ADDRESS] = "maxSocketsAddress",
	[METRICS_REFUSED_UNAUTHENTICATED] = "maxUnauthenticated",
	[METRICS_REFUSED_DESCRIPTORS] = "descriptors",
	[METRICS_REFUSED_ASIDE] = "aside",
};
static const char *const tokens[METRICS_TOKENS] = {
	[METRICS_TOKEN_KNOWN] = "known",
	[METRICS_TOKEN_GOOD] = "ok",
	[METRICS_TOKEN_EXPIRED] = "tokenExpired",
	[METRICS_TOKEN_INVALID] = "tokenInvalid",
	[METRICS_TOKEN_UNAVAILABLE] = "unavailable",
};
static const char *const closes[METRICS_CLOSES] = {
	"peer", "1001", "1003", "1008", "1009", "4401", "4403", "4408", "4409", "4429", "other"};
static const char *const handshakes[METRICS_HANDSHAKES] = {"101", "400", "403", "404", "405", "503", "other"};
static const char *const slow[METRICS_SLOW] = {
	[METRICS_SLOW_WEBSOCKET] = "websocket",
	[METRICS_SLOW_STREAM] = "stream",
};
static const char *const statuses[METRICS_STATUSES] = {"2xx", "3xx", "4xx", "5xx"};
static const char *const requests[REQUEST_KINDS] = {
	[REQUEST_IDENTIFY] = "identify",
	[REQUEST_SYNC] = "sync",
	[REQUEST_COMMANDS] = "commands",
	[REQUEST_VIEW] = "view",
	[REQUEST_DEVICE_ADD] = "deviceAdd",
	[REQUEST_DEVICE_REMOVE] = "deviceRemove",
	[REQUEST_FORGET] = "forget",
};

#define VALUE_OF(names)                                \
	static const char *names##_value(size_t index) \
	{                                              \
		return names[index];                   \
	}
VALUE_OF(connections)
VALUE_OF(refusals)
VALUE_OF(tokens)
VALUE_OF(closes)
VALUE_OF(handshakes)
VALUE_OF(statuses)
VALUE_OF(requests)
VALUE_OF(slow)

static const char *version_value(size_t index)
{
	(void)index;
	return LOCKSTEP_VERSION;
}

static const char *code_value(size_t index)
{
	return error_row((enum err)(index + 1))->code;
}

static const char *outcome_value(size_t index)
{
	if (index == OK)
		return "ok";
	if (index == METRICS_UNCHANGED)
		return "unchanged";
	return index == METRICS_DUPLICATE ? "duplicate" : code_value(index - 1);
}

static const char *command_value_of(size_t index)
{
	return index == COMMAND_COUNT ? "none" : command_rows[index].name;
}

static const char *reason_value(size_t index)
{
	enum sync_reason reason = (enum sync_reason)(index + 1);
	return reason == SYNC_ASKED ? "asked" : sync_reason_name(reason);
}

static const struct metrics_label connection_kind = {"kind", METRICS_CONNECTIONS, connections_value};
static const struct metrics_label refusal_reason = {"reason", METRICS_REFUSALS, refusals_value};
static const struct metrics_label token_outcome = {"outcome", METRICS_TOKENS, tokens_value};
static const struct metrics_label close_code = {"code", METRICS_CLOSES, closes_value};
static const struct metrics_label handshake_status = {"status", METRICS_HANDSHAKES, handshakes_value};
static const struct metrics_label http_status = {"status", METRICS_STATUSES, statuses_value};
static const struct metrics_label request_kind = {"kind", REQUEST_KINDS, requests_value};
static const struct metrics_label slow_kind = {"kind", METRICS_SLOW, slow_value};
static const struct metrics_label version = {"version", 1, version_value};
static const struct metrics_label refused_code = {"code", ERR_COUNT - 1, code_value};
static const struct metrics_label command_type = {"type", COMMAND_COUNT + 1, command_value_of};
static const struct metrics_label command_outcome = {"outcome", METRICS_OUTCOMES, outcome_value};
static const struct metrics_label snapshot_reason = {"reason", SYNC_REASONS - 1, reason_value};

/* Histograms. Waiting for a disk is from a tenth of a millisecond to seconds. */
static const struct metrics_scale waits_us = {1000000, 14,
	{100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 5000000}};
static const struct metrics_scale lag_ms = {
	1000, 12, {5, 10, 25, 50, 100, 250, 500, 1000, 5000, 60000, 3600000, 86400000}};
static const struct metrics_scale numbers = {1, 10, {1, 2, 4, 8, 16, 32, 64, 128, 256, 512}};

#define AT(member) offsetof(struct metrics, member)

/* clang-format off */
#define COUNTER(name_, member_, ...) \
	{.name = name_, .type = METRICS_COUNTER, .at = AT(member_), .help = __VA_ARGS__}
#define GAUGE(name_, member_, ...) \
	{.name = name_, .type = METRICS_GAUGE, .at = AT(member_), .help = __VA_ARGS__}
#define HISTOGRAM(name_, member_, scale_, ...) \
	{.name = name_, .type = METRICS_HISTOGRAM, .at = AT(member_), .scale = &(scale_), .help = __VA_ARGS__}
#define BY(...) .labels = {__VA_ARGS__}

/* name, member, scale of a histogram; help, and what else there is to say */
const struct metrics_family metrics_families[] = {
	GAUGE("lockstep_build_info", build,
		"Which version this is; always 1.", BY(&version)),
	GAUGE("lockstep_ready", ready,
		"1 while the store can write and the server isn't shutting down, as /readyz says."),

	GAUGE("lockstep_connections", connections,
		"Connections that are open, by what is spoken on them.", BY(&connection_kind)),
	GAUGE("lockstep_connections_max", connections_max,
		"How many there may be in all: --max-sockets."),
	GAUGE("lockstep_connections_unauthenticated", unauthenticated,
		"Those that have not yet said whose they are."),
	GAUGE("lockstep_connections_unauthenticated_max", unauthenticated_max,
		"How many of those there may be: --max-unauthenticated."),
	COUNTER("lockstep_connections_refused_total", refused,
		"Connections closed at once, by the limit that was reached.", BY(&refusal_reason)),
	GAUGE("lockstep_users_connected", users,
		"Users with at least one connection that is theirs."),
	COUNTER("lockstep_handshakes_total", handshakes,
		"WebSocket handshakes, by the status they were answered with.", BY(&handshake_status)),
	COUNTER("lockstep_closes_total", closes,
		"WebSockets that ended, by the close code of the server, or peer.", BY(&close_code)),
	COUNTER("lockstep_http_requests_total", http_requests,
		"HTTP requests answered, by class of status.", BY(&http_status)),
	COUNTER("lockstep_tokens_total", tokens,
		"Tokens looked at; known are those remembered from before.", BY(&token_outcome)),

	COUNTER("lockstep_commands_total", commands,
		"Commands by type and outcome: ok, unchanged, duplicate, or the error's code. Of type none: what was no command.",
		BY(&command_type, &command_outcome), .sparse = true),
	COUNTER("lockstep_commands_refused_total", commands_refused,
		"Commands refused, by error code: each is there from the start, for alerts.", BY(&refused_code)),
	COUNTER("lockstep_messages_refused_total", messages_refused,
		"Messages of WebSockets refused before they were a command, by error code.", BY(&refused_code)),
	HISTOGRAM("lockstep_answer_duration_seconds", answer, waits_us,
		"From a request's way to the engine until its answer is queued, by what it asked for.", BY(&request_kind)),
	GAUGE("lockstep_engine_queue_commands", waiting,
		"Commands and views that wait for the database."),
	GAUGE("lockstep_engine_queue_commands_max", waiting_max,
		"How many may wait before more are refused: --max-queue."),

	COUNTER("lockstep_events_total", events,
		"Events that happened."),
	COUNTER("lockstep_deliveries_total", deliveries,
		"Events handed to connections: an event counts once for each that listens."),
	COUNTER("lockstep_slow_consumers_total", slow,
		"Connections ended because they did not read what waited for them.", BY(&slow_kind)),
	GAUGE("lockstep_outbox_bytes", outbox_bytes,
		"Bytes that wait to be sent to connections."),
	COUNTER("lockstep_replays_total", replays,
		"Clients that came back and got the events they had missed, if any."),
	COUNTER("lockstep_replayed_events_total", replayed_events,
		"Events they got."),
	COUNTER("lockstep_snapshots_total", snapshots,
		"Snapshots made, by why a replay would not do; asked are those that a request was for.", BY(&snapshot_reason)),

	HISTOGRAM("lockstep_commit_duration_seconds", commit, waits_us,
		"From the beginning of a transaction that writes until it is on disk."),
	HISTOGRAM("lockstep_sync_duration_seconds", sync, waits_us,
		"Waiting for the disk to say that a commit is on it."),
	HISTOGRAM("lockstep_commit_commands", commit_commands, numbers,
		"Commands that shared a transaction."),
	COUNTER("lockstep_commits_failed_total", commits_failed,
		"Transactions that could not be written: nothing of them was applied."),
	COUNTER("lockstep_checkpoints_total", checkpoints,
		"Whole checkpoints: the write-ahead log began anew."),
	GAUGE("lockstep_database_size_bytes", database_bytes,
		"The database file."),
	GAUGE("lockstep_wal_size_bytes", wal_bytes,
		"Its write-ahead log."),

	HISTOGRAM("lockstep_due_lag_seconds", due_lag, lag_ms,
		"How late it was done what happens by itself: ends of timers, daily resets. A stop of the server counts."),
	GAUGE("lockstep_due_overdue_seconds", overdue_ms,
		"How long the earliest of it has been due; 0 when nothing is late.", .per = 1000),

	COUNTER("process_cpu_seconds_total", cpu_us,
		"Processor time, user and system.", .per = 1000000),
	GAUGE("process_resident_memory_bytes", resident_bytes,
		"Memory that is resident."),
	GAUGE("process_virtual_memory_bytes", virtual_bytes,
		"Address space."),
	GAUGE("process_open_fds", open_fds,
		"File descriptors that are open."),
	GAUGE("process_max_fds", max_fds,
		"How many there may be."),
	GAUGE("process_start_time_seconds", start_time_ms,
		"When the process started, since the epoch.", .per = 1000),

	{.name = NULL},
};
/* clang-format on */
