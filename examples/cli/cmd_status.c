/* `lockstep status`: what runs, what is left, today, next. */
#include "examples/cli/now.h"
#include "examples/cli/pick.h"
#include "examples/cli/show.h"
#include "examples/cli/term.h"
#include "examples/cli/verbs.h"
#include "examples/cli/visit.h"
#include "examples/cli/watch_format.h"

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

static void append_rest(struct text *out, const struct replica *replica, int64_t now_ms)
{
	const struct session *next = pick_next(replica);
	int64_t today_ms = 0;
	for (size_t i = 0; i < replica->session_count; i++)
		today_ms += tracked_ms(replica, &replica->sessions[i], now_ms);
	if (next) {
		text_append_format(out, "next: %s  ", show_title(next));
		show_clock(out, show_seconds(next, now_ms));
		text_append_string(out, "\n");
	}
	text_append_string(out, "today: ");
	show_minutes(out, today_ms / MINUTE_MS);
	text_append_string(out, "\n");
}

static void append_status(struct text *out, const struct replica *replica, int64_t now_ms)
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
	append_rest(out, replica, now_ms);
}

enum code verb_status(const struct args *args, const struct config *config)
{
	struct visit visit;
	TEXT_AUTO out = {0};
	enum code code = visit_begin(&visit, args, config);
	if (code)
		return code;
	const struct replica *replica = &visit.mirror.replica;
	struct watch_view view = {
		.replica = replica, .phase = LINK_LIVE, .now_ms = mirror_now_ms(&visit.mirror)};
	if (args->values[ARG_JSON]) {
		watch_format_find("json")->append(&out, &view);
		text_append_string(&out, "\n");
	} else {
		append_status(&out, replica, view.now_ms);
	}
	code = pick_current(replica) ? CODE_OK : CODE_NAME;
	visit_end(&visit);
	term_print(&out);
	return code;
}
