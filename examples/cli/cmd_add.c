/* add and focus: new sessions, and the focus session that is on. */
#include "examples/cli/length.h"
#include "examples/cli/now.h"
#include "examples/cli/show.h"
#include "examples/cli/term.h"
#include "examples/cli/verbs.h"
#include "examples/cli/visit.h"
#include "protocol/member.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static struct uuid new_id(void)
{
	uint8_t random[10];
	now_random(random, sizeof(random));
	return uuid_make(now_wall_ms(), random);
}

/* --- add ------------------------------------------------------------------------------------------------ */

static enum code append_timer(struct text *out, const struct visit *visit, const struct uuid *id)
{
	const struct args *args = visit->args;
	const char *length = args->count > 2 ? args->words[2] : NULL;
	struct uuid group;
	visit_append_command(out, "addSession", id);
	member_string(out, "title", args->words[1]);
	if (!length_append_fields(out, length, args->values[ARG_GOAL]))
		return CODE_USAGE;
	if (!args->values[ARG_GROUP])
		return CODE_OK;
	enum code code = visit_find_group(visit, args->values[ARG_GROUP], &group);
	if (!code)
		member_id(out, "group", &group);
	return code;
}

static enum code add(struct visit *visit)
{
	struct uuid id = new_id();
	VERDICT_AUTO added = {0}, started = {0};
	TEXT_AUTO command = {0}, start = {0};
	enum code code = append_timer(&command, visit, &id);
	if (!code)
		code = visit_do(visit, &command, &added);
	if (code)
		return code;
	if (visit->args->values[ARG_START]) {
		visit_append_command(&start, "start", &id);
		code = visit_do(visit, &start, &started);
	}
	visit_tell(visit, &added);
	return code;
}

enum code verb_add(const struct args *args, const struct config *config)
{
	struct visit visit;
	TEXT_AUTO fields = {0};
	/* Said before anybody is asked. */
	text_append_string(&fields, "{");
	if (!length_append_fields(&fields, args->count > 2 ? args->words[2] : NULL, args->values[ARG_GOAL]))
		return CODE_USAGE;
	enum code code = visit_begin(&visit, args, config);
	if (code)
		return code;
	code = add(&visit);
	visit_end(&visit);
	return code;
}

/* --- focus ---------------------------------------------------------------------------------------------- */

/* What can be done with the focus session that is on, and what it takes beside. */
static const struct {
	const char *word, *command;
	uint64_t args;
} deeds[] = {
	{"pause", "pause", ARG_BIT(ARG_REASON)},
	{"resume", "start", 0},
	{"done", "complete", ARG_BIT(ARG_RATING) | ARG_BIT(ARG_PROGRESS)},
	{"abandon", "abandon", ARG_BIT(ARG_REASON) | ARG_BIT(ARG_PROGRESS)},
	{"distraction", "distraction", 0},
};
#define DEED_COUNT (sizeof(deeds) / sizeof(deeds[0]))

static size_t find_deed(const char *word)
{
	size_t deed = 0;
	while (deed < DEED_COUNT && strcmp(deeds[deed].word, word) != 0)
		deed++;
	return deed;
}

static const struct session *find_focus(const struct replica *replica)
{
	for (size_t i = 0; i < replica->session_count; i++) {
		const struct session *session = &replica->sessions[i];
		if (session->kind == KIND_FOCUS && session->status == STATUS_ACTIVE)
			return session;
	}
	return NULL;
}

static void append_given(struct text *out, const struct args *args, size_t deed)
{
	const char *rating = args->values[ARG_RATING], *progress = args->values[ARG_PROGRESS];
	bool ends = strcmp(deeds[deed].command, "complete") == 0;
	if (args->values[ARG_REASON])
		member_string(out, "reason", args->values[ARG_REASON]);
	if (progress)
		member_string(out, ends ? "taskProgress" : "progressMade", progress);
	if (rating)
		member_integer(out, "qualityRating", strtol(rating, NULL, 10));
}

static enum code do_deed(struct visit *visit, size_t deed)
{
	const struct session *session = find_focus(&visit->mirror.replica);
	VERDICT_AUTO verdict = {0};
	TEXT_AUTO command = {0};
	if (!session) {
		term_say("no focus session is on");
		return CODE_NAME;
	}
	visit_append_command(&command, deeds[deed].command, &session->id);
	append_given(&command, visit->args, deed);
	enum code code = visit_do(visit, &command, &verdict);
	if (!code)
		visit_tell(visit, &verdict);
	return code;
}

/* A type, or a length, or nothing: a pomodoro. True when the word was one. */
static bool append_type(struct text *out, const char *word)
{
	int64_t ms;
	for (int type = 0; word && type < SESSION_CUSTOM; type++) {
		if (strcmp(word, session_type_names[type]) == 0) {
			member_string(out, "sessionType", word);
			return true;
		}
	}
	bool length = word && length_parse(word, &ms);
	member_string(out, "sessionType", session_type_names[length ? SESSION_CUSTOM : SESSION_POMODORO]);
	if (length)
		member_integer(out, "plannedMinutes", (ms + MINUTE_MS - 1) / MINUTE_MS);
	return length;
}

static enum code begin_focus(struct visit *visit)
{
	const struct args *args = visit->args;
	struct uuid id = new_id();
	VERDICT_AUTO verdict = {0};
	TEXT_AUTO command = {0};
	visit_append_command(&command, "addSession", &id);
	member_string(&command, "kind", session_kind_name(KIND_FOCUS));
	int title = 1 + append_type(&command, args->count > 1 ? args->words[1] : NULL);
	if (title < args->count)
		member_string(&command, "title", args->words[title]);
	enum code code = visit_do(visit, &command, &verdict);
	if (!code)
		visit_tell(visit, &verdict);
	return code;
}

/* What is said makes sense together. */
static bool check_focus(const struct args *args, size_t deed)
{
	TEXT_AUTO unused = {0};
	text_append_string(&unused, "{");
	uint64_t allowed = deed < DEED_COUNT ? deeds[deed].args : 0;
	const char *rating = args->values[ARG_RATING];
	if (!args_allow(args, allowed | ARGS_COMMON | ARG_BIT(ARG_JSON)))
		return false;
	bool typed = append_type(&unused, args->count > 1 ? args->words[1] : NULL);
	if (args->count > (deed < DEED_COUNT || !typed ? 2 : 3)) {
		term_say("usage: lockstep focus [pomodoro|short|long|LENGTH] [TITLE]");
		return false;
	}
	if (rating && (strlen(rating) != 1 || *rating < '1' || *rating > '5')) {
		term_say("--rating %s: 1 to 5", rating);
		return false;
	}
	return true;
}

enum code verb_focus(const struct args *args, const struct config *config)
{
	struct visit visit;
	size_t deed = args->count > 1 ? find_deed(args->words[1]) : DEED_COUNT;
	if (!check_focus(args, deed))
		return CODE_USAGE;
	enum code code = visit_begin(&visit, args, config);
	if (code)
		return code;
	code = deed < DEED_COUNT ? do_deed(&visit, deed) : begin_focus(&visit);
	visit_end(&visit);
	return code;
}
