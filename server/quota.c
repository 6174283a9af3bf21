#include "server/quota.h"

#include "protocol/text.h"
#include "server/limiter.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* So many persons are kept before it is worth looking for those whose buckets are full again. */
#define SWEEP_COUNT 1024

struct person {
	int64_t bucket_milli, bucket_at_ms;
	UT_hash_handle hh;
	char name[]; /* quota_person(), without its NUL */
};

struct quota {
	struct person *persons;
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

static void forget(struct quota *quota, struct person *person)
{
	HASH_DEL(quota->persons, person);
	free(person);
}

void quota_destroy(struct quota *quota)
{
	if (!quota)
		return;
	struct person *person, *next;
	HASH_ITER (hh, quota->persons, person, next) {
		forget(quota, person);
	}
	free(quota);
}

/* Who has not asked for long enough is as good as new. */
static void sweep(struct quota *quota, int64_t full_ms, int64_t monotonic_ms)
{
	struct person *person, *next;
	HASH_ITER (hh, quota->persons, person, next) {
		if (monotonic_ms - person->bucket_at_ms > full_ms)
			forget(quota, person);
	}
	quota->sweep_at = 2 * HASH_COUNT(quota->persons) + SWEEP_COUNT;
}

static struct person *add(struct quota *quota, const char *name, size_t len)
{
	struct person *person = calloc(1, sizeof(*person) + len);
	if (!person)
		abort();
	memcpy(person->name, name, len);
	HASH_ADD(hh, quota->persons, name, (unsigned)len, person);
	return person;
}

char *quota_person(const struct auth_claims *claims)
{
	/* A line feed can stand in neither part. */
	struct text name = {0};
	text_append_format(&name, "%s\n%s", claims->issuer, claims->subject);
	return name.data;
}

int64_t quota_take(struct quota *quota, const char *name, int64_t rate, int64_t burst, int64_t monotonic_ms)
{
	size_t len = strlen(name);
	struct person *person;
	HASH_FIND(hh, quota->persons, name, (unsigned)len, person);
	if (!person && HASH_COUNT(quota->persons) >= quota->sweep_at)
		sweep(quota, 1000 * burst / rate + 1, monotonic_ms);
	if (!person)
		person = add(quota, name, len);
	return limiter_take(&person->bucket_milli, &person->bucket_at_ms, rate, burst, monotonic_ms);
}
