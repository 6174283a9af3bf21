/* What `lockstep watch --format json` says, and what a person is to see of it at an instant.
 * Knows the line's fields; knows no clock, no process and no window. */
#ifndef LOCKSTEP_WIDGET_MODEL_H
#define LOCKSTEP_WIDGET_MODEL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct model;

enum verb { VERB_NONE, VERB_START, VERB_PAUSE };
enum tone { TONE_IDLE, TONE_RUNNING, TONE_PAUSED, TONE_DONE };

/* One session as it is shown. */
struct shown {
	char *id, *title;
	char *time;      /* what is left, or what has passed of one without a length: "24:59", "1:00:00" */
	char *note;      /* "until 14:25", "paused", with the group before it */
	double fraction; /* done of its length, 0 … 1; negative without a length */
	enum tone tone;
	enum verb verb; /* what its button does */
};

/* All that is shown at one instant. */
struct view {
	char *trouble;      /* why this may not be how things are; NULL when in step with the server */
	bool known;         /* it was in step once; before, that nothing is there means nothing */
	struct shown *main; /* what runs, else what is next; NULL when there is nothing */
	GPtrArray *others;  /* struct shown: the rest; what runs first, then what is next, then by title */
	int64_t next_ms;    /* until something of this changes by itself; -1: it doesn't */
};

struct model *model_create(void);
void model_destroy(struct model *model);

/* Takes a line that was read at `mono_ms` of a clock that never steps. False, and nothing changes, when it is
 * none of those that `lockstep watch --format json` prints. */
bool model_read(struct model *model, const char *line, int64_t mono_ms) G_GNUC_WARN_UNUSED_RESULT;

/* No more lines come, and why. What was known stays to be shown, with the trouble. */
void model_lose(struct model *model, const char *why, int64_t mono_ms);

/* Whether what it knows is how things are on the server. */
bool model_in_step(const struct model *model);

/* What is to be seen at `mono_ms`. The caller's, for view_destroy. */
struct view *model_view(const struct model *model, int64_t mono_ms);
void view_destroy(struct view *view);

#endif
