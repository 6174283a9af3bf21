/* `lockstep complete -- WORD…`: what the shells' completions ask. The words stand behind the program's name,
 * the last one is being typed; a way to go on a line. All of it comes from the tables, names from the server.
 */
#include "examples/cli/name.h"
#include "examples/cli/show.h"
#include "examples/cli/term.h"
#include "examples/cli/verbs.h"
#include "examples/cli/visit.h"
#include "examples/cli/watch_format.h"

#include <string.h>

struct offer {
	struct text out;
	const char *typed;
	const struct args *args;
};

static void add(struct offer *offer, const char *word)
{
	const char *rest;
	if (name_begins_with(word, offer->typed, &rest))
		text_append_format(&offer->out, "%s\n", word);
}

static void add_verbs(struct offer *offer)
{
	for (size_t i = 0; i < verb_count; i++) {
		if (verbs[i].help)
			add(offer, verbs[i].name);
	}
}

static void add_options(struct offer *offer, uint64_t args)
{
	for (int i = 0; i < ARG_COUNT; i++) {
		TEXT_AUTO name = {0};
		text_append_format(&name, "--%s", arg_rows[i].name);
		if (args & ARG_BIT(i))
			add(offer, name.data);
	}
}

static void add_formats(struct offer *offer)
{
	for (size_t i = 0; i < watch_format_count; i++)
		add(offer, watch_formats[i].name);
}

/* Where it cannot be asked nothing is offered, and nothing said: somebody is typing. */
static void add_names(struct offer *offer, bool groups)
{
	struct config config;
	struct visit visit;
	if (config_load(NULL, &config) || visit_begin(&visit, offer->args, &config))
		return;
	const struct replica *replica = &visit.mirror.replica;
	for (size_t i = 0; i < replica->group_count && groups; i++)
		add(offer, replica->groups[i].name);
	for (size_t i = 0; i < replica->session_count && !groups; i++)
		add(offer, show_title(&replica->sessions[i]));
	visit_end(&visit);
}

/* What the usage calls a word in capitals; anything else in it stands for itself. */
static void add_what(struct offer *offer, const char *what)
{
	if (strcmp(what, "NAME") == 0)
		add_names(offer, false);
	else if (strcmp(what, "GROUP") == 0)
		add_names(offer, true);
	else if (strcmp(what, "FORMAT") == 0)
		add_formats(offer);
	else if (strcmp(what, "COMMAND") == 0)
		add_verbs(offer);
	else if (strpbrk(what, "abcdefghijklmnopqrstuvwxyz") && what[0] != '-')
		add(offer, what);
}

/* The n-th word of a usage like "NAME GROUP|-" or "[pomodoro|short|LENGTH] [TITLE]". */
static void add_word(struct offer *offer, const char *usage, int n)
{
	TEXT_AUTO copy = {0};
	char *rest = NULL, *word, *inner = NULL;
	text_append_string(&copy, usage);
	word = strtok_r(copy.data, " ", &rest);
	while (word && n-- > 0)
		word = strtok_r(NULL, " ", &rest);
	for (char *what = word ? strtok_r(word, "[|]", &inner) : NULL; what;
		what = strtok_r(NULL, "[|]", &inner))
		add_what(offer, what);
}

static const struct arg_row *option_of(const char *word)
{
	for (int i = 0; i < ARG_COUNT; i++) {
		if (strncmp(word, "--", 2) == 0 && strcmp(word + 2, arg_rows[i].name) == 0)
			return &arg_rows[i];
	}
	return NULL;
}

static void add_ways(struct offer *offer, char **words, int count)
{
	const struct verb *verb = NULL;
	const struct arg_row *option = NULL;
	int position = -1;
	for (int i = 0; i + 1 < count; i++) {
		bool is_value = option && option->value;
		option = is_value ? NULL : option_of(words[i]);
		if (is_value || option)
			continue;
		if (position++ < 0)
			verb = verb_find(words[i]);
	}
	if (option && option->value)
		add_what(offer, option->value);
	else if (offer->typed[0] == '-')
		add_options(offer, ARGS_COMMON | (verb ? verb->args : ARG_BIT(ARG_VERSION)));
	else if (position < 0)
		add_verbs(offer);
	else if (verb && *verb->words)
		add_word(offer, verb->words, position);
}

enum code verb_complete(const struct args *args, const struct config *config)
{
	struct offer offer = {.typed = args->words[args->count - 1], .args = args};
	(void)config;
	add_ways(&offer, args->words + 1, args->count - 1);
	if (offer.out.len)
		term_print(&offer.out);
	text_finish(&offer.out);
	return CODE_OK;
}
