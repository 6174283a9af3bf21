/* One request, whole: its user's turn, what it asks for, and the answers in the shape it wants. Engine thread
 * only. */
#ifndef LOCKSTEP_SERVER_ANSWER_H
#define LOCKSTEP_SERVER_ANSWER_H

#include "server/turn.h"

/* Carries it out and queues its replies. An error is the store's, and fails the pass. */
enum err answer_request(struct pass *pass, const struct request *request) MUST_CHECK;

/* Queues a request's answer, and a refusal in the shape that it wants; `seq` is its user's position. */
struct reply *answer(struct pass *pass, const struct request *request, int64_t seq, struct text *body);
void answer_refusal(struct pass *pass, const struct request *request, int64_t seq, const struct refusal *why);

/* The pass of this request was rolled back for `err`: it is told so. */
void answer_failure(struct pass *pass, const struct request *request, enum err err);

#endif
