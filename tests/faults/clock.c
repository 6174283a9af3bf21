/* Stands between a program and the wall clock (LD_PRELOAD): moves it by as many milliseconds as the file that
 * CLOCK_OFFSET_FILE names holds, a 64-bit integer that a test may change at any time. The monotonic clock
 * goes on. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* NULL where no file was named: the clock is the system's. */
static const volatile int64_t *offset_ms;

__attribute__((constructor)) static void find_offset(void)
{
	const char *path = getenv("CLOCK_OFFSET_FILE");
	int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (file < 0)
		return;
	void *mapped = mmap(NULL, sizeof(*offset_ms), PROT_READ, MAP_SHARED, file, 0);
	close(file);
	if (mapped != MAP_FAILED)
		offset_ms = mapped;
}

/* A library that is loaded before this one may ask already, and a sanitizer at any time: only the kernel is
 * asked. */
EXPORT int clock_gettime(clockid_t clock, struct timespec *ret)
{
	int result = (int)syscall(SYS_clock_gettime, clock, ret);
	if (result != 0 || !offset_ms || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE))
		return result;
	int64_t by_ms = *offset_ms;
	int64_t nanoseconds = ret->tv_nsec + by_ms % 1000 * 1000000;
	ret->tv_sec += by_ms / 1000 + (nanoseconds < 0 ? -1 : nanoseconds / 1000000000);
	ret->tv_nsec = (nanoseconds + 1000000000) % 1000000000;
	return result;
}

EXPORT int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
	struct timespec now;
	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	*ret = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
	return 0;
}

EXPORT time_t time(time_t *ret)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	if (ret)
		*ret = now.tv_sec;
	return now.tv_sec;
}
