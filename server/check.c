#include "server/check.h"

#include "server/keyring.h"
#include "server/log.h"
#include "server/loop.h"
#include "server/options_show.h"
#include "server/page.h"
#include "server/privileges.h"
#include "server/tool.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WHY_BYTES = 256 };

__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
	char text[PATH_MAX + WHY_BYTES];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fprintf(stderr, "lockstepd: note: %s\n", text);
}

/* At the start it is root who reads them. */
static void note_certificate(const struct options *options)
{
	const char *const files[] = {options->tls_cert, options->tls_key};
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		if (options->user && files[i] && access(files[i], R_OK) != 0)
			note("%s: %s; SIGHUP will not read it again", files[i], strerror(errno));
	}
}

static enum err check_user(const struct options *options, char ret_why[WHY_BYTES])
{
	if (geteuid() != 0)
		return privileges_check(options->user, ret_why);
	enum err err = privileges_drop(options->user, ret_why);
	if (!err)
		note_certificate(options);
	return err;
}

/* The usual page need not have been built. */
static enum err check_page(const struct options *options, char ret_why[WHY_BYTES])
{
	struct page *page = NULL;
	enum err err = options->web ? page_create(options->web, &page, ret_why) : OK;
	page_destroy(page);
	return err;
}

/* Of a path; "." of a name. */
static void folder_of(const char *path, char ret[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	int len = !slash ? 0 : slash == path ? 1 : (int)(slash - path);
	snprintf(ret, PATH_MAX, "%.*s", len ? len : 1, len ? path : ".");
}

/* Who checks may be another than who will serve: what is forbidden to them is only noted. */
static enum err check_database(const struct options *options, char ret_why[WHY_BYTES])
{
	char folder[PATH_MAX];
	struct stat about;
	folder_of(options->db, folder);
	if (stat(folder, &about) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
		snprintf(ret_why, WHY_BYTES, "db: there is no folder %.200s", folder);
		return ERR_BAD_REQUEST;
	}
	if (stat(options->db, &about) == 0 && !S_ISREG(about.st_mode)) {
		snprintf(ret_why, WHY_BYTES, "db: %.200s is no file", options->db);
		return ERR_BAD_REQUEST;
	}
	if (access(folder, W_OK | X_OK) != 0)
		note("db: this user cannot write to %s: %s", folder, strerror(errno));
	else if (access(options->db, R_OK | W_OK) != 0 && errno != ENOENT)
		note("db: this user cannot read and write %s: %s", options->db, strerror(errno));
	return OK;
}

/* systemd may allow more than the shell that this runs in. */
static enum err check_descriptors(const struct options *options, char ret_why[WHY_BYTES])
{
	struct rlimit limit;
	(void)ret_why;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max < loop_descriptors(options))
		note("max-sockets: %lld need %zu open files, and here the limit is %llu",
			(long long)options->max_sockets, loop_descriptors(options),
			(unsigned long long)limit.rlim_max);
	return OK;
}

int check_run(const struct options *options)
{
	/* In the order in which a start does it: what only root can read comes before root is gone. */
	static enum err (*const checks[])(const struct options *options, char ret_why[WHY_BYTES]) = {
		loop_check_certificate, check_user, check_page, keyring_check, check_database,
		check_descriptors};
	char why[WHY_BYTES];
	TEXT_AUTO told = {0};
	log_init(LOG_LEVEL_ERROR, false); /* a library's warnings are not the one line */
	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
		if (checks[i](options, why))
			return tool_complain(EXIT_CONFIG, why);
	}
	options_append_told(&told, options);
	printf("the configuration is good\n%s", told.data ? told.data : "");
	return fflush(stdout) == 0 ? EXIT_SUCCESS : tool_complain(EXIT_RUNTIME, strerror(errno));
}
