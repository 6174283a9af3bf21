#include "server/engine.h"

#include "protocol/json.h"
#include "server/answer.h"
#include "server/clock.h"
#include "server/forget.h"
#include "server/log.h"
#include "server/mailbox.h"
#include "server/metrics.h"
#include "server/recorder.h"
#include "server/syncer.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One transaction takes what has queued up, at most this much of it. */
#define PASS_COMMANDS 256
#define PASS_MS       8
/* What fell due is settled in slices of so many items, between the passes of commands. */
#define SLICE_ITEMS 64
/* The wall clock may be set: look again at least this often. */
#define SLEEP_MAX_MS 1000
/* After a pass that could not be written the background tries again at this pace. */
#define HOLD_MS        500
#define PRUNE_EVERY_MS (3600 * 1000)
/* Between two slices of who is deleted: whoever asks for something then waits for none. */
#define DELETE_PAUSE_MS 5
/* What happens by itself and has met damage is left alone for so long. */
#define DAMAGED_MS (60 * 1000)

struct engine {
	struct store *store;
	struct entropy entropy;
	struct recorder *recorder; /* or NULL */
	struct engine_options options;
	pthread_t thread;
	char epoch[33];
	_Atomic(const char *) unready;
	atomic_bool failed; /* the outcome of a commit is unknown */
	struct syncer *syncer;
	struct mailbox *mailbox;
	atomic_int_fast64_t back_ms; /* monotonic; see engine_late_ms */
	struct forget forget;        /* the thread's own, as what follows */

	/* The thread's own. */
	int64_t next_due_ms; /* 0: nothing is due ever */
	bool due_known;
	/* What happens by itself; not before these, monotonic. */
	int64_t settle_at_ms, prune_at_ms, forget_at_ms;
	bool met_damage; /* one of them, in this transaction */
	struct pruning pruning;
	int64_t commands, commits; /* done so far; commits that held a command */
	int64_t hold_until_ms;     /* monotonic: a pass failed, the background waits till then */
	struct metrics_notes notes;
	int64_t syncing_us; /* when what is being synced beside it began; written while nothing is */
};

void request_destroy(struct request *request)
{
	if (!request)
		return;
	for (size_t i = 0; i < request->count; i++) {
		if (request->commands[i].why.code == OK)
			command_finish(&request->commands[i].command);
	}
	free(request->commands);
	free(request->claims);
	free(request->user_id);
	json_free(&request->echo);
	text_finish(&request->ready_tail);
	free(request);
}

void reply_destroy(struct reply *reply)
{
	if (!reply)
		return;
	message_drop(reply->message);
	free(reply);
}

bool reply_revokes(const struct reply *reply, int64_t uid, const struct uuid *device)
{
	return reply->uid == uid && (uuid_is_nil(&reply->device) || uuid_equal(&reply->device, device));
}

/* Those behind `after`; NULL: all. */
static void drop_replies(struct pass *pass, struct reply *after)
{
	struct reply *reply = after ? after->next : pass->first;
	while (reply) {
		struct reply *next = reply->next;
		reply_destroy(reply);
		reply = next;
	}
	pass->last = after;
	if (after)
		after->next = NULL;
	else
		pass->first = NULL;
}

static void hand_out(struct engine *engine, struct pass *pass)
{
	mailbox_hand_out(engine->mailbox, pass->first, pass->last);
	pass->first = pass->last = NULL;
}

/* The outcome of a commit is unknown: nobody gets an answer, and the process must end. */
static void fail_for_good(struct engine *engine, struct pass *pass, const char *why)
{
	drop_replies(pass, NULL);
	if (atomic_exchange(&engine->failed, true))
		return;
	log_error("database: the outcome of a commit is unknown: %s", why);
	pass_reply(pass, REPLY_FATAL, 0, 0, NULL);
	mailbox_interrupt(engine->mailbox);
}

/* The store says why. What is on its way to the disk may still be told of before. */
static void fail_store(struct engine *engine, struct pass *pass)
{
	syncer_wait(engine->syncer);
	fail_for_good(engine, pass, store_message(engine->store));
	hand_out(engine, pass);
}

/* errno says why. */
static void fail_sync(struct engine *engine, struct pass *pass)
{
	char why[160];
	snprintf(why, sizeof(why), "the log could not be synced: %s", strerror(errno));
	fail_for_good(engine, pass, why);
}

/* What was begun at that time is on disk when this returns. */
static enum err sync_to_disk(struct engine *engine, int64_t begun_us)
{
	struct metrics *metrics = engine->options.metrics;
	int64_t now_us = clock_monotonic_us();
	enum err err = store_sync(engine->store);
	int64_t done_us = clock_monotonic_us();
	metrics_observe(&metrics->sync, done_us - now_us);
	metrics_observe(&metrics->commit, done_us - begun_us);
	return err;
}

