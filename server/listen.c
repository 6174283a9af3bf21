#include "server/listen.h"

#include "server/log.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A whole company may come back at once after a restart. */
#define BACKLOG 65535 /* the system allows no more than its net.core.somaxconn */
/* So many at a time, then whoever is connected gets a turn. */
#define ACCEPTS_A_TURN 64
/* Unset, the kernel lets one unread socket hold megabytes. */
#define SEND_BUFFER_BYTES (64 * 1024)
/* What was sent and not acknowledged for so long went to nobody; as long as a ping waits. */
#define USER_TIMEOUT_MS 45000
/* How long accepting rests when the system has no descriptors or memory left. */
#define PAUSE_SECONDS 0.2

struct listener {
	struct ev_io io; /* io.data: the struct listen; first */
	enum face face;
	int fd;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)]; /* of a unix socket, or empty */
};

struct listen {
	struct ev_loop *loop;
	struct listen_options options;
	struct ev_timer resume; /* runs while accepting is paused */
	size_t count;
	struct listener listeners[];
};

/* A face's option, as complaints call it; what the log says of its listeners; who may open its socket file.
 */
static const struct {
	const char *option, *says;
	mode_t mode;
} faces[FACE_COUNT] = {
	[FACE_PUBLIC] = {"listen", "listening", 0660}, /* the proxy in front shares the group */
	[FACE_METRICS] = {"metrics", "metrics", 0660},
	[FACE_CONTROL] = {"control", "control", 0600},
};

union address {
	struct sockaddr any;
	struct sockaddr_storage storage;
	struct sockaddr_un local;
};

static void stop(struct listen *listen)
{
	for (size_t i = 0; i < listen->count; i++)
		ev_io_stop(listen->loop, &listen->listeners[i].io);
}

static void resume(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct listen *listen = timer->data;
	(void)events;
	ev_timer_stop(loop, timer);
	for (size_t i = 0; i < listen->count; i++)
		ev_io_start(loop, &listen->listeners[i].io);
}

/* Without descriptors the sockets stay readable for ever: don't spin on them. */
static void pause_accepting(struct listen *listen, int error)
{
	log_warn("accepting pauses: %s", strerror(error));
	stop(listen);
	ev_timer_set(&listen->resume, PAUSE_SECONDS, 0.);
	ev_timer_start(listen->loop, &listen->resume);
}

static bool is_exhausted(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void accept_some(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct listen *listen = io->data;
	enum face face = ((struct listener *)io)->face;
	(void)loop;
	(void)events;
	for (int i = 0; i < ACCEPTS_A_TURN; i++) {
		union address address = {0};
		socklen_t len = sizeof(address);
		int fd = accept4(io->fd, &address.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			listen->options.accept(listen->options.context, face, fd, &address.any);
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			return;
		} else if (is_exhausted(errno)) {
			pause_accepting(listen, errno);
			return;
		}
		/* Else the connection was gone before it was taken: the next one. */
	}
}

static void set_option(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)) != 0)
		log_warn("socket option %d/%d: %s", level, option, strerror(errno));
}

/* What is set here is inherited by each accepted socket, without a call of its own. */
static void set_options(int fd, sa_family_t family)
{
	set_option(fd, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER_BYTES);
	if (family == AF_UNIX)
		return;
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
}

static int open_socket(const struct sockaddr *address, socklen_t len)
{
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	set_options(fd, address->sa_family);
	if (address->sa_family != AF_UNIX)
		set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (address->sa_family == AF_INET6)
		set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (bind(fd, address, len) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* A socket file that nobody listens on was left by a server that died. */
static void remove_stale(const union address *address)
{
	struct stat file;
	/* Whatever else lies there refuses a connection as well. */
	if (lstat(address->local.sun_path, &file) != 0 || !S_ISSOCK(file.st_mode))
		return;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, &address->any, sizeof(address->local)) != 0 && errno == ECONNREFUSED)
		unlink(address->local.sun_path);
	close(fd);
}

static enum err open_unix(struct listener *listener, const char *path, char ret_why[256])
{
	union address address = {.local.sun_family = AF_UNIX};
	if (!*path || strlen(path) >= sizeof(address.local.sun_path)) {
		snprintf(ret_why, 256, "%s: unix:%.100s is no path for a socket",
			faces[listener->face].option, path);
		return ERR_BAD_REQUEST;
	}
	memcpy(address.local.sun_path, path, strlen(path));
	remove_stale(&address);
	listener->fd = open_socket(&address.any, sizeof(address.local));
	if (listener->fd < 0) {
		snprintf(ret_why, 256, "%s: unix:%.100s: %s", faces[listener->face].option, path,
			strerror(errno));
		return ERR_INTERNAL;
	}
	if (chmod(path, faces[listener->face].mode) != 0)
		log_warn("unix:%s: %s", path, strerror(errno));
	memcpy(listener->path, path, strlen(path) + 1);
	return OK;
}

/* "host:port" or "[host]:port" into its parts. */
static bool split_address(const char *text, char ret_host[128], char ret_port[8])
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	} else if (memchr(text, ':', len)) {
		return false; /* IPv6 without its brackets */
	}
	if (len == 0 || len >= 128 || strspn(colon + 1, "0123456789") != strlen(colon + 1))
		return false;
	if (!colon[1] || strlen(colon + 1) > 5 || strtol(colon + 1, NULL, 10) > 65535)
		return false;
	memcpy(ret_host, text, len);
	ret_host[len] = '\0';
	memcpy(ret_port, colon + 1, strlen(colon + 1) + 1);
	return true;
}

