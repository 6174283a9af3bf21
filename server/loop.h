/* The loop thread: libev, the library's context and its callbacks, signals, and the engine's replies on their
 * way to the clients. Knows no protocol of ours.
 *
 * Order in main: loop_create, which binds the listeners (privileges may be dropped after it); the engine,
 * with loop_wake as its wake and the loop as its context; loop_run, which accepts; engine_destroy;
 * loop_destroy. */
#ifndef LOCKSTEP_SERVER_LOOP_H
#define LOCKSTEP_SERVER_LOOP_H

#include "server/service.h"

struct loop;

/* Opens the listeners of service->options and the library's context, whose user is `service`. What else the
 * service holds is needed from loop_run on. ERR_BAD_REQUEST: an option is wrong (exit code 78); any other:
 * the system refused (1); *ret_why says why in one line. */
enum err loop_create(struct service *service, struct loop **ret, char ret_why[256]) MUST_CHECK;
void loop_destroy(struct loop *loop);

/* --check: whether loop_create would be content with the certificate and its key, if there are any. */
enum err loop_check_certificate(const struct options *options, char ret_why[256]) MUST_CHECK;
/* How many descriptors it asks the system for. */
size_t loop_descriptors(const struct options *options);

/* Opens the control face's socket there (control.h), for whom the system lets open a file of 0600. The
 * database must be ours by then: what another server left there is removed. Before loop_run. */
enum err loop_listen_control(struct loop *loop, const char *path, char ret_why[256]) MUST_CHECK;

/* SIGHUP calls it on the loop's thread, after the certificate was read again; what it changes of the options
 * counts from then on. */
void loop_on_reload(struct loop *loop, void (*reload)(void *context), void *context);

/* For engine_options: the engine has replies. Any thread. */
void loop_wake(void *loop);

/* Serves until SIGTERM or SIGINT, and until all sockets are gone or 8 s have passed. Returns the process's
 * exit code: 0, or 1 when the engine failed. */
int loop_run(struct loop *loop);

#endif
