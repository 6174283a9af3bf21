#include "tests/bench/load/proc.h"

#include <dirent.h>
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

static int64_t read_peak(int pid)
{
	char text[4096];
	int64_t kib;
	const char *line = read_file(pid, "status", text, sizeof(text)) ? strstr(text, "VmHWM:") : NULL;
	return line && sscanf(line, "VmHWM: %" SCNd64, &kib) == 1 ? kib * 1024 : 0;
}

/* Adds one process; of what may be shared the most that one has counts. */
static void add_process(int pid, struct proc *proc, int64_t *shared)
{
	char text[1024];
	uint64_t user, system, all_pages, shared_pages;
	/* The second field is the program's name in parentheses, which may hold anything. */
	const char *rest = read_file(pid, "stat", text, sizeof(text)) ? strrchr(text, ')') : NULL;
	if (rest && sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64, &user,
			    &system) == 2)
		proc->cpu_ms += (int64_t)(user + system) * 1000 / sysconf(_SC_CLK_TCK);
	if (!read_file(pid, "statm", text, sizeof(text)) ||
		sscanf(text, "%*u %" SCNu64 " %" SCNu64, &all_pages, &shared_pages) != 2)
		return;
	proc->rss += (int64_t)(all_pages - shared_pages) * sysconf(_SC_PAGESIZE);
	int64_t bytes = (int64_t)shared_pages * sysconf(_SC_PAGESIZE);
	*shared = bytes > *shared ? bytes : *shared;
}

struct proc proc_read(int pid)
{
	struct proc proc = {0};
	char name[64], children[1024];
	int64_t shared = 0;
	add_process(pid, &proc, &shared);
	snprintf(name, sizeof(name), "task/%d/children", pid);
	const char *rest = read_file(pid, name, children, sizeof(children)) ? children : "";
	for (int child, used; sscanf(rest, "%d%n", &child, &used) == 1; rest += used)
		add_process(child, &proc, &shared);
	proc.rss += shared;
	proc.peak = read_peak(pid);
	return proc;
}

void proc_forget_peak(int pid)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/clear_refs", pid);
	FILE *file = fopen(path, "we");
	if (!file)
		return;
	fputs("5", file);
	fclose(file);
}

int proc_descriptors(int pid)
{
	char path[64];
	int count = 0;
	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	DIR *folder = opendir(path);
	while (folder && readdir(folder))
		count++;
	if (folder)
		closedir(folder);
	return count;
}

/* https://www.sqlite.org/fileformat.html#walformat: the fourth word of its header, big-endian. */
uint32_t proc_log_restarts(const char *db)
{
	char path[4096];
	unsigned char head[16] = {0};
	if (!db)
		return 0;
	snprintf(path, sizeof(path), "%s-wal", db);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	size_t got = fread(head, 1, sizeof(head), file);
	fclose(file);
	uint32_t count = 0;
	for (size_t i = 12; i < sizeof(head); i++)
		count = count << 8 | head[i];
	return got == sizeof(head) ? count : 0;
}
