/* The only reader of clocks. Wall time is for what is stored and told, monotonic time for waiting. */
#ifndef LOCKSTEP_SERVER_CLOCK_H
#define LOCKSTEP_SERVER_CLOCK_H

#include <stdint.h>
#include <time.h>

/* A machine without a battery starts at the epoch, where west of Greenwich it is still 1969 and a year's
 * report begins before it; but days are counted from 1970 on. That clock is wrong anyway. */
#define CLOCK_EARLIEST_MS (2LL * 365 * 24 * 3600 * 1000)

/* Milliseconds since the epoch, never before CLOCK_EARLIEST_MS. */
int64_t clock_wall_ms(void);
/* Milliseconds since some start; never steps. */
int64_t clock_monotonic_ms(void);
/* The same in microseconds. */
int64_t clock_monotonic_us(void);
/* The monotonic instant so many milliseconds from now, as waiting functions want it. */
struct timespec clock_monotonic_after(int64_t ms);

#endif
