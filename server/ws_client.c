#include "server/ws_socket.h"

#include <string.h>

static struct ws_socket *socket_of(struct client *client)
{
	return (struct ws_socket *)client;
}

static void take_synced(struct ws_socket *socket, const struct reply *reply)
{
	const struct service *service = socket->service;
	if (socket->closing)
		return;
	registry_bind(service->registry, &socket->client, reply->uid);
	struct registry_user *user = socket->client.user;
	if (!socket->counted) {
		if (user->sockets >= (size_t)service->options->max_sockets_user) {
			ws_close(socket, WS_CLOSE_TOO_MANY, "tooManyConnections");
			return;
		}
		user->sockets++;
		socket->counted = true;
	}
	/* While the last sync still waits to be sent, another one is held against the limit: it was asked
	 * for by somebody who doesn't read. */
	socket->admitted = socket->outbox.bytes[OUTBOX_ADMITTED] == 0;
}

static void take_live(struct ws_socket *socket)
{
	socket->admitted = false;
	if (socket->state == WS_SYNCING && !socket->closing) {
		socket->state = WS_LIVE;
		ws_message_release(socket);
		ws_timer_update(socket);
	}
}

/* getSnapshot's answer is a snapshot too, be it outside of a sync. */
static bool is_snapshot(struct message_bytes *message)
{
	static const char head[] = "{\"type\":\"snapshot\"";
	return message->len > sizeof(head) && memcmp(message_data(message), head, sizeof(head) - 1) == 0;
}

static void take_message(struct ws_socket *socket, struct reply *reply)
{
	struct message_bytes *message = reply->message;
	bool admitted = socket->admitted;
	bool nobodys = reply->status == error_row(ERR_TOKEN_INVALID)->status;
	reply->message = NULL;
	if (is_snapshot(message) && socket->outbox.bytes[OUTBOX_ADMITTED] == 0)
		socket->admitted = true;
	ws_send(socket, message);
	socket->admitted = admitted;
	if (nobodys)
		ws_close(socket, WS_CLOSE_TOKEN, "revoked"); /* the token's user is there no more */
	/* No SYNCED came before it: the store could not tell what was missed. Coming back is all there is to
	 * do. */
	else if (socket->state == WS_SYNCING && !socket->client.user)
		ws_close(socket, WS_CLOSE_GOING_AWAY, NULL);
}

static void answer(struct client *client, struct reply *reply)
{
	struct ws_socket *socket = socket_of(client);
	if (reply->seq > socket->seq)
		socket->seq = reply->seq;
	switch (reply->kind) {
	case REPLY_SYNCED:
		take_synced(socket, reply);
		break;
	case REPLY_LIVE:
		take_live(socket);
		break;
	case REPLY_ANSWER:
		take_message(socket, reply);
		break;
	case REPLY_EVENT:    /* comes by event() */
	case REPLY_REVOKED:  /* by revoked() */
	case REPLY_IDENTITY: /* to who asked for it */
	case REPLY_FATAL:    /* the loop's */
		break;
	}
}

static void event(struct client *client, const struct reply *reply)
{
	struct ws_socket *socket = socket_of(client);
	if (reply->seq > socket->seq)
		socket->seq = reply->seq;
	ws_send(socket, message_share(reply->message));
}

static void goodbye(struct client *client, int close_code)
{
	ws_close(socket_of(client), (enum ws_close_code)close_code, NULL);
}

static void revoked(struct client *client, const struct reply *reply)
{
	struct ws_socket *socket = socket_of(client);
	if (reply_revokes(reply, socket->uid, &socket->device))
		ws_close(socket, WS_CLOSE_TOKEN, "revoked");
}

static size_t waiting(const struct client *client)
{
	return outbox_bytes(&((const struct ws_socket *)client)->outbox);
}

const struct client_kind ws_client_kind = {
	.answer = answer, .event = event, .revoked = revoked, .goodbye = goodbye, .waiting = waiting};
