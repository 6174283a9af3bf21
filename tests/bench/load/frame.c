#include "tests/bench/load/frame.h"

#include <string.h>

#define FIN        0x80
#define MASKED     0x80
#define LENGTH_16  126
#define LENGTH_64  127
#define HEAD_BYTES 14

static bool is_known(unsigned char first)
{
	int kind = first & 0x7f;
	return (first & FIN) && (kind == FRAME_TEXT || (kind >= FRAME_CLOSE && kind <= FRAME_PONG));
}

bool frame_read(const char *bytes, size_t len, struct frame *ret)
{
	const unsigned char *at = (const unsigned char *)bytes;
	*ret = (struct frame){0};
	if (len < 2)
		return true;
	if (!is_known(at[0]) || (at[1] & MASKED))
		return false;
	size_t head = at[1] == LENGTH_16 ? 4 : at[1] == LENGTH_64 ? 10 : 2;
	if (len < head)
		return true;
	uint64_t payload = head == 2 ? at[1] : 0;
	for (size_t i = 2; i < head; i++)
		payload = payload << 8 | at[i];
	*ret = (struct frame){.kind = (enum frame_kind)(at[0] & 0x0f),
		.payload = bytes + head,
		.len = (size_t)payload,
		.size = len - head < payload ? 0 : head + (size_t)payload};
	return true;
}

static size_t write_head(unsigned char *head, enum frame_kind kind, size_t len)
{
	int length_bytes = len < LENGTH_16 ? 0 : len <= UINT16_MAX ? 2 : 8;
	head[0] = (unsigned char)(FIN | kind);
	head[1] = (unsigned char)(MASKED | (length_bytes == 0          ? len
						   : length_bytes == 2 ? LENGTH_16
								       : LENGTH_64));
	for (int i = 0; i < length_bytes; i++)
		head[2 + i] = (unsigned char)(len >> (8 * (length_bytes - 1 - i)));
	return 2 + (size_t)length_bytes;
}

void frame_append(struct text *out, enum frame_kind kind, const char *payload, size_t len, uint32_t mask)
{
	unsigned char head[HEAD_BYTES], key[4];
	size_t head_len = write_head(head, kind, len);
	memcpy(key, &mask, sizeof(key));
	memcpy(head + head_len, key, sizeof(key));
	text_append(out, head, head_len + sizeof(key));
	text_append(out, payload, len);
	char *masked = out->data + out->len - len;
	for (size_t i = 0; i < len; i++)
		masked[i] = (char)(masked[i] ^ key[i % 4]);
}
