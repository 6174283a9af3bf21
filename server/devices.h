/* Whose a token is, and the tokens that people make for their devices: made, used, revoked. Engine thread
 * only. */
#ifndef LOCKSTEP_SERVER_DEVICES_H
#define LOCKSTEP_SERVER_DEVICES_H

#include "server/turn.h"

/* REQUEST_IDENTIFY: finds or makes the user of an issuer's claims, finds the one whose device's token it is.
 */
enum err device_identify(struct pass *pass, const struct request *request) MUST_CHECK;

/* REQUEST_DEVICE_ADD, answered with the token's text, which nobody can be told again; REQUEST_DEVICE_REMOVE.
 */
enum err device_add(struct turn *turn, const struct request *request) MUST_CHECK;
enum err device_remove(struct turn *turn, const struct request *request) MUST_CHECK;

#endif
