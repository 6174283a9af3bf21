#include "examples/widget/window.h"

#include "examples/widget/face.h"

struct window {
	GtkWindow *window;
	GtkWidget *trouble, *complaint, *complaint_text, *others_title, *others;
	struct face *main;
	GPtrArray *faces; /* of the others, as many as were ever needed */
	window_press_fn *on_press;
	void *context;
	bool presented;
};

/* Colours are the theme's own, so that they follow dark and light, but for the two that have to be told
 * apart. */
static const char style[] = ".large { padding: 18px; }"
			    ".large .title { font-size: 150%; font-weight: bold; }"
			    ".large .time { font-size: 400%; font-weight: 300; }"
			    ".large.paused .time, .large.done .time { opacity: 0.75; }"
			    ".large progressbar > trough { min-height: 8px; }"
			    ".large progressbar > trough > progress { min-height: 8px; }"
			    ".large button { min-width: 9em; margin-top: 6px; }"
			    ".time { font-feature-settings: 'tnum'; }"
			    ".small { padding: 4px 6px 4px 12px; }"
			    ".small .note { font-size: 85%; }"
			    ".note { opacity: 0.8; }"
			    ".offline .time, .offline progressbar, .offline .large button, .offline .small "
			    "button { opacity: 0.6; }"
			    ".heading { font-weight: bold; padding: 6px 12px; }"
			    ".trouble { background: #8a4b00; color: white; padding: 6px 12px; }"
			    ".complaint { background: #a01c1c; color: white; padding: 2px 2px 2px 12px; }"
			    ".complaint button { color: white; }";

static void on_close_complaint(GtkButton *button, struct window *window)
{
	(void)button;
	window_complain(window, NULL);
}

static GtkWidget *complaint_new(struct window *window)
{
	GtkWidget *box = g_object_new(GTK_TYPE_BOX, "accessible-role", GTK_ACCESSIBLE_ROLE_ALERT, NULL);
	GtkWidget *close = gtk_button_new_from_icon_name("window-close-symbolic");
	window->complaint_text = gtk_label_new("");
	gtk_label_set_wrap(GTK_LABEL(window->complaint_text), TRUE);
	gtk_label_set_wrap_mode(GTK_LABEL(window->complaint_text), PANGO_WRAP_WORD_CHAR);
	gtk_label_set_xalign(GTK_LABEL(window->complaint_text), 0);
	gtk_widget_set_hexpand(window->complaint_text, TRUE);
	gtk_widget_set_valign(close, GTK_ALIGN_CENTER);
	gtk_widget_add_css_class(close, "flat");
	gtk_accessible_update_property(
		GTK_ACCESSIBLE(close), GTK_ACCESSIBLE_PROPERTY_LABEL, "Close the message", -1);
	g_signal_connect(close, "clicked", G_CALLBACK(on_close_complaint), window);
	gtk_box_append(GTK_BOX(box), window->complaint_text);
	gtk_box_append(GTK_BOX(box), close);
	gtk_widget_add_css_class(box, "complaint");
	gtk_widget_set_visible(box, FALSE);
	return box;
}

static GtkWidget *trouble_new(void)
{
	GtkWidget *label = g_object_new(GTK_TYPE_LABEL, "accessible-role", GTK_ACCESSIBLE_ROLE_STATUS, NULL);
	gtk_label_set_wrap(GTK_LABEL(label), TRUE);
	gtk_widget_add_css_class(label, "trouble");
	gtk_widget_set_visible(label, FALSE);
	return label;
}

static GtkWidget *others_new(struct window *window)
{
	GtkWidget *scrolled = gtk_scrolled_window_new();
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_widget_set_vexpand(scrolled, TRUE);
	gtk_widget_set_focusable(scrolled, FALSE);
	window->others = gtk_list_box_new();
	gtk_list_box_set_selection_mode(GTK_LIST_BOX(window->others), GTK_SELECTION_NONE);
	gtk_accessible_update_property(
		GTK_ACCESSIBLE(window->others), GTK_ACCESSIBLE_PROPERTY_LABEL, "Other sessions", -1);
	gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scrolled), window->others);
	return scrolled;
}

