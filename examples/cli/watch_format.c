#include "examples/cli/watch_format.h"

#include "examples/cli/pick.h"
#include "examples/cli/show.h"
#include "protocol/member.h"

#include <string.h>

struct watch_shown watch_choose(const struct watch_view *view)
{
	struct watch_shown shown = {.session = pick_current(view->replica), .how = SHOWN_RUNNING};
	if (shown.session) {
		shown.others = pick_count_running(view->replica) - 1;
		return shown;
	}
	shown.how = SHOWN_DONE;
	shown.session = pick_done(view->replica, view->now_ms);
	if (shown.session)
		return shown;
	shown.session = pick_next(view->replica);
	shown.how = shown.session && shown.session->elapsed_ms ? SHOWN_PAUSED : SHOWN_IDLE;
	return shown;
}

/* --- For people ----------------------------------------------------------------------------------------- */

static void append_state(struct text *out, const struct watch_view *view, int64_t now_ms)
{
	struct watch_shown shown = watch_choose(view);
	if (!shown.session) {
		text_append_string(out, "–");
		return;
	}
	text_append_string(out, shown.how == SHOWN_DONE ? "✔ " : shown.how == SHOWN_RUNNING ? "" : "⏸ ");
	text_append_string(out, show_title(shown.session));
	text_append_string(out, " ");
	show_clock(out, show_seconds(shown.session, now_ms));
	if (shown.others)
		text_append_format(out, " +%zu", shown.others);
}

static void append_plain(struct text *out, const struct watch_view *view)
{
	switch (view->phase) {
	case LINK_LIVE:
		append_state(out, view, view->now_ms);
		return;
	case LINK_CONNECTING:
		text_append_string(out, "connecting");
		return;
	case LINK_OFFLINE:
		text_append_format(out, "offline since %s", view->since);
		break;
	case LINK_REFUSED:
		text_append_format(out, "refused since %s (%s)", view->since, view->why);
		break;
	}
	if (!view->replica->known)
		return;
	/* As it was then: nobody knows what has become of it. */
	text_append_string(out, ", last: ");
	append_state(out, view, view->lost_ms);
}

/* --- For programs --------------------------------------------------------------------------------------- */

static void append_id(struct text *out, const char *name, const struct session *session)
{
	static const struct uuid none = {0};
	member_id_or_null(out, name, session ? &session->id : &none);
}

static void append_json(struct text *out, const struct watch_view *view)
{
	const struct replica *replica = view->replica;
	text_append_string(out, "{");
	member_string(out, "phase", link_phase_name(view->phase));
	member_string_or_null(
		out, "userName", *replica->user.name ? replica->user.name : replica->user.user_id);
	member_integer(out, "nowMs", view->now_ms);
	member_open(out, "sessions");
	text_append_string(out, "[");
	for (size_t i = 0; i < replica->session_count; i++) {
		text_append_string(out, i ? "," : "");
		show_json(out, replica, &replica->sessions[i], view->now_ms);
	}
	text_append_string(out, "]");
	append_id(out, "current", pick_current(replica));
	append_id(out, "next", pick_next(replica));
	text_append_string(out, "}");
}

/* --- The table ------------------------------------------------------------------------------------------ */

const struct watch_format watch_formats[] = {
	{"plain", "a line for people", true, append_plain},
	{"json", "everything, whenever something changes", false, append_json},
	{"waybar", "JSON of a Waybar module", true, watch_append_waybar},
	{"polybar", "text with polybar's colours", true, watch_append_polybar},
	{"tmux", "text with tmux's styles", true, watch_append_tmux},
};
const size_t watch_format_count = sizeof(watch_formats) / sizeof(watch_formats[0]);

const struct watch_format *watch_format_find(const char *name)
{
	for (size_t i = 0; i < watch_format_count; i++) {
		if (strcmp(watch_formats[i].name, name) == 0)
			return &watch_formats[i];
	}
	return NULL;
}

int64_t watch_next_ms(const struct watch_format *format, const struct watch_view *view)
{
	struct watch_shown shown = watch_choose(view);
	if (!format->ticks || !shown.session)
		return 0;
	if (shown.how == SHOWN_DONE)
		return shown.session->ended_at_ms + PICK_DONE_MS;
	return show_next_ms(shown.session, view->now_ms);
}
