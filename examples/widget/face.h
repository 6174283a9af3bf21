/* How one session looks: title, time, note, progress and a button. Knows widgets; knows no window. */
#ifndef LOCKSTEP_WIDGET_FACE_H
#define LOCKSTEP_WIDGET_FACE_H

#include "examples/widget/model.h"

#include <gtk/gtk.h>

struct face;

typedef void face_press_fn(void *context, enum verb verb, const char *id);

/* Large: one above the other, to be seen from afar. Small: a row of a list. */
struct face *face_create_large(face_press_fn *on_press, void *context);
struct face *face_create_small(face_press_fn *on_press, void *context);

/* Not the widget, which is its parent's. */
void face_destroy(struct face *face);

GtkWidget *face_widget(struct face *face);
GtkWidget *face_button(struct face *face);

/* NULL: there is no session. */
void face_show(struct face *face, const struct shown *shown);

#endif
