#include "server/mailbox.h"

#include "server/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct mailbox {
	void (*wake)(void *context);
	void *context;
	atomic_int_fast64_t waiting; /* see weight_of */

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t wakeup;
	struct request *requests, **requests_end;
	struct reply *replies, **replies_end;
	bool stopping;

	bool submitted; /* the loop's own: since the last mailbox_go */
};

/* The condition waits on the monotonic clock: a step of the wall clock must not delay it. */
static void init_waiting(struct mailbox *mailbox)
{
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&mailbox->wakeup, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&mailbox->lock, NULL);
}

struct mailbox *mailbox_create(void (*wake)(void *context), void *context)
{
	struct mailbox *mailbox = calloc(1, sizeof(*mailbox));
	if (!mailbox)
		abort();
	mailbox->wake = wake;
	mailbox->context = context;
	mailbox->requests_end = &mailbox->requests;
	mailbox->replies_end = &mailbox->replies;
	init_waiting(mailbox);
	return mailbox;
}

void mailbox_destroy(struct mailbox *mailbox)
{
	if (!mailbox)
		return;
	for (struct reply *reply = mailbox_take(mailbox); reply;) {
		struct reply *next = reply->next;
		reply_destroy(reply);
		reply = next;
	}
	mailbox_done(mailbox, mailbox->requests, NULL);
	pthread_cond_destroy(&mailbox->wakeup);
	pthread_mutex_destroy(&mailbox->lock);
	free(mailbox);
}

/* In commands. A connection comes to be whatever waits: what it needs for that does not count. */
static int64_t weight_of(const struct request *request)
{
	if (request->kind == REQUEST_IDENTIFY || request->kind == REQUEST_SYNC)
		return 0;
	return request->count ? (int64_t)request->count : 1;
}

void mailbox_submit(struct mailbox *mailbox, struct request *request)
{
	request->next = NULL;
	atomic_fetch_add_explicit(&mailbox->waiting, weight_of(request), memory_order_relaxed);
	pthread_mutex_lock(&mailbox->lock);
	*mailbox->requests_end = request;
	mailbox->requests_end = &request->next;
	pthread_mutex_unlock(&mailbox->lock);
	mailbox->submitted = true;
}

void mailbox_interrupt(struct mailbox *mailbox)
{
	pthread_mutex_lock(&mailbox->lock);
	pthread_cond_signal(&mailbox->wakeup);
	pthread_mutex_unlock(&mailbox->lock);
}

void mailbox_go(struct mailbox *mailbox)
{
	if (!mailbox->submitted)
		return;
	mailbox->submitted = false;
	mailbox_interrupt(mailbox);
}

struct reply *mailbox_take(struct mailbox *mailbox)
{
	pthread_mutex_lock(&mailbox->lock);
	struct reply *first = mailbox->replies;
	mailbox->replies = NULL;
	mailbox->replies_end = &mailbox->replies;
	pthread_mutex_unlock(&mailbox->lock);
	return first;
}

int64_t mailbox_waiting(const struct mailbox *mailbox)
{
	return atomic_load_explicit(&mailbox->waiting, memory_order_relaxed);
}

void mailbox_stop(struct mailbox *mailbox)
{
	pthread_mutex_lock(&mailbox->lock);
	mailbox->stopping = true;
	pthread_cond_signal(&mailbox->wakeup);
	pthread_mutex_unlock(&mailbox->lock);
}

struct request *mailbox_wait(struct mailbox *mailbox, int64_t sleep_ms, size_t max_commands, bool *ret_stop)
{
	pthread_mutex_lock(&mailbox->lock);
	if (!mailbox->requests && !mailbox->stopping && sleep_ms > 0) {
		struct timespec until = clock_monotonic_after(sleep_ms);
		pthread_cond_timedwait(&mailbox->wakeup, &mailbox->lock, &until);
	}
	struct request *first = mailbox->requests;
	*ret_stop = mailbox->stopping && !first;
	size_t taken = 0;
	struct request **end = &mailbox->requests;
	while (*end && taken < max_commands) {
		taken += (*end)->count ? (*end)->count : 1;
		end = &(*end)->next;
	}
	struct request *rest = *end;
	*end = NULL;
	mailbox->requests = rest;
	if (!rest)
		mailbox->requests_end = &mailbox->requests;
	pthread_mutex_unlock(&mailbox->lock);
	return first;
}

void mailbox_put_back(struct mailbox *mailbox, struct request *requests)
{
	struct request **end = &requests->next;
	while (*end)
		end = &(*end)->next;
	pthread_mutex_lock(&mailbox->lock);
	*end = mailbox->requests;
	if (!mailbox->requests)
		mailbox->requests_end = end;
	mailbox->requests = requests;
	pthread_mutex_unlock(&mailbox->lock);
}

bool mailbox_has_requests(struct mailbox *mailbox)
{
	pthread_mutex_lock(&mailbox->lock);
	bool has = mailbox->requests != NULL;
	pthread_mutex_unlock(&mailbox->lock);
	return has;
}

void mailbox_done(struct mailbox *mailbox, struct request *requests, const struct request *end)
{
	int64_t weight = 0;
	while (requests != end) {
		struct request *done = requests;
		requests = done->next;
		weight += weight_of(done);
		request_destroy(done);
	}
	atomic_fetch_sub_explicit(&mailbox->waiting, weight, memory_order_relaxed);
}

void mailbox_hand_out(struct mailbox *mailbox, struct reply *first, struct reply *last)
{
	if (!first)
		return;
	pthread_mutex_lock(&mailbox->lock);
	*mailbox->replies_end = first;
	mailbox->replies_end = &last->next;
	pthread_mutex_unlock(&mailbox->lock);
	mailbox->wake(mailbox->context);
}
