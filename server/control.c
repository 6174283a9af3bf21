#include "server/control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static enum err complain(char ret_why[256], enum err err, const char *what, const char *path)
{
	snprintf(ret_why, 256, "%s: %.180s: %s", what, path, strerror(errno));
	return err;
}

static enum err connect_to(const char *path, int *ret_fd, char ret_why[256])
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return complain(ret_why, ERR_NOT_FOUND, "cannot ask the server", path);
	}
	memcpy(address.sun_path, path, strlen(path));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0) {
		*ret_fd = fd;
		return OK;
	}
	enum err err = complain(ret_why, ERR_NOT_FOUND, "cannot ask the server", path);
	if (fd >= 0)
		close(fd);
	return err;
}

static bool send_all(int fd, const struct text *text)
{
	size_t sent = 0;
	while (sent < text->len) {
		ssize_t len = send(fd, text->data + sent, text->len - sent, MSG_NOSIGNAL);
		if (len < 0 && errno != EINTR)
			return false;
		sent += len > 0 ? (size_t)len : 0;
	}
	return true;
}

/* Until the server closes. */
static bool receive_all(int fd, struct text *ret)
{
	char bytes[4096];
	ssize_t len;
	while ((len = recv(fd, bytes, sizeof(bytes), 0)) != 0) {
		if (len < 0 && errno != EINTR)
			return false;
		if (len > 0)
			text_append(ret, bytes, (size_t)len);
	}
	return true;
}

/* No connection is used twice, so the body is all that follows the head. */
static bool read_answer(const struct text *answer, int *ret_status, struct text *ret_body)
{
	static const char gap[] = "\r\n\r\n";
	int status;
	if (!answer->len || sscanf(answer->data, "HTTP/1.%*1[01] %3d ", &status) != 1)
		return false;
	const char *end = memmem(answer->data, answer->len, gap, strlen(gap));
	if (!end)
		return false;
	end += strlen(gap);
	*ret_status = status;
	text_append(ret_body, end, answer->len - (size_t)(end - answer->data));
	return true;
}

enum err control_ask(const char *path, const char *route, const struct text *body, int *ret_status,
	struct text *ret_body, char ret_why[256])
{
	TEXT_AUTO request = {0};
	TEXT_AUTO answer = {0};
	int fd = -1;
	enum err err = connect_to(path, &fd, ret_why);
	if (err)
		return err;
	text_append_format(&request,
		"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
		"Content-Length: %zu\r\n\r\n",
		route, body->len);
	text_append(&request, body->data, body->len);
	errno = 0;
	bool whole = send_all(fd, &request) && receive_all(fd, &answer);
	if (!whole || !read_answer(&answer, ret_status, ret_body))
		err = complain(ret_why, ERR_UNAVAILABLE, "the server went before it had answered", path);
	close(fd);
	return err;
}
