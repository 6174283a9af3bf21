/* WebSocket frames as a client writes and reads them (RFC 6455). Knows their bytes; knows no sockets. */
#ifndef LOCKSTEP_TESTS_BENCH_LOAD_FRAME_H
#define LOCKSTEP_TESTS_BENCH_LOAD_FRAME_H

#include "protocol/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frame_kind {
	FRAME_OTHER = 0, /* never on the wire: what is read and means nothing */
	FRAME_TEXT = 1,
	FRAME_CLOSE = 8,
	FRAME_PING = 9,
	FRAME_PONG = 10,
};

struct frame {
	enum frame_kind kind;
	const char *payload; /* points into what was read */
	size_t len;
	size_t size; /* of the whole frame; 0 when more bytes are needed */
};

/* Reads the frame that begins at `bytes`. False for what this server never sends: a masked frame, a fragment,
 * a kind that is not above. */
bool frame_read(const char *bytes, size_t len, struct frame *ret);

/* Appends a whole masked frame. */
void frame_append(struct text *out, enum frame_kind kind, const char *payload, size_t len, uint32_t mask);

#endif
