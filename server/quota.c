#include "server/quota.h"

#include "server/limiter.h"

#include <stdlib.h>
#include <uthash.h>

/* So many users are kept before it is worth looking for those whose buckets are full again. */
#define SWEEP_COUNT 1024

struct bucket {
	int64_t uid;
	int64_t milli, at_ms;
	UT_hash_handle hh;
};

struct quota {
	struct bucket *buckets;
	size_t sweep_at;
};

struct quota *quota_create(void)
{
	struct quota *quota = calloc(1, sizeof(*quota));
	if (!quota)
		abort();
	quota->sweep_at = SWEEP_COUNT;
	return quota;
}

static void forget(struct quota *quota, struct bucket *bucket)
{
	HASH_DEL(quota->buckets, bucket);
	free(bucket);
}

void quota_destroy(struct quota *quota)
{
	if (!quota)
		return;
	struct bucket *bucket, *next;
	HASH_ITER (hh, quota->buckets, bucket, next) {
		forget(quota, bucket);
	}
	free(quota);
}

/* Who has not asked for long enough is as good as new. */
static void sweep(struct quota *quota, int64_t full_ms, int64_t monotonic_ms)
{
	struct bucket *bucket, *next;
	HASH_ITER (hh, quota->buckets, bucket, next) {
		if (monotonic_ms - bucket->at_ms > full_ms)
			forget(quota, bucket);
	}
	quota->sweep_at = 2 * HASH_COUNT(quota->buckets) + SWEEP_COUNT;
}

static struct bucket *add(struct quota *quota, int64_t uid)
{
	struct bucket *bucket = calloc(1, sizeof(*bucket));
	if (!bucket)
		abort();
	bucket->uid = uid;
	HASH_ADD(hh, quota->buckets, uid, sizeof(bucket->uid), bucket);
	return bucket;
}

int64_t quota_take(struct quota *quota, int64_t uid, int64_t rate, int64_t burst, int64_t monotonic_ms)
{
	struct bucket *bucket;
	HASH_FIND(hh, quota->buckets, &uid, sizeof(uid), bucket);
	if (!bucket && HASH_COUNT(quota->buckets) >= quota->sweep_at)
		sweep(quota, 1000 * burst / rate + 1, monotonic_ms);
	if (!bucket)
		bucket = add(quota, uid);
	return limiter_take(&bucket->milli, &bucket->at_ms, rate, burst, monotonic_ms);
}
