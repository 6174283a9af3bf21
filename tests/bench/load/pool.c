#include "tests/bench/load/pool.h"

#include "protocol/text.h"
#include "tests/bench/load/ticks.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES (512 * 1024)
#define READY_MAX  512
#define HELD_BYTES 16384

enum pool_state {
	POOL_NONE,
	POOL_UPGRADING,
	POOL_OPEN,
	POOL_GONE,
};

struct pool_socket {
	struct wire wire;
	enum pool_state state;
	uint32_t watched; /* what epoll was asked for */
	bool held;
	size_t user;
	struct text in;  /* the beginning of what is not yet whole */
	struct text out; /* what the kernel did not take */
};

struct pool {
	const struct peer *peer;
	struct wire_trust *trust;
	int port, epoll;
	size_t count, per_address;
	uint64_t bytes;
	struct pool_events events;
	uint32_t mask;
	struct text frame; /* one that is just being made */
	char *read;
	struct pool_socket sockets[];
};

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

struct pool *pool_create(
	const struct pool_server *server, size_t count, size_t per_address, struct pool_events events)
{
	struct pool *pool = calloc(1, sizeof(*pool) + count * sizeof(pool->sockets[0]));
	must(pool, "memory");
	*pool = (struct pool){.peer = server->peer,
		.trust = server->trust,
		.port = server->port,
		.epoll = epoll_create1(EPOLL_CLOEXEC),
		.count = count,
		.per_address = per_address,
		.events = events,
		.mask = (uint32_t)ticks_now() | 1,
		.read = malloc(READ_BYTES)};
	must(pool->read && pool->epoll >= 0, "epoll");
	return pool;
}

static void finish_socket(struct pool_socket *socket, enum pool_state state)
{
	if (socket->state == POOL_UPGRADING || socket->state == POOL_OPEN)
		wire_close(&socket->wire);
	text_finish(&socket->in);
	text_finish(&socket->out);
	socket->state = state;
}

void pool_destroy(struct pool *pool)
{
	for (size_t i = 0; i < pool->count; i++)
		finish_socket(&pool->sockets[i], POOL_NONE);
	text_finish(&pool->frame);
	close(pool->epoll);
	free(pool->read);
	free(pool);
}

static void lose(struct pool *pool, size_t index, const char *why)
{
	finish_socket(&pool->sockets[index], POOL_GONE);
	pool->events.gone(pool->events.context, index, why);
}

static uint32_t next_mask(struct pool *pool)
{
	pool->mask ^= pool->mask << 13;
	pool->mask ^= pool->mask >> 17;
	pool->mask ^= pool->mask << 5;
	return pool->mask;
}

/* Asks epoll for what is of use now. */
static void watch(struct pool *pool, size_t index)
{
	struct pool_socket *socket = &pool->sockets[index];
	bool writes = socket->out.len && !socket->wire.reads_first;
	uint32_t wanted = (socket->held ? 0u : EPOLLIN) | (writes ? EPOLLOUT : 0u);
	struct epoll_event event = {.events = wanted, .data.u64 = index};
	if (wanted == socket->watched)
		return;
	must(epoll_ctl(pool->epoll, EPOLL_CTL_MOD, socket->wire.fd, &event) == 0, "epoll_ctl");
	socket->watched = wanted;
}

void pool_connect(struct pool *pool, size_t index, const struct peer_guest *guest)
{
	struct pool_socket *socket = &pool->sockets[index];
	struct peer_guest copy = *guest;
	struct epoll_event event = {.events = 0, .data.u64 = index};
	assert(socket->state == POOL_NONE || socket->state == POOL_GONE);
	copy.port = pool->port;
	*socket = (struct pool_socket){.user = guest->user,
		.state = pool->peer->upgrades && !guest->publishes ? POOL_UPGRADING : POOL_OPEN};
	/* 64 sockets or so share an address of the client's side. */
	wire_open(&socket->wire, pool->port, index / pool->per_address, pool->trust);
	pool->peer->greet(&socket->out, &copy);
	must(epoll_ctl(pool->epoll, EPOLL_CTL_ADD, socket->wire.fd, &event) == 0, "epoll_ctl");
	watch(pool, index);
}

void pool_leave(struct pool *pool, size_t index)
{
	finish_socket(&pool->sockets[index], POOL_NONE);
}

