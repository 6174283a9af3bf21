/* The HTTP face: one request a connection, to the endpoints of route.h and the built page. */
#ifndef LOCKSTEP_SERVER_HTTP_H
#define LOCKSTEP_SERVER_HTTP_H

#include <libwebsockets.h>

/* The library's callback for all reasons that concern HTTP but upgrades. `user` is one pointer, ours. */
int http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len);

#endif
