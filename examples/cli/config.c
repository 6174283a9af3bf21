#include "examples/cli/config.h"

#include "examples/cli/term.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_URL "http://127.0.0.1:8080"

static const struct {
	const char *name;
	size_t offset;
} keys[] = {
	{"url", offsetof(struct config, url)},
	{"name", offsetof(struct config, name)},
	{"ca", offsetof(struct config, ca)},
};
#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

/* What the XDG base directory specification says; a relative path counts as none. */
static bool find_folder(struct config *config)
{
	const char *xdg = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	int len;
	if (xdg && *xdg == '/')
		len = snprintf(config->folder, sizeof(config->folder), "%s/lockstep", xdg);
	else if (home && *home == '/')
		len = snprintf(config->folder, sizeof(config->folder), "%s/.config/lockstep", home);
	else
		return false;
	return len < CONFIG_PATH - 16;
}

static void path_of(const struct config *config, const char *name, char ret[CONFIG_PATH])
{
	/* The folder's length leaves room: find_folder. */
	if (snprintf(ret, CONFIG_PATH, "%s/%s", config->folder, name) >= CONFIG_PATH)
		abort();
}

/* inih's: 0 is an error. */
static int on_pair(void *context, const char *section, const char *name, const char *value)
{
	struct config *config = context;
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (!*section && strcmp(name, keys[i].name) == 0 && strlen(value) < CONFIG_VALUE) {
			memcpy((char *)config + keys[i].offset, value, strlen(value) + 1);
			return 1;
		}
	}
	return 0;
}

static enum code read_file(struct config *config)
{
	char path[CONFIG_PATH];
	path_of(config, "config", path);
	int line = ini_parse(path, on_pair, config);
	if (line == 0 || (line == -1 && errno == ENOENT))
		return CODE_OK;
	if (line < 0)
		term_say("%s: %s", path, strerror(errno));
	else
		term_say("%s:%d: expected url = …, name = … or ca = …", path, line);
	return CODE_CONFIG;
}

static void name_this(struct config *config)
{
	char host[65] = "";
	if (*config->name)
		return;
	gethostname(host, sizeof(host) - 1);
	snprintf(config->name, sizeof(config->name), "%s/lockstep", host);
}

/* --- The token --------------------------------------------------------------------------------------------
 */

/* Cuts the line off and returns it; NULL at the end, or when it is too long or no printable ASCII. */
static char *take_line(char **at, size_t room)
{
	char *line = strsep(at, "\n");
	if (!line)
		return NULL;
	line[strcspn(line, "\r")] = '\0';
	for (const char *c = line; *c; c++) {
		if (*c <= ' ' || *c > '~')
			return NULL;
	}
	return strlen(line) < room ? line : NULL;
}

/* Token, address and id, a line each; those behind the first may be missing. */
static bool read_lines(char *text, struct config_token *ret)
{
	const char *token = take_line(&text, sizeof(ret->text));
	const char *url = token ? take_line(&text, sizeof(ret->url)) : NULL;
	const char *id = url ? take_line(&text, sizeof(ret->id)) : NULL;
	if (!token || !*token)
		return false;
	snprintf(ret->text, sizeof(ret->text), "%s", token);
	snprintf(ret->url, sizeof(ret->url), "%s", url ? url : "");
	snprintf(ret->id, sizeof(ret->id), "%s", id ? id : "");
	return true;
}

/* The whole file; false for one that can't be read. */
static bool read_all(int fd, struct config_token *ret)
{
	char text[LIMIT_TOKEN_BYTES + CONFIG_VALUE + UUID_TEXT + 8];
	ssize_t len = read(fd, text, sizeof(text) - 1);
	text[len < 0 ? 0 : len] = '\0';
	return len >= 0 && read_lines(text, ret);
}

static enum code read_token(int fd, const char *path, struct config_token *ret)
{
	struct stat status;
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
		term_say("%s is no file", path);
		return CODE_CONFIG;
	}
	if (status.st_mode & (S_IRWXG | S_IRWXO)) {
		term_say("%s can be read by others; run: chmod 600 %s", path, path);
		return CODE_CONFIG;
	}
	if (read_all(fd, ret))
		return CODE_OK;
	term_say("%s holds no token; run: lockstep login", path);
	return CODE_CONFIG;
}

