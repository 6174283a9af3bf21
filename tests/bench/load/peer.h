/* The servers that can be measured: how one talks to each, as a table of functions. Knows bytes; knows no
 * sockets. */
#ifndef LOCKSTEP_TESTS_BENCH_LOAD_PEER_H
#define LOCKSTEP_TESTS_BENCH_LOAD_PEER_H

#include "tests/bench/load/frame.h"

/* A socket that greets. */
struct peer_guest {
	int port;
	size_t user;       /* whose it is; of a relay: which channel it listens to */
	const char *token; /* of a relay NULL */
	bool publishes;    /* and nothing else */
	const char *query; /* "", or "?…": where it was when it left */
};

/* What a socket says. */
struct peer_word {
	size_t user;
	enum frame_kind kind; /* FRAME_TEXT, or FRAME_PONG with what the FRAME_PING held */
	const char *bytes;
	size_t len;
	uint32_t mask;
};

struct peer {
	const char *name;
	bool upgrades; /* begins with HTTP, and goes on with a WebSocket */
	bool relays;   /* hands on what is published; there is no sign-in, no result and nothing durable */
	bool silent;   /* does not say when a socket is live: it is as soon as it is upgraded */
	bool apart;    /* its publishers have a connection of their own, which begins without an upgrade */
	/* Appends what a socket says as soon as it is connected. */
	void (*greet)(struct text *out, const struct peer_guest *guest);
	/* As frame_read; FRAME_TEXT is one of Lockstep's messages, freed from what is around it. */
	bool (*read)(const char *bytes, size_t len, struct frame *ret);
	void (*append)(struct text *out, const struct peer_word *word);
};

/* What a relay's socket is told when it is live. */
#define PEER_LIVE "{\"type\":\"live\",\"seq\":0}"

extern const struct peer peer_lockstep, peer_socketio, peer_mqtt, peer_nats, peer_nchan;

/* NULL when there is none of that name. */
const struct peer *peer_find(const char *name);
/* The names of all, with blanks between them. */
void peer_append_names(struct text *out);

/* As many as an event of Lockstep's has. */
#define PEER_EVENT_BYTES 764

/* Appends what is published as number 0, 1, 2 …: an event as Lockstep makes it. */
void peer_append_event(struct text *out, int64_t number);

/* Appends what asks for a WebSocket at the path. `headers` are whole lines, or "". */
void peer_append_upgrade(
	struct text *out, const struct peer_guest *guest, const char *path, const char *headers);
/* Of the answer to that: how many bytes it is, 0 when it is not whole. `ret_good`: it is one that agrees. */
size_t peer_read_upgrade(const char *bytes, size_t len, bool *ret_good);

/* A WebSocket's frames as they are. */
void peer_append_frame(struct text *out, const struct peer_word *word);

#endif
