/* The program: a subcommand, or the server. */
#include "server/serve.h"
#include "server/tool.h"

#include <signal.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	const struct tool *tool = argc > 1 ? tool_find(argv[1]) : NULL;
	return tool ? tool->run(tool, argc - 1, argv + 1) : serve_run(argc, argv);
}
