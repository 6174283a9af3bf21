#include "server/systemd.h"

#include "server/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Where LISTEN_FDS begin. */
#define FIRST_FD 3
/* What is told is a few short lines. */
#define TOLD_BYTES 512

/* A number of a variable; false when there is none, or it is no number from 0 to `max`. */
static bool read_number(const char *variable, int64_t max, int64_t *ret)
{
	const char *text = getenv(variable);
	char *end;
	if (!text || !*text)
		return false;
	errno = 0;
	*ret = strtoll(text, &end, 10);
	return errno == 0 && !*end && *ret >= 0 && *ret <= max;
}

/* A path, or a name of the abstract kind, which begins with @ here and with a zero there. */
static bool read_address(struct systemd *systemd, const char *text)
{
	size_t len = strlen(text);
	if ((*text != '/' && *text != '@') || len < 2 || len >= sizeof(systemd->address.sun_path))
		return false;
	systemd->address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(systemd->address.sun_path, text, len);
	if (*text == '@')
		systemd->address.sun_path[0] = '\0';
	systemd->address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (*text == '/'));
	return true;
}

static int64_t read_watchdog_ms(void)
{
	int64_t us, pid;
	if (!getenv("WATCHDOG_USEC"))
		return 0;
	if (getenv("WATCHDOG_PID") && (!read_number("WATCHDOG_PID", INT32_MAX, &pid) || pid != getpid()))
		return 0; /* somebody else's */
	if (read_number("WATCHDOG_USEC", INT64_MAX, &us) && us >= 1000)
		return us / 1000;
	log_warn("WATCHDOG_USEC is no number of microseconds: %.60s", getenv("WATCHDOG_USEC"));
	return 0;
}

void systemd_open(struct systemd *systemd)
{
	const char *address = getenv("NOTIFY_SOCKET");
	*systemd = (struct systemd){.fd = -1};
	if (!address || !*address)
		return;
	if (!read_address(systemd, address)) {
		log_warn("NOTIFY_SOCKET is no path of a socket: %.100s", address);
		return;
	}
	systemd->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (systemd->fd < 0)
		log_warn("NOTIFY_SOCKET: %s", strerror(errno));
	else
		systemd->watchdog_ms = read_watchdog_ms();
}

void systemd_close(struct systemd *systemd)
{
	if (systemd->fd >= 0)
		close(systemd->fd);
	systemd->fd = -1;
}

void systemd_tell(const struct systemd *systemd, const char *format, ...)
{
	char text[TOLD_BYTES];
	va_list arguments;
	if (systemd->fd < 0)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (sendto(systemd->fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&systemd->address,
		    systemd->address_len) < 0)
		log_warn("systemd could not be told %.*s: %s", (int)strcspn(text, "\n"), text,
			strerror(errno));
}

/* The next of the names between the colons; where there are too few of them, "unknown" as systemd has it. */
static const char *take_name(const char *names, char ret[SYSTEMD_NAME_BYTES])
{
	if (!names) {
		snprintf(ret, SYSTEMD_NAME_BYTES, "unknown");
		return NULL;
	}
	size_t len = strcspn(names, ":");
	snprintf(ret, SYSTEMD_NAME_BYTES, "%.*s", (int)len, names);
	return names[len] ? names + len + 1 : NULL;
}

enum err systemd_take_sockets(struct systemd_sockets *ret, char ret_why[256])
{
	int64_t pid, count;
	ret->count = 0;
	if (!read_number("LISTEN_PID", INT32_MAX, &pid) || pid != getpid())
		return OK;
	if (!read_number("LISTEN_FDS", SYSTEMD_SOCKETS_MAX, &count)) {
		snprintf(ret_why, 256, "LISTEN_FDS must be a number of at most %d", SYSTEMD_SOCKETS_MAX);
		return ERR_BAD_REQUEST;
	}
	const char *names = getenv("LISTEN_FDNAMES");
	for (int i = 0; i < (int)count; i++) {
		struct systemd_socket *socket = &ret->items[i];
		socket->fd = FIRST_FD + i;
		names = take_name(names, socket->name);
		if (fcntl(socket->fd, F_SETFD, FD_CLOEXEC) != 0) {
			snprintf(ret_why, 256, "LISTEN_FDS: descriptor %d: %s", socket->fd, strerror(errno));
			return ERR_BAD_REQUEST;
		}
	}
	ret->count = (size_t)count;
	return OK;
}
