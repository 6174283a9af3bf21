/* `lockstep status`: what runs, what is left, today, next. */
#include "examples/cli/now.h"
#include "examples/cli/pick.h"
#include "examples/cli/show.h"
#include "examples/cli/term.h"
#include "examples/cli/verbs.h"
#include "examples/cli/visit.h"
#include "examples/cli/watch_format.h"
#include "examples/cli/web.h"

#include <string.h>

static int64_t tracked_ms(const struct replica *replica, const struct session *session, int64_t now_ms)
{
	return session_tracked_ms(session, replica_day_start(replica, now_ms), now_ms);
}

/* `Read  24:10 left, until 14:31  (today 0:35 of 1:00)` */
static void append_running(
	struct text *out, const struct replica *replica, const struct session *session, int64_t now_ms)
{
	int64_t target_ms = session_target_ms(session);
	char until[6];
	text_append_format(out, "%s  ", show_title(session));
	show_clock(out, show_seconds(session, now_ms));
	if (target_ms) {
		/* Until when by this machine's clock, be it right or not. */
		now_format_time(now_wall_ms() + target_ms - now_ms, until);
		text_append_format(out, " left, until %s", until);
	}
	text_append_string(out, "  (today ");
	show_minutes(out, tracked_ms(replica, session, now_ms) / MINUTE_MS);
	if (session->daily_goal_minutes) {
		text_append_string(out, " of ");
		show_minutes(out, session->daily_goal_minutes);
	}
	text_append_string(out, ")\n");
}

static void append_rest(
	struct text *out, const struct replica *replica, int64_t now_ms, int64_t today_minutes)
{
	const struct session *next = pick_next(replica);
	if (next) {
		text_append_format(out, "next: %s  ", show_title(next));
		show_clock(out, show_seconds(next, now_ms));
		text_append_string(out, "\n");
	}
	text_append_string(out, "today: ");
	show_minutes(out, today_minutes);
	text_append_string(out, "\n");
}

static void append_status(
	struct text *out, const struct replica *replica, int64_t now_ms, int64_t today_minutes)
{
	const struct session *current = pick_current(replica);
	if (current)
		append_running(out, replica, current, now_ms);
	else
		text_append_string(out, "nothing is running\n");
	for (size_t i = 0; i < replica->session_count; i++) {
		if (replica->sessions[i].state == STATE_RUNNING && &replica->sessions[i] != current)
			append_running(out, replica, &replica->sessions[i], now_ms);
	}
	append_rest(out, replica, now_ms, today_minutes);
}

/* Of what has ended or is deleted only the analytics know. Without a range their last day is today. */
static enum code ask_today(const struct visit *visit, int64_t *ret_minutes)
{
	struct web_request request = {
		"GET", "/v1/analytics?period=daily", NULL, visit->mirror.token.text, visit_left_ms(visit)};
	JSON_AUTO *answer = NULL;
	enum code code = web_ask(visit->mirror.config, &request, &answer);
	const cJSON *days = json_get(answer, "periods");
	const cJSON *minutes = json_get(cJSON_GetArrayItem(days, cJSON_GetArraySize(days) - 1), "sumMinutes");
	*ret_minutes = cJSON_IsNumber(minutes) ? (int64_t)minutes->valuedouble : 0;
	return code;
}

static enum code tell(const struct visit *visit)
{
	int64_t minutes;
	TEXT_AUTO out = {0};
	enum code code = ask_today(visit, &minutes);
	if (code)
		return code;
	append_status(&out, &visit->mirror.replica, mirror_now_ms(&visit->mirror), minutes);
	term_print(&out);
	return CODE_OK;
}

static void tell_json(const struct visit *visit)
{
	struct watch_view view = {.replica = &visit->mirror.replica,
		.phase = LINK_LIVE,
		.now_ms = mirror_now_ms(&visit->mirror)};
	TEXT_AUTO out = {0};
	watch_format_find("json")->append(&out, &view);
	text_append_string(&out, "\n");
	term_print(&out);
}

enum code verb_status(const struct args *args, const struct config *config)
{
	struct visit visit;
	enum code code = visit_begin(&visit, args, config);
	if (code)
		return code;
	if (args->values[ARG_JSON])
		tell_json(&visit);
	else
		code = tell(&visit);
	if (!code && !pick_current(&visit.mirror.replica))
		code = CODE_NAME;
	visit_end(&visit);
	return code;
}
