/* server/message: the bytes as they are, and as a frame. */
#include "server/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* RFC 6455 section 5.2: the shortest of the three forms of a length. */
static void expect_frame(size_t len, const unsigned char *header, size_t header_len)
{
	unsigned char *bytes = malloc(len + 1);
	assert_non_null(bytes);
	memset(bytes, 'x', len + 1);
	struct message_bytes *message = message_make(bytes, len);
	assert_int_equal(message->len, len);
	assert_int_equal(message_frame_len(message), header_len + len);
	assert_memory_equal(message_frame(message), header, header_len);
	assert_ptr_equal(message_frame(message) + header_len, message_data(message));
	assert_memory_equal(message_data(message), bytes, len);
	message_drop(message);
	free(bytes);
}

static void test_frames(void **state)
{
	(void)state;
	expect_frame(0, (const unsigned char[]){0x81, 0}, 2);
	expect_frame(1, (const unsigned char[]){0x81, 1}, 2);
	expect_frame(125, (const unsigned char[]){0x81, 125}, 2);
	expect_frame(126, (const unsigned char[]){0x81, 126, 0, 126}, 4);
	expect_frame(763, (const unsigned char[]){0x81, 126, 2, 251}, 4);
	expect_frame(65535, (const unsigned char[]){0x81, 126, 255, 255}, 4);
	expect_frame(65536, (const unsigned char[]){0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}, 10);
	expect_frame(0x123456, (const unsigned char[]){0x81, 127, 0, 0, 0, 0, 0, 0x12, 0x34, 0x56}, 10);
}

static void test_nothing_is_dropped(void **state)
{
	(void)state;
	message_drop(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_nothing_is_dropped),
	};
	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