/* On the syncer's thread. */
static void sync_beside(void *context, struct reply *first, struct reply *last)
{
	struct engine *engine = context;
	struct pass pass = {.first = first, .last = last};
	if (sync_to_disk(engine, engine->syncing_us) || atomic_load(&engine->failed))
		fail_sync(engine, &pass);
	hand_out(engine, &pass);
}

/* A pass is told of when it, and whatever came before it, is on disk. Where there is more to do that is
 * waited for beside it; where there isn't, another thread would only take longer. */
static void tell(struct engine *engine, struct pass *pass, int64_t begun_us, bool unsynced, bool more)
{
	syncer_wait(engine->syncer);
	if (unsynced && more) {
		engine->syncing_us = begun_us;
		syncer_give(engine->syncer, pass->first, pass->last);
		return;
	}
	if (atomic_load(&engine->failed) || (unsynced && sync_to_disk(engine, begun_us)))
		fail_sync(engine, pass);
	hand_out(engine, pass);
}

/* Carries out the requests until the time of a pass is over; *ret_rest is the first one left. */
static enum err take_requests(
	struct engine *engine, struct pass *pass, struct request *requests, struct request **ret_rest)
{
	int64_t end_ms = clock_monotonic_ms() + PASS_MS;
	struct request *request = requests;
	enum err err = OK;
	while (request && !err) {
		err = recorder_answer(engine->recorder, pass, request);
		request = request->next;
		if (clock_monotonic_ms() >= end_ms)
			break;
	}
	*ret_rest = request;
	return err;
}

static bool only_reads(const struct request *request)
{
	bool reads = request->kind == REQUEST_IDENTIFY || request->kind == REQUEST_SYNC ||
		     request->kind == REQUEST_VIEW || request->kind == REQUEST_COMMANDS;
	for (size_t i = 0; reads && i < request->count; i++) {
		const struct decoded *decoded = &request->commands[i];
		reads = decoded->why.code || (command_rows[decoded->command.type].flags & COMMAND_READ) != 0;
	}
	return reads;
}

/* Answers what needs no writing. False, and no reply is left, where something did: the person is new, or
 * something fell due, and no answer may come before that is on disk. */
static bool answer_reading(struct engine *engine, struct pass *pass, const struct request *request)
{
	struct reply *before = pass->last;
	size_t noted = engine->notes.count;
	pass->unready = true;
	if (!only_reads(request) || store_begin_reading(engine->store))
		return false;
	enum err err = answer_request(pass, request);
	bool done = !err && !store_wrote(engine->store);
	store_rollback(engine->store);
	if (!done) {
		drop_replies(pass, before);
		metrics_notes_drop(&engine->notes, noted);
	}
	return done;
}

static void count_unavailable(struct engine *engine, const struct request *request, enum err err)
{
	for (size_t i = 0; i < request->count; i++)
		metrics_command_refused(engine->options.metrics, &request->commands[i], err);
}

/* The pass is lost, nothing of it was applied. Each request that changes something answers so. */
static void answer_unavailable(struct engine *engine, struct pass *pass, const struct request *requests,
	const struct request *rest, enum err err)
{
	char message[256];
	snprintf(message, sizeof(message), "%s", store_message(engine->store));
	drop_replies(pass, NULL);
	metrics_notes_drop(&engine->notes, 0);
	for (const struct request *request = requests; request != rest; request = request->next) {
		if (answer_reading(engine, pass, request))
			continue;
		answer_failure(pass, request, err);
		count_unavailable(engine, request, err);
	}
	metrics_notes_keep(&engine->notes);
	metrics_add(&engine->options.metrics->commits_failed, 1);
	engine->due_known = false;
	engine->hold_until_ms = clock_monotonic_ms() + HOLD_MS;
	if (!atomic_exchange(&engine->unready, "the database cannot be written"))
		log_error("database: %s", message);
}

/* What met damage is left alone for a while, it alone: the rest of what happens by itself goes on. */
static void note_damage(struct engine *engine, enum err err, int64_t *at_ms)
{
	if (err != ERR_INTERNAL)
		return;
	log_error("database: %s", store_message(engine->store));
	*at_ms = clock_monotonic_ms() + DAMAGED_MS;
	engine->met_damage = true;
}

static enum err settle_slice(struct engine *engine, struct pass *pass)
{
	int64_t wait_ms = engine->settle_at_ms - clock_monotonic_ms();
	if (wait_ms > 0) {
		engine->next_due_ms = pass->now_ms + wait_ms;
		return OK;
	}
	enum err err = recorder_settle(engine->recorder, pass, SLICE_ITEMS, &engine->next_due_ms);
	metrics_set(&engine->options.metrics->next_due_ms, engine->next_due_ms);
	note_damage(engine, err, &engine->settle_at_ms);
	return err;
}

