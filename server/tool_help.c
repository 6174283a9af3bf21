#include "server/tool.h"

#include "protocol/encode.h"
#include "server/manual.h"
#include "server/serve.h"

#include <stdlib.h>
#include <string.h>

static int print(struct text *text)
{
	bool good = fwrite(text->data, 1, text->len, stdout) == text->len && fflush(stdout) == 0;
	text_finish(text);
	return good ? EXIT_SUCCESS : tool_complain(EXIT_RUNTIME, "help: it cannot be printed");
}

static int print_tool(const char *name)
{
	const struct tool *tool = tool_find(name);
	if (!tool) {
		fprintf(stderr, "lockstepd: help: there is no command %s\n", name);
		return EXIT_USAGE;
	}
	printf("usage: lockstepd %s %s\n\n%s\n", tool->name, tool->usage, tool->help);
	return EXIT_SUCCESS;
}

/* As the message help answers it, for programs. */
static void append_commands(struct text *out)
{
	encode_help(out, "null", "");
	text_append_string(out, "\n");
}

int tool_help(const struct tool *tool, int argc, char *const *argv)
{
	/* Of a manual's page and of what stands by itself. */
	static const struct {
		const char *words[2];
		void (*append)(struct text *out);
	} papers[] = {
		{{"commands", ""}, append_commands},
		{{"conf", ""}, manual_append_defaults},
		{{"manual", ""}, manual_append_program},
		{{"manual", "conf"}, manual_append_file},
	};
	const char *first = argc > 1 ? argv[1] : "", *second = argc > 2 ? argv[2] : "";
	struct text text = {0};
	for (size_t i = 0; i < sizeof(papers) / sizeof(*papers) && argc <= 3; i++) {
		if (strcmp(first, papers[i].words[0]) == 0 && strcmp(second, papers[i].words[1]) == 0) {
			papers[i].append(&text);
			return print(&text);
		}
	}
	if (argc > 2) {
		fprintf(stderr, "lockstepd: help: unknown argument %s; it is: lockstepd %s %s\n",
			argv[argc - 1], tool->name, tool->usage);
		return EXIT_USAGE;
	}
	if (argc == 2)
		return print_tool(first);
	serve_print_help();
	return EXIT_SUCCESS;
}
