#include "examples/cli/visit.h"

#include "examples/cli/name.h"
#include "examples/cli/now.h"
#include "examples/cli/seconds.h"
#include "examples/cli/show.h"
#include "examples/cli/term.h"
#include "protocol/member.h"

#include <stdlib.h>
#include <string.h>

/* So that there is always a time in which an answer can come. */
#define LEAST_MS 100

enum code visit_begin(struct visit *visit, const struct args *args, const struct config *config)
{
	int64_t timeout_ms;
	visit->args = args;
	if (!seconds_of(args, &timeout_ms))
		return CODE_USAGE;
	visit->until_ms = now_boot_ms() + timeout_ms;
	enum code code = mirror_open(&visit->mirror, config, NULL, NULL);
	if (code)
		return code;
	code = mirror_wait(&visit->mirror, timeout_ms);
	if (code)
		visit_end(visit);
	return code;
}

void visit_end(struct visit *visit)
{
	mirror_close(&visit->mirror);
}

int64_t visit_left_ms(const struct visit *visit)
{
	int64_t left_ms = visit->until_ms - now_boot_ms();
	return left_ms > LEAST_MS ? left_ms : LEAST_MS;
}

/* --- Finding -------------------------------------------------------------------------------------------- */

static enum code say_found(size_t found, const char *what, const char *name, const struct text *several)
{
	if (found == NAME_NONE)
		term_say("there is no %s called %s", what, name);
	else if (found == NAME_MANY)
		term_list(several, "%s may be any of these:", name);
	else
		return CODE_OK;
	return CODE_NAME;
}

static bool is_preferred(const struct session *session, enum visit_wish wish)
{
	switch (wish) {
	case VISIT_ANY:
		return session->status == STATUS_ACTIVE;
	case VISIT_RUNNING:
		return session->state == STATE_RUNNING;
	case VISIT_HALTED:
		return session->state == STATE_PAUSED && session->status == STATUS_ACTIVE;
	}
	return false;
}

enum code visit_find(
	const struct visit *visit, const char *name, enum visit_wish wish, const struct session **ret)
{
	const struct replica *replica = &visit->mirror.replica;
	TEXT_AUTO several = {0};
	struct name_candidate *candidates = calloc(replica->session_count + 1, sizeof(*candidates));
	if (!candidates)
		abort();
	for (size_t i = 0; i < replica->session_count; i++) {
		const struct session *session = &replica->sessions[i];
		candidates[i] = (struct name_candidate){
			show_title(session), session->id, is_preferred(session, wish)};
	}
	size_t found = name_find(candidates, replica->session_count, name, &several);
	free(candidates);
	enum code code = say_found(found, "session", name, &several);
	if (!code)
		*ret = &replica->sessions[found];
	return code;
}

enum code visit_find_running(const struct visit *visit, const struct session **ret)
{
	const struct replica *replica = &visit->mirror.replica;
	const struct session *found = NULL;
	size_t count = 0;
	TEXT_AUTO names = {0};
	for (size_t i = 0; i < replica->session_count; i++) {
		if (replica->sessions[i].state != STATE_RUNNING)
			continue;
		found = &replica->sessions[i];
		text_append_format(&names, "  %s\n", show_title(found));
		count++;
	}
	if (count == 1) {
		*ret = found;
		return CODE_OK;
	}
	if (count)
		term_list(&names, "more than one is running; which is meant?");
	else
		term_say("nothing is running");
	return CODE_NAME;
}

enum code visit_find_group(const struct visit *visit, const char *name, struct uuid *ret)
{
	const struct replica *replica = &visit->mirror.replica;
	TEXT_AUTO several = {0};
	struct name_candidate *candidates = calloc(replica->group_count + 1, sizeof(*candidates));
	if (!candidates)
		abort();
	for (size_t i = 0; i < replica->group_count; i++)
		candidates[i] = (struct name_candidate){replica->groups[i].name, replica->groups[i].id, true};
	size_t found = name_find(candidates, replica->group_count, name, &several);
	free(candidates);
	enum code code = say_found(found, "group", name, &several);
	if (!code)
		*ret = replica->groups[found].id;
	return code;
}

/* --- Doing ---------------------------------------------------------------------------------------------- */

void visit_append_command(struct text *out, const char *type, const struct uuid *session)
{
	text_append_format(out, "{\"type\":\"%s\"", type);
	member_id(out, "session", session);
}

enum code visit_do(struct visit *visit, const struct text *command, struct verdict *ret)
{
	enum code code = mirror_ask(&visit->mirror, command->data, visit_left_ms(visit), ret);
	if (code || ret->ok)
		return code;
	term_say("refused: %s (%s)", ret->message, ret->code);
	return CODE_REFUSED;
}

/* `Read: running, 24:59`, of a timer that is not at its beginning or one that is. */
static void append_line(struct text *out, const struct session *session, int64_t now_ms, bool changed)
{
	const char *state = session->status != STATUS_ACTIVE  ? session_status_name(session->status)
			    : session->state == STATE_RUNNING ? "running"
			    : session->elapsed_ms             ? "paused"
							      : "ready";
	text_append_format(out, "%s: %s%s, ", show_title(session), changed ? "" : "already ", state);
	show_clock(out, show_seconds(session, now_ms));
	text_append_string(out, session->initial_ms == SESSION_NO_LENGTH ? " gone by\n" : " left\n");
}

void visit_tell(const struct visit *visit, const struct verdict *verdict)
{
	const struct replica *replica = &visit->mirror.replica;
	const struct session *session = NULL;
	struct uuid id;
	TEXT_AUTO out = {0};
	if (uuid_parse(verdict->id, &id))
		session = replica_session(replica, &id);
	if (!session)
		return;
	int64_t now_ms = mirror_now_ms(&visit->mirror);
	if (visit->args->values[ARG_JSON]) {
		show_json(&out, replica, session, now_ms);
		text_append_string(&out, "\n");
	} else {
		append_line(&out, session, now_ms, verdict->changed);
	}
	term_print(&out);
}
