/* The formats of status bars, each with its own markup, into which nobody's title may write. */
#include "examples/cli/clean.h"
#include "examples/cli/pick.h"
#include "examples/cli/show.h"
#include "examples/cli/watch_format.h"
#include "protocol/member.h"

#include <string.h>

static const char *const kind_marks[KIND_COUNT] = {
	[KIND_TIMER] = "▶",
	[KIND_FOCUS] = "◎",
	[KIND_WORK] = "■",
	[KIND_TRAINING] = "▲",
};

/* The states of a bar: class, and colour where it has one. */
enum look { LOOK_IDLE, LOOK_PAUSED, LOOK_RUNNING, LOOK_DONE, LOOK_OFFLINE };
static const struct {
	const char *name, *colour;
} looks[] = {
	[LOOK_IDLE] = {"idle", "#888888"},
	[LOOK_PAUSED] = {"paused", "#d19a66"},
	[LOOK_RUNNING] = {"running", NULL},
	[LOOK_DONE] = {"done", "#98c379"},
	[LOOK_OFFLINE] = {"offline", "#e06c75"},
};

static enum look look_of(const struct watch_view *view, const struct watch_shown *shown)
{
	static const enum look by_how[] = {[SHOWN_IDLE] = LOOK_IDLE,
		[SHOWN_PAUSED] = LOOK_PAUSED,
		[SHOWN_RUNNING] = LOOK_RUNNING,
		[SHOWN_DONE] = LOOK_DONE};
	return view->phase == LINK_LIVE ? by_how[shown->how] : LOOK_OFFLINE;
}

/* Bars have little room, and cut off at the right, which is the time. */
#define TITLE_CHARS 32

static void append_title(struct text *out, const char *title)
{
	const char *at = title, *cut = title;
	for (int chars = 0; *at; chars++) {
		if (chars == TITLE_CHARS - 1)
			cut = at;
		if (chars == TITLE_CHARS) {
			text_append(out, title, (size_t)(cut - title));
			text_append_string(out, "…");
			return;
		}
		clean_next(&at);
	}
	text_append_string(out, title);
}

/* Title and clock. What runs goes on while offline, for its end is known; the bar's mark and colour say that
 * nobody knows better. */
static void append_session(struct text *out, const char *title, const struct session *session, int64_t now_ms)
{
	text_append_string(out, title);
	text_append_string(out, " ");
	show_clock(out, show_seconds(session, now_ms));
}

static void append_text(struct text *out, const struct watch_view *view, const struct watch_shown *shown)
{
	if (view->phase == LINK_CONNECTING) {
		text_append_string(out, "…");
		return;
	}
	if (view->phase != LINK_LIVE)
		text_append_string(out, "⚠ ");
	if (view->phase != LINK_LIVE && !view->replica->known)
		text_append_string(out, link_phase_name(view->phase));
	else if (!shown->session)
		text_append_string(out, "–");
	if (!shown->session)
		return;
	const char *mark = shown->how == SHOWN_DONE      ? "✔"
			   : shown->how == SHOWN_RUNNING ? kind_marks[shown->session->kind]
							 : "⏸";
	TEXT_AUTO title = {0};
	append_title(&title, show_title(shown->session));
	text_append_format(out, "%s ", mark);
	append_session(out, title.data, shown->session, view->now_ms);
	if (shown->others)
		text_append_format(out, " +%zu", shown->others);
}

/* Appends with each of `bytes` replaced by the string at its place. */
static void append_escaped(struct text *out, const char *text, const char *bytes, const char *const *instead)
{
	for (; *text; text++) {
		const char *found = strchr(bytes, *text);
		if (found)
			text_append_string(out, instead[found - bytes]);
		else
			text_append(out, text, 1);
	}
}

/* --- Waybar --------------------------------------------------------------------------------------------- */

static void append_pango(struct text *out, const char *text)
{
	static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
	append_escaped(out, text, "&<>\"'", entities);
}

/* One line for each that runs, and one for what has become of the link. */
static void append_tooltip(struct text *out, const struct watch_view *view, const struct watch_shown *shown)
{
	const struct replica *replica = view->replica;
	if (view->phase == LINK_OFFLINE)
		text_append_format(out, "offline since %s\n", view->since);
	if (view->phase == LINK_REFUSED)
		text_append_format(out, "refused since %s: %s\n", view->since, view->why);
	for (size_t i = 0; i < replica->session_count; i++) {
		const struct session *session = &replica->sessions[i];
		if (session->state != STATE_RUNNING && session != shown->session)
			continue;
		append_session(out, show_title(session), session, view->now_ms);
		text_append_string(out, "\n");
	}
	/* The last line's end is one too many. */
	if (out->len)
		out->data[--out->len] = '\0';
}

static int64_t percentage_of(const struct session *session, int64_t now_ms)
{
	if (!session || session->initial_ms <= 0)
		return 0;
	return (session->initial_ms - session_left_ms(session, now_ms)) * 100 / session->initial_ms;
}

void watch_append_waybar(struct text *out, const struct watch_view *view)
{
	struct watch_shown shown = watch_choose(view);
	const char *look = looks[look_of(view, &shown)].name;
	TEXT_AUTO plain = {0}, text = {0}, lines = {0}, tooltip = {0};
	append_text(&plain, view, &shown);
	append_pango(&text, plain.data);
	append_tooltip(&lines, view, &shown);
	append_pango(&tooltip, lines.len ? lines.data : "");
	text_append_string(out, "{");
	member_string(out, "text", text.data);
	member_string(out, "tooltip", tooltip.len ? tooltip.data : "");
	member_string(out, "alt", look);
	text_append_format(out, ",\"class\":[\"%s\"]", look);
	member_integer(out, "percentage", percentage_of(shown.session, view->now_ms));
	text_append_string(out, "}");
}

/* --- polybar and tmux ----------------------------------------------------------------------------------- */

void watch_append_polybar(struct text *out, const struct watch_view *view)
{
	struct watch_shown shown = watch_choose(view);
	const char *colour = looks[look_of(view, &shown)].colour;
	TEXT_AUTO text = {0};
	append_text(&text, view, &shown);
	if (colour)
		text_append_format(out, "%%{F%s}", colour);
	/* There is no way to write the beginning of a tag, but to tear it apart. */
	for (const char *at = text.data; *at; at++)
		text_append_string(out, *at == '%' && at[1] == '{' ? "% " : (char[]){*at, '\0'});
	if (colour)
		text_append_string(out, "%{F-}");
}

void watch_append_tmux(struct text *out, const struct watch_view *view)
{
	static const char *const doubled[] = {"##"};
	struct watch_shown shown = watch_choose(view);
	const char *colour = looks[look_of(view, &shown)].colour;
	TEXT_AUTO text = {0};
	append_text(&text, view, &shown);
	if (colour)
		text_append_format(out, "#[fg=%s]", colour);
	append_escaped(out, text.data, "#", doubled);
	if (colour)
		text_append_string(out, "#[default]");
}
