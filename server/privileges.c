#include "server/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct passwd *find_user(const char *name, char ret_why[256])
{
	const struct passwd *user = getpwnam(name);
	if (!user)
		snprintf(ret_why, 256, "user: there is no %.100s", name);
	return user;
}

enum err privileges_check(const char *name, char ret_why[256])
{
	return !name || find_user(name, ret_why) ? OK : ERR_BAD_REQUEST;
}

enum err privileges_drop(const char *name, char ret_why[256])
{
	if (!name)
		return OK;
	const struct passwd *user = find_user(name, ret_why);
	if (!user)
		return ERR_BAD_REQUEST;
	if (geteuid() != 0) {
		snprintf(ret_why, 256, "user: only root can become %.100s", name);
		return ERR_BAD_REQUEST;
	}
	if (initgroups(name, user->pw_gid) == 0 && setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0)
		return OK;
	snprintf(ret_why, 256, "user: %.100s: %s", name, strerror(errno));
	return ERR_INTERNAL;
}
