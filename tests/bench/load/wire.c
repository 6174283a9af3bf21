#include "tests/bench/load/wire.h"

#include "tests/bench/load/people.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOSTS_A_NET 250
#define NETS        200

static SSL_CTX *context_of(struct wire_trust *trust)
{
	return (SSL_CTX *)trust;
}

struct wire_trust *wire_trust_create(const char *path)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	if (!context || SSL_CTX_load_verify_locations(context, path, NULL) != 1)
		give_up("no certificate in %s", path);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					  SSL_MODE_RELEASE_BUFFERS);
	return (struct wire_trust *)context;
}

void wire_trust_destroy(struct wire_trust *trust)
{
	SSL_CTX_free(context_of(trust));
}

static void must(bool ok, const char *what)
{
	if (!ok)
		give_up("%s: %s", what, strerror(errno));
}

static struct sockaddr_in address_of(uint32_t address, int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(address)};
}

static int open_socket(int port, size_t host)
{
	const int yes = 1;
	uint32_t net = (uint32_t)(host / HOSTS_A_NET % NETS + 1) << 8;
	struct sockaddr_in from = address_of(INADDR_LOOPBACK + net + (uint32_t)(host % HOSTS_A_NET), 0);
	struct sockaddr_in to = address_of(INADDR_LOOPBACK, port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	must(fd >= 0, "socket");
	must(setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof(yes)) == 0 &&
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) == 0,
		"setsockopt");
	must(bind(fd, (struct sockaddr *)&from, sizeof(from)) == 0, "bind");
	must(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 || errno == EINPROGRESS, "connect");
	return fd;
}

void wire_open(struct wire *wire, int port, size_t host, struct wire_trust *trust)
{
	*wire = (struct wire){.fd = open_socket(port, host)};
	if (!trust)
		return;
	wire->ssl = SSL_new(context_of(trust));
	must(wire->ssl && SSL_set_fd(wire->ssl, wire->fd) == 1, "memory");
	SSL_set_connect_state(wire->ssl);
}

void wire_close(struct wire *wire)
{
	SSL_free(wire->ssl);
	close(wire->fd);
	*wire = (struct wire){.fd = -1};
}

/* What recv or send would have returned. */
static ssize_t outcome_of(struct wire *wire, int done)
{
	if (done > 0)
		return done;
	switch (SSL_get_error(wire->ssl, done)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	default:
		/* What stays in OpenSSL's queue would be said of the next socket. */
		ERR_clear_error();
		if (errno == 0)
			errno = EPROTO;
		return -1;
	}
}

static int at_most_int(size_t len)
{
	return len > INT_MAX ? INT_MAX : (int)len;
}

ssize_t wire_read(struct wire *wire, char *bytes, size_t room)
{
	if (!wire->ssl)
		return recv(wire->fd, bytes, room, 0);
	errno = 0;
	ssize_t got = outcome_of(wire, SSL_read(wire->ssl, bytes, at_most_int(room)));
	wire->reads_first = !SSL_is_init_finished(wire->ssl);
	return got;
}

ssize_t wire_write(struct wire *wire, const char *bytes, size_t len)
{
	if (!wire->ssl)
		return send(wire->fd, bytes, len, MSG_NOSIGNAL);
	errno = 0;
	ssize_t wrote = outcome_of(wire, SSL_write(wire->ssl, bytes, at_most_int(len)));
	wire->reads_first = wrote < 0 && SSL_want_read(wire->ssl);
	return wrote;
}
