/* The only reader of clocks. Wall time is for what is stored and told, monotonic time for waiting. */
#ifndef LOCKSTEP_SERVER_CLOCK_H
#define LOCKSTEP_SERVER_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds since the epoch. */
int64_t clock_wall_ms(void); /* never before 1972, see there */
/* Milliseconds since some start; never steps. */
int64_t clock_monotonic_ms(void);
/* The same in microseconds. */
int64_t clock_monotonic_us(void);
/* The monotonic instant so many milliseconds from now, as waiting functions want it. */
struct timespec clock_monotonic_after(int64_t ms);

#endif
