/* What the server counts of itself, and the text in which Prometheus reads it (version 0.0.4 of its format).
 * Knows numbers and sets of names that are fixed when it is compiled: nothing that anybody sent becomes a
 * label. Counting is for any thread. */
#ifndef LOCKSTEP_SERVER_METRICS_H
#define LOCKSTEP_SERVER_METRICS_H

#include "protocol/command.h"
#include "protocol/text.h"
#include "server/engine.h"
#include "server/sync.h"

#include <stdatomic.h>

typedef atomic_int_fast64_t metrics_count;

/* In whole numbers of what its row in the table says. */
#define METRICS_BUCKETS 16
struct metrics_histogram {
	const struct metrics_scale *scale;
	metrics_count buckets[METRICS_BUCKETS + 1], sum;
};

enum metrics_connection {
	METRICS_NEW, /* has asked for nothing yet */
	METRICS_HTTP,
	METRICS_STREAM, /* server-sent events */
	METRICS_WEBSOCKET,
	METRICS_ASIDE_METRICS, /* on that face */
	METRICS_ASIDE_CONTROL,
	METRICS_CONNECTIONS
};

/* Why a connection was closed as soon as it was accepted, or before it got anything. */
enum metrics_refusal {
	METRICS_REFUSED_ALL,
	METRICS_REFUSED_ADDRESS,
	METRICS_REFUSED_UNAUTHENTICATED,
	METRICS_REFUSED_DESCRIPTORS,
	METRICS_REFUSED_ASIDE,
	METRICS_REFUSALS
};

/* What became of a command: an enum err, or one of these. */
enum metrics_outcome { METRICS_UNCHANGED = ERR_COUNT, METRICS_DUPLICATE, METRICS_OUTCOMES };

enum metrics_token {
	METRICS_TOKEN_KNOWN, /* from before: nothing was verified */
	METRICS_TOKEN_GOOD,
	METRICS_TOKEN_EXPIRED,
	METRICS_TOKEN_INVALID,
	METRICS_TOKEN_UNAVAILABLE,
	METRICS_TOKENS
};

/* Who read too slowly. */
enum metrics_slow { METRICS_SLOW_WEBSOCKET, METRICS_SLOW_STREAM, METRICS_SLOW };

#define METRICS_CLOSES     11 /* see metrics_closed */
#define METRICS_HANDSHAKES 7  /* see metrics_handshake */
#define METRICS_STATUSES   4  /* 2xx to 5xx */

/* What each means stands in the table (metrics_table.c). */
struct metrics {
	/* Counted where it happens. */
	metrics_count connections[METRICS_CONNECTIONS];
	metrics_count refused[METRICS_REFUSALS];
	metrics_count handshakes[METRICS_HANDSHAKES];
	metrics_count closes[METRICS_CLOSES];
	metrics_count http_requests[METRICS_STATUSES];
	metrics_count tokens[METRICS_TOKENS];
	metrics_count slow[METRICS_SLOW];
	metrics_count commands_refused[ERR_COUNT - 1], messages_refused[ERR_COUNT - 1]; /* from 1 on */
	metrics_count commands[COMMAND_COUNT + 1][METRICS_OUTCOMES]; /* the last: what was none */
	metrics_count events, deliveries;
	metrics_count replays, replayed_events;
	metrics_count snapshots[SYNC_REASONS - 1]; /* from SYNC_FRESH on */
	metrics_count commits_failed, checkpoints;
	struct metrics_histogram answer[REQUEST_KINDS];
	struct metrics_histogram commit, sync, commit_commands, due_lag;
	metrics_count next_due_ms; /* wall time; 0: nothing is due ever */

	/* Taken when it is asked for: see http_metrics.c. */
	metrics_count build, ready, users, outbox_bytes;
	metrics_count unauthenticated, connections_max, unauthenticated_max;
	metrics_count waiting, waiting_max, overdue_ms;
	metrics_count database_bytes, wal_bytes;
	metrics_count cpu_us, resident_bytes, virtual_bytes, open_fds, max_fds, start_time_ms;
};

/* Out of memory ends the process. */
struct metrics *metrics_create(int64_t now_ms);
void metrics_destroy(struct metrics *metrics);

void metrics_add(metrics_count *count, int64_t n);
void metrics_set(metrics_count *count, int64_t n);
void metrics_observe(struct metrics_histogram *histogram, int64_t value);

/* A WebSocket's end: the close code that was ours, or 0 when the peer or the network ended it. */
void metrics_closed(struct metrics *metrics, int code);
/* An upgrade that was refused with a status, or 101. */
void metrics_handshake(struct metrics *metrics, int status);
void metrics_http_request(struct metrics *metrics, int status);
/* A token was looked at; OK, or why it is nobody's. */
void metrics_token(struct metrics *metrics, enum err code);
/* A message refused before it was a command. */
void metrics_message_refused(struct metrics *metrics, enum err code);
/* Refused without the engine having carried it out. */
void metrics_command_refused(struct metrics *metrics, const struct decoded *decoded, enum err code);

/* What a transaction will have done once it is committed: noted meanwhile, then counted or dropped. Engine
 * thread. */
struct metrics_notes {
	struct metrics *metrics;
	struct metrics_note {
		metrics_count *count;
		int64_t n;
	} * items;
	size_t count, room;
};
void metrics_notes_finish(struct metrics_notes *notes);
void metrics_notes_keep(struct metrics_notes *notes);
/* But for the first `left` of them. */
void metrics_notes_drop(struct metrics_notes *notes, size_t left);
/* NULL: nobody counts. */
void metrics_note_command(
	struct metrics_notes *notes, const struct decoded *decoded, enum metrics_outcome outcome);
void metrics_note_replay(struct metrics_notes *notes, size_t events);
void metrics_note_snapshot(struct metrics_notes *notes, enum sync_reason reason);
void metrics_note_due(struct metrics_notes *notes, int64_t lag_ms);

/* Appends all of it. */
void metrics_write(const struct metrics *metrics, struct text *out);

#endif
