/* Keeps what the engine does as a trace (trace.h), so that it can be replayed: each message that carries
 * commands, when, by whom and from where, the random bytes that went into it, and what was sent. The file has
 * what people typed, and can be read by its owner alone. Engine thread only.
 *
 * A message is in the file before it is carried out, so that one that ends the process is the file's last. A
 * pass that is rolled back is taken out again. Recording that fails says so in the log, and ends. */
#ifndef LOCKSTEP_SERVER_RECORDER_H
#define LOCKSTEP_SERVER_RECORDER_H

#include "server/turn.h"

struct recorder;

/* Appends to the file, or makes it. *ret_why says in a line why not. */
enum err recorder_create(const char *path, const struct engine_limits *limits, struct recorder **ret,
	char ret_why[256]) MUST_CHECK;
void recorder_destroy(struct recorder *recorder); /* NULL is fine */

/* A pass begins, which draws its random bytes through the recorder from now on; it is lost. NULL: nothing is
 * recorded, here and below. */
void recorder_begin(struct recorder *recorder, struct pass *pass);
void recorder_rollback(struct recorder *recorder);

/* As answer_request and settle_due, and what came of it is kept. */
enum err recorder_answer(
	struct recorder *recorder, struct pass *pass, const struct request *request) MUST_CHECK;
enum err recorder_settle(
	struct recorder *recorder, struct pass *pass, int budget, int64_t *ret_next_ms) MUST_CHECK;

#endif
