/* The server's clock against this machine's, from what messages tell of it. Pure: every instant is given.
 * Local ones are now_boot_ms(), the server's are ms since the epoch. */
#ifndef LOCKSTEP_CLI_OFFSET_H
#define LOCKSTEP_CLI_OFFSET_H

#include <stdbool.h>
#include <stdint.h>

/* Zero-initialised it knows nothing. */
struct offset {
	bool known;
	bool doubtful;       /* an exchange is wanted */
	int64_t ms;          /* server minus local */
	int64_t error_ms;    /* at most */
	int64_t measured_ms; /* local */
};

/* A message that says the server's time came at `local_ms`. */
void offset_hear(struct offset *offset, int64_t server_ms, int64_t local_ms);
/* A `time` exchange: asked at t0 and answered at t3 here, received at t1 and sent at t2 there. */
void offset_exchange(struct offset *offset, int64_t t0_ms, int64_t t1_ms, int64_t t2_ms, int64_t t3_ms);
/* Whether an exchange would make it better. */
bool offset_wants(const struct offset *offset, int64_t local_ms);
/* The server's time now. */
int64_t offset_server_ms(const struct offset *offset, int64_t local_ms);

#endif
