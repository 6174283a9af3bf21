#include "tests/bench/load/proc.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool read_file(int pid, const char *name, char *ret, size_t room)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	size_t len = fread(ret, 1, room - 1, file);
	ret[len] = '\0';
	fclose(file);
	return len > 0;
}

struct proc proc_read(int pid)
{
	struct proc proc = {0};
	char text[1024];
	uint64_t user, system, pages;
	/* The second field is the program's name in parentheses, which may hold anything. */
	const char *rest = read_file(pid, "stat", text, sizeof(text)) ? strrchr(text, ')') : NULL;
	if (rest && sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64, &user,
			    &system) == 2)
		proc.cpu_ms = (int64_t)(user + system) * 1000 / sysconf(_SC_CLK_TCK);
	if (read_file(pid, "statm", text, sizeof(text)) && sscanf(text, "%*u %" SCNu64, &pages) == 1)
		proc.rss = (int64_t)pages * sysconf(_SC_PAGESIZE);
	return proc;
}
