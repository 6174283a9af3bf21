#include "server/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum err privileges_drop(const char *name, char ret_why[256])
{
	if (!name)
		return OK;
	const struct passwd *user = getpwnam(name);
	if (!user || geteuid() != 0) {
		snprintf(ret_why, 256,
			user ? "user: only root can become %.100s" : "user: there is no %.100s", name);
		return ERR_BAD_REQUEST;
	}
	if (initgroups(name, user->pw_gid) == 0 && setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0)
		return OK;
	snprintf(ret_why, 256, "user: %.100s: %s", name, strerror(errno));
	return ERR_INTERNAL;
}