static enum err prune_slice(struct engine *engine, const struct pass *pass)
{
	if (clock_monotonic_ms() < engine->prune_at_ms)
		return OK;
	int64_t keep_ms = engine->options.limits.keep_events_days * 24 * 3600 * 1000;
	enum err err = store_prune(engine->store, pass->now_ms - keep_ms, pass->now_ms, &engine->pruning);
	note_damage(engine, err, &engine->prune_at_ms);
	if (err || !engine->pruning.done)
		return err;
	engine->pruning = (struct pruning){0};
	engine->prune_at_ms = clock_monotonic_ms() + PRUNE_EVERY_MS;
	return OK;
}

static enum err delete_slice(struct engine *engine, struct pass *pass)
{
	int64_t monotonic_ms = clock_monotonic_ms();
	if (monotonic_ms < engine->forget_at_ms || forget_wait_ms(&engine->forget, monotonic_ms) != 0)
		return OK;
	enum err err = forget_slice(&engine->forget, pass);
	engine->forget_at_ms = clock_monotonic_ms() + DELETE_PAUSE_MS;
	note_damage(engine, err, &engine->forget_at_ms);
	return err;
}

/* A slice of what is due, of old events, and of who is to be deleted. */
static enum err take_background(struct engine *engine, struct pass *pass)
{
	enum err err = settle_slice(engine, pass);
	if (!err)
		err = prune_slice(engine, pass);
	return err ? err : delete_slice(engine, pass);
}

/* What one transaction holds: requests if there are any, and what happens by itself. Rolled back on failure.
 */
static enum err fill_transaction(
	struct engine *engine, struct pass *pass, struct request *requests, struct request **ret_rest)
{
	*ret_rest = NULL;
	forget_begin(&engine->forget);
	enum err err = store_begin(engine->store);
	if (err)
		return err;
	recorder_begin(engine->recorder, pass);
	err = take_requests(engine, pass, requests, ret_rest);
	if (!err)
		err = take_background(engine, pass);
	if (err) {
		store_rollback(engine->store);
		recorder_rollback(engine->recorder);
	}
	engine->due_known = !err;
	return err;
}

/* Damage where one person's time stands is no reason to refuse the others: once more, without what met it. */
static enum err fill_pass(
	struct engine *engine, struct pass *pass, struct request *requests, struct request **ret_rest)
{
	for (;;) {
		engine->met_damage = false;
		enum err err = fill_transaction(engine, pass, requests, ret_rest);
		if (!engine->met_damage)
			return err;
		drop_replies(pass, NULL);
		metrics_notes_drop(&engine->notes, 0);
	}
}

static void note_committed(struct engine *engine, const struct request *requests, const struct request *end)
{
	int64_t count = 0;
	forget_committed(&engine->forget);
	for (const struct request *request = requests; request != end; request = request->next)
		count += (int64_t)request->count;
	metrics_notes_keep(&engine->notes);
	if (!count)
		return;
	engine->commands += count;
	engine->commits++;
	metrics_observe(&engine->options.metrics->commit_commands, count);
}

/* One transaction and what it tells. Returns the requests it had no time for. */
static struct request *run_pass(struct engine *engine, struct request *requests)
{
	struct pass pass = {
		.store = engine->store,
		.entropy = &engine->entropy,
		.limits = &engine->options.limits,
		.now_ms = clock_wall_ms(),
		.unready = engine_unready(engine),
		.forget = &engine->forget,
		.notes = &engine->notes,
	};
	int64_t begun_us = clock_monotonic_us();
	struct request *rest;
	bool unsynced = false, unknown = false;
	enum err err = fill_pass(engine, &pass, requests, &rest);
	if (!err) {
		err = store_commit_unsynced(engine->store, &unsynced);
		unknown = err == ERR_INTERNAL;
		if (err && !unknown)
			recorder_rollback(engine->recorder);
	}
	if (unknown) {
		fail_store(engine, &pass);
	} else {
		if (err)
			answer_unavailable(engine, &pass, requests, rest, err);
		else
			note_committed(engine, requests, rest);
		tell(engine, &pass, begun_us, unsynced, rest || mailbox_has_requests(engine->mailbox));
	}
	mailbox_done(engine->mailbox, requests, rest);
	return rest;
}

