/* Stands between a program and its disk (LD_PRELOAD): fails, delays and counts what changes files of one
 * folder, ends the process in the middle of it, and logs it together with what is sent. Knows system calls;
 * knows nothing of SQLite or the server.
 *
 * FAULTS_FOLDER     the folder, an absolute path
 * FAULTS_CONTROL    a file of CONTROL_COUNT 64-bit integers, read and written by the test while this runs
 * FAULTS_LOG        where the log goes; unset: there is none */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* The same order as in shim.mjs. A number counts from 1; 0 is never. */
enum control {
	WRITES, /* counted here: writes and truncations so far */
	SYNCS,
	FAIL_WRITES_FROM, /* this write and all later ones fail, until that is taken back */
	FAIL_WRITES_WITH, /* errno */
	FAIL_SYNC_AT,     /* this sync fails */
	FAIL_SYNC_WITH,
	KILL_WRITE_AT, /* half of this write is done */
	KILL_SYNC_AT,  /* this one isn't begun */
	LINGER_MS,     /* how long the end waits, with everything else going on */
	SYNC_MS,       /* how long each sync takes */
	CONTROL_COUNT
};

enum record { WRITE = 1, TRUNCATE, SYNC, SYNC_FAILED, CREATE, UNLINK, RENAME, SEND, LINK };

/* What stands in the log before a name and data. */
struct head {
	uint32_t kind, name_len, data_len;
	int32_t fd;
	int64_t offset;
};

static struct {
	const char *folder;
	size_t folder_len;
	_Atomic int64_t *control;
	int log;
	pthread_mutex_t lock; /* an operation and its record are one */
} shim = {.log = -1, .lock = PTHREAD_MUTEX_INITIALIZER};

static void *next(const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);
	if (!found)
		abort();
	return found;
}

/* A function of that name and type behind this one. */
#define NEXT(type, name)   \
	static type *real; \
	if (!real)         \
	*(void **)(void *)&real = next(name)

static void __attribute__((constructor)) start(void)
{
	const char *control = getenv("FAULTS_CONTROL"), *log = getenv("FAULTS_LOG");
	shim.folder = getenv("FAULTS_FOLDER");
	if (!shim.folder || !control)
		return;
	shim.folder_len = strlen(shim.folder);
	int fd = open(control, O_RDWR | O_CLOEXEC);
	size_t len = CONTROL_COUNT * sizeof(int64_t);
	void *map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd < 0 || map == MAP_FAILED)
		abort();
	close(fd);
	shim.control = map;
	if (log)
		shim.log = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* The name within the folder, "" for the folder itself; NULL: not followed. Shared memory and locks are none
 * of a disk's business. */
static const char *name_in_folder(const char *path)
{
	if (!shim.control || strncmp(path, shim.folder, shim.folder_len) != 0)
		return NULL;
	const char *name = path + shim.folder_len;
	if (*name == '\0')
		return name;
	if (*name++ != '/' || strchr(name, '/'))
		return NULL;
	size_t len = strlen(name);
	bool skipped = (len > 4 && strcmp(name + len - 4, "-shm") == 0) ||
		       (len > 5 && strcmp(name + len - 5, ".lock") == 0);
	return skipped ? NULL : name;
}

static const char *name_of(int fd, char path[PATH_MAX])
{
	char link[64];
	if (!shim.control)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t len = readlink(link, path, PATH_MAX - 1);
	if (len < 0)
		return NULL;
	path[len] = '\0';
	return name_in_folder(path);
}

static void sleep_ms(int64_t ms)
{
	struct timespec length = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	if (ms > 0)
		nanosleep(&length, NULL);
}

static void note(enum record kind, int fd, const char *name, int64_t offset, const void *data, size_t len)
{
	if (shim.log < 0)
		return;
	struct head head = {kind, (uint32_t)strlen(name), (uint32_t)len, fd, offset};
	struct iovec parts[] = {{&head, sizeof(head)}, {(void *)(uintptr_t)name, head.name_len},
		{(void *)(uintptr_t)data, len}};
	/* The system call itself: writev may be one of ours. */
	if (syscall(SYS_writev, shim.log, parts, 3) != (long)(sizeof(head) + head.name_len + len))
		abort();
}