static enum err open_tcp(struct listener *listener, const char *text, char ret_why[256])
{
	char host[128], port[8];
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *found;
	if (!split_address(text, host, port) || getaddrinfo(host, port, &hints, &found) != 0) {
		snprintf(ret_why, 256, "%s: %.100s is no ADDR:PORT or unix:PATH",
			faces[listener->face].option, text);
		return ERR_BAD_REQUEST;
	}
	listener->fd = open_socket(found->ai_addr, found->ai_addrlen);
	int error = errno;
	freeaddrinfo(found);
	if (listener->fd < 0) {
		snprintf(ret_why, 256, "%s: %.100s: %s", faces[listener->face].option, text, strerror(error));
		return ERR_INTERNAL;
	}
	return OK;
}

static int get_option(int fd, int option)
{
	int value = 0;
	socklen_t len = sizeof(value);
	return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 ? value : -1;
}

/* Whoever can come by it is on this machine. */
static bool is_local(const union address *address)
{
	const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)&address->any;
	const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)&address->any;
	if (address->any.sa_family == AF_INET)
		return ntohl(ipv4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return address->any.sa_family == AF_UNIX || IN6_IS_ADDR_LOOPBACK(&ipv6->sin6_addr);
}

/* Opened by who started us. Its file, if it has one, is theirs. */
static enum err adopt(const struct listen *listen, struct listener *listener,
	const struct listen_address *given, char ret_why[256])
{
	union address address = {0};
	socklen_t len = sizeof(address);
	bool good = get_option(given->fd, SO_TYPE) == SOCK_STREAM &&
		    get_option(given->fd, SO_ACCEPTCONN) == 1 &&
		    getsockname(given->fd, &address.any, &len) == 0;
	sa_family_t family = address.any.sa_family;
	if (!good || (family != AF_INET && family != AF_INET6 && family != AF_UNIX)) {
		snprintf(ret_why, 256, "LISTEN_FDS: %s (descriptor %d) is no listening stream socket",
			given->text, given->fd);
		return ERR_BAD_REQUEST;
	}
	if (listen->options.local_only && !is_local(&address)) {
		snprintf(ret_why, 256, "dev lets anybody in, so the socket %s must be loopback or a unix one",
			given->text);
		return ERR_BAD_REQUEST;
	}
	int flags = fcntl(given->fd, F_GETFL);
	if (flags < 0 || fcntl(given->fd, F_SETFL, flags | O_NONBLOCK) != 0) {
		snprintf(ret_why, 256, "LISTEN_FDS: %s: %s", given->text, strerror(errno));
		return ERR_INTERNAL;
	}
	set_options(given->fd, family);
	listener->fd = given->fd;
	return OK;
}

static enum err open_address(struct listener *listener, const char *text, char ret_why[256])
{
	if (strncmp(text, "unix:", 5) == 0)
		return open_unix(listener, text + 5, ret_why);
	return open_tcp(listener, text, ret_why);
}

static enum err open_one(struct listen *listen, const struct listen_address *address, char ret_why[256])
{
	struct listener *listener = &listen->listeners[listen->count];
	listener->face = address->face;
	enum err err = address->fd ? adopt(listen, listener, address, ret_why)
				   : open_address(listener, address->text, ret_why);
	if (err)
		return err;
	ev_io_init(&listener->io, accept_some, listener->fd, EV_READ);
	listener->io.data = listen;
	listen->count++;
	return OK;
}

enum err listen_open(
	struct ev_loop *loop, const struct listen_options *options, struct listen **ret, char ret_why[256])
{
	struct listen *listen = calloc(1, sizeof(*listen) + options->count * sizeof(struct listener));
	if (!listen)
		abort();
	listen->loop = loop;
	listen->options = *options;
	ev_timer_init(&listen->resume, resume, PAUSE_SECONDS, 0.);
	listen->resume.data = listen;
	for (size_t i = 0; i < options->count; i++) {
		enum err err = open_one(listen, &options->addresses[i], ret_why);
		if (err) {
			listen_close(listen);
			return err;
		}
	}
	*ret = listen;
	return OK;
}

/* With port 0 the system picked one: scripts find it in the log. */
static void log_listening(const struct listener *listener, const char *scheme)
{
	union address address;
	socklen_t len = sizeof(address);
	char host[NI_MAXHOST], port[NI_MAXSERV];
	const char *says = faces[listener->face].says;
	if (getsockname(listener->fd, &address.any, &len) != 0)
		return;
	if (address.any.sa_family == AF_UNIX) {
		/* A name of the abstract kind begins with a zero, and has none at its end. */
		const char *path = address.local.sun_path;
		int room = (int)(len - offsetof(struct sockaddr_un, sun_path));
		bool abstract = room > 1 && !*path;
		log_info("%s on unix:%s%.*s", says, abstract ? "@" : "", room - abstract, path + abstract);
		return;
	}
	if (getnameinfo(&address.any, len, host, sizeof(host), port, sizeof(port),
		    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return;
	bool ipv6 = address.any.sa_family == AF_INET6;
	log_info("%s on %s://%s%s%s:%s", says, scheme, ipv6 ? "[" : "", host, ipv6 ? "]" : "", port);
}

void listen_start(struct listen *listen)
{
	for (size_t i = 0; i < listen->count; i++) {
		ev_io_start(listen->loop, &listen->listeners[i].io);
		log_listening(&listen->listeners[i],
			listen->listeners[i].face == FACE_PUBLIC ? listen->options.scheme : "http");
	}
}

void listen_close(struct listen *listen)
{
	if (!listen)
		return;
	stop(listen);
	ev_timer_stop(listen->loop, &listen->resume);
	for (size_t i = 0; i < listen->count; i++) {
		close(listen->listeners[i].fd);
		if (*listen->listeners[i].path)
			unlink(listen->listeners[i].path);
	}
	free(listen);
}
