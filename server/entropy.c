#include "server/entropy.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void entropy_fill(struct entropy *entropy, void *ret, size_t len)
{
	assert(len <= sizeof(entropy->bytes));
	if (entropy->source) {
		entropy->source(entropy->context, ret, len);
		return;
	}
	if (!entropy->filled || entropy->used + len > sizeof(entropy->bytes)) {
		if (getrandom(entropy->bytes, sizeof(entropy->bytes), 0) != sizeof(entropy->bytes))
			abort();
		entropy->filled = true;
		entropy->used = 0;
	}
	memcpy(ret, entropy->bytes + entropy->used, len);
	entropy->used += len;
}

struct uuid entropy_uuid(struct entropy *entropy, int64_t now_ms)
{
	uint8_t random[10];
	entropy_fill(entropy, random, sizeof(random));
	return uuid_make(now_ms, random);
}
