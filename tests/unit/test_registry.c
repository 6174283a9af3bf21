/* server/registry: who gets what, and that clients may end themselves while they get it. */
#include "server/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct peer {
	struct client client; /* first */
	struct registry *registry;
	int answers, events, goodbyes;
	int64_t last_seq;
	bool leaves; /* ends itself when told anything */
};

static void heard(struct peer *peer, int *counter)
{
	(*counter)++;
	if (peer->leaves)
		registry_remove(peer->registry, &peer->client);
}

static void take_answer(struct client *client, struct reply *reply)
{
	struct peer *peer = (struct peer *)client;
	peer->last_seq = reply->seq;
	heard(peer, &peer->answers);
}

static void take_event(struct client *client, const struct reply *reply)
{
	struct peer *peer = (struct peer *)client;
	peer->last_seq = reply->seq;
	heard(peer, &peer->events);
}

static void take_goodbye(struct client *client, int close_code)
{
	struct peer *peer = (struct peer *)client;
	assert_int_equal(close_code, 1001);
	heard(peer, &peer->goodbyes);
}

static const struct client_kind kind = {.answer = take_answer, .event = take_event, .goodbye = take_goodbye};
static const struct client_kind deaf_kind = {.answer = take_answer, .goodbye = take_goodbye};

static void enter(struct registry *registry, struct peer *peer, int64_t uid)
{
	*peer = (struct peer){.client.kind = &kind, .registry = registry};
	registry_add(registry, &peer->client);
	if (uid)
		registry_bind(registry, &peer->client, uid);
}

static struct reply *make_reply(enum reply_kind reply_kind, uint64_t client, int64_t uid, int64_t seq)
{
	struct reply *reply = calloc(1, sizeof(*reply));
	reply->kind = reply_kind;
	reply->client = client;
	reply->uid = uid;
	reply->seq = seq;
	reply->message = message_make("{}", 2);
	return reply;
}

static void test_answers_by_number(void **state)
{
	(void)state;
	struct registry *registry = registry_create();
	struct peer a, b;
	enter(registry, &a, 0);
	enter(registry, &b, 0);
	assert_true(a.client.number != b.client.number);
	assert_int_equal(registry_count(registry), 2);
	registry_deliver(registry, make_reply(REPLY_ANSWER, b.client.number, 0, 5));
	assert_int_equal(a.answers, 0);
	assert_int_equal(b.answers, 1);
	assert_int_equal(b.last_seq, 5);
	/* The client is gone: its answer is nobody's, whoever comes next. */
	uint64_t number = b.client.number;
	registry_remove(registry, &b.client);
	enter(registry, &b, 0);
	registry_deliver(registry, make_reply(REPLY_ANSWER, number, 0, 6));
	assert_int_equal(b.answers, 0);
	registry_remove(registry, &a.client);
	registry_remove(registry, &b.client);
	assert_int_equal(registry_count(registry), 0);
	registry_destroy(registry);
}

static void test_events_by_user(void **state)
{
	(void)state;
	struct registry *registry = registry_create();
	struct peer a, b, other, stranger, deaf;
	enter(registry, &a, 7);
	enter(registry, &b, 7);
	enter(registry, &other, 8);
	enter(registry, &stranger, 0);
	enter(registry, &deaf, 7);
	deaf.client.kind = &deaf_kind;
	registry_deliver(registry, make_reply(REPLY_EVENT, 0, 7, 1));
	registry_deliver(registry, make_reply(REPLY_EVENT, 0, 9, 1));
	assert_int_equal(a.events, 1);
	assert_int_equal(b.events, 1);
	assert_int_equal(other.events + stranger.events + deaf.events, 0);
	registry_destroy(registry);
}

static void test_user_lives_with_its_clients(void **state)
{
	(void)state;
	struct registry *registry = registry_create();
	struct peer a, b;
	enter(registry, &a, 7);
	enter(registry, &b, 7);
	assert_ptr_equal(a.client.user, b.client.user);
	a.client.user->sockets = 2;
	/* Bound again to the same user: nothing is lost. */
	registry_bind(registry, &a.client, 7);
	assert_int_equal(a.client.user->sockets, 2);
	registry_remove(registry, &a.client);
	assert_null(a.client.user);
	assert_int_equal(b.client.user->sockets, 2);
	registry_remove(registry, &b.client);
	registry_remove(registry, &b.client);
	enter(registry, &a, 7);
	assert_int_equal(a.client.user->sockets, 0);
	registry_destroy(registry);
}

static void test_leaving_while_told(void **state)
{
	(void)state;
	struct registry *registry = registry_create();
	struct peer peers[4];
	for (size_t i = 0; i < 4; i++)
		enter(registry, &peers[i], 7);
	peers[0].leaves = peers[1].leaves = true;
	registry_deliver(registry, make_reply(REPLY_EVENT, 0, 7, 1));
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(peers[i].events, 1);
	assert_int_equal(registry_count(registry), 2);
	peers[2].leaves = peers[3].leaves = true;
	/* The last one takes the user's record with it. */
	registry_deliver(registry, make_reply(REPLY_EVENT, 0, 7, 2));
	assert_int_equal(registry_count(registry), 0);
	registry_deliver(registry, make_reply(REPLY_EVENT, 0, 7, 3));
	assert_int_equal(peers[3].last_seq, 2);
	registry_destroy(registry);
}

static void test_goodbye(void **state)
{
	(void)state;
	struct registry *registry = registry_create();
	struct peer peers[3];
	for (size_t i = 0; i < 3; i++) {
		enter(registry, &peers[i], (int64_t)i);
		peers[i].leaves = true;
	}
	registry_goodbye(registry, 1001);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(peers[i].goodbyes, 1);
	assert_int_equal(registry_count(registry), 0);
	registry_destroy(registry);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers_by_number),
		cmocka_unit_test(test_events_by_user),
		cmocka_unit_test(test_user_lives_with_its_clients),
		cmocka_unit_test(test_leaving_while_told),
		cmocka_unit_test(test_goodbye),
	};
	return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
