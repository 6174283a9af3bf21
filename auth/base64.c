#include "auth/base64.h"

static int digit_value(char digit)
{
	if (digit >= 'A' && digit <= 'Z')
		return digit - 'A';
	if (digit >= 'a' && digit <= 'z')
		return digit - 'a' + 26;
	if (digit >= '0' && digit <= '9')
		return digit - '0' + 52;
	if (digit == '-')
		return 62;
	return digit == '_' ? 63 : -1;
}

bool base64_decode(const char *digits, size_t len, struct text *out)
{
	unsigned bits = 0;
	int count = 0;
	for (size_t i = 0; i < len; i++) {
		int value = digit_value(digits[i]);
		if (value < 0)
			return false;
		bits = (bits << 6 | (unsigned)value) & 0xffff;
		count += 6;
		if (count >= 8) {
			count -= 8;
			text_append(out, &(unsigned char){(unsigned char)(bits >> count)}, 1);
		}
	}
	return len % 4 != 1 && (bits & ((1u << count) - 1)) == 0;
}
