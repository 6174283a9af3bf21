/* What another process uses, as Linux and its files tell it. */
#ifndef LOCKSTEP_TESTS_BENCH_LOAD_PROC_H
#define LOCKSTEP_TESTS_BENCH_LOAD_PROC_H

#include <stdint.h>

struct proc {
	int64_t cpu_ms; /* processor time, all threads, to the hundredth of a second */
	int64_t rss;    /* resident bytes */
	int64_t peak;   /* the most there were */
};

/* Of the process and its children, whose shared memory counts once; the peak is its own. All zero when there
 * is no such process. */
struct proc proc_read(int pid);
/* The most is counted anew from now on, where we may ask for that. */
void proc_forget_peak(int pid);

/* How many descriptors it has open; 0 when that can't be known. */
int proc_descriptors(int pid);

/* How often the write-ahead log of this SQLite database began anew, which it does after each checkpoint that
 * took over all of it: of two readings the difference counts. 0 when there is none. */
uint32_t proc_log_restarts(const char *db);

#endif