bool config_parse_token(const char *text, struct config_token *ret)
{
	*ret = (struct config_token){0};
	char *copy = strdup(text);
	if (!copy)
		abort();
	bool good = read_lines(copy, ret);
	free(copy);
	/* Where only a token is expected the other lines would be strange. */
	*ret->url = *ret->id = '\0';
	return good;
}

bool config_peek_token(const struct config *config, struct config_token *ret)
{
	char path[CONFIG_PATH];
	*ret = (struct config_token){0};
	path_of(config, "token", path);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool good = read_all(fd, ret);
	close(fd);
	return good;
}

static enum code open_token(const struct config *config, struct config_token *ret)
{
	char path[CONFIG_PATH];
	path_of(config, "token", path);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		term_say("not signed in; run: lockstep login");
		return CODE_TOKEN;
	}
	if (fd < 0) {
		term_say("%s: %s", path, strerror(errno));
		return CODE_CONFIG;
	}
	enum code code = read_token(fd, path, ret);
	close(fd);
	/* A token is a secret between two. */
	if (!code && *ret->url && strcmp(ret->url, config->url) != 0) {
		term_say("signed in at %s, not at %s; run: lockstep login --url %s", ret->url, config->url,
			config->url);
		return CODE_TOKEN;
	}
	return code;
}

enum code config_load_token(const struct config *config, struct config_token *ret)
{
	const char *given = getenv("LOCKSTEP_TOKEN");
	*ret = (struct config_token){0};
	if (!given || !*given)
		return open_token(config, ret);
	if (config_parse_token(given, ret))
		return CODE_OK;
	term_say("LOCKSTEP_TOKEN is no token");
	return CODE_TOKEN;
}

/* --- The rest ------------------------------------------------------------------------------------------- */

enum code config_load(const char *url, struct config *ret)
{
	const char *from = getenv("LOCKSTEP_URL");
	struct config_token token;
	enum code wrong = url ? CODE_USAGE : CODE_CONFIG;
	*ret = (struct config){0};
	if (!find_folder(ret)) {
		term_say("neither XDG_CONFIG_HOME nor HOME says where the configuration is");
		return CODE_CONFIG;
	}
	enum code code = read_file(ret);
	if (code)
		return code;
	if (!url)
		url = from && *from ? from : *ret->url ? ret->url : NULL;
	if (!url)
		url = config_peek_token(ret, &token) && *token.url ? token.url : DEFAULT_URL;
	if (url != ret->url)
		snprintf(ret->url, sizeof(ret->url), "%s", url);
	size_t len = strlen(ret->url);
	while (len && ret->url[len - 1] == '/')
		ret->url[--len] = '\0';
	if (!address_parse(ret->url, &ret->address)) {
		term_say("%s is no address of a server: http://host:port or https://host", ret->url);
		return wrong;
	}
	name_this(ret);
	return CODE_OK;
}

/* --- Writing -------------------------------------------------------------------------------------------- */

static enum code say_path(const char *path)
{
	term_say("%s: %s", path, strerror(errno));
	return CODE_CONFIG;
}

/* Like mkdir -p, for this person alone. */
static bool make_folders(char *path)
{
	for (char *at = path + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
		*at = '/';
		if (!made)
			return false;
	}
	return true;
}

static bool write_token(int fd, const struct config_token *token)
{
	bool good = dprintf(fd, "%s\n%s\n%s\n", token->text, token->url, token->id) > 0 && fsync(fd) == 0;
	return close(fd) == 0 && good;
}

enum code config_save_token(const struct config *config, const struct config_token *token)
{
	char path[CONFIG_PATH], fresh[CONFIG_PATH];
	path_of(config, "token", path);
	path_of(config, "token.XXXXXX", fresh);
	if (!make_folders(fresh))
		return say_path(config->folder);
	/* Its mode is 0600. */
	int fd = mkostemp(fresh, O_CLOEXEC);
	if (fd < 0)
		return say_path(config->folder);
	if (write_token(fd, token) && rename(fresh, path) == 0)
		return CODE_OK;
	enum code code = say_path(path);
	unlink(fresh);
	return code;
}

enum code config_remove_token(const struct config *config)
{
	char path[CONFIG_PATH];
	path_of(config, "token", path);
	return unlink(path) == 0 ? CODE_OK : say_path(path);
}
