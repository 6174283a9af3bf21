#include "examples/cli/now.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

static int64_t read_ms(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t now_wall_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

int64_t now_boot_ms(void)
{
	return read_ms(CLOCK_BOOTTIME);
}

void now_format_time(int64_t wall_ms, char ret[6])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm local;
	if (!localtime_r(&seconds, &local) || !strftime(ret, 6, "%H:%M", &local))
		abort();
}

void now_format_instant(int64_t wall_ms, char ret[NOW_INSTANT])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm local;
	if (!localtime_r(&seconds, &local))
		abort();
	size_t len = strftime(ret, NOW_INSTANT, "%H:%M:%S", &local);
	snprintf(ret + len, NOW_INSTANT - len, ".%03d", (int)(wall_ms % 1000));
}

void now_random(void *ret, unsigned len)
{
	if (getrandom(ret, len, 0) != (ssize_t)len)
		abort();
}
