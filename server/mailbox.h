/* What the loop and the engine hand to each other: requests one way, replies the other, in two queues under
 * one lock. Knows who waits, and how much; knows no store and no socket. */
#ifndef LOCKSTEP_SERVER_MAILBOX_H
#define LOCKSTEP_SERVER_MAILBOX_H

#include "server/engine.h"

struct mailbox;

/* `wake` is called, by whoever hands out, when replies have become ready. */
struct mailbox *mailbox_create(void (*wake)(void *context), void *context);
/* With all that is still in it. NULL is fine. */
void mailbox_destroy(struct mailbox *mailbox);

/* The loop's side: see engine_submit, engine_go, engine_take and engine_waiting. */
void mailbox_submit(struct mailbox *mailbox, struct request *request);
void mailbox_go(struct mailbox *mailbox);
struct reply *mailbox_take(struct mailbox *mailbox);
int64_t mailbox_waiting(const struct mailbox *mailbox);
/* No more requests will come: mailbox_wait says so once there are none. */
void mailbox_stop(struct mailbox *mailbox);

/* The engine's. Waits for requests, for sleep_ms at most, and takes the oldest ones, of so many commands.
 * NULL when there are none; *ret_stop: it is time to go. */
struct request *mailbox_wait(struct mailbox *mailbox, int64_t sleep_ms, size_t max_commands, bool *ret_stop);
/* Puts back, in front, what there was no time for. */
void mailbox_put_back(struct mailbox *mailbox, struct request *requests);
bool mailbox_has_requests(struct mailbox *mailbox);
/* Those up to `end` (NULL: all) are done with: destroys them. */
void mailbox_done(struct mailbox *mailbox, struct request *requests, const struct request *end);

/* Any thread. Ends a wait at once; hands out replies, of which there may be none. */
void mailbox_interrupt(struct mailbox *mailbox);
void mailbox_hand_out(struct mailbox *mailbox, struct reply *first, struct reply *last);

#endif