static GtkWidget *content_new(struct window *window)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
	window->trouble = trouble_new();
	window->complaint = complaint_new(window);
	window->others_title = gtk_label_new("Others");
	gtk_label_set_xalign(GTK_LABEL(window->others_title), 0);
	gtk_widget_add_css_class(window->others_title, "heading");
	gtk_box_append(GTK_BOX(box), window->trouble);
	gtk_box_append(GTK_BOX(box), window->complaint);
	gtk_box_append(GTK_BOX(box), face_widget(window->main));
	gtk_box_append(GTK_BOX(box), window->others_title);
	gtk_box_append(GTK_BOX(box), others_new(window));
	return box;
}

static void use_style(GtkWidget *widget)
{
	GtkCssProvider *provider = gtk_css_provider_new();
	gtk_css_provider_load_from_data(provider, style, -1);
	gtk_style_context_add_provider_for_display(gtk_widget_get_display(widget),
		GTK_STYLE_PROVIDER(provider), GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
	g_object_unref(provider);
}

struct window *window_create(GtkApplication *application, window_press_fn *on_press, void *context)
{
	struct window *window = g_new0(struct window, 1);
	window->on_press = on_press;
	window->context = context;
	window->faces = g_ptr_array_new_with_free_func((GDestroyNotify)face_destroy);
	window->main = face_create_large(on_press, context);
	window->window = GTK_WINDOW(gtk_application_window_new(application));
	gtk_window_set_title(window->window, "Lockstep");
	gtk_window_set_default_size(window->window, 340, 440);
	use_style(GTK_WIDGET(window->window));
	gtk_window_set_child(window->window, content_new(window));
	return window;
}

void window_destroy(struct window *window)
{
	if (!window)
		return;
	face_destroy(window->main);
	g_ptr_array_unref(window->faces);
	g_free(window);
}

/* Rows are used again by their place, so that the keyboard's focus stays where it is while seconds pass. */
static void add_row(struct window *window)
{
	struct face *face = face_create_small(window->on_press, window->context);
	GtkWidget *row = gtk_list_box_row_new();
	gtk_list_box_row_set_child(GTK_LIST_BOX_ROW(row), face_widget(face));
	gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), FALSE);
	gtk_widget_set_focusable(row, FALSE);
	gtk_list_box_append(GTK_LIST_BOX(window->others), row);
	g_ptr_array_add(window->faces, face);
}

static void show_others(struct window *window, const GPtrArray *others)
{
	while (window->faces->len < others->len)
		add_row(window);
	for (guint i = 0; i < window->faces->len; i++) {
		struct face *face = g_ptr_array_index(window->faces, i);
		bool needed = i < others->len;
		gtk_widget_set_visible(gtk_widget_get_parent(face_widget(face)), needed);
		if (needed)
			face_show(face, g_ptr_array_index(others, i));
	}
	gtk_widget_set_visible(window->others_title, others->len > 0);
	gtk_widget_set_visible(window->others, others->len > 0);
}

void window_show(struct window *window, const struct view *view)
{
	gtk_widget_set_visible(window->trouble, view->trouble != NULL);
	gtk_label_set_text(GTK_LABEL(window->trouble), view->trouble ? view->trouble : "");
	if (view->trouble)
		gtk_widget_add_css_class(GTK_WIDGET(window->window), "offline");
	else
		gtk_widget_remove_css_class(GTK_WIDGET(window->window), "offline");
	gtk_widget_set_visible(face_widget(window->main), view->known);
	face_show(window->main, view->main);
	show_others(window, view->others);
	/* What had it may be gone. */
	if (view->main && !gtk_window_get_focus(window->window))
		gtk_widget_grab_focus(face_button(window->main));
	if (!window->presented)
		window_present(window);
}

void window_complain(struct window *window, const char *complaint)
{
	gtk_label_set_text(GTK_LABEL(window->complaint_text), complaint ? complaint : "");
	gtk_widget_set_visible(window->complaint, complaint != NULL);
}

void window_present(struct window *window)
{
	window->presented = true;
	gtk_window_present(window->window);
}
