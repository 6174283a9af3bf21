/* start, pause, toggle, reset, done, delete, rename, move, edit: commands about one session that there is. */
#include "examples/cli/length.h"
#include "examples/cli/pick.h"
#include "examples/cli/show.h"
#include "examples/cli/term.h"
#include "examples/cli/verbs.h"
#include "examples/cli/visit.h"
#include "protocol/member.h"

#include <inttypes.h>
#include <string.h>

/* The first word behind the command's name, or NULL. */
static const char *name_of(const struct args *args)
{
	return args->count > 1 ? args->words[1] : NULL;
}

static enum code find_next(const struct visit *visit, const struct session **ret)
{
	*ret = pick_next(&visit->mirror.replica);
	if (*ret)
		return CODE_OK;
	term_say("there is nothing to start");
	return CODE_NAME;
}

/* Sends `type` about the session with the members of `more`, an object without its end, and tells what came
 * of it. */
static enum code move(
	struct visit *visit, const char *type, const struct session *session, const struct text *more)
{
	VERDICT_AUTO verdict = {0};
	TEXT_AUTO command = {0};
	visit_append_command(&command, type, &session->id);
	if (more && more->len > 1) {
		text_append_string(&command, ",");
		text_append_string(&command, more->data + 1);
	}
	enum code code = visit_do(visit, &command, &verdict);
	if (!code)
		visit_tell(visit, &verdict);
	return code;
}

static enum code start(struct visit *visit)
{
	const struct session *session = NULL;
	const char *name = name_of(visit->args);
	enum code code = name ? visit_find(visit, name, VISIT_HALTED, &session) : find_next(visit, &session);
	return code ? code : move(visit, "start", session, NULL);
}

static enum code pause_session(struct visit *visit)
{
	const struct session *session = NULL;
	const char *name = name_of(visit->args);
	const char *reason = visit->args->values[ARG_REASON];
	TEXT_AUTO more = {0};
	enum code code =
		name ? visit_find(visit, name, VISIT_RUNNING, &session) : visit_find_running(visit, &session);
	text_append_string(&more, "{");
	if (reason)
		member_string(&more, "reason", reason);
	return code ? code : move(visit, "pause", session, &more);
}

static enum code toggle(struct visit *visit)
{
	const struct session *session = NULL;
	const char *name = name_of(visit->args);
	enum code code = CODE_OK;
	if (name)
		code = visit_find(visit, name, VISIT_ANY, &session);
	else if (!(session = pick_current(&visit->mirror.replica)))
		code = find_next(visit, &session);
	if (code)
		return code;
	return move(visit, session->state == STATE_RUNNING ? "pause" : "start", session, NULL);
}

static enum code reset_all(struct visit *visit)
{
	VERDICT_AUTO verdict = {0};
	TEXT_AUTO command = {0}, out = {0};
	text_append_string(&command, "{\"type\":\"resetAll\"");
	enum code code = visit_do(visit, &command, &verdict);
	if (code)
		return code;
	const cJSON *sessions = json_get(verdict.result, "sessions");
	if (visit->args->values[ARG_JSON]) {
		text_append_string(&out, "{\"sessions\":");
		json_print(sessions, &out);
		text_append_string(&out, "}\n");
	} else {
		text_append_format(&out, "%d reset\n", cJSON_GetArraySize(sessions));
	}
	term_print(&out);
	return CODE_OK;
}

static enum code reset(struct visit *visit)
{
	const struct session *session = NULL;
	if (visit->args->values[ARG_ALL])
		return reset_all(visit);
	enum code code = visit_find(visit, name_of(visit->args), VISIT_ANY, &session);
	return code ? code : move(visit, "resetSession", session, NULL);
}

static enum code complete(struct visit *visit)
{
	const struct session *session = NULL;
	const char *name = name_of(visit->args);
	enum code code =
		name ? visit_find(visit, name, VISIT_RUNNING, &session) : visit_find_running(visit, &session);
	return code ? code : move(visit, "complete", session, NULL);
}

static enum code remove_session(struct visit *visit)
{
	const struct session *session = NULL;
	char id[UUID_TEXT];
	TEXT_AUTO out = {0};
	enum code code = visit_find(visit, name_of(visit->args), VISIT_ANY, &session);
	if (code)
		return code;
	uuid_format(&session->id, id);
	if (visit->args->values[ARG_JSON])
		text_append_format(&out, "{\"session\":\"%s\"}\n", id);
	else
		text_append_format(
			&out, "%s is deleted; lockstep restore %s brings it back\n", show_title(session), id);
	code = move(visit, "deleteSession", session, NULL);
	if (!code)
		term_print(&out);
	return code;
}

static enum code rename_session(struct visit *visit)
{
	const struct session *session = NULL;
	TEXT_AUTO more = {0};
	enum code code = visit_find(visit, name_of(visit->args), VISIT_ANY, &session);
	text_append_string(&more, "{");
	member_string(&more, "title", visit->args->words[2]);
	return code ? code : move(visit, "renameSession", session, &more);
}

static enum code move_session(struct visit *visit)
{
	const struct session *session = NULL;
	const char *name = visit->args->words[2];
	struct uuid group = {0};
	TEXT_AUTO more = {0};
	enum code code = visit_find(visit, name_of(visit->args), VISIT_ANY, &session);
	if (!code && strcmp(name, "-") != 0)
		code = visit_find_group(visit, name, &group);
	text_append_string(&more, "{");
	member_id_or_null(&more, "group", &group);
	return code ? code : move(visit, "moveSession", session, &more);
}

static enum code edit(struct visit *visit)
{
	const struct session *session = NULL;
	TEXT_AUTO more = {0};
	text_append_string(&more, "{");
	if (!length_append_fields(&more, visit->args->values[ARG_LENGTH], visit->args->values[ARG_GOAL]))
		return CODE_USAGE;
	enum code code = visit_find(visit, name_of(visit->args), VISIT_ANY, &session);
	return code ? code : move(visit, "editSession", session, &more);
}

/* --- The commands --------------------------------------------------------------------------------------- */

static enum code visit_with(
	const struct args *args, const struct config *config, enum code (*act)(struct visit *visit))
{
	struct visit visit;
	enum code code = visit_begin(&visit, args, config);
	if (code)
		return code;
	code = act(&visit);
	visit_end(&visit);
	return code;
}

enum code verb_start(const struct args *args, const struct config *config)
{
	return visit_with(args, config, start);
}

enum code verb_pause(const struct args *args, const struct config *config)
{
	return visit_with(args, config, pause_session);
}

enum code verb_toggle(const struct args *args, const struct config *config)
{
	return visit_with(args, config, toggle);
}

enum code verb_reset(const struct args *args, const struct config *config)
{
	if (!args->values[ARG_ALL] == (args->count < 2)) {
		term_say("reset takes a NAME, or --all");
		return CODE_USAGE;
	}
	return visit_with(args, config, reset);
}

enum code verb_done(const struct args *args, const struct config *config)
{
	return visit_with(args, config, complete);
}

enum code verb_delete(const struct args *args, const struct config *config)
{
	return visit_with(args, config, remove_session);
}

enum code verb_rename(const struct args *args, const struct config *config)
{
	return visit_with(args, config, rename_session);
}

enum code verb_move(const struct args *args, const struct config *config)
{
	return visit_with(args, config, move_session);
}

enum code verb_edit(const struct args *args, const struct config *config)
{
	if (!args->values[ARG_LENGTH] && !args->values[ARG_GOAL]) {
		term_say("edit changes --length or --goal");
		return CODE_USAGE;
	}
	return visit_with(args, config, edit);
}
