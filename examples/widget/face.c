#include "examples/widget/face.h"

struct face {
	GtkWidget *box, *title, *time, *note, *bar, *button;
	GtkWidget *word; /* on the large one's button */
	bool large;
	face_press_fn *on_press;
	void *context;
	char *id;
	enum verb verb;
};

/* What a button says, to the eye and to a screen reader, by verb. */
static const struct {
	const char *word, *label, *icon;
} verbs[] = {
	[VERB_NONE] = {"Start", "_Start", "media-playback-start-symbolic"},
	[VERB_START] = {"Start", "_Start", "media-playback-start-symbolic"},
	[VERB_PAUSE] = {"Pause", "_Pause", "media-playback-pause-symbolic"},
};

static const char *const tone_classes[] = {
	[TONE_IDLE] = "idle",
	[TONE_RUNNING] = "running",
	[TONE_PAUSED] = "paused",
	[TONE_DONE] = "done",
};

static void on_clicked(GtkButton *button, struct face *face)
{
	(void)button;
	if (face->verb != VERB_NONE)
		face->on_press(face->context, face->verb, face->id);
}

static GtkWidget *label_new(const char *class, float align)
{
	GtkWidget *label = gtk_label_new("");
	gtk_label_set_xalign(GTK_LABEL(label), align);
	gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
	gtk_widget_add_css_class(label, class);
	return label;
}

static struct face *face_create(bool large, face_press_fn *on_press, void *context)
{
	struct face *face = g_new0(struct face, 1);
	float align = large ? 0.5F : 0;
	face->large = large;
	face->on_press = on_press;
	face->context = context;
	face->box =
		gtk_box_new(large ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL, large ? 6 : 12);
	gtk_widget_add_css_class(face->box, large ? "large" : "small");
	face->title = label_new("title", align);
	face->note = label_new("note", align);
	/* Never shortened: half a time would be a wrong one. */
	face->time = g_object_new(GTK_TYPE_LABEL, "accessible-role", GTK_ACCESSIBLE_ROLE_TIMER, NULL);
	gtk_widget_add_css_class(face->time, "time");
	face->button = gtk_button_new();
	g_signal_connect(face->button, "clicked", G_CALLBACK(on_clicked), face);
	return face;
}

struct face *face_create_large(face_press_fn *on_press, void *context)
{
	struct face *face = face_create(true, on_press, context);
	GtkBox *box = GTK_BOX(face->box);
	face->bar = gtk_progress_bar_new();
	gtk_accessible_update_property(
		GTK_ACCESSIBLE(face->bar), GTK_ACCESSIBLE_PROPERTY_LABEL, "Part that is done", -1);
	gtk_widget_set_halign(face->button, GTK_ALIGN_CENTER);
	gtk_widget_add_css_class(face->button, "suggested-action");
	/* Not gtk_button_set_label, after which a screen reader says the word once more. */
	face->word = gtk_label_new("");
	gtk_button_set_child(GTK_BUTTON(face->button), face->word);
	gtk_box_append(box, face->title);
	gtk_box_append(box, face->time);
	gtk_box_append(box, face->bar);
	gtk_box_append(box, face->note);
	gtk_box_append(box, face->button);
	return face;
}

struct face *face_create_small(face_press_fn *on_press, void *context)
{
	struct face *face = face_create(false, on_press, context);
	GtkBox *box = GTK_BOX(face->box);
	GtkWidget *texts = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
	gtk_widget_set_hexpand(texts, TRUE);
	gtk_box_append(GTK_BOX(texts), face->title);
	gtk_box_append(GTK_BOX(texts), face->note);
	gtk_widget_set_valign(face->button, GTK_ALIGN_CENTER);
	gtk_widget_add_css_class(face->button, "flat");
	gtk_box_append(box, texts);
	gtk_box_append(box, face->time);
	gtk_box_append(box, face->button);
	return face;
}

void face_destroy(struct face *face)
{
	if (!face)
		return;
	g_free(face->id);
	g_free(face);
}

GtkWidget *face_widget(struct face *face)
{
	return face->box;
}

GtkWidget *face_button(struct face *face)
{
	return face->button;
}

static void show_button(struct face *face, const struct shown *shown)
{
	gtk_widget_set_sensitive(face->button, shown && shown->verb != VERB_NONE);
	gtk_widget_set_visible(face->button, shown != NULL);
	if (!shown)
		return;
	char *spoken = g_strdup_printf("%s %s", verbs[shown->verb].word, shown->title);
	if (face->large)
		gtk_label_set_text_with_mnemonic(GTK_LABEL(face->word), verbs[shown->verb].label);
	else
		gtk_button_set_icon_name(GTK_BUTTON(face->button), verbs[shown->verb].icon);
	gtk_widget_set_tooltip_text(face->button, spoken);
	gtk_accessible_update_property(
		GTK_ACCESSIBLE(face->button), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
	g_free(spoken);
}

/* What changes with a session or its state, not with each second. */
static void show_state(struct face *face, const struct shown *shown)
{
	const char *classes[] = {
		face->large ? "large" : "small", tone_classes[shown ? shown->tone : TONE_IDLE], NULL};
	gtk_widget_set_css_classes(face->box, classes);
	gtk_label_set_text(GTK_LABEL(face->title), shown ? shown->title : "Nothing to do");
	gtk_label_set_text(
		GTK_LABEL(face->note), shown ? shown->note : "Add a timer on any of your screens.");
	show_button(face, shown);
}

void face_show(struct face *face, const struct shown *shown)
{
	g_free(face->id);
	face->id = shown ? g_strdup(shown->id) : NULL;
	face->verb = shown ? shown->verb : VERB_NONE;
	show_state(face, shown);
	gtk_label_set_text(GTK_LABEL(face->time), shown ? shown->time : "–");
	if (!face->bar)
		return;
	gtk_widget_set_visible(face->bar, shown && shown->fraction >= 0);
	if (shown && shown->fraction >= 0)
		gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(face->bar), shown->fraction);
}
