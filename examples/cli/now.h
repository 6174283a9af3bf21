/* The only reader of clocks. Wall time is for what people are shown, the other for waiting and measuring. */
#ifndef LOCKSTEP_CLI_NOW_H
#define LOCKSTEP_CLI_NOW_H

#include <stdint.h>

/* Milliseconds since the epoch, as this machine has it. */
int64_t now_wall_ms(void);
/* Milliseconds since some start: never steps, and goes on while the machine sleeps. */
int64_t now_boot_ms(void);
/* The local time of day of an instant: 14:02. */
void now_format_time(int64_t wall_ms, char ret[6]);
/* The same to the millisecond: 14:02:07.125. */
#define NOW_INSTANT 16
void now_format_instant(int64_t wall_ms, char ret[NOW_INSTANT]);
/* Random bytes from the kernel. */
void now_random(void *ret, unsigned len);

#endif
