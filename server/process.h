/* What this process takes of the machine, as the system counts it. Knows /proc; where that is not there, what
 * it would say is 0. */
#ifndef LOCKSTEP_SERVER_PROCESS_H
#define LOCKSTEP_SERVER_PROCESS_H

#include <stdint.h>

struct process_usage {
	int64_t cpu_us; /* user and system */
	int64_t resident_bytes, virtual_bytes;
	int64_t open_fds, max_fds;
};

struct process_usage process_measure(void);

#endif
