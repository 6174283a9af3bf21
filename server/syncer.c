#include "server/syncer.h"

#include <pthread.h>
#include <stdlib.h>

struct syncer {
	syncer_fn *fn;
	void *context;
	pthread_t thread;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	bool busy, stopping;
	struct reply *first, *last; /* while it is busy */
};

static void *run(void *context)
{
	struct syncer *syncer = context;
	pthread_mutex_lock(&syncer->lock);
	while (syncer->busy || !syncer->stopping) {
		if (!syncer->busy) {
			pthread_cond_wait(&syncer->changed, &syncer->lock);
			continue;
		}
		pthread_mutex_unlock(&syncer->lock);
		syncer->fn(syncer->context, syncer->first, syncer->last);
		pthread_mutex_lock(&syncer->lock);
		syncer->busy = false;
		pthread_cond_broadcast(&syncer->changed);
	}
	pthread_mutex_unlock(&syncer->lock);
	return NULL;
}

struct syncer *syncer_create(syncer_fn *fn, void *context)
{
	struct syncer *syncer = calloc(1, sizeof(*syncer));
	if (!syncer)
		abort();
	syncer->fn = fn;
	syncer->context = context;
	pthread_mutex_init(&syncer->lock, NULL);
	pthread_cond_init(&syncer->changed, NULL);
	if (pthread_create(&syncer->thread, NULL, run, syncer) != 0)
		abort();
	return syncer;
}

void syncer_destroy(struct syncer *syncer)
{
	if (!syncer)
		return;
	pthread_mutex_lock(&syncer->lock);
	syncer->stopping = true;
	pthread_cond_broadcast(&syncer->changed);
	pthread_mutex_unlock(&syncer->lock);
	pthread_join(syncer->thread, NULL);
	pthread_cond_destroy(&syncer->changed);
	pthread_mutex_destroy(&syncer->lock);
	free(syncer);
}

static void wait_locked(struct syncer *syncer)
{
	while (syncer->busy)
		pthread_cond_wait(&syncer->changed, &syncer->lock);
}

void syncer_wait(struct syncer *syncer)
{
	pthread_mutex_lock(&syncer->lock);
	wait_locked(syncer);
	pthread_mutex_unlock(&syncer->lock);
}

void syncer_give(struct syncer *syncer, struct reply *first, struct reply *last)
{
	pthread_mutex_lock(&syncer->lock);
	wait_locked(syncer);
	syncer->first = first;
	syncer->last = last;
	syncer->busy = true;
	pthread_cond_broadcast(&syncer->changed);
	pthread_mutex_unlock(&syncer->lock);
}
