#include "protocol/uuid.h"

#include <string.h>

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool is_dash(int at)
{
	return at == 8 || at == 13 || at == 18 || at == 23;
}

bool uuid_parse(const char *string, struct uuid *ret)
{
	struct uuid id = {0};
	int digits = 0;
	for (int at = 0; at < UUID_TEXT - 1; at++) {
		if (is_dash(at)) {
			if (string[at] != '-')
				return false;
			continue;
		}
		int value = hex_value(string[at]);
		if (value < 0)
			return false;
		id.bytes[digits / 2] = (uint8_t)(id.bytes[digits / 2] << 4 | value);
		digits++;
	}
	if (string[UUID_TEXT - 1] != '\0' || uuid_is_nil(&id))
		return false;
	*ret = id;
	return true;
}

void uuid_format(const struct uuid *id, char ret[UUID_TEXT])
{
	static const char hex[] = "0123456789abcdef";
	int digits = 0;
	for (int at = 0; at < UUID_TEXT - 1; at++) {
		if (is_dash(at)) {
			ret[at] = '-';
			continue;
		}
		uint8_t byte = id->bytes[digits / 2];
		ret[at] = hex[digits % 2 ? byte & 15 : byte >> 4];
		digits++;
	}
	ret[UUID_TEXT - 1] = '\0';
}

struct uuid uuid_make(int64_t now_ms, const uint8_t random[10])
{
	struct uuid id;
	for (int i = 0; i < 6; i++)
		id.bytes[i] = (uint8_t)(now_ms >> (40 - 8 * i));
	memcpy(id.bytes + 6, random, 10);
	id.bytes[6] = (uint8_t)(0x70 | (id.bytes[6] & 0x0f));
	id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f));
	return id;
}

bool uuid_equal(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool uuid_is_nil(const struct uuid *id)
{
	static const struct uuid nil;
	return uuid_equal(id, &nil);
}
