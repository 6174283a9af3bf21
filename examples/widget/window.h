/* The window: one session large, the others below, trouble and complaints. Knows how things look; knows
 * neither processes nor where a view comes from. */
#ifndef LOCKSTEP_WIDGET_WINDOW_H
#define LOCKSTEP_WIDGET_WINDOW_H

#include "examples/widget/model.h"

#include <gtk/gtk.h>

struct window;

/* A button was pressed; `id` is borrowed. */
typedef void window_press_fn(void *context, enum verb verb, const char *id);

/* `context` has to live as long as the application. Shows itself at the first window_show. */
struct window *window_create(GtkApplication *application, window_press_fn *on_press, void *context);

/* Frees what is not GTK's own, once the application has ended. */
void window_destroy(struct window *window);

void window_show(struct window *window, const struct view *view);

/* Shown until it is closed by hand or replaced; NULL, when something succeeds, takes it away. */
void window_complain(struct window *window, const char *complaint);

/* To the front, for somebody who started the program again. */
void window_present(struct window *window);

#endif
