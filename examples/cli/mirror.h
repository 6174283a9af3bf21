/* The person's state at the server, kept in step: the link, the replica it feeds and the server's clock, in
 * one loop. What every command works with. Knows no command line and no formats. */
#ifndef LOCKSTEP_CLI_MIRROR_H
#define LOCKSTEP_CLI_MIRROR_H

#include "examples/cli/config.h"
#include "examples/cli/link.h"
#include "examples/cli/offset.h"
#include "examples/cli/replica.h"

#include <ev.h>

/* What a command came to. */
struct verdict {
	bool ok, changed;
	char code[64];      /* the refusal's, else empty */
	char message[512];  /* the same */
	char id[UUID_TEXT]; /* of what was made or changed, or empty */
	cJSON *result;      /* the whole of it; verdict_finish frees it */
};
void verdict_finish(struct verdict *verdict);
#define VERDICT_AUTO __attribute__((cleanup(verdict_finish))) struct verdict

/* Told from the loop; both may be NULL. */
struct mirror_hooks {
	void (*changed)(void *context); /* the replica holds something new, or it is another time */
	void (*phase)(void *context, enum link_phase phase, const char *why);
};

struct mirror {
	struct ev_loop *ev; /* for whoever has timers of their own */
	struct replica replica;
	struct offset offset;
	enum link_phase phase;
	char why[256]; /* for the phase */

	/* Its own. */
	const struct config *config;
	struct config_token token;
	struct link *link;
	struct link_options options;
	struct mirror_hooks hooks;
	void *context;
	bool resuming;
	int samples; /* `time` exchanges still to be made in this row */
	const char *command;
	char key[UUID_TEXT];
	struct ev_timer again; /* for a command to be sent once more */
	bool answered, late, was_live;
	struct verdict *verdict;
};

/* Loads the token and begins to connect. config must outlive it. Says what is wrong with the token. */
MUST_USE enum code mirror_open(
	struct mirror *mirror, const struct config *config, const struct mirror_hooks *hooks, void *context);
/* Runs the loop until it is live; when the first attempt fails, or timeout_ms pass, says so and gives up. */
MUST_USE enum code mirror_wait(struct mirror *mirror, int64_t timeout_ms);
/* Sends a command, given without its `id`, `key` and closing brace, and runs the loop until it is answered. A
 * connection lost meanwhile is made again, and the command sent again under the same key: it is never applied
 * twice. What is refused for now is sent again, too. CODE_OK when there is an answer, be it a refusal, or one
 * for now when the time is up; else it has said why not. */
MUST_USE enum code mirror_ask(
	struct mirror *mirror, const char *command, int64_t timeout_ms, struct verdict *ret);
/* The server's time now. */
int64_t mirror_now_ms(const struct mirror *mirror);
void mirror_close(struct mirror *mirror);

#endif
