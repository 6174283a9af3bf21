#include "server/ws.h"

#include "server/ws_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <utlist.h>

/* What one write takes of several messages: of bytes where they must be copied, and of messages where the
 * kernel gathers them. */
#define JOINED_BYTES (32 * 1024)
#define GATHERED     64
/* Sockets a pass, about a third of a millisecond: then what has come meanwhile is read. */
#define SLICE 64

static void ask(struct ws_socket *socket)
{
	socket->asked = true;
	lws_callback_on_writable(socket->wsi);
}

/* Takes out what the kernel has taken. What it took a part of is the library's, since nothing may come before
 * the rest, not even a pong. */
static int take_out(struct ws_socket *socket, size_t sent)
{
	int written = 0;
	while (sent) {
		struct message_bytes *message = outbox_pop(&socket->outbox);
		size_t len = message_frame_len(message);
		size_t taken = len < sent ? len : sent;
		if (taken < len)
			written = lws_write(
				socket->wsi, message_frame(message) + taken, len - taken, LWS_WRITE_RAW);
		message_drop(message);
		sent -= taken;
	}
	return written < 0 ? -1 : 0;
}

/* The shared bytes go to the kernel from where they are. */
static int write_gathered(struct ws_socket *socket)
{
	struct iovec pieces[GATHERED];
	struct msghdr all = {.msg_iov = pieces};
	struct message_bytes *next;
	while (all.msg_iovlen < GATHERED && (next = outbox_at(&socket->outbox, (uint32_t)all.msg_iovlen)))
		pieces[all.msg_iovlen++] = (struct iovec){message_frame(next), message_frame_len(next)};
	ssize_t sent = sendmsg(socket->fd, &all, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : -1;
	return take_out(socket, (size_t)sent);
}

static int write_one(struct ws_socket *socket)
{
	struct message_bytes *message = outbox_pop(&socket->outbox);
	int written =
		lws_write(socket->wsi, message_frame(message), message_frame_len(message), LWS_WRITE_RAW);
	message_drop(message);
	return written < 0 ? -1 : 0;
}

/* Where it is enciphered, a call costs more than copying what several messages have. */
static int write_joined(struct ws_socket *socket)
{
	/* The loop's thread is the only one that writes. */
	static unsigned char joined[LWS_PRE + JOINED_BYTES];
	struct message_bytes *next;
	size_t len = 0;
	while ((next = outbox_at(&socket->outbox, 0)) && len + message_frame_len(next) <= JOINED_BYTES) {
		memcpy(joined + LWS_PRE + len, message_frame(next), message_frame_len(next));
		len += message_frame_len(next);
		message_drop(outbox_pop(&socket->outbox));
	}
	if (!len)
		return write_one(socket);
	return lws_write(socket->wsi, joined + LWS_PRE, len, LWS_WRITE_RAW) < 0 ? -1 : 0;
}

int ws_write(struct ws_socket *socket)
{
	int failed = socket->plain ? write_gathered(socket) : write_joined(socket);
	if (socket->outbox.bytes[OUTBOX_COUNTED] <= (size_t)socket->service->options->max_outbox)
		socket->over_ms = 0;
	if (socket->outbox.count || socket->closing || socket->ping_due)
		ask(socket);
	return failed;
}

void ws_write_soon(struct ws_socket *socket)
{
	if (socket->asked || socket->unsent_prev)
		return;
	DL_APPEND2(socket->service->unsent, socket, unsent_prev, unsent_next);
}

void ws_write_forget(struct ws_socket *socket)
{
	if (!socket->unsent_prev)
		return;
	DL_DELETE2(socket->service->unsent, socket, unsent_prev, unsent_next);
	socket->unsent_prev = NULL;
}

/* Not while the library has something to send first, and not behind a Close of its own. */
static bool may_write(const struct ws_socket *socket)
{
	return !socket->ended && !lws_partial_buffered(socket->wsi) && !lws_get_close_length(socket->wsi);
}

static void flush_one(struct ws_socket *socket)
{
	ws_write_forget(socket);
	if (!socket->outbox.count)
		return;
	if (!may_write(socket))
		ask(socket);
	/* What the library has given up it calls back for no more, but for the end of what comes in. */
	else if (ws_write(socket) < 0)
		shutdown(socket->fd, SHUT_RDWR);
}

bool ws_flush(struct service *service)
{
	for (int i = 0; i < SLICE && service->unsent; i++)
		flush_one(service->unsent);
	return !service->unsent;
}