static bool is_now(enum control at, int64_t count)
{
	return shim.control[at] != 0 && shim.control[at] == count;
}

static _Noreturn void end(void)
{
	sleep_ms(shim.control[LINGER_MS]);
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

/* Counts a change. True when it is to fail, with errno. */
static bool write_fails(int64_t *ret_count)
{
	*ret_count = ++shim.control[WRITES];
	int64_t from = shim.control[FAIL_WRITES_FROM];
	if (from == 0 || *ret_count < from)
		return false;
	errno = (int)shim.control[FAIL_WRITES_WITH];
	return true;
}

typedef ssize_t pwrite_fn(int fd, const void *data, size_t len, off_t offset);

static ssize_t write_piece(
	pwrite_fn *real, int fd, const char *name, const void *data, size_t len, off_t offset)
{
	int64_t count;
	if (write_fails(&count))
		return -1;
	bool ends = is_now(KILL_WRITE_AT, count);
	pthread_mutex_lock(&shim.lock);
	ssize_t done = real(fd, data, ends ? len / 2 : len, offset);
	int error = errno;
	if (done > 0)
		note(WRITE, fd, name, offset, data, (size_t)done);
	pthread_mutex_unlock(&shim.lock);
	if (ends)
		end();
	errno = error;
	return done;
}

/* The kernel takes a long write page by page, and may end it after any of them: each counts. */
#define PIECE 4096
static ssize_t followed_pwrite(
	pwrite_fn *real, int fd, const char *name, const char *data, size_t len, off_t offset)
{
	size_t done = 0;
	do {
		size_t piece = len - done < PIECE ? len - done : PIECE;
		ssize_t now = write_piece(real, fd, name, data + done, piece, offset + (off_t)done);
		if (now < 0)
			return done ? (ssize_t)done : now;
		done += (size_t)now;
		if ((size_t)now < piece)
			break;
	} while (done < len);
	return (ssize_t)done;
}

EXPORT ssize_t pwrite64(int fd, const void *data, size_t len, off_t offset)
{
	NEXT(pwrite_fn, "pwrite64");
	char path[PATH_MAX];
	const char *name = name_of(fd, path);
	return name ? followed_pwrite(real, fd, name, data, len, offset) : real(fd, data, len, offset);
}

EXPORT ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
	return pwrite64(fd, data, len, offset);
}

static int followed_truncate(int (*real)(int, off_t), int fd, const char *name, off_t len)
{
	int64_t count;
	if (write_fails(&count))
		return -1;
	if (is_now(KILL_WRITE_AT, count))
		end();
	pthread_mutex_lock(&shim.lock);
	int rc = real(fd, len);
	if (rc == 0)
		note(TRUNCATE, fd, name, len, NULL, 0);
	pthread_mutex_unlock(&shim.lock);
	return rc;
}

EXPORT int ftruncate64(int fd, off_t len)
{
	typedef int ftruncate_fn(int, off_t);
	NEXT(ftruncate_fn, "ftruncate64");
	char path[PATH_MAX];
	const char *name = name_of(fd, path);
	return name ? followed_truncate(real, fd, name, len) : real(fd, len);
}

EXPORT int ftruncate(int fd, off_t len)
{
	return ftruncate64(fd, len);
}

/* What is written while it lasts is not covered by it: nothing else writes these files. */
static int followed_sync(int (*real)(int), int fd, const char *name)
{
	int64_t count = ++shim.control[SYNCS];
	if (is_now(KILL_SYNC_AT, count))
		end();
	sleep_ms(shim.control[SYNC_MS]);
	bool fails = is_now(FAIL_SYNC_AT, count);
	int rc = fails ? -1 : real(fd);
	int error = fails ? (int)shim.control[FAIL_SYNC_WITH] : errno;
	pthread_mutex_lock(&shim.lock);
	note(rc == 0 ? SYNC : SYNC_FAILED, fd, name, 0, NULL, 0);
	pthread_mutex_unlock(&shim.lock);
	errno = error;
	return rc;
}

