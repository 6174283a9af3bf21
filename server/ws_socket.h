/* One WebSocket, shared by the ws_*.c files alone: ws.c takes bytes and ends sockets, ws_write.c sends,
 * ws_message.c knows what each message does, ws_auth.c who may, ws_client.c what the engine says, ws_timer.c
 * what time brings. */
#ifndef LOCKSTEP_SERVER_WS_SOCKET_H
#define LOCKSTEP_SERVER_WS_SOCKET_H

#include "server/conn.h"
#include "server/identity.h"
#include "server/limiter.h"
#include "server/outbox.h"
#include "server/service.h"

/* Close codes of protocol.md section 6. */
enum ws_close_code {
	WS_CLOSE_GOING_AWAY = 1001,
	WS_CLOSE_UNACCEPTABLE = 1003,
	WS_CLOSE_FLOOD = 1008,
	WS_CLOSE_TOO_BIG = 1009,
	WS_CLOSE_TOKEN = 4401,
	WS_CLOSE_OTHER_PERSON = 4403,
	WS_CLOSE_SLOW = 4408,
	WS_CLOSE_TOO_MANY = 4409,
	WS_CLOSE_RATE = 4429
};

enum ws_state {
	WS_STRANGER, /* has not said who it is */
	WS_ASKING,   /* it is being found out whose token it brought; commands are held */
	WS_SYNCING,  /* the engine prepares its ready; commands are held */
	WS_LIVE
};

struct ws_socket {
	/* What a delivery touches stands together in front. */
	struct client client; /* first */
	struct lws *wsi;
	struct service *service;
	struct ws_socket *unsent_next, *unsent_prev; /* prev NULL: not among service->unsent */
	int fd;
	bool plain;    /* not enciphered: the kernel may be given what is ours */
	bool asked;    /* the library will say when it can be written to */
	bool closing;  /* nothing more is taken in or queued; closed when the outbox is empty */
	bool ended;    /* the Close is the library's now: nothing of ours may follow */
	bool admitted; /* what the engine sends of a sync is in no one's way: see outbox_push */
	bool ping_due;
	int64_t seq;              /* the user's position as last told to it */
	int64_t sent_ms, over_ms; /* monotonic; since when the outbox is over its limit, 0: it isn't */
	struct outbox outbox;

	struct conn *conn;
	enum ws_state state;
	bool counted; /* in the user's sockets */
	bool ping_sent;
	bool expiring_told;
	int close_code;
	const char *close_reason; /* constant text, or NULL */

	struct text input; /* a message's pieces until its end */
	unsigned fragments;

	struct ws_sign_in *sign_in; /* whose a token is, is being asked; or NULL */
	int64_t uid;                /* 0 until that is known */
	enum scope scope;
	struct uuid device; /* whose token it holds; nil: an issuer's */
	char *name;         /* client.name, or NULL */
	char connection_id[UUID_TEXT];
	int64_t token_expires_at_ms; /* wall; 0: never */

	struct request *held, **held_end; /* until it is live */
	unsigned held_count;

	unsigned refused_in_row;
	struct limiter_flood *invalid; /* messages that were refused; NULL: none */
	/* Monotonic instants. */
	int64_t refuse_until_ms; /* until then every command is rateLimited */
	int64_t opened_ms, heard_ms, ping_ms, closing_ms;
	struct wheel_timer timer;
};

/* Queues a message; takes over the reference. Nothing happens on a socket that is closing; one whose queue
 * stays over the limit is closed 4408. */
void ws_send(struct ws_socket *socket, struct message_bytes *message);
/* The same from bytes of our own. */
void ws_send_text(struct ws_socket *socket, const struct text *text);
/* A refused result. */
void ws_send_refusal(struct ws_socket *socket, const char *id, const struct refusal *why);
/* Closes it once what is queued has been sent; `reason` is constant text or NULL. The first call counts. */
void ws_close(struct ws_socket *socket, enum ws_close_code code, const char *reason);

/* Drops what is queued and closes it 4408: it comes back and resumes. */
void ws_close_slow(struct ws_socket *socket);

/* ws_write.c: what is queued goes out at the end of the pass, if it is not waited for already. */
void ws_write_soon(struct ws_socket *socket);
/* It won't: the socket ends. */
void ws_write_forget(struct ws_socket *socket);
/* Writes as much as one call takes, and asks for the next one as long as there is something left to do. Only
 * when the library has nothing to send first. -1: the socket is broken. */
int ws_write(struct ws_socket *socket) MUST_CHECK;

/* ws_upgrade.c: may this request become a WebSocket? 0, or the HTTP status that refuses it. */
int ws_upgrade_check(struct lws *wsi, const struct service *service);
/* The request's position (`?epoch=…&seq=…&tag=…`), given or not; checked before. */
struct position ws_upgrade_position(struct lws *wsi);
/* The bearer token of the request, on the heap; NULL when it has none. */
char *ws_upgrade_token(struct lws *wsi);

/* ws_message.c: one whole message. */
void ws_message(struct ws_socket *socket, const char *bytes, size_t len);
/* A message that was refused before it was anything; too many of them are a flood. */
void ws_message_invalid(struct ws_socket *socket, const char *id, const struct refusal *why);
/* It is live: what was held goes on. */
void ws_message_release(struct ws_socket *socket);

/* ws_auth.c: it asks no more. */
void ws_auth_finish(struct ws_socket *socket);
/* Signs in with this token, or renews it. `message` is an auth message. */
void ws_auth_message(struct ws_socket *socket, const struct message *message);
/* Signs in with the token of the upgrade. */
void ws_auth_header(struct ws_socket *socket, const char *token, const struct position *position);
/* A request to the engine: what was missed since the position? Its user is still to be filled in. */
struct request *ws_auth_sync_request(
	const struct ws_socket *socket, const char *id, const struct position *position);
/* Fills in who asks: for sync requests and commands. */
void ws_auth_stamp(const struct ws_socket *socket, struct request *request);

/* ws_client.c: how a socket takes what comes from the engine and the loop. */
extern const struct client_kind ws_client_kind;

/* ws_timer.c: call when a deadline may have come nearer. */
void ws_timer_start(struct ws_socket *socket);
void ws_timer_update(struct ws_socket *socket);

#endif
