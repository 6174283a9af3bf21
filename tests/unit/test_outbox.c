/* server/outbox: order, the limit, and what stands outside of it. */
#include "server/outbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NO_LIMIT 1000000

static struct message_bytes *make(size_t len)
{
	static const char bytes[4096];
	return message_make(bytes, len);
}

static void expect_pop(struct outbox *outbox, size_t len)
{
	const struct message_bytes *next = outbox_at(outbox, 0);
	struct message_bytes *message = outbox_pop(outbox);
	assert_non_null(message);
	assert_ptr_equal(message, next);
	assert_int_equal(message->len, len);
	message_drop(message);
}

static void expect_empty(struct outbox *outbox)
{
	static const struct outbox nothing;
	assert_null(outbox_at(outbox, 0));
	assert_null(outbox_pop(outbox));
	assert_memory_equal(outbox, &nothing, sizeof(nothing));
}

static void test_order(void **state)
{
	(void)state;
	struct outbox outbox = {0};
	size_t next_in = 1, next_out = 1;
	/* Fills and empties by turns, so that the ring goes round and grows while it is bent. */
	for (int round = 0; round < 50; round++) {
		for (int i = 0; i < round % 7 + 3; i++)
			assert_true(outbox_push(&outbox, make(next_in++), false, NO_LIMIT));
		for (int i = 0; i < round % 5 + 1; i++)
			expect_pop(&outbox, next_out++);
	}
	while (next_out < next_in)
		expect_pop(&outbox, next_out++);
	expect_empty(&outbox);
}

static void test_look_without_taking(void **state)
{
	(void)state;
	struct outbox outbox = {0};
	assert_null(outbox_at(&outbox, 0));
	for (size_t len = 1; len <= 9; len++) {
		assert_true(outbox_push(&outbox, make(len), false, NO_LIMIT));
		if (len == 3)
			expect_pop(&outbox, 1);
	}
	for (uint32_t i = 0; i < 8; i++)
		assert_int_equal(outbox_at(&outbox, i)->len, i + 2);
	assert_null(outbox_at(&outbox, 8));
	outbox_finish(&outbox);
}

static void test_limit(void **state)
{
	(void)state;
	struct outbox outbox = {0};
	/* The first one, however long. */
	assert_true(outbox_push(&outbox, make(4000), false, 1000));
	assert_true(outbox_push(&outbox, make(600), false, 1000));
	assert_true(outbox_push(&outbox, make(400), false, 1000));
	assert_false(outbox_push(&outbox, make(1), false, 1000));
	assert_int_equal(outbox.count, 3);
	expect_pop(&outbox, 4000);
	assert_false(outbox_push(&outbox, make(1), false, 1000));
	expect_pop(&outbox, 600);
	assert_true(outbox_push(&outbox, make(600), false, 1000));
	assert_false(outbox_push(&outbox, make(1), false, 1000));
	expect_pop(&outbox, 400);
	expect_pop(&outbox, 600);
	expect_empty(&outbox);
}

static void test_admitted(void **state)
{
	(void)state;
	struct outbox outbox = {0};
	assert_true(outbox_push(&outbox, make(10), false, 100));
	assert_true(outbox_push(&outbox, make(4000), true, 100));
	assert_true(outbox_push(&outbox, make(4000), true, 100));
	assert_int_equal(outbox.bytes[OUTBOX_ADMITTED], 8000);
	/* What is queued behind a snapshot has the whole limit to itself. */
	assert_true(outbox_push(&outbox, make(100), false, 100));
	assert_false(outbox_push(&outbox, make(1), false, 100));
	expect_pop(&outbox, 10);
	expect_pop(&outbox, 4000);
	expect_pop(&outbox, 4000);
	assert_int_equal(outbox.bytes[OUTBOX_ADMITTED], 0);
	expect_pop(&outbox, 100);
	expect_empty(&outbox);
}

static void test_references(void **state)
{
	(void)state;
	struct outbox a = {0}, b = {0};
	struct message_bytes *message = message_make("hello", 5);
	assert_true(outbox_push(&a, message_share(message), false, 10));
	assert_true(outbox_push(&b, message_share(message), false, 10));
	assert_true(outbox_push(&b, message_share(message), false, 10));
	assert_false(outbox_push(&b, message_share(message), false, 9));
	assert_int_equal(atomic_load(&message->references), 4);
	outbox_finish(&b);
	assert_int_equal(atomic_load(&message->references), 2);
	struct message_bytes *same = outbox_pop(&a);
	assert_ptr_equal(same, message);
	message_drop(same);
	assert_memory_equal(message_data(message), "hello", 5);
	message_drop(message);
	outbox_finish(&a);
}

/* As ws.c does it: asks for the limit, then pushes. */
static bool push(struct outbox *outbox, size_t len, int64_t now_ms, int64_t *over_ms)
{
	return outbox_push(outbox, make(len), false, outbox_limit(outbox, len, 100, now_ms, over_ms));
}

static void test_patience(void **state)
{
	(void)state;
	struct outbox outbox = {0};
	int64_t over_ms = 0;
	assert_true(push(&outbox, 10, 5000, &over_ms));
	assert_true(push(&outbox, 100, 5001, &over_ms));
	assert_int_equal(over_ms, 0);
	/* Over the limit: since then, however much more comes; and up to four times as much. */
	assert_true(push(&outbox, 1, 5002, &over_ms));
	assert_true(push(&outbox, 299, 5003, &over_ms));
	assert_int_equal(over_ms, 5002);
	assert_false(push(&outbox, 1, 5004, &over_ms));
	assert_int_equal(outbox.bytes[OUTBOX_COUNTED], 400);
	outbox_finish(&outbox);
	expect_empty(&outbox);
}

/* protocol.md section 5: the first message into an empty queue is admitted, and the limit is for what is
 * queued behind it. */
static void test_first_is_never_over(void **state)
{
	(void)state;
	struct outbox outbox = {0};
	int64_t over_ms = 0;
	assert_true(push(&outbox, 4000, 5000, &over_ms));
	assert_int_equal(over_ms, 0);
	assert_true(push(&outbox, 100, 5001, &over_ms));
	assert_int_equal(over_ms, 0);
	assert_true(push(&outbox, 1, 5002, &over_ms));
	assert_int_equal(over_ms, 5002);
	outbox_finish(&outbox);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_look_without_taking),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_admitted),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_patience),
		cmocka_unit_test(test_first_is_never_over),
	};
	return cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
}
