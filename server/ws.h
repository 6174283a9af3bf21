/* The WebSocket face: protocol.md sections 1 to 5 for each socket. */
#ifndef LOCKSTEP_SERVER_WS_H
#define LOCKSTEP_SERVER_WS_H

#include "server/service.h"

#include <libwebsockets.h>

/* The library's callback for all reasons that concern a WebSocket, the upgrade included. */
int ws_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len);

/* The end of a pass of the loop: sends what has come together meanwhile, one write a socket, to a slice of
 * those that wait. False: there are more, and what comes until their turn goes out in the same write. */
bool ws_flush(struct service *service) MUST_CHECK;

#endif