void pool_hold(struct pool *pool, size_t index, bool held)
{
	const int small = HELD_BYTES;
	struct pool_socket *socket = &pool->sockets[index];
	if (socket->state != POOL_OPEN)
		return;
	/* Else the kernel reads a while in its place. */
	if (held)
		setsockopt(socket->wire.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	socket->held = held;
	watch(pool, index);
}

/* How many bytes the kernel took; false when the socket is gone. */
static bool write_some(struct pool_socket *socket, const char *bytes, size_t len, size_t *ret)
{
	ssize_t wrote = wire_write(&socket->wire, bytes, len);
	*ret = wrote > 0 ? (size_t)wrote : 0;
	return wrote >= 0 || errno == EAGAIN || errno == EINTR;
}

static void flush(struct pool *pool, size_t index)
{
	struct pool_socket *socket = &pool->sockets[index];
	size_t wrote;
	if (!write_some(socket, socket->out.data, socket->out.len, &wrote)) {
		lose(pool, index, strerror(errno));
		return;
	}
	socket->out.len -= wrote;
	memmove(socket->out.data, socket->out.data + wrote, socket->out.len);
	if (!socket->out.len && socket->state == POOL_OPEN)
		text_finish(&socket->out);
	watch(pool, index);
}

static void send_frame(struct pool *pool, size_t index, enum frame_kind kind, const char *bytes, size_t len)
{
	struct pool_socket *socket = &pool->sockets[index];
	size_t wrote = 0;
	if (socket->state != POOL_OPEN)
		return;
	struct peer_word word = {
		.user = socket->user, .kind = kind, .bytes = bytes, .len = len, .mask = next_mask(pool)};
	text_clear(&pool->frame);
	pool->peer->append(&pool->frame, &word);
	/* A socket that fails tells so when it is read. */
	if (!socket->out.len && !write_some(socket, pool->frame.data, pool->frame.len, &wrote))
		return;
	if (wrote == pool->frame.len)
		return;
	text_append(&socket->out, pool->frame.data + wrote, pool->frame.len - wrote);
	watch(pool, index);
}

void pool_send(struct pool *pool, size_t index, const char *bytes, size_t len)
{
	send_frame(pool, index, FRAME_TEXT, bytes, len);
}

static void lose_closed(struct pool *pool, size_t index, const struct frame *frame)
{
	const unsigned char *at = (const unsigned char *)frame->payload;
	char why[160];
	snprintf(why, sizeof(why), "closed with %d %.*s", frame->len < 2 ? 1005 : at[0] << 8 | at[1],
		frame->len < 2 ? 0 : (int)frame->len - 2, frame->payload + 2);
	lose(pool, index, why);
}

/* Hands over the whole frames; returns how many bytes they were. The socket may be gone afterwards. */
static size_t take_frames(struct pool *pool, size_t index, const char *bytes, size_t len, int64_t at_ns)
{
	size_t taken = 0;
	struct frame frame;
	while (pool->sockets[index].state == POOL_OPEN) {
		if (!pool->peer->read(bytes + taken, len - taken, &frame)) {
			lose(pool, index, "sent what no server may send");
			break;
		}
		if (!frame.size)
			break;
		taken += frame.size;
		if (frame.kind == FRAME_TEXT)
			pool->events.message(pool->events.context, index, frame.payload, frame.len, at_ns);
		else if (frame.kind == FRAME_PING)
			send_frame(pool, index, FRAME_PONG, frame.payload, frame.len);
		else if (frame.kind == FRAME_CLOSE)
			lose_closed(pool, index, &frame);
	}
	return taken;
}

/* The answer to the upgrade; returns how many bytes it was, 0 when it is not whole. */
static size_t take_upgrade(struct pool *pool, size_t index, const char *bytes, size_t len, int64_t at_ns)
{
	bool good;
	size_t head = peer_read_upgrade(bytes, len, &good);
	if (!head)
		return 0;
	if (!good) {
		char why[64];
		snprintf(why, sizeof(why), "not upgraded: %.*s", (int)strcspn(bytes, "\r"), bytes);
		lose(pool, index, why);
		return len;
	}
	pool->sockets[index].state = POOL_OPEN;
	if (pool->peer->silent)
		pool->events.message(pool->events.context, index, PEER_LIVE, strlen(PEER_LIVE), at_ns);
	return head;
}

static void take(struct pool *pool, size_t index, const char *bytes, size_t len, int64_t at_ns)
{
	struct pool_socket *socket = &pool->sockets[index];
	struct text before = socket->in;
	socket->in = (struct text){0};
	if (before.len) {
		text_append(&before, bytes, len);
		bytes = before.data;
		len = before.len;
	}
	size_t taken = 0;
	if (socket->state == POOL_UPGRADING)
		taken = take_upgrade(pool, index, bytes, len, at_ns);
	if (socket->state == POOL_OPEN)
		taken += take_frames(pool, index, bytes + taken, len - taken, at_ns);
	if (taken < len && socket->state != POOL_GONE)
		text_append(&socket->in, bytes + taken, len - taken);
	text_finish(&before);
}

/* False when there is no more for now. */
static bool read_some(struct pool *pool, size_t index)
{
	ssize_t got = wire_read(&pool->sockets[index].wire, pool->read, READ_BYTES - 1);
	if (got > 0) {
		pool->read[got] = '\0';
		pool->bytes += (uint64_t)got;
		take(pool, index, pool->read, (size_t)got, ticks_now());
		return true;
	}
	if (got == 0)
		lose(pool, index, "ended by the server");
	else if (errno != EAGAIN && errno != EINTR)
		lose(pool, index, strerror(errno));
	return false;
}

static void read_socket(struct pool *pool, size_t index)
{
	struct pool_socket *socket = &pool->sockets[index];
	while (read_some(pool, index) && pool->trust && socket->state != POOL_GONE)
		;
	if (pool->trust && socket->state != POOL_GONE)
		watch(pool, index);
}

void pool_wait(struct pool *pool, int64_t wait_ns)
{
	struct epoll_event ready[READY_MAX];
	struct timespec wait = {.tv_sec = wait_ns / TICKS_SECOND, .tv_nsec = wait_ns % TICKS_SECOND};
	int count = epoll_pwait2(pool->epoll, ready, READY_MAX, &wait, NULL);
	for (int i = 0; i < count; i++) {
		size_t index = ready[i].data.u64;
		enum pool_state *state = &pool->sockets[index].state;
		if ((ready[i].events & EPOLLOUT) && *state != POOL_GONE && pool->sockets[index].out.len)
			flush(pool, index);
		if ((ready[i].events & ~(uint32_t)EPOLLOUT) && *state != POOL_GONE)
			read_socket(pool, index);
	}
}

uint64_t pool_bytes(const struct pool *pool)
{
	return pool->bytes;
}