/* How long until something is to be done by itself; 0 for now. */
static int64_t idle_ms(const struct engine *engine)
{
	int64_t monotonic_ms = clock_monotonic_ms();
	int64_t hold_ms = engine->hold_until_ms - monotonic_ms;
	if (hold_ms > 0)
		return hold_ms;
	/* Until it can write again it tries to, whether or not anybody asks. */
	if (!engine->due_known || engine->prune_at_ms <= monotonic_ms || atomic_load(&engine->unready))
		return 0;
	int64_t left_ms = engine->next_due_ms ? engine->next_due_ms - clock_wall_ms() : SLEEP_MAX_MS;
	int64_t forget_ms = forget_wait_ms(&engine->forget, monotonic_ms);
	if (forget_ms >= 0 && forget_ms < engine->forget_at_ms - monotonic_ms)
		forget_ms = engine->forget_at_ms - monotonic_ms;
	if (forget_ms >= 0 && forget_ms < left_ms)
		left_ms = forget_ms;
	if (left_ms <= 0)
		return 0;
	return left_ms > SLEEP_MAX_MS ? SLEEP_MAX_MS : left_ms;
}

/* After a failure: can it write again? An empty transaction wouldn't tell. */
static void probe(struct engine *engine)
{
	if (!atomic_load(&engine->unready) || clock_monotonic_ms() < engine->hold_until_ms)
		return;
	if (store_probe(engine->store) == OK)
		atomic_store(&engine->unready, NULL);
	else
		engine->hold_until_ms = clock_monotonic_ms() + HOLD_MS;
}

static void checkpoint(struct engine *engine, bool idle)
{
	struct pass pass = {0};
	enum err err = store_checkpoint(engine->store, idle);
	if (!err)
		err = forget_wipe(&engine->forget, engine->store, clock_monotonic_ms());
	if (err)
		fail_store(engine, &pass);
	metrics_set(&engine->options.metrics->checkpoints, store_checkpoints(engine->store));
}

static void be_back_in(struct engine *engine, int64_t ms)
{
	atomic_store_explicit(&engine->back_ms, clock_monotonic_ms() + ms, memory_order_relaxed);
}

static void *run(void *context)
{
	struct engine *engine = context;
	while (!atomic_load(&engine->failed)) {
		bool stop;
		int64_t sleep_ms = idle_ms(engine);
		be_back_in(engine, sleep_ms);
		struct request *requests = mailbox_wait(engine->mailbox, sleep_ms, PASS_COMMANDS, &stop);
		be_back_in(engine, 0);
		if (stop)
			break;
		if (!requests && idle_ms(engine) > 0) {
			checkpoint(engine, true);
			continue;
		}
		probe(engine);
		struct request *rest = run_pass(engine, requests);
		if (rest)
			mailbox_put_back(engine->mailbox, rest);
		if (!atomic_load(&engine->failed))
			checkpoint(engine, false);
	}
	return NULL;
}

enum err engine_create(const struct engine_options *options, struct engine **ret, char ret_why[256])
{
	struct engine *engine = calloc(1, sizeof(*engine));
	if (!engine)
		abort();
	engine->options = *options;
	engine->notes.metrics = options->metrics;
	enum err err = store_open(options->db, &engine->store, ret_why);
	if (!err && options->record)
		err = recorder_create(options->record, &options->limits, &engine->recorder, ret_why);
	if (err) {
		store_close(engine->store);
		free(engine);
		return err;
	}
	snprintf(engine->epoch, sizeof(engine->epoch), "%s", store_epoch(engine->store));
	engine->mailbox = mailbox_create(options->wake, options->context);
	forget_init(&engine->forget);
	engine->syncer = syncer_create(sync_beside, engine);
	be_back_in(engine, 0);
	if (pthread_create(&engine->thread, NULL, run, engine) != 0)
		abort();
	*ret = engine;
	return OK;
}

void engine_destroy(struct engine *engine)
{
	if (!engine)
		return;
	mailbox_stop(engine->mailbox);
	pthread_join(engine->thread, NULL);
	syncer_destroy(engine->syncer);
	log_info("%" PRId64 " commands in %" PRId64 " commits", engine->commands, engine->commits);
	mailbox_destroy(engine->mailbox);
	forget_finish(&engine->forget);
	if (atomic_load(&engine->failed))
		store_give_up(engine->store);
	store_close(engine->store);
	recorder_destroy(engine->recorder);
	metrics_notes_finish(&engine->notes);
	free(engine);
}

void engine_submit(struct engine *engine, struct request *request)
{
	request->submitted_us = clock_monotonic_us();
	mailbox_submit(engine->mailbox, request);
}

void engine_go(struct engine *engine)
{
	mailbox_go(engine->mailbox);
}

int64_t engine_waiting(const struct engine *engine)
{
	return mailbox_waiting(engine->mailbox);
}

struct reply *engine_take(struct engine *engine)
{
	return mailbox_take(engine->mailbox);
}

const char *engine_epoch(const struct engine *engine)
{
	return engine->epoch;
}

const char *engine_unready(struct engine *engine)
{
	return atomic_load(&engine->unready);
}

int64_t engine_late_ms(const struct engine *engine)
{
	int64_t late_ms = clock_monotonic_ms() - atomic_load_explicit(&engine->back_ms, memory_order_relaxed);
	return late_ms > 0 ? late_ms : 0;
}
