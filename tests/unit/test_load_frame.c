/* tests/bench/load: frames, and times by how often they occurred. */
#include "tests/bench/load/frame.h"
#include "tests/bench/load/histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* RFC 6455, section 5.7. */
static void test_examples(void **state)
{
	(void)state;
	struct frame frame;
	TEXT_AUTO out = {0};
	assert_true(frame_read("\x81\x05Hello", 7, &frame));
	assert_int_equal(frame.kind, FRAME_TEXT);
	assert_int_equal(frame.size, 7);
	assert_memory_equal(frame.payload, "Hello", 5);
	frame_append(&out, FRAME_TEXT, "Hello", 5, 0x3d21fa37); /* little-endian: 37 fa 21 3d */
	assert_int_equal(out.len, 11);
	assert_memory_equal(out.data, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);
}

static void test_lengths(void **state)
{
	(void)state;
	static const struct {
		size_t payload, head;
	} lengths[] = {{0, 2}, {125, 2}, {126, 4}, {65535, 4}, {65536, 10}, {200000, 10}};
	char *payload = calloc(1, 200000);
	assert_non_null(payload);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		TEXT_AUTO out = {0};
		struct frame frame;
		frame_append(&out, FRAME_TEXT, payload, lengths[i].payload, 0x01010101);
		assert_int_equal(out.len, lengths[i].head + 4 + lengths[i].payload);
		/* As a server would send it: without the mask. */
		out.data[1] &= 0x7f;
		memmove(out.data + lengths[i].head, out.data + lengths[i].head + 4, lengths[i].payload);
		size_t size = lengths[i].head + lengths[i].payload;
		assert_true(frame_read(out.data, size, &frame));
		assert_int_equal(frame.size, size);
		assert_int_equal(frame.len, lengths[i].payload);
		for (size_t len = 0; len < size && len < 20; len++) {
			assert_true(frame_read(out.data, len, &frame));
			assert_int_equal(frame.size, 0);
		}
		assert_true(frame_read(out.data, size - 1, &frame));
		assert_int_equal(frame.size, 0);
	}
	free(payload);
}

static void test_what_no_server_sends(void **state)
{
	(void)state;
	struct frame frame;
	assert_false(frame_read("\x81\x85....Hello", 11, &frame)); /* masked */
	assert_false(frame_read("\x01\x05Hello", 7, &frame));      /* a fragment */
	assert_false(frame_read("\x80\x05Hello", 7, &frame));
	assert_false(frame_read("\x82\x05Hello", 7, &frame)); /* binary */
	assert_false(frame_read("\xc1\x05Hello", 7, &frame)); /* compressed */
	assert_false(frame_read("\x8b\x05Hello", 7, &frame));
}

static void test_quantiles(void **state)
{
	(void)state;
	struct histogram *times = calloc(1, sizeof(*times));
	assert_non_null(times);
	assert_int_equal(histogram_at(times, 0.5), 0);
	for (int64_t i = 1; i <= 100000; i++)
		histogram_add(times, i * 1000);
	static const double shares[] = {0.01, 0.5, 0.9, 0.99, 0.999};
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		double exact = shares[i] * 1e8, found = (double)histogram_at(times, shares[i]);
		assert_true(found >= exact && found <= exact * 1.04);
	}
	assert_int_equal(histogram_at(times, 1), 100000000);
	assert_int_equal(times->max_ns, 100000000);
	free(times);
}

static void test_every_size_has_a_bucket(void **state)
{
	(void)state;
	for (int bits = 0; bits < 63; bits++) {
		struct histogram *times = calloc(1, sizeof(*times));
		assert_non_null(times);
		int64_t ns = (int64_t)1 << bits;
		histogram_add(times, ns);
		assert_int_equal(histogram_at(times, 0.5), ns);
		free(times);
	}
	struct histogram *times = calloc(1, sizeof(*times));
	assert_non_null(times);
	histogram_add(times, INT64_MAX);
	histogram_add(times, -5);
	assert_int_equal(histogram_at(times, 0), 0);
	assert_int_equal(histogram_at(times, 0.9), INT64_MAX);
	free(times);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_what_no_server_sends),
		cmocka_unit_test(test_quantiles),
		cmocka_unit_test(test_every_size_has_a_bucket),
	};
	return cmocka_run_group_tests_name("load_frame", tests, NULL, NULL);
}
