/* The WebSocket face: protocol.md sections 1 to 5 for each socket. */
#ifndef LOCKSTEP_SERVER_WS_H
#define LOCKSTEP_SERVER_WS_H

#include <libwebsockets.h>

/* The library's callback for all reasons that concern a WebSocket, the upgrade included. */
int ws_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len);

#endif