typedef int sync_fn(int fd);

EXPORT int fdatasync(int fd)
{
	NEXT(sync_fn, "fdatasync");
	char path[PATH_MAX];
	const char *name = name_of(fd, path);
	return name ? followed_sync(real, fd, name) : real(fd);
}

EXPORT int fsync(int fd)
{
	NEXT(sync_fn, "fsync");
	char path[PATH_MAX];
	const char *name = name_of(fd, path);
	return name ? followed_sync(real, fd, name) : real(fd);
}

EXPORT int open64(const char *path, int flags, ...)
{
	typedef int open_fn(const char *, int, ...);
	NEXT(open_fn, "open64");
	va_list args;
	va_start(args, flags);
	mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	const char *name = flags & O_CREAT ? name_in_folder(path) : NULL;
	if (!name)
		return real(path, flags, mode);
	pthread_mutex_lock(&shim.lock);
	bool there = access(path, F_OK) == 0;
	int fd = real(path, flags, mode);
	if (fd >= 0 && !there)
		note(CREATE, fd, name, 0, NULL, 0);
	pthread_mutex_unlock(&shim.lock);
	return fd;
}

EXPORT int open(const char *path, int flags, ...)
{
	va_list args;
	va_start(args, flags);
	mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	return open64(path, flags, mode);
}

EXPORT int unlink(const char *path)
{
	typedef int unlink_fn(const char *);
	NEXT(unlink_fn, "unlink");
	const char *name = name_in_folder(path);
	pthread_mutex_lock(&shim.lock);
	int rc = real(path);
	if (rc == 0 && name)
		note(UNLINK, -1, name, 0, NULL, 0);
	pthread_mutex_unlock(&shim.lock);
	return rc;
}

typedef int two_names_fn(const char *, const char *);

static int do_two_names(two_names_fn *real, enum record kind, const char *from, const char *to)
{
	const char *name = name_in_folder(from), *other = name_in_folder(to);
	pthread_mutex_lock(&shim.lock);
	int rc = real(from, to);
	if (rc == 0 && name && other)
		note(kind, -1, name, 0, other, strlen(other));
	pthread_mutex_unlock(&shim.lock);
	return rc;
}

EXPORT int rename(const char *from, const char *to)
{
	NEXT(two_names_fn, "rename");
	return do_two_names(real, RENAME, from, to);
}

EXPORT int link(const char *from, const char *to)
{
	NEXT(two_names_fn, "link");
	return do_two_names(real, LINK, from, to);
}

/* What leaves the program for a socket stands in the log between what was written before and after it. */
static ssize_t log_send(ssize_t done, int fd, const struct iovec *pieces, size_t count)
{
	int error = errno;
	for (size_t i = 0, rest = done > 0 ? (size_t)done : 0; i < count && rest > 0; i++) {
		size_t len = pieces[i].iov_len < rest ? pieces[i].iov_len : rest;
		note(SEND, fd, "", 0, pieces[i].iov_base, len);
		rest -= len;
	}
	pthread_mutex_unlock(&shim.lock);
	errno = error;
	return done;
}

EXPORT ssize_t send(int fd, const void *data, size_t len, int flags)
{
	typedef ssize_t send_fn(int, const void *, size_t, int);
	NEXT(send_fn, "send");
	if (shim.log < 0)
		return real(fd, data, len, flags);
	struct iovec piece = {.iov_base = (void *)data, .iov_len = len};
	pthread_mutex_lock(&shim.lock);
	return log_send(real(fd, data, len, flags | MSG_DONTWAIT), fd, &piece, 1);
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	typedef ssize_t sendmsg_fn(int, const struct msghdr *, int);
	NEXT(sendmsg_fn, "sendmsg");
	if (shim.log < 0)
		return real(fd, message, flags);
	pthread_mutex_lock(&shim.lock);
	return log_send(real(fd, message, flags | MSG_DONTWAIT), fd, message->msg_iov, message->msg_iovlen);
}
