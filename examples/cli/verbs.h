/* The commands of the program: one table that running, help, completions and the manual are made from. */
#ifndef LOCKSTEP_CLI_VERBS_H
#define LOCKSTEP_CLI_VERBS_H

#include "examples/cli/args.h"
#include "examples/cli/config.h"

#include <stddef.h>

struct verb {
	const char *name;
	const char *words; /* what stands behind it, as usage has it */
	const char *help;  /* one line; NULL: for programs, and not listed */
	uint64_t args;     /* ARG_BITs, beside ARGS_COMMON */
	int min, max;      /* words behind the name */
	enum code (*run)(const struct args *args, const struct config *config);
	bool local; /* runs without any configuration: config is NULL */
};
extern const struct verb verbs[];
extern const size_t verb_count;

/* NULL: there is none of that name. */
const struct verb *verb_find(const char *name);

enum code verb_complete(const struct args *args, const struct config *config);
enum code verb_help(const struct args *args, const struct config *config);
enum code verb_login(const struct args *args, const struct config *config);
enum code verb_logout(const struct args *args, const struct config *config);
enum code verb_report(const struct args *args, const struct config *config);
enum code verb_restore(const struct args *args, const struct config *config);
enum code verb_list(const struct args *args, const struct config *config);
enum code verb_console(const struct args *args, const struct config *config);
enum code verb_watch(const struct args *args, const struct config *config);
enum code verb_status(const struct args *args, const struct config *config);
enum code verb_add(const struct args *args, const struct config *config);
enum code verb_start(const struct args *args, const struct config *config);
enum code verb_pause(const struct args *args, const struct config *config);
enum code verb_toggle(const struct args *args, const struct config *config);
enum code verb_reset(const struct args *args, const struct config *config);
enum code verb_done(const struct args *args, const struct config *config);
enum code verb_delete(const struct args *args, const struct config *config);
enum code verb_rename(const struct args *args, const struct config *config);
enum code verb_move(const struct args *args, const struct config *config);
enum code verb_edit(const struct args *args, const struct config *config);
enum code verb_focus(const struct args *args, const struct config *config);

#endif
