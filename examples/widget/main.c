/* A small window on `lockstep watch`: what runs, what is left, what is next. Ties the others together, and
 * reads the clock for them. */
#include "examples/widget/call.h"
#include "examples/widget/feed.h"
#include "examples/widget/model.h"
#include "examples/widget/scheme.h"
#include "examples/widget/window.h"

#include <time.h>

struct widget {
	char *program; /* the command-line client */
	struct model *model;
	struct feed *feed;
	struct window *window;
	guint tick; /* the source that shows the next second, or 0 */
};

/* Goes on while the machine sleeps, and knows no steps of the wall clock. */
static int64_t mono_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void show(struct widget *widget);

static gboolean on_tick(void *data)
{
	struct widget *widget = data;
	widget->tick = 0;
	show(widget);
	return G_SOURCE_REMOVE;
}

static void show(struct widget *widget)
{
	struct view *view = model_view(widget->model, mono_ms());
	window_show(widget->window, view);
	if (widget->tick)
		g_source_remove(widget->tick);
	widget->tick = view->next_ms >= 0 ? g_timeout_add((guint)view->next_ms, on_tick, widget) : 0;
	view_destroy(view);
}

static void on_line(void *context, const char *line)
{
	struct widget *widget = context;
	if (!model_read(widget->model, line, mono_ms()))
		model_lose(widget->model, "“lockstep watch” says what this window does not understand",
			mono_ms());
	show(widget);
}

static void on_end(void *context, const char *why)
{
	struct widget *widget = context;
	model_lose(widget->model, why, mono_ms());
	show(widget);
}

static void on_done(void *context, const char *complaint)
{
	struct widget *widget = context;
	window_complain(widget->window, complaint);
}

static void on_press(void *context, enum verb verb, const char *id)
{
	struct widget *widget = context;
	if (model_in_step(widget->model))
		call_lockstep(widget->program, verb == VERB_PAUSE ? "pause" : "start", id, on_done, widget);
	else
		window_complain(
			widget->window, "Nothing can be started or paused while the server is not reached");
}

/* Started once more, it is the window that is there that comes to the front. */
static void on_activate(GtkApplication *application, struct widget *widget)
{
	if (widget->window) {
		window_present(widget->window);
		return;
	}
	scheme_follow();
	widget->model = model_create();
	widget->window = window_create(application, on_press, widget);
	widget->feed = feed_create(widget->program, on_line, on_end, widget);
	show(widget);
}

static void close_windows(GSimpleAction *action, GVariant *parameter, void *application)
{
	(void)action, (void)parameter;
	g_application_quit(G_APPLICATION(application));
}

static GtkApplication *application_new(struct widget *widget)
{
	static const GActionEntry actions[] = {{.name = "quit", .activate = close_windows}};
	static const char *const keys[] = {"<Control>q", "<Control>w", NULL};
	GtkApplication *application = gtk_application_new("lockstep.widget", 0);
	const GOptionEntry options[] = {
		{"lockstep", 0, 0, G_OPTION_ARG_FILENAME, &widget->program, "The command-line client to run",
			"PROGRAM"},
		{.long_name = NULL},
	};
	g_application_add_main_option_entries(G_APPLICATION(application), options);
	g_action_map_add_action_entries(
		G_ACTION_MAP(application), actions, G_N_ELEMENTS(actions), application);
	gtk_application_set_accels_for_action(application, "app.quit", keys);
	g_signal_connect(application, "activate", G_CALLBACK(on_activate), widget);
	return application;
}

int main(int argc, char **argv)
{
	struct widget widget = {.program = g_strdup("lockstep")};
	GtkApplication *application = application_new(&widget);
	int code = g_application_run(G_APPLICATION(application), argc, argv);
	feed_destroy(widget.feed);
	if (widget.tick)
		g_source_remove(widget.tick);
	g_object_unref(application);
	window_destroy(widget.window);
	model_destroy(widget.model);
	g_free(widget.program);
	return code;
}
