/* What another process uses, as Linux tells it. */
#ifndef LOCKSTEP_TESTS_BENCH_LOAD_PROC_H
#define LOCKSTEP_TESTS_BENCH_LOAD_PROC_H

#include <stdint.h>

struct proc {
	int64_t cpu_ms; /* processor time, all threads, to the hundredth of a second */
	int64_t rss;    /* resident bytes */
};

/* All zero when there is no such process. */
struct proc proc_read(int pid);

#endif
