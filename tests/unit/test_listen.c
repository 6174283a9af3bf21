/* server/listen: what an accepted socket has been told before it is handed on. */
#include "server/listen.h"

#include <ev.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct accepted {
	struct ev_loop *loop;
	int fd;
	enum face face;
	sa_family_t family;
};

static void take(void *context, enum face face, int fd, const struct sockaddr *address)
{
	struct accepted *accepted = context;
	accepted->fd = fd;
	accepted->face = face;
	accepted->family = address->sa_family;
	ev_break(accepted->loop, EVBREAK_ALL);
}

/* The port that the system gave to the listener, which is the only TCP socket there is. */
static struct sockaddr_in find_listener(void)
{
	struct sockaddr_in address;
	for (int fd = 3; fd < 100; fd++) {
		socklen_t len = sizeof(address);
		if (getsockname(fd, (struct sockaddr *)&address, &len) == 0 && address.sin_family == AF_INET)
			return address;
	}
	fail_msg("nobody listens");
	return address;
}

static int get_option(int fd, int level, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);
	assert_int_equal(getsockopt(fd, level, option, &value, &len), 0);
	return value;
}

static void expect_accepted(const struct listen_address *from)
{
	struct accepted accepted = {.loop = ev_loop_new(EVFLAG_NOENV), .fd = -1};
	struct listen_options options = {
		.addresses = from, .count = 1, .scheme = "http", .accept = take, .context = &accepted};
	struct listen *listen;
	char why[256];
	assert_int_equal(listen_open(accepted.loop, &options, &listen, why), OK);
	listen_start(listen);
	struct sockaddr_in address = find_listener();
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
	ev_run(accepted.loop, 0);

	assert_true(accepted.fd >= 0);
	assert_int_equal(accepted.family, AF_INET);
	assert_int_equal(accepted.face, FACE_METRICS);
	assert_int_equal(get_option(accepted.fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 45000);
	assert_int_equal(get_option(accepted.fd, IPPROTO_TCP, TCP_NODELAY), 1);
	/* The kernel doubles it for its own book-keeping. */
	assert_int_equal(get_option(accepted.fd, SOL_SOCKET, SO_SNDBUF), 2 * 64 * 1024);
	assert_true(fcntl(accepted.fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(accepted.fd, F_GETFD) & FD_CLOEXEC);

	close(accepted.fd);
	close(client);
	listen_close(listen);
	ev_loop_destroy(accepted.loop);
}

static void test_accepted_socket(void **state)
{
	(void)state;
	expect_accepted(&(struct listen_address){.text = "127.0.0.1:0", .face = FACE_METRICS});
}

/* One that somebody else has opened gets what our own have. */
static void test_passed_socket(void **state)
{
	(void)state;
	struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&loopback, sizeof(loopback)), 0);
	assert_int_equal(listen(fd, 1), 0);
	expect_accepted(&(struct listen_address){.text = "web", .face = FACE_METRICS, .fd = fd});
}

static void expect_no_address(const char *text)
{
	struct listen_address address = {.text = text, .face = FACE_PUBLIC};
	struct listen_options options = {.addresses = &address, .count = 1, .scheme = "http"};
	struct ev_loop *loop = ev_loop_new(EVFLAG_NOENV);
	struct listen *listen;
	char why[256];
	if (listen_open(loop, &options, &listen, why) != ERR_BAD_REQUEST)
		fail_msg("%s", text);
	assert_non_null(strstr(why, text));
	ev_loop_destroy(loop);
}

static void test_addresses(void **state)
{
	(void)state;
	static const char *const wrong[] = {"", "127.0.0.1", ":80", "127.0.0.1:", "127.0.0.1:65536",
		"127.0.0.1:80x", "::1:80", "[]:80", "unix:"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		expect_no_address(wrong[i]);
}

/* Whoever may open the control socket runs the server. */
static void test_socket_files(void **state)
{
	(void)state;
	static const mode_t modes[FACE_COUNT] = {
		[FACE_PUBLIC] = 0660, [FACE_METRICS] = 0660, [FACE_CONTROL] = 0600};
	struct ev_loop *loop = ev_loop_new(EVFLAG_NOENV);
	char text[64];
	snprintf(text, sizeof(text), "unix:/tmp/lockstep-listen-%d", (int)getpid());
	for (enum face face = 0; face < FACE_COUNT; face++) {
		struct listen_address address = {.text = text, .face = face};
		struct listen_options options = {.addresses = &address, .count = 1, .scheme = "http"};
		struct listen *listen;
		struct stat file;
		char why[256];
		assert_int_equal(listen_open(loop, &options, &listen, why), OK);
		assert_int_equal(stat(text + strlen("unix:"), &file), 0);
		assert_int_equal(file.st_mode & 0777, modes[face]);
		listen_close(listen);
		assert_int_not_equal(stat(text + strlen("unix:"), &file), 0);
	}
	ev_loop_destroy(loop);
}

/* Only what a server that died has left there goes: a socket. */
static void test_no_file_is_replaced(void **state)
{
	(void)state;
	struct ev_loop *loop = ev_loop_new(EVFLAG_NOENV);
	char text[64], why[256] = "";
	snprintf(text, sizeof(text), "unix:/tmp/lockstep-file-%d", (int)getpid());
	const char *path = text + strlen("unix:");
	struct listen_address address = {.text = text, .face = FACE_PUBLIC};
	struct listen_options options = {.addresses = &address, .count = 1, .scheme = "http"};
	struct listen *listen;
	struct stat file;
	FILE *made = fopen(path, "w");
	assert_non_null(made);
	fputs("somebody's", made);
	fclose(made);
	assert_int_equal(listen_open(loop, &options, &listen, why), ERR_INTERNAL);
	assert_non_null(strstr(why, path));
	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(file.st_size, strlen("somebody's"));
	unlink(path);
	ev_loop_destroy(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted_socket),
		cmocka_unit_test(test_passed_socket),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_socket_files),
		cmocka_unit_test(test_no_file_is_replaced),
	};
	return cmocka_run_group_tests_name("listen", tests, NULL, NULL);
}
